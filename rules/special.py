"""Special order types by what can be read of an order (domain sheet 1.3), each with its evidence. They inform: none of
them holds an order or changes how it is counted. The one type that a source or a person has said is `orders.kind`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from texts.negation import first_meant

_BULK_PIECES: Final = 50

# Type → words, and where they count: what a buyer or seller wrote (said), what all goods are called (goods), what any
# of them is called (any), where it goes (place).
_WORDS: Final[tuple[tuple[str, str, re.Pattern[str]], ...]] = (
    ("加急", "said", re.compile(r"加急|急单|特急|急件")),
    ("空包", "said", re.compile(r"空包(?!装)|空单")),
    ("售后维修", "said", re.compile(r"返修|寄修|维修")),
    ("分销代发", "said", re.compile(r"代发|分销|供销")),
    ("测试", "said", re.compile(r"测试")),
    ("定制", "said", re.compile(r"定制|刻字|印字|来图")),
    ("团购批发", "said", re.compile(r"团购|批发")),
    ("海外仓", "said", re.compile(r"海外仓")),
    ("定制", "any", re.compile(r"定制|刻字|印字|来图")),
    ("直邮集运", "any", re.compile(r"直邮|保税")),
    ("海外仓", "any", re.compile(r"海外仓")),
    ("测试", "any", re.compile(r"测试(?![仪笔纸卡剂盒棒线夹机器架台]|工具)")),
    ("补差价", "goods", re.compile(r"差价|补运费|补邮费|邮费链接|运费链接")),
    ("赠品", "goods", re.compile(r"赠品|非卖品")),
    ("虚拟", "goods", re.compile(r"充值|电子券|兑换码|虚拟商品")),
    ("直邮集运", "place", re.compile(r"集运|转运|香港特别行政区|澳门特别行政区|台湾省")),
)
_ANY_OF_THEM: Final = re.compile("|".join(dict.fromkeys(words.pattern for _, _, words in _WORDS)))
_BY_SOURCE: Final = {
    "chat": ("手工单", "在聊天里下的单"),
    "mail": ("手工单", "按邮件录的单"),
    "sheet": ("Excel 导入单", "从表格导入"),
}


@dataclass(frozen=True, slots=True)
class Special:
    title: str
    evidence: str

    @property
    def shown(self) -> str:
        return f"{self.title}（{self.evidence}）"


@dataclass(frozen=True, slots=True)
class SpecialFacts:
    """`goods`: (title and option, pieces) of each line. `place`: the region and what can be seen of the address.
    `split_from`: the platform's number of the order that it was divided from. `merged_with`: tags."""

    platform: str
    buyer_message: str
    seller_memo: str
    goods: Sequence[tuple[str, int]]
    place: str = ""
    split_from: str = ""
    merged_with: Sequence[str] = ()


def special_types(facts: SpecialFacts) -> tuple[Special, ...]:
    """Every type that shows, once, in a fixed order."""
    found = [Special(*_BY_SOURCE[facts.platform])] if facts.platform in _BY_SOURCE else []
    if facts.merged_with:
        found.append(Special("合并单", f"与 {'、'.join(facts.merged_with)} 一起发"))
    if facts.split_from:
        found.append(Special("拆分单", f"平台由 {facts.split_from} 拆出"))
    if _ANY_OF_THEM.search("\n".join((facts.buyer_message, facts.seller_memo, facts.place, *_names(facts)))):
        found += [one for title, where, words in _WORDS if (one := _by_words(facts, title, where, words))]
    most = max((pieces for _, pieces in facts.goods), default=0)
    if most >= _BULK_PIECES:
        found.append(Special("团购批发", f"一样商品 {most} 件"))
    return tuple({one.title: one for one in reversed(found)}[title] for title in dict.fromkeys(o.title for o in found))


def _names(facts: SpecialFacts) -> list[str]:
    return [name for name, _ in facts.goods]


def _by_words(facts: SpecialFacts, title: str, where: str, words: re.Pattern[str]) -> Special | None:
    if where == "said":
        return _first(title, words, (("买家留言", facts.buyer_message), ("备注", facts.seller_memo)))
    if where == "place":
        return _first(title, words, (("收货地", facts.place),))
    names = [("商品", name) for name in _names(facts)]
    if where == "goods" and not all(first_meant(words, name) for _, name in names):
        return None
    return _first(title, words, names)


def _first(title: str, words: re.Pattern[str], texts: Sequence[tuple[str, str]]) -> Special | None:
    for label, said in texts:
        if (found := first_meant(words, said)) is not None:
            return Special(title, f"{label}“{found[0]}”")
    return None
