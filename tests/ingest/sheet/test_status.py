"""What the words of hand-made and exported tables mean; no order is shipped or asked back by a guess."""

from __future__ import annotations

import pytest

from ingest.sheet.cells import phone
from ingest.sheet.status import effect_of, refund_of
from ingest.snapshot import Effect, Unreadable


@pytest.mark.parametrize(
    ("words", "effect"),
    [
        ("完成", Effect.SHIPPED),
        ("已完成", Effect.SHIPPED),
        ("交易成功", Effect.SHIPPED),
        ("未确认收货", Effect.SHIPPED),
        ("未发货，退款完成", Effect.CANCELLED),
        ("已发货，退款成功", Effect.SHIPPED),
        ("待发货", Effect.ADMIT),
    ],
)
def test_a_state_is_what_it_says(words: str, effect: Effect) -> None:
    assert effect_of(words, waybill=False) is effect


@pytest.mark.parametrize("words", ["未完成", "待完成", "部分完成", "退款完成", "售后完成", "未交易成功", "未已付款"])
def test_what_is_not_done_yet_is_asked_about_and_not_taken_for_shipped(words: str) -> None:
    with pytest.raises(Unreadable, match="状态不认识"):
        effect_of(words, waybill=False)


@pytest.mark.parametrize(
    ("words", "state"),
    [
        *(
            (words, "")
            for words in ("", "-", "未退款", "无", "正常", "否", "没", "没有申请退款", "未发起", "0", "0.00")
        ),
        *((words, "") for words in ("无售后或售后取消", "退款关闭", "不退")),
        *(
            (words, "asked")
            for words in ("退款中", "申请退款", "售后处理中", "待商家处理", "部分退款", "全额退款申请中", "38.5")
        ),
        *((words, "refunded") for words in ("退款成功", "已退款", "退款完成", "全额退款")),
    ],
)
def test_a_refund_is_asked_for_only_where_the_words_say_so(words: str, state: str) -> None:
    assert refund_of(words) == state


def test_a_refund_that_nobody_understands_is_told_and_stops_nothing() -> None:
    with pytest.raises(Unreadable, match="退款状态不认识：蓝色"):
        refund_of("蓝色")


@pytest.mark.parametrize(
    ("written", "dialled"),
    [
        ("138 1234 1234", "13812341234"),
        ("+86 13812341234", "13812341234"),
        ("86 138 1234 1234", "13812341234"),
        ("0571 88881234", "0571-88881234"),
        ("010 8888 1234", "01088881234"),
        ("13812341234 13900001111", "13812341234"),
    ],
)
def test_a_phone_in_groups_is_one_phone(written: str, dialled: str) -> None:
    assert phone(written) == dialled
