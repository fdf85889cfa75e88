"""What every action is, what it knows of the card that may offer it, and what it hands back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from handlers import subjects
from handlers.buttons import PICK, spread
from handlers.desk import Actor, Desk, Refusal
from handlers.incoming import Incoming, Press
from handlers.permissions import Permit
from handlers.stages import Moved
from handlers.views import View
from models import Role
from models.stages import Stage

_OF_MANY: Final = ("sku_unmapped", "ship_jam", "erp_stopped", "cause_group", "shortage")
_OF_SHOPS: Final = ("missing_order", "auth_expiring", "sync_silent")


@dataclass(frozen=True, slots=True)
class OrderState:
    """What decides about an order's buttons."""

    order_id: int
    revision: int
    stage: Stage
    locked: bool
    kind: str
    merged_waiting: int = 0  # of an order that left: how many that are merged with it are still here


@dataclass(frozen=True, slots=True)
class CaseState:
    """What decides about a case's buttons. `is_mine`: the reader owns it, or the card is for everybody. `reader_id`:
    None where several read it. `ask_by`: who asks to pass it by force (handlers/caselife/forcing.py)."""

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
    reader_id: int | None = None
    ask_by: int | None = None

    @property
    def is_alone(self) -> bool:
        """A matter of one order, neither of many nor of a shop."""
        return self.kind not in ("stale_group", "shop_stopped", "upstream_down", "unmerged", *_OF_SHOPS, *_OF_MANY)


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


@dataclass(frozen=True, slots=True)
class Then:
    """After a press, what was pressed is shown as it is now. `note`: a line about what just happened. `moved`: the
    step that the order's own card offers to take back."""

    note: str = ""
    moved: Moved | None = None


Meant = tuple[str, dict[str, tuple[str, ...]]]
"""The value and the choices that a press would have carried."""


def press_of(incoming: Incoming) -> Press:
    """The press of an incoming that is one, its choices by what they are. Raises Refusal otherwise."""
    press = incoming.press
    if press is None:
        raise Refusal("这不是一次按键，请刷新卡片再试")
    return replace(press, selected=spread(press.selected)) if PICK in press.selected else press


def case_id(press: Press) -> int:
    """The case that was pressed. Raises Refusal for a card that is not about one."""
    kind, number = subjects.split(press.subject)
    if kind != "case":
        raise Refusal("这张卡片没有这个操作，请刷新")
    return number


def nothing(_state: object) -> tuple[Button, ...]:
    return ()


def as_button(_desk: Desk, said: Said) -> Meant:
    return said.value, {}


@dataclass(frozen=True, slots=True)
class Action:
    """`press` returns Then, or the view to show instead; it raises Refusal, or Late when the state had moved on.
    `words`: as typed behind a short code, lower case → the button's value; `meant` reads what stands behind them.
    `on_order`, `on_case`: the buttons for a card in that state, `in_menu` those behind 更多; whoever the permit leaves
    out is not offered them."""

    permit: Permit
    press: Callable[[Desk, Incoming, Actor], Then | View]
    words: Mapping[str, str] = field(default_factory=dict)
    meant: Callable[[Desk, Said], Meant] = as_button
    on_order: Callable[[OrderState], Sequence[Button]] = nothing
    on_case: Callable[[CaseState], Sequence[Button]] = nothing
    in_menu: bool = False
