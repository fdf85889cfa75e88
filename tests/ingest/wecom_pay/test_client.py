"""What is peculiar to bills on the wire; what all marketplaces keep is in ../test_contract.py."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from ingest.access_token import AccessToken
from ingest.source import Action, Memo, PlatformError, Shipment, WriteBackRefused
from models import OrderLine
from sandbox.wecom_pay import WecomPay, wecom_pay_of
from tests.ingest.serving import serving
from tests.ingest.shops import World, settings_of, shop_in_sandbox

LIST = "/cgi-bin/externalpay/get_bill_list"
TOKEN = "/cgi-bin/gettoken"


@pytest.fixture
def world(sessions: sessionmaker[Session], redis: Redis, now: datetime) -> Iterator[World]:
    with shop_in_sandbox("wecom_pay", sessions, redis, standing_at=now) as world:
        yield world


@pytest.fixture
def platform(world: World) -> WecomPay:
    return wecom_pay_of(world.state)


def test_money_goods_and_remark_arrive_whole(world: World) -> None:
    (placed,) = world.add(kind="multi_line", memo="加固包装")
    world.pull()
    order = world.orders()[placed.id]
    assert (order.paid_fen, order.seller_memo, order.stage) == (placed.paid_fen, "加固包装", "pending_review")
    assert (order.created_at, order.paid_at) == (placed.paid_at, placed.paid_at)
    assert order.tag == "PAY-20251222-001"
    with world.sessions() as session:
        lines = session.scalars(select(OrderLine).order_by(OrderLine.position)).all()
    assert [line.quantity for line in lines] == [line.quantity for line in placed.lines]
    assert [line.title for line in lines] == [f"{line.sku.title} {line.sku.option}" for line in placed.lines]
    assert sum(line.paid_fen for line in lines) == placed.paid_fen


@pytest.mark.parametrize("said", [{}, {"bill_list": {}}, {"bill_list": [], "next_cursor": "same"}])
def test_a_reply_that_states_nothing_is_no_empty_page(world: World, said: dict[str, Any]) -> None:
    body, end = json.dumps({"errcode": 0} | said).encode(), world.now()
    with serving(lambda _form: (200, body)) as gateway:
        keys = settings_of("wecom_pay", world.state.company, world.base_url)
        name = f"wecom_pay {gateway} {keys.app_key} {keys.app_secret}"
        AccessToken(world.redis, name, lambda _alive_too: ("t", 7200)).get()
        with pytest.raises(PlatformError) as caught:
            list(world.marketplace(gateway=gateway).records(end - timedelta(minutes=30), end))
    assert caught.value.resolution.action is Action.RETRY


def test_pages_that_are_shortened_or_empty_are_not_the_end(world: World, platform: WecomPay) -> None:
    placed = world.add(2100, minutes=40)
    platform.unseen = {platform.state.company.people[0].userid}
    seen = {order.id for order in placed if int(order.id[-4:]) % 2}
    end = world.now() - timedelta(minutes=1)
    pages = list(world.marketplace().records(end - timedelta(hours=2), end))
    assert {record.external_id for page in pages for record in page} == seen
    assert [len(page) < 1000 for page in pages] == [True, True, True]


def test_a_refund_weeks_later_is_seen_by_its_own_bill(world: World) -> None:
    (placed,) = world.add()
    world.pull()
    assert world.orders()[placed.id].effect == "admit"
    world.move(days=3)
    world.pull()
    world.state.world.ask_refund(placed.id)
    world.state.world.close_refund(placed.id, paid=True)
    world.move(minutes=10)
    report = world.pull()
    assert (report.new, report.changed, report.unreadable) == (0, 1, 0)
    assert (world.orders()[placed.id].effect, world.orders()[placed.id].refund) == ("cancelled", "refunded")


def test_the_refund_of_a_payment_that_was_never_read_brings_the_payment(world: World) -> None:
    (placed,) = world.add(minutes=60 * 24 * 4)
    world.state.world.ask_refund(placed.id)
    world.state.world.close_refund(placed.id, paid=True)
    world.move(minutes=5)
    assert world.pull().unreadable == 0
    assert world.orders()[placed.id].created_at == placed.paid_at


def test_a_refund_whose_payment_cannot_be_found_is_kept_with_its_reason(world: World) -> None:
    (placed,) = world.add(minutes=60 * 24 * 4)
    placed.paid_at = placed.created_at - timedelta(days=9)  # not on the day that its number tells
    world.state.world.ask_refund(placed.id)
    world.state.world.close_refund(placed.id, paid=True)
    world.move(minutes=5)
    report = world.pull()
    assert (report.new, report.unreadable) == (0, 1)


def test_a_refund_that_is_asked_for_shows_when_the_bill_is_read_again(world: World) -> None:
    (placed,) = world.add()
    world.pull()
    world.state.world.ask_refund(placed.id)
    record = world.marketplace().order(placed.id)
    assert record is not None
    world.take([record])
    assert (world.orders()[placed.id].refund, world.orders()[placed.id].hold) == ("asked", "有退款处理中")


def test_a_known_bill_is_looked_for_at_the_second_of_its_payment(world: World) -> None:
    (placed,) = world.add(minutes=60 * 10)
    world.pull(hours=12)
    before = world.calls(LIST)
    assert world.marketplace().order(placed.id) is not None
    (call,) = list(world.state.world.calls)[-1:]
    assert world.calls(LIST) == before + 1
    assert int(call.params["end_time"]) - int(call.params["begin_time"]) == 2


def test_months_are_asked_for_in_pieces(world: World) -> None:
    (placed,) = world.add(minutes=60)
    start = world.now() - timedelta(days=70)
    assert [r.external_id for page in world.marketplace().created(start, world.now()) for r in page] == [placed.id]


def test_one_token_serves_all_workers_and_is_replaced_when_it_ended(world: World, platform: WecomPay) -> None:
    world.add()
    for _ in range(3):
        world.marketplace().measure_clock()
    assert world.calls(TOKEN) == 1
    platform.tokens.end_early()
    assert world.pull().new == 1
    assert world.calls(TOKEN) == 2


def test_an_application_that_may_not_read_bills_is_told_where_to_add_it(world: World, platform: WecomPay) -> None:
    platform.allowed = False
    assert "可调用接口的应用" in world.pull().stopped


def test_it_is_told_of_nothing(world: World) -> None:
    marketplace = world.marketplace()
    assert not marketplace.told
    with pytest.raises(WriteBackRefused, match="没有发货接口"):
        marketplace.ship(Shipment("1", "yuantong", "YT1234567890123"))
    with pytest.raises(WriteBackRefused, match="不能修改"):
        marketplace.write_memo(Memo("1", "改发顺丰"))


def test_its_authorisation_has_no_end_that_anybody_must_renew(world: World) -> None:
    assert world.marketplace().authorised_until() is None
