"""Goods as people write them: "红色马克杯 ×2", "QH-CUP-RED 2件", "2个餐盘", one after the other or on several lines."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

MOST_PIECES: Final = 9999
EDGES: Final = " \t,、;:。.|/-—"
UNITS: Final = "件|个|只|套|盒|箱|条|双|包|瓶|支|袋|床|把|张|台|组|份|对|枚|块|桶|罐|片|本|卷|提|打|斤"
_CHINESE: Final = {"一": 1, "两": 2, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10}
COUNT: Final = rf"(\d{{1,4}}|[{''.join(_CHINESE)}])"
_TIMES: Final = re.compile(r"[ ,]*[×xX*✕] *(\d{1,4})(?![\dA-Za-z.])(?: *(?:" + UNITS + r"))?")
_AFTER: Final = re.compile(rf"[ ,:]*(?<![\d.]){COUNT} *(?:{UNITS})(?![\u4e00-\u9fff\d]|元)")
_BEFORE: Final = re.compile(
    rf"(?:^|(?<= ))(?:要|来|买|订|发)? *(?<![\d.]){COUNT} *(?:{UNITS}) *(?=[\u4e00-\u9fffA-Za-z])"
)
_NO_GOODS: Final = re.compile(r"(?:补|发|要|买|来|寄|订|换|退|等|差|少|送|付|客户|麻烦)$|^\d*$")
_PHRASES: Final = re.compile(rf"[\n;。]+|[,、+](?! *(?:[×xX*✕]|{COUNT} *(?:{UNITS})(?![\u4e00-\u9fffA-Za-z])))")
_SKU: Final = re.compile(
    r"(?<![A-Za-z0-9_-])(?=[A-Za-z0-9_-]*[A-Za-z])[A-Za-z0-9]+(?:[-_][A-Za-z0-9]+)+(?![A-Za-z0-9_-])"
    r"(?! *[-−–负]\d)"  # -1 is no number of pieces: what it means must be asked
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Goods as they were written: a SKU or words, and how many."""

    words: str
    quantity: int = 1


def goods_in(text: str) -> tuple[tuple[Wanted, ...], str]:
    """The goods in `text` and what is left of it. A phrase is goods where a count or a SKU's spelling says so."""
    goods: list[Wanted] = []
    left: list[str] = []
    for phrase in _PHRASES.split(text):
        found, rest = _phrase((phrase or "").strip(EDGES))
        goods += found
        left += [rest] if rest else []
    return tuple(goods), "，".join(left)


def _phrase(phrase: str) -> tuple[list[Wanted], str]:
    """One phrase: "红色马克杯 ×2 QH-BOX-S 1个" are two goods, "2个红杯子" one, "周五前到" none."""
    goods: list[Wanted] = []
    start = 0
    for found in _counts(phrase):
        words = phrase[start : found[0]].strip(EDGES)
        if not _NO_GOODS.search(words):
            goods.append(Wanted(words, found[2]))
            start = found[1]
    rest = phrase[start:].strip(EDGES)
    if not goods and (before := _BEFORE.search(phrase)) is not None and count_of(before[1]):
        return [Wanted(phrase[before.end() :].strip(EDGES), count_of(before[1]))], phrase[: before.start()].strip(EDGES)
    while (sku := _SKU.search(rest)) is not None:
        goods.append(Wanted(sku[0]))
        rest = f"{rest[: sku.start()]} {rest[sku.end() :]}".strip(EDGES)
    return goods, rest


def _counts(phrase: str) -> list[tuple[int, int, int]]:
    """Where counts behind goods begin and end, and how many, from left to right."""
    found = [(one.start(), one.end(), int(one[1])) for one in _TIMES.finditer(phrase)]
    found += [(one.start(), one.end(), count_of(one[1])) for one in _AFTER.finditer(phrase)]
    kept: list[tuple[int, int, int]] = []
    for one in sorted(found):
        if one[2] and (not kept or one[0] >= kept[-1][1]):
            kept.append(one)
    return kept


def count_of(text: str) -> int:
    """2, 两; 0 where it is no number of pieces."""
    digits = re.match(r"\d+", text)
    number = int(digits[0]) if digits else _CHINESE.get(text[:1], 0)
    return number if number <= MOST_PIECES else 0
