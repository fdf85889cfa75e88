"""A case before it is one: what it is opened from, and whom a step of it concerns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from models import Role


@dataclass(frozen=True, slots=True)
class Opening:
    kind: str
    reason: str
    role: Role
    order_id: int | None = None
    shop_id: int | None = None
    group_key: str = ""
    owner_id: int | None = None
    usual_id: int | None = None  # whose order it is: they have it, as far as they may (handlers/assigning/giving.py)
    evidence: Mapping[str, Any] = field(default_factory=dict)
    steps: Sequence[Mapping[str, Any]] | None = None  # instead of the kind's, where the order has a clock of its own


@dataclass(frozen=True, slots=True)
class Told:
    """Whom a step of a case concerns."""

    case_id: int
    role: Role
    owner_id: int | None
    targets: Sequence[str]  # group, owner, role, lead, lead:warehouse, supervisor
    occasion: str
