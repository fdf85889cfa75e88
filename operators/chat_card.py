"""A card as lines of a terminal: its buttons and options bear numbers, by which they are pressed and chosen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

import click

from bot.card import Button, Card, Drawing, Style, Text, Tone
from bot.channels.wecom_app.render import flat
from bot.phrases import printable

_TONES: Final[dict[Tone, str | None]] = {Tone.PLAIN: None, Tone.GOOD: "green", Tone.WARN: "yellow"}
_STYLES: Final[dict[Style, str]] = {Style.MAIN: "cyan", Style.PLAIN: "cyan", Style.DANGER: "red"}
_LINK: Final = r"\1 \2"


@dataclass(frozen=True, slots=True)
class Question:
    """A drop-down, or boxes to tick (`many`)."""

    key: str
    title: str
    options: tuple[tuple[str, str], ...]
    many: bool = False


@dataclass(frozen=True, slots=True)
class Control:
    """What a number stands for: a button's `payload`, or an `option` of a question."""

    payload: str = ""
    question: Question | None = None
    option: str = ""


@dataclass(slots=True)
class Pad:
    """What can be pressed on a card, and what is chosen on it so far (question key → option ids)."""

    buttons: tuple[Button, ...]
    menu: tuple[Button, ...]
    questions: tuple[Question, ...]
    chosen: dict[str, tuple[str, ...]]
    controls: list[Control] = field(default_factory=list)

    @classmethod
    def of(cls, card: Card) -> Pad:
        """A form's submit is the first button."""
        buttons = (*([card.submit] if card.submit is not None else []), *card.buttons)
        unlike = tuple({button.payload: button for button in buttons}.values())
        questions, chosen = _questions(card)
        pad = cls(unlike, card.menu, questions, chosen)
        pad.controls = [Control(button.payload) for button in (*unlike, *card.menu)]
        pad.controls += [Control(question=one, option=key) for one in questions for key, _ in one.options]
        return pad

    def control(self, line: str) -> Control | None:
        """What a line presses; None where it is no number of this card."""
        if not (line.isascii() and line.isdecimal() and len(line) < 4) or line.startswith("0"):
            return None
        return self.controls[int(line) - 1] if int(line) <= len(self.controls) else None

    def choose(self, control: Control) -> None:
        """One of a drop-down's; a box is ticked, or no longer."""
        question, option = control.question, control.option
        assert question is not None
        before = self.chosen.get(question.key, ())
        if not question.many:
            self.chosen[question.key] = (option,)
            return
        now = {*before, option} if option not in before else set(before) - {option}
        self.chosen[question.key] = tuple(key for key, _ in question.options if key in now)

    def selected(self) -> Mapping[str, tuple[str, ...]]:
        return dict(self.chosen)

    def lines(self) -> list[str]:
        """Numbers and what they do."""
        number = len(self.buttons)
        found = [_numbered(self.buttons, 1)] if self.buttons else []
        if self.menu:
            found.append(f"更多：{_numbered(self.menu, number + 1)}")
        number += len(self.menu)
        for question in self.questions:
            found += self._options(question, number + 1)
            number += len(question.options)
        return found

    def _options(self, question: Question, first: int) -> list[str]:
        chosen = self.chosen.get(question.key, ())
        marks = ("✓", "○") if question.many else ("●", "○")
        options = [
            f"[{number}] {marks[0] if key in chosen else marks[1]} {_line(text)}"
            for number, (key, text) in enumerate(question.options, first)
        ]
        title = _line(question.title)
        return [*([f"{title}："] if title else []), *options] if question.many else [f"{title}：{'  '.join(options)}"]


def drawn(drawing: Drawing, pad: Pad | None) -> str:
    """Colours vanish by themselves where the output is no terminal."""
    if isinstance(drawing, Text) or pad is None:
        return flat(drawing, _LINK) if isinstance(drawing, Text) else ""
    return "\n".join((*_words(drawing), *pad.lines()))


def _words(card: Card) -> list[str]:
    head = f"── {_line(card.source)}{f' · {card.code}' if card.code else ''} ──"
    lines = [click.style(head, dim=True), click.style(_line(card.title), bold=True, fg=_TONES[card.tone])]
    lines += [card.subtitle, " ".join(card.emphasis or ())]
    lines += [f"> {line}" for line in card.quote.splitlines()]
    lines += [f"{one.label}：{one.value}" for one in card.fields]
    lines += [card.body, click.style(card.done_text, dim=True) if card.done_text else ""]
    if card.link_title:
        lines.append(f"{card.link_title} {card.link}")
    return [line for line in lines if line]


def _questions(card: Card) -> tuple[tuple[Question, ...], dict[str, tuple[str, ...]]]:
    """What a card asks, and what is chosen from the start."""
    drops = (*([card.drop_down] if card.drop_down is not None else []), *card.forms)
    questions = [Question(one.key, one.title, one.options) for one in drops]
    chosen: dict[str, tuple[str, ...]] = {one.key: (one.selected,) for one in drops if one.selected}
    if card.boxes is not None:
        questions.append(Question(card.boxes.key, "", card.boxes.options, card.boxes.many))
        chosen[card.boxes.key] = card.boxes.ticked
    return tuple(questions), chosen


def _numbered(buttons: Iterable[Button], first: int) -> str:
    shown = (
        click.style(f"[{number}] {_line(button.text)}", fg=_STYLES[button.style])
        for number, button in enumerate(buttons, first)
    )
    return "  ".join(shown)


def _line(text: str) -> str:
    return " ".join(printable(text).split())
