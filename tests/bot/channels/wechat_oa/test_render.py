from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.sending import Form, SendError
from bot.channels.wechat_oa.render import CLEANERS, clean, template_body
from config import Settings
from sandbox.weixin import TYPES

GOOD = {
    "number": "JD-20251222-001",
    "goods": "北欧风陶瓷餐盘 8 寸 白色 两只装 送木筷子一双",
    "courier": "顺丰",
    "waybill": "SF1234567890123",
    "time": "2025年12月22日 10:00",
}


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
        ("car_number8", "浙A12345678", "浙A123456"),
        ("short_thing9", "一二三四五六七八九十一", "一二三四五六七八九…"),
        ("unheard_of1", "一二三四五六七八九十一", "一二三四五六七八九…"),
        ("7", "x", "x"),
    ],
)
def test_a_value_is_made_to_fit_its_key(key: str, value: str, cleaned: str) -> None:
    assert clean(key, value) == cleaned


@given(st.sampled_from(sorted(CLEANERS)), st.text(max_size=80))
def test_what_is_cleaned_is_taken_or_empty(kind: str, value: str) -> None:
    cleaned = clean(f"{kind}1", value)
    assert cleaned == "" or re.fullmatch(TYPES[kind], cleaned), cleaned


def test_a_form_is_filled_by_the_configured_keys(settings: Settings) -> None:
    assert settings.weixin is not None
    body = template_body(Form("shipped", GOOD, "https://example.com/o/1"), settings.weixin.templates)
    assert body["template_id"] == "tmpl-shipped-0001"
    assert body["url"] == "https://example.com/o/1"
    assert body["data"]["character_string4"] == {"value": "SF1234567890123"}
    assert body["data"]["thing2"] == {"value": "北欧风陶瓷餐盘 8 寸 白色 两只装 …"}


def test_it_refuses_rather_than_to_send_half(settings: Settings) -> None:
    assert settings.weixin is not None
    templates = settings.weixin.templates
    for form in (Form("unknown", GOOD), Form("shipped", {**GOOD, "waybill": ""}), Form("shipped", {"number": "测试"})):
        with pytest.raises(SendError) as error:
            template_body(form, templates)
        assert error.value.permanent
