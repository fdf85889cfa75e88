"""The goods of an order and what was paid for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ingest.fields import keys_of, text
from ingest.money import shares
from ingest.sheet import cells
from ingest.sheet.status import refund_of
from ingest.snapshot import LineSnapshot, Unreadable
from texts.goods import Wanted, goods_in

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Line:
    row: Row
    count: int
    price_fen: int | None
    own_fen: int | None  # what the row says was paid for it

    @property
    def weight(self) -> int:
        return self.own_fen if self.own_fen is not None else (self.price_fen or 0) * self.count


def lines_of(row: Row, *, shipped: bool) -> tuple[tuple[LineSnapshot, ...], int, int]:
    """The lines, what was paid for all, and the postage in that. Raises Unreadable."""
    found = [_read(one) for line in row.get("lines") or () for one in _apart(line)]
    if not found:
        raise Unreadable("没有商品，请补上")
    post = cells.money(text(row.get("post")), "运费") or 0
    paid = _paid(row, found, post)
    parts = shares(max(0, paid - post), [line.weight for line in found])
    keys = keys_of([(text(line.row.get("line_number")), _code(line.row)) for line in found])
    return tuple(map(_snapshot, found, keys, parts, [shipped] * len(found))), paid, post


def _apart(line: Row) -> Sequence[Row]:
    """ "马克杯×2，碗×1" where the number of pieces stands with the goods."""
    if line.get("quantity") or not line.get("goods"):
        return [line] if line.get("goods") or line.get("sku") else []
    wanted, rest = goods_in(cells.narrow(text(line["goods"])))
    if not wanted:
        return [line]
    wanted += (Wanted(rest),) if rest else ()
    return [{**line, "goods": one.words, "quantity": str(one.quantity)} for one in wanted]


def _read(line: Row) -> _Line:
    count = cells.count(text(line.get("quantity")), "数量")
    price, own = cells.money(text(line.get("price")), "单价"), cells.money(text(line.get("line_paid")), "金额")
    return _Line(line, 1 if count is None else count, price, own)


def _paid(row: Row, lines: Sequence[_Line], post: int) -> int:
    """What the table says was paid for the order; else the sum of its rows; else prices times pieces and postage."""
    said = cells.money(text(row.get("paid")), "实付金额")
    if said is not None:
        return said + (cells.money(text(row.get("balance")), "余额支付") or 0)
    if any(line.own_fen is not None for line in lines):
        return sum(line.own_fen or 0 for line in lines)
    goods = sum(line.weight for line in lines)
    return goods + post if goods else 0


def _code(line: Row) -> str:
    return text(line.get("sku")) or text(line.get("platform_sku"))


def _snapshot(line: _Line, key: str, paid_fen: int, shipped: bool) -> LineSnapshot:
    row = line.row
    return LineSnapshot(
        line_key=key,
        sku=text(row.get("sku")),
        platform_sku=text(row.get("platform_sku")),
        title=text(row.get("goods")) or text(row.get("sku")),
        quantity=line.count,
        price_fen=line.price_fen if line.price_fen is not None else paid_fen // line.count,
        paid_fen=paid_fen,
        spec=text(row.get("spec")),
        refund=refund_of(text(row.get("refund"))),
        shipped=shipped,
    )
