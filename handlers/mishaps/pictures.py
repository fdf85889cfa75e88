"""Pictures of goods that came wrong, short or broken: they belong to the matter that their sender has just told of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import opening, permissions, show, trail
from handlers.desk import Actor, Desk, Refusal
from handlers.incoming import Attached, Incoming
from handlers.kinds import title_of
from handlers.mishaps import album
from handlers.mishaps.registering import KIND, REGISTER, TELLERS, teller
from handlers.received import pictures
from handlers.views import CaseView, View

MOST: Final = 20
LINGER: Final = timedelta(minutes=10)
"""So long after 登记, or after the last picture, what somebody sends still belongs to it."""
HOW: Final = (
    "图片里的字看不懂，请把订单号或要办的事用文字发来，表格请当文件发来。"
    "是错发、少件、破损的照片，请先发：登记 编号 哪里不对，再把照片发来"
)

_RECENT: Final = text("""
    SELECT id FROM cases WHERE kind = :kind AND state IN ('open', 'claimed')
        AND cast(evidence -> 'tellers' ->> :who AS timestamptz) > :since
    ORDER BY cast(evidence -> 'tellers' ->> :who AS timestamptz) DESC, id DESC LIMIT 1
""")
# The order first, then its case, as everybody locks them.
_ORDER: Final = text("""
    SELECT id, tag FROM orders WHERE id = (SELECT order_id FROM cases WHERE id = :id) FOR NO KEY UPDATE
""")
_LIVE: Final = text("""
    SELECT id, reason, evidence FROM cases
    WHERE id = :id AND kind = :kind AND state IN ('open', 'claimed') FOR NO KEY UPDATE
""")


def take(desk: Desk, incoming: Incoming, actor: Actor) -> str:
    """Pictures without a word; what to answer. Raises Refusal where nothing was told of just before."""
    permissions.check(desk, REGISTER, actor)
    asked = {"kind": KIND, "who": teller(actor), "since": desk.now - LINGER}
    case_id = desk.session.execute(_RECENT, asked).scalar_one_or_none()
    if case_id is None:
        raise Refusal(HOW)
    order, many = attach(desk, case_id, incoming.pictures, actor)
    return f"照片已放进 {order.tag} 的错发少件破损，现在共 {many} 张。还有照片请接着发"


def beside(desk: Desk, incoming: Incoming, actor: Actor, view: View) -> View:
    """What came in one message with words that were answered by `view`: with a matter's card they belong to it."""
    if not (isinstance(view, CaseView) and view.kind == KIND and not view.settled):
        return view
    permissions.check(desk, REGISTER, actor)
    attach(desk, view.case_id, incoming.pictures, actor)
    words = f"照片 {len(incoming.pictures)} 张已放在一起"
    return show.show(desk, f"case:{view.case_id}", actor, note=f"{view.note}；{words}" if view.note else words)


def attach(desk: Desk, case_id: int, sent: Sequence[Attached], by: Actor) -> tuple[Row[Any], int]:
    """Its order (id, tag), and how many pictures the matter has now. Raises Refusal."""
    order = desk.session.execute(_ORDER, {"id": case_id}).one_or_none()
    live = desk.session.execute(_LIVE, {"id": case_id, "kind": KIND}).one_or_none()
    if order is None or live is None:
        raise Refusal("这件事已经处理完了，照片没有放进去。还有问题请再登记一次")
    known = album.ids_of(live.evidence)
    if len(known) + len(sent) > MOST:
        raise Refusal(f"{order.tag} 已经有 {len(known)} 张照片，最多放 {MOST} 张")
    whole = [*known, *(pictures.expect(desk, by, one) for one in sent)]
    more: dict[str, Any] = {album.PICTURES: whole}
    if by.staff_id is not None:
        more[TELLERS] = {**live.evidence.get(TELLERS, {}), teller(by): desk.now.isoformat()}
    opening.change_many(desk, [(live.id, live.reason, more)])
    said = f"{len(sent)} 张（看板 {album.path(live.id)}）"
    trail.write_order(desk, order.id, actor=by, action="售后照片", detail={title_of(KIND, live.evidence): said})
    return order, len(whole)
