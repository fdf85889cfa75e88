"""How much of each column a page shows: `/board?pending_review=100`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

from handlers.columns import SHOWN, Column
from models.stages import OPEN, Stage

MOST: Final = 500


def sizes(asked: Mapping[str, str]) -> dict[Stage, int]:
    """What the address asks for, within reason."""
    return {stage: _size(asked.get(stage, "")) for stage in OPEN}


def _size(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > 6:
        return SHOWN
    return min(max(int(text), SHOWN), MOST)


def more(shown: Mapping[Stage, int], column: Column) -> str:
    """The address of the same board with more of `column`, at its first new entry; "" where a page is full."""
    size = shown[column.stage]
    if size >= MOST:
        return ""
    wanted = {**shown, column.stage: size + SHOWN}
    query = urlencode({str(stage): number for stage, number in wanted.items() if number != SHOWN})
    return f"/board?{query}#{column.stage}-{size + 1}"
