"""What is WeChat Shop's own on the wire; what all marketplaces keep is in ../test_contract.py."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from redis import Redis
from sqlalchemy.orm import Session, sessionmaker

from ingest.source import Action, Memo, PlatformError, Shipment, WriteBackRefused
from sandbox.world_order import Order
from sandbox.wxshop import WxShop, wxshop_of
from tests.ingest.serving import serving
from tests.ingest.shops import World, shop_in_sandbox

NUMBER = "YT1234567890123"
GET = "/channels/ec/order/get"
LIST = "/channels/ec/order/list/get"
CASE = "/channels/ec/aftersale/getaftersaleorder"
TOKEN = "/cgi-bin/stable_token"


@pytest.fixture
def world(sessions: sessionmaker[Session], redis: Redis, now: datetime) -> Iterator[World]:
    with shop_in_sandbox("wxshop", sessions, redis, standing_at=now) as world:
        yield world


@pytest.fixture
def platform(world: World) -> WxShop:
    return wxshop_of(world.state)


def recent(world: World) -> set[str]:
    end = world.now() - timedelta(minutes=10)
    pages = world.marketplace().records(end - timedelta(minutes=45), end)
    return {record.external_id for page in pages for record in page}


def lists(world: World) -> list[Any]:
    return [call for call in world.state.world.calls if call.method == LIST]


def test_the_cursor_is_followed_with_nothing_else_changed(world: World) -> None:
    world.add(230)
    assert len(recent(world)) == 230
    asked = [{name: value for name, value in call.params.items() if name != "next_key"} for call in lists(world)]
    assert len(asked) == 3
    assert asked[0] == asked[1] == asked[2]
    assert asked[0]["update_time_range"] == '{"start_time":1766365500,"end_time":1766368200}'
    assert "status" not in asked[0], "a state filter would lose orders that change their state"


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"order_id_list": []},
        {"has_more": False},
        {"order_id_list": {}, "has_more": False},
        {"order_id_list": [], "has_more": "no"},
        {"order_id_list": [], "has_more": True, "next_key": ""},
    ],
)
def test_a_reply_that_states_nothing_is_no_empty_page(world: World, said: dict[str, Any]) -> None:
    body = json.dumps({"errcode": 0, "access_token": "t", "expires_in": 7200} | said).encode()
    end = world.now()
    with serving(lambda _form: (200, body)) as gateway, pytest.raises(PlatformError) as caught:
        list(world.marketplace(gateway=gateway).records(end - timedelta(minutes=30), end))
    assert caught.value.resolution.action is Action.RETRY


def test_a_window_that_holds_too_many_is_halved(world: World, platform: WxShop) -> None:
    placed = world.add(90)
    platform.most = 25
    assert recent(world) == {order.id for order in placed}


def test_a_window_of_weeks_is_asked_for_in_pieces(world: World) -> None:
    (placed,) = world.add(minutes=60)
    start = world.now() - timedelta(days=20)
    pages = world.marketplace().created(start, world.now())
    assert [record.external_id for page in pages for record in page] == [placed.id]


def test_a_cursor_that_ran_out_makes_the_window_be_read_again(world: World, platform: WxShop) -> None:
    world.add(150)
    pages = world.marketplace().records(world.now() - timedelta(minutes=45), world.now() - timedelta(minutes=10))
    next(pages)
    world.move(minutes=11)
    with pytest.raises(PlatformError) as caught:
        next(pages)
    assert (caught.value.code, caught.value.resolution.action) == ("606006", Action.RETRY)


def test_an_order_that_is_listed_but_not_shown_holds_up_no_other(world: World) -> None:
    first, second = world.add(2)
    refuse_once(world, second.id)
    report = world.pull()
    assert (report.new, report.unreadable) == (1, 1)
    assert set(world.orders()) == {first.id}


def refuse_once(world: World, number: str) -> None:
    """The platform lists the order, and knows none by its number when it is asked for it."""
    find, left = world.state.world.find, [number]

    def forgetful(external_id: str) -> Order | None:
        if external_id in left:
            left.remove(external_id)
            return None
        return find(external_id)

    world.state.world.find = forgetful  # type: ignore[method-assign]


def test_one_token_serves_all_workers(world: World) -> None:
    world.add(3)
    for _ in range(3):
        world.marketplace().measure_clock()
    assert world.calls(TOKEN) == 1


def test_a_token_that_ended_early_is_replaced_once_and_nobody_is_told(world: World, platform: WxShop) -> None:
    world.add()
    world.marketplace().measure_clock()
    platform.tokens.end_early()
    report = world.pull()
    assert (report.new, report.problem, report.stopped) == (1, "", "")
    assert world.calls(TOKEN) == 2


def test_a_living_token_that_is_refused_is_replaced_by_force(world: World) -> None:
    world.marketplace().measure_clock()
    world.fault("expire_token")
    world.marketplace().measure_clock()
    forced = [call.params["force_refresh"] for call in world.state.world.calls if call.method == TOKEN]
    assert forced == ["false", "false", "true"]


def test_a_token_that_is_refused_again_stops_the_shop(world: World) -> None:
    world.marketplace().measure_clock()
    world.fault("expire_token", calls=2)
    assert "授权失效" in world.pull().stopped


def test_a_caller_who_is_not_on_the_white_list_is_told_what_to_do(world: World, platform: WxShop) -> None:
    platform.forbidden = True
    assert "白名单" in world.pull().stopped


def test_a_note_written_later_is_seen_when_the_order_is_read_by_its_number(world: World) -> None:
    (placed,) = world.add(memo="")
    world.pull()
    world.state.world.edit(placed.id, memo="客户要求加固包装")
    world.move(minutes=10)
    world.pull()
    assert world.orders()[placed.id].seller_memo == "", "a note alone does not move the order's time"
    record = world.marketplace().order(placed.id)
    assert record is not None
    world.take([record])
    assert world.orders()[placed.id].seller_memo == "客户要求加固包装"


def test_a_refund_that_is_asked_for_is_seen_though_the_order_does_not_move(world: World) -> None:
    (placed,) = world.add(minutes=600)
    world.pull(hours=12)
    before = placed.modified_at
    world.state.world.ask_refund(placed.id)
    world.move(minutes=10)
    assert (world.pull().changed, placed.modified_at) == (1, before)
    assert (world.orders()[placed.id].refund, world.orders()[placed.id].hold) == ("asked", "有商品售后中")

    world.state.world.close_refund(placed.id, paid=False)
    world.move(minutes=10)
    world.pull()
    assert (world.orders()[placed.id].refund, world.orders()[placed.id].hold) == ("", "")


def test_pages_of_after_sales_are_read_to_the_end_and_each_order_once(world: World) -> None:
    placed = world.add(50, minutes=600)
    for order in placed:
        world.state.world.ask_refund(order.id)
    world.move(minutes=10)
    end = world.now() - timedelta(minutes=2)
    pages = world.marketplace().records(end - timedelta(minutes=30), end)
    assert sorted(record.external_id for page in pages for record in page) == sorted(order.id for order in placed)


def test_an_order_that_both_lists_name_is_read_once(world: World) -> None:
    (placed,) = world.add()
    world.state.world.ask_refund(placed.id)
    world.move(minutes=10)
    end = world.now() - timedelta(minutes=2)
    pages = world.marketplace().records(end - timedelta(minutes=58), end)
    assert [record.external_id for page in pages for record in page] == [placed.id]


def test_an_exchange_is_recognised_and_nothing_is_refunded(world: World) -> None:
    (placed,) = world.add(kind="exchange", minutes=120)
    world.pull(hours=3)
    order = world.orders()[placed.id]
    assert (order.kind, order.refund, order.stage) == ("exchange", "", "done")


def test_an_after_sale_that_cannot_be_read_now_is_no_order_without_one(world: World) -> None:
    (placed,) = world.add()
    world.state.world.ask_refund(placed.id)
    world.state.faults.arm("http_500", "wxshop", CASE)
    with pytest.raises(PlatformError):
        world.marketplace().order(placed.id)
    record = world.marketplace().order(placed.id)
    assert record is not None
    assert [case["status"] for case in record.body["after_sales"]] == ["MERCHANT_PROCESSING"]


def test_a_flag_is_left_out_because_no_page_tells_of_one(world: World) -> None:
    (placed,) = world.add(memo="")
    assert world.marketplace().write_memo(Memo(placed.id, "改发顺丰", flag=3)) == "confirmed"
    assert world.marketplace().write_memo(Memo(placed.id, "改发顺丰", flag=3)) == "already"
    assert (placed.memo, placed.flag) == ("改发顺丰", 0)


def test_the_rest_of_a_part_shipped_order_is_told_piece_by_piece(world: World) -> None:
    (placed,) = world.add(lines=[("QH-CUP-RED", 2), ("QH-BOWL-4", 1)])
    world.state.world.ship(placed.id, "圆通速递", "YT0000000000001", line_ids=[placed.lines[0].id])
    assert world.marketplace().ship(Shipment(placed.id, "yuantong", NUMBER)) == "confirmed"
    assert [line.waybill for line in placed.lines] == ["YT0000000000001", NUMBER]


def test_what_was_refunded_is_not_in_the_parcel(world: World) -> None:
    (placed,) = world.add(lines=[("QH-CUP-RED", 2), ("QH-BOWL-4", 1)])
    world.state.world.ask_refund(placed.id, 1)
    world.state.world.close_refund(placed.id, paid=True)
    assert world.marketplace().ship(Shipment(placed.id, "yuantong", NUMBER)) == "confirmed"
    assert [line.waybill for line in placed.lines] == [NUMBER, ""]


@pytest.mark.parametrize(
    ("kind", "reason"), [("unpaid", "没有付款成交"), ("grouping", "没有付款成交"), ("hold", "修改收货地址")]
)
def test_orders_that_must_not_be_shipped_are_refused_with_the_reason(world: World, kind: str, reason: str) -> None:
    (placed,) = world.add(kind=kind)
    with pytest.raises(WriteBackRefused, match=reason):
        world.marketplace().ship(Shipment(placed.id, "yuantong", NUMBER))


def test_one_line_in_after_sale_keeps_the_order_from_being_shipped(world: World) -> None:
    (placed,) = world.add(lines=[("QH-CUP-RED", 1), ("QH-BOWL-4", 1)])
    world.state.world.ask_refund(placed.id, 1)
    with pytest.raises(WriteBackRefused, match="售后中"):
        world.marketplace().ship(Shipment(placed.id, "yuantong", NUMBER))


def test_its_authorisation_has_no_end_that_anybody_must_renew(world: World) -> None:
    assert world.marketplace().authorised_until() is None
