"""Moving an order from one stage to the next: who may, whether it may, and everything that follows, in a handful of
statements. Two people at once: the row lock lets one go first, the conditional update lets only one win."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import lock_reason, owe, permissions, seen, shipping, stock, subjects, trail
from handlers.batches.remember import UNDO, remember
from handlers.desk import Actor, Desk, Late, Refusal
from handlers.holding import race
from handlers.kinds import WITH_THE_ORDER, kind_of, limits
from handlers.shortage import claims, parting
from handlers.supply import parcels
from handlers.tuning.tuned import tuned
from handlers.waybill import Shipment
from handlers.wording import day
from models import Role
from models.case import short_code
from models.stages import MOVES, OPEN, TITLES, Stage, Verb
from rules import RULES
from rules.stale import starts_at

VERBS: Final = {
    Verb.APPROVE: "审核", Verb.PICK: "配货", Verb.SHIP: "发货", Verb.SHIP_PART: "部分发货", Verb.SEND_BACK: "撤销",
}  # fmt: skip
_BACK: Final = ("asked", "refunded")

_ORDER: Final = """
    SELECT id, shop_id, external_id, tag, stage, stage_entered_at, revision, hold, refund, lock_reason, not_before_at,
        buyer_key, trail_hash, waybill
    FROM orders WHERE id = {id} FOR NO KEY UPDATE
"""

_MOVE: Final = text("""
    UPDATE orders SET stage = :stage, stage_entered_at = :entered_at, trail_hash = :head,
        recheck_at = least(:recheck_at, (SELECT cast(:now AS timestamptz) FROM rules WHERE by_stage LIMIT 1)),
        waybill = coalesce(:waybill, waybill), courier = coalesce(:courier, courier),
        shipped_at = coalesce(:shipped_at, shipped_at), revision = revision + 1
    WHERE id = :id AND stage = :left AND revision = :revision
""")

# The matter of the stage that was left ends by itself; every other live one shows the new stage.
_ENDS: Final = r"(kind = ANY(:ending) OR (:gone AND kind LIKE 'own\_%'))"  # of the company's own rules
_CASES: Final = text(f"""
    UPDATE cases SET revision = revision + 1,
        state = CASE WHEN {_ENDS} THEN 'solved' ELSE state END,
        solved_at = CASE WHEN {_ENDS} THEN cast(:now AS timestamptz) END,
        solved_by = CASE WHEN {_ENDS} THEN cast(:staff_id AS int) END,
        solution = CASE WHEN {_ENDS} THEN :solution ELSE solution END,
        due_at = CASE WHEN {_ENDS} THEN NULL ELSE due_at END
    WHERE order_id = ANY(:ids) AND state IN ('open', 'claimed') RETURNING id, revision
""")

# What a step ended by itself lives again when the step is taken back: it is still the same matter. Where no step comes
# any more and nobody has it, the ladder's end gives it to somebody (but for what another matter tells).
_AGAIN: Final = text("""
    UPDATE cases c SET state = CASE WHEN claimed_until IS NULL THEN 'open' ELSE 'claimed' END, solved_at = NULL,
        solved_by = NULL, solution = '', revision = revision + 1,
        due_at = coalesce(claimed_until, CASE WHEN step < jsonb_array_length(steps) THEN
            greatest(opened_at + make_interval(mins => cast(steps -> step ->> 'after' AS int)), :now)
            WHEN owner_id IS NULL AND jsonb_path_exists(steps, '$[*].tell[*]') THEN cast(:now AS timestamptz) END)
    FROM unnest(cast(:ids AS bigint[]), cast(:moments AS timestamptz[])) AS x(id, at)
    WHERE c.order_id = x.id AND c.solved_at = x.at AND c.solution = :solution AND c.state = 'solved'
        AND NOT EXISTS (SELECT FROM cases o WHERE o.kind = c.kind AND o.order_id = c.order_id
            AND o.state IN ('open', 'claimed'))
    RETURNING c.id, c.revision
""")

_LAST_MOVE: Final = text("""
    SELECT actor, actor_id, at, action, detail FROM trail
    WHERE subject = :subject AND action IN ('审核', '配货', '发货', '部分发货', '撤销', '平台推进')
    ORDER BY id DESC LIMIT 1
""")

_BLOCKING: Final = text("""
    SELECT id, kind, reason, evidence FROM cases
    WHERE order_id = :id AND blocks AND state IN ('open', 'claimed') ORDER BY id
""")


@dataclass(frozen=True, slots=True)
class Moved:
    order_id: int
    tag: str
    revision: int
    left: Stage
    stage: Stage


def lock(desk: Desk, subject: str) -> Row[Any]:
    """The order that "order:5" or "case:12" is about, its row locked. Raises Refusal when there is none."""
    expression, parameters = subjects.order_lookup(subject)
    found = desk.session.execute(text(_ORDER.format(id=expression)), parameters).one_or_none()
    if found is None:
        raise Refusal("没有找到这个订单")
    return found


def move(desk: Desk, subject: str, verb: Verb, actor: Actor, *, shipment: Shipment | None = None) -> Moved:
    """Take the order on by `verb`. Raises Refusal (not allowed, locked) and Late (it stands elsewhere already)."""
    order = _ready(desk, subject, verb, actor)
    if verb is Verb.APPROVE and (why := claims.hinder(desk, [order.id]).get(order.id)):
        raise Refusal(f"{order.tag} 不能{VERBS[verb]}，{why}。等到货后会自动放行")
    if shipment is not None:
        return _ship(desk, order, actor, shipment)
    detail = {"_since": order.stage_entered_at.isoformat()}
    moved = _move(desk, order, verb, actor, detail=detail, entered_at=desk.now)
    _remember(desk, order, actor, verb=verb, moved=moved)
    return moved


def _ship(desk: Desk, order: Row[Any], actor: Actor, shipment: Shipment) -> Moved:
    """The whole order leaves, what is left of it, or what is to leave first (handlers/shortage/parting.py)."""
    lines = parting.lines_of(desk, order.id)
    parting.check(order, lines, shipment.waybill)
    verb = Verb.SHIP_PART if lines.later else Verb.SHIP
    said = {"_since": order.stage_entered_at.isoformat(), "快递": shipment.courier.title, "运单": shipment.waybill}
    said |= lines.said
    moved = _move(desk, order, verb, actor, detail=said, entered_at=desk.now, shipment=shipment,
                  waybill=parting.waybills(order, lines, shipment.waybill))  # fmt: skip
    shipping.owe_shipment(desk, order, shipment, lines)
    parcels.sent(desk, [order.id])
    stock.take(desk, [order.id], later=not lines.later)
    if lines.later:
        parting.left(desk, order.id)
        stock.wake(desk, [order.id])
    _remember(desk, order, actor, verb=Verb.SHIP_PART if lines.parted else verb, moved=moved)
    return moved


def _remember(desk: Desk, order: Row[Any], actor: Actor, *, verb: Verb, moved: Moved) -> None:
    since = {"stage": order.stage, "since": order.stage_entered_at.isoformat()}
    remember(desk, actor, str(verb), order.id, revision=moved.revision, **since)


def may_move(desk: Desk, subject: str, verb: Verb, actor: Actor) -> str:
    """The order's tag, if `move` would succeed now. Raises as it does."""
    return str(_ready(desk, subject, verb, actor).tag)


def _ready(desk: Desk, subject: str, verb: Verb, actor: Actor) -> Row[Any]:
    permissions.check(desk, permissions.STEPS[verb], actor)
    order = lock(desk, subject)
    if (Stage(order.stage), verb) not in MOVES:
        raise Late(_elsewhere(desk, order, verb))
    _check_open_road(desk, order, verb, actor)
    seen.check_order(desk, order, trail.order_subject(order.shop_id, order.external_id))
    return order


def send_back(desk: Desk, subject: str, actor: Actor, seen: int) -> Moved:
    """Undo the last step: the person who made it or a supervisor, within a minute, while nothing happened since."""
    order = lock(desk, subject)
    left = Stage(order.stage)
    permissions.check(desk, permissions.STEPS[Verb.SEND_BACK], actor)
    last = _last_move(desk, order)
    if (left, Verb.SEND_BACK) not in MOVES or last is None or order.revision != seen:
        raise Late(f"{order.tag} 之后又有变化，不能撤销，现在是{TITLES[left]}")
    if last.actor_id != actor.staff_id and Role.SUPERVISOR not in actor.roles:
        raise Refusal(f"只有{last.actor}本人或主管可以撤销")
    if last.action not in ("审核", "配货") or desk.now - last.at > UNDO:
        raise Refusal("已超过 60 秒，不能撤销")
    since = json.loads(last.detail).get("_since")
    entered_at = datetime.fromisoformat(since) if since else desk.now  # undoing does not make an order young again
    moved = _move(desk, order, Verb.SEND_BACK, actor, detail={}, entered_at=entered_at)
    owe.owe(desk, cases_again(desk, {order.id: last.at}, last.action), by=actor)
    return moved


def _check_open_road(desk: Desk, order: Row[Any], verb: Verb, actor: Actor) -> None:
    """Raises Refusal naming what stands in the way and what to do about it. A parcel that could not be stopped has left
    all the same, and is recorded."""
    why = _closed(desk, order, verb, actor)
    if why and not (verb in (Verb.PICK, Verb.SHIP) and race.got_away(desk, order.id)):
        raise Refusal(f"{order.tag} {why}")


def _closed(desk: Desk, order: Row[Any], verb: Verb, actor: Actor) -> str:
    if order.hold:
        return f"平台暂不允许发货：{order.hold}，平台放开后再{VERBS[verb]}"
    if order.refund in _BACK:
        return f"买家申请退款或已退款，不能{VERBS[verb]}，先处理退款"
    if order.lock_reason:
        return f"已锁定，不能{VERBS[verb]}：{_what_locks(desk, order)}"
    early = order.not_before_at is not None and order.not_before_at > desk.now
    if verb is Verb.SHIP and early and Role.SUPERVISOR not in actor.roles:
        return f"约定 {day(order.not_before_at)} 起发货，现在不能发；要提前发请主管操作"
    return ""


def _what_locks(desk: Desk, order: Row[Any]) -> str:
    rows = desk.session.execute(_BLOCKING, {"id": order.id}).all()
    cases = [(kind_of(row.kind, row.evidence).title, row) for row in rows]
    found = [f"{title}：{row.reason}（先处理 {short_code(row.id)}）" for title, row in cases]
    return "；".join([*found, *lock_reason.besides(order.lock_reason, [title for title, _ in cases])])


def _move(
    desk: Desk, order: Row[Any], verb: Verb, actor: Actor, *, detail: Mapping[str, Any], entered_at: datetime,
    shipment: Shipment | None = None, waybill: str | None = None,
) -> Moved:  # fmt: skip
    left = Stage(order.stage)
    stage = MOVES[left, verb]
    subject = trail.order_subject(order.shop_id, order.external_id)
    said = {"环节": [TITLES[left], TITLES[stage]], **detail}
    row = trail.row(desk, subject, bytes(order.trail_hash), actor=actor, action=VERBS[verb], detail=said)
    runs_after = stage is Stage.DONE and order.refund in _BACK  # it got away, and is looked at once more at once
    again_at = desk.now if runs_after else recheck_at(desk, stage, entered_at, order.not_before_at)
    changed = desk.session.execute(
        _MOVE,
        {
            "id": order.id, "left": order.stage, "revision": order.revision, "stage": str(stage),
            "entered_at": entered_at, "recheck_at": again_at,
            "head": row.hash, "now": desk.now, "waybill": waybill,
            "courier": shipment.courier.slug if shipment else None,
            "shipped_at": desk.now if verb is Verb.SHIP else None,
        },
    )  # fmt: skip
    if changed.rowcount != 1:  # type: ignore[attr-defined]
        raise Late(f"{order.tag} 刚被别人改动，请再看一眼")
    trail.insert(desk, [row])
    moved = Moved(order.id, order.tag, order.revision + 1, left, stage)
    _show_in_cases(desk, moved, actor, VERBS[verb])
    return moved


def recheck_at(desk: Desk, stage: Stage, entered_at: datetime, not_before_at: datetime | None) -> datetime | None:
    """When an order that is in `stage` since then must be looked at again."""
    limit = limits(tuned(desk).stale).get(stage)
    return starts_at(entered_at, not_before_at) + limit if limit is not None else None


def _show_in_cases(desk: Desk, moved: Moved, actor: Actor, what: str) -> None:
    owed = cases_follow(desk, [moved.order_id], moved.stage, actor, what=what)
    owe.owe(desk, [*owed, owe.order_edit(moved.order_id, moved.revision)], by=actor)


def cases_follow(desk: Desk, order_ids: Sequence[int], stage: Stage, actor: Actor, *, what: str) -> list[owe.Owed]:
    """Orders went to `stage` by `what` (审核): what that ends ends, every other live case shows it. The edits to be
    owed."""
    ending = ["stale_stage"] if stage in OPEN else [*RULES, *WITH_THE_ORDER]
    values = {
        "ids": list(order_ids), "ending": ending, "gone": stage not in OPEN, "now": desk.now,
        "staff_id": actor.staff_id, "solution": f"已{what}",
    }  # fmt: skip
    return [owe.edit(row.id, row.revision) for row in desk.session.execute(_CASES, values)]


def cases_again(desk: Desk, moments: Mapping[int, datetime], what: str) -> list[owe.Owed]:
    """Steps (order id → when it was taken by `what`) are taken back: what they had ended is alive again."""
    values = {
        "ids": list(moments), "moments": list(moments.values()), "solution": f"已{what}", "now": desk.now,
    }  # fmt: skip
    return [owe.edit(row.id, row.revision) for row in desk.session.execute(_AGAIN, values)]


def _last_move(desk: Desk, order: Row[Any]) -> Row[Any] | None:
    subject = trail.order_subject(order.shop_id, order.external_id)
    return desk.session.execute(_LAST_MOVE, {"subject": subject}).one_or_none()


_ROAD: Final = (Stage.UNPAID, *OPEN, Stage.DONE)


def _elsewhere(desk: Desk, order: Row[Any], verb: Verb) -> str:
    """Why `verb` does not fit: done by somebody already, or something else comes first."""
    stage = Stage(order.stage)
    if stage is Stage.CANCELLED:
        return f"{order.tag} 已取消，不能{VERBS[verb]}"
    wanted = next(start for start, known in MOVES if known is verb)
    if _ROAD.index(stage) < _ROAD.index(wanted):
        first = {Stage.UNPAID: "付款", Stage.PENDING_REVIEW: "审核", Stage.PENDING_PICK: "配货"}[stage]
        return f"{order.tag} 还在{TITLES[stage]}，要先{first}才能{VERBS[verb]}"
    last = _last_move(desk, order)
    if last is None:
        return f"{order.tag} 已经{TITLES[stage]}"
    said = f"{order.tag} 已由{last.actor}处理，现在是{TITLES[stage]}"
    if verb is Verb.SHIP and order.waybill:
        said += f"，运单 {order.waybill} 没有改动。单号发错了请在平台后台更正，这里会跟着更新"
    return said
