"""A line without what keyboards, clients and politeness put into it."""

from __future__ import annotations

import re
from typing import Final

from models.narrow import NARROW

_INVISIBLE: Final = dict.fromkeys((0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF))
BETWEEN: Final = " \t\r\n,，、;；:：。"
ENDS: Final = BETWEEN + ".!！~～…"

_CJK: Final = "\u4e00-\u9fff"
_GAP: Final = re.compile(rf"(?<=[{_CJK}]) +(?=[{_CJK}])")  # 审 核: as some keyboards write it

# What people say around what they want; none of it says no, or asks.
_BEFORE: Final = re.compile(
    r"(?:那个|这个|嗯+|呃+|啊|哦|诶|哎|欸|喂|好的?(?=[,，。 ])|就是说?|你好|您好|小助手|订单助手|机器人"
    r"|麻烦(?:你|您)?|请(?!假)|劳驾|帮忙|帮我们?|帮一下|给我|替我|能不能|能否|可不可以|我想要?|我要|想要?(?=[查看审配发备])|先|再|赶紧|快点"
    rf"|把(?=.)|[{BETWEEN}])+"
)
_BEHIND: Final = re.compile(
    r"(?:(?:一 ?)?下子?|谢谢(?:你|您|啦|了)?|多谢|谢了|辛苦(?:了|啦)?|拜托(?:了|啦)?|好吗|行吗|可以吗"
    rf"|吧|啊|呀|哈|呗|哦|噢|嘛|[{BETWEEN}.!！~～…])+$"
)
_ASIDE: Final = re.compile(r"^(?:一 ?下子?|下子?(?=[\sA-Za-z0-9#零〇幺京淘拼抖天]))[ ,，:：]*")


def normal(text: str) -> str:
    """Half-width, without invisible characters, trimmed."""
    return text.translate(NARROW).translate(_INVISIBLE).strip()


def as_typed(text: str, rest: str) -> str:
    """The end of `text` that became `rest`, with the punctuation of the person who typed it."""
    for start in range(len(text), -1, -1):
        if normal(text[start:]) == rest:
            return text[start:].strip()
    return rest


def without_gaps(line: str) -> str:
    return _GAP.sub("", line)


def bare(line: str) -> str:
    """`line` without what is said around a wish: 那个，帮我查一下 001 吧，谢谢 → 查一下 001. What changes its sense
    (不, 别, 吗) stays."""
    found = _BEFORE.match(line)
    words = line[found.end() :] if found else line
    return _BEHIND.sub("", words)


def is_polite(rest: str) -> bool:
    """Whether `rest` is nothing but 吧, 谢谢, ！ and the like."""
    return not rest or _BEHIND.fullmatch(rest) is not None


def behind(rest: str) -> str:
    """What stands behind a command's name, without the 一下 that belongs to the name."""
    rest = rest.strip(BETWEEN)
    return _ASIDE.sub("", rest) if rest[:1] in "一下" else rest
