from __future__ import annotations

import pytest

from bot.channels.sending import Form, SendError
from bot.channels.wechat_oa.render import template_body
from handlers.customers import filling
from handlers.desk import Desk

GOOD = {
    "number": "JD-20251222-001",
    "goods": "北欧风陶瓷餐盘 8 寸 白色 两只装 送木筷子一双",
    "courier": "顺丰",
    "waybill": "SF1234567890123",
    "time": "2025年12月22日 10:00",
}


FILLED = filling.Filled(
    "tmpl-shipped-0001",
    {
        "character_string1": "JD-20251222-001",
        "thing2": "北欧风陶瓷餐盘 8 寸 白色 两只装 …",
        "thing3": "顺丰",
        "character_string4": "SF1234567890123",
        "time5": "2025年12月22日 10:00",
    },
)
SHIPPED = Form("shipped", GOOD, filled={"wechat_oa": FILLED})


def test_a_form_becomes_the_platforms_body(desk: Desk) -> None:
    letter = filling.letter(desk, "shipped", [GOOD])
    body = template_body(Form("shipped", GOOD, "https://example.com/o/1", letter.filled), "wechat_oa")
    assert body == {
        "template_id": "tmpl-shipped-0001",
        "url": "https://example.com/o/1",
        "data": {key: {"value": value} for key, value in FILLED.values.items()},
    }


def test_it_refuses_rather_than_to_send_half(desk: Desk) -> None:
    half = filling.letter(desk, "shipped", [{**GOOD, "waybill": ""}])
    for form in (Form("shipped", GOOD), Form("shipped", GOOD, filled=half.filled)):
        with pytest.raises(SendError) as error:
            template_body(form, "wechat_oa")
        assert error.value.permanent
    assert "character_string4" in str(error.value)
