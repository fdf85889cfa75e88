"""Shops, how far each was read, and what was received, as it came."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import ARRAY, Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Id

GOES_ON: Final = "（同步照常进行）"
"""Ends the problem of a working shop that is read all the same: a notice, no reason why nothing comes."""


class Shop(Base):
    __tablename__ = "shops"

    id: Mapped[Id]
    slug: Mapped[str] = mapped_column(unique=True)
    platform: Mapped[str]
    prefix: Mapped[str]
    name: Mapped[str]
    ship_hours: Mapped[int]  # from payment to shipping, where the platform gives no deadline
    state: Mapped[str] = mapped_column(server_default="working")  # working, stopped
    # Why it stopped or waits, in Chinese; of a working shop what people should mend (a wrong clock).
    problem: Mapped[str] = mapped_column(server_default="")
    wait_until: Mapped[datetime | None]  # the platform told us to wait
    clock_offset_seconds: Mapped[float] = mapped_column(server_default="0")  # platform − ours
    clock_measured_at: Mapped[datetime | None]
    # Slugs of the couriers of which the platform can be told; null: any, or nobody has said yet.
    couriers: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    silent_since: Mapped[datetime | None]  # of which silence people were told: of one only once
    tried_at: Mapped[datetime | None]  # when a pull of it ended last, whatever came of it
    checked_to: Mapped[datetime | None]  # up to there the platform was asked whether orders came (workers/gap.py)


class Cursor(Base):
    """`synced_to`: everything modified before this platform time is stored. `page_mark`: how far the window after it
    had been read when it was cut short (ingest.paging.PageMark). `began_at`: where the first pull began."""

    __tablename__ = "cursors"

    shop_id: Mapped[int] = mapped_column(primary_key=True)
    api: Mapped[str] = mapped_column(primary_key=True)
    synced_to: Mapped[datetime]
    moved_at: Mapped[datetime]
    page_mark: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    began_at: Mapped[datetime | None]


class RawPayload(Base):
    """One version of one record as the platform sent it, details included: zlib, then sealed. `content_hash` is the
    fingerprint of what its list told, by which it is known again.

    `problem` tells why it cannot be read. Such rows are shown, and read again when they come again or on demand; once
    the order stands in this version or a later one, there is no problem any more."""

    __tablename__ = "raw_payloads"

    id: Mapped[Id]
    shop_id: Mapped[int]
    external_id: Mapped[str]
    content_hash: Mapped[bytes]
    payload: Mapped[bytes]
    received_at: Mapped[datetime]
    problem: Mapped[str | None]

    __table_args__ = (
        Index("ix_raw_payloads_record", "shop_id", "external_id"),  # "has this broken record been kept?"
        Index("ix_raw_payloads_problem", "received_at", postgresql_where=text("problem IS NOT NULL")),
        # Every batch: "of these records, which are kept unread?" Nearly empty, so the answer costs nearly nothing.
        Index("ix_raw_payloads_unread", "shop_id", "external_id", postgresql_where=text("problem IS NOT NULL")),
    )


class Stock(Base):
    """What lies on the shelf, per merchant SKU. What the hub's own open orders need of it stands in `waiting_lines`;
    `locked` is what others hold: orders of channels that the hub does not read."""

    __tablename__ = "stock"

    sku: Mapped[str] = mapped_column(primary_key=True)
    on_hand: Mapped[int]
    updated_at: Mapped[datetime]
    locked: Mapped[int] = mapped_column(server_default="0")
    incoming: Mapped[int] = mapped_column(server_default="0")  # ordered from suppliers, not here yet
    incoming_at: Mapped[datetime | None]  # when it is expected, where anybody said
    # Pieces that left by orders which the ERP does not know, since it counted: `on_hand` is without them.
    outside: Mapped[int] = mapped_column(server_default="0")


class Authorisation(Base):
    """What a shop's authorisation became after the hub renewed it; `sealed` holds {"token", "refresh_token"}.

    `renewed_from` is the fingerprint of the token in the settings: another one there ends this row's use."""

    __tablename__ = "authorisations"

    slug: Mapped[str] = mapped_column(primary_key=True)  # of the shop in the settings
    renewed_from: Mapped[bytes]
    sealed: Mapped[bytes]
    ends_at: Mapped[datetime | None]  # as the platform told
    tried_at: Mapped[datetime]  # the last try to renew, whatever came of it
