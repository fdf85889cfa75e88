"""A case: why an order is not clean, who deals with it, by when. It has one card for life."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import BigInteger, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Id

LIVE: Final = ("open", "claimed")
_LIVE = text("state IN ('open', 'claimed')")


class Case(Base):
    """`order_id` is null for a matter about many orders (`group_key` names the cause) or about a shop.

    `steps` is the escalation policy as it was when the case opened; `step` the next one to take, `due_at` when.
    """

    __tablename__ = "cases"

    id: Mapped[Id]
    kind: Mapped[str]  # a rule's slug, or: stale_group, writeback_fail, shop_stopped
    order_id: Mapped[int | None] = mapped_column(BigInteger)
    shop_id: Mapped[int | None]
    group_key: Mapped[str] = mapped_column(server_default="")
    role: Mapped[str]
    owner_id: Mapped[int | None]
    state: Mapped[str] = mapped_column(server_default="open")  # open, claimed, solved, dismissed
    reason: Mapped[str]
    evidence: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    blocks: Mapped[bool] = mapped_column(server_default=text("false"))
    revision: Mapped[int] = mapped_column(server_default="1")
    opened_at: Mapped[datetime]
    claimed_at: Mapped[datetime | None]  # the first time that somebody took it
    claimed_until: Mapped[datetime | None]
    waiting_on: Mapped[str] = mapped_column(server_default="")  # customer, purchasing, platform
    wake_at: Mapped[datetime | None]  # it waits while this is `claimed_until` too (models/case_life.py)
    steps: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default="[]")
    step: Mapped[int] = mapped_column(server_default="0")
    due_at: Mapped[datetime | None]
    solved_at: Mapped[datetime | None]
    solved_by: Mapped[int | None]
    solution: Mapped[str] = mapped_column(server_default="")

    __table_args__ = (
        # A kind is open once per order, and once per cause.
        Index("uq_cases_kind_order_id", "kind", "order_id", unique=True, postgresql_where=text(
            "state IN ('open', 'claimed') AND order_id IS NOT NULL")),
        Index("uq_cases_kind_group_key", "kind", "group_key", unique=True, postgresql_where=text(
            "state IN ('open', 'claimed') AND order_id IS NULL")),
        Index("ix_cases_due_at", "due_at", postgresql_where=text("due_at IS NOT NULL")),
        Index("ix_cases_order_id", "order_id"),
        # What a rule found lately.
        Index("ix_cases_kind", "kind", "opened_at"),
        # `我的`: what lies with a person, or with the person's role.
        Index("ix_cases_owner_id", "owner_id", "opened_at", postgresql_where=_LIVE),
        Index("ix_cases_role", "role", "opened_at", postgresql_where=_LIVE),
    )  # fmt: skip


ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # no 0/O, 1/I/L
ROOM: Final = len(ALPHABET) ** 4  # 923 521 codes before one comes again


def short_code(case_id: int) -> str:
    """Four characters by which people name a case. Scattered, so that neighbours do not look alike."""
    number = (case_id * 48271 + 12345) % ROOM
    code = ""
    for _ in range(4):
        number, digit = divmod(number, len(ALPHABET))
        code += ALPHABET[digit]
    return code


def ids_of(code: str, newest: int) -> list[int]:
    """The case ids up to `newest` that `code` can mean, newest first; empty when it is no code."""
    if len(code) != 4 or any(letter not in ALPHABET for letter in code):
        return []
    number = 0
    for letter in reversed(code):
        number = number * len(ALPHABET) + ALPHABET.index(letter)
    first = (number - 12345) * pow(48271, -1, ROOM) % ROOM
    return [found for found in range(first, newest + 1, ROOM) if found > 0][::-1]
