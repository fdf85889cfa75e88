"""What people said of alerts, and what the hub proposes to change about a kind of them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Id


class AlertWord(Base):
    """有用 or 误报: one word per person and case, the newest holds."""

    __tablename__ = "alert_words"

    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str]
    useful: Mapped[bool]
    at: Mapped[datetime]

    __table_args__ = (Index("ix_alert_words_kind", "kind", "at"),)


class Advice(Base):
    """One proposal of a week. `about`: a kind, of stage limits with its stage (handlers/tuning/switches.py). `counted`:
    what was counted when it was made, and what each way would have led to. `state`: open, accepted, kept; `way`: what
    was accepted; `tuning_id`: the change that it made."""

    __tablename__ = "advices"

    id: Mapped[Id]
    week: Mapped[date]  # its Monday
    about: Mapped[str]
    counted: Mapped[dict[str, Any]] = mapped_column(JSONB)
    made_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(server_default="open")
    way: Mapped[str] = mapped_column(server_default="")
    tuning_id: Mapped[int | None] = mapped_column(ForeignKey("tunings.id"))
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str] = mapped_column(server_default="")
    revision: Mapped[int] = mapped_column(server_default="1")

    __table_args__ = (UniqueConstraint("week", "about"),)
