"""What left the house, told to the marketplaces: the rows that are due, and one of them told."""

from __future__ import annotations

from sqlalchemy import select

import handlers.shipping
import ingest.write_back
from models import Shop, WriteBack
from wire import Hub
from workers.shop import open_marketplace


def owed(here: Hub) -> list[int]:
    """The write-backs whose moment came, the longest due first."""
    due = select(WriteBack.id).where(WriteBack.state == "owed", WriteBack.next_try_at <= here.now())
    with here.sessions() as session:
        return list(session.scalars(due.order_by(WriteBack.next_try_at).limit(500)))


def push(here: Hub, row_id: int) -> bool:
    """Whether it was told now. What came of it is kept, and told to whom it concerns."""
    with here.open_desk() as desk:
        claim = select(WriteBack).where(WriteBack.id == row_id, WriteBack.state == "owed")
        row = desk.session.scalars(claim.with_for_update(skip_locked=True)).one_or_none()
        if row is None:
            return False
        shop = desk.session.get_one(Shop, row.shop_id)
        settings = next((known for known in here.settings.shops if known.slug == shop.slug), None)
        if settings is None:
            row.state, row.next_try_at, row.problem = "failed", None, f"配置里没有店铺 {shop.slug}"
            handlers.shipping.write_back_failed(desk, row.id, row.problem)
            return False
        marketplace = open_marketplace(here, settings, shop)
        if not marketplace.told:  # chat, mail, spreadsheets: there is nobody to hear it
            row.state, row.next_try_at, row.confirmed_at = "confirmed", None, desk.now
            return True
        outcome = ingest.write_back.push(desk.session, marketplace, row, desk.now)
        if outcome.confirmed:
            handlers.shipping.write_back_confirmed(desk, row.id)
        elif outcome.result == "elsewhere":
            handlers.shipping.shipped_elsewhere(desk, row.id, outcome.text)
        elif outcome.tell_people:
            handlers.shipping.write_back_failed(desk, row.id, outcome.text)
        return bool(outcome.confirmed)
