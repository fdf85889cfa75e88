"""Cells of tables that are handed out, as a spreadsheet shows them and does not compute them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

_FORMULA: Final = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r")


def harmless(cells: Iterable[Any]) -> list[Any]:
    """No formula that somebody wrote into a title or a code."""
    return [f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell for cell in cells]
