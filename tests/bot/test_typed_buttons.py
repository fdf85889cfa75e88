"""Whatever can be pressed can be typed: the card's code and the button's words are read as the button's action. For the
cards of every view, and for every button that the registry may offer on an order or a case."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest

from bot.card import Button, Card
from bot.cards import draw
from bot.payload import Payload
from handlers import actions, commands, parse
from handlers.actions.action import CaseState, OrderState
from handlers.commands import absence, advice, batch, hand_over, prove, rule
from handlers.kinds import OTHERS, kind_of
from handlers.wording import ORDER_KINDS
from models.case import short_code
from models.stages import Stage
from rules import RULES
from tests.bot.samples import KEY, PEN, VIEWS

STEPS = {"ship": "ship_ask", "undo": "send_back"}
DRAFT = {"确认": "draft_confirm", "改": "draft_change", "取消": "draft_cancel"}
"""While a draft is open its words are understood alone (handlers/commands/draft.py)."""
BEHIND_NUMBER: dict[str, Callable[[str], str]] = {
    "rule": lambda rest: rule.WORDS.get(rest.split()[-1], ""),
    "advice": lambda rest: advice.action_of(rest.partition(" ")[2]),
}
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
    if asked.slug == "hand_over":
        return hand_over.BEHIND_CODE[asked.rest.split(maxsplit=1)[-1]]
    if asked.slug == "absence":
        return "end_absence" if absence.code_in(asked.rest) else ""
    if asked.slug in BEHIND_NUMBER:
        return BEHIND_NUMBER[asked.slug](asked.rest)
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


WITHOUT_CODE = {
    "draft": "one person has one draft at most, and while it is open its words are read alone (commands/draft.py)",
    "dispatch": "a list and no matter: each matter on it bears its own code, and 指派 A7F2 老王 says it in words",
}
"""Cards that can be pressed and have no code of their own, by the first part of their sample's name, and why."""


@pytest.mark.parametrize("name", CARDS)
def test_every_card_that_can_be_pressed_has_a_code_of_its_own(name: str) -> None:
    card = CARDS[name]
    if name.partition("_")[0] in WITHOUT_CODE:
        assert not card.code
    elif card.buttons or card.menu or card.submit:
        assert card.code, "give the card a code that is read for the life of its matter, or say here why it has none"


def test_a_draft_needs_no_code_for_each_of_its_words_is_read_alone() -> None:
    for name in ("draft", "draft_question", "draft_doubts"):
        assert all(action_of(button.text) for button in pressable(CARDS[name])), name


def test_every_matter_that_can_be_dispatched_shows_its_code_and_is_dispatched_by_it() -> None:
    card = CARDS["dispatch"]
    matters, _ = card.forms
    for _, text in matters.options:
        code = text.split()[0]
        assert commands.read(f"指派 {code} 老王") == parse.Asked("assign", f"{code} 老王")
        assert parse.code_in(f"{code} 老王") == (code, "老王")
    assert card.typed == "回复：指派 A7F2 人名"


def test_a_code_names_its_matter_and_nothing_else_on_the_card() -> None:
    assert CARDS["handover"].code == "交接2"
    assert CARDS["absence"].code == "请假7"
    for name in ("handover", "absence", "absence_planned"):
        card = CARDS[name]
        assert parse.other_code("\n".join((card.source, card.title, card.code, card.body))) == card.code


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
