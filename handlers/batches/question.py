"""What a question about many orders says: how they were named, how much money, since when, and what is left out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Row

from handlers.batches.choose import Chosen, Left

_EXAMPLES: Final = 3


def said(chosen: Chosen, doubts: Sequence[str]) -> dict[str, Any]:
    """What is kept of it, for whoever shows it. There is at least one order."""
    oldest: Row[Any] = min(chosen.rows, key=lambda row: (row.stage_entered_at, row.id))
    return {
        "scope": chosen.scope, "fen": sum(row.paid_fen for row in chosen.rows), "oldest": oldest.tag,
        "oldest_at": oldest.stage_entered_at.isoformat(), "left": grouped(chosen.left), "doubts": list(doubts),
    }  # fmt: skip


def grouped(left: Sequence[Left]) -> list[tuple[str, int, list[str]]]:
    """(kind of reason, how many, the first of them); of few the reason is whole."""
    whole = len(left) <= _EXAMPLES
    found: dict[str, list[str]] = {}
    for one in left:
        found.setdefault(one.why if whole else one.why.partition("：")[0], []).append(one.name)
    by_size = sorted(found.items(), key=lambda kind: -len(kind[1]))
    return [(why, len(names), names[:_EXAMPLES]) for why, names in by_size]
