"""The trail: who changed what, when, from where. Each subject's rows form a keyed hash chain.

The chain's last hash stands in the subject's own row (orders.trail_hash) or in `trail_heads`, so a removed tail is
found as surely as a changed middle; a removed order is found by its missing tag number.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Id

START: Final = b"\0" * 32


class TrailRow(Base):
    """`subject`: "order:<shop id>:<platform number>", "staff:<id>", "case:<id>" … `detail` is canonical JSON text."""

    __tablename__ = "trail"

    id: Mapped[Id]
    subject: Mapped[str]
    at: Mapped[datetime]
    actor: Mapped[str]  # a name people know, or "系统"
    actor_id: Mapped[int | None]
    source: Mapped[str]  # pull, clock, wecom_app, wecom_bot, web, cli …
    action: Mapped[str]  # Chinese, as shown
    detail: Mapped[str]
    previous: Mapped[bytes]
    hash: Mapped[bytes]

    __table_args__ = (Index("ix_trail_subject", "subject", "id"),)


class TrailHead(Base):
    """The last hash of subjects that are not orders."""

    __tablename__ = "trail_heads"

    subject: Mapped[str] = mapped_column(primary_key=True)
    hash: Mapped[bytes]


# Made once: json.dumps makes one per call, which each stored order pays for.
_DETAIL: Final = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str).encode
_TEXT: Final = json.JSONEncoder(ensure_ascii=False).encode


def detail_text(detail: Mapping[str, Any]) -> str:
    return _DETAIL(detail)


def content(
    subject: str, at: datetime, *, actor: str, actor_id: int | None, source: str, action: str, detail: str
) -> bytes:  # fmt: skip
    """What a trail row's hash covers, in one unambiguous text."""
    who = "null" if actor_id is None else actor_id
    # The JSON of a list, put together by hand: an encoder is made for every list, and for no text.
    return (
        f"[{_TEXT(subject)}, {_moment(at)}, {_TEXT(actor)}, {who}, {_TEXT(source)}, {_TEXT(action)}, {_TEXT(detail)}]"
    ).encode()


@lru_cache(maxsize=16)  # a batch has one moment
def _moment(at: datetime) -> str:
    return _TEXT(at.astimezone(UTC).isoformat(timespec="microseconds"))
