"""Several wishes in one message. Only the first is read, so the others must not end up as its reason or its note."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from handlers.parse.line import case_verb, code_in, names_one
from handlers.parse.naming import Reference, leading, references
from handlers.parse.plain import BETWEEN, normal
from handlers.parse.words import Words

_GAP: Final = re.compile(rf"[{BETWEEN}]*(?:以及|还有|加上|和|跟|与|及|/|\+|&)?[{BETWEEN}]*")
_JOINS: Final = re.compile(r"[、;；\n和跟与及还加/+&]")  # a comma also stands before a reason: TB-001，138 元没付
_WHOLE: Final = re.compile(r"$|[\s,，、;；:：和跟与及/]")
_LONG: Final = 12  # figures: a platform's number, whatever it stands beside
_PLATFORM: Final = re.compile(r"\d{6}-\d{15}")


@dataclass(frozen=True, slots=True)
class Known:
    """What may begin a wish: every command's names, every action's words, the prefixes of the shops."""

    names: Words[str]
    words: Words[tuple[str, str]]
    prefixes: Collection[str]


def another(behind: str, prefixes: Collection[str]) -> Reference | None:
    """The order that is named right behind a first one; None where `behind` begins with words, a count, a phone or the
    number of a house."""
    gap = _GAP.match(behind)
    assert gap is not None  # it may be empty
    rest = behind[gap.end() :]
    found = leading(rest)
    if found is None or not _WHOLE.match(found[1]):
        return None
    return found[0] if _is_order(found[0], gap[0], prefixes) else None


def _is_order(one: Reference, gap: str, prefixes: Collection[str]) -> bool:
    if one.kind in ("tag", "day_number"):
        return True
    if one.kind == "short":
        return one.prefix in prefixes or (bool(one.platform) and _JOINS.search(gap) is not None)
    if one.kind == "number":
        return _PLATFORM.fullmatch(one.text) is not None or "、" in gap
    if one.kind != "digits":
        return False
    zeros = one.text.startswith("0") and len(one.text) == 3
    return zeros or len(one.text) >= _LONG or (len(one.text) >= 3 and _JOINS.search(gap) is not None)


def code_behind(words: str, code: str) -> str:
    """The other short code with which `words` begin, "" where there is none; in small letters it is a word."""
    found = code_in(words.lstrip(BETWEEN))
    if found is None or found[0] == code or found[0].isdigit():
        return ""
    return found[0] if found[0] in words or not found[0].isalpha() else ""


def wishes(rest: str, known: Known, *, words_behind: bool) -> list[str]:
    """The lines of `rest`, from the second on, that are wishes of their own. `words_behind`: of the first wish words
    are kept (备注, 锁定), so that an order's number that follows them on a new line begins another."""
    lines = [line for line in map(str.strip, normal(rest).splitlines()) if line]
    said, found = _says_more(lines[0]) if lines else False, []
    for line in lines[1:]:
        if _begins(line, known) or (words_behind and said and _order_at(line, known.prefixes)):
            found.append(line)
        said = said or _says_more(line)
    return found


def _begins(line: str, known: Known) -> bool:
    named = known.names.at(line)
    if named is not None and names_one(named[1]):
        return True
    code = code_in(line)
    if code is not None and (case_verb(code[1], known.words) is not None or _is_code(code, line)):
        return True
    verb = known.words.at(line)
    return verb is not None and code_behind(verb[1], "") != ""


def _is_code(code: tuple[str, str], line: str) -> bool:
    """A bare one, with letters and figures."""
    return not code[1] and not code[0].isalpha() and not code[0].isdigit() and code[0] in line


def _order_at(line: str, prefixes: Collection[str]) -> bool:
    found = leading(line)
    return found is not None and (found[0].kind in ("tag", "day_number") or found[0].prefix in prefixes)


def _says_more(line: str) -> bool:
    """Whether it has words, and not orders alone."""
    return references(line, many=True)[1] != ""
