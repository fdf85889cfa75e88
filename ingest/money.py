"""Money and counts from a platform's text or JSON number. Decimals only: a binary float never sees money."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any, Final

from ingest.snapshot import Unreadable

MOST_YUAN: Final = 1_000_000_000
MOST_PIECES: Final = 1_000_000
_USUAL: Final = re.compile(r"[0-9]{1,9}\.[0-9][0-9]").fullmatch


def fen(value: Any, label: str) -> int:
    """Integer fen of a price in yuan. Nothing, no number, less than 0 or over 10⁹ yuan: Unreadable naming `label`."""
    if type(value) is str and _USUAL(value):
        return int(value[:-3] + value[-2:])
    yuan = _number(value, label)
    if not 0 <= yuan <= MOST_YUAN:
        raise Unreadable(f"{label}不合理：{_shown(value)}")
    return int((yuan * 100).to_integral_value(ROUND_HALF_UP))


def fen_or_zero(value: Any, label: str) -> int:
    """Like `fen`; 0 where the platform says nothing."""
    return 0 if value is None or value == "" else fen(value, label)


def whole_fen(value: Any, label: str) -> int:
    """Like `fen`, of a price that the platform tells in fen."""
    if type(value) is int and 0 <= value <= MOST_YUAN * 100:
        return value
    told = _number(value, label)
    if not 0 <= told <= MOST_YUAN * 100 or told != told.to_integral_value():
        raise Unreadable(f"{label}不合理：{_shown(value)}")
    return int(told)


def whole_fen_or_zero(value: Any, label: str) -> int:
    """Like `whole_fen`; 0 where the platform says nothing."""
    return 0 if value is None or value == "" else whole_fen(value, label)


def pieces(value: Any, label: str) -> int:
    """A whole number from 1 to a million. Raises Unreadable naming `label`."""
    if type(value) is int and 1 <= value <= MOST_PIECES:
        return value
    number = _number(value, label)
    if not 1 <= number <= MOST_PIECES or number != number.to_integral_value():
        raise Unreadable(f"{label}不合理：{_shown(value)}")
    return int(number)


def shares(total: int, weights: Sequence[int]) -> list[int]:
    """`total` divided by `weights`, adding up exactly: the last share carries what rounding leaves."""
    if not weights:
        return []
    whole = sum(weights)
    parts = [total * weight // whole if whole else total // len(weights) for weight in weights]
    parts[-1] += total - sum(parts)
    return parts


def _number(value: Any, label: str) -> Decimal:
    if value is None or value == "":
        raise Unreadable(f"缺少{label}")
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        raise Unreadable(f"{label}不是数字：{_shown(value)}")
    try:
        number = Decimal(value)
    except (InvalidOperation, ValueError):
        raise Unreadable(f"{label}不是数字：{_shown(value)}") from None
    if not number.is_finite():
        raise Unreadable(f"{label}不是数字：{_shown(value)}")
    return number


def _shown(value: Any) -> str:
    return str(value)[:20]
