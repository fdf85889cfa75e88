"""What can be set while the hub runs: its names in chat, its bounds, and how each change is written down and taken
back. Orders are looked at anew where a limit became shorter; a case keeps the policy that it opened under."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import trail
from handlers.assigning import mode as assigning
from handlers.desk import Actor, Desk, Refusal
from handlers.duty import duty, quiet
from handlers.duty.hours import Night
from handlers.kinds import kind_of, limits, usual_minutes
from handlers.permissions import Permit
from handlers.tuning import switches
from handlers.tuning.tuned import OFF, forget, tuned
from models import Role
from models.stages import OPEN, TITLES

SET: Final = Permit("改阈值", frozenset({Role.SUPERVISOR}))
NIGHT: Final = "night"
MOST: Final = 7 * 24 * 60

STAGES: Final = {TITLES[stage]: f"{stage}_minutes" for stage in OPEN}
OTHERS: Final = {
    "升级主管": "supervisor_after_minutes", "合并数量": "group_from", "合并时间": "window_minutes",
    "上限": assigning.CAP,
}  # fmt: skip
_BOUNDS: Final = {"group_from": (2, 1000), "window_minutes": (5, 60), assigning.CAP: (1, 500)}
COUNTS: Final = {"group_from": "单", assigning.CAP: "件"}

_LOCK: Final = text("LOCK TABLE tunings IN SHARE ROW EXCLUSIVE MODE")
_WRITE: Final = text("""
    INSERT INTO tunings (name, value, before, set_at, set_by, set_by_id, reason)
    VALUES (:name, cast(:value AS jsonb), cast(:before AS jsonb), :now, :by, :by_id, :reason)
""")
_LAST: Final = text("SELECT id, name, value, before FROM tunings WHERE undone_at IS NULL ORDER BY id DESC LIMIT 1")
_LAST_OF: Final = text("SELECT max(id) FROM tunings WHERE name = :name AND undone_at IS NULL")
_ONE: Final = text("SELECT id, name, value, before FROM tunings WHERE undone_at IS NULL AND id = :id")
_UNDO: Final = text("UPDATE tunings SET undone_at = :now, undone_by = :by WHERE id = :id")
_NEWEST: Final = text("""
    SELECT name, value, before, set_at, set_by, reason, undone_by FROM tunings ORDER BY id DESC LIMIT :n
""")
# What a shorter limit makes due is found by the next looks, a batch at a time.
_SOONER: Final = text("""
    UPDATE orders SET recheck_at = greatest(stage_entered_at + make_interval(mins => :minutes), :now)
    WHERE stage = :stage AND (recheck_at IS NULL
        OR recheck_at > greatest(stage_entered_at + make_interval(mins => :minutes), :now))
""")


@dataclass(frozen=True, slots=True)
class Change:
    """`name` as in models/tuning.py; values in minutes, counts, or a night's three minutes of the day."""

    name: str
    before: Any
    value: Any

    @property
    def shown(self) -> str:
        return f"{title_of(self.name)} {shown(self.name, self.before)} → {shown(self.name, self.value)}"


def put(desk: Desk, actor: Actor, name: str, value: Any, *, reason: str = "") -> Change:
    """From now on it is `value`. Raises Refusal for what lies outside its bounds, or is so already."""
    _check(name, value)
    desk.session.execute(_LOCK)
    forget(desk)
    made = Change(name, current(desk, name), value)
    if made.before == value:
        raise Refusal(f"{title_of(name)}现在就是{shown(name, value)}，没有改动")
    row = {"name": name, "value": json.dumps(value), "before": json.dumps(made.before), "reason": reason}
    desk.session.execute(_WRITE, {**row, "now": desk.now, "by": actor.name, "by_id": actor.staff_id})
    _take_effect(desk, actor, made)
    detail = {title_of(name): [shown(name, made.before), shown(name, value)]} | ({"原因": reason} if reason else {})
    trail.write(desk, f"limit:{name}", actor, action="改阈值", detail=detail)
    return made


def newest_of(desk: Desk, name: str) -> int | None:
    """The number of the change that holds for `name`."""
    found: int | None = desk.session.execute(_LAST_OF, {"name": name}).scalar_one()
    return found


def undo(desk: Desk, actor: Actor, number: int | None = None) -> Change:
    """The newest change, or that one, is as if it had never been; asked again, the one before it. Raises Refusal."""
    desk.session.execute(_LOCK)
    forget(desk)
    last = desk.session.execute(*((_LAST,) if number is None else (_ONE, {"id": number}))).one_or_none()
    if last is None:
        raise Refusal("没有可以撤销的改动，阈值都是配置文件里的")
    desk.session.execute(_UNDO, {"now": desk.now, "by": actor.name, "id": last.id})
    forget(desk)
    made = Change(last.name, last.value, last.before if last.name == NIGHT else current(desk, last.name))
    _take_effect(desk, actor, made)
    detail = {title_of(made.name): [shown(made.name, made.before), shown(made.name, made.value)]}
    trail.write(desk, f"limit:{made.name}", actor, action="撤销改阈值", detail=detail)
    return made


def current(desk: Desk, name: str) -> Any:
    """What holds now, without a campaign's factor."""
    limits_now = tuned(desk)
    if name in (assigning.MODE, assigning.CAP):
        return assigning.mode(desk) if name == assigning.MODE else assigning.cap(desk)
    if name == NIGHT:
        night = duty.roster(desk).night
        return [night.start, night.end, night.release]
    if switches.split(name) is not None:
        return bool(limits_now.told.get(name))
    what, _, kind = name.partition(":")
    if kind:
        return limits_now.minutes(kind, usual_minutes(kind))[what == "solve"]
    return limits_now.window_minutes if name == "window_minutes" else getattr(limits_now.base, name)


def newest(desk: Desk, count: int) -> list[Row[Any]]:
    """The last changes: name, value, before, set_at, set_by, reason, undone_by."""
    return list(desk.session.execute(_NEWEST, {"n": count}))


def title_of(name: str) -> str:
    if name == NIGHT:
        return "免打扰"
    if (switch := switches.split(name)) is not None:
        return f"{switches.title_of(switch[1])}提醒"
    what, _, kind = name.partition(":")
    if kind:
        return f"{kind_of(kind).title}{'认领' if what == 'claim' else '处理'}"
    titles = {slug: title for title, slug in {**STAGES, **OTHERS, "派单": assigning.MODE}.items()}
    return titles[name]


def shown(name: str, value: Any) -> str:
    """2 小时, 90 分钟, 6 单, 22:00–08:00，09:00 一起发."""
    if name == NIGHT:
        return Night(*value).shown
    if name == assigning.MODE:
        return assigning.TITLES[value]
    if (switch := switches.split(name)) is not None:
        return switches.shown(switch[0], value)
    if name in COUNTS:
        return f"{value} {COUNTS[name]}"
    return f"{value // 60} 小时" if value % 60 == 0 else f"{value} 分钟"


def _check(name: str, value: Any) -> None:
    if name in (NIGHT, assigning.MODE):
        return
    if (switch := switches.split(name)) is not None:
        switches.check(*switch, value)
        return
    least, most = _BOUNDS.get(name, (1, MOST))
    if not least <= value <= most:
        raise Refusal(f"{title_of(name)}请设在 {shown(name, least)} 到 {shown(name, most)}之间")


def _take_effect(desk: Desk, actor: Actor, made: Change) -> None:
    forget(desk)
    if made.name == NIGHT:
        quiet.set_night(desk, Night(*made.value), actor)
    elif made.name in STAGES.values():
        look_sooner(desk)
    elif (switch := switches.split(made.name)) is not None and switch[0] == OFF and not made.value:
        switches.look_anew(desk)


def look_sooner(desk: Desk) -> None:
    """The stages' limits may have become shorter: nobody sleeps over the new moment."""
    for stage, limit in limits(tuned(desk).stale).items():
        minutes = int(limit.total_seconds()) // 60
        desk.session.execute(_SOONER, {"stage": str(stage), "minutes": minutes, "now": desk.now})
