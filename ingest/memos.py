"""How every marketplace's memo for the seller is written: read, add, write, and after a lost reply read again.

Platforms overwrite the whole memo, so what stands there is always written back with the line that is added.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from ingest.source import Action, Memo, PlatformError, WriteBackRefused

_JOINT: Final = "；"  # not a line break: some platforms make blanks of those, and the line would not be found again
_EDGE: Final = r"\s*[；;\n]\s*"


@dataclass(frozen=True, slots=True)
class Standing:
    """What the platform shows now. `flag` None: it does not tell."""

    text: str
    flag: int | None

    def bears(self, memo: Memo) -> bool:
        return self._has(memo.line) and memo.flag in (None, self.flag)

    def with_line(self, line: str) -> str:
        if self._has(line):
            return self.text
        return f"{self.text.rstrip()}{_JOINT}{line}" if self.text.strip() else line

    def _has(self, line: str) -> bool:
        """Whether it stands there as a whole; "加固" does not stand in "加固包装"."""
        words = r"\s+".join(re.escape(word) for word in line.split())
        return re.search(rf"(?:^|{_EDGE}){words}(?:{_EDGE}|$)", self.text.strip()) is not None


@dataclass(frozen=True, slots=True)
class Limit:
    """How long a platform's memo may be; `length` counts as the platform does."""

    platform: str
    most: int
    unit: str
    length: Callable[[str], int] = len


def note(memo: Memo, limit: Limit, look: Callable[[], Standing], write: Callable[[str, int | None], None]) -> str:
    """ "confirmed", or "already" where line and flag stood there. `write` gets the whole text and the flag that is to
    stand, None where neither memo nor platform tells one. Raises WriteBackRefused or PlatformError."""
    before = _looked(look)
    if before.bears(memo):
        return "already"
    text = before.with_line(memo.line)
    if limit.length(text) > limit.most:
        raise WriteBackRefused(
            f"{limit.platform}的备注最多 {limit.most} {limit.unit}，加上这一条就超了，请先到平台上删短"
        )
    try:
        write(text, before.flag if memo.flag is None else memo.flag)
    except PlatformError as error:
        return _after(error, memo, look)
    return "confirmed"


def _after(error: PlatformError, memo: Memo, look: Callable[[], Standing]) -> str:
    """A lost reply may have done its work."""
    if error.resolution.action is Action.RETRY and _looked(look).bears(memo):
        return "confirmed"
    if error.resolution.action is Action.PARK:
        raise _refused(error) from error
    raise error


def _looked(look: Callable[[], Standing]) -> Standing:
    try:
        return look()
    except PlatformError as error:
        if error.resolution.action is not Action.PARK:
            raise
        raise _refused(error) from error


def _refused(error: PlatformError) -> WriteBackRefused:
    return WriteBackRefused(f"{error.resolution.text}：{error.message}")
