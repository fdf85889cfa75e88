"""Cards and texts of DingTalk: every view in both templates and as text looks as it always did, and nothing is ever too
long. The robot's own rendering is in `tests/bot/channels/test_channels.py` with the other channels."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.card import Button, Card, DropDown, Field, Style, Text, Tone, as_text
from bot.cards import draw
from bot.channels.dingtalk.own_card import own_card
from bot.channels.dingtalk.public_card import public_card
from bot.channels.dingtalk.render import card_data, message
from bot.payload import Payload
from config_chat import PUBLIC_TEMPLATE
from handlers.views import CaseView, OrderView
from tests.bot import golden
from tests.bot.channels.dingtalk.ding_fits import OWN, fits_card, fits_robot
from tests.bot.samples import KEY, LONG_CASES, LONG_ORDERS, PEN, VIEWS, WORDS

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]
LINK = PEN.base_url
CARDS = [name for name, view in VIEWS.items() if isinstance(draw(view, PEN), Card)]


def card_of(name: str, **changes: Any) -> Card:
    drawing = draw(VIEWS[name], PEN)
    assert isinstance(drawing, Card)
    return replace(drawing, **changes)


@pytest.mark.parametrize("name", CARDS)
def test_every_card_in_the_public_template_looks_as_it_always_did(name: str) -> None:
    found = public_card(card_of(name))
    fits_card(found, PUBLIC_TEMPLATE)
    golden.check(f"dingtalk_public/{name}", found)


@pytest.mark.parametrize("name", VIEWS)
def test_every_view_as_text_looks_as_it_always_did(name: str) -> None:
    drawing = draw(VIEWS[name], PEN)
    found = message(as_text(drawing) if isinstance(drawing, Card) else drawing, LINK)
    fits_robot(found)
    golden.check(f"dingtalk_text/{name}", found)


@settings(max_examples=60, deadline=None, suppress_health_check=SLOW)
@given(view=LONG_CASES, note=WORDS)
def test_no_case_is_too_long_in_either_template(view: CaseView, note: str) -> None:
    card = draw(view, PEN)
    assert isinstance(card, Card)
    for template in (OWN, PUBLIC_TEMPLATE):
        fits_card(card_data(card, template, note=note), template)


@settings(max_examples=60, deadline=None, suppress_health_check=SLOW)
@given(view=LONG_ORDERS)
def test_no_order_is_too_long_in_either_template(view: OrderView) -> None:
    card = draw(view, PEN)
    assert isinstance(card, Card)
    for template in (OWN, PUBLIC_TEMPLATE):
        fits_card(card_data(card, template), template)


@settings(max_examples=150, deadline=None, suppress_health_check=SLOW)
@given(
    title=WORDS, subtitle=WORDS, source=WORDS, quote=WORDS, body=WORDS, done=WORDS, code=WORDS, link_title=WORDS,
    link=st.sampled_from(["", LINK, LINK + "/x" * 600]),
    tone=st.sampled_from(list(Tone)),
    emphasis=st.none() | st.tuples(WORDS, WORDS),
    fields=st.lists(st.builds(Field, label=WORDS, value=WORDS), max_size=9).map(tuple),
    values=st.lists(st.text(max_size=300), max_size=9, unique=True),
)  # fmt: skip
def test_no_card_whatever_it_holds_is_too_long(values: list[str], done: str, **parts: Any) -> None:
    made = tuple(Button(value[:30], Payload("claim", "case:12", 3, value[:80]).pack(KEY)) for value in values)
    card = Card(subject="case:12", revision=3, buttons=made[:5], menu=made[5:], **parts)
    for shown in (card, replace(card, done_text=done)):
        fits_card(own_card(shown), OWN)
        fits_card(public_card(shown), PUBLIC_TEMPLATE)
        fits_robot(message(as_text(shown), LINK))


# the fixed order of shortening


def buttons(count: int, value: str = "") -> tuple[Button, ...]:
    return tuple(
        Button(f"按钮{number}", Payload("claim", f"case:{number}", 3, value).pack(KEY), Style.MAIN)
        for number in range(count)
    )


def test_values_of_fields_become_shorter_before_a_field_is_left_out() -> None:
    wide = tuple(Field(f"第{number}项", "字" * 200) for number in range(6))
    shown = json.loads(own_card(Card("题", "s", 1, fields=wide))["fields"])
    assert len(shown) == 6
    assert {len(field["value"]) for field in shown} == {30}
    one = json.loads(own_card(Card("题", "s", 1, fields=wide[:1]))["fields"])
    assert len(one[0]["value"]) == 80


def test_a_button_that_does_not_fit_stands_in_the_menu() -> None:
    found = own_card(Card("题", "s", 1, buttons=buttons(6, "v" * 120), menu=buttons(1)))
    shown, menu = json.loads(found["buttons"]), json.loads(found["menu"])
    assert 0 < len(shown) < 6
    assert [one["text"] for one in (*shown, *menu)][:6] == [f"按钮{number}" for number in range(6)]


def test_a_key_that_is_too_long_cannot_be_pressed() -> None:
    found = own_card(Card("题", "s", 1, buttons=(*buttons(1, "值" * 60), *buttons(1))))
    assert [one["text"] for one in json.loads(found["buttons"])] == ["按钮0"]


def test_the_same_payload_is_one_button() -> None:
    assert len(json.loads(own_card(Card("题", "s", 1, buttons=buttons(1) * 2))["buttons"])) == 1


def test_options_become_shorter_before_one_is_left_out() -> None:
    options = tuple((str(number), "选" * 60) for number in range(10))
    card = Card("题", "s", 1, buttons=buttons(1), drop_down=DropDown("q", "选一个", options))
    shown = json.loads(own_card(card)["choices"])
    assert (len(shown), {len(one["text"]) for one in shown}) == (10, {18})


def test_a_choice_without_anything_to_press_is_not_shown() -> None:
    card = Card("题", "s", 1, drop_down=DropDown("q", "选一个", (("1", "一"),)))
    assert own_card(card)["choices"] == "[]"


def test_a_settled_card_has_no_buttons_but_what_can_still_be_said_of_it() -> None:
    for name, menu in (("case_settled", []), ("case_judged", ["有用", "误报", "轨迹"])):
        found = own_card(card_of(name))
        assert found["buttons"] == "[]"
        assert [one["text"] for one in json.loads(found["menu"])] == menu
        assert found["done_text"] == "小李 10:00 处理：已确认"
        assert found["choices"] == "[]"


def test_in_the_public_template_what_can_still_be_said_are_buttons() -> None:
    shown = json.loads(public_card(card_of("case_judged"))["sys_full_json_obj"])["msgButtons"]
    assert [one["text"] for one in shown if one.get("request")] == ["有用", "误报", "轨迹"]


def test_where_no_drop_down_is_drawn_it_is_said_how_to_type_it() -> None:
    assert public_card(card_of("case"))["tips"].endswith("也可回复 A7F2 认领 30")


def test_what_is_written_for_one_reader() -> None:
    assert own_card(card_of("case"), note="已由老王处理")["note"] == "已由老王处理"
    assert public_card(card_of("case"), note="已由\n老王处理")["markdown"].startswith("> 已由\n> 老王处理\n\n")


def test_words_of_others_are_no_markup_in_the_public_template() -> None:
    card = Card("题", "s", 1, fields=(Field("留言", "[点](http://x) **急**"),), body="# 大\n> 引")
    shown = public_card(card)["markdown"]
    assert "［点］(http://x) ＊＊急＊＊" in shown
    assert "＃ 大" in shown
    assert "＞ 引" in shown


def test_a_customers_link_is_no_link() -> None:
    found = json.loads(message(Text("[点这里](http://evil.example)"), LINK)["msgParam"])
    assert "［点这里］" in found["text"]
