"""The contract of every channel: each view draws there within the platform's limits, and looks as it always did."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from redis import Redis

from bot.card import Card, Text
from bot.cards import draw
from bot.channels import CHANNELS, Channel, Tools
from bot.channels.sending import Form
from bot.channels.template_card import APP, BOT, template_card
from bot.ladder import LADDER, Rung, To, channels_of_stream, ways
from config import Settings, parse
from handlers.views import CaseView, OrderView, TextView
from sandbox.chat_blocks import Surface
from sandbox.chat_cards import NOTICES, check
from tests.bot import golden
from tests.bot.channels.dingtalk import ding_fits
from tests.bot.samples import LONG_CASES, LONG_ORDERS, LONG_TEXTS, PEN, VIEWS
from tests.conftest import settings_document

LINK = PEN.base_url
BYTES = {
    "wecom_app": 2048, "wecom_bot": 20480, "wecom_appchat": 2048, "wecom_hook": 4096, "wechat_oa": 2048,
    "wechat_subscribe": 2048, "wechat_mini": 2048, "wecom_kf": 2048, "sms": 2048,
}  # fmt: skip
CUSTOMERS: dict[str, Any] = {
    "mini": {"appid": "wx2", "secret": "mini-secret"},
    "kf": {"open_kfid": "wk1", "secret": "kf-secret"},
    "sms": {"secret_id": "id", "secret_key": "sms-secret", "app_id": "1400000001", "sign": "青禾"},
}
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]
SIZES = {"wecom_app": APP, "wecom_bot": BOT}
CARD_SIZES = {**SIZES, "wecom_hook": BOT}


def rendered(channel: str, drawing: Card | Text, *, update: bool = False) -> dict[str, Any]:
    return CHANNELS[channel].render(drawing, "case-12-r3-n1", LINK, update=update)


def assert_fits(channel: str, message: dict[str, Any], *, update: bool = False) -> None:
    """As strict as the platform (the sandbox's rules), and within the lengths that phones show."""
    if channel in ding_fits.FITS:
        ding_fits.FITS[channel](message)
        return
    kind = message["msgtype"]
    if kind != "template_card":
        assert 0 < len(message[kind]["content"].encode()) <= BYTES[channel]
        return
    card, sizes = message["template_card"], CARD_SIZES[channel]
    if channel == "wecom_hook":
        assert card["card_type"] in NOTICES
        assert not set(card) & {"task_id", "action_menu"}
    kept = check(card, Surface(bot=channel == "wecom_bot", update=update))
    assert set(kept) == set(card), "a block that this kind of card does not show"
    assert len(card["main_title"]["title"]) <= sizes.title
    form = card["card_type"] in ("vote_interaction", "multiple_interaction")
    assert len(card["main_title"].get("desc", "")) <= (sizes.form_words if form else sizes.subtitle)
    assert len(card["source"]["desc"]) <= sizes.source
    assert len(card.get("sub_title_text", "")) <= sizes.body
    for entry in card.get("horizontal_content_list", []):
        assert len(entry["keyname"]) <= 5
        assert len(entry["value"]) <= sizes.value
    for button in card.get("button_list", []):
        assert len(button["text"]) <= 10


@pytest.mark.parametrize("name", VIEWS)
@pytest.mark.parametrize("channel", CHANNELS)
def test_every_view_looks_as_it_always_did(channel: str, name: str) -> None:
    message = rendered(channel, draw(VIEWS[name], PEN))
    assert_fits(channel, message)
    golden.check(f"{channel}/{name}", message)


@pytest.mark.parametrize("channel", SIZES)
def test_a_settled_card_becomes_one_grey_label(channel: str) -> None:
    message = rendered(channel, draw(VIEWS["case_settled"], PEN), update=True)
    assert_fits(channel, message, update=True)
    assert message["template_card"]["replace_text"] == "小李 10:00 处理：已确认"
    golden.check(f"{channel}/case_settled_update", message)


@pytest.mark.parametrize("channel", CHANNELS)
@settings(max_examples=40, deadline=None, suppress_health_check=SLOW)
@given(view=LONG_CASES)
def test_no_case_is_too_long(channel: str, view: CaseView) -> None:
    for update in (False, True):
        assert_fits(channel, rendered(channel, draw(view, PEN), update=update), update=update)


@pytest.mark.parametrize("channel", CHANNELS)
@settings(max_examples=40, deadline=None, suppress_health_check=SLOW)
@given(view=LONG_ORDERS)
def test_no_order_is_too_long(channel: str, view: OrderView) -> None:
    assert_fits(channel, rendered(channel, draw(view, PEN)))


@pytest.mark.parametrize("channel", CHANNELS)
@settings(max_examples=20, deadline=None, suppress_health_check=SLOW)
@given(view=LONG_TEXTS)
def test_no_text_is_too_long(channel: str, view: TextView) -> None:
    assert_fits(channel, rendered(channel, draw(view, PEN)))


def test_a_number_too_many_is_left_out_in_a_fixed_order() -> None:
    many = tuple((f"k{number}", "字" * 30) for number in range(12))
    options = (("x" * 200, "id too long"), *many)
    view = VIEWS["case"]
    assert isinstance(view, CaseView)
    card = draw(view, PEN)
    assert isinstance(card, Card)
    assert card.drop_down is not None
    drop_down = replace(card.drop_down, key="q", options=options, selected="k3")
    buttons = tuple(replace(one, payload=f"{one.payload}{n}") for n in range(5) for one in card.buttons)
    wide = replace(card, drop_down=drop_down, buttons=buttons, emphasis=("12", "单"))
    body = template_card(wide, "t", LINK, BOT)
    done = template_card(replace(wide, done_text="小李已处理"), "t", LINK, BOT, update=True)
    assert done["button_selection"]["disable"]
    assert done["replace_text"] == "小李已处理"
    assert [option["id"] for option in body["button_selection"]["option_list"]] == [f"k{n}" for n in range(10)]
    assert body["button_selection"]["selected_id"] == "k3"
    assert len(body["button_list"]) == 6
    assert "emphasis_content" not in body


def test_a_notice_shows_its_big_number_and_leads_somewhere() -> None:
    body = template_card(Card("看板", "board", 0, emphasis=("12", "单")), "任务 1", LINK, APP)
    assert body["card_type"] == "text_notice"
    assert body["emphasis_content"] == {"title": "12", "desc": "单"}
    assert body["card_action"] == {"type": 1, "url": LINK}
    assert body["task_id"] == "---1"
    assert template_card(Card(" \n", "x", 0), "t", LINK, APP)["main_title"]["title"] == "订单中枢"


def full_document() -> dict[str, Any]:
    """Settings that name every channel."""
    document: dict[str, Any] = {**settings_document(), **ding_fits.SECTIONS, "wecom_hook": {"key": "hook-key"}}
    notices = {"shipped": {"id": "note-1", "keys": {"goods": "thing1"}}}
    more = {"wecom": {**document["wecom"], "appchat": "orders01"}, "weixin": {**document["weixin"], "notices": notices}}
    return document | CUSTOMERS | more


def test_a_channel_opens_only_where_it_is_configured(redis: Redis) -> None:
    bare = {**settings_document(), "wecom": None, "bot": None, "weixin": None}
    full = parse(full_document())

    def opened(here: Settings, link: bool) -> set[str]:
        tools = Tools(here, redis, (lambda: None) if link else None)
        return {slug for slug, channel in CHANNELS.items() if channel.open_sender(tools) is not None}

    assert opened(parse(bare), link=True) == set()
    assert opened(full, link=False) == set(CHANNELS) - {"wecom_bot"}
    assert opened(full, link=True) == set(CHANNELS)


def test_a_form_is_not_a_drawing() -> None:
    assert Form("shipped").values == {}


class Pager:
    """A way to people that nobody has thought of yet."""


def test_a_new_channel_needs_its_line_and_its_rung(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    here = parse(settings_document())
    pager: Any = Pager()
    made = Channel(CHANNELS["wechat_oa"].render, lambda settings: settings.wecom is not None, lambda tools: pager)
    monkeypatch.setitem(CHANNELS, "pager", made)
    monkeypatch.setitem(LADDER, "staff", (Rung("pager", To.PERSON), *LADDER["staff"]))

    assert ways(here, redis, home="worker").senders["pager"] is pager
    assert "staff" not in channels_of_stream(here)
    assert channels_of_stream(parse({**settings_document(), "wecom": None})) == ("group", "staff")
