"""What people write behind 规则 新增 and 规则 改: a condition and settings, parted by ；."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any, Final

from handlers.desk import Refusal
from handlers.parse import day_near, normal
from handlers.rulebook import deed_words
from models.beijing import day_start
from models.people import ROLE_TITLES

HOW: Final = "例如：规则 新增 金额 > 1000 且 省 属于 ['新疆', '西藏']；标题 大额偏远；角色 客服；等级 P2；锁单"
_QUOTED: Final = re.compile(r"'[^']*'|\"[^\"]*\"|“[^”]*”|‘[^’]*’|「[^」]*」|[;；\n]")
# 等级 == 'VIP' compares a field of the company's own, 等级 P2 sets.
_COMPARED: Final = r"\s*(?:[=!<>]=|<>|[<>≥≤≠]|(?:=|是|不是|不?等于|不?包含|不?含|不?属于|不?在)\s*['\"“‘「\[【])"
_SETTING: Final = re.compile(
    r"(标题|名称|角色|岗位|交给|等级|紧急程度|锁单|锁定|认领|处理|从|开始|到|结束|有效期|备注|说明|负责人)"
    rf"(?!{_COMPARED})"
    r"(?=[\s:：=]|$|P[123]|客服|仓库|采购|主管|是|否|不锁|\d)[\s:：=]*(.*)",
    re.DOTALL,
)
_MINUTES: Final = re.compile(r"(\d{1,5})\s*(天|个?小时|h|分钟?|min|m)?", re.IGNORECASE)
_TIMES: Final = {"天": 1440, "小时": 60, "个小时": 60, "h": 60}
_SEVERITY: Final = {
    "p1": "P1",
    "p2": "P2",
    "p3": "P3",
    "紧急": "P1",
    "急": "P1",
    "一般": "P2",
    "普通": "P2",
    "不急": "P3",
}
_YES: Final = ("", "是", "要", "锁", "锁单")
_NO: Final = ("否", "不", "不要", "不锁", "不锁单")
_NONE: Final = ("", "不限", "无", "取消", "没有")
_LONGEST: Final = {"title": 20, "note": 100, "owner": 20}


def parts(words: str) -> list[str]:
    """Parted by ； outside of quotes."""
    cut = [0]
    for found in _QUOTED.finditer(words):
        if len(found[0]) == 1:
            cut += [found.start(), found.end()]
    cut.append(len(words))
    pieces = (words[start:end].strip(" ,，。") for start, end in zip(cut[::2], cut[1::2], strict=True))
    return [piece for piece in pieces if piece]


def read(words: str, today: date) -> dict[str, Any]:
    """Field of handlers.rulebook.store.Wish → value; `condition` as it was written. Raises Refusal."""
    found: dict[str, Any] = {}
    for part in parts(words):
        acted = deed_words.read(part, today)
        if acted is not None:
            found = deed_words.added(found, acted)
            continue
        setting = _SETTING.fullmatch(normal(part))
        name, value = one(setting[1], setting[2].strip(), today) if setting else ("condition", part)
        if name == "condition" and name in found:
            settings = "标题、角色、等级、锁单、认领、处理、从、到、备注、负责人、动作"
            raise Refusal(f"「{part[:20]}」看不懂：一条规则只有一个条件，其余的写 {settings}。{HOW}")
        found[name] = value
    return found


def one(word: str, value: str, today: date) -> tuple[str, Any]:
    """One setting: its field of Wish, and its value. Raises Refusal."""
    return _READERS[word](word, value, today)


def _words(name: str) -> Callable[[str, str, date], tuple[str, Any]]:
    def reader(word: str, value: str, _today: date) -> tuple[str, Any]:
        most = _LONGEST[name]
        if len(value) > most or (not value and name == "title"):
            raise Refusal(f"{word}写 {'1 到 ' if name == 'title' else ''}{most} 个字以内")
        return name, value

    return reader


def _owner(word: str, value: str, today: date) -> tuple[str, Any]:
    """By the name; whether anybody is called so is looked up where the rule is kept (handlers/rulebook/agreed.py)."""
    return _words("owner")(word, "" if value in _NONE else value, today)


def _role(word: str, value: str, _today: date) -> tuple[str, Any]:
    for role, title in ROLE_TITLES.items():
        if value == title:
            return "role", str(role)
    raise Refusal(f"{word}可以是：{'、'.join(ROLE_TITLES.values())}")


def _severity(word: str, value: str, _today: date) -> tuple[str, Any]:
    if (found := _SEVERITY.get(value.lower())) is None:
        raise Refusal(f"{word}可以是：P1（几小时内）、P2（这一班）、P3（今天）")
    return "severity", found


def _blocks(word: str, value: str, _today: date) -> tuple[str, Any]:
    if value not in _YES and value not in _NO:
        raise Refusal(f"{word}请写 是 或 否")
    return "blocks", value in _YES


def _span(name: str) -> Callable[[str, str, date], tuple[str, Any]]:
    def reader(word: str, value: str, _today: date) -> tuple[str, Any]:
        found = _MINUTES.fullmatch(value)
        minutes = int(found[1]) * _TIMES.get((found[2] or "").lower(), 1) if found else 0
        if not 1 <= minutes <= 7 * 1440:
            raise Refusal(f"{word}请写多久，1 分钟到 7 天，例如：{word} 30分钟")
        return name, minutes

    return reader


def _day(name: str, *, after: int) -> Callable[[str, str, date], tuple[str, Any]]:
    def reader(word: str, value: str, today: date) -> tuple[str, Any]:
        if value in _NONE:
            return name, None
        day = day_near(value, today)
        if day is None:
            raise Refusal(f"{word}请写日期，例如：{word} 12-31；不限就写：{word} 不限")
        if name == "valid_to" and day < today:
            later = "" if str(day.year) in value else f"；明年的请写：{word} {day.year + 1}-{day:%m-%d}"
            raise Refusal(f"{word} {day} 已经过去了，请写今天或以后的日期{later}")
        return name, day_start(day + timedelta(days=after))

    return reader


_READERS: Final[Mapping[str, Callable[[str, str, date], tuple[str, Any]]]] = {
    **dict.fromkeys(("标题", "名称"), _words("title")),
    **dict.fromkeys(("备注", "说明"), _words("note")),
    "负责人": _owner,
    **dict.fromkeys(("角色", "岗位", "交给"), _role),
    **dict.fromkeys(("等级", "紧急程度"), _severity),
    **dict.fromkeys(("锁单", "锁定"), _blocks),
    "认领": _span("claim_minutes"),
    "处理": _span("solve_minutes"),
    **dict.fromkeys(("从", "开始"), _day("valid_from", after=0)),
    **dict.fromkeys(("到", "结束", "有效期"), _day("valid_to", after=1)),
}
