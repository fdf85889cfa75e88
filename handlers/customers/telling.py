"""Tell the buyers of some orders of an event, with what is true of each order now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from handlers import owe
from handlers.customers import state
from handlers.desk import Desk
from handlers.owe import CustomerMessage
from models.people import customer_key


def tell(
    desk: Desk, order_ids: Iterable[int], event: str, *, occasion: str, more: Mapping[str, str] | None = None
) -> None:  # fmt: skip
    """`event`: a key of events.EVENTS; `occasion`: what makes it owed once (a case, a date); `more`: values that the
    teller knows better than the order, such as its reason."""
    ids = sorted(set(order_ids))
    what = state.goods_of(desk, ids)
    messages = []
    for order_id in ids:
        one = state.order(desk, order_id)
        said = {**state.values(one, what.get(order_id, ""), desk.now), **(more or {})}
        known = customer_key(one.buyer_key, one.external_id)
        key = f"order:{order_id}:{event}:{occasion}:customer"
        messages.append(CustomerMessage(key, one.shop_id, known, f"order:{order_id}", event, said))
    owe.owe_customers(desk, messages)
