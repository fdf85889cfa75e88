"""What a typed line asks for. Tolerant of width, blanks and order; a change is never guessed, only suggested."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Final

from models.case import ALPHABET
from models.narrow import NARROW

_INVISIBLE: Final = dict.fromkeys((0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF))
_BETWEEN: Final = " \t\r\n,，、;；:：。"

_TAG: Final = re.compile(r"([A-Za-z]{2,5})[ \-_–—]*(20\d{6})[ \-_–—]*(\d{1,6})(?!\d)")
_DAY_NUMBER: Final = re.compile(r"(20\d{6})[\-_–—](\d{1,6})(?!\d)")
_PDD: Final = re.compile(r"\d{6}-\d{15}(?!\d)")
_PREFIX_NUMBER: Final = re.compile(r"([A-Za-z]{2,5})[\-_–—]?(\d{1,6})(?![\dA-Za-z_-])")
_PHONE: Final = re.compile(r"(?:\+?86[ -]?)?(1[3-9]\d[ -]?\d{4}[ -]?\d{4})(?!\d)")
_DIGITS: Final = re.compile(r"#?(\d{1,40})(?![\dA-Za-z])")
_OTHER: Final = re.compile(r"(?=[A-Za-z0-9_-]*\d)[A-Za-z0-9][A-Za-z0-9_-]{5,63}(?![A-Za-z0-9_-])")
_NAME: Final = re.compile(r"[\u4e00-\u9fff·]{2,8}")
_CODE: Final = re.compile(rf"([{ALPHABET}{ALPHABET.lower()}]{{4}})(?![A-Za-z0-9\-_])")

_CJK: Final = "\u4e00-\u9fff"
_GAP: Final = re.compile(rf"(?<=[{_CJK}]) +(?=[{_CJK}])")  # 审 核: as some keyboards write it

_LONGEST_NAME: Final = 12
_LIKE: Final = 80  # of 100: how alike two spellings must sound to be suggested


@dataclass(frozen=True, slots=True)
class Reference:
    """How somebody names an order. `kind`: tag, day_number (day and number), short (number of a tag, perhaps with a
    prefix), digits, phone, number (a platform's), name."""

    kind: str
    text: str
    prefix: str = ""
    day: str = ""
    number: int = 0

    @property
    def shown(self) -> str:
        """As it may be repeated in a group: a phone or a name is somebody's."""
        if self.kind == "phone":
            return f"{self.text[:3]}****{self.text[-4:]}"
        return self.text[0] + "**" if self.kind == "name" else self.text


@dataclass(frozen=True, slots=True)
class Asked:
    """A command's slug and what stands behind it. `code` is a case's short code, upper case."""

    slug: str
    rest: str
    code: str = ""


def normal(text: str) -> str:
    """Half-width, without invisible characters, trimmed."""
    return text.translate(NARROW).translate(_INVISIBLE).strip()


def as_typed(text: str, rest: str) -> str:
    """The end of `text` that became `rest`, with the punctuation of the person who typed it."""
    for start in range(len(text), -1, -1):
        if normal(text[start:]) == rest:
            return text[start:].strip()
    return rest


def read(text: str, names: Mapping[str, str], words: Mapping[str, tuple[str, str]]) -> Asked | None:
    """What `text` asks for, given every command's names → slug and every action's words, the longer ones first; None
    when it is no command."""
    line = normal(text)
    for found in (_by_code(line, words), _by_name(line, names)):
        if found is not None:
            return found
    known = reference(line)
    if known is None or known[0].kind == "name":
        return None
    behind = _by_name(known[1].lstrip(_BETWEEN), names)  # JD-20251222-001 审核
    if behind is not None:
        return Asked(behind.slug, f"{line[: len(line) - len(known[1])].rstrip(_BETWEEN)} {behind.rest}".strip())
    return Asked("find", line) if not known[1].strip(_BETWEEN) else None


def _by_code(line: str, words: Mapping[str, tuple[str, str]]) -> Asked | None:
    """A7F2 完成. Four digits alone are the end of a phone number, not a code."""
    found = code_in(line)
    if found is None:
        return None
    code, rest = found
    if code.isdigit() and case_verb(rest, words) is None:
        return None
    if code.isalpha() and rest and case_verb(rest, words) is None:
        return None  # a word of four letters
    return Asked("case", rest, code)


def code_in(line: str) -> tuple[str, str] | None:
    """The four characters at the start of `line`, upper case, that can be a case's code, and what follows."""
    found = _CODE.match(line)
    return (found.group(1).upper(), line[found.end() :].strip(_BETWEEN)) if found else None


def _by_name(line: str, names: Mapping[str, str]) -> Asked | None:
    found = _begins_with(line, names)
    return Asked(names[found[0]], found[1]) if found else None


def _begins_with(line: str, words: Iterable[str]) -> tuple[str, str] | None:
    """The first of `words` at the start of `line`, and what stands behind it. One written with gaps comes second:
    查 单晓明 asks for a person and is not 查单."""
    lower = line.lower()
    for word in words:
        if lower.startswith(word) and _ends_there(word, line[len(word) :]):
            return word, line[len(word) :].strip(_BETWEEN)
    if " " not in lower[:_LONGEST_NAME]:
        return None
    for word in words:
        found = _gappy(word).match(lower)
        if found is not None and _ends_there(word, line[found.end() :]):
            return word, line[found.end() :].strip(_BETWEEN)
    return None


def _ends_there(word: str, rest: str) -> bool:
    """helping is not help"""
    return not (word.isascii() and word.isalpha() and rest[:1].isalnum())


@cache
def _gappy(word: str) -> re.Pattern[str]:
    return re.compile(" *".join(map(re.escape, word)))


def reference(text: str) -> tuple[Reference, str] | None:
    """The order named at the start of `text`, and what stands behind it; None where none is named."""
    line = text.lstrip(_BETWEEN)
    for pattern, make in _READERS:
        found = pattern.match(line)
        if found is not None:
            return make(found), line[found.end() :]
    return None


def references(text: str) -> tuple[list[Reference], str]:
    """All orders named one after the other at the start of `text`, and the rest; names of people do not count."""
    found: list[Reference] = []
    rest = text
    while (next_one := reference(rest)) is not None and next_one[0].kind != "name":
        found.append(next_one[0])
        rest = next_one[1]
    return found, rest.strip(_BETWEEN)


def tag_in(text: str) -> str:
    """The first full tag anywhere in `text`, "" where there is none."""
    found = _TAG.search(normal(text))
    return tag(found[1], found[2], int(found[3])) if found else ""


def _digits(found: re.Match[str]) -> Reference:
    digits = found.group(1)
    return Reference("digits", digits, number=int(digits) if len(digits) <= 6 else 0)


_READERS: Final = (
    (_TAG, lambda m: Reference("tag", tag(m[1], m[2], int(m[3])))),
    (_PDD, lambda m: Reference("number", m[0])),
    (_DAY_NUMBER, lambda m: Reference("day_number", m[0], day=m[1], number=int(m[2]))),
    (_PREFIX_NUMBER, lambda m: Reference("short", m[0], prefix=m[1].upper(), number=int(m[2]))),
    (_PHONE, lambda m: Reference("phone", re.sub(r"\D", "", m[1]))),
    (_DIGITS, _digits),
    (_OTHER, lambda m: Reference("number", m[0])),
    (_NAME, lambda m: Reference("name", m[0])),
)


def tag(prefix: str, day: str, number: int) -> str:
    """TB-20251222-001"""
    return f"{prefix.upper()}-{day}-{number:03d}"


@dataclass(frozen=True, slots=True)
class CaseVerb:
    """An action's slug, its value, and what stands behind the word."""

    action: str
    value: str = ""
    rest: str = ""


def case_verb(rest: str, words: Mapping[str, tuple[str, str]]) -> CaseVerb | None:
    """What is to be done with a case, given each word → (action, value): "转 王五" → transfer, rest "王五"."""
    found = _begins_with(rest.replace("+ ", "+"), words)
    return CaseVerb(*words[found[0]], found[1]) if found else None


def day_in(text: str, today: date) -> date | None:
    """12-25, 12月25日, 2025-12-25, 25号: the next such day that is not over; None where there is none."""
    found = re.match(r"(?:(20\d\d)\s*[-/.年]\s*)?(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号]?$", text.strip())
    if found:
        year, month, day = found.groups()
        years = [int(year)] if year else [today.year, today.year + 1]
        return next((made for one in years if (made := _date(one, int(month), int(day))) and made >= today), None)
    found = re.match(r"(\d{1,2})\s*[号日]$", text.strip())
    if found is None:
        return None
    months = [(today.year + (today.month - 1 + ahead) // 12, (today.month - 1 + ahead) % 12 + 1) for ahead in range(3)]
    days = (_date(year, month, int(found.group(1))) for year, month in months)
    return next((made for made in days if made and made >= today), None)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def suggestion(text: str, names: Mapping[str, str]) -> str:
    """The command's name that the line's beginning sounds most like; "" where none does."""
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")  # 45 MB that tell 银行 from 行走; commands sound the same
    from pypinyin import lazy_pinyin
    from rapidfuzz import fuzz

    line = _GAP.sub("", normal(text))
    best, score = "", float(_LIKE)
    for name in names:
        head = line[: len(name)].lower()
        if not head or (name.isascii() != head.isascii() and not head.isascii()):
            continue
        spoken, wanted = "".join(lazy_pinyin(head)), "".join(lazy_pinyin(name))
        if head.isascii() and not name.isascii():
            spoken = re.match(r"[a-z]*", line.lower())[0]  # type: ignore[index]  # shenhe typed as letters
        ratio = fuzz.ratio(spoken, wanted)
        if ratio >= score and spoken:
            best, score = name, ratio
    return best


def warm() -> None:
    """Load what only a suggestion needs, before the first person mistypes and waits for it."""
    suggestion("审合", {"审核": "approve"})
