"""What customers are told of: how each event is called, and the values that its words may name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal

VALUES: Final[dict[str, str]] = {
    "number": "订单号",
    "goods": "商品",
    "courier": "快递",
    "waybill": "单号",
    "time": "时间",
    "result": "结果",
    "reason": "原因",
    "deadline": "原定时间",
    "amount": "金额",
    "rest": "其余",
    "words": "说明",
}
"""Our name of a value → as people write it, in braces."""

NAMES: Final = {title: name for name, title in VALUES.items()}
_PLACE: Final = re.compile(r"[{｛]\s*([^{}｛｝]{1,10}?)\s*[}｝]")


@dataclass(frozen=True, slots=True)
class Event:
    """`called`: further names by which people mean it. `plain`: what is said where a way takes free words.
    `once_a_day`: a second one for the same customer, or about the same order, waits until the next day; what waits
    together goes as one. `gathers`: so long it waits for others of its kind."""

    title: str
    called: tuple[str, ...]
    values: tuple[str, ...]
    plain: str
    once_a_day: Literal["", "customer", "order"] = ""
    gathers: timedelta = timedelta(0)


EVENTS: Final[dict[str, Event]] = {
    "shipped": Event(
        "发货", ("已发货", "发货通知"), ("number", "goods", "courier", "waybill", "time"),
        "您的订单 {订单号}（{商品}）已发货：{快递} {单号}。",
    ),
    "solved": Event(
        "处理", ("已处理", "异常解决", "处理结果", "解决"), ("number", "result", "time"),
        "您的订单 {订单号} 有进展：{结果}。", once_a_day="order",
    ),
    "delayed": Event(
        "延期", ("延迟", "晚发", "改期", "延期发货"), ("number", "goods", "reason", "deadline", "time"),
        "很抱歉，您的订单 {订单号}（{商品}）要晚一些发出，我们正在加急处理。"
        "发「进度」可随时查看最新时间。", once_a_day="customer",
        gathers=timedelta(minutes=10),
    ),
    "stock": Event(
        "缺货", ("缺货选择",), ("number", "goods", "reason", "time", "words"),
        "您的订单 {订单号}：{说明}有疑问请联系店铺客服。",
        once_a_day="customer", gathers=timedelta(minutes=10),
    ),
    "refunded": Event(
        "退款", ("已退款", "退款成功"), ("number", "goods", "amount", "time"),
        "您的订单 {订单号} 的退款 {金额} 已处理，请以付款平台的到账通知为准。",
    ),
    "part_refunded": Event(
        "部分退款", ("部分已退款", "退一部分"), ("number", "goods", "amount", "rest", "time"),
        "您的订单 {订单号} 里的 {商品} 已退款 {金额}，请以付款平台的到账通知为准。其余商品：{其余}。",
        once_a_day="order",
    ),
}  # fmt: skip


def named(words: str) -> tuple[str, str] | None:
    """The event that `words` begin with, and what stands behind it."""
    spellings = [(one, slug) for slug, event in EVENTS.items() for one in (event.title, *event.called)]
    for spelling, slug in sorted(spellings, key=lambda one: -len(one[0])):
        if words.startswith(spelling):
            return slug, words[len(spelling) :].removeprefix("通知").strip(" ,，。:：")
    return None


def places(words: str) -> list[str]:
    """What stands in braces, as it is written."""
    return [found.strip() for found in _PLACE.findall(words)]


def filled(words: str, values: Mapping[str, str]) -> str:
    """`words` with the values in the places that are ours."""
    return _PLACE.sub(lambda found: values.get(NAMES.get(found[1].strip(), ""), ""), words)
