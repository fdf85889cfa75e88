"""What people handed in, kept whole, and what the columns of their tables mean."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Id


class State(StrEnum):
    """How far a received file has come."""

    FETCHING = "fetching"  # `content` is its sealed address, where it lies for minutes only
    UNREAD = "unread"
    CHOOSING = "choosing"  # of which shop it is must be said
    MAPPING = "mapping"  # columns must be named
    PREVIEW = "preview"  # on the board: shown, not yet wanted
    READY = "ready"  # its rows are read by the shop's next pull
    DONE = "done"
    REFUSED = "refused"  # no table, too large …: `report` says why
    UNDONE = "undone"


class Received(Base):
    """One file. `content` and `look` (what a first look found, JSON) are sealed. `ready_at`, in whole seconds, is the
    moment by which a pull's window finds it.

    `report`: {"why"} of a refused one; of a done one {"rows", "new", "changed", "same", "problems": [[rows, reason]],
    "notes": [[rows, what to look at]], "doubled": orders that another shop has too, "ids": [order ids newly made],
    "repeated": unchanged ones that are known by their content alone}."""

    __tablename__ = "received"

    id: Mapped[Id]
    shop_id: Mapped[int | None]
    kind: Mapped[str]  # sheet, stock, picture
    name: Mapped[str]
    content: Mapped[bytes]
    content_mark: Mapped[bytes | None]
    look: Mapped[bytes | None]
    state: Mapped[str]
    received_at: Mapped[datetime]
    ready_at: Mapped[datetime | None]
    received_by: Mapped[int | None]  # staff id
    channel: Mapped[str]  # wecom_bot, web
    report: Mapped[dict[str, Any] | None] = mapped_column(JSONB)

    __table_args__ = (
        # The same file twice; no two files are one while nobody said of which shop they are.
        Index("uq_received_shop_id_content_mark", "shop_id", "content_mark", unique=True),
        # A pull's window.
        Index("ix_received_ready_at", "shop_id", "ready_at", postgresql_where=text("ready_at IS NOT NULL")),
        # The clock's question: what is still to be read or told? Nearly empty.
        Index("ix_received_open", "received_at", postgresql_where=text("state IN ('fetching', 'unread', 'ready')")),
    )


class Headings(Base):
    """What the columns of a table mean, as somebody said once. `mark` is that of the header row; `columns`: heading →
    field (models.fields)."""

    __tablename__ = "headings"

    mark: Mapped[bytes] = mapped_column(primary_key=True)
    columns: Mapped[dict[str, str]] = mapped_column(JSONB)
    said_by: Mapped[int | None]
    said_at: Mapped[datetime]
