"""Whatever stands on a neutral card, the platform takes what becomes of it: on every surface, new and as a change."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Final

import pytest

from bot.card import Boxes, Button, Card, DropDown, Field, Style, Tone
from bot.channels.sending import Body
from bot.channels.wecom_app import render as app
from bot.channels.wecom_bot import render as bot
from bot.channels.wecom_hook import render as hook
from sandbox.chat_blocks import Surface
from sandbox.chat_cards import check

LINK: Final = "http://hub.example"
WORDS: Final = (
    "", " ", "\n", "\u3000", "订单", "😀", "👨‍👩‍👧", "a" * 50, "长" * 400, "*", "**x**", "[a](http://x)", "\x00",
    "\u200b", "> 引", "- 行", "`码`", "]]>", "&amp;", "\u202e", "@all",
)  # fmt: skip
KEYS: Final = (*(f"k{number}" for number in range(10)), "p" * 1024, "q" * 1025, "", " ", "键" * 400)
IDS: Final = (*(f"o{number}" for number in range(20)), "", " ", "o" * 128, "o" * 129)
SURFACES: Final[dict[str, tuple[Callable[[Card], Body], Surface]]] = {
    "app": (lambda card: app.render(card, "t:1", LINK), Surface()),
    "app changed": (lambda card: app.render(card, "t:1", LINK, update=True), Surface(update=True)),
    "bot": (lambda card: bot.render(card, "t:1", LINK), Surface(bot=True)),
    "bot changed": (lambda card: bot.update(card, "t-1", LINK, ()), Surface(bot=True, update=True)),
    "hook": (lambda card: hook.render(card, "t:1", LINK), Surface()),
}


class Chance:
    def __init__(self, seed: int) -> None:
        self._dice = random.Random(seed)

    def words(self) -> str:
        return "".join(self._dice.choice(WORDS) for _ in range(self._dice.randint(0, 4)))

    def some(self, most: int) -> range:
        return range(self._dice.randint(0, most))

    def button(self) -> Button:
        return Button(self.words(), self._dice.choice(KEYS), self._dice.choice(tuple(Style)))

    def options(self) -> tuple[tuple[str, str], ...]:
        return tuple((self._dice.choice(IDS), self.words()) for _ in self.some(25))

    def drop_down(self) -> DropDown:
        return DropDown(self._dice.choice(KEYS), self.words(), self.options(), self._dice.choice(IDS))

    def field(self) -> Field:
        return Field(self.words(), self.words(), self._dice.choice(({}, {"wecom": "xiaoli"}, {"wecom": ""})))

    def card(self) -> Card:
        dice = self._dice
        return Card(
            self.words(), dice.choice(("case:1", "", "x:一")), dice.randint(0, 9),
            subtitle=self.words(), source=dice.choice(("订单中枢", self.words())), tone=dice.choice(tuple(Tone)),
            emphasis=dice.choice((None, (self.words(), self.words()))), quote=self.words(), body=self.words(),
            fields=tuple(self.field() for _ in self.some(9)), buttons=tuple(self.button() for _ in self.some(8)),
            menu=tuple(self.button() for _ in self.some(5)), drop_down=dice.choice((None, self.drop_down())),
            done_text=dice.choice(("", "", self.words())), link=dice.choice(("", "http://hub.example/1")),
            link_title=dice.choice(("", self.words())), code=dice.choice(("", "A7F2")),
            calls=dice.choice(({}, {"wecom": "xiaoli"})), typed=self.words(),
            boxes=dice.choice((None, None, Boxes("q", self.options()))),
            forms=tuple(self.drop_down() for _ in range(dice.choice((0, 0, 1, 4)))),
            submit=dice.choice((None, self.button())), picture=dice.choice(("", "http://x/y.png", "ftp://x")),
        )  # fmt: skip


@pytest.mark.parametrize("surface", SURFACES)
def test_no_content_makes_a_card_that_is_refused(surface: str) -> None:
    dress, where = SURFACES[surface]
    chance = Chance(seed=7)
    for _ in range(1500):
        body = dress(chance.card())
        if "template_card" in body:
            check(body["template_card"], where)
        else:
            kind = body["msgtype"]
            assert 0 < len(body[kind]["content"].strip().encode()) <= {"text": 2048, "markdown": 4096}[kind]


def test_a_button_that_is_there_twice_is_shown_once() -> None:
    """In the list and behind 更多: the platform refuses two equal keys on one card."""
    one, other = Button("认领", "k1"), Button("转给", "k2")
    card = app.render(Card("标题", "case:1", 1, buttons=(one, one), menu=(one, other, other)), "t", LINK)[
        "template_card"
    ]
    assert [button["key"] for button in card["button_list"]] == ["k1"]
    assert [entry["key"] for entry in card["action_menu"]["action_list"]] == ["k2"]
