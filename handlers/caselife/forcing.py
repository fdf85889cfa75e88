"""强制通过: a blocking case is passed all the same, as its kind allows: never, by one person with a reason, or by one
with a second who agrees. A passed case counts as solved; the same finding is not raised again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import owe, people, permissions, trail
from handlers.caselife.changing import Change, Matter, change, check_mine, take_up
from handlers.caselife.ending import end
from handlers.desk import SYSTEM, Actor, Desk, Late, Refusal
from handlers.duty import duty
from handlers.kinds import force_of, kind_of, title_of
from handlers.permissions import Permit
from handlers.wording import moment
from models import Role
from models.case import short_code
from models.case_life import Turn

FORCE: Final = Permit("强制通过", own_role=True)
SECOND: Final = Permit("同意强制通过")
"""Whoever is asked: where the company has nobody else for it, any colleague."""
LIFE: Final = timedelta(hours=2)
LONGEST: Final = 100
CLOCK: Final = replace(SYSTEM, source="clock")

INSTEAD: Final = {
    "refund_preship": "买家要退款，请在平台同意退款，或请买家取消退款",
    "refund_wait": "请买家在平台申请退款，申请后会自动解除；买家不退了请发：短码 买家不退",
    "sku_unmapped": "请先对应货品，发：对应 平台货号 我们的货号",
    "address_vague": "没有能送到的地址，请买家在平台补齐，改好会自动解除",
    "contact_missing": "没有收件人姓名，请买家在平台补齐，改好会自动解除",
    "person_lock": "这是同事锁定的，请发：解锁 编号",
    "intercept": "请回复：拦住 / 没拦住",
    "receiver_changed": "换好面单请回复：已换面单",
    "order_gone": "请在平台后台核对这一单，核对好请回复：已核对",
}
OTHERWISE: Final = "请先把这件事处理好"

_ASK: Final = text("""
    INSERT INTO force_asks (case_id, asked_by, asker, reason, asked_at, expires_at)
    VALUES (:case_id, :by, :name, :reason, :now, :until) ON CONFLICT (case_id) WHERE state = 'asked' DO NOTHING
    RETURNING id
""")
_OPEN: Final = text("SELECT * FROM force_asks WHERE case_id = :id AND state = 'asked' FOR UPDATE")
_DECIDE: Final = text("""
    UPDATE force_asks SET state = :state, decided_by = :by, decided_at = :now, words = :words WHERE id = :id
""")
# The order with its ask: whoever answers just now holds the order, and waits for the ask.
_DUE: Final = text("""
    SELECT a.id, a.case_id, a.asked_by, a.reason, c.kind, c.evidence, c.order_id
    FROM force_asks a JOIN cases c ON c.id = a.case_id JOIN orders o ON o.id = c.order_id
    WHERE a.state = 'asked' AND a.expires_at <= :now ORDER BY a.id FOR NO KEY UPDATE OF a, o SKIP LOCKED
""")
_SHOW_AGAIN: Final = text("""
    UPDATE cases SET revision = revision + 1 WHERE id = :id AND state IN ('open', 'claimed') RETURNING revision
""")


def force(desk: Desk, case_id: int, actor: Actor, reason: str) -> str:
    """Pass it, or ask a second person to agree. Returns what came of it. Raises Refusal with what to do instead."""
    matter = take_up(desk, case_id, FORCE, actor)
    letter = _letter(matter)
    if not reason:
        raise Refusal(f"强制通过要写原因，请发：{short_code(case_id)} 强制 原因")
    check_mine(matter, actor)
    reason = reason[:LONGEST]
    if letter == "A":
        return _ask(desk, matter, actor, reason)
    end(desk, matter, actor, Change(Turn.FORCE, "强制通过", f"强制通过：{reason}"))
    return f"{actor.name}强制通过：{reason}"


def check(desk: Desk, case_id: int, actor: Actor) -> None:
    """Raises Refusal where it would not be passed, whatever the reason; Late where it is over."""
    _letter(take_up(desk, case_id, FORCE, actor))


def _letter(matter: Matter) -> str:
    """R or A. Raises Refusal for what nobody passes."""
    case = matter.case
    if matter.order is None or not case.blocks:
        if case.kind in INSTEAD:
            raise Refusal(f"「{matter.title}」不能强制通过：{INSTEAD[case.kind]}")
        raise Refusal(f"「{matter.title}」没有挡住发货，不用强制通过")
    letter = force_of(case.kind, case.evidence)
    if letter not in ("R", "A"):
        raise Refusal(f"「{matter.title}」不能强制通过：{INSTEAD.get(case.kind, OTHERWISE)}")
    return letter


def _ask(desk: Desk, matter: Matter, actor: Actor, reason: str) -> str:
    who = _second(desk, matter, actor)
    until = desk.now + LIFE
    values = {
        "case_id": matter.case.id, "by": actor.staff_id, "name": actor.name, "reason": reason, "now": desk.now,
        "until": until,
    }  # fmt: skip
    ask_id = desk.session.execute(_ASK, values).scalar_one_or_none()
    if ask_id is None:
        raise Late("已经有人申请强制通过，在等另一位同意")
    change(desk, matter, actor, Change(Turn.NOTE, "申请强制通过", reason))
    cards = [owe.card(matter.case.id, f"force{ask_id}", staff_id=one.id) for one in who]
    owe.owe(desk, cards, by=actor)
    return f"{actor.name}申请强制通过，已请{'、'.join(one.name for one in who)}同意，{moment(until)} 前有效"


def _second(desk: Desk, matter: Matter, actor: Actor) -> list[people.Person]:
    """Who may agree: supervisors first, else others of the role, and where the company has no other of these any
    colleague; those on shift, not the absent. Raises Refusal."""
    roster, fit = duty.roster(desk), _fit(desk, matter, actor.staff_id)
    groups = [[one for one in group if not one.away] for group in fit or _others(desk, actor.staff_id)]
    here = [[one for one in group if roster.on_shift(one.id, desk.now)] for group in groups]
    found = next((group for group in (*here, *groups) if group), None)
    if found is not None:
        return found
    if fit:
        raise Refusal("强制通过要另一位主管或同岗位的同事同意，现在没有别人在，请等人回来")
    raise Refusal("放行要另一位同事同意，现在没有别人在；公司里只有您一位的，请管理员把另一位也登记为主管")


def _fit(desk: Desk, matter: Matter, asked_by: int | None) -> list[list[people.Person]]:
    """Supervisors, and those of the role, absent or not; [] where there is nobody beside the asker."""
    everybody = [one for one in people.staff(desk) if one.id != asked_by]
    groups = [[one for one in everybody if role in one.roles] for role in (Role.SUPERVISOR, matter.role)]
    return groups if any(groups) else []


def _others(desk: Desk, asked_by: int | None) -> list[list[people.Person]]:
    return [[one for one in people.staff(desk) if one.id != asked_by and one.roles]]


def agree(desk: Desk, case_id: int, actor: Actor) -> str:
    """The second person says yes: it is passed, with both on the trail. Raises Refusal, Late."""
    matter, ask = _asked(desk, case_id, actor)
    _decide(desk, ask, actor, "agreed")
    words = f"强制通过：{ask.reason}（{ask.asker}申请，{actor.name}同意）"
    end(desk, matter, actor, Change(Turn.FORCE, "同意强制通过", words))
    _tell(desk, ask, matter, f"{actor.name}同意强制通过", by=actor)
    return f"{actor.name}同意，已强制通过"


def decline(desk: Desk, case_id: int, actor: Actor, words: str) -> str:
    """The second person says no: it stays as it is, and the asker hears why. Raises Refusal, Late."""
    matter, ask = _asked(desk, case_id, actor)
    why = f"：{words[:LONGEST]}" if words else ""
    _decide(desk, ask, actor, "refused", words=words[:LONGEST])
    change(desk, matter, actor, Change(Turn.NOTE, "不同意强制通过", (words[:LONGEST] or "没有写原因")))
    _tell(desk, ask, matter, f"{actor.name}不同意强制通过{why}", by=actor)
    return f"{actor.name}不同意强制通过{why}"


def look(desk: Desk) -> None:
    """The clock's look: what nobody agreed to in time; the asker hears of it, unless the matter is over anyway."""
    for ask in desk.session.execute(_DUE, {"now": desk.now}).all():
        revision = desk.session.execute(_SHOW_AGAIN, {"id": ask.case_id}).scalar_one_or_none()
        _decide(desk, ask, CLOCK, "expired" if revision is not None else "gone")
        if revision is None:
            continue
        title = title_of(ask.kind, ask.evidence)
        trail.write_order(desk, ask.order_id, actor=CLOCK, action="强制通过过期", detail={title: "没有人同意"})
        code = short_code(ask.case_id)
        words = f"「{title}」（{code}）的强制通过申请没有人同意，已过期；还要通过请再发：{code} 强制 {ask.reason}"
        told = owe.note(f"case:{ask.case_id}:force{ask.id}:expired", ask.asked_by, f"case:{ask.case_id}", words)
        owe.owe(desk, [owe.edit(ask.case_id, revision), told])


def offered(slug: str, evidence: Any) -> bool:
    """Whether 强制通过 is worth a button."""
    return kind_of(slug, evidence).blocks and force_of(slug, evidence) in ("R", "A")


def dismissible(slug: str, evidence: Any) -> bool:
    """Whether one person may say that it was none: not of what locks and one person could not pass either."""
    return not kind_of(slug, evidence).blocks or force_of(slug, evidence) == "R"


def why_not_dismissed(case: Row[Any], title: str) -> str:
    """ "" where it may be. Otherwise 忽略 would be a forced pass without the second person."""
    if dismissible(case.kind, case.evidence):
        return ""
    if force_of(case.kind, case.evidence) != "A":
        return f"「{title}」不能忽略：{INSTEAD.get(case.kind, OTHERWISE)}"
    return f"「{title}」要两个人同意才能放行，一个人不能忽略；确是误报请发：{short_code(case.id)} 强制 误报"


def _asked(desk: Desk, case_id: int, actor: Actor) -> tuple[Matter, Row[Any]]:
    matter = take_up(desk, case_id, SECOND, actor)
    ask = desk.session.execute(_OPEN, {"id": case_id}).one_or_none()
    if ask is None or _fit(desk, matter, ask.asked_by):
        permissions.check(desk, FORCE, actor, own=matter.role)
    if ask is None or ask.expires_at <= desk.now:
        raise Late("没有等人同意的强制通过，或者申请已经过期")
    if ask.asked_by == actor.staff_id:
        raise Refusal("要另一位同事同意，申请的人自己不能同意")
    return matter, ask


def _decide(desk: Desk, ask: Row[Any], actor: Actor, state: str, *, words: str = "") -> None:
    values = {"id": ask.id, "state": state, "by": actor.staff_id, "now": desk.now, "words": words}
    desk.session.execute(_DECIDE, values)


def _tell(desk: Desk, ask: Row[Any], matter: Matter, words: str, *, by: Actor) -> None:
    assert matter.order is not None  # only a case of one order is passed
    said = f"{matter.order.tag}「{matter.title}」{words}"
    key = f"case:{matter.case.id}:force{ask.id}:decided"
    owe.owe(desk, [owe.note(key, ask.asked_by, f"case:{matter.case.id}", said)], by=by)


def shown(ask: Sequence[Any] | None) -> str:
    """小李申请强制通过：客户急用，等另一位同意; "" without an ask. `ask`: who, why, until when."""
    if not ask:
        return ""
    asker, reason, until = ask[:3]
    return f"{asker}申请强制通过：{reason}，等另一位同意，{moment(datetime.fromisoformat(until))} 前有效"
