"""Orders that a person is about to make in chat; which order mends which; which orders leave in one parcel."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import BigInteger, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Id
from models.vault import Receiver, Vault

_BELONGS: Final = b"drafts.content"
_NUMBER: Final = "CHAT{:08d}"


@dataclass(frozen=True, slots=True)
class DraftLine:
    """`words`: as the customer wrote it. Without a `sku` nobody has said yet which goods are meant, or `kept`: that it
    stays as it is written."""

    words: str
    quantity: int
    sku: str = ""
    title: str = ""
    spec: str = ""
    kept: bool = False

    @property
    def settled(self) -> bool:
        return bool(self.sku) or self.kept


@dataclass(frozen=True, slots=True)
class DraftContent:
    """What is understood so far; `paid_fen` is None while nobody has said it. `evidence`: why it is of its kind, in
    Chinese. `original_number`: the platform number of the order that it mends. `seen`: what has been pointed out to the
    person (tags and words), so that a confirmation is one."""

    receiver: Receiver = field(default_factory=Receiver)
    receiver_key: str = ""
    province: str = ""
    city: str = ""
    district: str = ""
    town: str = ""
    lines: tuple[DraftLine, ...] = ()
    paid_fen: int | None = None
    remark: str = ""
    evidence: str = ""
    original_number: str = ""
    original_tag: str = ""
    by: str = ""
    seen: tuple[str, ...] = ()


class Draft(Base):
    """`state`: open (the person is asked), confirmed (the chat source may read it), made (the order stands), cancelled,
    expired. `question`: what is asked now, "" when nothing is missing. `content`: DraftContent, sealed."""

    __tablename__ = "drafts"

    id: Mapped[Id]
    staff_id: Mapped[int]
    shop_id: Mapped[int]
    kind: Mapped[str]  # normal, reship, exchange
    state: Mapped[str] = mapped_column(server_default="open")
    question: Mapped[str] = mapped_column(server_default="")
    content: Mapped[bytes]
    phone_hash: Mapped[bytes | None]
    name_hash: Mapped[bytes | None]
    original_order_id: Mapped[int | None] = mapped_column(BigInteger)
    order_id: Mapped[int | None] = mapped_column(BigInteger)
    revision: Mapped[int] = mapped_column(server_default="1")
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]  # its order is no more

    __table_args__ = (
        # One at a time: a plain answer must have one question to belong to.
        Index("uq_drafts_open", "staff_id", unique=True, postgresql_where=text("state = 'open'")),
        # The chat source's window: what was confirmed in it, what was withdrawn.
        Index("ix_drafts_confirmed", "shop_id", "confirmed_at", postgresql_where=text("confirmed_at IS NOT NULL")),
        Index("ix_drafts_withdrawn", "shop_id", "withdrawn_at", postgresql_where=text("withdrawn_at IS NOT NULL")),
        # The clock's question: what was forgotten, and what was confirmed and does not stand yet?
        Index("ix_drafts_waiting", "expires_at", postgresql_where=text("state IN ('open', 'confirmed')")),
    )


class OrderLink(Base):
    """`order_id` mends `original_order_id`: a reship or an exchange."""

    __tablename__ = "order_links"

    order_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    original_order_id: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str]
    at: Mapped[datetime]

    __table_args__ = (Index("ix_order_links_original", "original_order_id"),)  # what mends this order?


class Merge(Base):
    """Open orders of one buyer for one receiver. `state`: asked (its case is live), together (they leave in one
    parcel), apart (a person said no). `key`: keyed hash of shop, buyer and receiver."""

    __tablename__ = "merges"

    id: Mapped[Id]
    key: Mapped[str] = mapped_column(unique=True)
    state: Mapped[str] = mapped_column(server_default="asked")
    case_id: Mapped[int | None] = mapped_column(BigInteger)
    changed_at: Mapped[datetime]

    __table_args__ = (
        # The clock's question: which of them are asked about although one order is left?
        Index("ix_merges_asked", "id", postgresql_where=text("state = 'asked'")),
        Index("ix_merges_case_id", "case_id", postgresql_where=text("case_id IS NOT NULL")),
    )


class MergeOrder(Base):
    __tablename__ = "merge_orders"

    order_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    merge_id: Mapped[int] = mapped_column(BigInteger)

    __table_args__ = (Index("ix_merge_orders_merge_id", "merge_id"),)  # who belongs to it


def number_of(draft_id: int) -> str:
    """The number that the order of a draft has in the chat source."""
    return _NUMBER.format(draft_id)


def draft_of(number: str) -> int | None:
    """The draft that an order's number belongs to; None for a number of another source."""
    digits = number.removeprefix("CHAT")
    if len(digits) < 8 or not (digits.isascii() and digits.isdecimal()) or number_of(int(digits)) != number:
        return None
    return int(digits)


def as_json(content: DraftContent) -> dict[str, Any]:
    """Plain values, those that say nothing left out."""
    values = asdict(content)
    values["receiver"] = {name: value for name, value in values["receiver"].items() if value}
    return {name: value for name, value in values.items() if value not in ("", (), {})}


def from_json(values: Mapping[str, Any]) -> DraftContent:
    known = {**values, "receiver": Receiver(**values.get("receiver", {}))}
    known["lines"] = tuple(DraftLine(**line) for line in values.get("lines", ()))
    known["seen"] = tuple(values.get("seen", ()))
    return DraftContent(**known)


def seal(vault: Vault, content: DraftContent) -> bytes:
    return vault.seal(json.dumps(as_json(content), ensure_ascii=False, separators=(",", ":")).encode(), _BELONGS)


def opened(vault: Vault, sealed: bytes) -> DraftContent:
    """Raises CannotOpen."""
    return from_json(json.loads(vault.open(sealed, _BELONGS)))
