"""What a marketplace keeps is kept by a source into which people put things: the same tests run against its inbox.
What it lacks by its own declaration (nobody is told, no token ends) is not asked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest
from redis import Redis
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from ingest import MARKETPLACES
from ingest.source import Memo, Shipment, WriteBackRefused
from models import OrderLine
from models.vault import Vault
from tests.ingest.inbox import Inbox, mail_inbox, sheet_inbox
from tests.ingest.inbox_contract import *  # noqa: F403  # tests that run here, too

INBOXES = {"sheet": sheet_inbox, "mail": mail_inbox}


@pytest.fixture(params=list(INBOXES))
def platform(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def world(platform: str, sessions: sessionmaker[Session], redis: Redis, now: datetime) -> Iterator[Inbox]:
    with INBOXES[platform](sessions, redis, standing_at=now) as world:
        yield world


def test_it_says_itself_that_nobody_is_told(world: Inbox) -> None:
    marketplace = world.marketplace()
    assert (marketplace.told, marketplace.sweep_every) == (False, None)
    assert (marketplace.refresh_session(), marketplace.authorised_until()) == (False, None)
    with pytest.raises(WriteBackRefused):
        marketplace.ship(Shipment("1", "yuantong", "YT1234567890123"))
    with pytest.raises(WriteBackRefused):
        marketplace.write_memo(Memo("1", "改发顺丰"))


def test_money_goods_words_and_person_arrive_whole(world: Inbox, vault: Vault) -> None:
    (placed,) = world.add(kind="multi_line", memo="加固包装", buyer_message="尽快发")
    world.pull()
    order = world.orders()[placed.id]
    assert (order.paid_fen, order.seller_memo, order.buyer_message) == (placed.paid_fen, "加固包装", "尽快发")
    assert (order.created_at, order.modified_at) == (placed.created_at, placed.modified_at)
    assert order.tag.startswith(f"{world.settings.prefix}-20251222-")
    receiver = vault.open_receiver(order.receiver)
    assert (receiver.name, receiver.phone) == (placed.buyer.name, placed.buyer.phone)
    assert receiver.address == placed.address.detail
    assert order.district == placed.address.district
    with world.sessions() as session:
        lines = session.scalars(select(OrderLine).order_by(OrderLine.position)).all()
    assert [(line.sku, line.quantity, line.price_fen) for line in lines] == [
        (line.sku.code, line.quantity, line.price_fen) for line in placed.lines
    ]
    assert sum(line.paid_fen for line in lines) == placed.paid_fen - placed.post_fen


def test_what_was_read_is_found_by_its_number(world: Inbox) -> None:
    (placed,) = world.add()
    world.pull()
    record = world.marketplace().order(placed.id)
    assert record is not None
    assert world.take([record]).unchanged == 1


def test_it_names_its_platform(platform: str) -> None:
    assert MARKETPLACES[platform].platform == platform  # type: ignore[attr-defined]
