"""What a template's value may hold, by the kind that its key names: `thing2` is a thing.

One value that breaks its kind makes the platform refuse the whole message. `clean` makes a value fit, "" where nothing
of it does; `complaint` says to a person what is wrong with words that were meant for a key."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

_KIND: Final = re.compile(r"[a-z_]+")
_UNSEEN: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]+")


@dataclass(frozen=True, slots=True)
class Kind:
    """`says`: the limit in words for people."""

    says: str
    fits: re.Pattern[str]
    clean: Callable[[str], str]


def clean(key: str, value: str, words: Sequence[str] = ()) -> str:
    """`value` as the key's kind allows it, "" when nothing fits. `words`: of a const, what the account approved."""
    line = one_line(value)
    if words:
        return line if line in words else ""
    cleaned = kind_of(key).clean(line)
    return cleaned if not cleaned or kind_of(key).fits.fullmatch(cleaned) else ""


def complaint(key: str, value: str, words: Sequence[str] = ()) -> str:
    """Why `value` cannot stand under the key as it is, and what can; "" where it can."""
    line = value.strip()
    if words and line not in words:
        return f"{key} 只能填审核过的词：{'、'.join(words[:8])}"
    if words or kind_of(key).fits.fullmatch(line):
        return ""
    return f"{key} 要求{kind_of(key).says}，「{line[:30]}」有 {len(line)} 个字，放不下或不合要求"


def kind_of(key: str) -> Kind:
    """A kind that no page describes is taken for a short thing."""
    found = _KIND.match(key)
    return KINDS.get(found[0] if found else "", KINDS["short_thing"])


def one_line(value: str) -> str:
    return " ".join(_UNSEEN.sub(" ", value).split())


def _cut(most: int) -> Callable[[str], str]:
    return lambda value: value if len(value) <= most else value[: most - 1] + "…"


def _kept(pattern: str, most: int) -> Callable[[str], str]:
    return lambda value: "".join(re.findall(pattern, value))[:most].strip()


def _number(value: str) -> str:
    found = re.search(r"-?\d{1,32}(\.\d+)?", value.replace(",", ""))
    return found[0] if found else ""


def _amount(value: str) -> str:
    found = re.search(r"[¥￥$€£]?\d{1,10}(\.\d+)?元?", value.replace(",", ""))
    return re.sub(r"(\.\d\d)\d+", r"\1", found[0]) if found else ""


def _name(value: str) -> str:
    if re.fullmatch(r"[A-Za-z .·]+", value):
        return value[:20].strip()
    return "".join(re.findall(r"[\u4e00-\u9fa5·]", value))[:10]


_DAY: Final = r"(\d{4}年\d{1,2}月\d{1,2}日|\d{4}[-./]\d{1,2}[-./]\d{1,2})"
_HOUR: Final = r"\d{1,2}:\d{2}(:\d{2})?"
_MOMENT: Final = rf"({_DAY}( ?{_HOUR})?|{_HOUR})"


def _time(value: str) -> str:
    found = re.search(_MOMENT, value)
    return found[0] if found else ""


def _kind(says: str, fits: str, cleaner: Callable[[str], str]) -> Kind:
    return Kind(says, re.compile(fits), cleaner)


_TIMES: Final = _kind("日期或时间，如 2026年1月5日 18:00", rf"{_MOMENT}( ?~ ?{_MOMENT})?", _time)
_CONST: Final = _kind("模板里审核过的词，最多 20 个字", r"[^\n\r\t]{1,20}", _cut(20))
KINDS: Final[dict[str, Kind]] = {
    "thing": _kind("最多 20 个字，不能换行", r"[^\n\r\t]{1,20}", _cut(20)),
    "short_thing": _kind("最多 10 个字", r"[^\n\r\t]{1,10}", _cut(10)),
    "const": _CONST,
    "enum": _CONST,
    "character_string": _kind(
        "最多 32 个字母、数字或符号，不能有汉字", r"[\x21-\x7e]{1,32}", _kept(r"[\x21-\x7e]", 32)
    ),
    "number": _kind("数字，最多 32 位", r"-?\d{1,32}(\.\d+)?", _number),
    "phrase": _kind("最多 5 个汉字，不能有数字和符号", r"[\u4e00-\u9fa5]{1,5}", _kept(r"[\u4e00-\u9fa5]", 5)),
    "amount": _kind("金额，如 ¥29.90 或 100元", r"[¥￥$€£]?\d{1,10}(\.\d{1,2})?元?", _amount),
    "name": _kind("最多 10 个汉字，或 20 个字母", r"([\u4e00-\u9fa5·]{1,10}|[A-Za-z .·]{1,20})", _name),
    "phone_number": _kind("最多 17 位号码", r"[+\d\-() ]{1,17}", _kept(r"[+\d\-() ]", 17)),
    "letter": _kind("最多 32 个字母", r"[A-Za-z]{1,32}", _kept(r"[A-Za-z]", 32)),
    "symbol": _kind("最多 5 个符号", r"[^\w\s]{1,5}", _kept(r"[^\w\s]", 5)),
    "car_number": _kind("车牌号，最多 8 个字", r"[^\n\r\t]{1,8}", lambda value: value[:8].strip()),
    "time": _TIMES,
    "date": _TIMES,
}
