from __future__ import annotations

import pytest

from rules.said import asks, shown


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("", ()),
        ("谢谢老板！", ()),
        ("要开发票,抬头:林晓雨", ("invoice",)),
        ("请发顺丰，急用", ("courier", "urge")),
        ("地址写错了，改一下地址", ("readdress",)),
        ("送朋友的,不要放小票", ("gift",)),
        ("不要发票", ("other",)),
        ("红色的", ("other",)),
    ],
)
def test_several_things_may_be_asked_at_once(said: str, asked: tuple[str, ...]) -> None:
    assert asks(said) == asked


def test_numbers_are_hidden_and_an_address_is_not_shown_at_all() -> None:
    assert shown("打 13800001234 找我") == "打 *** 找我"
    assert shown("寄到杭州市西湖区文三路 12 号") == "内容请看订单"


@pytest.mark.parametrize(
    "said",
    [
        "改地址 林晓雨",
        "寄给林晓雨",
        "收件人：林晓雨",
        "收货人改成林晓雨",
        "紫金花 3 栋",
        "金色家园A座",
        "阳光里二期",
        "幢12",
    ],
)
def test_who_it_goes_to_is_not_shown_either(said: str) -> None:
    assert shown(said) == "内容请看订单"


@pytest.mark.parametrize("said", ["请寄顺丰", "什么时候寄", "尽快寄出", "改一下收货地址", "地址写错了，麻烦改一下地址"])
def test_what_names_nobody_is_shown(said: str) -> None:
    assert shown(said) == said
