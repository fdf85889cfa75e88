"""A sentence or a few lines, as they are."""

from __future__ import annotations

from bot.card import Text
from bot.pen import Pen
from handlers.views import TextView


def draw(view: TextView, _pen: Pen) -> Text:
    return Text(view.text, private=view.private)
