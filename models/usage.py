"""What was used of a platform's monthly quota."""

from __future__ import annotations

from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class Usage(Base):
    """How much of one kind (calls, units) a platform's company used in one month of Beijing."""

    __tablename__ = "usage"

    platform: Mapped[str] = mapped_column(primary_key=True)
    month: Mapped[str] = mapped_column(primary_key=True)  # "2025-12"
    kind: Mapped[str] = mapped_column(primary_key=True)
    used: Mapped[int]
