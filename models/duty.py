"""Who works when: shifts, leads, absences, what is handed over, and the company's quiet hours."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, SmallInteger, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Id


class Shift(Base):
    """When a person works: minutes of the Beijing day; `to_minute` beyond 1440 is the next morning.

    `weekdays`: bit 0 is Monday; `workdays`: legal working days instead, make-up days and holidays as decreed. With
    `day` it holds on that day alone, instead of all others; `to_minute` = `from_minute` is a day off. A person
    without a weekly shift works whenever the company's quiet hours are over."""

    __tablename__ = "shifts"

    id: Mapped[Id]
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"))
    weekdays: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    workdays: Mapped[bool] = mapped_column(server_default=text("false"))
    day: Mapped[date | None]
    from_minute: Mapped[int] = mapped_column(SmallInteger)
    to_minute: Mapped[int] = mapped_column(SmallInteger)

    __table_args__ = (Index("ix_shifts_staff_id", "staff_id", "day"),)


class Lead(Base):
    """Whom the matters of a role go to while nobody of it is on shift."""

    __tablename__ = "leads"

    role: Mapped[str] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"))


class Absence(Base):
    """`state`: planned, begun (what the person had lies elsewhere), over, withdrawn. `moved`: what was taken from the
    person, as it was before and as it was left, so that it can be given back where nobody touched it since."""

    __tablename__ = "absences"

    id: Mapped[Id]
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(server_default="")
    deputy_id: Mapped[int | None]
    asked_by: Mapped[int | None]
    asked_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(server_default="planned")
    moved: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default="[]")
    revision: Mapped[int] = mapped_column(server_default="1")
    due_at: Mapped[datetime | None]  # when it begins, or ends

    __table_args__ = (
        # Who is away? Which absence of this person counts?
        Index("ix_absences_live", "staff_id", "starts_at", postgresql_where=text("state IN ('planned', 'begun')")),
        # The clock's question: which begins, which ends?
        Index("ix_absences_due_at", "due_at", postgresql_where=text("due_at IS NOT NULL")),
    )


class Handover(Base):
    """One person gives what lies with them to another, who must accept it: until then it stays where it is.

    `state`: proposed (the giver, whose shift ends, is asked), kept (and did not); offered, accepted, refused,
    withdrawn, expired. `items`: subjects ("case:12", "order:5") as offered; `left`: how many of
    them had ended or gone elsewhere when it was accepted; `words`: why it was refused."""

    __tablename__ = "handovers"

    id: Mapped[Id]
    giver_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"))
    taker_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"))
    asked_by: Mapped[int | None]
    items: Mapped[list[str]] = mapped_column(JSONB)
    kept: Mapped[list[str]] = mapped_column(JSONB, server_default="[]")  # what the taker's roles do not fit
    left: Mapped[int] = mapped_column(server_default="0")
    state: Mapped[str] = mapped_column(server_default="offered")
    words: Mapped[str] = mapped_column(server_default="")
    revision: Mapped[int] = mapped_column(server_default="1")
    offered_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]  # when the taker is reminded, or the offer ends

    __table_args__ = (
        # One at a time: what is offered to one person must not be offered to another.
        Index("uq_handovers_giver_id", "giver_id", unique=True, postgresql_where=text("state = 'offered'")),
        Index("ix_handovers_taker_id", "taker_id", postgresql_where=text("state = 'offered'")),
        Index("ix_handovers_due_at", "due_at", postgresql_where=text("due_at IS NOT NULL")),
    )


class QuietHours(Base):
    """The company's night (`name` = "company"): minutes of the Beijing day. What waited is told at `release_minute`.
    `from_minute` = `to_minute`: there is no night. Without a row the hours of handlers/duty/hours.py hold."""

    __tablename__ = "quiet_hours"

    name: Mapped[str] = mapped_column(primary_key=True)
    from_minute: Mapped[int] = mapped_column(SmallInteger)
    to_minute: Mapped[int] = mapped_column(SmallInteger)
    release_minute: Mapped[int] = mapped_column(SmallInteger)
