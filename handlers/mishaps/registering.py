"""登记: something was wrong with what arrived (exception 36). Told by a colleague, by the customer, or by the platform
as the reason of an after-sale; one matter per order, to which whatever is told later is added."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import mask, opening, trail
from handlers.assigning import giving
from handlers.desk import Actor, Desk, Refusal
from handlers.kinds import title_of
from handlers.matter import Opening
from handlers.permissions import Permit
from handlers.platform_moves import Work
from models import Role
from models.stages import OPEN, TITLES, Stage
from texts import mishaps

KIND: Final = "wrong_goods"
REGISTER: Final = Permit("登记售后", frozenset({Role.SERVICE, Role.WAREHOUSE}))
TELLERS: Final = "tellers"
"""In a matter's evidence: whose pictures belong to it (handlers/mishaps/pictures.py), and when they last told of it."""
HOW: Final = "是哪一种？请写 错发、漏发、少件 或 破损，例如：登记 {tag} 少件 1 个白杯"
LONGEST: Final = 100
_MOST: Final = 400
_BY: Final = {"person": "登记", "customer": "客户说", "platform": "平台售后原因"}

_ORDER: Final = text("SELECT id, shop_id, external_id, tag, stage FROM orders WHERE id = :id FOR NO KEY UPDATE")
_LIVE: Final = text("""
    SELECT id, reason, evidence FROM cases
    WHERE kind = :kind AND order_id = :order_id AND state IN ('open', 'claimed') FOR NO KEY UPDATE
""")
# What a platform told of an order, in all its matters, and the one that is alive.
_KNOWN: Final = text("""
    SELECT c.order_id, jsonb_agg(c.evidence -> 'platform') AS told, l.id AS live_id, l.reason, l.evidence
    FROM cases c LEFT JOIN cases l ON l.order_id = c.order_id AND l.kind = :kind AND l.state IN ('open', 'claimed')
    WHERE c.kind = :kind AND c.order_id = ANY(:ids) GROUP BY c.order_id, l.id
""")


@dataclass(frozen=True, slots=True)
class Report:
    """`source`: person, customer or platform; `words`: as they were said."""

    words: str
    source: str = "person"


def register(desk: Desk, order_id: int, report: Report, by: Actor) -> int:
    """The matter's case, new or the live one with the words added. Raises Refusal: no such sort of mishap, or the order
    has not left."""
    order = desk.session.execute(_ORDER, {"id": order_id}).one()
    what, words = mishaps.what(report.words), mask.phones(" ".join(report.words.split()))
    if not what:
        raise Refusal(HOW.format(tag=order.tag))
    if len(words) > LONGEST:
        raise Refusal(f"最多写 {LONGEST} 个字，现在有 {len(words)} 个")
    stage = Stage(order.stage)
    if stage in OPEN or stage is Stage.UNPAID:
        raise Refusal(f"{order.tag} 还在{TITLES[stage]}，没有发出；货还没到客户手里，不用登记")
    reason = _said(what, words, report, by)
    live = desk.session.execute(_LIVE, {"kind": KIND, "order_id": order_id}).one_or_none()
    evidence: dict[str, Any] = {"what": what, "words": reason, **_told_by(desk, by, {})}
    made = Opening(KIND, reason, Role.SERVICE, order_id, evidence=evidence)
    case_id = _open(desk, made, by) if live is None else _add(desk, live, reason, by)
    detail = {mishaps.TITLES[what]: words}
    trail.write_order(desk, order_id, actor=by, action="登记售后", detail=detail)
    return case_id


def _said(what: str, words: str, report: Report, by: Actor) -> str:
    title = mishaps.TITLES[what]
    shown = words if title in words else f"{title}：{words}"
    return f"{shown}（{by.name}{_BY['person']}）" if report.source == "person" else f"{shown}（{_BY[report.source]}）"


def _open(desk: Desk, made: Opening, by: Actor) -> int:
    (row,) = opening.open_many(desk, [made], by=by)
    for action, words in giving.said(row, made.reason):
        trail.write_order(desk, row.order_id, actor=by, action=action, detail={"错发少件破损": words})
    return int(row.id)


def _add(desk: Desk, live: Row[Any], reason: str, by: Actor) -> int:
    """Nothing that was told is lost; the same once more changes nothing."""
    if reason not in live.reason:
        whole, more = _more(desk, live.reason, reason)
        opening.change_many(desk, [(live.id, whole, {**more, **_told_by(desk, by, live.evidence)})])
    return int(live.id)


def teller(actor: Actor) -> str:
    return str(actor.staff_id)


def _told_by(desk: Desk, by: Actor, before: Mapping[str, Any]) -> dict[str, Any]:
    if by.staff_id is None:
        return {}
    return {TELLERS: {**before.get(TELLERS, {}), teller(by): desk.now.isoformat()}}


def _more(desk: Desk, before: str, reason: str) -> tuple[str, dict[str, Any]]:
    """`told_at`: what was sent once more before that was not sent for it."""
    whole = f"{before}；又{reason}"[:_MOST]
    return whole, {"words": whole, "told_at": desk.now.isoformat()}


def look(desk: Desk, works: Sequence[Work]) -> None:
    """Of a batch that is watched: what platforms give as the reasons of an after-sale. Each is heard once, beside
    whatever is told of the order by others."""
    left = [work for work in works if work.stage is Stage.DONE]
    told = {work.row.id: found for work in left if (found := _reasons(work.row.after_sale))}
    if not told:
        return
    rows = desk.session.execute(_KNOWN, {"kind": KIND, "ids": list(told)})
    known = {row.order_id: row for row in rows}
    changes = []
    for work in left:
        row = known.get(work.row.id)
        before = {one for kept in (row.told if row else ()) for one in _kept(kept)}
        fresh = [one for one in told.get(work.row.id, ()) if one not in before]
        if fresh and row is not None and row.live_id is not None:
            changes.append(_added(desk, work, row, fresh))
        elif fresh:
            evidence = {"what": mishaps.what(fresh[0]), "words": _listed(fresh), "platform": fresh}
            work.openings.append(Opening(KIND, _listed(fresh), Role.SERVICE, work.row.id, evidence=evidence))
    opening.change_many(desk, changes)


def _added(desk: Desk, work: Work, live: Row[Any], fresh: Sequence[str]) -> tuple[int, str, dict[str, Any]]:
    whole, more = _more(desk, live.reason, _listed(fresh))
    work.note("异常变化", {title_of(KIND, live.evidence): [live.reason, whole]})
    return live.live_id, whole, {**more, "platform": [*_kept(live.evidence.get("platform")), *fresh]}


def _reasons(told: str) -> list[str]:
    """Those of an after-sale that are mishaps; some platforms give several as one text."""
    parts = (mask.phones(one.strip()) for one in told.split("；"))
    return [one for one in dict.fromkeys(parts) if mishaps.what(one)]


def _kept(platform: str | list[str] | None) -> list[str]:
    """As evidence keeps them; before they were several, it was one text."""
    return _reasons(platform) if isinstance(platform, str) else list(platform or ())


def _listed(reasons: Sequence[str]) -> str:
    titled = ((mishaps.TITLES[mishaps.what(one)], one) for one in reasons)
    return "；".join(one if title in one else f"{title}：{one}" for title, one in titled) + f"（{_BY['platform']}）"
