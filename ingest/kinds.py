"""Special order types by words. Words only suggest: a person confirms (domain sheet 1.3)."""

from __future__ import annotations

from typing import Final

from ingest.snapshot import Kind
from texts.order import mends

_PERHAPS: Final = {"reship": Kind.PERHAPS_RESHIP, "exchange": Kind.PERHAPS_EXCHANGE}


def by_words(memo: str | None) -> tuple[Kind, str]:
    """What the seller's memo suggests, with the evidence in Chinese; NORMAL and "" where it suggests nothing.

    The buyer's message is not asked: "不要漏发" is a wish and no evidence.
    """
    found = mends(memo) if memo else None
    if found is None:
        return Kind.NORMAL, ""
    return _PERHAPS[found[0]], f"备注提到“{found[1]}”"
