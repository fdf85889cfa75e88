"""Words that may begin a line, and the one that does."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Final, TypeVar

from handlers.parse.plain import behind

T = TypeVar("T")
_LONGEST_NAME: Final = 12


class Words(Mapping[str, T]):
    """Word → what it means, the longer first: 查一下 also begins with 查. Looked up by the first character, for every
    line that comes in is held against all of them. `short`: those that may be written by their initials (sh);
    `asking`: those that change nothing."""

    def __init__(self, meanings: Mapping[str, T], short: Iterable[str] = (), asking: Iterable[str] = ()) -> None:
        self.short, self.asking = frozenset(short), frozenset(asking)
        self._meanings = {word: meanings[word] for word in sorted(meanings, key=len, reverse=True)}
        self._beginning: dict[str, list[str]] = {}
        for word in self._meanings:
            self._beginning.setdefault(word[0], []).append(word)

    def __getitem__(self, word: str) -> T:
        return self._meanings[word]

    def __iter__(self) -> Iterator[str]:
        return iter(self._meanings)

    def __len__(self) -> int:
        return len(self._meanings)

    __hash__ = object.__hash__  # by which it may be remembered what was made of it

    def at(self, line: str) -> tuple[str, str] | None:
        """The word at the start of `line`, and what stands behind it. One written with gaps comes second: 查 单晓明
        asks for a person and is not 查单."""
        if not line:
            return None
        lower = line.lower()
        candidates = self._beginning.get(lower[0], ())
        for word in candidates:
            if lower.startswith(word) and _ends_there(word, line[len(word) :]):
                return word, behind(line[len(word) :])
        if " " not in lower[:_LONGEST_NAME]:
            return None
        for word in candidates:
            found = _gappy(word).match(lower)
            if found is not None and _ends_there(word, line[found.end() :]):
                return word, behind(line[found.end() :])
        return None


def _ends_there(word: str, rest: str) -> bool:
    """helping is not help"""
    return not (word.isascii() and word.isalpha() and rest[:1].isalnum())


@cache
def _gappy(word: str) -> re.Pattern[str]:
    return re.compile(" *".join(map(re.escape, word)))
