"""Platform times: Beijing wall clock without an offset, or epoch numbers; inside they are always aware."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from ingest.snapshot import Unreadable
from models.beijing import BEIJING


def moment(value: Any, label: str) -> datetime | None:
    """The moment that a platform means; None for nothing, and for year 1, which is JD's "no value".

    Accepts "2026-03-01 09:58:12", epoch seconds and milliseconds. Raises Unreadable naming `label`.
    """
    if not value or value == "0":
        return None
    if type(value) is str and not value.isdecimal():
        return _from_text(value, label)
    return _from_epoch(value, label)


def required_moment(value: Any, label: str) -> datetime:
    """Like `moment`; nothing is Unreadable too."""
    found = moment(value, label)
    if found is None:
        raise Unreadable(f"缺少{label}")
    return found


def beijing_text(at: datetime) -> str:
    """ "2026-03-01 09:58:12", as platforms want it."""
    return at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")


def end_of_day(day: date) -> datetime:
    """The moment at which the day is over in Beijing."""
    return datetime.combine(day + timedelta(days=1), time(), BEIJING)


def _from_text(value: str, label: str) -> datetime | None:
    try:
        found: datetime | None = datetime.fromisoformat(value)
    except ValueError:
        found = _loose(value, label)
    if found is None:
        return None
    if found.year < 1971:
        return None
    if found.year > 2100:
        raise Unreadable(f"{label}不合理：{value[:20]}")
    return found if found.tzinfo else found.replace(tzinfo=BEIJING)


def _loose(value: str, label: str) -> datetime | None:
    """Blanks around the text, or nothing but blanks."""
    compact = value.strip()
    if not compact:
        return None
    try:
        return datetime.fromisoformat(compact)
    except ValueError:
        raise Unreadable(f"{label}看不懂：{value[:20]}") from None


def _from_epoch(value: Any, label: str) -> datetime:
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        raise Unreadable(f"{label}看不懂")
    try:
        seconds = int(value)
        if seconds > 10**11:  # milliseconds
            seconds //= 1000
        found = datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError, ArithmeticError):
        raise Unreadable(f"{label}看不懂：{str(value)[:20]}") from None
    if not 1971 <= found.year <= 2100:
        raise Unreadable(f"{label}不合理：{str(value)[:20]}")
    return found
