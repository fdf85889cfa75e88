"""How far a mailbox was read by the numbers of its mails."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class MailboxMark(Base):
    """Every mail up to `read_to` (a UID, good with this folder and `validity` only) is stored; None before the folder
    was read to an end. What a pull hands out is stored after it: once the shop is read up to `next_at`, `read_to`
    becomes `next_to`, and `next_strangers` count.

    `strangers`: mails of that Beijing day whose senders are not listed, so that nobody read them."""

    __tablename__ = "mailbox_marks"

    slug: Mapped[str] = mapped_column(primary_key=True)  # of the shop in the settings
    folder: Mapped[str]
    validity: Mapped[int] = mapped_column(BigInteger)
    read_to: Mapped[int | None] = mapped_column(BigInteger)
    next_to: Mapped[int] = mapped_column(BigInteger)
    next_at: Mapped[datetime]
    next_strangers: Mapped[int]
    strangers: Mapped[int] = mapped_column(server_default="0")
    strangers_on: Mapped[date | None]
