"""What a line's after-sale means (reference sheet 6, 12)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from ingest.fields import text
from ingest.snapshot import Kind

Row = Mapping[str, Any]

_EXCHANGE, _PRICE_PROTECTION, _RESHIP, _REPAIR = "3", "6", "7", "8"
_NO_REFUND: Final = frozenset({_EXCHANGE, _PRICE_PROTECTION, _RESHIP, _REPAIR})
_NONE: Final = frozenset({"", "0"})
_FAILED: Final = "28"
_REFUSED: Final = frozenset({"27", "29"})
_GRANTED: Final = frozenset({"12", "51", "53"})

_KINDS: Final = {_EXCHANGE: (Kind.EXCHANGE, "换货"), _RESHIP: (Kind.RESHIP, "补寄")}


def refund_of(line: Row) -> str:
    """ "", asked, refused or refunded. A state that nobody has written down counts as asked: such a line stays."""
    state, sort = _after_sale(line)
    if state in _NONE or state == _FAILED or sort in _NO_REFUND:
        return ""
    if state in _REFUSED:
        return "refused"
    return "refunded" if state in _GRANTED else "asked"


def overlay(of_lines: Sequence[str]) -> str:
    """The order's from its lines': an open question first, then how much is refunded."""
    if "asked" in of_lines or "refused" in of_lines:
        return "asked"
    if "refunded" not in of_lines:
        return ""
    return "refunded" if set(of_lines) == {"refunded"} else "part"


def kind_of(lines: Sequence[Row]) -> tuple[Kind, str]:
    """Exchange or reship with the evidence in Chinese; NORMAL and "" where no line is either."""
    for line in lines:
        state, sort = _after_sale(line)
        if sort in _KINDS and state not in _NONE and state != _FAILED:
            kind, words = _KINDS[sort]
            return kind, f"平台售后类型 {sort}（{words}），状态 {state[:8]}"
    return Kind.NORMAL, ""


def _after_sale(line: Row) -> tuple[str, str]:
    """State and type, "" where there is none."""
    told = line.get("after_sale_info")
    if not isinstance(told, dict):
        return "", ""
    return text(told.get("after_sale_status")), text(told.get("after_sale_type"))
