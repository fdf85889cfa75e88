"""The kinds that a field can be of: what people write, what is kept, what is shown, what rules compare."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from handlers.parse import day_in, normal
from rules.language import Sort

LONGEST: Final = 200
_NUMBER: Final = re.compile(r"[+-]?\d{1,12}(?:\.\d{1,3})?")
_MONEY: Final = re.compile(r"[¥￥]?\s*(\d{1,9}(?:\.\d{1,2})?)\s*(?:元|块钱?|圆)?")
_DAY: Final = re.compile(r"((?:19|20)\d\d)\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号]?")
_BEHIND: Final = {"昨天": 1, "前天": 2}
_YES: Final = frozenset(("是", "是的", "有", "要", "对", "好", "√", "✓", "yes", "y", "true", "1"))
_NO: Final = frozenset(("否", "不是", "无", "没有", "没", "不要", "不", "不用", "×", "✗", "no", "n", "false", "0"))


@dataclass(frozen=True, slots=True)
class Kind:
    """`words`: how people call it. `read`: what they write (with the choices, and today) → what is kept, None for what
    is no such value. `fact`: what is kept → what rules compare, of the sort `sort`."""

    title: str
    words: tuple[str, ...]
    allowed: str
    sort: Sort
    read: Callable[[str, Sequence[str], date], Any]
    shown: Callable[[Any], str] = str
    fact: Callable[[Any], Any] = str


def _text(words: str, _choices: Sequence[str], _today: date) -> str | None:
    line = " ".join(words.split())
    return line if 0 < len(line) <= LONGEST else None


def _number(words: str, _choices: Sequence[str], _today: date) -> int | float | None:
    figures = normal(words).replace(",", "").replace(" ", "")
    if not _NUMBER.fullmatch(figures):
        return None
    number = Decimal(figures)
    return int(number) if number == number.to_integral_value() else float(number)


def _money(words: str, _choices: Sequence[str], _today: date) -> int | None:
    found = _MONEY.fullmatch(normal(words).replace(",", ""))
    return int(Decimal(found[1]) * 100) if found else None


def _day(words: str, _choices: Sequence[str], today: date) -> str | None:
    line = normal(words)
    if line in _BEHIND:
        return (today - timedelta(days=_BEHIND[line])).isoformat()
    found = _DAY.fullmatch(line)
    if found is None:
        named = day_in(line, today)
        return named.isoformat() if named else None
    try:
        return date(*map(int, found.groups())).isoformat()
    except ValueError:
        return None


def _yes_no(words: str, _choices: Sequence[str], _today: date) -> bool | None:
    word = normal(words).lower().rstrip("。.!！")
    return True if word in _YES else False if word in _NO else None


def _choice(words: str, choices: Sequence[str], _today: date) -> str | None:
    wanted = normal(words).casefold()
    return next((one for one in choices if normal(one).casefold() == wanted), None)


def _figures(value: float) -> Decimal:
    return Decimal(str(value))


def _yuan(fen: int) -> str:
    return f"{Decimal(fen).scaleb(-2):.2f}".removesuffix(".00") + " 元"


KINDS: Final[dict[str, Kind]] = {
    "text": Kind("文字", ("文字", "文本", "字"), f"{LONGEST} 个字以内的一段话", Sort.TEXT, _text),
    "number": Kind(
        "数字", ("数字", "数", "数量"), "数字，例如 3 或 3.5，小数最多 3 位", Sort.NUMBER, _number,
        shown=lambda value: f"{_figures(value):f}", fact=_figures,
    ),
    "money": Kind(
        "金额", ("金额", "钱", "元", "价钱"), "金额，例如 12.5元", Sort.NUMBER, _money, shown=_yuan,
        fact=lambda fen: Decimal(fen).scaleb(-2),
    ),
    "day": Kind(
        "日期", ("日期", "日子", "天"), "日期，例如 11-28、明天、下周三", Sort.MOMENT, _day, fact=date.fromisoformat
    ),
    "yesno": Kind(
        "是否", ("是否", "是或否", "是非", "勾选"), "是 或 否", Sort.YESNO, _yes_no,
        shown=lambda value: "是" if value else "否", fact=bool,
    ),
    "choice": Kind("选项", ("选项", "单选", "选择"), "选项里的一个", Sort.TEXT, _choice),
}  # fmt: skip
"""By the slug that the database keeps."""


def called(word: str) -> str | None:
    """The kind that people call so."""
    return next((slug for slug, kind in KINDS.items() if word in kind.words), None)
