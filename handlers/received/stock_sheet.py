"""A table of stock that somebody hands in: which column is the SKU, which the count, and what cannot be read of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from handlers import stock, trail
from handlers.desk import Actor, Desk, Refusal
from models.narrow import NARROW
from texts.headings import field_of

_SKU: Final = ("sku", "商家编码", "商品编码", "货号", "规格编码", "编码", "货品编号")
_COUNT: Final = ("现有", "库存", "在库", "数量", "现有库存", "实际库存", "可用库存", "库存数量", "盘点数量", "实盘")
_OF_ORDERS: Final = frozenset(
    {"name", "phone", "address", "province", "buyer", "number", "created", "status", "waybill", "message"}
)
"""What only a table of orders has a column for (texts/headings.py)."""
_TOTALS: Final = frozenset({"合计", "总计", "小计", "共计", "汇总"})
_PHONE: Final = re.compile(r"1[3-9]\d{9}")
_HEADER_IN: Final = 10  # rows above it may be a title and remarks
_MOST: Final = 999_999
_WHOLE: Final = re.compile(r"(\d{1,9})(?:\.0+)?[件个]?")
_IN_ONE_ROW: Final = 200  # of the trail
_SHOWN: Final = 5


@dataclass(slots=True)
class StockTable:
    """`problems`: (row as the table numbers it, why)."""

    counts: dict[str, int] = field(default_factory=dict)
    problems: list[tuple[int, str]] = field(default_factory=list)


def is_stock(rows: Sequence[Sequence[str]]) -> bool:
    """Whether a table looks like one of stock: a column of codes and one of counts, and nothing that only orders have.
    A wrong yes overwrites the shelf, so a phone number under a heading that nobody knows is enough for a no."""
    found = _header(rows)
    if found is None:
        return False
    first, sku_at, count_at = found
    if any("订单" in cell or "单号" in cell or field_of(cell) in _OF_ORDERS for cell in rows[first]):
        return False
    others = (cell for row in rows[first + 1 :] for at, cell in enumerate(row) if at not in (sku_at, count_at))
    return not any(_PHONE.fullmatch("".join(cell.translate(NARROW).split()).strip("'")) for cell in others)


def read(rows: Sequence[Sequence[str]]) -> StockTable:
    """The counts of a table whose cells are text. Of a SKU that stands twice the counts add up: warehouses often have
    a row each. Raises Refusal for a table without the two columns."""
    found = _header(rows)
    if found is None:
        raise Refusal("表格里要有「商家编码」和「现有」两列，第一行写列名；请改好后重新发来")
    first, sku_at, count_at = found
    table = StockTable()
    for number, row in enumerate(rows[first + 1 :], start=first + 2):
        if _is_total(row):
            continue
        _read_row(table, number, *(_cell(row, at) for at in (sku_at, count_at)))
    return table


def _is_total(row: Sequence[str]) -> bool:
    first = next((cell for cell in row if cell.strip()), "")
    return "".join(first.split()).rstrip(":：") in _TOTALS


def _read_row(table: StockTable, number: int, sku: str, said: str) -> None:
    if not sku and not said:
        return
    count = _WHOLE.fullmatch(said.translate(NARROW).replace(",", "").replace(" ", ""))
    if not sku:
        table.problems.append((number, "没有商家编码"))
    elif count is None or int(count[1]) > _MOST:
        table.problems.append((number, f"{sku[:40]} 的数量看不懂：{said[:20] or '空'}"))
    else:
        table.counts[sku] = table.counts.get(sku, 0) + int(count[1])


def take_in(desk: Desk, table: StockTable, actor: Actor) -> str:
    """Count what the table says, kept in the trail; what came of it, in Chinese."""
    made = stock.count_many(desk, table.counts)
    changed = list(made.changed.items())
    for start in range(0, len(changed), _IN_ONE_ROW):
        detail = {sku: ["没有记录" if one is None else one for one in both]
                  for sku, both in changed[start : start + _IN_ONE_ROW]}  # fmt: skip
        trail.write(desk, "stock", actor, action="导入库存", detail=detail)
    words = [f"库存已更新：{len(changed)} 个有变化，{made.same} 个没有变"]
    if made.of_erp:
        words.append(f"{len(made.of_erp)} 个由 ERP 提供库存，没有改动，请在 ERP 里盘点")
    if table.problems:
        said = "；".join(f"第 {row} 行 {why}" for row, why in table.problems[:_SHOWN])
        words.append(f"{len(table.problems)} 行没有读懂：{said}")
    return "\n".join(words)


def _header(rows: Sequence[Sequence[str]]) -> tuple[int, int, int] | None:
    """Row, column of the SKU, column of the count."""
    for number, row in enumerate(rows[:_HEADER_IN]):
        cells = [cell.translate(NARROW).strip().lower() for cell in row]
        sku, count = _column(cells, _SKU), _column(cells, _COUNT)
        if sku is not None and count is not None:
            return number, sku, count
    return None


def _column(cells: Sequence[str], names: Sequence[str]) -> int | None:
    return next((cells.index(name) for name in names if name in cells), None)


def _cell(row: Sequence[str], at: int) -> str:
    return row[at].strip().lstrip("'‘’`") if at < len(row) else ""
