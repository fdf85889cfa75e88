"""Which buttons a card carries. Who may press them is checked on the press; here it is a hint."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from handlers import permissions
from handlers.desk import Actor
from handlers.kinds import kind_of
from handlers.views import Choice, Offer
from handlers.wording import day_of
from models import Role
from models.stages import Stage

STEPS: Final[dict[Stage, tuple[str, str]]] = {
    Stage.PENDING_REVIEW: ("审核", "approve"),
    Stage.PENDING_PICK: ("配货", "pick"),
    Stage.PENDING_SHIP: ("发货", "ship_ask"),
}

REASONS: Final = ("误报", "已另行处理", "不再需要")

_WEEKDAYS: Final = "一二三四五六日"
_DAYS_AHEAD: Final = (1, 2, 3, 5, 7, 10, 14, 21, 30)
_MOST_OPTIONS: Final = 10


@dataclass(frozen=True, slots=True)
class CaseState:
    """What decides about a case's buttons."""

    case_id: int
    revision: int
    kind: str
    role: Role
    state: str
    owner_id: int | None
    stage: Stage | None
    locked: bool
    evidence: Mapping[str, Any]


def of_order(order_id: int, revision: int, stage: Stage, *, locked: bool, actor: Actor | None) -> tuple[Offer, ...]:
    """The next step, unless the order is locked, and a fresh look."""
    subject = f"order:{order_id}"
    found = []
    if stage in STEPS and not locked and permissions.allowed(STEPS[stage][1], actor):
        words, action = STEPS[stage]
        found.append(Offer(words, action, subject, revision, str(stage), "main"))
    return (*found, Offer("刷新", "refresh", subject, revision))


def undo(order_id: int, revision: int) -> Offer:
    return Offer("撤销", "send_back", f"order:{order_id}", revision)


def of_case(case: CaseState, actor: Actor | None) -> tuple[Offer, ...]:
    """At most six, the most useful first."""
    found = _main(case, actor)
    if permissions.allowed("claim", actor, own=case.role):
        found += _of_owner(case, actor)
    if case.kind == "stale_group":
        found.append(_offer(case, "查看清单", "list"))
    found.append(_offer(case, "刷新", "refresh"))
    return tuple(found)


def more_of_case(case: CaseState, actor: Actor | None) -> tuple[Offer, ...]:
    """Behind 更多: ignore it, with the reason as the entry's name."""
    if case.kind in ("stale_group", "shop_stopped") or not permissions.allowed("dismiss", actor, own=case.role):
        return ()
    return tuple(_offer(case, f"忽略：{reason}", "dismiss", reason) for reason in REASONS)


def _main(case: CaseState, actor: Actor | None) -> list[Offer]:
    """What ends the matter."""
    if case.kind == "stale_stage" and case.stage in STEPS:
        words, action = STEPS[case.stage]
        may = permissions.allowed(action, actor) and not case.locked
        return [_offer(case, words, action, str(case.stage), style="main")] if may else []
    if not permissions.allowed("solve", actor, own=case.role):
        return []
    if case.kind == "delay_request":
        return [_offer(case, "改期", "delay", "accept", style="main")]
    first = [_offer(case, "重试", "retry", style="main")] if case.kind == "writeback_fail" else []
    solved = kind_of(case.kind).solved
    return [*first, _offer(case, solved, "solve", style="plain" if first else "main")] if solved else first


def _of_owner(case: CaseState, actor: Actor | None) -> list[Offer]:
    found = []
    if case.state == "open":
        found.append(_offer(case, "认领", "claim", style="main" if case.kind == "stale_group" else "plain"))
    elif actor is None or actor.staff_id == case.owner_id:
        found.append(_offer(case, "释放", "release"))
    if case.kind in ("stale_group", "shop_stopped"):
        return found
    found.append(_offer(case, "延后2小时", "delay", "2h"))
    if case.kind != "delay_request":  # its one drop-down is the date
        found.append(_offer(case, "转交", "transfer"))
    return found


def _offer(case: CaseState, words: str, action: str, value: str = "", *, style: str = "plain") -> Offer:
    return Offer(words, action, f"case:{case.case_id}", case.revision, value, style)


def choice_of_case(case: CaseState, people: Sequence[tuple[int, str]], now: datetime) -> Choice | None:
    """The drop-down beside the buttons: a new date for a wish to wait, else a person to hand it to."""
    if case.kind == "delay_request":
        return _dates(case.evidence.get("until"), now)
    if case.kind in ("stale_group", "shop_stopped"):
        return None
    others = tuple((str(number), name) for number, name in people if number != case.owner_id)
    return Choice("person", "转交给", others[:_MOST_OPTIONS]) if others else None


def _dates(until: str | None, now: datetime) -> Choice:
    today = day_of(now)
    days = [today + timedelta(days=ahead) for ahead in _DAYS_AHEAD]
    wished = date.fromisoformat(until) if until else None
    if wished is not None and wished > today:
        days = [wished, *(day for day in days if day != wished)]
    options = tuple((day.isoformat(), _day_words(day)) for day in days[:_MOST_OPTIONS])
    return Choice("date", "改到", options, wished.isoformat() if wished else "")


def _day_words(day: date) -> str:
    return f"{day:%m-%d} 周{_WEEKDAYS[day.weekday()]}"
