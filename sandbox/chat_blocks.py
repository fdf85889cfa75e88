"""The blocks of a template card, one rule each (wecom.md 4.3): byte limits, counts, needed fields."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.chat_errors import invalid

Card = dict[str, Any]
KEY_BYTES = 1024
OPTION_BYTES = 128


@dataclass(frozen=True)
class Surface:
    """Where the card goes: the app's rules and the bot's differ in a few places; an update allows more."""

    bot: bool = False
    update: bool = False


def an_object(value: Any, path: str) -> Card:
    if not isinstance(value, dict):
        raise invalid(f"template_card.{path}", "must be an object")
    return value


def _entries(value: Any, path: str, low: int, high: int) -> list[Card]:
    if not isinstance(value, list) or not low <= len(value) <= high:
        raise invalid(f"template_card.{path}", f"must have {low} to {high} entries")
    return [an_object(entry, path) for entry in value]


def texts(value: Card, path: str, *names: str) -> None:
    for name in names:
        if name in value and not isinstance(value[name], str):
            raise invalid(f"template_card.{path}.{name}", "must be a string")


def _text(value: Card, path: str, name: str, most_bytes: int | None = None) -> str:
    found = value.get(name)
    if not isinstance(found, str) or not found.strip():
        raise invalid(f"template_card.{path}.{name}", "is missing or no string")
    if most_bytes is not None and len(found.encode()) > most_bytes:
        raise invalid(f"template_card.{path}.{name}", f"is longer than {most_bytes} bytes")
    return found


def _choice(value: Card, path: str, name: str, allowed: set[int]) -> int:
    found = value.get(name, 0 if 0 in allowed else min(allowed))
    if isinstance(found, bool) or not isinstance(found, int) or found not in allowed:
        raise invalid(f"template_card.{path}.{name}", f"must be one of {sorted(allowed)}")
    return found


def _link(value: Card, path: str, kind: int) -> None:
    if kind == 1:
        url = _text(value, path, "url", 2048)
        if not re.match(r"https?://", url):
            raise invalid(f"template_card.{path}.url", "needs a scheme")
    if kind == 2:
        _text(value, path, "appid")


def _source(value: Any, _: Surface) -> None:
    source = an_object(value, "source")
    texts(source, "source", "icon_url", "desc")
    _choice(source, "source", "desc_color", {0, 1, 2, 3})


def _action_menu(value: Any, _: Surface) -> None:
    menu = an_object(value, "action_menu")
    for action in _entries(menu.get("action_list"), "action_menu.action_list", 1, 3):
        _text(action, "action_menu.action_list", "text")
        _text(action, "action_menu.action_list", "key", KEY_BYTES)


def _quote_area(value: Any, _: Surface) -> None:
    quote = an_object(value, "quote_area")
    texts(quote, "quote_area", "title", "quote_text")
    _link(quote, "quote_area", _choice(quote, "quote_area", "type", {0, 1, 2}))


def _emphasis(value: Any, _: Surface) -> None:
    texts(an_object(value, "emphasis_content"), "emphasis_content", "title", "desc")


def _horizontal(value: Any, surface: Surface) -> None:
    path = "horizontal_content_list"
    for entry in _entries(value, path, 0, 6):
        _text(entry, path, "keyname")
        texts(entry, path, "value")
        kind = _choice(entry, path, "type", {0, 1, 3} if surface.bot else {0, 1, 2, 3})
        if kind == 1:
            _link(entry, path, 1)
        if kind in {2, 3}:
            _text(entry, path, {2: "media_id", 3: "userid"}[kind])


def _vertical(value: Any, _: Surface) -> None:
    for entry in _entries(value, "vertical_content_list", 0, 4):
        _text(entry, "vertical_content_list", "title")
        texts(entry, "vertical_content_list", "desc")


def _jump_list(value: Any, surface: Surface) -> None:
    for entry in _entries(value, "jump_list", 0, 3):
        _text(entry, "jump_list", "title")
        kind = _choice(entry, "jump_list", "type", {0, 1, 2, 3} if surface.bot else {0, 1, 2})
        _link(entry, "jump_list", kind)
        if kind == 3:
            _text(entry, "jump_list", "question", 200)


def _card_action(value: Any, _: Surface) -> None:
    action = an_object(value, "card_action")
    _link(action, "card_action", _choice(action, "card_action", "type", {1, 2}))


def _card_image(value: Any, _: Surface) -> None:
    image = an_object(value, "card_image")
    _link(image, "card_image", 1)
    ratio = image.get("aspect_ratio", 1.3)
    if isinstance(ratio, bool) or not isinstance(ratio, int | float) or not 1.3 <= ratio <= 2.25:
        raise invalid("template_card.card_image.aspect_ratio", "must lie between 1.3 and 2.25")


def _image_text(value: Any, _: Surface) -> None:
    area = an_object(value, "image_text_area")
    _text(area, "image_text_area", "image_url")
    texts(area, "image_text_area", "title", "desc")
    _link(area, "image_text_area", _choice(area, "image_text_area", "type", {0, 1, 2}))


def _options(value: Any, path: str, most: int) -> list[str]:
    ids = []
    for option in _entries(value, path, 1, most):
        ids.append(_text(option, path, "id", OPTION_BYTES))
        _text(option, path, "text")
    if len(set(ids)) != len(ids):
        raise invalid(f"template_card.{path}.id", "is used twice")
    return ids


def _select(value: Any, path: str) -> None:
    select = an_object(value, path)
    _text(select, path, "question_key", KEY_BYTES)
    texts(select, path, "title")
    ids = _options(select.get("option_list"), f"{path}.option_list", 10)
    if select.get("selected_id") not in {None, "", *ids}:
        raise invalid(f"template_card.{path}.selected_id", "is not among the options")


def _button_selection(value: Any, _: Surface) -> None:
    _select(value, "button_selection")


def _select_list(value: Any, _: Surface) -> None:
    for entry in _entries(value, "select_list", 1, 3):
        _select(entry, "select_list")


def _button_list(value: Any, surface: Surface) -> None:
    for button in _entries(value, "button_list", 1, 6):
        _text(button, "button_list", "text")
        _choice(button, "button_list", "style", {1, 2, 3, 4})
        kind = 0 if surface.bot else _choice(button, "button_list", "type", {0, 1})
        _link(button, "button_list", kind)
        if kind == 0:
            _text(button, "button_list", "key", KEY_BYTES)


def _checkbox(value: Any, _: Surface) -> None:
    box = an_object(value, "checkbox")
    _text(box, "checkbox", "question_key", KEY_BYTES)
    _choice(box, "checkbox", "mode", {0, 1})
    _options(box.get("option_list"), "checkbox.option_list", 20)


def _submit(value: Any, _: Surface) -> None:
    submit = an_object(value, "submit_button")
    texts(submit, "submit_button", "text")
    _text(submit, "submit_button", "key", KEY_BYTES)


RULES: dict[str, Callable[[Any, Surface], None]] = {
    "source": _source,
    "action_menu": _action_menu,
    "quote_area": _quote_area,
    "emphasis_content": _emphasis,
    "horizontal_content_list": _horizontal,
    "vertical_content_list": _vertical,
    "jump_list": _jump_list,
    "card_action": _card_action,
    "card_image": _card_image,
    "image_text_area": _image_text,
    "button_selection": _button_selection,
    "button_list": _button_list,
    "checkbox": _checkbox,
    "select_list": _select_list,
    "submit_button": _submit,
}
