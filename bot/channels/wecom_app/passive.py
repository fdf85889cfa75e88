"""What the answer to a callback of the app says, as fields of its XML (wecom.md 1.6, 4.7)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from bot.card import Card
from bot.channels.template_card import APP, template_card
from bot.xmltext import Fields

_WHOLE: Final = {  # words that the XML writes other than by their capitals
    "checkbox": "CheckBox",
    "keyname": "KeyName",
    "userid": "UserId",
}
_KEPT: Final = "task_id"  # the card keeps its own


def said(text: str) -> Fields:
    return (("MsgType", "text"), ("Content", text))


def changed(card: Card, link: str) -> Fields:
    """The presser's own copy of the pressed card as it is now."""
    body = template_card(card, "", link, APP, update=True)
    del body[_KEPT]
    return (("MsgType", "update_template_card"), ("TemplateCard", tuple(_fields(body))))


def _fields(body: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Lists repeat their element, without one around them."""
    for name, value in body.items():
        for one in value if isinstance(value, list) else [value]:
            yield _camel(name), tuple(_fields(one)) if isinstance(one, dict) else _written(one)


def _written(value: str | float | bool) -> str | int:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, float) else value


def _camel(name: str) -> str:
    return _WHOLE.get(name) or "".join(part.capitalize() for part in name.split("_"))
