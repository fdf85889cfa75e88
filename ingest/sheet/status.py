"""What the words in a column of states mean."""

from __future__ import annotations

import re
from typing import Final

from ingest.snapshot import Effect, Unreadable

# The first that is found counts: "未发货，退款成功" is no order any more, "已发货，退款成功" has left.
_STATES: Final[tuple[tuple[str, Effect], ...]] = (
    ("等待买家付款", Effect.UNPAID), ("待付款", Effect.UNPAID), ("待支付", Effect.UNPAID), ("未付款", Effect.UNPAID),
    ("等待付款", Effect.UNPAID), ("待成团", Effect.UNPAID), ("拼团中", Effect.UNPAID),
    ("未发货，退款成功", Effect.CANCELLED), ("未发货,退款成功", Effect.CANCELLED),
    ("未发货，退款完成", Effect.CANCELLED), ("未发货,退款完成", Effect.CANCELLED),
    ("取消", Effect.CANCELLED), ("关闭", Effect.CANCELLED), ("作废", Effect.CANCELLED), ("删除", Effect.CANCELLED),
    ("部分发货", Effect.ADMIT), ("未发货", Effect.ADMIT), ("等待卖家发货", Effect.ADMIT), ("待发货", Effect.ADMIT),
    ("等待发货", Effect.ADMIT), ("等待出库", Effect.ADMIT), ("待出库", Effect.ADMIT), ("待配货", Effect.ADMIT),
    ("待审核", Effect.ADMIT), ("待处理", Effect.ADMIT), ("锁定", Effect.ADMIT), ("暂停", Effect.ADMIT),
    ("未确认收货", Effect.SHIPPED),
    ("已发货", Effect.SHIPPED), ("待收货", Effect.SHIPPED), ("待签收", Effect.SHIPPED), ("确认收货", Effect.SHIPPED),
    ("已收货", Effect.SHIPPED), ("已签收", Effect.SHIPPED), ("交易成功", Effect.SHIPPED),
    ("交易完成", Effect.SHIPPED), ("已完成", Effect.SHIPPED), ("订单完成", Effect.SHIPPED),
    ("妥投", Effect.SHIPPED), ("已出库", Effect.SHIPPED),
    ("已付款", Effect.ADMIT), ("已支付", Effect.ADMIT), ("新订单", Effect.ADMIT), ("正常", Effect.ADMIT),
)  # fmt: skip
_HELD: Final = {"锁定": "平台标为锁定", "暂停": "平台标为暂停"}
_WHOLE: Final = {"完成": Effect.SHIPPED}  # as part of a word it may be 未完成 or 退款完成
_REFUNDED: Final = ("退款成功", "已退款", "退款完成", "全额退款", "已全退")
_NO_REFUND: Final = ("无", "没", "未", "正常", "否", "不", "取消", "关闭", "撤销", "拒绝")
_ASKED: Final = ("退", "申请", "售后", "处理", "等待", "待", "是", "有", "协商", "审核", "同意", "中")


def effect_of(words: str, *, waybill: bool) -> Effect:
    """Raises Unreadable for words that nobody knows. Without any, a row with a waybill has left."""
    if not words:
        return Effect.SHIPPED if waybill else Effect.ADMIT
    if words in _WHOLE:
        return _WHOLE[words]
    for word, effect in _STATES:
        before, found, _ = words.partition(word)
        if found and not before.endswith(("未", "没", "不", "非")):
            return effect
    raise Unreadable(f"状态不认识：{_cut(words)}")


def hold_of(words: str) -> str:
    return next((why for word, why in _HELD.items() if word in words), "")


def refund_of(words: str) -> str:
    """ "", asked or refunded; a sum of money that is no zero is asked for. Raises Unreadable for words that nobody
    knows: a refund that is none would stop the order."""
    if not words or words in ("-", "/"):
        return ""
    if re.fullmatch(r"[¥￥]?\d+(?:\.\d+)?元?", words):
        return "asked" if float(words.strip("¥￥元")) else ""
    going_on = words.endswith("中") or any(word in words for word in ("申请", "等待", "待"))
    if not going_on and any(word in words for word in _REFUNDED) and not words.startswith("未"):
        return "refunded"
    if any(word in words for word in _NO_REFUND):
        return ""
    if any(word in words for word in _ASKED):
        return "asked"
    raise Unreadable(f"退款状态不认识：{_cut(words)}")


def _cut(words: str) -> str:
    """Enough of a cell to know it again; it may hold more than a state."""
    return f"{words[:4]}{'…' if len(words) > 4 else ''}"
