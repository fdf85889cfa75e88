"""How each answer looks: one file per view, one line here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from bot.card import Card, Drawing
from bot.cards import (
    absence,
    advice,
    backlog,
    batch,
    board,
    bottleneck,
    case,
    daily,
    dispatch,
    draft,
    duty,
    exceptions,
    handover,
    help,
    mine,
    order,
    order_list,
    overdue,
    proof,
    reveal,
    rule,
    stock,
    text,
    trail,
)
from bot.pen import Pen
from bot.phrases import cut_wide
from handlers.batches.view import BatchView
from handlers.completeness.view import ProofView
from handlers.dispatch.view import DispatchView
from handlers.drafts.view import DraftView
from handlers.duty.view import AbsenceView, DutyView, HandoverView
from handlers.reports.view import BacklogView, BottleneckView, DailyView, ExceptionsView, OverdueView
from handlers.rulebook.view import RuleView
from handlers.usefulness.view import AdviceView
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

TITLE: Final = 52
"""Columns of a title: 26 Chinese characters, or twice as many Latin ones."""
FIELDS: Final = 5

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
    BatchView: batch.draw,
    DutyView: duty.draw,
    AbsenceView: absence.draw,
    HandoverView: handover.draw,
    DispatchView: dispatch.draw,
    BacklogView: backlog.draw,
    OverdueView: overdue.draw,
    ExceptionsView: exceptions.draw,
    DailyView: daily.draw,
    BottleneckView: bottleneck.draw,
    RuleView: rule.draw,
    AdviceView: advice.draw,
}


def draw(view: View, pen: Pen) -> Drawing:
    """The card or text of a view; a card bears the hub's name. Raises LookupError for a view without one."""
    try:
        drawer = CARDS[type(view)]
    except KeyError:
        raise LookupError(f"{type(view).__name__} has no card: add bot/cards/<name>.py and a line in CARDS") from None
    drawing = drawer(view, pen)
    return _mannerly(drawing, pen) if isinstance(drawing, Card) else drawing


def _mannerly(card: Card, pen: Pen) -> Card:
    """Manner 10, for whatever is drawn: a title that a phone shows in one glance, and few fields. Its buttons are laid
    out by the pen."""
    kept = replace(card, source=pen.name, title=cut_wide(card.title, TITLE), fields=card.fields[:FIELDS])
    return card if kept == card else kept
