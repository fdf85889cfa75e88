"""What every marketplace keeps, over the wire: each of the registry runs against the sandbox."""

from __future__ import annotations

import importlib
import json
import zlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from redis import Redis
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from ingest import MARKETPLACES, UnknownMarketplace
from ingest.source import Action, Memo, PlatformError, Record, Shipment, WriteBackRefused
from ingest.write_back import push
from models import Order, OrderLine, RawPayload, WriteBack
from models.sources import PARTED, why_whole
from models.vault import Vault
from sandbox.world_scenes import KINDS
from tests.ingest.shops import LIST, MEMO, PATHS, SHIP, World, settings_of, shop_in_sandbox

NUMBER = "YT1234567890123"
UNKNOWN = "299999999999999999"

telling = pytest.mark.parametrize("platform", [name for name in PATHS if MARKETPLACES[name].told], indirect=True)
"""For what a source that is told nothing cannot do, and does not know for the same reason."""


@pytest.fixture(params=list(PATHS))
def platform(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def world(platform: str, sessions: sessionmaker[Session], redis: Redis, now: datetime) -> Iterator[World]:
    with shop_in_sandbox(platform, sessions, redis, standing_at=now) as world:
        yield world


def kinds_of(world: World) -> set[str]:
    return {kind for kind, scene in KINDS.items() if world.platform in scene.platforms}


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


@telling
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
    for kind in sorted(kinds_of(world)):
        world.add(kind=kind, minutes=200)
    for _ in range(8):
        world.move(minutes=30)
        report = world.pull(hours=12)
        assert (report.unreadable, report.problem) == (0, "")
    paid = {order.id for order in world.state.world.orders(world.platform) if order.paid_at is not None}
    assert set(world.orders()) >= paid


# -- reading by creation, and one by one


def created(world: World, *, minutes: tuple[float, float]) -> set[str]:
    """What the platform lists as created between so many minutes ago; no page may bring anything else."""
    start, end = (world.now() - timedelta(minutes=ago) for ago in minutes)
    return {record.external_id for page in world.marketplace().created(start, end) for record in page}


def test_what_was_created_in_a_window_is_read_completely_whatever_became_of_it(world: World) -> None:
    placed = world.add(230, minutes=20)
    world.add(minutes=90)
    for order in placed[:40]:
        world.state.world.cancel(order.id)
    for order in placed[40:80]:
        world.state.world.ship(order.id, "圆通速递", NUMBER)
    assert created(world, minutes=(40, 10)) == {order.id for order in placed}
    assert created(world, minutes=(9, 8)) == set()


def test_the_platforms_own_count_of_the_created_agrees(world: World) -> None:
    placed = world.add(130, minutes=20)
    world.state.world.cancel(placed[0].id)
    world.add(minutes=90)
    start, end = (world.now() - timedelta(minutes=ago) for ago in (40, 10))
    assert world.marketplace().count_created(start, end) in (130, None)


def test_days_of_the_created_are_read_without_a_gap_or_a_double_count(world: World) -> None:
    placed = [world.add(minutes=hours * 60)[0] for hours in range(1, 60, 4)]
    start, end = world.now() - timedelta(days=3), world.now() - timedelta(minutes=10)
    read = [record.external_id for page in world.marketplace().created(start, end) for record in page]
    assert set(read) == {order.id for order in placed}
    assert world.marketplace().count_created(start, end) in (len(placed), None)


def test_what_was_read_by_creation_is_known_again(world: World) -> None:
    world.add(3)
    world.pull()
    start, end = (world.now() - timedelta(minutes=ago) for ago in (40, 10))
    report = world.take([record for page in world.marketplace().created(start, end) for record in page])
    assert (report.unchanged, report.new, report.changed) == (3, 0, 0)


def test_one_order_by_its_number_is_known_again_and_shows_what_changed(world: World) -> None:
    (placed,) = world.add()
    world.pull()
    record = world.marketplace().order(placed.id)
    assert record is not None
    assert record.external_id == placed.id
    assert world.take([record]).unchanged == 1

    world.state.world.cancel(placed.id)
    record = world.marketplace().order(placed.id)
    assert record is not None
    assert world.take([record]).changed == 1
    assert world.orders()[placed.id].effect == "cancelled"


def test_a_number_that_the_platform_does_not_know_is_no_order(world: World) -> None:
    assert world.marketplace().order(UNKNOWN) is None


# -- errors


def test_each_code_of_its_table_says_what_to_do_in_chinese(platform: str) -> None:
    errors = importlib.import_module(f"ingest.{platform}.errors")
    assert len(errors.CODES) >= 20
    for code in errors.CODES:
        found = errors.error_of({"code": code, "error_code": code, "errcode": code})
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
    settings = settings_of(world.platform, world.state.company, world.base_url)
    world.state.tokens[world.platform].expire()
    said = str(world.pull()) + world.shop().problem + caplog.text
    for secret in filter(None, (settings.token, settings.app_secret)):
        assert secret not in said


def test_a_wrong_secret_stops_the_shop(world: World) -> None:
    wrong = settings_of(world.platform, world.state.company, world.base_url).model_copy(update={"app_secret": "wrong"})
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


@telling
def test_a_shipment_is_told_and_shows_at_the_platform(world: World) -> None:
    (placed,) = world.add()
    assert world.marketplace().ship(shipment(placed.id)) == "confirmed"
    assert world.state.world.find(placed.id).waybill == NUMBER  # type: ignore[union-attr]
    world.move(minutes=10)
    world.pull()
    assert world.orders()[placed.id].waybill == NUMBER
    assert world.orders()[placed.id].courier == "yuantong"
    assert world.orders()[placed.id].stage == "done"


@telling
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


@telling
def test_a_shipment_that_did_not_arrive_is_told_at_the_next_try(world: World) -> None:
    (placed,) = world.add()
    world.fault("cut_connection", on="ship")
    with pytest.raises(PlatformError) as caught:
        world.marketplace().ship(shipment(placed.id))
    assert caught.value.resolution.action is Action.RETRY
    assert world.marketplace().ship(shipment(placed.id)) == "confirmed"
    assert len(world.state.world.shipments) == 1


@telling
def test_the_same_number_again_is_success_and_is_not_sent(world: World) -> None:
    (placed,) = world.add()
    world.marketplace().ship(shipment(placed.id))
    assert world.marketplace().ship(shipment(placed.id)) == "already"
    assert world.calls(SHIP[world.platform]) == 1


@telling
def test_another_number_for_a_shipped_order_is_refused(world: World) -> None:
    (placed,) = world.add()
    world.marketplace().ship(shipment(placed.id))
    with pytest.raises(WriteBackRefused, match=NUMBER):
        world.marketplace().ship(shipment(placed.id, "YT9999999999999"))


@telling
def test_a_refunding_or_closed_order_is_refused_in_chinese(world: World) -> None:
    refunding, closed = world.add(2)
    world.state.world.ask_refund(refunding.id)
    world.state.world.cancel(closed.id)
    for order in (refunding, closed):
        with pytest.raises(WriteBackRefused) as caught:
            world.marketplace().ship(shipment(order.id))
        assert any("一" <= letter <= "鿿" for letter in str(caught.value))
    assert world.state.world.shipments == []


SECOND = "YT1234567890999"
two_lines = [("QH-CUP-RED", 2), ("QH-BOWL-4", 1)]
parting = pytest.mark.parametrize("platform", [name for name in PATHS if name in PARTED], indirect=True)


def part_of(world: World, number: str, waybill: str, *places: int) -> Shipment:
    """The lines at these places of a stored order, in a parcel of their own."""
    with world.sessions() as session:
        mine = session.scalars(select(OrderLine).join(Order, Order.id == OrderLine.order_id)
                               .where(Order.external_id == number).order_by(OrderLine.position)).all()  # fmt: skip
    return Shipment(number, "yuantong", waybill, tuple(mine[place].line_key for place in places))


@parting
def test_a_part_leaves_first_and_the_rest_by_another_number(world: World) -> None:
    (placed,) = world.add(lines=two_lines)
    world.pull()
    first = part_of(world, placed.id, NUMBER, 1)

    assert world.marketplace().ship(first) == "confirmed"
    assert world.marketplace().ship(first) == "already"
    world.move(minutes=10)
    world.pull()

    assert world.orders()[placed.id].effect == "admit", "the platform waits for the rest"
    assert [line.waybill for line in placed.lines] == ["", NUMBER]
    assert world.marketplace().ship(shipment(placed.id, SECOND)) == "confirmed"
    world.move(minutes=10)
    world.pull()
    assert world.orders()[placed.id].effect == "shipped"
    assert set(world.orders()[placed.id].waybill.split(",")) == {NUMBER, SECOND}


@parting
def test_a_lost_reply_of_a_part_is_not_sent_twice(world: World) -> None:
    (placed,) = world.add(lines=two_lines)
    world.pull()
    method = "order.logisticsAddMultiPack" if world.platform == "douyin" else SHIP[world.platform]
    world.state.faults.arm("lose_reply", world.platform, method, calls=1, seconds=1)

    assert world.marketplace().ship(part_of(world, placed.id, NUMBER, 0)) == "confirmed"

    assert len(world.state.world.shipments) == 1


@parting
def test_a_part_that_is_there_no_more_is_refused_and_nothing_else_leaves_for_it(world: World) -> None:
    (placed,) = world.add(lines=two_lines)
    world.pull()
    world.marketplace().ship(part_of(world, placed.id, NUMBER, 0))

    with pytest.raises(WriteBackRefused, match="请在平台后台核对"):
        world.marketplace().ship(part_of(world, placed.id, SECOND, 0))
    assert [line.waybill for line in placed.lines] == [NUMBER, ""]


@telling
def test_what_leaves_only_as_a_whole_says_what_to_do_instead(world: World) -> None:
    if world.platform in PARTED:
        assert why_whole(world.platform) == ""
        return
    (placed,) = world.add()
    world.pull()
    with world.sessions() as session:
        body = {"courier": "yuantong", "waybill": NUMBER, "lines": ["1"]}
        row = WriteBack(order_id=world.orders()[placed.id].id, shop_id=1, kind="ship", line=NUMBER, tries=0,
                        body=body, created_at=world.now())  # fmt: skip
        session.add(row)
        session.flush()
        assert push(session, world.marketplace(), row, world.now()).result == "refused"
        assert "整单发货" in row.problem
    assert world.state.world.shipments == []


@telling
def test_an_unknown_order_courier_or_number_is_refused(world: World) -> None:
    (placed,) = world.add()
    with pytest.raises(WriteBackRefused):
        world.marketplace().ship(shipment("299999999999999999"))
    with pytest.raises(WriteBackRefused, match="快递公司"):
        world.marketplace().ship(shipment(placed.id, courier="feimaotui"))
    with pytest.raises(WriteBackRefused):
        world.marketplace().ship(shipment(placed.id, "not a number"))


def test_no_marketplace_can_renew_a_session_that_has_ended(world: World) -> None:
    world.state.tokens[world.platform].expire()
    assert world.marketplace().refresh_session() is False


# -- the seller's memo


def memo_of(world: World, order_id: str) -> str:
    placed = world.state.world.find(order_id)
    assert placed is not None
    return placed.memo


@telling
def test_a_memo_is_added_to_what_others_wrote(world: World) -> None:
    (placed,) = world.add(memo="加固包装")
    assert world.marketplace().write_memo(Memo(placed.id, "改发顺丰")) == "confirmed"
    assert world.marketplace().write_memo(Memo(placed.id, "加固")) == "confirmed", "a part of a line is not the line"
    assert memo_of(world, placed.id) == "加固包装；改发顺丰；加固"


@telling
def test_the_same_memo_again_is_success_and_is_not_written(world: World) -> None:
    (placed,) = world.add()
    assert world.marketplace().write_memo(Memo(placed.id, "改发顺丰")) == "confirmed"
    assert world.marketplace().write_memo(Memo(placed.id, "改发顺丰")) == "already"
    assert (world.calls(MEMO[world.platform]), memo_of(world, placed.id)) == (1, "改发顺丰")


@telling
def test_a_lost_reply_of_a_memo_is_not_written_twice(world: World) -> None:
    (placed,) = world.add(memo="加固包装")
    world.fault("lose_reply", on="memo")
    assert world.marketplace().write_memo(Memo(placed.id, "改发顺丰")) == "confirmed"
    assert (world.calls(MEMO[world.platform]), memo_of(world, placed.id)) == (1, "加固包装；改发顺丰")


@telling
def test_a_memo_that_did_not_arrive_is_told_at_the_next_try(world: World) -> None:
    (placed,) = world.add()
    world.fault("cut_connection", on="memo")
    with pytest.raises(PlatformError) as caught:
        world.marketplace().write_memo(Memo(placed.id, "改发顺丰"))
    assert caught.value.resolution.action is Action.RETRY
    assert world.marketplace().write_memo(Memo(placed.id, "改发顺丰")) == "confirmed"


@telling
def test_a_memo_that_became_too_long_is_refused_and_nothing_is_lost(world: World) -> None:
    (placed,) = world.add(memo="已催付")
    with pytest.raises(WriteBackRefused, match="最多"):
        world.marketplace().write_memo(Memo(placed.id, "备" * 1001))
    assert memo_of(world, placed.id) == "已催付"


@telling
def test_a_memo_for_an_unknown_order_is_refused(world: World) -> None:
    with pytest.raises(WriteBackRefused):
        world.marketplace().write_memo(Memo(UNKNOWN, "改发顺丰"))


# -- the authorisation


def test_the_settings_say_until_the_end_of_which_day_it_lasts(world: World) -> None:
    until = world.marketplace(authorised_until=date(2026, 1, 31)).authorised_until()
    assert until == datetime(2026, 1, 31, 16, 0, tzinfo=UTC)


# -- the registry


def test_an_unknown_platform_names_the_folder_to_add() -> None:
    with pytest.raises(UnknownMarketplace, match=r"ingest/fax/.*MARKETPLACES"):
        MARKETPLACES["fax"]


def test_each_marketplace_names_its_platform_and_its_cursor(platform: str) -> None:
    marketplace = MARKETPLACES[platform]
    assert marketplace.platform == platform  # type: ignore[attr-defined]
    assert marketplace.api == LIST[platform]  # type: ignore[attr-defined]


def test_sister_folders_hold_the_same_files(platform: str) -> None:
    for name in ("client", "parse", "errors", *(["couriers"] if MARKETPLACES[platform].told else [])):
        importlib.import_module(f"ingest.{platform}.{name}")


def test_a_shipment_is_a_value() -> None:
    assert replace(shipment("1"), waybill="2").waybill == "2"
