"""What a template's value may hold, against customer-messages.md 4 and the stand-in's own strictness."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.customers.fields import KINDS, clean, complaint
from sandbox.weixin import TYPES


@pytest.mark.parametrize(
    ("key", "value", "cleaned"),
    [
        ("thing2", "一二三四五六七八九十一二三四五六七八九十一", "一二三四五六七八九十一二三四五六七八九…"),
        ("thing2", " 两\n行 ", "两 行"),
        ("character_string1", "测试单号 JD-1", "JD-1"),
        ("character_string1", "测试单号", ""),
        ("number3", "共 1,234.5 元", "1234.5"),
        ("phrase2", "已发货13笔", "已发货笔"),
        ("phrase2", "720ml", ""),
        ("amount4", "¥29.905", "¥29.90"),
        ("amount4", "没有", ""),
        ("name5", "王小明(先生)", "王小明先生"),
        ("name5", "Alice Liddell of Wonderland", "Alice Liddell of Won"),
        ("phone_number6", "电话138 1234 1234", "138 1234 1234"),
        ("time5", "发货于 2025年12月22日 10:00 左右", "2025年12月22日 10:00"),
        ("date5", "明天", ""),
        ("letter7", "a1b2", "ab"),
        ("symbol7", "a!b?", "!?"),
        ("const8", "仓库延误", "仓库延误"),
        ("car_number8", "浙A12345678", "浙A123456"),
        ("short_thing9", "一二三四五六七八九十一", "一二三四五六七八九…"),
        ("unheard_of1", "一二三四五六七八九十一", "一二三四五六七八九…"),
        ("7", "x", "x"),
    ],
)
def test_a_value_is_made_to_fit_its_key(key: str, value: str, cleaned: str) -> None:
    assert clean(key, value) == cleaned


@given(st.sampled_from(sorted(KINDS)), st.text(max_size=80))
def test_what_is_cleaned_is_taken_or_empty(kind: str, value: str) -> None:
    cleaned = clean(f"{kind}1", value)
    assert cleaned == "" or re.fullmatch(TYPES[kind], cleaned), cleaned


def test_a_const_is_one_of_the_approved_words_or_nothing() -> None:
    assert clean("const3", "仓库延误", ("仓库延误", "商品缺货")) == "仓库延误"
    assert clean("const3", "仓库着火", ("仓库延误", "商品缺货")) == ""


@pytest.mark.parametrize(
    ("key", "value", "why"),
    [
        ("thing2", "一" * 21, "最多 20 个字"),
        ("character_string1", "测试单号", "不能有汉字"),
        ("phrase3", "已发货13笔", "最多 5 个汉字"),
        ("time4", "明天", "日期或时间"),
        ("amount5", "三块", "金额"),
        ("thing2", "", "最多 20 个字"),
        ("unheard_of9", "一" * 11, "最多 10 个字"),
    ],
)
def test_words_that_cannot_stand_there_are_explained(key: str, value: str, why: str) -> None:
    said = complaint(key, value)
    assert said.startswith(key)
    assert why in said


@pytest.mark.parametrize(
    ("key", "value"),
    [("thing2", "马克杯"), ("phrase3", "延期发货"), ("time4", "2025年12月22日 10:00"), ("amount5", "¥29.90")],
)
def test_words_that_fit_are_not_complained_about(key: str, value: str) -> None:
    assert complaint(key, value) == ""


def test_a_word_that_nobody_approved_is_told_which_there_are() -> None:
    assert complaint("const3", "仓库着火", ("仓库延误", "商品缺货")) == "const3 只能填审核过的词：仓库延误、商品缺货"
