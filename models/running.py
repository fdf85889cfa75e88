"""What several copies of a process share: leases and ticks that ran."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class Lease(Base):
    """`owner` may act as `name` until `until`; taken and renewed by one conditional update."""

    __tablename__ = "leases"

    name: Mapped[str] = mapped_column(primary_key=True)
    owner: Mapped[str]
    until: Mapped[datetime]


class JobRun(Base):
    """A planned tick that was started. Its primary key is what makes a tick run once. A look_again of the future waits
    to be taken (handlers/looking_again.py)."""

    __tablename__ = "job_runs"

    job: Mapped[str] = mapped_column(primary_key=True)
    planned_at: Mapped[datetime] = mapped_column(primary_key=True)
    started_at: Mapped[datetime]
