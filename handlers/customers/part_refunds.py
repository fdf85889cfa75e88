"""A part of an order is paid back: its buyer hears which goods, how much, and what still comes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import owe
from handlers.customers import state
from handlers.desk import Desk
from handlers.owe import CustomerMessage
from handlers.wording import goods
from models.people import customer_key
from models.stages import OPEN, Stage

EVENT: Final = "part_refunded"
_FEW: Final = 3
FRESH: Final = timedelta(days=3)  # what was paid back before that is no news, though it is read only now

_PART: Final = text(f"""
    SELECT {state.COLUMNS} FROM orders o WHERE o.id = ANY(:ids) AND o.refund = 'part' AND o.modified_at > :since
        AND o.stage <> 'cancelled' ORDER BY o.id
""")


def look(desk: Desk, order_ids: Sequence[int], lines: Mapping[int, Sequence[Row[Any]]]) -> None:
    """Owe word of it to the buyers of these, once for each set of goods. `lines`: as gather.lines_of. A platform that
    does not say for which goods the money went back (对外收款) leaves nothing to tell."""
    if not order_ids:
        return
    found = desk.session.execute(_PART, {"ids": list(order_ids), "since": desk.now - FRESH}).all()
    owe.owe_customers(desk, [one for row in found if (one := _message(row, lines.get(row.id, ()), desk.now))])


def _message(order: Row[Any], lines: Sequence[Row[Any]], now: datetime) -> CustomerMessage | None:
    gone = [line for line in lines if line.refund == "refunded"]
    left = [line for line in lines if line.refund != "refunded"]
    if not gone or not left:
        return None
    said = {
        **state.values(order, _named(gone), now),
        "amount": f"¥{sum(line.paid_fen for line in gone) / 100:.2f}",
        "rest": _rest(order, left, now),
    }
    which = hashlib.blake2b("\n".join(sorted(line.line_key for line in gone)).encode(), digest_size=6).hexdigest()
    key, known = f"order:{order.id}:{EVENT}:{which}:customer", customer_key(order.buyer_key, order.external_id)
    return CustomerMessage(key, order.shop_id, known, f"order:{order.id}", EVENT, said)


def _named(lines: Sequence[Row[Any]]) -> str:
    """Each by its name, as long as they are few: which goods it is matters here."""
    each = [(line.title, line.spec, line.quantity) for line in lines]
    return "、".join(goods([one]) for one in each) if len(each) <= _FEW else goods(each)


def _rest(order: Row[Any], left: Sequence[Row[Any]], now: datetime) -> str:
    """What is not paid back: it has left, or comes; of an order that is parted (拆单先发) some of it may be either."""
    if Stage(order.stage) not in OPEN or all(line.shipped for line in left):
        return f"{_named(left)}，已发出"
    out = [line for line in left if line.shipped]
    first = f"{_named(out)}，已先发出；" if out else ""
    return f"{first}{_named([line for line in left if not line.shipped])}，{state.next_time(order, now)}"
