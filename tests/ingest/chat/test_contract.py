"""What a marketplace keeps is kept by the orders that colleagues make in chat, as far as there is a platform's part in
it: the same tests, against drafts that were confirmed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from redis import Redis
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from ingest import MARKETPLACES
from ingest.source import Memo, Shipment, WriteBackRefused
from models import OrderLine, Vault
from models.draft import number_of
from tests.ingest.chat.inbox import chat_inbox, confirmed, content_of
from tests.ingest.inbox import Inbox
from tests.ingest.inbox_contract import *  # noqa: F403  # tests that run here, too


@pytest.fixture
def platform() -> str:
    return "chat"


@pytest.fixture
def world(sessions: sessionmaker[Session], redis: Redis, now: datetime) -> Iterator[Inbox]:
    with chat_inbox(sessions, redis, standing_at=now) as world:
        yield world


def test_it_says_itself_that_nobody_is_told(world: Inbox) -> None:
    marketplace = world.marketplace()
    assert (marketplace.platform, marketplace.told, marketplace.sweep_every) == ("chat", False, None)
    assert MARKETPLACES["chat"].needs == ()
    assert (marketplace.measure_clock(), marketplace.refresh_session(), marketplace.authorised_until()) == (
        0,
        False,
        None,
    )
    with pytest.raises(WriteBackRefused):
        marketplace.ship(Shipment("1", "yuantong", "YT1234567890123"))
    with pytest.raises(WriteBackRefused):
        marketplace.write_memo(Memo("1", "改发顺丰"))


def test_money_goods_and_person_arrive_whole(world: Inbox, vault: Vault) -> None:
    (placed,) = world.add(kind="multi_line", memo="加固包装")
    world.pull()
    order = world.orders()[placed.id]
    assert (order.paid_fen, order.seller_memo, order.kind) == (placed.paid_fen, "加固包装", "normal")
    assert order.tag == "CHAT-20251222-001"
    receiver = vault.open_receiver(order.receiver)
    assert (receiver.name, receiver.phone, receiver.address) == (
        placed.buyer.name, placed.buyer.phone, placed.address.detail,
    )  # fmt: skip
    with world.sessions() as session:
        lines = session.scalars(select(OrderLine).order_by(OrderLine.position)).all()
    assert [(line.sku, line.quantity) for line in lines] == [(line.sku.code, line.quantity) for line in placed.lines]
    assert sum(line.paid_fen for line in lines) == placed.paid_fen


def test_what_nobody_confirmed_is_no_order(world: Inbox) -> None:
    placed = world.state.world.happening.add_order("taobao", ago_seconds=600)  # type: ignore[attr-defined]
    with world.sessions() as session:
        open_now = confirmed(session, content_of(placed), world.now(), state="open", confirmed_at=None)
        session.commit()
        number = number_of(open_now.id)
    world.move(minutes=1)
    assert world.pull().new == 0
    assert world.marketplace().order(number) is None


def test_another_shop_of_chat_orders_reads_its_own_alone(world: Inbox) -> None:
    (placed,) = world.add()
    with world.sessions() as session:
        confirmed(session, content_of(placed), world.now() - timedelta(minutes=5), shop_id=2)
        session.commit()
    world.pull()
    assert set(world.orders()) == {placed.id}
