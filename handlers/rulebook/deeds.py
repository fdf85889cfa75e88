"""All that a rule can do to an order: how people write it, what is kept of it, how it is said, and whether it is taken
back when the order is no longer so. The chat, the dry run, 为什么 and the page read this one table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from handlers.rulebook import deed_parts as parts
from handlers.rulebook.deed_parts import Kept, Wrong

__all__ = [
    "DEEDS",
    "LASTING",
    "MOST",
    "Deed",
    "Kept",
    "Wrong",
    "begun",
    "key_of",
    "read",
    "said",
    "titles",
    "words",
    "written",
]

MOST: Final = 10
"""Actions of one rule."""


@dataclass(frozen=True, slots=True)
class Deed:
    """`says`: what it does; `called`: further words by which it is meant. `asks`: what stands behind it, in words, ""
    for nothing; `sort`: how a form asks for that: none, choice, day, text, whom; `choices`: what it can be, or a
    suggestion; `needless`: it may be left out. `read`: what was written → what is kept of it, without `do`; raises
    Wrong. `said`: that again, as people read it; `written`: as it is written behind the title. `lasts`: it is taken
    back when the rule is stopped, or no longer finds the order so. `many`: a rule may have several. `setting`: it is no
    action of its own, but these fields of store.Wish."""

    title: str
    example: str
    says: str
    read: Callable[[str, date], dict[str, Any]]
    said: Callable[[Kept], str]
    written: Callable[[Kept], str]
    asks: str = ""
    sort: str = "none"
    called: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    needless: bool = False
    lasts: bool = False
    many: bool = False
    setting: bool = False


def key_of(kept: Kept) -> str:
    """By what it is known that it was done: the same words are the same deed."""
    more = [str(kept[name]) for name in sorted(kept) if name not in ("do", "whom") and kept[name] not in (None, "")]
    return ":".join([str(kept["do"]), *more])


def said(kept: Kept) -> str:
    """标记「大额」"""
    return DEEDS[kept["do"]].said(kept)


def written(kept: Kept) -> str:
    """As people would write it again: 标记 大额"""
    deed = DEEDS[kept["do"]]
    return f"{deed.title} {deed.written(kept)}".strip()


def read(slug: str, words: str, today: date) -> dict[str, Any]:
    """What is kept of an action, or the fields of Wish that it is. Raises Wrong."""
    deed = DEEDS[slug]
    words = words.strip(" ,，。:：")
    if not deed.asks and words:
        raise Wrong(f"「{deed.title}」后面不用再写", f"请写：{deed.title}")
    if deed.asks and not words and not deed.needless:
        raise Wrong(f"「{deed.title}」后面要写{deed.asks}", f"例如：{deed.example}")
    made = deed.read(words, today)
    return made if deed.setting else {"do": slug, **made}


def begun(words: str) -> tuple[str, str] | None:
    """The action that `words` begin with, and what stands behind it."""
    for spelling, slug in _SPELLINGS:
        if words.startswith(spelling):
            return slug, words[len(spelling) :]
    return None


def titles() -> list[str]:
    return [deed.title for deed in DEEDS.values()]


def words() -> list[str]:
    """By which actions are meant, the longest first."""
    return [word for word, _ in _SPELLINGS]


_NOTHING: Final = parts.plain("")
DEEDS: Final[dict[str, Deed]] = {
    "open": Deed(
        "建单", "建单 客服", "开一件异常给这个角色；不写动作时就是这样",
        parts.role, parts.opened, parts.role_of, asks="给哪个角色", sort="choice", choices=tuple(parts.WHOM),
        called=("开异常", "建异常"), needless=True, setting=True,
    ),
    "quiet": Deed(
        "不建单", "不建单", "不开异常，只做别的动作",
        parts.fields(quiet=True), parts.plain("不开异常"), _NOTHING, called=("不开异常", "不建异常", "不用建单"),
        setting=True,
    ),
    "lock": Deed(
        "锁单", "锁单", "异常开着就锁单",
        parts.fields(blocks=True), parts.plain("锁单"), _NOTHING, called=("锁定",), lasts=True, setting=True,
    ),
    "hold": Deed(
        "延到", "延到 12-25", "到那天之前不发，到日子提醒仓库；别人已经约好日子的不动",
        parts.hold, parts.hold_said, parts.held, asks="哪一天，或几天后", sort="day",
        called=("暂缓到", "延发到", "延期到", "推迟到", "延发", "暂缓", "推迟"), lasts=True,
    ),
    "tag": Deed(
        "标记", "标记 大额", "给订单打标记：显示在订单上，可以查，别的规则能用",
        parts.tag, parts.quoted("标记", "tag"), parts.value("tag"), asks="一个词，10 个字以内", sort="text",
        called=("打标记", "打标"), lasts=True, many=True,
    ),
    "note": Deed(
        "备注", "备注 发顺丰", "记在订单上，也写到平台备注；写 红旗 就插旗",
        parts.text("note", parts.NOTE), parts.quoted("备注", "note"), parts.value("note"), asks="备注的内容",
        sort="text", called=("加备注", "写备注"), many=True,
    ),
    "move": Deed(
        "转环节", "转环节 待配货", "待审核转到待配货（查的和人审核一样），或把还没配货的退回待审核",
        parts.move, parts.moved, parts.stage_of, asks="转到哪个环节", sort="choice", choices=tuple(parts.MOVES),
        called=("转到", "改环节"),
    ),
    "buy": Deed(
        "问采购", "问采购 请确认到货时间", "给采购开一件要答复的事",
        parts.text("ask", parts.ASKED, parts.ASK), parts.quoted("问采购", "ask"), parts.value("ask"), asks="问什么",
        sort="text", called=("询问采购",), needless=True, lasts=True,
    ),
    "remind": Deed(
        "提醒", "提醒 仓库", "告诉一位同事或一个角色，几单合成一条",
        parts.remind, parts.reminded, parts.whom, asks="同事的名字，或一个角色", sort="whom",
        choices=tuple(parts.WHOM), many=True,
    ),
    "tell": Deed(
        "通知客户", "通知客户 延期", "给客户发通知：夜里不发，一天一次，退订的不发",
        parts.tell, parts.telling, parts.told, asks="哪一类通知", sort="choice",
        choices=tuple(parts.event(slug) for slug in parts.TOLD), called=("告诉客户",), many=True,
    ),
    "pass": Deed(
        "自动通过", "自动通过", "不等自动审核的条件就通过审核；有锁单的异常、退款、缺货的不通过",
        parts.nothing, parts.plain("自动通过审核"), _NOTHING, called=("自动审核", "直接通过"),
    ),
}  # fmt: skip
"""By the slug under which a version keeps it."""

_SPELLINGS: Final = sorted(
    ((word, slug) for slug, deed in DEEDS.items() for word in (deed.title, *deed.called)),
    key=lambda one: -len(one[0]),
)
LASTING: Final = frozenset(slug for slug, deed in DEEDS.items() if deed.lasts and not deed.setting)
"""What is taken back again."""
