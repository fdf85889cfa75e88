"""`反馈`: what people said of answers by the thumbs below them, by the command that was answered, of the last days."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

from sqlalchemy import text

from handlers.desk import Desk
from handlers.wording import day_of

PLATFORM: Final = "wecom_bot"
USEFUL: Final = "有用"
USELESS: Final = "没用"
WITHDRAWN: Final = "收回"

# Counted in the platform's months, a kind for each verdict, day and command: "有用 2025-12-22 看板".
_ADD: Final = text("""
    INSERT INTO usage (platform, month, kind, used) VALUES (:platform, :month, :kind, 1)
    ON CONFLICT (platform, month, kind) DO UPDATE SET used = usage.used + 1
""")
_COUNTS: Final = text("SELECT kind, used FROM usage WHERE platform = :platform AND month BETWEEN :first AND :last")


def keep(desk: Desk, verdict: str, command: str) -> None:
    """`command`: the name of the one that was answered, "" where it was none."""
    day = day_of(desk.now)
    values = {"platform": PLATFORM, "month": f"{day:%Y-%m}", "kind": f"{verdict} {day.isoformat()} {command}".rstrip()}
    desk.session.execute(_ADD, values)


def counts(desk: Desk, days: int) -> Mapping[str, Counter[str]]:
    """Of today and the days before it, `days` in all: command's name → verdict → how often."""
    today = day_of(desk.now)
    first = today - timedelta(days=days - 1)
    values = {"platform": PLATFORM, "first": f"{first:%Y-%m}", "last": f"{today:%Y-%m}"}
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for row in desk.session.execute(_COUNTS, values):
        verdict, _, behind = row.kind.partition(" ")
        day, _, command = behind.partition(" ")
        if day and first <= date.fromisoformat(day) <= today:
            found[command][verdict] += row.used
    return found
