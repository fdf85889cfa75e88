"""What the customer hears of each kind of matter, in one place: words of its own when it is solved (`Kind.customer`,
told as the event `solved`), another event that tells of it, or nothing, with the reason.

Whoever adds a kind says which of the three it is: tests/handlers/customers/test_matters.py holds the registries against
this."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from handlers.customers.events import EVENTS
from handlers.kinds import OTHERS, kind_of
from rules import RULES

SOLVED: Final = "solved"

ELSEWHERE: Final[dict[str, tuple[str, str]]] = {
    "refund_preship": ("refunded", "退款到账时通知"),
    "refund_part": ("part_refunded", "退了哪些、多少、其余何时发"),
    "refund_wait": ("refunded", "退款到账时通知"),
    "urged": ("shipped", "发出时通知"),
    "deadline_near": ("delayed", "真的晚了才通知"),
    "stale_stage": ("delayed", "真的晚了才通知"),
    "hold_until": ("delayed", "改到承诺之后才通知；买家自己要求的不算延期"),
    "shortage": ("stock", "定了等货、换同款、拆单或退款时通知，按订单发"),
    "shipped_on_platform": ("shipped", "平台显示发货时通知"),
    "intercept": ("refunded", "拦住以后退款时通知；没拦住的已收到发货通知"),
}
"""Kind → the event that tells of it, and when."""

_HERE: Final = "只和这里的系统有关，订单不受影响"
_NOBODY_ASKED: Final = "内部核对，买家没有提出，照常发货"
SILENT: Final[dict[str, str]] = {
    "blacklist": "不能让买家知道自己被核查",
    "test_order": "不能让买家知道自己被核查",
    "bought_twice": "由客服先问买家，结果在聊天里说",
    "duplicate_order": "由客服先问买家，结果在聊天里说",
    "sku_unmapped": _HERE,
    "price_low": "定价问题，处理结果由客服和买家谈",
    "finance_review": _NOBODY_ASKED,
    "gift_alone": "处理结果由客服和买家谈",
    "remark_changed": "多是内部备注；买家的留言由「留言待处理」通知",
    "no_pickup": "揽收后平台自己显示物流，再发一条会误以为又寄了一件",
    "refund_on_the_way": "已经发出的订单退款由平台自己通知",
    "stale_group": "一个原因压住的许多单，逐单由其他事件通知",
    "cause_group": "一个原因压住的许多单，逐单由其他事件通知",
    "writeback_fail": "包裹已经发出，买家已收到发货通知",
    "unmerged": _NOBODY_ASKED,
    "merge_addr_diff": _NOBODY_ASKED,
    "look_failed": _HERE,
    "erp_conflict": _HERE,
    "erp_stopped": _HERE,
    "ship_jam": "堵住的订单真的晚了才通知，由延期通知",
    "upstream_down": _HERE,
    "shop_stopped": _HERE,
    "order_gone": "平台上查不到的订单，没有可以通知的状态",
    "pull_stopped": _HERE,
    "missing_order": "补进来以后按普通订单通知",
    "auth_expiring": _HERE,
    "sync_silent": _HERE,
    "person_lock": "内部锁定，买家没有提出；晚了由延期通知",
    "rule_ask": "内部询问；要告诉买家的写进规则的动作",
}
"""Kind → why its customer hears nothing."""


@dataclass(frozen=True, slots=True)
class Told:
    """`event`: a key of events.EVENTS, "" for nothing. `words`: the result that it says, or when, or why nothing."""

    event: str
    words: str


def of(kind: str) -> Told:
    """A rule of the company's own tells the customer where one of its actions says so. Raises LookupError for a kind
    that nobody described."""
    if words := kind_of(kind).customer:
        return Told(SOLVED, words)
    if kind in ELSEWHERE:
        return Told(*ELSEWHERE[kind])
    return Told("", SILENT[kind])


def every() -> list[tuple[str, Told]]:
    """All kinds that there are, in the order of the registries."""
    return [(kind, of(kind)) for kind in (*RULES, *OTHERS)]


def table(kinds: Iterable[tuple[str, Told]]) -> str:
    """For docs/customers.md."""
    lines = ["| 异常 | 通知 | 说什么、何时说，或为什么不说 |", "|---|---|---|"]
    for kind, told in kinds:
        event = f"{EVENTS[told.event].title}" if told.event else "不通知"
        words = f"结果：{told.words}" if told.event == SOLVED else told.words
        lines.append(f"| {kind_of(kind).title}（`{kind}`） | {event} | {words} |")
    return "\n".join(lines)
