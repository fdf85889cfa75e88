"""What a company wants to know of its orders beside what every shop knows: fields of its own."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Id


class OwnField(Base):
    """`kind`: text, number, money, day, yesno, choice; `choices`: what a choice can be. `ended_at`: since then it is
    not shown; its values stay."""

    __tablename__ = "fields"

    id: Mapped[Id]
    name: Mapped[str]
    kind: Mapped[str]
    choices: Mapped[list[str]] = mapped_column(JSONB, server_default="[]")
    made_at: Mapped[datetime]
    made_by: Mapped[str]
    made_by_id: Mapped[int | None]
    ended_at: Mapped[datetime | None]

    __table_args__ = (Index("uq_fields_name", "name", unique=True, postgresql_where=text("ended_at IS NULL")),)


class FieldValue(Base):
    """What a field of an order is now; the order's trail knows what it was. `value`: words, a number, fen, 2025-12-25,
    true or false, or one of the choices."""

    __tablename__ = "field_values"

    order_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    field_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    value: Mapped[Any] = mapped_column(JSONB)
    set_at: Mapped[datetime]
    set_by: Mapped[str]
    set_by_id: Mapped[int | None]

    # Which orders have that value, and how many?
    __table_args__ = (Index("ix_field_values_value", "field_id", "value", "order_id"),)
