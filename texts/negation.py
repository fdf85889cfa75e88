"""Words that are meant, and words that somebody says no to: 不用补发 asks for no reship. A question (要不要补发) is no
no."""

from __future__ import annotations

import re
from typing import Final

# What may stand between the no and the word: 不用再给他补发. Anything else may begin another thought.
_BETWEEN: Final = (
    "需要|用|要|需|必|能|可以|可|想|会|是|准|许|有|再|给|帮|我|他|她|你|客户|急着|安排|做|搞|弄|什么|任何|这个|那么|太"
)
_FAR: Final = 14  # letters before a word in which its no can begin
_NO: Final = re.compile(
    rf"(?:(?<![要能是可会得用])不|(?<![特分个级类差区判识性告])别|勿|没|未|非|无)(?:{_BETWEEN}){{0,4}}\s*$"
)


def first_meant(words: re.Pattern[str], text: str) -> re.Match[str] | None:
    """The first of `words` in `text` that nobody says no to."""
    for found in words.finditer(text):
        if _NO.search(text, max(0, found.start() - _FAR), found.start()) is None:
            return found
    return None
