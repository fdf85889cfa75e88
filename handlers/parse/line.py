"""What a typed line asks for. Tolerant of width, blanks, order, politeness and dictation; a change is never guessed."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Final

from handlers.parse import doubt, sounds, spoken
from handlers.parse.chatter import without_chatter
from handlers.parse.naming import Reference, leading, reference, references, tags_in, without_label
from handlers.parse.plain import BETWEEN, ENDS, bare, normal
from handlers.parse.words import Words
from models.case import ALPHABET

_CODE: Final = re.compile(rf"[【\[「『(“\"`]?([{ALPHABET}{ALPHABET.lower()}]{{4}})(?![A-Za-z0-9\-_])[】\]」』)”\"`]?")
_APART: Final = re.compile(
    r"(?:[A-Za-z0-9] ){3}[A-Za-z0-9](?![A-Za-z0-9\-_]| [A-Za-z0-9](?![A-Za-z0-9]))"
)  # A 7 F 2: said
_PREFIX: Final = re.compile(r"([A-Z]{2,3})(\d{1,2})")
# A short code as cards show it: behind a dot, in brackets, before the verbs; a bare one has letters and figures.
_SHOWN_CODE: Final = re.compile(
    rf"(?:[·•] ?|[（(]|回复 ?[“「`]?|短码:? ?|`)([{ALPHABET}]{{4}})(?![A-Za-z0-9\-_])"
    rf"|(?<![A-Za-z0-9\-_])(?=[A-Z]*\d)(?=\d*[A-Z])([{ALPHABET}]{{4}})(?![A-Za-z0-9\-_])"
)
_OTHER_CODE: Final = re.compile(
    r"批\d{1,12}|规则\d{1,9}|建议\d{1,9}|交接\d{1,12}|请假\d{1,12}(?![\d\-.:/年月号日天个小点])|对账 \d\d-\d\d"
)
_LISTING: Final = ("交接", "请假")  # their cards name matters that they are not about
_LISTED: Final = re.compile(r"\s*(?:[-*·•✓✗○]|\d+[.、])\s*")
_HEAD_LINES: Final = 3
_OF_IT: Final = re.compile(r"[ 的]*(?:订单|单子|单|那单|这单)?[ 。]*")
# What stands before a code in the hints of cards, and is copied with it: 回复 A7F2 完成, 请发：A7F2 强制 原因.
_COPIED: Final = re.compile(
    r"(?:可以|也可以|请|可)?(?:直接)?(?:回复[: ]*(?:短码)?|短码|发:)[: ]*"
    rf"(?=[{ALPHABET}{ALPHABET.lower()}]{{4}}(?![A-Za-z0-9\-_]))"
)
_HOW_IT_IS: Final = ("", "进度", "进展", "详情")
_ORDER_VERBS: Final = frozenset(("tag", "short", "day_number", "number"))


@dataclass(frozen=True, slots=True)
class Asked:
    """A command's slug and what stands behind it. `code` is a case's short code, upper case. `named`: the command was
    named, and not only an order; `letters`: those at its start, by which it was read (sh 001, JD 001). `guess`: how a
    misspelt question was understood; never set for a change."""

    slug: str
    rest: str
    code: str = ""
    named: bool = field(default=True, compare=False)
    letters: str = field(default="", compare=False)
    guess: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class CaseVerb:
    """An action's slug, its value, and what stands behind the word."""

    action: str
    value: str = ""
    rest: str = ""


def read(text: str, names: Words[str], words: Words[tuple[str, str]]) -> Asked | None:
    """What `text` asks for, given every command's names → slug and every action's words; None when it is no command."""
    line = normal(text)
    if copied := _COPIED.match(line):
        line = line[copied.end() :]
    found = _exact(line, names, words)
    if found is not None:
        return found
    wish = spoken.beside_letters(_together(bare(line)))
    found = _exact(wish, names, words) if wish and wish != line else None
    return found or _by_letters(wish, names)


def _exact(line: str, names: Words[str], words: Words[tuple[str, str]]) -> Asked | None:
    for found in (_by_code(line, words), _by_name(line, names)):
        if found is not None:
            return found
    known = reference(line)
    if known is None or known[0].kind == "name":
        return _behind_many(line, names) or _behind_apart(line, words) or _labelled(line) or _before_code(line, words)
    return _behind_orders(line, known, names, words)


def _by_code(line: str, words: Words[tuple[str, str]]) -> Asked | None:
    """A7F2 完成. Four digits alone are the end of a phone number, not a code."""
    found = code_in(line)
    if found is None:
        return None
    code, rest = found
    acts = words.at(rest.replace("+ ", "+")) is not None
    if code.isdigit() and not acts:
        return None
    asks = not acts and without_chatter(rest) in _HOW_IT_IS
    if code.isalpha() and rest and not acts and not (asks and line.startswith(code)):
        return None  # a word of four letters
    return Asked("case", "" if asks else rest, code)


def code_in(line: str) -> tuple[str, str] | None:
    """The four characters at the start of `line`, upper case, that can be a case's code, and what follows."""
    found = _CODE.match(line)
    return (found.group(1).upper(), line[found.end() :].strip(BETWEEN)) if found else None


def _together(line: str) -> str:
    found = _APART.match(line)
    return found[0].replace(" ", "") + line[found.end() :] if found else line


def _before_code(line: str, words: Words[tuple[str, str]]) -> Asked | None:
    """完成 A7F2, 忽略 A7F2 误报: the code behind the verb."""
    verb = words.at(line)
    found = code_in(verb[1]) if verb is not None else None
    if verb is None or found is None or found[0].isdigit():
        return None
    if found[0].isalpha() and found[0] not in verb[1]:  # in small letters it is a word
        return None
    said = f"{verb[0]} {found[1]}".strip()
    return Asked("case", said, found[0]) if case_verb(said, words) is not None else None


def like_a_tag(code: str, prefixes: Collection[str]) -> str:
    """TB23 → TB-23, where orders of a shop are called TB; "" for what can only be a code."""
    found = _PREFIX.fullmatch(code)
    return f"{found[1]}-{found[2]}" if found is not None and found[1] in prefixes else ""


def code_shown(quoted: str) -> str:
    """The short code on a quoted card, "" where there is none."""
    found = _SHOWN_CODE.search(normal(quoted))
    return (found[1] or found[2]) if found else ""


def _by_name(line: str, names: Words[str]) -> Asked | None:
    found = names.at(line)
    return Asked(names[found[0]], found[1]) if found else None


def _behind_orders(
    line: str, known: tuple[Reference, str], names: Words[str], words: Words[tuple[str, str]]
) -> Asked | None:
    """JD-20251222-001 审核; 001 002 审核; JD-20251222-001 完成; numbers alone ask for their orders."""
    first, rest = known[0], known[1].lstrip(ENDS)
    if not rest:
        return Asked("find", line, named=False)
    if (behind := _by_name(rest, names)) is not None:
        return _before(line, rest, behind)
    acts = first.kind in _ORDER_VERBS or (first.kind == "digits" and len(first.text) <= 3)
    if acts and case_verb(rest, words) is not None:
        return Asked("order", line, named=False)
    several, rest = references(line, many=True)
    if not rest:
        numbers = not any(one.kind in ("shop", "all") for one in several)
        return Asked("find", line, named=False) if numbers else None
    behind = _by_name(rest, names)
    return None if behind is None else _before(line, rest, behind)


def _behind_many(line: str, names: Words[str]) -> Asked | None:
    """全部 审核, 京东的 审核."""
    several, rest = references(line, many=True)
    behind = _by_name(rest, names) if several and rest else None
    return None if behind is None else _before(line, rest, behind)


def _behind_apart(line: str, words: Words[tuple[str, str]]) -> Asked | None:
    """JD 001 完成."""
    found = leading(line)
    acts = found is not None and found[0].kind == "short" and case_verb(found[1].lstrip(ENDS), words) is not None
    return Asked("order", line, named=False) if acts else None


def _labelled(line: str) -> Asked | None:
    """尾号1234, 手机 13800001234."""
    named = without_label(line)
    found = reference(named) if named != line else None
    if found is None or found[0].kind == "name" or not _OF_IT.fullmatch(found[1]):
        return None
    return Asked("find", named[: len(named) - len(found[1])], named=False)


def _before(line: str, rest: str, behind: Asked) -> Asked:
    """The orders that stood before the command's name, put behind it."""
    orders = line[: line.rindex(rest)].rstrip(BETWEEN)
    return Asked(behind.slug, f"{orders} {behind.rest}".strip())


def _by_letters(line: str, names: Words[str]) -> Asked | None:
    """sh 001, shenhe 001: a command's name by its initials or its pinyin, where only one is written so. A shop's prefix
    may look the same: that is for whoever knows the shops."""
    found = letters_in(line)
    meant = {names[name] for name in sounds.spelt(found[0], names)} if found else set()
    if found is None or not meant:
        asked = numbers(line)
        return replace(asked, letters=found[0]) if asked is not None and found is not None else asked
    if len(meant) > 1:
        return None
    return Asked(meant.pop(), found[1], letters=found[0])


def letters_in(line: str) -> tuple[str, str] | None:
    """The two to twelve letters that stand alone at the start of `line`, and what follows."""
    found = re.match(r"([A-Za-z]{2,12})(?![A-Za-z0-9_\-])", line)
    return (found[1], line[found.end() :].strip(BETWEEN)) if found else None


def numbers(line: str) -> Asked | None:
    """JD 001-020, or a list that was pasted."""
    several, rest = references(line, many=True)
    if not several or rest or any(one.kind in ("shop", "all") for one in several):
        return None
    return Asked("find", line, named=False)


def names_one(rest: str) -> bool:
    """Whether `rest` names an order or a case itself. 备注 3 个杯子: a small number is part of the words."""
    code = code_in(rest)
    if code is not None and not code[0].isdigit() and not code[0].isalpha():
        return True
    named = references(rest)[0]
    if named:
        return named[0].kind != "digits" or len(named[0].text) >= 3
    many, behind = references(rest, many=True)
    return bool(many) and not behind


def case_verb(rest: str, words: Words[tuple[str, str]]) -> CaseVerb | None:
    """What is to be done with a case, given each word → (action, value): "转 王五" → transfer, rest "王五". None for
    what only asks, or says no: 完成吗, 完成不了."""
    found = words.at(rest.replace("+ ", "+"))
    return CaseVerb(*words[found[0]], found[1]) if found and not doubt.asks(found[1]) else None


def about_quoted(text: str, quoted: str, words: Words[tuple[str, str]]) -> Asked | None:
    """What a verb alone means under a quoted card: 完成, +2h, 转 王五. By the card's short code; by its tag where it
    has none. None where the line says more, or the card names nothing."""
    wish = bare(normal(text))
    if case_verb(wish, words) is None:
        return None
    if other_code(quoted).startswith(_LISTING):
        return None
    if code := code_shown(quoted):
        return Asked("case", wish, code)
    tag = tag_shown(quoted)
    return Asked("order", f"{tag} {wish}", named=False) if tag else None


def tag_shown(quoted: str) -> str:
    """The tag of the order that a quoted card is about: the one in its head, or the only one; "" where it lists
    several."""
    lines = [line for line in normal(quoted).splitlines() if line.strip()]
    head = [tags[0] for line in lines[:_HEAD_LINES] if not _LISTED.match(line) and len(tags := tags_in(line)) == 1]
    every = tags_in(quoted)
    return head[0] if head else every[0] if len(every) == 1 else ""


def other_code(quoted: str) -> str:
    """批7, 交接2, 请假5, 对账 12-21: by what a quoted card is called that is about neither a case nor an order;
    "" where there is none."""
    found = _OTHER_CODE.search(normal(quoted))
    return found[0] if found else ""
