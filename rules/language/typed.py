"""One part of a condition that was read and checked: its sort, how to work it out, and the same as a tree."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from rules.facts import OrderFacts
from rules.language.catalogue import Field
from rules.language.sorts import Read, Sort


@dataclass(frozen=True, slots=True)
class Part:
    """`node`: the same for any evaluator of Python's expressions that is given the fields' plain values. `start`,
    `end`: its place in the source's code. `field`: where it is a field alone; `constant`: its value never changes, and
    is `value`. `sure`: never Unknown. `fields`: all that it names."""

    sort: Sort
    run: Read
    node: ast.expr
    start: int
    end: int
    field: Field | None = None
    constant: bool = False
    value: Any = None
    sure: bool = False
    fields: tuple[Field, ...] = ()


AGAIN: Final = timedelta(minutes=15)
"""After which something is looked at again of which nobody can tell when it changes."""
_JUST_AFTER: Final = timedelta(seconds=1)
_FAR_OFF: Final = 1_000_000  # hours: nobody lives to see it


@dataclass(frozen=True, slots=True)
class Look:
    """Time alone can change a comparison: `after` the clock's moment (negative: before it), None where nobody can
    tell."""

    clock: Callable[[OrderFacts], datetime | None]
    after: timedelta | None

    @classmethod
    def of(cls, clock: Callable[[OrderFacts], datetime | None], hours: Decimal | None, *, falls: bool) -> Look | None:
        """On the other side of `hours` it changes; None for what nobody lives to see."""
        if hours is None:
            return cls(clock, None)
        if abs(hours) > _FAR_OFF:
            return None
        span = timedelta(microseconds=int(hours * 3_600_000_000))
        return cls(clock, -span if falls else span)

    def moment(self, facts: OrderFacts, now: datetime) -> datetime | None:
        """When it may change, in the future: at the moment itself, or just after it, for > and >= differ there."""
        begun = self.clock(facts)
        if begun is None:
            return None
        if self.after is None:
            return now + AGAIN
        at = begun + self.after
        if at > now:
            return at
        return at + _JUST_AFTER if at + _JUST_AFTER > now else None


@dataclass(frozen=True, slots=True)
class Leaf:
    """One comparison, or a yes/no field alone, as it is explained to people. `words`: as it was written."""

    words: str
    run: Read
    fields: tuple[Field, ...]
