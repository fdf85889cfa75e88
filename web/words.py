"""How the board says money and time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

_BEIJING: Final = ZoneInfo("Asia/Shanghai")


def yuan(fen: int) -> str:
    return f"¥{fen / 100:,.2f}"


def moment(at: datetime | None) -> str:
    return f"{at.astimezone(_BEIJING):%m-%d %H:%M}" if at else ""


def ago(at: datetime, now: datetime) -> str:
    """How long since `at`: "3 小时 12 分"."""
    minutes = max(0, int((now - at) / timedelta(minutes=1)))
    days, rest = divmod(minutes, 24 * 60)
    hours, minutes = divmod(rest, 60)
    if days:
        return f"{days} 天 {hours} 小时"
    return f"{hours} 小时 {minutes} 分" if hours else f"{minutes} 分"
