"""What every rule is: a name, whose matter it is, how urgent, and a pure judgement."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from models.people import Role
from rules.facts import OrderFacts
from rules.verdict import Verdict


class Rule(ABC):
    """`severity`: P1 within hours, P2 this shift, P3 today. `blocks`: a live case locks the order. `solved`: the button
    that ends a case, "" where only the cause's end does. `customer`: what the customer hears then, at most five
    characters, "" for nothing. `tells`: who hears of a case at once: group, owner, and role for its whole role.
    `after_shipping`: it looks at orders that have left; their parcels say when to look again. `shared`: many orders
    have one cause; each is locked by its own verdict, and the case is the cause's (handlers/supply/sku_map.py). `sure`:
    it never says that it does not know. `force`: who may pass a blocking case all the same: "N" nobody, "R" one person
    with a reason, "A" one with a second who agrees, "" does not apply. `up`: the role whose lead hears before
    the supervisor does, where nobody solved it in time."""

    slug: ClassVar[str]
    title: ClassVar[str]
    role: ClassVar[Role]
    severity: ClassVar[str]
    blocks: ClassVar[bool]
    claim_minutes: ClassVar[int]
    solve_minutes: ClassVar[int]
    solved: ClassVar[str] = ""
    customer: ClassVar[str] = ""
    tells: ClassVar[tuple[str, ...]] = ("group", "owner")
    after_shipping: ClassVar[bool] = False
    shared: ClassVar[bool] = False
    sure: ClassVar[bool] = False
    force: ClassVar[str] = ""
    up: ClassVar[Role | None] = None

    @abstractmethod
    def judge(self, facts: OrderFacts, now: datetime) -> Verdict:
        """No I/O, no clock: the same facts and moment give the same verdict."""

    def steps(self, facts: OrderFacts, now: datetime) -> Sequence[dict[str, Any]] | None:
        """Who hears when (handlers/kinds.py steps_of), where the order's own clock says so and not the kind's."""
        return None

    def owner(self, facts: OrderFacts) -> Role:
        """The role that a hit on these facts belongs to."""
        return self.role

    def force_of(self, evidence: Mapping[str, Any]) -> str:
        """Who may pass this very case, where what was found decides."""
        return self.force
