"""What every marketplace keeps, over the wire: each of the registry runs against the sandbox."""

from __future__ import annotations

import importlib
import json
import zlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from redis import Redis
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from ingest import MARKETPLACES, UnknownMarketplace
from ingest.source import Action, PlatformError, Record, Shipment, WriteBackRefused
from ingest.write_back import push
from models import Order, OrderLine, RawPayload, WriteBack
from models.vault import Vault
from tests.ingest.shops import LIST, SHIP, World, settings_of, shop_in_sandbox

NUMBER = "YT1234567890123"


@pytest.fixture(params=list(MARKETPLACES))
def platform(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def world(platform: str, sessions: sessionmaker[Session], redis: Redis, now: datetime) -> Iterator[World]:
    with shop_in_sandbox(platform, sessions, redis, standing_at=now) as world:
        yield world


def ids(world: World) -> set[str]:
    return {order.id for order in world.state.world.orders(world.platform)}


# -- reading


def test_many_pages_are_read_completely(world: World) -> None:
    world.add(250)
    report = world.pull()
    assert (report.new, report.finished, report.problem) == (250, True, "")
    assert set(world.orders()) == ids(world)
    assert len(world.watched) == 250


def test_an_empty_window_moves_the_cursor(world: World) -> None:
    report = world.pull()
    assert (report.new, report.finished) == (0, True)
    assert world.synced_to() == world.now() - world.marketplace().windows.lag


@pytest.mark.parametrize("fault", ["cut_connection", "http_500", "not_json"])
def test_a_pull_that_was_cut_resumes_without_loss(world: World, fault: str) -> None:
    world.add(120)
    world.fault(fault, calls=100)
    broken = world.pull()
    assert not broken.finished
    assert broken.problem
    assert world.orders() == {}
    world.state.faults.clear()
    assert world.pull().finished
    assert set(world.orders()) == ids(world)


def test_one_lost_reply_costs_only_a_second_try(world: World) -> None:
    world.add(120)
    world.fault("cut_connection", calls=2)
    assert world.pull().new == 120
    assert world.slept


def test_overlapping_windows_store_no_order_twice(world: World) -> None:
    world.add(30, minutes=5)
    world.pull()
    world.move(minutes=2)
    report = world.pull()
    assert (report.new, report.changed, report.unchanged) == (0, 0, 30)
    with world.sessions() as session:
        assert session.scalar(select(func.count(Order.id))) == 30
        assert session.scalar(select(func.count(RawPayload.id))) == 30
    assert len(world.watched) == 30


def test_orders_that_change_while_pages_are_read_are_all_there(world: World) -> None:
    world.add(250)
    world.fault("shift", calls=4)
    world.pull()
    world.move(minutes=10)
    world.pull()
    orders = world.orders()
    assert set(orders) == ids(world)
    for placed in world.state.world.orders(world.platform):
        assert orders[placed.id].modified_at == placed.modified_at


def test_a_change_is_seen_by_the_next_pull(world: World) -> None:
    (placed,) = world.add()
    world.pull()
    world.state.world.cancel(placed.id)
    world.move(minutes=10)
    report = world.pull()
    assert (report.new, report.changed) == (0, 1)
    assert world.orders()[placed.id].effect == "cancelled"


def test_the_raw_record_is_kept_as_it_came(world: World, vault: Vault) -> None:
    (placed,) = world.add(buyer_message="放门口快递柜")
    world.pull()
    with world.sessions() as session:
        sealed = session.scalars(select(RawPayload.payload)).one()
    raw = json.loads(zlib.decompress(vault.open(sealed, b"raw_payloads.payload")))
    assert placed.id in {str(value) for value in raw.values()}


def test_an_unknown_field_changes_nothing(world: World) -> None:
    world.add()
    marketplace, end = world.marketplace(), world.now() - timedelta(minutes=10)
    (record,) = [found for page in marketplace.records(end - timedelta(minutes=25), end) for found in page]
    plain = marketplace.parse(record)
    assert marketplace.parse(Record(record.external_id, record.body | {"brand_new": [{"x": 1}]})) == plain


def test_money_goods_and_words_arrive_whole(world: World) -> None:
    (placed,) = world.add(kind="multi_line", memo="加固包装", buyer_message="尽快发")
    world.pull()
    order = world.orders()[placed.id]
    assert (order.paid_fen, order.seller_memo, order.buyer_message) == (placed.paid_fen, "加固包装", "尽快发")
    assert (order.created_at, order.modified_at) == (placed.created_at, placed.modified_at)
    assert order.tag.startswith(order.tag.split("-")[0] + "-20251222-")
    with world.sessions() as session:
        lines = session.scalars(select(OrderLine).order_by(OrderLine.position)).all()
    assert [(line.sku, line.quantity, line.price_fen) for line in lines] == [
        (line.sku.code, line.quantity, line.price_fen) for line in placed.lines
    ]
    assert sum(line.paid_fen for line in lines) == placed.paid_fen


def test_every_story_of_the_sandbox_can_be_read(world: World) -> None:
    from sandbox.world_scenes import KINDS

    for kind, scene in KINDS.items():
        if world.platform in scene.platforms:
            world.add(kind=kind, minutes=200)
    for _ in range(8):
        world.move(minutes=30)
        report = world.pull(hours=12)
        assert (report.unreadable, report.problem) == (0, "")
    paid = {order.id for order in world.state.world.orders(world.platform) if order.paid_at is not None}
    assert set(world.orders()) >= paid


# -- errors


def test_each_code_of_its_table_says_what_to_do_in_chinese(platform: str) -> None:
    errors = importlib.import_module(f"ingest.{platform}.errors")
    assert len(errors.CODES) >= 20
    for code in errors.CODES:
        found = errors.error_of({"code": code, "error_code": code})
        assert isinstance(found, PlatformError)
        assert isinstance(found.resolution.action, Action)
        assert any("一" <= letter <= "鿿" for letter in found.resolution.text)


def test_a_throttle_is_obeyed_for_as_long_as_told_and_keeps_the_cursor(world: World) -> None:
    world.add()
    world.fault("throttle", seconds=17)
    first = world.now() - world.marketplace().windows.lag - timedelta(hours=1)
    report = world.pull()
    told = 17 if world.platform == "taobao" else 60
    assert report.wait_until is not None
    assert told <= (report.wait_until - world.now()).total_seconds() <= told + 6
    assert world.synced_to() == first
    asked = len(world.state.world.calls)

    world.move(seconds=told - 1)
    assert world.pull().skipped == "waiting"
    assert len(world.state.world.calls) == asked

    world.move(seconds=7)
    assert world.pull().new == 1


def test_an_expired_token_stops_the_shop_and_keeps_the_cursor(world: World) -> None:
    world.pull()
    synced_to = world.synced_to()
    world.state.tokens[world.platform].expire()
    world.move(minutes=10)
    report = world.pull()
    assert "授权" in report.stopped
    assert world.shop().state == "stopped"
    assert world.synced_to() == synced_to
    asked = len(world.state.world.calls)
    assert world.pull().stopped == "", "people are told once"
    assert len(world.state.world.calls) == asked, "a stopped shop is left alone"


def test_no_secret_is_in_an_error_or_a_report(world: World, caplog: pytest.LogCaptureFixture) -> None:
    settings = settings_of(world.platform, world.state, world.base_url)
    world.state.tokens[world.platform].expire()
    said = str(world.pull()) + world.shop().problem + caplog.text
    assert settings.token not in said
    assert settings.app_secret not in said


def test_a_wrong_secret_stops_the_shop(world: World) -> None:
    wrong = settings_of(world.platform, world.state, world.base_url).model_copy(update={"app_secret": "wrong"})
    with pytest.raises(PlatformError) as caught:
        MARKETPLACES[world.platform](wrong, world.means(world.now)).measure_clock()
    assert caught.value.resolution.action is Action.STOP


@pytest.mark.parametrize("minutes", [-15, 15])
def test_a_wrong_clock_of_ours_is_measured_and_put_right(
    platform: str, sessions: sessionmaker[Session], redis: Redis, minutes: int
) -> None:
    with shop_in_sandbox(platform, sessions, redis, standing_at=None) as world:
        world.add(3)
        report = world.pull(lambda: datetime.now(UTC) + timedelta(minutes=minutes))
    assert (report.problem, report.new) == ("", 3)
    assert abs(report.clock_offset_seconds + minutes * 60) < 5
    assert abs(world.shop().clock_offset_seconds + minutes * 60) < 5


# -- telling


def shipment(order_id: str, number: str = NUMBER, courier: str = "yuantong") -> Shipment:
    return Shipment(order_id, courier, number)


def test_a_shipment_is_told_and_shows_at_the_platform(world: World) -> None:
    (placed,) = world.add()
    assert world.marketplace().ship(shipment(placed.id)) == "confirmed"
    assert world.state.world.find(placed.id).waybill == NUMBER  # type: ignore[union-attr]
    world.move(minutes=10)
    world.pull()
    assert world.orders()[placed.id].waybill == NUMBER
    assert world.orders()[placed.id].courier == "yuantong"
    assert world.orders()[placed.id].stage == "done"


def test_a_lost_reply_of_a_shipment_is_not_sent_twice(world: World) -> None:
    (placed,) = world.add()
    world.pull()
    world.fault("lose_reply", on="ship")
    with world.sessions() as session:
        row = WriteBack(
            order_id=world.orders()[placed.id].id,
            shop_id=1,
            kind="ship",
            body={"courier": "yuantong", "waybill": NUMBER},
            created_at=world.now(),
            tries=0,
        )
        session.add(row)
        session.flush()
        assert push(session, world.marketplace(), row, world.now()).confirmed
    assert len(world.state.world.shipments) == 1
    assert world.calls(SHIP[world.platform]) == 1


def test_a_shipment_that_did_not_arrive_is_told_at_the_next_try(world: World) -> None:
    (placed,) = world.add()
    world.fault("cut_connection", on="ship")
    with pytest.raises(PlatformError) as caught:
        world.marketplace().ship(shipment(placed.id))
    assert caught.value.resolution.action is Action.RETRY
    assert world.marketplace().ship(shipment(placed.id)) == "confirmed"
    assert len(world.state.world.shipments) == 1


def test_the_same_number_again_is_success_and_is_not_sent(world: World) -> None:
    (placed,) = world.add()
    world.marketplace().ship(shipment(placed.id))
    assert world.marketplace().ship(shipment(placed.id)) == "already"
    assert world.calls(SHIP[world.platform]) == 1


def test_another_number_for_a_shipped_order_is_refused(world: World) -> None:
    (placed,) = world.add()
    world.marketplace().ship(shipment(placed.id))
    with pytest.raises(WriteBackRefused, match=NUMBER):
        world.marketplace().ship(shipment(placed.id, "YT9999999999999"))


def test_a_refunding_or_closed_order_is_refused_in_chinese(world: World) -> None:
    refunding, closed = world.add(2)
    world.state.world.ask_refund(refunding.id)
    world.state.world.cancel(closed.id)
    for order in (refunding, closed):
        with pytest.raises(WriteBackRefused) as caught:
            world.marketplace().ship(shipment(order.id))
        assert any("一" <= letter <= "鿿" for letter in str(caught.value))
    assert world.state.world.shipments == []


def test_an_unknown_order_courier_or_number_is_refused(world: World) -> None:
    (placed,) = world.add()
    with pytest.raises(WriteBackRefused):
        world.marketplace().ship(shipment("299999999999999999"))
    with pytest.raises(WriteBackRefused, match="快递公司"):
        world.marketplace().ship(shipment(placed.id, courier="feimaotui"))
    with pytest.raises(WriteBackRefused):
        world.marketplace().ship(shipment(placed.id, "not a number"))


def test_no_marketplace_can_renew_a_session_that_has_ended(world: World) -> None:
    assert world.marketplace().refresh_session() is False


# -- the registry


def test_an_unknown_platform_names_the_folder_to_add() -> None:
    with pytest.raises(UnknownMarketplace, match=r"ingest/fax/.*MARKETPLACES"):
        MARKETPLACES["fax"]


def test_each_marketplace_names_its_platform_and_its_cursor(platform: str) -> None:
    marketplace = MARKETPLACES[platform]
    assert marketplace.platform == platform  # type: ignore[attr-defined]
    assert marketplace.api == LIST[platform]  # type: ignore[attr-defined]


def test_sister_folders_hold_the_same_files(platform: str) -> None:
    for name in ("client", "parse", "errors", "couriers"):
        importlib.import_module(f"ingest.{platform}.{name}")


def test_a_shipment_is_a_value() -> None:
    assert replace(shipment("1"), waybill="2").waybill == "2"
