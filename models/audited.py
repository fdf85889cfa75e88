"""An order as it was when it was approved: what changes afterwards is another matter than what was agreed to."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class AuditedOrder(Base):
    """Kept by the database itself, by a trigger on orders (migration 0030): approvals come from several rooms and in
    bulk. The row goes when the order leaves, or goes back. `goods`: platform SKU, else the merchant's → pieces."""

    __tablename__ = "audited_orders"

    order_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    message: Mapped[str]
    memo: Mapped[str]
    receiver_key: Mapped[str]
    goods: Mapped[dict[str, Any]] = mapped_column(JSONB)
    at: Mapped[datetime]
