"""The goods of a WeChat Shop order: how many were bought, are asked back, were refunded, and lie in parcels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ingest.fields import rows
from ingest.money import pieces
from ingest.snapshot import Unreadable
from ingest.wxshop.aftersale import ProductId, done_exchanges, open_exchanges, pieces_in, product_id

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Goods:
    """One product of an order, in pieces; `told` is its row."""

    told: Row
    quantity: int
    asked: int
    refunded: int
    packed: int

    @property
    def left(self) -> int:
        return max(0, self.quantity - self.refunded - self.packed)

    @property
    def refund(self) -> str:
        """Of goods of which only some pieces were refunded it says nothing: the rest is still to be shipped."""
        if self.asked:
            return "asked"
        return "refunded" if self.refunded >= self.quantity else ""


def goods_of(order: Row) -> list[Goods]:
    """Raises Unreadable."""
    detail, cases = part(order, "order_detail", "订单详情"), cases_of(order)
    packed = _Piles(_packed(parcels_of(part(detail, "delivery_info", "物流信息"))))
    under_way, done = _Piles(pieces_in(open_exchanges(cases))), _Piles(pieces_in(done_exchanges(cases)))
    found = []
    for product in rows(detail.get("product_infos"), "商品明细"):
        quantity, number = pieces(product.get("sku_cnt"), "商品数量"), product_id(product)
        asked, refunded = count(product, "on_aftersale_sku_cnt"), count(product, "finish_aftersale_sku_cnt")
        found.append(
            Goods(
                told=product,
                quantity=quantity,
                asked=asked - under_way.take(number, asked),
                refunded=refunded - done.take(number, refunded),
                packed=packed.take(number, quantity),
            )
        )
    return found


class _Piles:
    """Pieces by product, dealt to its rows in their order: a free gift may be the very product it comes with."""

    def __init__(self, found: Iterable[tuple[ProductId, int]]) -> None:
        self._left: Counter[ProductId] = Counter()
        for product, number in found:
            self._left[product] += number

    def take(self, product: ProductId, most: int) -> int:
        taken = min(self._left[product], most)
        self._left[product] -= taken
        return taken


def cases_of(order: Row) -> list[Row]:
    """The after-sales as they were read beside the order. Raises Unreadable."""
    return rows(order.get("after_sales"), "售后单")


def parcels_of(delivery: Row) -> list[Row]:
    return rows(delivery.get("delivery_product_info"), "包裹")


def part(row: Row, name: str, label: str) -> Row:
    """An object inside another; a missing one is empty. Raises Unreadable."""
    found = row.get(name)
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise Unreadable(f"{label}的结构看不懂")
    return found


def count(row: Row, name: str) -> int:
    """A number of pieces, 0 where there is none. Raises Unreadable."""
    value = row.get(name)
    return pieces(value, "商品数量") if value not in (None, "", 0, "0") else 0


def _packed(parcels: Sequence[Row]) -> Iterator[tuple[ProductId, int]]:
    for parcel in parcels:
        for line in rows(parcel.get("product_infos"), "包裹商品"):
            yield product_id(line), count(line, "product_cnt")
