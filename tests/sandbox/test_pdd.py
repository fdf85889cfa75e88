"""The POP stand-in speaks and refuses as the platform does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from sandbox.signing import sign_pdd
from tests.sandbox import Json, Shop, open_shop

TOKEN = {"access_token": "asd78172s8ds9a921j9qqwda12312w1w21211", "client_id": "1"}
NOW = {**TOKEN, "data_type": "JSON", "timestamp": "1772332200"}
VECTORS = {
    "P1": (
        {
            **TOKEN,
            "data_type": "XML",
            "order_status": "1",
            "page": "1",
            "page_size": "10",
            "timestamp": "1480411125",
            "type": "pdd.order.number.list.get",
        },
        "E4DE3ED21002510DED352819E7AE6775",
    ),
    "P2": (
        {
            **NOW,
            "type": "pdd.order.number.list.increment.get",
            "version": "V1",
            "start_updated_at": "1772330220",
            "end_updated_at": "1772332020",
            "is_lucky_flag": "0",
            "order_status": "5",
            "refund_status": "5",
            "page": "1",
            "page_size": "100",
            "use_has_next": "false",
        },
        "92C2F12AEBE19C9198517E9DB74CCF8E",
    ),
    "P3": (
        {
            **NOW,
            "type": "pdd.order.note.update",
            "order_sn": "260301-000000000000001",
            "note": "已催付，改发顺丰",
            "tag": "3",
            "tag_name": "绿色",
        },
        "095046531D3CF7180CB17E78D47E098B",
    ),
    "P4": (
        {
            **NOW,
            "type": "pdd.open.decrypt.mask.batch",
            "data_list": '[{"data_tag":"260301-000000000000001","encrypted_data":"~AgAAAA=="}]',
        },
        "F1408DCB4B147771D58D23BF4801C3B6",
    ),
}


@pytest.fixture
def shop() -> Iterator[Shop]:
    with open_shop() as opened:
        yield opened


def error_of(reply: Any) -> int:
    code: int = reply["error_response"]["error_code"]
    return code


def window(shop: Shop) -> Json:
    end = int(shop.clock.epoch()) - 180
    return {
        "start_updated_at": end - 1800,
        "end_updated_at": end,
        "is_lucky_flag": 0,
        "order_status": 5,
        "refund_status": 5,
    }


def increment(shop: Shop, **params: Any) -> Any:
    return shop.pdd("pdd.order.number.list.increment.get", **{**window(shop), **params})


def listed(reply: Any) -> list[Any]:
    rows: list[Any] = reply["order_sn_increment_get_response"]["order_sn_list"]
    return rows


def info(shop: Shop, order_sn: str) -> Any:
    return shop.pdd("pdd.order.information.get", order_sn=order_sn)["order_info_get_response"]["order_info"]


def send(shop: Shop, order_sn: str, **params: Any) -> Any:
    parcel = {"order_sn": order_sn, "logistics_id": 44, "tracking_number": "SF1234567890123"}
    return shop.pdd("pdd.logistics.online.send", **{**parcel, **params})


@pytest.mark.parametrize("name", VECTORS)
def test_it_signs_the_vectors_of_the_sheet(name: str) -> None:
    params, expected = VECTORS[name]
    assert sign_pdd(params, "testSecret") == expected


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"type": "pdd.order.everything"}, 10017),
        ({"client_id": "X"}, 10016),
        ({"timestamp": None}, 10018),
        ({"timestamp": "2026-03-02 10:30:00"}, 10001),
        ({"access_token": None}, 10018),
        ({"access_token": "stolen"}, 20032),
        ({"is_lucky_flag": None}, 10000),
        ({"order_status": None}, 10000),
        ({"refund_status": None}, 10000),
        ({"order_status": 4}, 10001),
        ({"page_size": 101}, 10001),
        ({"page": 0}, 10001),
    ],
)
def test_it_refuses_a_wrong_parameter_with_its_own_code(shop: Shop, changed: Json, code: int) -> None:
    assert error_of(increment(shop, **changed)) == code


def test_its_clock_tolerates_ten_minutes(shop: Shop) -> None:
    now = int(shop.clock.epoch())
    assert "time_get_response" in shop.pdd("pdd.time.get", timestamp=now - 600)
    assert error_of(shop.pdd("pdd.time.get", timestamp=now - 601)) == 10001


def test_it_refuses_a_wrong_signature(shop: Shop) -> None:
    params = shop.pdd_params("pdd.time.get")
    assert error_of(shop.post_pdd({**params, "page": "1"}).json()) == 20004


def test_it_takes_a_json_body_too(shop: Shop) -> None:
    params = shop.pdd_params("pdd.order.number.list.increment.get", **window(shop))
    body = {name: int(value) if value.isdecimal() else value for name, value in params.items()}
    reply = requests.post(f"{shop.url}/pdd/api/router", json=body, timeout=10)
    assert listed(reply.json()) == []


def test_it_refuses_a_window_of_31_minutes(shop: Shop) -> None:
    end = int(shop.clock.epoch()) - 180
    assert error_of(increment(shop, start_updated_at=end - 1860)) == 10001
    assert listed(increment(shop, start_updated_at=end - 1800)) == []


def test_it_refuses_a_window_that_ends_less_than_three_minutes_ago(shop: Shop) -> None:
    now = int(shop.clock.epoch())
    assert error_of(increment(shop, start_updated_at=now - 600, end_updated_at=now - 179)) == 10001


def test_it_reaches_ninety_days(shop: Shop) -> None:
    old = int(shop.ago(days=91).timestamp())
    assert error_of(increment(shop, start_updated_at=old, end_updated_at=old + 600)) == 10001


def test_money_is_a_number_and_the_order_number_starts_with_the_day(shop: Shop) -> None:
    order = shop.world.add_order("pdd", sku="QH-BOX-S", quantity=2, ago_seconds=600, discount_fen=500)
    (row,) = listed(increment(shop))
    assert (row["goods_amount"], row["discount_amount"], row["pay_amount"]) == (49.8, 5.0, 44.8)
    assert row["platform_discount"] + row["seller_discount"] == row["discount_amount"]
    assert row["order_sn"] == order.id
    assert order.id.startswith("260302-")
    assert len(order.id) == 22


def test_it_sorts_by_update_descending_and_pages_from_one(shop: Shop) -> None:
    orders = [shop.world.add_order("pdd", ago_seconds=300 + step) for step in range(3)]
    reply = increment(shop, page=1, page_size=2)["order_sn_increment_get_response"]
    assert [row["order_sn"] for row in reply["order_sn_list"]] == [orders[0].id, orders[1].id]
    assert reply["total_count"] == 3
    assert "has_next" not in reply


def test_use_has_next_drops_the_total(shop: Shop) -> None:
    shop.world.add_order("pdd", ago_seconds=600)
    reply = increment(shop, use_has_next="true")["order_sn_increment_get_response"]
    assert reply["has_next"] is False
    assert "total_count" not in reply


def test_ciphertext_is_there_only_while_the_order_waits(shop: Shop) -> None:
    order = shop.world.add_order("pdd", buyer="hero")
    before = info(shop, order.id)
    assert before["receiver_name"].startswith("~Ag")
    assert before["receiver_address"].endswith("~0~")
    assert (before["receiver_phone"] or before["contact_mobile"]).startswith("$Ag")
    assert before["receiver_phone_mask"] == "1********78"
    assert before["receiver_address_mask"] == "三墩镇****"
    assert before["town"] == "西湖区"
    send(shop, order.id)
    after = info(shop, order.id)
    assert (
        after["receiver_name"] == after["receiver_address"] == after["receiver_phone"] == after["contact_mobile"] == ""
    )
    assert after["receiver_name_mask"] == "林*"


def test_an_order_under_review_shows_no_receiver_and_can_not_be_shipped(shop: Shop) -> None:
    order = shop.world.add_order("pdd", kind="risk")
    row = info(shop, order.id)
    assert row["risk_control_status"] == 1
    assert row["receiver_name"] == row["receiver_name_mask"] == ""
    assert error_of(send(shop, order.id)) == 30000
    shop.clock.move(3700)
    assert info(shop, order.id)["receiver_name"] != ""


def test_one_receiver_keeps_one_open_address_id_but_never_one_ciphertext(shop: Shop) -> None:
    one, two = (info(shop, shop.world.add_order("pdd", buyer="hero").id) for _ in range(2))
    assert one["open_address_id"] == two["open_address_id"]
    assert one["receiver_name"] != two["receiver_name"]


def test_a_vague_address_has_no_town_and_an_empty_mask(shop: Shop) -> None:
    row = info(shop, shop.world.add_order("pdd", kind="vague").id)
    assert (row["town"], row["receiver_address_mask"]) == ("", "****")


def test_shipping_moves_the_order_and_the_next_pull_sees_it(shop: Shop) -> None:
    order = shop.world.add_order("pdd", ago_seconds=7200)
    assert send(shop, order.id)["logistics_online_send_response"]["is_success"] is True
    shop.clock.move(240)
    (row,) = listed(increment(shop))
    assert (row["order_status"], row["logistics_id"], row["tracking_number"]) == (2, 44, "SF1234567890123")
    assert shop.world.shipments[0].company == "44"


def test_it_refuses_to_ship_twice_but_replaces_a_waybill(shop: Shop) -> None:
    order = shop.world.add_order("pdd")
    assert error_of(send(shop, order.id, redelivery_type=2)) == 30000
    send(shop, order.id)
    assert error_of(send(shop, order.id)) == 30000
    changed = send(shop, order.id, redelivery_type=2, logistics_id=85, tracking_number="YT1234567890123")
    assert changed["logistics_online_send_response"]["is_success"] is True
    assert info(shop, order.id)["tracking_number"] == "YT1234567890123"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"logistics_id": 999}, 10001),
        ({"tracking_number": "7.73E+14"}, 30000),
        ({"tracking_number": None}, 10000),
        ({"order_sn": "260302-000000000000000"}, 30000),
    ],
)
def test_it_refuses_a_bad_shipment(shop: Shop, changed: Json, code: int) -> None:
    order = shop.world.add_order("pdd")
    parcel = {"order_sn": order.id, "logistics_id": 44, "tracking_number": "SF1234567890123", **changed}
    assert error_of(shop.pdd("pdd.logistics.online.send", **parcel)) == code
    assert shop.world.shipments == []


def test_a_refund_asked_before_shipping_stops_it(shop: Shop) -> None:
    order = shop.world.add_order("pdd")
    shop.world.ask_refund(order.id)
    row = info(shop, order.id)
    assert (row["order_status"], row["refund_status"], row["after_sales_status"]) == (1, 2, 2)
    assert error_of(send(shop, order.id)) == 30000
    shop.world.close_refund(order.id, paid=True)
    assert info(shop, order.id)["refund_status"] == 4


def test_a_held_order_carries_its_tag(shop: Shop) -> None:
    order = shop.world.add_order("pdd", kind="hold")
    assert {"name": "ship_hold", "value": 1} in info(shop, order.id)["order_tag_list"]
    assert error_of(send(shop, order.id)) == 30000


@pytest.mark.parametrize(("kind", "state"), [("resend", 32), ("exchange", 14)])
def test_reship_and_exchange_stay_on_the_original_number(shop: Shop, kind: str, state: int) -> None:
    order = shop.world.add_order("pdd", kind=kind)
    shop.clock.move(2 * 3600)
    row = info(shop, order.id)
    assert (row["order_status"], row["after_sales_status"]) == (2, state)


def test_a_group_that_fills_confirms_the_order(shop: Shop) -> None:
    order = shop.world.add_order("pdd", kind="grouping")
    row = info(shop, order.id)
    assert (row["group_status"], row["confirm_status"], row["confirm_time"]) == (0, 0, "")
    shop.world.pay(order.id)
    assert info(shop, order.id)["confirm_time"] == "2026-03-02 10:30:00"


def test_a_deposit_order_may_ship_only_when_both_are_paid(shop: Shop) -> None:
    order = shop.world.add_order("pdd", kind="deposit")
    assert info(shop, order.id)["step_order_info"]["step_trade_status"] == 1
    assert error_of(send(shop, order.id)) == 30000
    shop.world.pay(order.id)
    assert info(shop, order.id)["step_order_info"]["step_trade_status"] == 2


def test_lottery_orders_can_be_asked_for_or_left_out(shop: Shop) -> None:
    lottery = shop.world.add_order("pdd", kind="lottery", ago_seconds=600)
    normal = shop.world.add_order("pdd", ago_seconds=600)
    assert [row["order_sn"] for row in listed(increment(shop, is_lucky_flag=2))] == [lottery.id]
    assert [row["order_sn"] for row in listed(increment(shop, is_lucky_flag=1))] == [normal.id]


def test_the_confirmed_list_spans_a_day_at_most(shop: Shop) -> None:
    order = shop.world.add_order("pdd", ago_seconds=20 * 3600)
    now = int(shop.clock.epoch())
    asked = {"order_status": 1, "refund_status": 5, "end_confirm_at": now}
    reply = shop.pdd("pdd.order.list.get", start_confirm_at=now - 86400, **asked)["order_list_get_response"]
    assert [row["order_sn"] for row in reply["order_list"]] == [order.id]
    assert error_of(shop.pdd("pdd.order.list.get", start_confirm_at=now - 86401, **asked)) == 10001


def test_states_can_be_asked_for_many_numbers_at_once(shop: Shop) -> None:
    order = shop.world.add_order("pdd")
    reply = shop.pdd("pdd.order.status.get", order_sns=f"{order.id},260302-000000000000000")
    assert reply["order_status_get_response"]["order_status_list"] == [
        {"orderSn": order.id, "order_status": 1, "refund_status": 1}
    ]
    assert error_of(shop.pdd("pdd.order.status.get", order_sns=",".join(["x"] * 51))) == 10001


def test_a_note_overwrites_and_a_tag_needs_its_name(shop: Shop) -> None:
    order = shop.world.add_order("pdd", memo="旧")
    assert error_of(shop.pdd("pdd.order.note.update", order_sn=order.id, note="新", tag=3)) == 10001
    reply = shop.pdd("pdd.order.note.update", order_sn=order.id, note="新", tag=3, tag_name="绿色")
    assert reply["response"]["success"] is True
    row = info(shop, order.id)
    assert (row["remark"], row["remark_tag"], row["remark_tag_name"]) == ("新", 3, "绿色")


def test_couriers_have_numbers(shop: Shop) -> None:
    rows = shop.pdd("pdd.logistics.companies.get")["logistics_companies_get_response"]["logistics_companies"]
    assert {"id": 44, "code": "SF", "logistics_company": "顺丰速运", "available": 1} in rows


def test_unpaid_orders_never_show(shop: Shop) -> None:
    order = shop.world.add_order("pdd", kind="unpaid", ago_seconds=600)
    assert listed(increment(shop)) == []
    assert error_of(shop.pdd("pdd.order.information.get", order_sn=order.id)) == 30000


def test_throttling_has_two_codes(shop: Shop) -> None:
    shop.state.faults.arm("throttle", "pdd")
    assert error_of(shop.pdd("pdd.time.get")) == 70031
    shop.state.faults.arm("throttle", "pdd", seconds=120)
    assert error_of(shop.pdd("pdd.time.get")) == 52101


def test_refreshing_never_prolongs_the_authorisation(shop: Shop) -> None:
    ends = int(shop.clock.epoch()) + 365 * 86400
    shop.clock.move(86400)
    reply = shop.pdd("pdd.pop.auth.token.refresh", access_token=None, refresh_token="sandbox-pdd-refresh-0001")
    token = reply["pop_auth_token_refresh_response"]
    assert token["expires_at"] == ends
    assert listed(increment(shop, access_token=token["access_token"])) == []
    shop.clock.move(365 * 86400)
    assert error_of(increment(shop, access_token=token["access_token"])) == 10019


def test_a_fresh_authorisation_ends_the_older_tokens(shop: Shop) -> None:
    code = shop.control("authorise", {"platform": "pdd"}).json()["code"]
    reply = shop.pdd("pdd.pop.auth.token.create", access_token=None, code=code)
    assert reply["pop_auth_token_create_response"]["owner_id"] == "880001"
    assert error_of(increment(shop)) == 20032
