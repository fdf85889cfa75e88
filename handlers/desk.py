"""What a handler works at: a session, the moment, the policy, and a tray for what must happen after the commit."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy.orm import Session

from config import Settings
from models import Role, Vault
from models.session import vault_of


class Job(StrEnum):
    """Work that a handler asks for; the door queues it after its commit (jobs.py knows how)."""

    PULL_SHOP = "pull_shop"
    DELIVER = "deliver"
    WRITE_BACK = "write_back"
    BACKFILL = "backfill"
    PROVE = "prove"
    TEND_SHOP = "tend_shop"
    READ_RECEIVED = "read_received"
    READ_PUSHED = "read_pushed"
    READ_ERP = "read_erp"
    TRACK_PARCELS = "track_parcels"
    RUN_BATCH = "run_batch"
    TRY_RULE = "try_rule"
    READ_TEMPLATES = "read_templates"
    BIND_CODE = "bind_code"
    READ_KF = "read_kf"


class Refusal(Exception):
    """The only error whose text a person sees: plain Chinese, says what to do or who may."""


class Late(Refusal):
    """The state had moved on: nothing was changed, and the current view says who was faster."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something, and through which channel."""

    name: str
    roles: frozenset[Role] = frozenset()
    staff_id: int | None = None
    source: str = "system"

    def may(self, *roles: Role) -> bool:
        """Whether one of `roles` is held; a supervisor holds all."""
        return Role.SUPERVISOR in self.roles or bool(self.roles.intersection(roles))


SYSTEM: Final = Actor(name="系统", roles=frozenset({Role.SUPERVISOR}))


@dataclass(slots=True)
class Desk:
    """Handlers flush at most; the door that made the desk commits and then queues `later`. `pressed`: while a card's
    button is obeyed, what the card is about and the revision that it shows."""

    session: Session
    now: datetime
    settings: Settings
    later: list[tuple[Job, tuple[object, ...]]] = field(default_factory=list)
    pressed: tuple[str, int] = ("", 0)

    @property
    def vault(self) -> Vault:
        return vault_of(self.session)

    def shown(self, subject: str) -> int:
        """The revision of `subject` on the card that is being pressed; 0 where none is, or it is about another."""
        return self.pressed[1] if self.pressed[0] == subject else 0

    def ask_later(self, job: Job, *arguments: object) -> None:
        """Ask for `job` once after the commit."""
        if (job, arguments) not in self.later:
            self.later.append((job, arguments))


OpenDesk = Callable[[], AbstractContextManager[Desk]]
"""What a door hands to a room that must decide itself when to commit: the block commits at its end, rolls back on an
exception, and queues what was asked for after the commit."""
