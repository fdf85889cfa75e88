"""What the words in a column of states mean."""

from __future__ import annotations

from typing import Final

from ingest.snapshot import Effect, Unreadable

# The first that is found counts: "未发货，退款成功" is no order any more, "已发货，退款成功" has left.
_STATES: Final[tuple[tuple[str, Effect], ...]] = (
    ("等待买家付款", Effect.UNPAID), ("待付款", Effect.UNPAID), ("待支付", Effect.UNPAID), ("未付款", Effect.UNPAID),
    ("等待付款", Effect.UNPAID), ("待成团", Effect.UNPAID), ("拼团中", Effect.UNPAID),
    ("未发货，退款成功", Effect.CANCELLED), ("未发货,退款成功", Effect.CANCELLED),
    ("取消", Effect.CANCELLED), ("关闭", Effect.CANCELLED), ("作废", Effect.CANCELLED), ("删除", Effect.CANCELLED),
    ("部分发货", Effect.ADMIT), ("未发货", Effect.ADMIT), ("等待卖家发货", Effect.ADMIT), ("待发货", Effect.ADMIT),
    ("等待发货", Effect.ADMIT), ("等待出库", Effect.ADMIT), ("待出库", Effect.ADMIT), ("待配货", Effect.ADMIT),
    ("待审核", Effect.ADMIT), ("待处理", Effect.ADMIT), ("锁定", Effect.ADMIT), ("暂停", Effect.ADMIT),
    ("已发货", Effect.SHIPPED), ("待收货", Effect.SHIPPED), ("待签收", Effect.SHIPPED), ("确认收货", Effect.SHIPPED),
    ("已收货", Effect.SHIPPED), ("已签收", Effect.SHIPPED), ("交易成功", Effect.SHIPPED), ("完成", Effect.SHIPPED),
    ("妥投", Effect.SHIPPED), ("已出库", Effect.SHIPPED),
    ("已付款", Effect.ADMIT), ("已支付", Effect.ADMIT), ("新订单", Effect.ADMIT), ("正常", Effect.ADMIT),
)  # fmt: skip
_HELD: Final = {"锁定": "平台标为锁定", "暂停": "平台标为暂停"}
_NO_REFUND: Final = ("无", "没有", "未申请", "取消", "关闭", "撤销", "拒绝")


def effect_of(words: str, *, waybill: bool) -> Effect:
    """Raises Unreadable for words that nobody knows. Without any, a row with a waybill has left."""
    if not words:
        return Effect.SHIPPED if waybill else Effect.ADMIT
    for word, effect in _STATES:
        if word in words:
            return effect
    raise Unreadable(f"状态不认识：{words[:4]}{'…' if len(words) > 4 else ''}")


def hold_of(words: str) -> str:
    return next((why for word, why in _HELD.items() if word in words), "")


def refund_of(words: str) -> str:
    """ "", asked or refunded."""
    if not words or words in ("-", "/"):
        return ""
    if "退款成功" in words or "已退款" in words:
        return "refunded"
    return "" if any(word in words for word in _NO_REFUND) else "asked"
