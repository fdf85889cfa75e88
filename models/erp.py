"""ERPs beside the hub: how far each was read, what it tells of stock and of orders, and which platform SKU is which of
ours."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class Erp(Base):
    """One `[[erp]]` of the settings."""

    __tablename__ = "erps"

    slug: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(server_default="working")  # working, stopped
    problem: Mapped[str] = mapped_column(server_default="")  # Chinese: why it stopped, or what went wrong last
    wait_until: Mapped[datetime | None]  # the ERP told us to wait
    read_at: Mapped[datetime]  # when it last answered everything
    stock_at: Mapped[datetime | None]  # when all of its stock was told last; until then it is known in part


class ErpCursor(Base):
    """`mark`: everything up to it is stored; what it means is the client's own (a row version, a moment)."""

    __tablename__ = "erp_cursors"

    slug: Mapped[str] = mapped_column(primary_key=True)
    api: Mapped[str] = mapped_column(primary_key=True)
    mark: Mapped[str]
    moved_at: Mapped[datetime]


class StockLevel(Base):
    """What an ERP tells of a SKU in one of its warehouses ("" for all together). The `stock` row is made of these.

    `held`: pieces that the ERP's own orders hold there, those of the hub's shops included."""

    __tablename__ = "stock_levels"

    sku: Mapped[str] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(primary_key=True)  # the ERP's slug
    warehouse: Mapped[str] = mapped_column(primary_key=True)
    on_hand: Mapped[int]
    held: Mapped[int]
    incoming: Mapped[int]
    net: Mapped[bool]  # `on_hand` is what is left after the ERP's own orders
    updated_at: Mapped[datetime]


class ErpOrder(Base):
    """What an ERP made of an order; one that is split there has several rows, one that is merged shares a number.

    `state`: open, question, shipped, cancelled; `words` is what the ERP says of it, in Chinese."""

    __tablename__ = "erp_orders"

    order_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    source: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(primary_key=True)  # the ERP's own
    state: Mapped[str]
    words: Mapped[str] = mapped_column(server_default="")
    courier: Mapped[str] = mapped_column(server_default="")
    waybill: Mapped[str] = mapped_column(server_default="")
    shipped_at: Mapped[datetime | None]
    modified_at: Mapped[datetime]
    owe_at: Mapped[datetime | None]  # when the hub tells the platform itself, unless the ERP has done it by then

    __table_args__ = (
        # The look at what an ERP shipped and no platform knows of.
        Index("ix_erp_orders_owe_at", "owe_at", postgresql_where=text("owe_at IS NOT NULL")),
    )


class SkuMap(Base):
    """Which merchant SKU a platform's SKU is: said once by a person. `shop_id` 0: in all shops of the platform."""

    __tablename__ = "sku_map"

    platform: Mapped[str] = mapped_column(primary_key=True)
    shop_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    platform_sku: Mapped[str] = mapped_column(primary_key=True)
    sku: Mapped[str]
    mapped_by: Mapped[str]
    mapped_at: Mapped[datetime]
