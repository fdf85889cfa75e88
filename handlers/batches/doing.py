"""What every batch verb is: who may, what hinders an order, how it is done to many and taken back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from handlers.desk import Actor, Desk
from handlers.permissions import Permit
from models import Role
from models.stages import Stage


@dataclass(frozen=True, slots=True)
class Act:
    """Who does it, and what was said for all orders alike: `words` (a note, a reason), `until` (a day's beginning).
    `code` names the batch in the orders' trails; "" for a single order's own step. `broad`: nobody named the orders one
    by one (全部, 京东)."""

    actor: Actor
    now: datetime
    code: str = ""
    words: str = ""
    until: datetime | None = None
    broad: bool = False

    @property
    def of_batch(self) -> dict[str, str]:
        """What the trail says beside the step."""
        return {"批次": self.code} if self.code else {}

    @property
    def supervises(self) -> bool:
        return Role.SUPERVISOR in self.actor.roles


@dataclass(slots=True)
class Piece:
    """One order of a batch: `row` is of handlers/batches/orders.py, locked. `why` is set by whoever finds that it
    cannot be done; `before` by what is done, for whoever takes it back."""

    row: Row[Any]
    detail: Mapping[str, Any] = field(default_factory=dict)
    before: dict[str, Any] = field(default_factory=dict)
    at: datetime | None = None  # when it was done, of what is taken back
    why: str = ""


@dataclass(frozen=True, slots=True)
class Doing:
    """`stage`: whose orders 全部 means, None for every open one; `all_locked`: those that people locked. `hinder` gives
    why an order cannot, "" where it can; what stands before ： is the kind of reason. `do` and `undo` work on many and
    leave out a piece by its `why`. `done`: what became of an order, in words. `careful`: 全部 leaves out what has an
    open exception, though that does not forbid it."""

    title: str
    permit: Permit
    stage: Stage | None
    hinder: Callable[[Row[Any], Act], str]
    do: Callable[[Desk, Act, Sequence[Piece]], None]
    undo: Callable[[Desk, Act, Sequence[Piece]], None]
    done: Callable[[Act], str]
    careful: bool = False
    all_locked: bool = False
