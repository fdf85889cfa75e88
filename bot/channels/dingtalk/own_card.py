"""A neutral card in the company's own template (docs/dingtalk/order-hub-card.json): plain texts, nothing is markup."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.card import Button, Card, DropDown, Field, without_form
from bot.channels.dingtalk import keys
from bot.channels.dingtalk.fit import NOTHING, Entry, block, entries, fits, fitting, line, words
from bot.channels.dingtalk.markdown import compact

VARIABLES: Final = (
    "title", "subtitle", "source", "tone", "quote", "fields", "body", "buttons", "menu", "choice_title", "choice_key",
    "choices", "done_text", "link", "link_title", "code", "note", "revision",
)  # fmt: skip
PRIVATE: Final = frozenset({"note"})
LISTS: Final = {"fields": ("label", "value"), "buttons": ("text", "key", "style"), "menu": ("text", "key"),
                "choices": ("id", "text")}  # fmt: skip
_TITLE, _SUBTITLE, _SOURCE = 60, 80, 20
_QUOTE, _BODY, _NOTE, _BUTTON = 200, 340, 200, 10
_MOST_FIELDS, _MOST_BUTTONS, _MOST_MENU, _MOST_CHOICES = 6, 6, 6, 10
_VALUES: Final = (80, 48, 30, 18)  # lengths of a field's value, tried in this order
_OPTIONS: Final = (30, 18, 10)


def own_card(card: Card, *, note: str = "") -> dict[str, str]:
    """Every variable of the template, each a string of at most 1 KB. `note` is for one viewer (private data)."""
    card = without_form(card)
    choice = card.drop_down if card.buttons or card.menu else None
    question = choice.key if choice is not None else ""
    buttons, menu = controls(card, question)
    big = " ".join(part for part in card.emphasis or () if part)
    found = {
        "title": line(card.title, _TITLE) or words(card.source, _SOURCE),
        "subtitle": line(" · ".join(part for part in (big, card.subtitle) if part), _SUBTITLE),
        "source": line(card.source, _SOURCE),
        "tone": card.tone.value,
        "quote": block(card.quote, _QUOTE),
        "fields": _fields(card.fields),
        "body": block(card.body, _BODY),
        "buttons": compact(buttons),
        "menu": compact(menu),
        **_choice(choice),
        "done_text": line(card.done_text, _TITLE),
        "link": card.link if fits(card.link) else "",
        "link_title": line(card.link_title, _SOURCE),
        "code": line(card.code, _BUTTON),
        "note": block(note, _NOTE),
        "revision": str(card.revision),
    }
    assert set(found) == set(VARIABLES)
    return found


def controls(card: Card, question: str = "") -> tuple[list[Entry], list[Entry]]:
    """Buttons and menu, each within one value: what a row of buttons cannot hold stands first in the menu. Of what is
    over the menu alone is left."""
    pressed = [] if card.done_text else _pressable(card.buttons, question)
    listed = _pressable(card.menu, question)
    shown = min(fitting(pressed), _MOST_BUTTONS)
    rest: list[Entry] = [{"text": one["text"], "key": one["key"]} for one in (*pressed[shown:], *listed)]
    return pressed[:shown], rest[: min(fitting(rest), _MOST_MENU)]


def _pressable(buttons: Sequence[Button], question: str) -> list[Entry]:
    short = {keys.shorten(button.payload, question): button for button in buttons}  # two equal keys are one button
    return [
        {"text": words(button.text, _BUTTON), "key": key, "style": button.style.value}
        for key, button in short.items()
        if len(key) <= keys.MOST_BYTES
    ]


def _fields(fields: Sequence[Field]) -> str:
    def drawn(length: int) -> list[Entry]:
        return [{"label": words(one.label, 6), "value": line(one.value, length)} for one in fields[:_MOST_FIELDS]]

    return entries(drawn, _VALUES)


def _choice(choice: DropDown | None) -> dict[str, str]:
    def drawn(length: int) -> Sequence[Entry]:
        options = dict(choice.options) if choice is not None else {}
        return [{"id": key, "text": words(text, length)} for key, text in options.items() if key.strip()][
            :_MOST_CHOICES
        ]

    found = entries(drawn, _OPTIONS)
    if choice is None or found == NOTHING:
        return {"choice_title": "", "choice_key": "", "choices": NOTHING}
    return {"choice_title": line(choice.title, _SOURCE), "choice_key": line(choice.key, _SUBTITLE), "choices": found}
