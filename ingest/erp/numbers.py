"""Counts as ERPs write them: "50.0000", 50, null."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any, Final

from ingest.snapshot import Unreadable

_MOST: Final = 100_000_000


def whole(value: Any, label: str) -> int:
    """Whole pieces, fractions cut off; nothing is 0, less than nothing is told by some. Raises Unreadable."""
    if value is None or value == "":
        return 0
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        raise Unreadable(f"{label}不是数字")
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise Unreadable(f"{label}不是数字：{str(value)[:20]}") from None
    if not number.is_finite() or abs(number) > _MOST:
        raise Unreadable(f"{label}不合理：{str(value)[:20]}")
    return int(number)
