"""What somebody does not want to hear of for a while."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class Mute(Base):
    """One person, one kind of case, until then."""

    __tablename__ = "mutes"

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    muted_at: Mapped[datetime]
    until_at: Mapped[datetime]
