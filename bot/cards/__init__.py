"""How each answer looks: one file per view, one line here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from bot.card import Card, Drawing
from bot.cards import board, case, draft, help, mine, order, order_list, proof, reveal, stock, text, trail
from bot.pen import Pen
from handlers.completeness.view import ProofView
from handlers.drafts.view import DraftView
from handlers.views import (
    BoardView,
    CaseView,
    HelpView,
    MineView,
    OrderListView,
    OrderView,
    RevealView,
    StockView,
    TextView,
    TrailView,
    View,
)

CARDS: Final[dict[type[View], Callable[[Any, Pen], Drawing]]] = {
    TextView: text.draw,
    BoardView: board.draw,
    OrderView: order.draw,
    OrderListView: order_list.draw,
    MineView: mine.draw,
    CaseView: case.draw,
    TrailView: trail.draw,
    HelpView: help.draw,
    RevealView: reveal.draw,
    StockView: stock.draw,
    DraftView: draft.draw,
    ProofView: proof.draw,
}


def draw(view: View, pen: Pen) -> Drawing:
    """The card or text of a view; a card bears the hub's name. Raises LookupError for a view without one."""
    try:
        drawer = CARDS[type(view)]
    except KeyError:
        raise LookupError(f"{type(view).__name__} has no card: add bot/cards/<name>.py and a line in CARDS") from None
    drawing = drawer(view, pen)
    return replace(drawing, source=pen.name) if isinstance(drawing, Card) else drawing
