"""Whatever can be pressed can be typed: the card's code and the button's words are read as the button's action. For the
cards of every view, and for every button that the registry may offer on an order or a case."""

from __future__ import annotations

import itertools

import pytest

from bot.card import Button, Card
from bot.cards import draw
from bot.payload import Payload
from handlers import actions, commands, parse
from handlers.actions.action import CaseState, OrderState
from handlers.commands import batch, prove
from handlers.kinds import OTHERS, kind_of
from handlers.wording import ORDER_KINDS
from models.case import short_code
from models.stages import Stage
from rules import RULES
from tests.bot.samples import KEY, PEN, VIEWS

STEPS = {"ship": "ship_ask", "undo": "send_back"}
DRAFT = {"确认": "draft_confirm", "改": "draft_change", "取消": "draft_cancel"}
"""While a draft is open its words are understood alone (handlers/commands/draft.py)."""
CARDS = {name: card for name, view in VIEWS.items() if isinstance(card := draw(view, PEN), Card)}
TAG, CODE = "JD-20251222-001", short_code(12)


def action_of(typed: str) -> str:
    """The action that a typed line comes to, "" where it is none."""
    asked = commands.read(typed)
    if asked is None:
        return DRAFT.get(typed, "")
    if asked.slug in ("case", "order"):
        words = asked.rest if asked.slug == "case" else parse.references(asked.rest)[1]
        verb = parse.case_verb(words, actions.words())
        return verb.action if verb else ""
    if asked.slug == "batch":
        return batch._WORDS.get(asked.rest.split()[-1], "")
    if asked.slug == "prove":
        return "refresh" if asked.rest.split()[-1] in prove.SHOW else "reprove"
    return STEPS.get(asked.slug, asked.slug)


def pressable(card: Card) -> list[Button]:
    return [*card.buttons, *card.menu, *([card.submit] if card.submit and not card.typed else [])]


@pytest.mark.parametrize("name", CARDS)
def test_every_button_of_a_card_can_be_typed(name: str) -> None:
    card = CARDS[name]
    for button in pressable(card):
        typed = f"{card.code} {button.text}".strip()
        assert action_of(typed) == Payload.unpack(button.payload, KEY).action, typed


@pytest.mark.parametrize("name", CARDS)
def test_every_card_that_can_be_pressed_has_a_code_or_words_of_its_own(name: str) -> None:
    card = CARDS[name]
    alone = all(action_of(button.text) for button in pressable(card))

    assert card.code or alone, "give the card a code, or its buttons words that are commands"


def test_the_submit_of_a_form_is_explained_in_words() -> None:
    for name, card in CARDS.items():
        assert card.typed or not card.is_form, name


def test_an_orders_code_is_its_tag_and_a_cases_its_short_code() -> None:
    assert CARDS["order"].code == TAG
    assert CARDS["case"].code == "A7F2"
    assert CARDS["proof"].code == "对账 12-21"


def test_every_button_on_a_case_can_be_typed_behind_its_short_code() -> None:
    kinds, stages = (*RULES, *OTHERS), (*Stage, None)
    tried = set()
    for kind, stage, state, mine in itertools.product(kinds, stages, ("open", "claimed"), (True, False)):
        case = CaseState(12, 1, kind, kind_of(kind).role, state, 1, mine, stage, False, {})
        for slug, action in actions.ACTIONS.items():
            for button in action.on_case(case):
                tried.add(slug)
                assert action_of(f"{CODE} {button.text}") == slug, (kind, button.text)

    assert len(tried) > 12


def test_every_button_on_an_order_can_be_typed_behind_its_tag() -> None:
    tried = set()
    for stage, kind, merged in itertools.product(Stage, ORDER_KINDS, (0, 3)):
        order = OrderState(5, 1, stage, False, kind, merged)
        for slug, action in actions.ACTIONS.items():
            for button in action.on_order(order):
                tried.add(slug)
                assert action_of(f"{TAG} {button.text}") == slug, (kind, button.text)

    assert {"approve", "pick", "ship_ask", "refresh", "confirm_kind", "deny_kind", "merge_ship"} <= tried
