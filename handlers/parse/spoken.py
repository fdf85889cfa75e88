"""Numbers and shops as they are said: 京东零零一, 幺二三, 第十五号."""

from __future__ import annotations

import re
from typing import Final

from models.narrow import NARROW_DIGITS

_DIGITS: Final = {"零": "0", "〇": "0", "一": "1", "幺": "1", "二": "2", "两": "2", "三": "3", "四": "4", "五": "5",
                  "六": "6", "七": "7", "八": "8", "九": "9"}  # fmt: skip
_TABLE: Final = str.maketrans(_DIGITS) | NARROW_DIGITS
_UNITS: Final = {"十": 10, "百": 100, "千": 1000}
_ONE: Final = "".join(_DIGITS)
_ANY: Final = _ONE + "".join(_UNITS)

NUMBER: Final = rf"(?:[{_ONE}\d]{{2,17}}|\d|[{_ANY}]{{2,17}}|[{_ANY}](?=[号单]))"
"""Of a regular expression: a number in figures or in words."""
NUMERAL: Final = rf"[{_ANY}]*[十百千][{_ANY}]*"
"""A number in words with at least one unit: 十五, 一百零三."""
AT_LENGTH: Final = rf"[{_ONE}]{{3,17}}(?![{_ANY}])"
"""A number said figure by figure, long enough to be no word of another kind."""

SHOPS: Final = {
    "京东": "jd", "淘宝": "taobao", "天猫": "taobao", "拼多多": "pdd", "抖音": "douyin", "抖店": "douyin",
    "微信小店": "wxshop", "视频号": "wxshop", "对外收款": "wecom_pay", "邮箱": "mail", "邮件": "mail", "表格": "sheet",
    "聊天": "chat", "微信群": "chat",
}  # fmt: skip
"""What people call a marketplace → its slug."""
SHOP: Final = "|".join(sorted(SHOPS, key=len, reverse=True))
DASH: Final = r"(?:[ \-_–—]|横?杠|横线|减)*"
DAY: Final = rf"[2二两][0零〇][\d{_ONE}]{{6}}"
"""A day as it stands in a tag, in figures or said figure by figure."""

_NUMERAL: Final = re.compile(r"(?:\d千)?0?(?:\d百)?0?(?:\d?十)?\d?")
_BESIDE_LETTERS: Final = re.compile(rf"(?<=[A-Za-z])[{_ONE}]+|[{_ONE}]+(?=[A-Za-z])")


def figures(words: str) -> str:
    """零零一 → 001, 十五 → 15, 一百零三 → 103; "" for what is no number."""
    said = words.translate(_TABLE)
    if said.isascii():
        return said if said.isdigit() else ""
    return str(_worth(said)) if _NUMERAL.fullmatch(said) else ""


def _worth(said: str) -> int:
    """The value of 1百03 and the like: units in words, figures already in figures."""
    total, digit = 0, 0
    for letter in said:
        unit = _UNITS.get(letter)
        if unit is None:
            digit = int(letter)
        else:
            total, digit = total + (digit or 1) * unit, 0
    return total + digit


def beside_letters(line: str) -> str:
    """A七F二 → A7F2: a short code that was dictated."""
    return _BESIDE_LETTERS.sub(lambda found: found[0].translate(_TABLE), line)
