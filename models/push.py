"""What the marketplaces pushed: a hint that an order changed. The pull stays the truth."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Id


class Push(Base):
    """One message as it came, sealed. `mark` is the platform's own id of it, or its fingerprint: sent twice, it is one
    row. `number` is the order's, "" where it names none or is of a kind that nobody reads."""

    __tablename__ = "pushes"

    id: Mapped[Id]
    shop_id: Mapped[int]
    kind: Mapped[str]
    number: Mapped[str] = mapped_column(server_default="")
    mark: Mapped[str]
    body: Mapped[bytes]
    received_at: Mapped[datetime]
    done_at: Mapped[datetime | None]  # the order was read, or need not be

    __table_args__ = (
        Index("uq_pushes_shop_id_mark", "shop_id", "mark", unique=True),
        # "Which orders of this shop must be read?", oldest first; and "which shops have any?"
        Index("ix_pushes_waiting", "shop_id", "received_at", postgresql_where=text("done_at IS NULL")),
        Index("ix_pushes_received_at", "received_at"),  # the tidying up
    )
