"""How people name orders: tags and their ends, platform numbers, phones, names; ranges, whole shops, all of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from handlers.parse import spoken
from handlers.parse.plain import BETWEEN, is_polite, normal

_TAG: Final = re.compile(r"([A-Za-z]{2,5})[ \-_–—]*(20\d{6})[ \-_–—]*(\d{1,6})(?!\d)")
_DAY_NUMBER: Final = re.compile(r"(20\d{6})[\-_–—](\d{1,6})(?!\d)")
_PDD: Final = re.compile(r"\d{6}-\d{15}(?!\d)")
_PREFIX_NUMBER: Final = re.compile(r"([A-Za-z]{2,5})[\-_–—]?(\d{1,6})(?![\dA-Za-z_-])")
_PHONE: Final = re.compile(r"(?:\+?86[ -]?)?(1[3-9]\d[ -]?\d{4}[ -]?\d{4})(?!\d)")
_DIGITS: Final = re.compile(r"#?(\d{1,40})(?![\dA-Za-z])")
_OTHER: Final = re.compile(r"(?=[A-Za-z0-9_-]*\d)[A-Za-z0-9][A-Za-z0-9_-]{5,63}(?![A-Za-z0-9_-])")
_NAME: Final = re.compile(r"[\u4e00-\u9fff·]{2,8}")

_NO: Final = r"(?:号单|单号|号|单)?"
_OF_SHOP: Final = re.compile(rf"({spoken.SHOP})店?的?[ \-]*第?({spoken.NUMBER}){_NO}")
_SAID: Final = re.compile(rf"第?({spoken.AT_LENGTH}){_NO}")
_SAID_TAG: Final = re.compile(
    rf"(?:([A-Za-z]{{2,5}})|({spoken.SHOP})店?的?){spoken.DASH}({spoken.DAY}){spoken.DASH}第?({spoken.NUMBER}){_NO}"
)
_COUNTED: Final = re.compile(rf"(?:第({spoken.NUMBER}){_NO}|({spoken.NUMERAL})(?:号单|单号|号|单))(?![楼门院线日])")
_SAID_PREFIX: Final = re.compile(rf"([A-Za-z]{{2,5}})[ \-]*第?({spoken.AT_LENGTH}){_NO}")
_PREFIX_APART: Final = re.compile(r"([A-Za-z]{2,5}) (\d{1,6})(?![\dA-Za-z_-])")  # JD 001; 补发 JD-1 QH 2 means goods

# From … to …: 001-020, JD 001-020, JD-20251222-001 到 020, 京东零零一到零二零.
_TO: Final = r" *(?P<to>-{1,2}|–{1,2}|—{1,2}|~|到|至) *"
_RANGE: Final = re.compile(
    rf"从? *(?:(?P<prefix>[A-Za-z]{{2,5}})|(?P<shop>{spoken.SHOP})店?的?)?[ \-_–—]*(?:(?P<day>20\d{{6}})[ \-_–—]+)?"
    rf"第?(?P<first>{spoken.NUMBER}){_NO}{_TO}(?:(?P<again>[A-Za-z]{{2,5}})[ \-_–—]*)?"
    rf"(?:(?P<day2>20\d{{6}})[ \-_–—]*)?第?(?P<last>{spoken.NUMBER}){_NO}(?![\dA-Za-z_-])"
)
_LONGEST: Final = 6  # figures of a tag's number
_LONGEST_BARE: Final = 3
_ALL: Final = re.compile(r"(?:全部|所有|全都|全体)(?:的?(?:订单|单子|单))?")
_SHOP: Final = re.compile(rf"(?:({spoken.SHOP})(?:店|的)*(?:订单|单子|单)?|([A-Za-z]{{2,5}})(?![A-Za-z0-9_\-]))")

_LABEL: Final = re.compile(
    r"(?:手机尾号|电话尾号|尾号|后四位|手机号码?|手机|电话号码?|电话|订单编?号|平台单号|快递单号|物流单号|运单号?|单号|编号|订单"
    r"|物流|快递|包裹|收件人|收货人|姓名|客户|买家)(?:是|为|叫)?[ :]*(?=.{2})"
)

# 1. 2000…, '2000…, 【2000…】: lists that were pasted out of a chat or a spreadsheet.
_ORDINAL: Final = re.compile(
    r"^[ \t]*(?:\(?\d{1,3}[.、)]|[-*•])[ \t]*(?=[#'\"【\[]?[A-Za-z0-9][\w\-]{5,})", re.MULTILINE
)
# 订单编号：2000… on every line, as sellers' pages copy it.
_NUMBERED: Final = re.compile(r"(?:平台)?(?:订单编?号|单号|编号|订单)[ \t]*[:：]?[ \t]*(?=[#'\"‘“]?[A-Za-z0-9])")
_AROUND: Final = BETWEEN + "'\"“”‘’`[]【】()|/"


@dataclass(frozen=True, slots=True)
class Reference:
    """How somebody names an order. `kind`: tag, day_number (day and number), short (number of a tag, perhaps with a
    prefix), digits, phone, number (a platform's), name. Only where many may be named: range (of numbers `number` to
    `last`, perhaps of a prefix and a day), shop, all. `platform`: a marketplace's slug where it was called 京东."""

    kind: str
    text: str
    prefix: str = ""
    day: str = ""
    number: int = 0
    last: int = 0
    platform: str = ""

    @property
    def shown(self) -> str:
        """As it may be repeated in a group: a phone or a name is somebody's."""
        if self.kind == "phone":
            return f"{self.text[:3]}****{self.text[-4:]}"
        return self.text[0] + "**" if self.kind == "name" else self.text

    @property
    def numbers(self) -> range:
        """The tag numbers of a range."""
        return range(self.number, self.last + 1)


def reference(text: str) -> tuple[Reference, str] | None:
    """The order named at the start of `text`, and what stands behind it; None where none is named."""
    line = text.lstrip(BETWEEN)
    for pattern, make in _READERS:
        found = pattern.match(line)
        if found is not None:
            return make(found), line[found.end() :]
    return None


def leading(text: str) -> tuple[Reference, str] | None:
    """The one order that a line begins with: as `reference`, and JD 001 may stand apart. Not for what stands behind an
    order: there QH 2 is goods."""
    line = text.lstrip(BETWEEN)
    apart = _PREFIX_APART.match(line)
    return (_apart(apart), line[apart.end() :]) if apart is not None else reference(line)


def _apart(found: re.Match[str]) -> Reference:
    return Reference("short", found[0], prefix=found[1].upper(), number=int(found[2]))


def references(text: str, *, many: bool = False, dated: bool = False) -> tuple[list[Reference], str]:
    """All orders named one after the other at the start of `text`, and the rest; names of people do not count.

    `many`: ranges (001-020, JD 001-020, 京东零零一到零二零), 全部 and a shop (TB, 京东) count as well, as references of
    those kinds, lists may be pasted with their ordinals and quotes, and a bare number belongs to the shop and the day
    named before it (JD 001-003、006). `dated`: what follows may be a date, so 12-25 is no range."""
    found: list[Reference] = []
    rest = _ORDINAL.sub("", text) if many else text
    around = _AROUND if many else BETWEEN
    while (next_one := _next(_unlabelled(rest.lstrip(around), many=many), many=many, dated=dated)) is not None:
        if next_one[0].kind == "name":
            break
        found.append(carried(next_one[0], found) if many else next_one[0])
        rest = next_one[1]
    rest = rest.strip(BETWEEN)
    if found and not rest.strip(around):
        return found, ""
    return found, "" if found and is_polite(rest) else rest


def _unlabelled(line: str, *, many: bool) -> str:
    label = _NUMBERED.match(line) if many else None
    return line if label is None else line[label.end() :].lstrip(_AROUND)


def _next(line: str, *, many: bool, dated: bool) -> tuple[Reference, str] | None:
    read = _of_many(line, dated=dated) if many else None
    return read or reference(line)


def _of_many(line: str, *, dated: bool) -> tuple[Reference, str] | None:
    span = _RANGE.match(line)
    if span is not None and (made := _range(span, dated=dated)) is not None:
        return made, line[span.end() :]
    if (every := _ALL.match(line)) is not None:
        return Reference("all", every[0]), line[every.end() :]
    apart = _PREFIX_APART.match(line)
    if apart is not None:
        return _apart(apart), line[apart.end() :]
    shop = _SHOP.match(line)
    if shop is None or ((one := reference(line)) is not None and one[0].kind != "name"):
        return None
    called = spoken.SHOPS.get(shop[1] or "", "")
    return Reference("shop", shop[0], prefix=(shop[2] or "").upper(), platform=called), line[shop.end() :]


def carried(bare: Reference, before: Sequence[Reference]) -> Reference:
    """A bare number with the shop and the day of the order or range named just before it. Four figures are the end of
    a phone number."""
    if bare.kind != "digits" or not bare.number or len(bare.text) > _LONGEST_BARE or not before:
        return bare
    last = before[-1]
    prefix, day = last.prefix, last.day
    if last.kind == "tag":
        prefix, day, _ = last.text.split("-")
    if prefix and day:
        return Reference("tag", tag(prefix, day, bare.number))
    if day:
        return Reference("day_number", f"{day}-{bare.number:03d}", day=day, number=bare.number, platform=last.platform)
    if last.kind not in ("short", "range") or not (prefix or last.platform):
        return bare
    return Reference(
        "short", f"{prefix}-{bare.text}" if prefix else bare.text, prefix, "", bare.number, 0, last.platform
    )


def _range(found: re.Match[str], *, dated: bool) -> Reference | None:
    first, last = spoken.figures(found["first"]), spoken.figures(found["last"])
    prefix, shop = (found["prefix"] or "").upper(), found["shop"] or ""
    if not (first and last) or max(len(first), len(last)) > _LONGEST:
        return None  # a platform's number, a phone
    if (found["again"] or "").upper() not in ("", prefix) or (found["day2"] or "") not in ("", found["day"] or ""):
        return None
    alone = not (prefix or shop or found["day"])
    if dated and alone and len(first) < 3 and found["to"] not in "到至":
        return None
    if int(first) > int(last):
        return None
    return Reference(
        "range", found[0].strip(), prefix, found["day"] or "", int(first), int(last), spoken.SHOPS.get(shop, "")
    )


def each(wanted: Reference) -> Iterator[Reference]:
    """The orders of a range one by one; what is no range is given back as it is."""
    if wanted.kind != "range":
        yield wanted
        return
    kind = "day_number" if wanted.day else "short" if wanted.prefix or wanted.platform else "digits"
    for number in wanted.numbers:
        text = f"{wanted.prefix}{'-' if wanted.prefix else ''}{number:03d}"
        yield Reference(kind, text, wanted.prefix, wanted.day, number, platform=wanted.platform)


def without_label(text: str) -> str:
    """尾号1234 → 1234, 收件人 王小明 → 王小明: as people ask for an order."""
    return _LABEL.sub("", text, count=1) if _LABEL.match(text) else text


def tag_in(text: str) -> str:
    """The first full tag anywhere in `text`, "" where there is none."""
    found = _TAG.search(normal(text))
    return tag(found[1], found[2], int(found[3])) if found else ""


def tags_in(text: str) -> list[str]:
    """All full tags in `text`, each once."""
    return list(dict.fromkeys(tag(one[1], one[2], int(one[3])) for one in _TAG.finditer(normal(text))))


def tag(prefix: str, day: str, number: int) -> str:
    """TB-20251222-001"""
    return f"{prefix.upper()}-{day}-{number:03d}"


def _digits(found: re.Match[str]) -> Reference:
    digits = found.group(1)
    return Reference("digits", digits, number=int(digits) if len(digits) <= _LONGEST else 0)


def _said_tag(found: re.Match[str]) -> Reference:
    """JD杠二零二五一二二二杠零零一; behind 京东 the shop is not known yet."""
    day, digits = spoken.figures(found[3]), spoken.figures(found[4])
    number = int(digits) if 0 < len(digits) <= _LONGEST else 0
    if found[1]:
        return Reference("tag", tag(found[1], day, number))
    return Reference("day_number", found[0], day=day, number=number, platform=spoken.SHOPS[found[2]])


def _of_shop(found: re.Match[str]) -> Reference:
    """京东零零一: a number of that marketplace's shops."""
    digits, platform = spoken.figures(found[2]), spoken.SHOPS[found[1]]
    if len(digits) > _LONGEST or not digits:
        return Reference("number", digits or found[0])
    return Reference("short", found[0], number=int(digits), platform=platform)


def _said(found: re.Match[str]) -> Reference:
    digits = next(figures for said in found.groups() if said and (figures := spoken.figures(said) or "0"))
    return Reference("digits", digits, number=int(digits) if len(digits) <= _LONGEST else 0)


_READERS: Final = (
    (_TAG, lambda m: Reference("tag", tag(m[1], m[2], int(m[3])))),
    (_PDD, lambda m: Reference("number", m[0])),
    (_DAY_NUMBER, lambda m: Reference("day_number", m[0], day=m[1], number=int(m[2]))),
    (_PREFIX_NUMBER, lambda m: Reference("short", m[0], prefix=m[1].upper(), number=int(m[2]))),
    (_PHONE, lambda m: Reference("phone", re.sub(r"\D", "", m[1]))),
    (_DIGITS, _digits),
    (_OTHER, lambda m: Reference("number", m[0])),
    (_SAID_TAG, _said_tag),
    (_SAID_PREFIX, lambda m: Reference("short", m[0], prefix=m[1].upper(), number=int(spoken.figures(m[2])))),
    (_OF_SHOP, _of_shop),
    (_SAID, _said),
    (_COUNTED, _said),
    (_NAME, lambda m: Reference("name", m[0])),
)
