"""What people do to orders in one go, so that it can be asked about once, go on after a crash, and be taken back."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import BigInteger, Index, SmallInteger, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Id

LIVE: Final = ("running", "undoing")
"""States in which a worker goes on with it."""


class Batch(Base):
    """One act of a person on one order or many. `verb`: a slug of handlers/batches. `state`: asked (somebody has to
    confirm), running, done, undoing, undone, cancelled. `said`: what was asked for (words, a day) and what was left out
    and why, as it is shown. `actor`: who acts, with the roles that counted then. `place`: who hears of the result,
    "staff" or "group"."""

    __tablename__ = "batches"

    id: Mapped[Id]
    verb: Mapped[str]
    state: Mapped[str]
    said: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    asked_by: Mapped[int]
    acted_by: Mapped[int | None]
    actor: Mapped[dict[str, Any]] = mapped_column(JSONB)
    place: Mapped[str] = mapped_column(server_default="staff")
    revision: Mapped[int] = mapped_column(server_default="1")
    asked_at: Mapped[datetime]
    acted_at: Mapped[datetime | None]
    undo_until: Mapped[datetime | None]
    shown_at: Mapped[datetime | None]  # when its cards were last told how far it is

    __table_args__ = (
        Index("ix_batches_acted_by", "acted_by", "id", postgresql_where=text("acted_by IS NOT NULL")),  # `撤销`
        # The clock's question: what did a dead worker leave?
        Index("ix_batches_live", "id", postgresql_where=text("state IN ('running', 'undoing')")),
        Index("ix_batches_asked_at", "asked_at"),  # tidying up
    )


class BatchOrder(Base):
    """One order of a batch. `state`: waiting, done, skipped, undone, kept (it could not be taken back). `seen` is the
    order's revision when it was asked about, `made` the one that the batch left behind. `why`: of what was skipped or
    kept. `detail`: what is this order's alone (a waybill); `before`: what is needed to take it back."""

    __tablename__ = "batch_orders"

    batch_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    order_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    place: Mapped[int] = mapped_column(SmallInteger)
    state: Mapped[str] = mapped_column(server_default="waiting")
    seen: Mapped[int]
    made: Mapped[int | None]
    at: Mapped[datetime | None]
    why: Mapped[str] = mapped_column(server_default="")
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    before: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")

    __table_args__ = (Index("ix_batch_orders_order_id", "order_id", "batch_id"),)  # `撤销 编号`


class OwnReceiver(Base):
    """A receiver that somebody here corrected, because its source never will: sealed, beside what the source had said.
    A source that says the same again does not undo the correction; one that says something new does."""

    __tablename__ = "own_receivers"

    order_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    theirs: Mapped[bytes]
    ours: Mapped[bytes]
    staff_id: Mapped[int | None]
    at: Mapped[datetime]
