"""Buyers whom the company does not trust, as people keep them. Who it is stands here only as keyed hashes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Id


class BlacklistEntry(Base):
    """One line of the list. `shown`: whom it is about, masked; `order_id`: the order by which somebody was put there.
    `removed_at`: since then it says nothing any more; who, when and why stay."""

    __tablename__ = "blacklist"

    id: Mapped[Id]
    shown: Mapped[str]
    reason: Mapped[str]
    order_id: Mapped[int | None] = mapped_column(BigInteger)
    added_at: Mapped[datetime]
    added_by: Mapped[str]
    added_by_id: Mapped[int | None]
    removed_at: Mapped[datetime | None]
    removed_by: Mapped[str] = mapped_column(server_default="")
    removed_why: Mapped[str] = mapped_column(server_default="")


class BlacklistMark(Base):
    """By what an entry is known again. `kind`: phone (as orders.phone_hash), buyer and receiver (the platform's ids);
    `mark` is a keyed hash."""

    __tablename__ = "blacklist_marks"

    entry_id: Mapped[int] = mapped_column(ForeignKey("blacklist.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    mark: Mapped[bytes]

    __table_args__ = (Index("ix_blacklist_marks_mark", "kind", "mark"),)
