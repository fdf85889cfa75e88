"""The inbox of chat orders: what is placed is a draft that somebody confirmed at that moment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from redis import Redis
from sqlalchemy.orm import Session, sessionmaker

from config import Shop as ShopSettings
from models import Draft, Receiver
from models.draft import DraftContent, DraftLine, draft_of, number_of, seal
from models.session import vault_of
from sandbox.clock import Clock
from sandbox.world_order import Order as Placed
from sandbox.world_order import Status
from tests.ingest.inbox import Inbox, inbox


def content_of(order: Placed) -> DraftContent:
    at = order.address
    return DraftContent(
        receiver=Receiver(name=order.buyer.name, phone=order.buyer.phone, address=at.detail),
        province=at.province, city=at.city, district=at.district, town=at.town,
        lines=tuple(
            DraftLine(line.sku.title, line.quantity, line.sku.code, line.sku.title, line.sku.option)
            for line in order.lines
        ),
        paid_fen=order.paid_fen, remark=order.memo, by="小李",
    )  # fmt: skip


def confirmed(session: Session, content: DraftContent, at: datetime, **values: Any) -> Draft:
    """A draft as the handlers leave it when its maker has confirmed it."""
    said = {
        "staff_id": 1, "shop_id": 1, "kind": "normal", "state": "confirmed", "revision": 2,
        "content": seal(vault_of(session), content), "created_at": at, "expires_at": at,
        "confirmed_at": at.replace(microsecond=0),
    }  # fmt: skip
    draft = Draft(**{**said, **values})
    session.add(draft)
    session.flush()
    return draft


@contextmanager
def chat_inbox(sessions: sessionmaker[Session], redis: Redis, *, standing_at: datetime) -> Iterator[Inbox]:
    def put(orders: Sequence[Placed], at: datetime) -> None:
        with sessions() as session:
            for order in orders:
                _put(session, order, at, made.state.world.placed)  # type: ignore[attr-defined]
            session.commit()

    settings = ShopSettings(slug="chat", platform="chat", prefix="CHAT", name="聊天")
    made = inbox("chat", put, settings, sessions, redis, Clock(standing_at=standing_at))
    yield made


def _put(session: Session, order: Placed, at: datetime, ledger: dict[str, Placed]) -> None:
    """A new one is confirmed, and known by its draft's number from then on; one that is cancelled is withdrawn."""
    draft_id = draft_of(order.id)
    if draft_id is None:
        del ledger[order.id]
        order.id = number_of(confirmed(session, content_of(order), at).id)
        ledger[order.id] = order
    elif order.status is Status.CANCELLED:
        session.get_one(Draft, draft_id).withdrawn_at = at.replace(microsecond=0)
