"""ORDER_GONE: an open order that its platform knows no more. It is locked and told once, for nobody else will close it;
where the platform knows it again, that ends by itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sqlalchemy import text

from handlers import due, opening, trail
from handlers.desk import SYSTEM, Desk
from handlers.matter import Opening
from models import Role

KIND: Final = "order_gone"
_REASON: Final = "平台已经查不到这个订单，中枢里还没有完成。请到商家后台核对：真的没有了就不要再发货"
_BACK: Final = "平台又查得到了"
_NEW: Final = text(f"""
    SELECT id, shop_id FROM orders o WHERE id = ANY(:ids)
        AND NOT EXISTS (SELECT FROM cases c WHERE c.order_id = o.id AND c.kind = '{KIND}')
""")
_LIVE: Final = text(f"""
    SELECT id, order_id FROM cases
    WHERE order_id = ANY(:ids) AND kind = '{KIND}' AND state IN ('open', 'claimed')
""")


def seen(desk: Desk, known: Mapping[int, bool]) -> None:
    """`known`: order id → whether its platform knew it just now. One that a person settled is not told again."""
    gone = desk.session.execute(_NEW, {"ids": [order_id for order_id, here in known.items() if not here]})
    made = [
        Opening(KIND, _REASON, Role.SERVICE, order_id=row.id, shop_id=row.shop_id, evidence={"mark": KIND})
        for row in gone
    ]
    for row in opening.open_many(desk, made):
        trail.write(desk, f"case:{row.id}", SYSTEM, action="异常", detail={"平台查不到": _REASON})
    back = {row.id: row.order_id for row in desk.session.execute(_LIVE, {"ids": [one for one in known if known[one]]})}
    for row in opening.close_many(desk, [(case_id, _BACK) for case_id in back]):
        trail.write(desk, f"case:{row.id}", SYSTEM, action="异常解除", detail={"平台查不到": _BACK})
    changed = [*(one.order_id for one in made if one.order_id is not None), *back.values()]
    if changed:
        due.look_soon(desk, changed)  # the lock follows
