"""The neutral card: what a channel's `render.py` dresses. Texts may be long; each renderer shortens them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from pydantic import TypeAdapter

from handlers.buttons import NOTHING

HUB_NAME: Final = "订单中枢"


class Tone(StrEnum):
    PLAIN = "plain"
    GOOD = "good"
    WARN = "warn"


class Style(StrEnum):
    MAIN = "main"
    PLAIN = "plain"
    DANGER = "danger"


@dataclass(frozen=True, slots=True)
class Field:
    """A label of at most 5 characters and its value; `userids` (platform → userid) make the value a member link."""

    label: str
    value: str
    userids: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Button:
    """`payload` is bot.payload.pack(…): what comes back on the press."""

    text: str
    payload: str
    style: Style = Style.PLAIN


@dataclass(frozen=True, slots=True)
class DropDown:
    """`typed`: an example of what says the same behind the card's code, where no drop-down can be drawn."""

    key: str
    title: str
    options: tuple[tuple[str, str], ...]
    selected: str = ""
    typed: str = ""


@dataclass(frozen=True, slots=True)
class Boxes:
    """Options of (id, text) to tick, `ticked` from the start; without `many` one of them."""

    key: str
    options: tuple[tuple[str, str], ...]
    many: bool = True
    ticked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Card:
    """First line: what, how many, time left, next step. `subject` + `revision` name the state that is shown;
    `code` is the short code that works as text. `calls`: platform → userid of the one person who is called (@) where
    several read it. Without `buttons` it is a notice. `private`: for one person alone.

    A form: `boxes` to tick, or up to three drop-downs in `forms`, and `submit`, which hands back what was chosen. Where
    a channel draws forms, nothing else can be pressed on it; where it does not, it draws `without_form`, and `typed` is
    the line that says how to say the same in words. `picture`: the address of a picture that shows on a notice."""

    title: str
    subject: str
    revision: int
    subtitle: str = ""
    source: str = HUB_NAME
    tone: Tone = Tone.PLAIN
    emphasis: tuple[str, str] | None = None
    quote: str = ""
    fields: tuple[Field, ...] = ()
    body: str = ""
    buttons: tuple[Button, ...] = ()
    menu: tuple[Button, ...] = ()
    drop_down: DropDown | None = None
    done_text: str = ""  # buttons become this one grey label
    link: str = ""
    link_title: str = ""  # a line of its own that leads to `link`
    code: str = ""
    calls: Mapping[str, str] = field(default_factory=dict)
    private: bool = False
    boxes: Boxes | None = None
    forms: tuple[DropDown, ...] = ()
    submit: Button | None = None
    typed: str = ""
    picture: str = ""

    @property
    def is_form(self) -> bool:
        return self.submit is not None and (self.boxes is not None or bool(self.forms))


@dataclass(frozen=True, slots=True)
class Text:
    """Markdown for chat: headings, bold, quote, lists; no tables (phones). `calls` as on a card."""

    markdown: str
    private: bool = False
    calls: Mapping[str, str] = field(default_factory=dict)


Drawing = Card | Text
_STORED: Final[TypeAdapter[Drawing]] = TypeAdapter(Drawing)


def to_json(drawing: Drawing) -> bytes:
    """A drawing to be kept: the answer to a repeat, or a card that waits to be sent."""
    return _STORED.dump_json(drawing, exclude_defaults=True)


def from_json(stored: bytes | str) -> Drawing:
    return _STORED.validate_json(stored)


def without_form(card: Card) -> Card:
    """The card where forms cannot be drawn: its options as lines, its submit as the first button. Pressed like that it
    hands nothing back: what was chosen from the start holds."""
    if card.submit is None:
        return card
    body = "\n".join(line for line in (card.body, *_form_lines(card)) if line)
    buttons = (card.submit, *(button for button in card.buttons if button.payload != card.submit.payload))
    return replace(card, body=body, buttons=buttons, boxes=None, forms=(), submit=None)


def _form_lines(card: Card) -> list[str]:
    lines = [f"{one.title}：{'、'.join(text for key, text in one.options if key != NOTHING)}" for one in card.forms]
    if card.boxes is not None:
        lines += [
            f"{number}. {'✓' if key in card.boxes.ticked else '○'} {text}"
            for number, (key, text) in enumerate(card.boxes.options, 1)
        ]
    return [*lines, card.typed]


def _picked(card: Card) -> str:
    typed = card.drop_down.typed if card.drop_down is not None else ""
    return f"；也可以 {card.code} {typed}" if typed else ""


def as_text(card: Card, how: str = "回复") -> Text:
    """The card where only text can go: its short code stands in for the buttons. `how`: what to do with it, where an
    answer in the same chat is not heard."""
    card = without_form(card)
    lines = [f"**{card.title}**", card.subtitle, card.quote and f"> {card.quote}"]
    lines += [f"{field.label}：{field.value}" for field in card.fields]
    lines += [card.body, card.done_text]
    verbs = "、".join(f"{card.code} {button.text}" for button in card.buttons[:3])
    if card.code and verbs:
        lines.append(f"{how} {verbs}{_picked(card)}")
    if card.link:
        lines.append(f"[打开看板]({card.link})")
    return Text("\n".join(line for line in lines if line), private=card.private, calls=card.calls)
