"""The one card of a case, at every moment of its life."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import groups, mask, offers, picks
from handlers.actions.action import CaseState
from handlers.assigning import giving
from handlers.buttons import Choice
from handlers.caselife import forcing, heard, waiting
from handlers.desk import Actor, Desk, Refusal
from handlers.gather import receiver_of
from handlers.kinds import severity_of, title_of
from handlers.manners import causes, storms, whom
from handlers.mishaps import album
from handlers.shortage import choices
from handlers.shortage import shown as shortages
from handlers.views import CaseView
from handlers.wording import goods, moment
from models import Role
from models.case import LIVE, short_code
from models.people import ROLE_TITLES
from models.stages import Stage

_SHOWN_OF_GROUP: Final = 10

_CASE: Final = text(f"""
    SELECT c.*, o.tag, o.stage, o.stage_entered_at, o.ship_by_at, o.paid_fen, o.province, o.city, o.district, o.town,
        o.receiver, o.lock_reason, o.hold, coalesce(s.name, '') AS shop, coalesce(w.name, '') AS owner,
        w.wecom_userid, w.dingtalk_userid, coalesce(e.name, '') AS ended_by,
        (SELECT jsonb_build_array(f.asker, f.reason, f.expires_at, f.asked_by) FROM force_asks f
            WHERE f.case_id = c.id AND f.state = 'asked' AND f.expires_at > :now) AS ask,
        (SELECT coalesce(jsonb_agg(jsonb_build_array(l.title, l.spec, l.quantity) ORDER BY l.position), '[]')
            FROM order_lines l WHERE l.order_id = c.order_id) AS lines,
        (SELECT coalesce(jsonb_agg(jsonb_build_array(p.id, p.name) ORDER BY p.id), '[]') FROM staff p
            WHERE p.active AND EXISTS (SELECT FROM staff_roles r
                WHERE r.staff_id = p.id AND r.role IN (c.role, 'supervisor'))
            AND NOT EXISTS (SELECT FROM absences a WHERE a.staff_id = p.id AND a.state IN ('planned', 'begun')
                AND a.starts_at <= :now AND a.ends_at > :now)) AS people,
        {heard.TOLD}
    FROM cases c LEFT JOIN orders o ON o.id = c.order_id LEFT JOIN shops s ON s.id = coalesce(c.shop_id, o.shop_id)
        LEFT JOIN staff w ON w.id = c.owner_id LEFT JOIN staff e ON e.id = c.solved_by
    WHERE c.id = :id
""")


def show(desk: Desk, case_id: int, actor: Actor | None, *, note: str = "") -> CaseView:
    """Raises Refusal when there is no such case."""
    row = desk.session.execute(_CASE, {"id": case_id, "now": desk.now}).one_or_none()
    if row is None:
        raise Refusal("没有找到这件事")
    if row.kind == groups.KIND:
        return _group(desk, row, actor, note)
    if row.kind == causes.KIND and row.state in LIVE:
        return _of_one_cause(desk, row, actor, note)
    if row.kind == shortages.KIND and row.state in LIVE:
        return _of_shortage(desk, row, actor, note)
    return _view(desk, row, actor, note)


def _view(desk: Desk, row: Row[Any], actor: Actor | None, note: str, **group: Any) -> CaseView:
    state, settled = _state(row, actor), row.state not in LIVE
    shown, more = ((), ()) if settled else offers.of_case(state, actor)
    after = offers.of_ended(state, actor) if settled else ()
    known: dict[str, Any] = {
        "stage": state.stage,
        "stage_entered_at": row.stage_entered_at,
        "ship_by_at": row.ship_by_at,
        "paid_fen": row.paid_fen or 0,
        "total": 1,
        "lines": () if settled else tuple(line for line in _below(desk, row) if line),
    }
    return CaseView(
        case_id=row.id,
        revision=row.revision,
        code=short_code(row.id),
        kind=row.kind,
        title=title_of(row.kind, row.evidence),
        reason=mask.phones(row.reason),
        severity=severity_of(row.kind, row.ship_by_at, desk.now, row.evidence),
        order_id=row.order_id,
        tag=row.tag or "",
        shop=row.shop,
        goods=goods([(line[0], line[1], line[2]) for line in row.lines]),
        receiver=_receiver(desk, row),
        owner=row.owner,
        owner_userids=_userids(row),
        calls=whom.to_call(desk, row) if actor is None else {},
        role=ROLE_TITLES[Role(row.role)],
        state=row.state,
        opened_at=row.opened_at,
        claimed_until=row.claimed_until,
        at=desk.now,
        note=_ended(row) if settled else note or _said(desk, row),
        settled=settled,
        offers=shown,
        more=more,
        after=after,
        told=heard.shown(desk, row) if settled else "",
        choice=None if settled else _choice(desk, row, state, group.get("ship_by_at", row.ship_by_at)),
        **{**known, **group},
    )


def _choice(desk: Desk, row: Row[Any], state: CaseState, ship_by_at: datetime | None) -> Choice | None:
    return picks.of_case(state, [(one[0], one[1]) for one in row.people], desk.now, ship_by_at)


def _group(desk: Desk, row: Row[Any], actor: Actor | None, note: str) -> CaseView:
    stage = Stage(row.group_key)
    found = groups.census(desk, stage)
    members = groups.members(desk, stage, _SHOWN_OF_GROUP)
    return _view(
        desk, row, actor, note, stage=stage, stage_entered_at=found.oldest, paid_fen=found.fen, total=found.orders,
        ship_by_at=groups.nearest(desk, stage),
        lines=tuple(f"{member.tag} 自 {moment(member.stage_entered_at)}" for member in members),
    )  # fmt: skip


def _of_one_cause(desk: Desk, row: Row[Any], actor: Actor | None, note: str) -> CaseView:
    found = storms.members(desk, row.group_key, _SHOWN_OF_GROUP)
    return _view(
        desk, row, actor, note, paid_fen=found.fen, total=found.orders, lines=found.lines, ship_by_at=found.ship_by_at
    )


def _of_shortage(desk: Desk, row: Row[Any], actor: Actor | None, note: str) -> CaseView:
    found = shortages.shown(desk, row)
    return _view(
        desk, row, actor, note, paid_fen=found.fen, total=found.orders, lines=found.lines, ship_by_at=found.ship_by_at
    )


def _state(row: Row[Any], actor: Actor | None) -> CaseState:
    return CaseState(
        row.id, row.revision, row.kind, Role(row.role), row.state, row.owner_id,
        actor is None or actor.staff_id == row.owner_id,
        Stage(row.stage) if row.stage else None, bool(row.lock_reason or row.hold), row.evidence,
        actor.staff_id if actor is not None else None, row.ask[3] if row.ask else None,
    )  # fmt: skip


def _below(desk: Desk, row: Row[Any]) -> tuple[str, ...]:
    return (giving.shown(row), *_advice(desk, row), album.shown(desk, row.id, row.evidence))


def _advice(desk: Desk, row: Row[Any]) -> tuple[str, ...]:
    """已到货 frees this order alone; the next one is short again unless somebody counts."""
    skus = row.evidence.get("skus", ()) if row.kind == "short_stock" else ()
    counted = tuple(f"到货后请盘点，后面的订单才不再缺，请发：库存 {sku} 现有总数" for sku in skus[:1])
    return (*choices.advice(desk, row), *counted)


def _userids(row: Row[Any]) -> dict[str, str]:
    found = {"wecom": row.wecom_userid, "dingtalk": row.dingtalk_userid}
    return {platform: userid for platform, userid in found.items() if userid}


def _receiver(desk: Desk, row: Row[Any]) -> str:
    if row.order_id is None:
        return ""
    return mask.receiver((row.province, row.city, row.district, row.town), receiver_of(desk.vault, row.receiver))


def _said(desk: Desk, row: Row[Any]) -> str:
    """Who wants it passed, on whom it waits, or until when it is put off."""
    return forcing.shown(row.ask) or waiting.shown(row) or _snoozed(desk, row)


def _snoozed(desk: Desk, row: Row[Any]) -> str:
    """Visible to the group while it lasts."""
    until = row.evidence.get("snoozed_until")
    if not until or row.due_at is None or row.due_at <= desk.now or row.due_at.isoformat() != until:
        return ""
    return f"{row.evidence.get('snoozed_by', '')}已延后到 {moment(row.due_at)}"


def _ended(row: Row[Any]) -> str:
    """Who and when: 小李已确认 12-22 10:05."""
    when = moment(row.solved_at) if row.solved_at else ""
    words = f"：{row.solution}" if row.solution else ""
    if not row.ended_by:
        return f"已自动解除{words} {when}"
    if row.state == "dismissed":
        return f"{row.ended_by}已忽略{words} {when}"
    if row.solution.startswith("已") and len(row.solution) <= 6:
        return f"{row.ended_by}{row.solution} {when}"
    return f"{row.ended_by}已处理{words} {when}"
