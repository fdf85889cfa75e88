"""Times, spans and money as people say them, and texts cut to what a place can show."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Final
from unicodedata import east_asian_width

from models.beijing import BEIJING

_BOLD: Final = re.compile(r"(?<!\*)\*\*(?=[^\s*])([^*\n]+)(?<=[^\s*])\*\*(?!\*)")
BUSY: Final = "系统忙，这条还没有办成；一分钟内没有回复的话，请再发一次"
_BRIEF: Final = "不到 1 分钟"
_MISSING_BYTES: Final = 48  # room for the line that tells how many are missing
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def moment(at: datetime, now: datetime) -> str:
    """`10:42` today, `12-24 10:42` on another day of this year, else with the year; Beijing time."""
    local, today = at.astimezone(BEIJING), now.astimezone(BEIJING)
    if local.date() == today.date():
        return f"{local.hour:02}:{local.minute:02}"
    return f"{local:%m-%d %H:%M}" if local.year == today.year else f"{local:%Y-%m-%d %H:%M}"


def full_moment(at: datetime) -> str:
    return f"{at.astimezone(BEIJING):%Y-%m-%d %H:%M}"


def span(length: timedelta) -> str:
    """`12 分`, `3 小时 12 分`, `2 天 3 小时`; the sign is the caller's matter."""
    minutes = int(abs(length).total_seconds()) // 60
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return f"{days} 天 {hours} 小时" if hours else f"{days} 天"
    if hours:
        return f"{hours} 小时 {rest} 分" if rest else f"{hours} 小时"
    return f"{rest} 分" if rest else _BRIEF


def rough_span(length: timedelta) -> str:
    """One number, for a title: `40 分`, `5 小时`, `46 小时`, `3 天`."""
    minutes = int(abs(length).total_seconds()) // 60
    if minutes >= 48 * 60:
        return f"{minutes // 1440} 天"
    if minutes >= 60:
        return f"{minutes // 60} 小时"
    return f"{minutes} 分" if minutes else _BRIEF


def stayed(since: datetime, now: datetime) -> str:
    return worded("已停留", span(now - since))


def left(until: datetime, now: datetime) -> str:
    """`剩 5 小时`, or `已超 2 小时` after the moment."""
    return worded("剩", rough_span(until - now)) if until > now else worded("已超", rough_span(now - until))


def worded(word: str, length: str) -> str:
    """`剩 5 小时`, but `剩不到 1 分钟`."""
    return f"{word}{length}" if length == _BRIEF else f"{word} {length}"


def yuan(fen: int) -> str:
    text = f"¥{fen / 100:,.2f}"
    return text.removesuffix(".00")


def cut(text: str, most: int) -> str:
    """At most `most` characters; what is cut ends in an ellipsis."""
    return text if len(text) <= most else text[: most - 1] + "…"


def width(text: str) -> int:
    """Columns: a Chinese character takes two."""
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def cut_wide(text: str, most: int) -> str:
    """At most `most` columns; what is cut ends in an ellipsis."""
    if width(text) <= most:
        return text
    head, taken = "", 1
    for letter in text:
        taken += width(letter)
        if taken > most:
            break
        head += letter
    return head.rstrip(" ·，") + "…"


def cut_bytes(text: str, most: int) -> str:
    """At most `most` bytes of UTF-8, cut at a line's end where one is near, and says how many lines are missing;
    else between characters."""
    if len(text.encode()) <= most:
        return text
    head = text.encode()[: most - _MISSING_BYTES].decode(errors="ignore") if most > 4 * _MISSING_BYTES else ""
    line_end = head.rfind("\n")
    if line_end <= len(head) // 2:
        return text.encode()[: most - 3].decode(errors="ignore") + "…"
    return f"{head[:line_end]}\n…还有 {text.rstrip().count(chr(10), line_end)} 行没有列出"


def bold_as(text: str, replacement: str, star: str) -> str:
    """Bold words replaced (`\\1` is the words), every other asterisk by `star`: the stars of a masked name or phone
    are no markdown, and must neither vanish nor make anything bold."""
    parts, end = [], 0
    for found in _BOLD.finditer(text):
        parts += [text[end : found.start()].replace("*", star), found.expand(replacement)]
        end = found.end()
    return "".join((*parts, text[end:].replace("*", star)))


def one_line(text: str) -> str:
    return " ".join(text.split())


def printable(text: str) -> str:
    """Without control characters other than tab and line feed: the database and the platforms take none."""
    return _CONTROL.sub("", text)
