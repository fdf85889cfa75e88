"""Times, spans and money as people say them, and texts cut to what a place can show."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import Final

_BEIJING: Final = timezone(timedelta(hours=8), "Asia/Shanghai")  # no daylight saving, whatever the host knows
_BOLD: Final = re.compile(r"(?<!\*)\*\*(?=[^\s*])([^*\n]+)(?<=[^\s*])\*\*(?!\*)")
_REGION_GAP: Final = re.compile(r"(?<=[省市区县州旗镇乡]) (?=[\u4e00-\u9fa5]+[省市区县州旗镇乡街道] )")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def moment(at: datetime, now: datetime) -> str:
    """`10:42` today, `12-24 10:42` on another day of this year, else with the year; Beijing time."""
    local, today = at.astimezone(_BEIJING), now.astimezone(_BEIJING)
    if local.date() == today.date():
        return f"{local.hour:02}:{local.minute:02}"
    return f"{local:%m-%d %H:%M}" if local.year == today.year else f"{local:%Y-%m-%d %H:%M}"


def full_moment(at: datetime) -> str:
    return f"{at.astimezone(_BEIJING):%Y-%m-%d %H:%M}"


def span(length: timedelta) -> str:
    """`12 分`, `3 小时 12 分`, `2 天 3 小时`; the sign is the caller's matter."""
    minutes = int(abs(length).total_seconds()) // 60
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return f"{days} 天 {hours} 小时" if hours else f"{days} 天"
    if hours:
        return f"{hours} 小时 {rest} 分" if rest else f"{hours} 小时"
    return f"{rest} 分" if rest else "不到 1 分"


def rough_span(length: timedelta) -> str:
    """One number, for a title: `40 分`, `5 小时`, `46 小时`, `3 天`."""
    minutes = int(abs(length).total_seconds()) // 60
    if minutes >= 48 * 60:
        return f"{minutes // 1440} 天"
    if minutes >= 60:
        return f"{minutes // 60} 小时"
    return f"{minutes} 分" if minutes else "不到 1 分"


def stayed(since: datetime, now: datetime) -> str:
    return f"已停留 {span(now - since)}"


def left(until: datetime, now: datetime) -> str:
    """`剩 5 小时`, or `已超 2 小时` after the moment."""
    return f"剩 {rough_span(until - now)}" if until > now else f"已超 {rough_span(now - until)}"


def yuan(fen: int) -> str:
    text = f"¥{fen / 100:,.2f}"
    return text.removesuffix(".00")


def cut(text: str, most: int) -> str:
    """At most `most` characters; what is cut ends in an ellipsis."""
    return text if len(text) <= most else text[: most - 1] + "…"


def cut_bytes(text: str, most: int) -> str:
    """At most `most` bytes of UTF-8, cut between characters, at a line's end where one is near."""
    if len(text.encode()) <= most:
        return text
    head = text.encode()[: most - 3].decode(errors="ignore")
    line_end = head.rfind("\n")
    return (head[:line_end] + "\n" if line_end > len(head) * 3 // 4 else head) + "…"


def bold_as(text: str, replacement: str, star: str) -> str:
    """Bold words replaced (`\\1` is the words), every other asterisk by `star`: the stars of a masked name or phone
    are no markdown, and must neither vanish nor make anything bold."""
    parts, end = [], 0
    for found in _BOLD.finditer(text):
        parts += [text[end : found.start()].replace("*", star), found.expand(replacement)]
        end = found.end()
    return "".join((*parts, text[end:].replace("*", star)))


def tight(receiver: str) -> str:
    """`浙江省杭州市西湖区 林** 138****1234`: a phone shows few characters."""
    return _REGION_GAP.sub("", receiver)


def one_line(text: str) -> str:
    return " ".join(text.split())


def printable(text: str) -> str:
    """Without control characters other than tab and line feed: the database and the platforms take none."""
    return _CONTROL.sub("", text)
