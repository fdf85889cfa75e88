"""That nothing is lost: what was read again, what was proved, and how many orders usually come."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Id


class Backfill(Base):
    """A period of which all orders created in it are read, whatever the pull has read. Everything up to `done_to` is
    stored: whoever takes the work up goes on there."""

    __tablename__ = "backfills"

    id: Mapped[Id]
    shop_id: Mapped[int]
    start_at: Mapped[datetime]
    end_at: Mapped[datetime]
    done_to: Mapped[datetime]
    state: Mapped[str] = mapped_column(server_default="running")  # running, done
    windows: Mapped[int] = mapped_column(server_default="0")
    new: Mapped[int] = mapped_column(server_default="0")
    changed: Mapped[int] = mapped_column(server_default="0")
    unchanged: Mapped[int] = mapped_column(server_default="0")
    unreadable: Mapped[int] = mapped_column(server_default="0")
    problem: Mapped[str] = mapped_column(server_default="")  # why it stands still, in Chinese
    asked_by: Mapped[int | None]  # a staff id, None for the command line
    asked_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Proof(Base):
    """One comparison of a shop's Beijing day of creation: what the platform has against what the hub has.

    `missing`: numbers that the hub lacked at the first count; `still`: those that it lacks after the back-fill;
    `strangers`: those of the hub that the platform does not know. Rows stay, as evidence; the newest of a shop and day
    counts."""

    __tablename__ = "proofs"

    id: Mapped[Id]
    shop_id: Mapped[int]
    day: Mapped[date]
    state: Mapped[str]  # green, red, unknown
    platform_orders: Mapped[int | None]
    hub_orders: Mapped[int | None]
    missing: Mapped[list[str]] = mapped_column(JSONB, server_default="[]")
    still: Mapped[list[str]] = mapped_column(JSONB, server_default="[]")
    strangers: Mapped[list[str]] = mapped_column(JSONB, server_default="[]")
    reason: Mapped[str] = mapped_column(server_default="")  # Chinese, of what is not green
    revision: Mapped[int] = mapped_column(server_default="1")
    proved_at: Mapped[datetime]

    # The day's card, and the last two weeks: the newest proof of each shop.
    __table_args__ = (Index("ix_proofs_day", "day", "shop_id", text("id DESC")),)


class Arrival(Base):
    """How many orders of a shop were created in one hour, and when the last of them was. Kept by the store of new
    orders, one statement a batch: what usually comes is asked of it, and never of the orders."""

    __tablename__ = "arrivals"

    shop_id: Mapped[int] = mapped_column(primary_key=True)
    hour: Mapped[datetime] = mapped_column(primary_key=True)
    orders: Mapped[int]
    last_at: Mapped[datetime]


class OrderRead(Base):
    """When an open order was last read by itself (`Marketplace.sweep_every`); gone when it is open no longer."""

    __tablename__ = "order_reads"

    order_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    shop_id: Mapped[int]
    read_at: Mapped[datetime]
