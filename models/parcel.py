"""Parcels on their way: what the courier tells of each, and when it must be asked or looked at again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import BigInteger, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Id


class Parcel(Base):
    """One waybill of an order that left. `state`: as models.parcel.STATES; `last_text` without anybody's number.

    `subscribe_at`: when the courier interface is to be asked to tell by itself, None once it does. `next_query_at`:
    when the hub asks. `due_at`: when the rules look again. A closed parcel has none of them."""

    __tablename__ = "parcels"

    id: Mapped[Id]
    order_id: Mapped[int] = mapped_column(BigInteger)
    courier: Mapped[str]
    waybill: Mapped[str]
    state: Mapped[str] = mapped_column(server_default="waiting")
    shipped_at: Mapped[datetime]
    first_scan_at: Mapped[datetime | None]
    last_event_at: Mapped[datetime | None]
    last_text: Mapped[str] = mapped_column(server_default="")
    heard_at: Mapped[datetime | None]  # when the courier interface last told anything of it, if only that there is none
    subscribed_at: Mapped[datetime | None]
    subscribe_at: Mapped[datetime | None]
    next_query_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(server_default="0")  # failed ones in a row
    problem: Mapped[str] = mapped_column(server_default="")  # Chinese: why nothing can be known of it
    warned_hours: Mapped[int] = mapped_column(server_default="0")  # of waiting for a scan, after which people were told
    closed: Mapped[bool] = mapped_column(server_default=text("false"))

    __table_args__ = (
        Index("uq_parcels_order_id_waybill", "order_id", "waybill", unique=True),
        Index("ix_parcels_waybill", "waybill"),  # a push names nothing else
        Index("ix_parcels_subscribe_at", "subscribe_at", postgresql_where=text("subscribe_at IS NOT NULL")),
        Index("ix_parcels_next_query_at", "next_query_at", postgresql_where=text("next_query_at IS NOT NULL")),
        Index("ix_parcels_due_at", "due_at", postgresql_where=text("due_at IS NOT NULL")),
    )


class ParcelEvent(Base):
    """One line of a parcel's way; `mark` is its fingerprint, for couriers tell the same lines again and again."""

    __tablename__ = "parcel_events"

    parcel_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    mark: Mapped[bytes] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    text: Mapped[str]


STATES: Final = {
    "waiting": "待揽收",
    "collected": "已揽收",
    "moving": "运输中",
    "delivering": "派送中",
    "signed": "已签收",
    "problem": "疑难",
    "returning": "退回中",
    "returned": "退回已签收",
    "refused": "拒收",
    "forwarded": "转投",
    "customs": "清关中",
}
"""How each state is called. Signed and returned parcels have arrived somewhere: nothing more is expected of them."""

ARRIVED: Final = ("signed", "returned")
"""States in which nothing more is expected of the courier."""


@dataclass(frozen=True, slots=True)
class TrackLine:
    """One line of a parcel's way, as the courier wrote it."""

    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Tracked:
    """What a courier interface tells of one waybill: everything it knows, the newest line first. `courier` is our slug,
    "" where it does not say. `given_up`: why it will not tell by itself any more, though the parcel has not arrived."""

    waybill: str
    courier: str
    state: str
    lines: tuple[TrackLine, ...]
    closed: bool = False
    given_up: str = ""
