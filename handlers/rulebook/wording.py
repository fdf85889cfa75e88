"""A rule's settings as people read them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from handlers.desk import Refusal
from handlers.rulebook import deeds
from handlers.rulebook.store import STATES, Wish
from handlers.wording import day
from models import Role
from models.people import ROLE_TITLES
from rules.language import ConditionError

TITLES: Final = {
    "title": "标题", "condition": "条件", "state": "状态", "role": "角色", "severity": "等级", "blocks": "锁单",
    "claim_minutes": "认领", "solve_minutes": "处理", "owner": "负责人", "note": "备注", "valid_from": "从",
    "valid_to": "到", "actions": "动作", "quiet": "建单",
}  # fmt: skip


def shown(name: str, value: Any) -> str:
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
        return day(value - last) if value is not None else "不限"
    if name == "actions":
        return "、".join(deeds.said(one) for one in value) or "无"
    if name == "quiet":
        return "否" if value else "是"
    return str(value) or "无"


def minutes(value: int) -> str:
    return f"{value // 60} 小时" if value % 60 == 0 else f"{value} 分钟"


def period(starts_at: datetime | None, ends_at: datetime | None) -> str:
    """From the one day to the other; "" for always."""
    if starts_at is None and ends_at is None:
        return ""
    if ends_at is None:
        return f"{shown('valid_from', starts_at)} 起"
    return f"{shown('valid_from', starts_at) if starts_at else ''} 至 {shown('valid_to', ends_at)}".strip()


def difference(before: Wish, after: Wish) -> dict[str, list[str]]:
    """What changed, for the trail: title → before, after."""
    return {
        title: [shown(name, getattr(before, name)), shown(name, getattr(after, name))]
        for name, title in TITLES.items()
        if getattr(before, name) != getattr(after, name)
    }


def said(changes: dict[str, list[str]]) -> str:
    return "；".join(f"{title}：{before} → {after}" for title, (before, after) in changes.items())


def refusal(error: ConditionError) -> Refusal:
    """A condition that cannot be read, as the writer is told."""
    return Refusal(f"条件有问题，没有保存。\n{error.shown}")
