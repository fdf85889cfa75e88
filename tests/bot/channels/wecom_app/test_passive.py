"""A card in the answer to a press, as the platform reads it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot import xmltext
from bot.card import Card
from bot.cards import draw
from bot.channels.template_card import APP, template_card
from bot.channels.wecom_app import passive
from sandbox import chat_xml
from sandbox.chat_blocks import Surface
from sandbox.chat_cards import check
from tests.bot.channels.test_template_card import DROPS, TICKS
from tests.bot.samples import PEN, VIEWS

CARDS = {name: card for name, view in VIEWS.items() if isinstance(card := draw(view, PEN), Card)}
PICTURED = Card("上周", "review:1", 0, body="一\n二", picture="https://hub.example/p.png", emphasis=("4", "单"))


@pytest.mark.parametrize("name", [*CARDS, "boxes", "drops", "picture"])
def test_every_card_comes_back_from_its_xml_as_it_was(name: str) -> None:
    card = {**CARDS, "boxes": TICKS, "drops": DROPS, "picture": PICTURED}[name]
    root = chat_xml.parse(xmltext.write(passive.changed(card, PEN.base_url)))
    assert root.findtext("MsgType") == "update_template_card"
    element = root.find("TemplateCard")
    assert element is not None
    read = chat_xml.card_of(element)
    meant = template_card(card, "x", PEN.base_url, APP, update=True)
    del meant["task_id"]
    assert read == meant
    assert check(read, Surface(update=True)) == read


def test_words_that_look_like_markup_stay_words() -> None:
    card = replace(TICKS, title="a]]>b<c>&d")
    root = chat_xml.parse(xmltext.write(passive.changed(card, PEN.base_url)))
    assert root.findtext("TemplateCard/MainTitle/Title") == "a]]>b<c>&d"


def test_a_text_is_a_text() -> None:
    assert passive.said("好") == (("MsgType", "text"), ("Content", "好"))
