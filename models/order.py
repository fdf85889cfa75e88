"""Orders and their lines, as the hub keeps them. Money is integer fen, times are aware UTC, platform ids are text."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Index, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Id

_OPEN = text("stage IN ('pending_review', 'pending_pick', 'pending_ship')")


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[Id]
    shop_id: Mapped[int]
    platform: Mapped[str]
    external_id: Mapped[str]
    tag: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str] = mapped_column(server_default="normal")
    kind_evidence: Mapped[str] = mapped_column(server_default="")
    kind_by_person: Mapped[bool] = mapped_column(server_default=text("false"))  # not by the evidence alone
    original_id: Mapped[str | None]  # platform number of the order that this one mends

    stage: Mapped[str]
    stage_entered_at: Mapped[datetime]
    effect: Mapped[str]  # what the platform's state means here: unpaid, admit, shipped, cancelled
    platform_status: Mapped[str]  # as people say it; the platform's own code stays in the raw payload
    hold: Mapped[str] = mapped_column(server_default="")  # the platform forbids shipping, and why
    refund: Mapped[str] = mapped_column(server_default="")  # "", asked, part, refunded
    lock_reason: Mapped[str] = mapped_column(server_default="")

    paid_fen: Mapped[int] = mapped_column(BigInteger, server_default="0")
    goods_fen: Mapped[int] = mapped_column(BigInteger, server_default="0")
    post_fen: Mapped[int] = mapped_column(BigInteger, server_default="0")
    discount_fen: Mapped[int] = mapped_column(BigInteger, server_default="0")

    created_at: Mapped[datetime]  # on the platform
    paid_at: Mapped[datetime | None]
    modified_at: Mapped[datetime]
    ship_by_at: Mapped[datetime | None]  # the platform's word; where it gives none, our own (the shop's ship_hours)
    not_before_at: Mapped[datetime | None]
    shipped_at: Mapped[datetime | None]

    buyer_key: Mapped[str] = mapped_column(server_default="")
    buyer_message: Mapped[str] = mapped_column(server_default="")
    seller_memo: Mapped[str] = mapped_column(server_default="")
    seller_flag: Mapped[int] = mapped_column(SmallInteger, server_default="0")

    province: Mapped[str] = mapped_column(server_default="")
    city: Mapped[str] = mapped_column(server_default="")
    district: Mapped[str] = mapped_column(server_default="")
    town: Mapped[str] = mapped_column(server_default="")
    receiver: Mapped[bytes | None]  # models.vault.Receiver, sealed
    receiver_key: Mapped[str] = mapped_column(server_default="")  # the platform's same-address id
    phone_hash: Mapped[bytes | None]
    phone_tail_hash: Mapped[bytes | None]
    name_hash: Mapped[bytes | None]

    owner_id: Mapped[int | None]
    waybill: Mapped[str] = mapped_column(server_default="")
    courier: Mapped[str] = mapped_column(server_default="")
    after_sale: Mapped[str] = mapped_column(server_default="")  # what it is about, in the platform's words
    promised: Mapped[str] = mapped_column(server_default="")  # how it must be shipped, as the platform promised it
    urged_at: Mapped[datetime | None]  # when the buyer last asked for it on the platform
    content_hash: Mapped[bytes]
    recheck_at: Mapped[datetime | None]
    revision: Mapped[int] = mapped_column(server_default="1")
    trail_hash: Mapped[bytes]
    stored_at: Mapped[datetime]

    __table_args__ = (
        # Upsert and `查 <platform number>` within a shop; by number alone for the one box.
        Index("uq_orders_shop_id_external_id", "shop_id", "external_id", unique=True),
        Index("ix_orders_external_id", "external_id"),
        # Board, stale counts, "my work": open orders by stage, oldest first; counts need the index alone.
        Index("ix_orders_open", "stage", "stage_entered_at", postgresql_where=_OPEN,
              postgresql_include=["hold", "not_before_at", "paid_fen", "ship_by_at"]),
        # Board: how many were done today.
        Index("ix_orders_done", "stage_entered_at", postgresql_where=text("stage = 'done'")),
        # A rule tried on what left lately.
        Index("ix_orders_cancelled", "stage_entered_at", postgresql_where=text("stage = 'cancelled'")),
        # The clock's question: what must be looked at again?
        Index("ix_orders_recheck_at", "recheck_at", postgresql_where=text("recheck_at IS NOT NULL")),
        # `查 1234`, `查 13800001234`, `查 张三`: newest first.
        Index("ix_orders_phone_tail", "phone_tail_hash", text("created_at DESC"),
              postgresql_where=text("phone_tail_hash IS NOT NULL")),
        Index("ix_orders_phone", "phone_hash", text("created_at DESC"),
              postgresql_where=text("phone_hash IS NOT NULL")),
        # A customer's `进度`: their orders, newest first.
        Index("ix_orders_buyer", "shop_id", "buyer_key", text("created_at DESC"),
              postgresql_where=text("buyer_key <> ''")),
        # The same bought twice, where the platform tells the address and no buyer.
        Index("ix_orders_receiver", "shop_id", "receiver_key", text("created_at DESC"),
              postgresql_where=text("receiver_key <> '' AND buyer_key = ''")),
        Index("ix_orders_name", "name_hash", text("created_at DESC"),
              postgresql_where=text("name_hash IS NOT NULL")),
    )  # fmt: skip


class OrderLine(Base):
    """One line of an order; `line_key` is the platform's line id, or position and SKU where it has none.
    No foreign key: rows are written in bulk together with their order (12 % faster, bench/README.md).

    The last two columns are people's word, and reading the order anew leaves them alone. `parting`: "" as the order
    goes; "later" after the other lines; "gone" in an earlier parcel; "refund" not at all, its refund is waited for.
    `swapped_from`: the merchant's SKU that the platform sold, where other goods (`sku`, title, spec) leave for it."""

    __tablename__ = "order_lines"

    order_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    line_key: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(SmallInteger)
    sku: Mapped[str]  # the merchant's code; "" where the listing has none
    platform_sku: Mapped[str]
    title: Mapped[str]
    spec: Mapped[str] = mapped_column(server_default="")
    quantity: Mapped[int]
    price_fen: Mapped[int] = mapped_column(BigInteger)
    paid_fen: Mapped[int] = mapped_column(BigInteger)
    refund: Mapped[str] = mapped_column(server_default="")
    shipped: Mapped[bool]
    parting: Mapped[str] = mapped_column(server_default="")
    swapped_from: Mapped[str] = mapped_column(server_default="")

    __table_args__ = (Index("ix_order_lines_sku", "sku", "order_id"),)  # how much of a SKU waits to ship


class WaitingLine(Base):
    """What an open order still needs of a SKU. The database keeps these rows itself, by triggers on orders and their
    lines (migrations 0007, 0028, 0034): few and narrow beside all that was ever ordered. Who comes first: what passed
    its audit (`place` 0) before what waits for it (1), then by `due_at`, the deadline or the later day that was agreed
    (without one last), then by `at`, when it was paid. `later`: it leaves after the order's other goods, so that no
    audit of these promises it anything."""

    __tablename__ = "waiting_lines"

    order_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    sku: Mapped[str] = mapped_column(primary_key=True)
    pieces: Mapped[int]
    place: Mapped[int] = mapped_column(SmallInteger, server_default="1")
    due_at: Mapped[datetime | None]
    at: Mapped[datetime]
    later: Mapped[bool] = mapped_column(server_default=text("false"))

    __table_args__ = (
        Index("ix_waiting_lines_sku", "sku", "place", "due_at", "at", "order_id", postgresql_include=["pieces"]),
    )


class SkuNeed(Base):
    """How many pieces of a SKU all open orders need: the sum of its rows. The database adds a row whenever
    `waiting_lines` change (migration 0031), so that nobody waits for anybody, and the clock adds them up."""

    __tablename__ = "sku_needs"

    id: Mapped[Id]
    sku: Mapped[str]
    pieces: Mapped[int] = mapped_column(BigInteger)

    __table_args__ = (Index("ix_sku_needs_sku", "sku", postgresql_include=["pieces"]),)


class TagCounter(Base):
    """The last tag number given for a prefix and Beijing day. The row's lock makes numbers gapless."""

    __tablename__ = "tag_counters"

    prefix: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[str] = mapped_column(primary_key=True)  # yyyymmdd, Beijing
    last: Mapped[int]
