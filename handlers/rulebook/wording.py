"""A rule's settings as people read them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, Final

from handlers.desk import Refusal
from handlers.rulebook import deeds
from handlers.rulebook.store import LIVE, STATES, Wish
from handlers.wording import day_of
from models import Role
from models.people import ROLE_TITLES
from rules.language import ConditionError

TITLES: Final = {
    "title": "标题", "condition": "条件", "state": "状态", "role": "角色", "severity": "等级", "blocks": "锁单",
    "claim_minutes": "认领", "solve_minutes": "处理", "owner": "负责人", "note": "备注", "valid_from": "从",
    "valid_to": "到", "actions": "动作", "quiet": "建单",
}  # fmt: skip
OVER: Final = "已过期"


def shown(name: str, value: Any, today: date) -> str:
    if name == "role":
        return ROLE_TITLES[Role(value)]
    if name == "state":
        return STATES[value]
    if name == "blocks":
        return "是" if value else "否"
    if name in ("claim_minutes", "solve_minutes"):
        return minutes(value)
    if name in ("valid_from", "valid_to"):
        last = timedelta(days=1 if name == "valid_to" else 0)
        return _day(value - last, today) if value is not None else "不限"
    if name == "actions":
        return "、".join(deeds.said(one) for one in value) or "无"
    if name == "quiet":
        return "否" if value else "是"
    return str(value) or "无"


def minutes(value: int) -> str:
    return f"{value // 60} 小时" if value % 60 == 0 else f"{value} 分钟"


def _day(at: datetime, today: date) -> str:
    """12-25; 2026-01-10 where it is of another year."""
    found = day_of(at)
    return f"{found:%m-%d}" if found.year == today.year else f"{found}"


def period(starts_at: datetime | None, ends_at: datetime | None, today: date) -> str:
    """From the one day to the other; "" for always."""
    if starts_at is None and ends_at is None:
        return ""
    starts, ends = shown("valid_from", starts_at, today), shown("valid_to", ends_at, today)
    if ends_at is None:
        return f"{starts} 起"
    return f"{starts} 至 {ends}" if starts_at is not None else f"至 {ends}"


def standing(wish: Wish, now: datetime) -> str:
    """Its state, with what its days make of that: 启用; 已过期; 影子，12-25 起."""
    state = STATES[wish.state]
    if wish.state not in LIVE:
        return state
    if wish.valid_to is not None and wish.valid_to <= now:
        return OVER
    begun = wish.valid_from is None or wish.valid_from <= now
    return state if begun else f"{state}，{period(wish.valid_from, None, day_of(now))}"


def difference(before: Wish, after: Wish, today: date) -> dict[str, list[str]]:
    """What changed, for the trail: title → before, after."""
    return {
        title: [shown(name, getattr(before, name), today), shown(name, getattr(after, name), today)]
        for name, title in TITLES.items()
        if getattr(before, name) != getattr(after, name)
    }


def said(changes: dict[str, list[str]]) -> str:
    return "；".join(f"{title}：{before} → {after}" for title, (before, after) in changes.items())


def refusal(error: ConditionError) -> Refusal:
    """A condition that cannot be read, as the writer is told."""
    return Refusal(f"条件有问题，没有保存。\n{error.shown}")
