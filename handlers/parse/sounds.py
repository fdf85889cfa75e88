"""Names of commands by how they sound: for slips of the keyboard, for initials, for pinyin."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from handlers.parse.plain import normal, without_gaps
from handlers.parse.words import Words

ALIKE: Final = 80  # of 100: how alike two spellings must sound to be suggested
SAME: Final = 92  # and to be taken for it, where nothing can be changed by that

_OTHERWISE: Final = {"重": "chong", "行": "xing", "长": "chang", "调": "diao"}  # as commands say them


def suggestion(text: str, names: Mapping[str, str]) -> str:
    """The command's name that the line's beginning sounds most like; "" where none does."""
    found = similar(text, names)
    return found[0][1] if found else ""


def similar(text: str, names: Mapping[str, str]) -> list[tuple[float, str]]:
    """The names that the line's beginning sounds like, the most alike first, and how alike (of 100)."""
    from rapidfuzz import fuzz

    line = without_gaps(normal(text)).lower()
    letters = re.match(r"[a-z]*", line)
    typed = letters[0] if letters else ""
    found = []
    for place, name in enumerate(names):
        head = line[: len(name)]
        if not head or (name.isascii() != head.isascii() and not head.isascii()):
            continue
        said = typed if head.isascii() and not name.isascii() else pinyin(head)  # shenhe typed as letters
        ratio = fuzz.ratio(said, pinyin(name)) if said else 0.0
        if ratio >= (ALIKE if len(name) > 1 else SAME):  # 好 is not 找
            found.append((-ratio, -place, name))
    return [(-ratio, name) for ratio, _, name in sorted(found)]


def spelt(letters: str, names: Words[str]) -> list[str]:
    """The names whose whole pinyin `letters` are, or whose initials where they have any. Where the initials may mean a
    change, every name that is written so counts, for then it must be asked which: cx is 撤销, and 查询."""
    wanted = letters.lower()
    alike = [name for name in names if not name.isascii() and len(name) > 1 and wanted == initials(name)]
    short = [name for name in alike if name in names.short]
    meant = alike if any(name not in names.asking for name in short) else short
    return [name for name in names if not name.isascii() and (name in meant or wanted == pinyin(name))]


@lru_cache(maxsize=4096)
def pinyin(words: str) -> str:
    """审核 → shenhe; what is no Chinese stays."""
    return "".join(_syllables(words))


@lru_cache(maxsize=1024)
def initials(words: str) -> str:
    """审核 → sh"""
    return "".join(syllable[:1] for syllable in _syllables(words))


def _syllables(words: str) -> list[str]:
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")  # 45 MB that tell 银行 from 行走; commands sound the same
    from pypinyin import lazy_pinyin

    return [_OTHERWISE.get(letter) or lazy_pinyin(letter)[0] for letter in words]


def warm(names: Mapping[str, str] | None = None) -> None:
    """Load what only a suggestion needs, before the first person mistypes and waits for it."""
    suggestion("审合", names or {"审核": "approve"})
