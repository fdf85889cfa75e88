"""What others tell of an order: the list of buyers who are not trusted, what its buyer ordered before, and whether it
repeats another. Asked once for a batch, and only where one of it is open."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any, TypedDict

from sqlalchemy import Row

from handlers.blacklist import book, history
from handlers.desk import Desk
from handlers.related import twins
from models.stages import OPEN, Stage
from rules.facts import History, Listed, Twin


class Told(TypedDict, total=False):
    """Fields of rules.facts.OrderFacts."""

    listed: tuple[Listed, ...]
    listing_blind: bool
    history: History
    twin: Twin | None


class Neighbours:
    def __init__(self, desk: Desk, ids: Sequence[int], opens: twins.Opens) -> None:
        self._desk, self._ids, self._opens = desk, list(ids), opens

    def of(self, row: Row[Any], stage: Stage) -> Told:
        """Nothing of an order that is no longer open: no rule asks."""
        if stage not in OPEN:
            return {}
        book = self._book
        return {
            "listed": book.of(self._desk.vault, row),
            "listing_blind": book.is_blind(row),
            "history": self._histories.get(row.id, History()),
            "twin": self._twins.get(row.id),
        }

    @cached_property
    def _book(self) -> book.Book:
        return book.book(self._desk)

    @cached_property
    def _histories(self) -> dict[int, History]:
        return history.histories(self._desk, self._ids)

    @cached_property
    def _twins(self) -> dict[int, Twin]:
        return twins.twins(self._desk, self._ids, self._opens)
