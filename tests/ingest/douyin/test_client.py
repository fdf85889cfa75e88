"""What is Douyin's own on the wire; what all marketplaces keep is in ../test_contract.py."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from redis import Redis
from sqlalchemy.orm import Session, sessionmaker

from config import Shop
from ingest.douyin.client import Douyin
from ingest.douyin.gateway import Gateway
from ingest.douyin.lists import Orders
from ingest.douyin.signing import sign
from ingest.paging import read_window
from ingest.source import Action, Memo, PlatformError, Record, Shipment, WriteBackRefused
from sandbox.douyin_tokens import DouyinTokens
from sandbox.world_order import Order as PlatformOrder
from tests.ingest.douyin.answering import Asked, Told, answering, nothing, success
from tests.ingest.golden import row
from tests.ingest.means import bare
from tests.ingest.shops import LIST, World, settings_of, shop_in_sandbox

NUMBER = "YT1234567890123"
PACK = "order.logisticsAddMultiPack"


def client(gateway: str, now: datetime) -> Douyin:
    shop = Shop(
        slug="dy", platform="douyin", prefix="DY", name="x", gateway=gateway, app_key="1", app_secret="s", shop_id="7"
    )
    return Douyin(shop, bare(lambda: now))


@pytest.fixture
def world(sessions: sessionmaker[Session], redis: Redis, now: datetime) -> Iterator[World]:
    with shop_in_sandbox("douyin", sessions, redis, standing_at=now) as world:
        yield world


def listed(gateway: str, now: datetime) -> list[Record]:
    found = client(gateway, now).records(now - timedelta(minutes=30), now)
    return [record for page in found for record in page]


def told_now(world: World, number: str) -> PlatformOrder:
    order = world.state.world.find(number)
    assert order is not None
    return order


def tokens(world: World) -> DouyinTokens:
    found = world.state.tokens["douyin"]
    assert isinstance(found, DouyinTokens)
    return found


# -- the wire


def test_it_asks_for_the_window_in_epoch_seconds_from_page_nought_and_signs_the_body(now: datetime) -> None:
    asked: list[Asked] = []

    def answer(call: Asked) -> Told:
        asked.append(call)
        return nothing()

    with answering(answer) as gateway:
        assert listed(gateway, now) == []
    orders, after_sales = asked
    assert (orders.path, after_sales.path) == ("/order/searchList", "/afterSale/List")
    assert orders.params == {
        "update_time_start": int(now.timestamp()) - 1800,
        "update_time_end": int(now.timestamp()),
        "order_by": "update_time",
        "order_asc": True,
        "page": 0,
        "size": 100,
    }
    query = orders.query
    assert (query["method"], query["access_token"], query["v"], query["sign_method"]) == (
        "order.searchList", "t", "2", "hmac-sha256"
    )  # fmt: skip
    signed = {name: query[name] for name in ("app_key", "method", "timestamp", "v")} | {"param_json": orders.body}
    assert query["sign"] == sign(signed, "s")
    assert "param_json" not in query
    assert orders.headers["Content-Type"].startswith("application/json")


@pytest.mark.parametrize(
    "said",
    [{}, {"data": {"total": 0}}, success({"shop_order_list": []}), success(None), success([]), success("")],
)
def test_a_reply_that_states_nothing_is_no_empty_page(said: Told, now: datetime) -> None:
    with answering(lambda _asked: said) as gateway, pytest.raises(PlatformError) as caught:
        listed(gateway, now)
    assert caught.value.resolution.action is Action.RETRY


def test_an_order_that_the_platform_will_not_tell_does_not_stop_the_others(now: datetime) -> None:
    numbers = ("6900000000000000001", "6900000000000000002")

    def answer(call: Asked) -> Told:
        if call.path == "/afterSale/List":
            items = [{"aftersale_info": {"aftersale_id": f"7{n}"}, "order_info": {"shop_order_id": n}} for n in numbers]
            return success({"total": 4, "items": [*items, {}, "?"]})
        if call.path != "/order/orderDetail":
            return nothing()
        if call.params["shop_order_id"] == numbers[0]:
            return {"code": 50002, "msg": "业务处理失败", "sub_code": "isv.business-failed:1", "sub_msg": "不行"}
        return success({"shop_order_detail": row("douyin", "ordinary") | {"order_id": numbers[1]}})

    with answering(answer) as gateway:
        assert [record.external_id for record in listed(gateway, now)] == [numbers[1]]


def test_windows_with_more_rows_than_the_platform_pages_through_are_halved(world: World) -> None:
    world.add(30)
    settings = settings_of("douyin", world.state.company, world.base_url)
    few = Orders(Gateway(settings, world.means(world.now)), "update_time", page_size=5, most_rows=10)
    end = world.now()
    found = {record.external_id for page in read_window(few, end - timedelta(hours=1), end) for record in page}
    assert len(found) == 30
    calls = [call for call in world.state.world.calls if call.method == LIST["douyin"]]
    pages = [(int(call.params["update_time_end"]), int(call.params["page"])) for call in calls]
    assert max(page * 5 for _, page in pages) <= 10
    assert len({end for end, _ in pages}) > 3


def test_an_application_without_the_after_sales_says_which_package_it_lacks(now: datetime) -> None:
    lacking = {
        "code": 30001,
        "msg": "操作权限不足",
        "sub_code": "isv.app-permissions-insufficient",
        "sub_msg": "无权限",
    }

    def answer(call: Asked) -> Told:
        return lacking if call.path == "/afterSale/List" else nothing()

    with answering(answer) as gateway, pytest.raises(PlatformError, match="app-permissions") as caught:
        listed(gateway, now)
    assert caught.value.resolution.action is Action.STOP
    assert "售后权限包" in caught.value.resolution.text


def test_a_window_begins_no_earlier_than_the_platform_remembers(world: World) -> None:
    (placed,) = world.add(minutes=90 * 24 * 60 - 30)
    edge, hour = world.now() - timedelta(days=90), timedelta(hours=1)
    marketplace = world.marketplace()
    for read in (marketplace.records, marketplace.created):
        assert {record.external_id for page in read(edge - hour, edge + hour) for record in page} == {placed.id}
    with pytest.raises(PlatformError) as caught:
        list(marketplace.records(edge - 2 * hour, edge - hour))
    assert (caught.value.resolution.action, "90 天" in caught.value.resolution.text) == (Action.PARK, True)


def test_a_date_that_is_not_the_platforms_clock_is_not_believed(now: datetime) -> None:
    with answering(lambda _asked: nothing()) as gateway:
        assert client(gateway, now).measure_clock() == 0.0


# -- what moves no update_time


def test_a_refund_is_seen_although_the_order_did_not_change(world: World) -> None:
    (placed,) = world.add(kind="multi_line")
    world.pull()
    before = world.orders()[placed.id].modified_at
    world.state.world.ask_refund(placed.id, 1)
    world.move(minutes=10)
    assert world.pull().changed == 1
    order = world.orders()[placed.id]
    assert (order.refund, order.hold) == ("asked", "有商品退款中")
    assert order.modified_at == before
    world.state.world.close_refund(placed.id, paid=False)
    world.move(minutes=10)
    world.pull()
    assert world.orders()[placed.id].refund == ""


@pytest.mark.parametrize(("state", "kind"), [(14, "exchange"), (32, "reship")])
def test_an_exchange_or_a_reship_of_a_shipped_order_is_seen(world: World, state: int, kind: str) -> None:
    (placed,) = world.add()
    world.state.world.ship(placed.id, "圆通速递", NUMBER)
    world.move(minutes=10)
    world.pull()
    world.state.world.edit(placed.id, after_sales=state)
    world.move(minutes=10)
    world.pull()
    order = world.orders()[placed.id]
    assert (order.kind, order.stage) == (kind, "done")


def test_a_memo_edit_is_seen_only_by_reading_the_order_again(world: World) -> None:
    (placed,) = world.add()
    world.pull()
    world.state.world.edit(placed.id, memo="改发顺丰", flag=4)
    world.move(minutes=10)
    assert world.pull().changed == 0
    marketplace = world.marketplace()
    record = marketplace.order(placed.id)
    assert record is not None
    snapshot = marketplace.parse(record)
    assert (snapshot.seller_memo, snapshot.seller_flag) == ("改发顺丰", 4)
    assert marketplace.sweep_every == timedelta(hours=1)


def test_an_order_under_review_is_held_until_it_is_released(world: World) -> None:
    (placed,) = world.add(kind="risk", minutes=5)
    world.pull()
    assert "审核" in world.orders()[placed.id].hold
    with pytest.raises(WriteBackRefused, match="审核"):
        world.marketplace().ship(Shipment(placed.id, "yuantong", NUMBER))
    world.state.world.release(placed.id)
    world.move(minutes=10)
    world.pull()
    assert world.orders()[placed.id].hold == ""


# -- telling


def part_shipped(world: World) -> PlatformOrder:
    (placed,) = world.add(kind="multi_line")
    world.state.world.ship(placed.id, "中通快递", "78123456789012", line_ids=[placed.lines[0].id])
    return placed


def test_of_a_part_shipped_order_only_what_is_left_is_told(world: World) -> None:
    placed = part_shipped(world)
    assert world.marketplace().ship(Shipment(placed.id, "yuantong", NUMBER)) == "confirmed"
    order = told_now(world, placed.id)
    assert [line.waybill for line in order.lines] == ["78123456789012", *[NUMBER] * (len(order.lines) - 1)]
    assert (world.calls(PACK), world.calls("order.logisticsAdd")) == (1, 0)


def test_a_lost_reply_of_the_rest_is_not_told_twice(world: World) -> None:
    placed = part_shipped(world)
    world.state.faults.arm("lose_reply", "douyin", PACK)
    assert world.marketplace().ship(Shipment(placed.id, "yuantong", NUMBER)) == "confirmed"
    assert world.calls(PACK) == 1


def test_the_rest_of_a_line_is_told_by_its_pieces(now: datetime) -> None:
    sent: list[Told] = []

    def answer(call: Asked) -> Told:
        if call.path == "/order/orderDetail":
            return success({"shop_order_detail": row("douyin", "part_of_a_line")})
        if call.path == "/order/logisticsCompanyList":
            return success([{"id": 1, "name": "圆通速递", "code": "yuantong"}])
        sent.append(call.params)
        return success({})

    with answering(answer) as gateway:
        for _ in range(2):
            client(gateway, now).ship(Shipment("6900000000000000001", "yuantong", NUMBER))
    rest = [{"shipped_num": 1, "shipped_order_id": "6900000000000000002"}]
    assert sent[0]["pack_list"] == [{"company_code": "yuantong", "logistics_code": NUMBER, "shipped_order_info": rest}]
    assert sent[0]["request_id"] == sent[1]["request_id"], "by it the platform knows a repeat"


def test_a_refunded_line_does_not_travel(world: World) -> None:
    (placed,) = world.add(lines=[("QH-CUP-RED", 1), ("QH-LAMP-WRM", 1), ("QH-BOWL-4", 1)])
    platform = world.state.world
    platform.ask_refund(placed.id, 1)
    platform.close_refund(placed.id, paid=True)
    platform.ship(placed.id, "中通快递", "78123456789012", line_ids=[placed.lines[0].id])
    assert world.marketplace().ship(Shipment(placed.id, "yuantong", NUMBER)) == "confirmed"
    assert [line.waybill for line in told_now(world, placed.id).lines] == ["78123456789012", "", NUMBER]


def test_a_courier_is_called_as_the_platform_lists_it(world: World) -> None:
    (placed,) = world.add()
    assert world.marketplace().ship(Shipment(placed.id, "debangkuaidi", "DPK12345678901")) == "confirmed"
    (told,) = world.state.world.shipments
    assert told.company == "debangwuliu"


def test_a_list_without_couriers_is_tried_again(now: datetime) -> None:
    with answering(lambda _asked: success([])) as gateway, pytest.raises(PlatformError) as caught:
        client(gateway, now).ship(Shipment("1", "yuantong", NUMBER))
    assert caught.value.resolution.action is Action.RETRY


@pytest.mark.parametrize("flag", [0, 1, 2, 3, 4, 5])
def test_a_memo_bears_the_star_of_its_flag(world: World, flag: int) -> None:
    (placed,) = world.add(memo="加固包装", flag=2)
    assert world.marketplace().write_memo(Memo(placed.id, "已联系客户", flag)) == "confirmed"
    order = told_now(world, placed.id)
    assert (order.memo, order.flag) == ("加固包装；已联系客户", flag)


def test_a_memo_without_a_flag_leaves_the_star_that_stands(world: World) -> None:
    (placed,) = world.add(flag=5)
    world.marketplace().write_memo(Memo(placed.id, "已联系客户"))
    assert told_now(world, placed.id).flag == 5


# -- tokens


def test_all_workers_share_one_token(world: World) -> None:
    for _ in range(3):
        world.marketplace().measure_clock()
    assert world.calls("token.create") == 1


def test_a_token_is_renewed_in_its_last_hour_by_one_worker(world: World) -> None:
    first, second = world.marketplace(), world.marketplace()
    first.measure_clock()
    world.move(days=6, hours=23, minutes=15)
    for marketplace in (first, second):
        marketplace.measure_clock()
    assert (world.calls("token.create"), world.calls("token.refresh")) == (1, 1)


def test_a_hub_that_slept_for_weeks_asks_anew(world: World) -> None:
    world.marketplace().measure_clock()
    world.move(days=20)
    world.marketplace().measure_clock()
    assert world.calls("token.create") == 2


def test_a_token_that_is_refused_is_renewed_once_and_the_call_goes_through(world: World) -> None:
    world.add(3)
    marketplace = world.marketplace()
    marketplace.measure_clock()
    tokens(world).lapse()
    found = [record for page in marketplace.records(world.now() - timedelta(hours=1), world.now()) for record in page]
    assert len(found) == 3
    assert world.calls("token.refresh") == 1


def test_a_shipment_with_a_refused_token_goes_out(world: World) -> None:
    (placed,) = world.add()
    marketplace = world.marketplace()
    marketplace.measure_clock()
    tokens(world).lapse()
    assert marketplace.ship(Shipment(placed.id, "yuantong", NUMBER)) == "confirmed"


def test_an_authorisation_that_was_given_again_needs_no_new_settings(world: World) -> None:
    world.add()
    world.pull()
    tokens(world).expire()
    world.move(minutes=10)
    assert "重新授权" in world.pull().stopped
    tokens(world).new_code()
    assert world.marketplace().refresh_session() is True


def test_a_session_that_ended_can_be_renewed(world: World) -> None:
    marketplace = world.marketplace()
    marketplace.measure_clock()
    tokens(world).lapse()
    assert marketplace.refresh_session() is True


def test_a_renewal_that_failed_for_a_while_stops_no_shop(world: World) -> None:
    marketplace = world.marketplace()
    marketplace.measure_clock()
    for method in ("token.refresh", "token.create"):
        world.state.faults.arm("http_500", "douyin", method)
    with pytest.raises(PlatformError) as caught:
        marketplace.refresh_session()
    assert caught.value.resolution.action is Action.RETRY


def test_a_wrong_shop_number_stops_the_shop(world: World) -> None:
    with pytest.raises(PlatformError) as caught:
        world.marketplace(shop_id="1").measure_clock()
    assert caught.value.resolution.action is Action.STOP
    assert "授权" in caught.value.resolution.text


def test_an_application_that_is_not_self_built_stops_the_shop_with_what_to_check(now: datetime) -> None:
    refusal: dict[str, Any] = {
        "code": 50002, "msg": "业务处理失败", "sub_code": "isv.business-failed:4", "sub_msg": "非自用型应用code不能为空"
    }  # fmt: skip
    with answering(lambda _asked: nothing(), token=refusal) as gateway, pytest.raises(PlatformError) as caught:
        client(gateway, now).measure_clock()
    assert (caught.value.resolution.action, caught.value.message) == (Action.STOP, "非自用型应用code不能为空")
    assert "店铺 ID" in caught.value.resolution.text


def test_without_redis_a_worker_has_a_token_of_its_own(world: World) -> None:
    world.add(2)
    alone = Douyin(settings_of("douyin", world.state.company, world.base_url), bare(world.now))
    for _ in range(2):
        alone.measure_clock()
    found = [record for page in alone.records(world.now() - timedelta(hours=1), world.now()) for record in page]
    assert (len(found), world.calls("token.create")) == (2, 1)


def test_no_token_stands_in_the_log_of_calls_or_in_an_error(world: World, caplog: pytest.LogCaptureFixture) -> None:
    world.marketplace().measure_clock()
    token = tokens(world).create()
    assert token is not None
    said = caplog.text + "".join(str(call) for call in world.state.world.calls)
    assert token.access not in said


def test_the_moment_is_the_platforms(sessions: sessionmaker[Session], redis: Redis) -> None:
    with shop_in_sandbox("douyin", sessions, redis, standing_at=None) as world:
        marketplace = world.marketplace(lambda: datetime.now(UTC) - timedelta(minutes=30))
        assert abs(marketplace.measure_clock() - 1800) < 5
        assert marketplace.measure_clock() == 0.0
