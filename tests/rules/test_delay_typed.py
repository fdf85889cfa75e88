from __future__ import annotations

import pytest

from rules.delay_typed import as_meant


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("XL码 24号之后发", "XL码,24号之后发"),
        ("25 号 之后 发", "25号之后发"),
        ("推迟到 26号", "推迟到26号"),
        ("不要发 顺丰", "不要发顺丰"),
        ("尺码 25号", "尺码25号"),
        ("24-26号发", "24号-26号发"),
        ("25-26号色", "25-26号色"),
        ("26号在寄", "26号再寄"),
        ("在发货的时候", "在发货的时候"),
        ("今天在发货吗", "今天在发货吗"),
        ("俩月后发", "两个月后发"),
        ("链接晚点发我", "链接晚点传我"),
        ("等发票开好再发", "等发票开好再发"),
        ("下周发我", "下周发我"),
        ("下礼拜在发", "下礼拜再发"),
        ("下个星期在发货", "下个星期再发货"),
        ("等了一个星期在发货吗", "等了一个星期在发货吗"),
        ("2026-12-01 00:00:00之后发货", "2026-12-01之后发货"),
    ],
)
def test_it_reads_what_was_meant_and_leaves_the_rest(typed: str, meant: str) -> None:
    assert as_meant(typed) == meant
