"""What people say of orders that could leave in one parcel, and how the parcel leaves."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Row, text

from handlers import cases, owe, stages, trail
from handlers.desk import Actor, Desk, Late, Refusal
from handlers.waybill import Shipment
from models.couriers import BY_NAME
from models.stages import OPEN, Verb

KIND: Final = "unmerged"
_OPEN: Final = ", ".join(f"'{stage}'" for stage in OPEN)
_DECIDED: Final = text("""
    UPDATE merges SET state = :state, changed_at = :now WHERE case_id = :case_id AND state = 'asked' RETURNING id
""")
_OF_MERGE: Final = text("""
    SELECT o.id, o.tag FROM merge_orders m JOIN orders o ON o.id = m.order_id WHERE m.merge_id = :id ORDER BY o.id
""")
_SHOWN_ANEW: Final = text("UPDATE orders SET revision = revision + 1 WHERE id = ANY(:ids)")
_REST: Final = text(f"""
    SELECT x.id, x.tag FROM merge_orders a JOIN merges g ON g.id = a.merge_id AND g.state = 'together'
        JOIN merge_orders b ON b.merge_id = g.id AND b.order_id <> a.order_id
        JOIN orders x ON x.id = b.order_id AND x.stage IN ({_OPEN})
    WHERE a.order_id = :id ORDER BY x.id
""")
_PARCEL: Final = text("SELECT tag, waybill, courier FROM orders WHERE id = :id")


def decide(desk: Desk, case_id: int, actor: Actor, *, together: bool, reason: str = "") -> None:
    """They leave in one parcel, or they do not. Raises as cases.solve does."""
    words = "合并发货" if together else f"不合并：{reason}" if reason else "不合并"
    cases.solve(desk, case_id, actor, words)
    state = {"case_id": case_id, "state": "together" if together else "apart", "now": desk.now}
    merge_id = desk.session.execute(_DECIDED, state).scalar_one_or_none()
    if merge_id is None:
        raise Late("这几单刚有变化，请再看一眼")
    orders = desk.session.execute(_OF_MERGE, {"id": merge_id}).all()
    for order in orders:
        others = "、".join(other.tag for other in orders if other.id != order.id)
        trail.write_order(
            desk, order.id, actor=actor, action="合并发货" if together else "不合并", detail={"同单": others}
        )
    desk.session.execute(_SHOWN_ANEW, {"ids": [order.id for order in orders]})
    owe.order_edits(desk, [order.id for order in orders])


def ship_rest(desk: Desk, order_id: int, actor: Actor) -> list[str]:
    """Ship what is merged with an order by its waybill; a line for each. Raises Refusal where nothing is."""
    parcel = desk.session.execute(_PARCEL, {"id": order_id}).one()
    rest = desk.session.execute(_REST, {"id": order_id}).all()
    courier = BY_NAME.get(parcel.courier)
    if not rest or not parcel.waybill or courier is None:
        raise Late(f"没有要和 {parcel.tag} 一起发的单了")
    return [_ship(desk, order, actor, Shipment(courier, parcel.waybill, fits=True)) for order in rest]


def _ship(desk: Desk, order: Row[Any], actor: Actor, shipment: Shipment) -> str:
    """A refusal of one order does not stop the others."""
    try:
        stages.move(desk, f"order:{order.id}", Verb.SHIP, actor, shipment=shipment)
    except Refusal as refusal:
        return f"✗ {order.tag}：{refusal}"
    return f"✓ {order.tag} 已发货：{shipment.courier.title} {shipment.waybill}"
