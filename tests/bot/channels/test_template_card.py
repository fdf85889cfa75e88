"""Forms and pictures as template cards: what the platform takes, whatever the words are."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.card import Boxes, Button, Card, DropDown, Field, Style, as_text, from_json, to_json, without_form
from bot.channels.template_card import APP, BOT, template_card
from sandbox.chat_blocks import Surface
from sandbox.chat_cards import check
from sandbox.chat_draw import cut_card
from tests.bot import golden
from tests.bot.samples import WORDS

LINK = "http://127.0.0.1:8780"
SIZES = {"app": APP, "bot": BOT}
SUBMIT = Button("确认", "key-submit", Style.MAIN)
TICKS = Card(
    "审核 3 单 · ¥954",
    "batch:7",
    1,
    subtitle="最久 3 小时",
    body="去掉勾选的不审核",
    code="B7QK",
    boxes=Boxes(
        "orders",
        (("11", "TB-001 ¥318 餐盘 ×2"), ("12", "TB-002 ¥318"), ("13", "JD-001 ¥318")),
        ticked=("11", "12"),
    ),
    submit=SUBMIT,
    typed="只审核其中几单：B7QK 确认 1、2",
    buttons=(Button("取消", "key-cancel", Style.DANGER),),
)
DROPS = Card(
    "指派",
    "dispatch:0",
    0,
    forms=(
        DropDown("case", "哪一件", (("12", "A7F2 地址模糊"), ("13", "B8K3 缺货")), "13"),
        DropDown("person", "交给", (("1", "小李"), ("2", "老王"))),
    ),
    submit=SUBMIT,
)


def drawn(card: Card, surface: str, *, update: bool = False) -> dict[str, Any]:
    """As the platform takes it, with nothing that the clients would have to cut or would not show."""
    body = template_card(card, "t-1", LINK, SIZES[surface], update=update)
    kept = check(body, Surface(bot=surface == "bot", update=update))
    assert kept == body, "a block that this kind of card does not show"
    assert cut_card(body, bot=surface == "bot") == body, "a text that the client cuts"
    return body


@pytest.mark.parametrize("surface", SIZES)
def test_boxes_are_a_vote(surface: str) -> None:
    body = drawn(TICKS, surface)
    assert body["card_type"] == "vote_interaction"
    assert [(one["id"], one["is_checked"]) for one in body["checkbox"]["option_list"]] == [
        ("11", True),
        ("12", True),
        ("13", False),
    ]
    assert body["checkbox"]["mode"] == 1
    assert body["submit_button"] == {"text": "确认", "key": "key-submit"}
    assert "B7QK" in body["source"]["desc"]
    golden.check(f"template_card/{surface}_boxes", body)
    one = replace(TICKS, boxes=Boxes("q", (("a", "甲"),), many=False))
    assert drawn(one, surface)["checkbox"]["mode"] == 0


@pytest.mark.parametrize("surface", SIZES)
def test_drop_downs_are_a_multiple_choice(surface: str) -> None:
    body = drawn(DROPS, surface)
    assert body["card_type"] == "multiple_interaction"
    assert [one["question_key"] for one in body["select_list"]] == ["case", "person"]
    assert body["select_list"][0]["selected_id"] == "13"
    golden.check(f"template_card/{surface}_drops", body)


@pytest.mark.parametrize("surface", SIZES)
def test_a_picture_is_a_notice_with_its_words_below(surface: str) -> None:
    card = Card("上周", "review:1", 0, body="响应 47 分\n瓶颈在待发货", picture="https://hub.example/p.png", link=LINK)
    body = drawn(card, surface)
    assert body["card_type"] == "news_notice"
    assert body["card_image"]["url"] == "https://hub.example/p.png"
    assert body["vertical_content_list"] == [{"title": "响应 47 分", "desc": "瓶颈在待发货"}]
    golden.check(f"template_card/{surface}_picture", body)
    assert drawn(replace(card, body="", emphasis=("423", "单")), surface)["vertical_content_list"] == [
        {"title": "423 单"}
    ]
    assert drawn(replace(card, picture="javascript:1"), surface)["card_type"] == "text_notice"
    assert drawn(replace(card, buttons=(SUBMIT,)), surface)["card_type"] == "button_interaction"


@pytest.mark.parametrize("surface", SIZES)
def test_a_settled_form_asks_nothing_any_more(surface: str) -> None:
    done = replace(TICKS, done_text="小李 10:00 审核 2 单")
    body = drawn(done, surface, update=True)
    assert body["card_type"] == "button_interaction"
    assert body["replace_text"] == "小李 10:00 审核 2 单"
    assert drawn(replace(done, submit=None, buttons=(), boxes=None), surface)["card_type"] == "text_notice"


def test_options_that_the_platform_cannot_show_make_it_a_card_with_buttons() -> None:
    hopeless = replace(TICKS, boxes=Boxes("q", (("长" * 60, "甲"), (" ", "乙"))))
    body = drawn(hopeless, "app")
    assert body["card_type"] == "button_interaction"
    assert [one["key"] for one in body["button_list"]] == ["key-submit", "key-cancel"]
    assert "甲" in body["sub_title_text"]


def test_no_more_than_the_platform_shows_and_it_is_said() -> None:
    many = replace(TICKS, boxes=Boxes("q", tuple((str(number), f"第 {number} 单") for number in range(25))))
    body = drawn(many, "app")
    assert len(body["checkbox"]["option_list"]) == 20
    assert body["main_title"]["desc"].startswith("共 25 项，只列出前 20 项")
    twice = replace(DROPS, forms=(*DROPS.forms, DropDown("person", "又", (("3", "丙"),)), *(DROPS.forms * 2)))
    assert len(drawn(twice, "app")["select_list"]) == 2


def test_what_is_cut_can_still_be_told_apart() -> None:
    def shown(*texts: str) -> list[str]:
        boxes = Boxes("q", tuple((str(number), text) for number, text in enumerate(texts)))
        return [one["text"] for one in drawn(replace(TICKS, boxes=boxes), "bot")["checkbox"]["option_list"]]

    assert shown("JD-20251222-001", "JD-20251222-002", "TB-20251222-001") == [
        "JD-…222-001",
        "JD-…222-002",
        "TB-…222-001",
    ]
    assert shown("北欧风陶瓷餐盘八寸白色", "竹木筷子十双装家用一整套") == [
        "北欧风陶瓷餐盘八寸白色",
        "竹木筷子十双装家用一…",
    ]
    assert shown("JD-2025122200001-001", "JD-2025122300001-001") == ["1 JD-20251…", "2 JD-20251…"]
    assert shown("同名", "同名") == ["同名", "同名"]


def test_where_forms_cannot_be_drawn_they_are_lines_and_a_button() -> None:
    flat = without_form(TICKS)
    assert not flat.is_form
    assert [one.text for one in flat.buttons] == ["确认", "取消"]
    text = as_text(TICKS).markdown
    assert "1. ✓ TB-001 ¥318 餐盘 ×2\n2. ✓ TB-002 ¥318\n3. ○ JD-001 ¥318\n只审核其中几单：B7QK 确认 1、2" in text
    assert "回复 B7QK 确认、B7QK 取消" in text
    assert "哪一件：A7F2 地址模糊、B8K3 缺货\n交给：小李、老王" in as_text(DROPS).markdown
    assert without_form(Card("题", "x", 1)) == Card("题", "x", 1)


def test_who_is_called_is_called_in_the_text_as_well() -> None:
    assert as_text(replace(TICKS, calls={"wecom": "laowang"})).calls == {"wecom": "laowang"}


OPTIONS = st.lists(st.tuples(st.text(max_size=80), WORDS), max_size=25).map(tuple)
DROP_DOWNS = st.builds(DropDown, key=st.text(max_size=5), title=WORDS, options=OPTIONS, selected=st.text(max_size=3))
FORMS = st.builds(
    Card,
    title=WORDS,
    subject=st.just("batch:7"),
    revision=st.integers(0, 9),
    subtitle=WORDS,
    quote=WORDS,
    body=WORDS,
    code=st.sampled_from(["", "A7F2"]),
    fields=st.lists(st.builds(Field, WORDS, WORDS), max_size=8).map(tuple),
    emphasis=st.none() | st.tuples(WORDS, WORDS),
    boxes=st.none()
    | st.builds(Boxes, key=st.just("q"), options=OPTIONS, many=st.booleans(), ticked=st.just(("a", "b"))),
    forms=st.lists(DROP_DOWNS, max_size=5).map(tuple),
    submit=st.none() | st.builds(Button, text=WORDS, payload=st.text(min_size=1, max_size=400)),
    done_text=st.sampled_from(["", "小李已处理"]),
    picture=st.sampled_from(["", "https://hub.example/p.png"]),
    typed=WORDS,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(card=FORMS, surface=st.sampled_from(sorted(SIZES)), update=st.booleans())
def test_no_form_and_no_picture_is_too_long(card: Card, surface: str, update: bool) -> None:
    drawn(card, surface, update=update)
    assert from_json(to_json(card)) == card
    assert not without_form(card).is_form
