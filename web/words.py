"""How the board says money, time, and what comes next."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Final

from handlers.permissions import STEPS, role_titles
from models.beijing import BEIJING
from models.stages import MOVES, Stage, Verb

_SEVERITY: Final = re.compile(r"\bP[123]\b")
_HURRY: Final = {"P1": "几小时内", "P2": "本班次内", "P3": "今天内"}


def yuan(fen: int) -> str:
    return f"¥{fen / 100:,.2f}"


def moment(at: datetime | None) -> str:
    return f"{at.astimezone(BEIJING):%m-%d %H:%M}" if at else ""


def ago(at: datetime, now: datetime) -> str:
    """How long since `at`: "3 小时 12 分"."""
    minutes = max(0, int((now - at) / timedelta(minutes=1)))
    days, rest = divmod(minutes, 24 * 60)
    hours, minutes = divmod(rest, 60)
    if days:
        return f"{days} 天 {hours} 小时"
    return f"{hours} 小时 {minutes} 分" if hours else f"{minutes} 分"


def hurry(text: str) -> str:
    """A severity says how soon it is wanted: "客服 · P3 · 锁单" → "客服 · P3 今天内 · 锁单"."""
    return _SEVERITY.sub(lambda found: f"{found[0]} {_HURRY[found[0]]}", text)


def next_step(stage: Stage) -> str:
    """What people do with an order next and whose work it is, "审核（客服）"; "" where nothing is left to do."""
    for verb, permit in STEPS.items():
        if verb is not Verb.SEND_BACK and (stage, verb) in MOVES:
            return f"{permit.title}（{role_titles(permit.roles)}）"
    return ""
