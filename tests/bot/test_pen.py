from __future__ import annotations

from dataclasses import replace

from bot.card import Card
from bot.cards import draw
from bot.channels.template_card import APP, BOT, template_card
from bot.pen import Pen
from handlers.desk import Desk
from tests.bot.samples import PEN, VIEWS


def test_every_card_bears_the_name_of_the_hub() -> None:
    pen = replace(PEN, name="青禾订单中枢")
    cards = [drawing for view in VIEWS.values() if isinstance(drawing := draw(view, pen), Card)]
    assert len(cards) > 3
    assert {card.source for card in cards} == {"青禾订单中枢"}


def test_the_name_comes_from_the_settings(desk: Desk) -> None:
    hub = desk.settings.hub.model_copy(update={"name": "青禾订单中枢"})
    named = replace(desk, settings=desk.settings.model_copy(update={"hub": hub}))
    assert Pen.of(named).name == "青禾订单中枢"


def test_a_card_without_a_title_is_headed_by_the_name() -> None:
    body = template_card(Card(" ", "x", 0, source="青禾订单中枢"), "t", "http://127.0.0.1:8780", APP)
    assert body["main_title"]["title"] == "青禾订单中枢"


def test_a_long_name_does_not_push_the_short_code_away() -> None:
    card = Card("题", "case:1", 0, source="青禾家居旗舰订单中枢", code="A7F2")
    assert template_card(card, "t", "http://127.0.0.1:8780", BOT)["source"]["desc"] == "青禾家居旗… · A7F2"
