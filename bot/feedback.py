"""Whether the bot's answers are of use: what people say by the thumbs below them, counted by the month."""

from __future__ import annotations

from typing import Final

from sqlalchemy import text

from bot.channels.wecom_bot.parse import Feedback
from bot.router import once
from handlers.desk import Desk
from models.beijing import BEIJING

PLATFORM: Final = "wecom_bot"
KINDS: Final = {1: "有用", 2: "没用", 3: "收回"}
_ADD: Final = text("""
    INSERT INTO usage (platform, month, kind, used) VALUES (:platform, :month, :kind, 1)
    ON CONFLICT (platform, month, kind) DO UPDATE SET used = usage.used + 1
""")
_COUNTS: Final = text("SELECT kind, used FROM usage WHERE platform = :platform AND month = :month")


def keep(desk: Desk, told: Feedback) -> None:
    """Count it, a repeat of it not. The platform takes no answer."""
    kind = KINDS.get(told.kind)
    if kind is None:
        return

    def count() -> None:
        desk.session.execute(_ADD, {"platform": PLATFORM, "month": _month(desk), "kind": kind})

    once(desk, (PLATFORM, told.message_id), count)


def counts(desk: Desk) -> dict[str, int]:
    """What was said this month."""
    found = desk.session.execute(_COUNTS, {"platform": PLATFORM, "month": _month(desk)})
    return {row.kind: row.used for row in found}


def _month(desk: Desk) -> str:
    return f"{desk.now.astimezone(BEIJING):%Y-%m}"
