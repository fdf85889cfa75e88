"""Special order types by words. Words only suggest: a person confirms (domain sheet 1.3)."""

from __future__ import annotations

import re
from typing import Final

from ingest.snapshot import Kind

_WORDS: Final = {
    "补发": Kind.PERHAPS_RESHIP,
    "补寄": Kind.PERHAPS_RESHIP,
    "漏发": Kind.PERHAPS_RESHIP,
    "重发": Kind.PERHAPS_RESHIP,
    "换货": Kind.PERHAPS_EXCHANGE,
    "换码": Kind.PERHAPS_EXCHANGE,
    "换色": Kind.PERHAPS_EXCHANGE,
}
_ANY: Final = re.compile("|".join(_WORDS)).search


def by_words(memo: str | None) -> tuple[Kind, str]:
    """What the seller's memo suggests, with the evidence in Chinese; NORMAL and "" where it suggests nothing.

    The buyer's message is not asked: "不要漏发" is a wish and no evidence.
    """
    found = _ANY(memo) if memo else None
    if found is None:
        return Kind.NORMAL, ""
    return _WORDS[found.group()], f"备注提到“{found.group()}”"
