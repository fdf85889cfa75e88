"""One spelling of what people type: half width, simplified characters, nothing invisible. `traditional.txt` holds pairs
of a traditional character and its simplified one; characters that simplified texts use as well are not in it."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Final

from models.narrow import NARROW

_PAIRS: Final = Path(__file__).with_name("traditional.txt")
_INVISIBLE: Final = dict.fromkeys((0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0xFE0F))
_PICTURES: Final = re.compile("[\U0001f000-\U0001faff\u2600-\u26ff\u2702-\u27bf]+")
_CIRCLED: Final = {0x2460 + place: str(place + 1) for place in range(20)}


@cache
def _table() -> dict[int, int | str | None]:
    letters = _PAIRS.read_text(encoding="utf-8").replace("\n", "")
    simpler: dict[int, int | str | None] = {
        ord(old): ord(new) for old, new in zip(letters[::2], letters[1::2], strict=True)
    }
    return {**simpler, **NARROW, **_INVISIBLE, **_CIRCLED}


@cache
def _odd() -> re.Pattern[str]:
    return re.compile(f"[{re.escape(''.join(map(chr, _table())))}]")


def plain(text: str) -> str:
    """The text in one spelling; line breaks and pictures have become blanks, blanks are single."""
    if _odd().search(text):  # seldom, and looking is faster than translating
        text = text.translate(_table())
    return " ".join(_PICTURES.sub(" ", text).split())
