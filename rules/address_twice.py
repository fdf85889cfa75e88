"""Two addresses in one text: nobody can tell where the parcel is meant to go."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from texts.divisions import Division, division_in

TWICE: Final = "写了两个地址，不知寄到哪个"
_OR: Final = re.compile(r"或者?是?|还是|要么|不然就?")
_NEXT: Final = re.compile(r"或者?是?|还是|要么|[/,;、。|()\[\] ]+")
_LEAD: Final = 6  # 周末寄到 before the second one
_STREET: Final = re.compile(r"[\u4e00-\u9fff](?:路|街(?!道)|大道|道|巷|胡同|弄|村|小区|花园|苑)[^,;。/]{0,6}?\d")


def two_places(detail: str, first: tuple[str, str, str]) -> bool:
    """Whether a second whole address, in another place than `first` (province, city, district), stands in `detail`, or
    a second street behind an 或者."""
    if not _STREET.search(detail) and not _NEXT.search(detail):
        return False
    return any(_elsewhere(piece, first) for piece in _pieces(detail)) or _another_street(detail)


def _pieces(detail: str) -> Iterator[str]:
    for gap in _NEXT.finditer(detail):
        yield detail[gap.end() :]


def _elsewhere(piece: str, first: tuple[str, str, str]) -> bool:
    second = division_in(piece[:60])
    if second is None or second.start > _LEAD or not _STREET.search(piece, second.end) or not _sure(second, piece):
        return False
    levels = zip(first, (second.province, second.city, second.district), strict=True)
    return any(mine and theirs and mine != theirs for mine, theirs in levels)


def _sure(second: Division, piece: str) -> bool:
    """Two names or a whole one: 上海路 and 杭州小区 are none."""
    named = piece[second.start : second.end]
    return not second.shared and bool(re.search(r"[省市区县旗州盟]$", named))


def _another_street(detail: str) -> bool:
    gap = _OR.search(detail)
    if gap is None:
        return False
    return all(_STREET.search(part) for part in (detail[: gap.start()], detail[gap.end() :]))
