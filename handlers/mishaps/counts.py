"""Where goods went wrong, counted over a time: for the day's report and the week's."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import text

from handlers.desk import Desk
from handlers.mishaps.registering import KIND

_COUNT: Final = text("""
    SELECT coalesce(evidence ->> 'cause', '') AS cause, count(*) AS times FROM cases
    WHERE kind = :kind AND solved_at >= :from_at AND solved_at < :to_at AND state = 'solved'
    GROUP BY 1 ORDER BY 2 DESC, 1
""")
_UNNAMED: Final = "原因未填"


def causes(desk: Desk, from_at: datetime, to_at: datetime) -> tuple[tuple[str, int], ...]:
    """Cause and how often, the most frequent first, of what was settled in that time and was really so."""
    rows = desk.session.execute(_COUNT, {"kind": KIND, "from_at": from_at, "to_at": to_at})
    return tuple((row.cause or _UNNAMED, row.times) for row in rows)


def line(desk: Desk, from_at: datetime, to_at: datetime) -> str:
    """错发少件破损 9 件：漏拣 5，快递 4; "" where there was none."""
    found = causes(desk, from_at, to_at)
    if not found:
        return ""
    return f"错发少件破损 {sum(times for _, times in found)} 件：" + "，".join(
        f"{name} {times}" for name, times in found
    )
