"""Limits that people set while the hub runs, and campaigns."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, SmallInteger, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Id


class Tuning(Base):
    """One change of a limit: the newest of a name that was not undone holds; without one the settings do.

    `name`: a key of config.Stale, window_minutes, night, claim:address_vague, solve:address_vague, or
    quiet:address_vague, off:stale_stage:pending_pick. `value`: minutes or a count, of the night [begin, end, release]
    in minutes of the day, of quiet and off whether it is so; `before`: what held until then."""

    __tablename__ = "tunings"

    id: Mapped[Id]
    name: Mapped[str]
    value: Mapped[Any] = mapped_column(JSONB)
    before: Mapped[Any] = mapped_column(JSONB)
    set_at: Mapped[datetime]
    set_by: Mapped[str]
    set_by_id: Mapped[int | None]
    reason: Mapped[str] = mapped_column(server_default="")
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[str] = mapped_column(server_default="")

    # Which value holds?
    __table_args__ = (Index("ix_tunings_name", "name", "id", postgresql_where=text("undone_at IS NULL")),)


class Promo(Base):
    """A campaign: between both moments the stages' limits are `factor` times as long, and what is not urgent comes in
    digests. One at a time; `ended_at`: when it was over, or somebody ended it."""

    __tablename__ = "promos"

    id: Mapped[Id]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    factor: Mapped[int] = mapped_column(SmallInteger)
    made_at: Mapped[datetime]
    made_by: Mapped[str]
    ended_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_promos_live", "starts_at", postgresql_where=text("ended_at IS NULL")),)
