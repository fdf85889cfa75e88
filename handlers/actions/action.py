"""What every action is, and what it knows of the card that may offer it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from handlers.desk import Actor, Desk
from handlers.incoming import Incoming
from handlers.permissions import Permit
from handlers.views import View
from models import Role
from models.stages import Stage


@dataclass(frozen=True, slots=True)
class OrderState:
    """What decides about an order's buttons."""

    order_id: int
    revision: int
    stage: Stage
    locked: bool
    kind: str


@dataclass(frozen=True, slots=True)
class CaseState:
    """What decides about a case's buttons. `is_mine`: the reader owns it, or the card is for everybody."""

    case_id: int
    revision: int
    kind: str
    role: Role
    state: str
    owner_id: int | None
    is_mine: bool
    stage: Stage | None
    locked: bool
    evidence: Mapping[str, Any]

    @property
    def is_alone(self) -> bool:
        """A matter of one order, neither of many nor of a shop."""
        return self.kind not in ("stale_group", "shop_stopped")


@dataclass(frozen=True, slots=True)
class Button:
    """`style`: main, plain, danger; a card shows its main ones first. `value` is handed back on the press."""

    text: str
    value: str = ""
    style: str = "plain"


@dataclass(frozen=True, slots=True)
class Said:
    """An action asked for in words behind a case's short code: the word's value, and what stands behind the word."""

    value: str
    rest: str
    code: str


Meant = tuple[str, dict[str, tuple[str, ...]]]
"""The value and the choices that a press would have carried."""


def nothing(_state: object) -> tuple[Button, ...]:
    return ()


def as_button(_desk: Desk, said: Said) -> Meant:
    return said.value, {}


@dataclass(frozen=True, slots=True)
class Action:
    """`press` raises Refusal, or Late when the state had moved on. `words`: as typed behind a short code, lower case →
    the button's value; `meant` reads what stands behind them. `on_order`, `on_case`: the buttons for a card in that
    state, `in_menu` those behind 更多; whoever the permit leaves out is not offered them."""

    permit: Permit
    press: Callable[[Desk, Incoming, Actor], View]
    words: Mapping[str, str] = field(default_factory=dict)
    meant: Callable[[Desk, Said], Meant] = as_button
    on_order: Callable[[OrderState], Sequence[Button]] = nothing
    on_case: Callable[[CaseState], Sequence[Button]] = nothing
    in_menu: bool = False
