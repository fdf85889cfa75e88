"""A neutral card as a WeCom template card. App and bot take the same JSON with different lengths; everything is cut
here, in one fixed order, so that a long name never becomes an API error."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from bot.card import Button, Card, DropDown, Field, Style, Tone
from bot.channels.sending import Body
from bot.phrases import cut, one_line, printable

_KEY_BYTES: Final = 1024
_OPTION_BYTES: Final = 128
_COLOURS: Final[dict[Tone, int]] = {Tone.PLAIN: 0, Tone.WARN: 2, Tone.GOOD: 3}
_STYLES: Final[dict[Style, int]] = {Style.MAIN: 1, Style.PLAIN: 2, Style.DANGER: 3}
_NO_TEXT: Final = "…"  # the platform refuses a control without words
_NOT_IN_IDS: Final = re.compile(r"[^0-9A-Za-z_\-@]")


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many characters a client shows (wecom.md 4.3)."""

    source: int
    title: int
    subtitle: int
    emphasis: tuple[int, int]
    body: int
    value: int
    option: int


APP: Final = Sizes(source=20, title=36, subtitle=44, emphasis=(14, 22), body=160, value=30, option=16)
BOT: Final = Sizes(source=13, title=26, subtitle=30, emphasis=(10, 15), body=112, value=26, option=10)


def template_card(card: Card, task_id: str, link: str, sizes: Sizes, *, update: bool = False) -> Body:
    """button_interaction where something can be pressed or a grey label is due, else text_notice. `link` is where a
    notice without its own leads to: the platform asks for one."""
    label = card.done_text if update else ""
    buttons = _buttons(card.buttons) or ([_inert(label)] if label else [])
    found = _head(card, label, sizes) | {
        "card_type": "button_interaction" if buttons else "text_notice",
        "task_id": safe_task_id(task_id),
    }
    if card.fields:
        found["horizontal_content_list"] = [_field(field, sizes) for field in card.fields[:6]]
    if card.menu:
        found["action_menu"] = {"desc": "更多", "action_list": [_entry(button) for button in card.menu[:3]]}
    if buttons:
        found["button_list"] = buttons
        found |= _beside_buttons(card, label, sizes)
    elif card.emphasis:
        title, words = card.emphasis
        found["emphasis_content"] = {"title": _line(title, sizes.emphasis[0]), "desc": _line(words, sizes.emphasis[1])}
    if card.link_title and not buttons:
        found["jump_list"] = [{"type": 1, "url": card.link, "title": _line(card.link_title, 13)}]
    if card.link or not buttons:
        found["card_action"] = {"type": 1, "url": card.link or link}
    return found


def safe_task_id(text: str) -> str:
    return _NOT_IN_IDS.sub("-", text)[:128]


def _head(card: Card, label: str, sizes: Sizes) -> Body:
    code = f" · {card.code}" if card.code else ""
    source = _line(card.source, max(4, sizes.source - len(code))) + code
    body = card.body if label else f"{card.done_text}\n{card.body}".strip()
    found: Body = {
        "source": {"desc": _line(source, sizes.source), "desc_color": _COLOURS[card.tone]},
        "main_title": {"title": _line(card.title, sizes.title) or card.source},
    }
    if card.subtitle:
        found["main_title"]["desc"] = _line(card.subtitle, sizes.subtitle)
    if card.quote:
        found["quote_area"] = {"type": 0, "quote_text": cut(printable(card.quote), sizes.body)}
    if body:
        found["sub_title_text"] = cut(printable(body), sizes.body)
    return found


def _beside_buttons(card: Card, label: str, sizes: Sizes) -> Body:
    found: Body = {}
    if card.drop_down is not None and (options := _options(card.drop_down, sizes)):
        found["button_selection"] = _selection(card.drop_down, options, disabled=bool(label))
    if label:
        found["replace_text"] = _line(label, sizes.title)
    return found


def _buttons(buttons: tuple[Button, ...]) -> list[Body]:
    return [
        {"text": _line(button.text, 10) or _NO_TEXT, "style": _STYLES[button.style], "key": button.payload}
        for button in buttons[:6]
        if len(button.payload.encode()) <= _KEY_BYTES
    ]


def _inert(label: str) -> Body:
    """A button list must not be empty, even where the grey label covers it."""
    return {"text": _line(label, 10) or _NO_TEXT, "style": 2, "key": "done"}


def _entry(button: Button) -> Body:
    return {"text": _line(button.text, 10) or _NO_TEXT, "key": button.payload}


def _field(field: Field, sizes: Sizes) -> Body:
    found: Body = {"keyname": _line(field.label, 5) or "说明", "value": _line(field.value, sizes.value)}
    if userid := field.userids.get("wecom"):
        found |= {"type": 3, "userid": userid}
    return found


def _options(drop_down: DropDown, sizes: Sizes) -> list[Body]:
    # An id cannot be shortened: what is too long for the platform cannot be chosen there.
    fitting = [(key, text) for key, text in drop_down.options if key.strip() and len(key.encode()) <= _OPTION_BYTES]
    return [{"id": key, "text": _line(text, sizes.option) or _NO_TEXT} for key, text in dict(fitting).items()][:10]


def _selection(drop_down: DropDown, options: list[Body], *, disabled: bool) -> Body:
    found: Body = {"question_key": drop_down.key, "title": _line(drop_down.title, 13), "option_list": options}
    if drop_down.selected in {option["id"] for option in options}:
        found["selected_id"] = drop_down.selected
    if disabled:
        found["disable"] = True
    return found


def _line(text: str, most: int) -> str:
    # Most texts are clean; the look costs a tenth of the cleaning.
    clean = text if text.isprintable() and "  " not in text else one_line(printable(text))
    return cut(clean.strip(), most)
