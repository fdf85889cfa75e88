"""What is Taobao's own on the wire; what all marketplaces keep is in ../test_contract.py."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from redis import Redis
from sqlalchemy.orm import Session, sessionmaker

from config import Shop
from ingest.source import Action, Memo, PlatformError, Record, Shipment, WriteBackRefused
from ingest.taobao.client import DETAIL_FIELDS, Taobao
from ingest.taobao.lists import LIST_FIELDS
from sandbox.world_order import Order
from tests.ingest.golden import reply, row
from tests.ingest.means import bare
from tests.ingest.serving import Form, serving
from tests.ingest.shops import World, shop_in_sandbox

NUMBER = "YT1234567890123"


def client(gateway: str, now: datetime) -> Taobao:
    shop = Shop(
        slug="tb", platform="taobao", prefix="TB", name="x", gateway=gateway, app_key="1", app_secret="s", token="t"
    )
    return Taobao(shop, bare(lambda: now))


@pytest.fixture
def world(sessions: sessionmaker[Session], redis: Redis, now: datetime) -> Iterator[World]:
    with shop_in_sandbox("taobao", sessions, redis, standing_at=now) as world:
        yield world


def listed(gateway: str, now: datetime) -> list[Record]:
    marketplace = client(gateway, now)
    return [record for page in marketplace.records(now - timedelta(minutes=30), now) for record in page]


def test_it_asks_for_json_signed_with_every_type_named(now: datetime) -> None:
    asked: list[Form] = []

    def answer(form: Form) -> tuple[int, bytes]:
        asked.append(form)
        return 200, json.dumps(reply("taobao", "empty")).encode()

    with serving(answer) as gateway:
        assert listed(gateway, now) == []
    (form,) = asked
    assert (form["format"], form["sign_method"], form["use_has_next"]) == ("json", "hmac-sha256", "false")
    assert (form["start_modified"], form["end_modified"]) == ("2025-12-22 09:30:00", "2025-12-22 10:00:00")
    assert form["timestamp"] == "2025-12-22 10:00:00"
    assert {"tmall_i18n", "eticket", "nopaid", "o2o_offlinetrade", "step", "cod"} <= set(form["type"].split(","))
    assert "status" not in form, "a state filter would lose rows that change their state"
    needed_for_oaid = {"receiver_name", "receiver_address", "receiver_mobile", "receiver_phone", "created"}
    assert needed_for_oaid <= set(form["fields"].split(","))


def test_memo_and_message_are_asked_for_where_they_are_told() -> None:
    assert not {"seller_memo", "buyer_message"} & set(LIST_FIELDS.split(","))
    assert {"seller_memo", "buyer_message"} <= set(DETAIL_FIELDS.split(","))


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"something_else_response": {}},
        {"trades_sold_increment_get_response": {}},
        {"trades_sold_increment_get_response": {"trades": {"trade": []}}},
        {"trades_sold_increment_get_response": []},
    ],
)
def test_a_reply_that_states_nothing_is_no_empty_page(said: object, now: datetime) -> None:
    with (
        serving(lambda _form: (200, json.dumps(said).encode())) as gateway,
        pytest.raises(PlatformError) as caught,
    ):
        listed(gateway, now)
    assert caught.value.resolution.action is Action.RETRY


def test_a_page_without_rows_must_say_that_it_is_the_last(now: datetime) -> None:
    def answer(form: Form) -> tuple[int, bytes]:
        root = {"total_results": 60} if form["use_has_next"] == "false" else {}
        return 200, json.dumps({"trades_sold_increment_get_response": root}).encode()

    with serving(answer) as gateway, pytest.raises(PlatformError, match="no-page"):
        listed(gateway, now)


def test_a_single_trade_may_come_without_its_list_and_a_broken_row_hides_no_other(now: datetime) -> None:
    root = {"total_results": 1, "trades": {"trade": row("taobao", "ordinary")}}
    two = {"total_results": 2, "trades": {"trade": [row("taobao", "ordinary"), {"status": "X"}]}}
    for said, count in ((root, 1), (two, 2)):
        body = json.dumps({"trades_sold_increment_get_response": said}).encode()
        with serving(lambda _form, body=body: (200, body)) as gateway:  # type: ignore[misc]
            assert len(listed(gateway, now)) == count


def test_only_orders_still_to_be_worked_on_cost_a_detail_call(now: datetime) -> None:
    marketplace = client("http://127.0.0.1:1/nowhere", now)
    for event in ("shipped", "cancelled"):
        record = Record("1", row("taobao", event))
        assert marketplace.detail(record) is record
    with pytest.raises(PlatformError):
        marketplace.detail(Record("1", row("taobao", "ordinary")))


def test_a_memo_written_later_is_seen_because_it_moves_the_trade(world: World) -> None:
    (placed,) = world.add(memo="")
    world.pull()
    assert world.orders()[placed.id].seller_memo == ""
    world.state.world.edit(placed.id, memo="客户要求加固包装", flag=3)
    world.move(minutes=10)
    world.pull()
    assert (world.orders()[placed.id].seller_memo, world.orders()[placed.id].seller_flag) == ("客户要求加固包装", 3)


def test_unusual_trade_types_are_not_silently_absent(world: World) -> None:
    (placed,) = world.add(kind="unusual_type")
    world.pull()
    assert placed.id in world.orders()


def two_lines(world: World) -> Order:
    (placed,) = world.add(lines=[("QH-CUP-RED", 1), ("QH-BOWL-4", 1)])
    return placed


def test_the_rest_of_a_part_shipped_trade_is_told_by_its_lines(world: World) -> None:
    placed = two_lines(world)
    world.state.world.ship(placed.id, "圆通速递", "YT0000000000001", line_ids=[placed.lines[0].id])
    assert world.marketplace().ship(Shipment(placed.id, "yuantong", NUMBER)) == "confirmed"
    assert [line.waybill for line in placed.lines] == ["YT0000000000001", NUMBER]


def test_one_refunding_line_keeps_the_trade_from_being_told(world: World) -> None:
    placed = two_lines(world)
    world.state.world.ask_refund(placed.id, 1)
    with pytest.raises(WriteBackRefused, match="退款中"):
        world.marketplace().ship(Shipment(placed.id, "yuantong", NUMBER))


def test_unpaid_and_held_trades_are_refused_with_the_reason(world: World) -> None:
    (unpaid,), (held,) = world.add(kind="unpaid"), world.add(kind="hold")
    with pytest.raises(WriteBackRefused, match="没有付清"):
        world.marketplace().ship(Shipment(unpaid.id, "yuantong", NUMBER))
    with pytest.raises(WriteBackRefused, match="暂不允许"):
        world.marketplace().ship(Shipment(held.id, "yuantong", NUMBER))


def test_a_memo_sets_the_flag_that_is_asked_for_and_leaves_the_one_that_stands(world: World) -> None:
    (placed,) = world.add(memo="加固包装", flag=1)
    assert world.marketplace().write_memo(Memo(placed.id, "改发顺丰")) == "confirmed"
    assert (placed.memo, placed.flag) == ("加固包装；改发顺丰", 1), "the platform makes it grey where none is sent"
    assert world.marketplace().write_memo(Memo(placed.id, "改发顺丰", 5)) == "confirmed"
    assert (placed.memo, placed.flag) == ("加固包装；改发顺丰", 5)
    assert world.marketplace().write_memo(Memo(placed.id, "改发顺丰", 5)) == "already"
    assert world.marketplace().write_memo(Memo(placed.id, "改发顺丰", 0)) == "confirmed"
    assert placed.flag == 0


def test_a_memo_is_measured_in_bytes_as_the_platform_does(world: World) -> None:
    (placed,) = world.add(memo="备" * 300)
    assert world.marketplace().write_memo(Memo(placed.id, "注" * 32)) == "confirmed"
    with pytest.raises(WriteBackRefused, match="1000 字节"):
        world.marketplace().write_memo(Memo(placed.id, "再多一个"))


def test_the_created_too_are_asked_for_with_every_type_named(world: World) -> None:
    (placed,) = world.add(kind="unusual_type")
    start, end = world.now() - timedelta(hours=1), world.now() - timedelta(minutes=5)
    assert world.marketplace().count_created(start, end) == 1
    assert [record.external_id for page in world.marketplace().created(start, end) for record in page] == [placed.id]


def renewable(world: World) -> None:
    company = world.state.company
    world.state.company = replace(company, taobao=replace(company.taobao, renewable=True))


def test_a_merchants_own_session_is_not_renewed_and_the_refusal_is_not_repeated(world: World) -> None:
    marketplace = world.marketplace(refresh_token="sandbox-top-refresh-0001")
    assert marketplace.refresh_session() is False
    assert marketplace.refresh_session() is False
    assert world.calls("taobao.top.auth.token.refresh") == 1


def test_an_application_of_the_service_market_renews_its_session_and_keeps_it(world: World) -> None:
    renewable(world)
    assert world.marketplace(refresh_token="sandbox-top-refresh-0001").refresh_session() is True
    later = world.marketplace(refresh_token="sandbox-top-refresh-0001")
    assert later.authorised_until() == world.state.tokens["taobao"].newest().expires_at
    assert later.count_created(world.now() - timedelta(hours=1), world.now()) == 0
