"""等退款 (rules/refund_wait.py): it ends by itself when the buyer asks on the platform, and otherwise by this alone:
the buyer wants the goods after all, and the order waits for them as before."""

from __future__ import annotations

from typing import Final

from sqlalchemy import text

from handlers import watch
from handlers.caselife.changing import check_mine, note, take_up
from handlers.desk import Actor, Desk, Refusal
from handlers.permissions import Permit
from rules.refund_wait import RefundWait

KEEP: Final = Permit("买家不退了", own_role=True)
_WANTED: Final = text("""
    UPDATE order_lines SET parting = '' WHERE order_id = :id AND parting = 'refund' AND refund <> 'refunded'
""")


def wanted_after_all(desk: Desk, case_id: int, actor: Actor) -> str:
    """The goods that were given up belong to the order again. Returns what was done. Raises Refusal, Late."""
    matter = take_up(desk, case_id, KEEP, actor)
    if matter.case.kind != RefundWait.slug or matter.order is None:
        raise Refusal("只有「等退款」的单可以说买家不退")
    check_mine(matter, actor)
    desk.session.execute(_WANTED, {"id": matter.order.id})
    note(desk, matter, actor, action="买家不退了", detail={matter.title: "商品照发，缺货的继续等货"})
    watch.watch(desk, [matter.order.id])
    return f"{actor.name}：买家不退了，照常发货；还缺货的会重新锁单等货"
