"""What stands behind each action of a rule: read into what is kept, and said again."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any, Final

from handlers.customers import events
from handlers.parse import day_in
from models import Role
from models.people import ROLE_TITLES
from models.stages import TITLES, Stage

Kept = Mapping[str, Any]
"""An action as a version keeps it: {"do": "tag", "tag": "大额"}."""
ASK: Final = "请确认到货时间"
_LATEST: Final = timedelta(days=180)
_TAG: Final = re.compile(r"[\w+\-·.%￥¥]{1,10}")
_LONG_NUMBER: Final = re.compile(r"\d{7}")
_DAYS: Final = re.compile(r"(\d{1,3}) *天 *(?:后|之后|以后)?")
NOTE: Final = 200
ASKED: Final = 50
_RESULT: Final = 5
TOLD: Final = ("delayed", "stock", "solved")
"""What a rule may say to a customer; that an order left or was paid back is said when it is so."""
WHOM: Final = {title: str(role) for role, title in ROLE_TITLES.items()}
MOVES: Final = {TITLES[stage]: str(stage) for stage in (Stage.PENDING_PICK, Stage.PENDING_REVIEW)}
_BY_HAND: Final = {
    TITLES[Stage.PENDING_SHIP]: "配货要仓库的人做，规则不能代替",
    TITLES[Stage.DONE]: "发货要仓库的人做，规则不能代替",
    TITLES[Stage.CANCELLED]: "订单取消以平台为准，规则不能代替",
}


class Wrong(ValueError):
    """What stands behind an action cannot be read: what is wrong, and what to write instead."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


def nothing(_words: str, _today: date) -> dict[str, Any]:
    return {}


def fields(**values: Any) -> Callable[[str, date], dict[str, Any]]:
    return lambda _words, _today: dict(values)


def role_of(kept: Kept) -> str:
    return ROLE_TITLES[Role(kept["role"])]


def opened(kept: Kept) -> str:
    return f"开异常给{role_of(kept)}"


def stage_of(kept: Kept) -> str:
    return TITLES[Stage(kept["to"])]


def moved(kept: Kept) -> str:
    return f"转到{stage_of(kept)}"


def role(words: str, _today: date) -> dict[str, Any]:
    if not words:
        return {"quiet": False}
    if words not in WHOM:
        raise Wrong(f"没有「{words[:10]}」这个角色", f"可以是：{'、'.join(WHOM)}")
    return {"quiet": False, "role": WHOM[words]}


def hold(words: str, today: date) -> dict[str, Any]:
    """A day, or so many days from the moment at which the rule finds the order so."""
    later = _DAYS.fullmatch(words)
    if later is not None:
        days = int(later[1])
        if not 1 <= days <= _LATEST.days:
            raise Wrong("要写 1 到 180 天", "例如：延到 3天后")
        return {"days": days}
    day = day_in(words, today)
    if day is None:
        raise Wrong(f"「{words[:10]}」不是日期", "请写 12-25、下周三，或 3天后")
    if not today < day <= today + _LATEST:
        raise Wrong(f"{day:%m-%d} 不在明天到 180 天之内", "请写以后的一天，例如：延到 12-25")
    return {"until": day.isoformat()}


def held(kept: Kept) -> str:
    if kept.get("days"):
        return f"{kept['days']}天后"
    return date.fromisoformat(kept["until"]).strftime("%m-%d")


def hold_said(kept: Kept) -> str:
    return f"延到命中后第 {kept['days']} 天" if kept.get("days") else f"延到 {held(kept)}"


def tag(words: str, _today: date) -> dict[str, Any]:
    if _TAG.fullmatch(words) is None:
        raise Wrong("标记写 1 到 10 个字，中间没有空格和标点", "例如：标记 大额")
    if _LONG_NUMBER.search(words):
        raise Wrong("标记里不能有电话这样的长号码", "例如：标记 大额")
    return {"tag": words}


def text(name: str, most: int, instead: str = "") -> Callable[[str, date], dict[str, Any]]:
    def reader(words: str, _today: date) -> dict[str, Any]:
        if len(words) > most:
            raise Wrong(f"最多 {most} 个字，现在有 {len(words)} 个")
        return {name: words or instead}

    return reader


def move(words: str, _today: date) -> dict[str, Any]:
    if words in _BY_HAND:
        raise Wrong(_BY_HAND[words], f"可以转到：{'、'.join(MOVES)}")
    if words not in MOVES:
        raise Wrong(f"没有「{words[:10]}」这个环节", f"可以转到：{'、'.join(MOVES)}")
    return {"to": MOVES[words]}


def remind(words: str, _today: date) -> dict[str, Any]:
    """Whoever is no role is looked up among the people (handlers/rulebook/agreed.py)."""
    name = words.lstrip("@＠ ")
    return {"role": WHOM[name]} if name in WHOM else {"whom": name}


def whom(kept: Kept) -> str:
    return ROLE_TITLES[Role(kept["role"])] if kept.get("role") else str(kept["whom"])


def reminded(kept: Kept) -> str:
    return f"提醒{whom(kept)}"


def tell(words: str, _today: date) -> dict[str, Any]:
    found = events.named(words)
    could = "、".join(event(slug) for slug in TOLD)
    if found is None:
        raise Wrong(f"没有「{words[:10]}」这类客户通知", f"可以是：{could}")
    slug, rest = found
    if slug not in TOLD:
        raise Wrong(f"「{event(slug)}」在真的{event(slug)}时才通知，规则不能提前说", f"可以是：{could}")
    if slug != "solved":
        if rest:
            raise Wrong(f"「{event(slug)}」后面不用再写", f"请写：通知客户 {event(slug)}")
        return {"event": slug}
    if not 1 <= len(rest) <= _RESULT:
        raise Wrong(f"「处理」后面写结果，1 到 {_RESULT} 个字", "例如：通知客户 处理 已加急")
    return {"event": slug, "result": rest}


def event(slug: str) -> str:
    return events.EVENTS[slug].title


def told(kept: Kept) -> str:
    return " ".join(part for part in (event(kept["event"]), kept.get("result", "")) if part)


def telling(kept: Kept) -> str:
    return f"通知客户「{told(kept)}」"


def plain(words: str) -> Callable[[Kept], str]:
    return lambda _kept: words


def quoted(title: str, name: str) -> Callable[[Kept], str]:
    return lambda kept: f"{title}「{kept[name]}」"


def value(name: str) -> Callable[[Kept], str]:
    return lambda kept: str(kept[name])
