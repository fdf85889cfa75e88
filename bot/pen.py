"""What every card is drawn with: the key that signs buttons, the moment, the board's address, the hub's name."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final

from bot.card import HUB_NAME, Boxes, Button, DropDown, Style
from bot.payload import Payload
from handlers.buttons import Choice, Offer, Ticks
from handlers.desk import Desk

_MAIN_BUTTONS: Final = 2  # people choose between two; the rest lies behind 更多
_MOST_MENU: Final = 3
_STYLES: Final[dict[str, Style]] = {style.value: style for style in Style}


@dataclass(frozen=True, slots=True)
class Pen:
    button_key: bytes
    now: datetime
    base_url: str
    name: str = HUB_NAME

    @classmethod
    def of(cls, desk: Desk) -> Pen:
        hub = desk.settings.hub
        return cls(button_key(desk.settings.security.button_key), desk.now, hub.base_url, hub.name)

    def button(self, offer: Offer) -> Button:
        payload = Payload(offer.action, offer.subject, offer.revision, offer.value)
        return Button(offer.text, payload.pack(self.button_key), _style(offer.style))

    def page_of(self, order_id: int | None) -> str:
        """Where a card about one order leads: its page; the board for any other."""
        return self.base_url if order_id is None else f"{self.base_url}/orders/{order_id}"

    def controls(
        self, offers: Iterable[Offer], more: Iterable[Offer] = ()
    ) -> tuple[tuple[Button, ...], tuple[Button, ...]]:
        """Buttons and menu."""
        return laid_out([self.button(offer) for offer in offers], [self.button(offer) for offer in more])


def laid_out(main: Sequence[Button], more: Sequence[Button]) -> tuple[tuple[Button, ...], tuple[Button, ...]]:
    """Two buttons and a menu, or more buttons where the menu of three could not hold the rest: none is lost."""
    found = _without_twins((*main, *more))
    shown = max(min(len(main), _MAIN_BUTTONS), len(found) - _MOST_MENU)
    return found[:shown], found[shown:]


def button_key(text: str) -> bytes:
    """The key behind `security.button_key`."""
    return _decoded(text)


def button_keys(texts: Iterable[str]) -> tuple[bytes, ...]:
    """The same for `security.button_keys`: by which a press may be signed."""
    return tuple(map(_decoded, texts))


@lru_cache(maxsize=16)
def _decoded(text: str) -> bytes:
    return base64.b64decode(text)


def _without_twins(buttons: Iterable[Button]) -> tuple[Button, ...]:
    return tuple({button.payload: button for button in buttons}.values())  # a platform refuses two equal keys


def _style(word: str) -> Style:
    return _STYLES.get(word, Style.PLAIN)


def drop_down(choice: Choice | None) -> DropDown | None:
    if choice is None or not choice.options:
        return None
    return DropDown(choice.key, choice.title, choice.options, choice.selected, choice.typed)


def boxes(ticks: Ticks | None) -> Boxes | None:
    return Boxes(ticks.key, ticks.options, ticks.many, ticks.ticked) if ticks is not None and ticks.options else None
