"""The TOP stand-in speaks and refuses as the platform does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import pytest
import requests

from sandbox.signing import sign_top
from tests.sandbox import Shop, open_shop, text

FIELDS = "tid,status,modified,orders"
RECEIVER = "receiver_name,receiver_address,receiver_mobile,receiver_phone,created"

PUBLISHED = {
    "app_key": "12345678",
    "fields": "num_iid,title,nick,price,num",
    "format": "json",
    "method": "taobao.item.seller.get",
    "num_iid": "11223344",
    "session": "test",
    "sign_method": "md5",
    "timestamp": "2016-01-01 12:00:00",
    "v": "2.0",
}
INCREMENT = {
    "app_key": "12345678",
    "session": "test",
    "method": "taobao.trades.sold.increment.get",
    "format": "json",
    "v": "2.0",
    "sign_method": "md5",
    "timestamp": "2026-03-01 10:30:00",
    "fields": "tid,status,modified",
    "start_modified": "2026-03-01 10:00:00",
    "end_modified": "2026-03-01 10:30:00",
    "page_no": "1",
    "page_size": "50",
    "use_has_next": "true",
}
MEMO = {
    **{name: INCREMENT[name] for name in ("app_key", "session", "format", "v", "sign_method", "timestamp")},
    "method": "taobao.trade.memo.update",
    "tid": "2000000000000000001",
    "flag": "3",
    "memo": "已催付，改发顺丰",
}
OLDER = {
    "app_key": "test",
    "session": "test",
    "fields": "nick",
    "format": "xml",
    "method": "taobao.user.seller.get",
    "sign_method": "md5",
    "timestamp": "2013-05-06 13:52:03",
    "v": "2.0",
}


@pytest.fixture
def shop() -> Iterator[Shop]:
    with open_shop() as opened:
        yield opened


def error_of(reply: Any) -> tuple[int, str]:
    return reply["error_response"]["code"], reply["error_response"].get("sub_code", "")


def increment(shop: Shop, **params: Any) -> Any:
    window = {"start_modified": text(shop.ago(minutes=30)), "end_modified": text(shop.clock.now()), "fields": FIELDS}
    return shop.top("taobao.trades.sold.increment.get", **{**window, **params})


def listed(reply: Any) -> list[Any]:
    trades: list[Any] = reply["trades_sold_increment_get_response"].get("trades", {"trade": []})["trade"]
    return trades


def fullinfo(shop: Shop, tid: str, fields: str) -> Any:
    return shop.top("taobao.trade.fullinfo.get", tid=tid, fields=fields)["trade_fullinfo_get_response"]["trade"]


def send(shop: Shop, order_id: str, **params: Any) -> Any:
    parcel = {"tid": order_id, "out_sid": "SF1234567890123", "company_code": "SF"}
    return shop.top("taobao.logistics.offline.send", **{**parcel, **params})


@pytest.mark.parametrize(
    ("params", "secret", "expected"),
    [
        (PUBLISHED, "helloworld", "66987CB115214E59E6EC978214934FB8"),
        (PUBLISHED | {"sign_method": "hmac"}, "helloworld", "D56D7858309C31B6251083A874D48273"),
        (
            PUBLISHED | {"sign_method": "hmac-sha256"},
            "helloworld",
            "04DB15AD0774D5CFCE2C837DE43E3FCEA9011ED74F3038FB6AB5F3C4CEA119E8",
        ),
        (OLDER, "test", "72CB4D809B375A54502C09360D879C64"),
        (INCREMENT, "helloworld", "9833E2EE612C1B3AED999071D9D1D1A9"),
        (INCREMENT | {"sign_method": "hmac"}, "helloworld", "56D37C05D0B305997E5851227175BDE1"),
        (
            INCREMENT | {"sign_method": "hmac-sha256"},
            "helloworld",
            "50C1E6B13D5EFDBF543A247168ADB4E5C4AA1D7FECBF0E5271E8DDBD2FD65773",
        ),
        (MEMO, "helloworld", "781B0F50434C94E3220A171AC3DB90C6"),
    ],
    ids=["T1", "T2", "T3", "T4", "T5", "T6", "T7", "T8"],
)
def test_it_signs_the_vectors_of_the_sheet(params: dict[str, str], secret: str, expected: str) -> None:
    assert sign_top(params, secret) == expected


@pytest.mark.parametrize("method", ["md5", "hmac", "hmac-sha256"])
def test_it_accepts_each_sign_method(shop: Shop, method: str) -> None:
    assert shop.top("taobao.time.get", sign_method=method)["time_get_response"]["time"] == "2026-03-02 10:30:00"


def test_it_refuses_a_signature_over_anything_but_what_was_sent(shop: Shop) -> None:
    params = shop.top_params("taobao.time.get") | {"extra": ""}
    assert error_of(shop.post_top(params).json())[0] == 25


def test_it_reads_system_parameters_from_the_query_too(shop: Shop) -> None:
    params = shop.top_params("taobao.time.get")
    reply = requests.post(f"{shop.url}/top/router/rest", params=params, timeout=10)
    assert "time_get_response" in reply.json()


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"app_key": None}, 28),
        ({"app_key": "999"}, 29),
        ({"timestamp": None}, 30),
        ({"timestamp": "2026-03-02 10:19:59"}, 31),
        ({"timestamp": "1772418600"}, 31),
        ({"v": None}, 32),
        ({"v": "1.0"}, 33),
        ({"sign_method": None}, 40),
        ({"session": None}, 26),
        ({"session": "stolen"}, 27),
        ({"fields": None}, 40),
        ({"start_modified": None}, 40),
        ({"start_modified": "yesterday"}, 41),
        ({"start_modified": "2026-03-01 10:29:59"}, 41),
        ({"page_size": 101}, 41),
        ({"page_no": 0}, 41),
        ({"status": "SHIPPED"}, 41),
    ],
)
def test_it_refuses_a_wrong_parameter_with_its_own_code(shop: Shop, changed: dict[str, Any], code: int) -> None:
    assert error_of(increment(shop, **changed))[0] == code


def test_it_refuses_an_unknown_format_in_xml(shop: Shop) -> None:
    assert "<code>23</code>" in shop.post_top(shop.top_params("taobao.time.get", format="yaml")).text


def test_it_accepts_a_timestamp_of_just_under_ten_minutes_ago(shop: Shop) -> None:
    assert "time_get_response" in shop.top("taobao.time.get", timestamp="2026-03-02 10:20:01")


def test_it_names_an_unknown_method(shop: Shop) -> None:
    assert error_of(shop.top("taobao.trades.everything.get")) == (22, "isv.invalid-method")


def test_an_error_comes_with_http_200(shop: Shop) -> None:
    assert shop.post_top(shop.top_params("taobao.nothing")).status_code == 200


def test_it_answers_a_get_with_its_error_nine(shop: Shop) -> None:
    reply = requests.get(f"{shop.url}/top/router/rest", params=shop.top_params("taobao.time.get"), timeout=10)
    assert error_of(reply.json())[0] == 9


def test_it_answers_in_xml_unless_json_is_asked_for(shop: Shop) -> None:
    shop.world.add_order("taobao")
    params = shop.top_params(
        "taobao.trades.sold.increment.get",
        format=None,
        fields=FIELDS,
        start_modified=text(shop.ago(minutes=30)),
        end_modified=text(shop.clock.now()),
    )
    root = ElementTree.fromstring(shop.post_top(params).text)
    assert root.tag == "trades_sold_increment_get_response"
    assert root.findtext("trades/trade/status") == "WAIT_SELLER_SEND_GOODS"


def test_simplify_takes_the_wrappers_away(shop: Shop) -> None:
    shop.world.add_order("taobao")
    reply = increment(shop, simplify="true")
    assert reply["trades"][0]["orders"][0]["outer_sku_id"] == "QH-CUP-RED"


def test_lists_are_wrapped_twice_and_the_order_id_is_a_number_of_19_digits(shop: Shop) -> None:
    order = shop.world.add_order("taobao", sku="QH-CUP-BLU", quantity=2)
    (trade,) = listed(increment(shop))
    assert trade["tid"] == int(order.id)
    assert len(order.id) == 19
    assert trade["orders"]["order"][0]["num"] == 2
    assert trade["orders"]["order"][0]["oid"] == trade["tid"]


def test_an_empty_page_has_no_list_at_all_but_says_zero(shop: Shop) -> None:
    assert {"total_results": 0}.items() <= increment(shop)["trades_sold_increment_get_response"].items()
    assert "trades" not in increment(shop)["trades_sold_increment_get_response"]


def test_use_has_next_drops_the_total(shop: Shop) -> None:
    for _ in range(3):
        shop.world.add_order("taobao")
    first = increment(shop, page_size=2, use_has_next="true")["trades_sold_increment_get_response"]
    last = increment(shop, page_size=2, page_no=2, use_has_next="true")["trades_sold_increment_get_response"]
    assert (first["has_next"], last["has_next"]) == (True, False)
    assert "total_results" not in first


def test_the_newest_change_comes_first(shop: Shop) -> None:
    old = shop.world.add_order("taobao", ago_seconds=600)
    new = shop.world.add_order("taobao", ago_seconds=60)
    assert [trade["tid"] for trade in listed(increment(shop))] == [int(new.id), int(old.id)]


def test_a_list_never_carries_memo_or_message(shop: Shop) -> None:
    order = shop.world.add_order("taobao", memo="补发", buyer_message="晚两天再发", flag=2)
    asked = "tid,seller_memo,buyer_message,has_buyer_message,seller_flag"
    (trade,) = listed(increment(shop, fields=asked))
    assert trade == {"tid": int(order.id), "has_buyer_message": True, "seller_flag": 2}
    assert fullinfo(shop, order.id, asked)["seller_memo"] == "补发"


def test_only_the_fields_asked_for_come_back(shop: Shop) -> None:
    shop.world.add_order("taobao", lines=[("QH-CUP-RED", 1), ("QH-BOWL-4", 2)])
    (trade,) = listed(increment(shop, fields="tid,orders.num"))
    assert trade["orders"] == {"order": [{"num": 1}, {"num": 2}]}
    assert trade.keys() == {"tid", "orders"}


def test_the_oaid_needs_all_five_fields(shop: Shop) -> None:
    order = shop.world.add_order("taobao", buyer="hero")
    assert "oaid" not in fullinfo(shop, order.id, "tid,oaid,receiver_name,receiver_address,receiver_mobile,created")
    assert 60 < len(fullinfo(shop, order.id, RECEIVER)["oaid"]) <= 128


def test_the_oaid_is_the_same_for_one_receiver_within_a_week_only(shop: Shop) -> None:
    ids = [shop.world.add_order("taobao", buyer="hero", ago_seconds=ago).id for ago in (60, 120, 8 * 86400)]
    this, too, last_week = (fullinfo(shop, tid, RECEIVER)["oaid"] for tid in ids)
    assert this == too != last_week


def test_the_receiver_is_masked_and_the_region_plain(shop: Shop) -> None:
    order = shop.world.add_order("taobao", buyer="hero")
    trade = fullinfo(shop, order.id, f"{RECEIVER},receiver_state,receiver_district,receiver_town")
    assert trade["receiver_name"] == "林**"
    assert trade["receiver_mobile"] == "*******5678"
    assert trade["receiver_address"] == "***"
    assert (trade["receiver_state"], trade["receiver_district"], trade["receiver_town"]) == (
        "浙江省",
        "西湖区",
        "三墩镇",
    )


def test_a_vague_address_has_an_empty_district_and_no_town(shop: Shop) -> None:
    order = shop.world.add_order("taobao", kind="vague")
    trade = fullinfo(shop, order.id, "receiver_city,receiver_district,receiver_town")
    assert trade["receiver_district"] == ""
    assert "receiver_town" not in trade


def test_allocated_money_adds_up_to_what_was_paid(shop: Shop) -> None:
    order = shop.world.add_order(
        "taobao", lines=[("QH-CUP-RED", 1), ("QH-BOWL-4", 1), ("QH-MAT-60", 1)], discount_fen=1000
    )
    trade = fullinfo(shop, order.id, "payment,num,orders")
    shares = [round(float(line["divide_order_fee"]) * 100) for line in trade["orders"]["order"]]
    assert sum(shares) == order.paid_fen == round(float(trade["payment"]) * 100)
    assert trade["num"] == 0


def test_unusual_types_are_silently_absent_unless_named(shop: Shop) -> None:
    order = shop.world.add_order("taobao", trade_type="tmall_i18n")
    assert listed(increment(shop)) == []
    assert [row["tid"] for row in listed(increment(shop, type="guarantee_trade,tmall_i18n"))] == [int(order.id)]


def test_unpaid_orders_are_listed_and_a_payment_moves_them(shop: Shop) -> None:
    order = shop.world.add_order("taobao", kind="unpaid", ago_seconds=3600)
    assert listed(increment(shop)) == []
    shop.world.pay(order.id)
    assert listed(increment(shop))[0]["status"] == "WAIT_SELLER_SEND_GOODS"


def test_a_presale_is_a_step_trade_until_the_balance_is_paid(shop: Shop) -> None:
    order = shop.world.add_order("taobao", kind="deposit")
    asked = "status,type,step_trade_status"
    assert fullinfo(shop, order.id, asked) == {
        "status": "WAIT_BUYER_PAY",
        "type": "step",
        "step_trade_status": "FRONT_PAID_FINAL_NOPAID",
    }
    shop.world.pay(order.id)
    assert fullinfo(shop, order.id, asked)["step_trade_status"] == "FRONT_PAID_FINAL_PAID"


def test_a_cancelled_unpaid_order_is_closed_by_taobao(shop: Shop) -> None:
    unpaid, paid = shop.world.add_order("taobao", kind="unpaid"), shop.world.add_order("taobao")
    for order in (unpaid, paid):
        shop.world.cancel(order.id)
    assert fullinfo(shop, unpaid.id, "status")["status"] == "TRADE_CLOSED_BY_TAOBAO"
    assert fullinfo(shop, paid.id, "status")["status"] == "TRADE_CLOSED"


def test_created_lists_go_by_creation_and_reach_three_months(shop: Shop) -> None:
    order = shop.world.add_order("taobao", ago_seconds=7200)
    shop.world.edit(order.id, flag=1)
    reply = shop.top("taobao.trades.sold.get", fields="tid", start_created=text(shop.ago(hours=3)))
    assert reply["trades_sold_get_response"]["total_results"] == 1
    old = shop.top("taobao.trades.sold.get", fields="tid", start_created=text(shop.ago(days=100)))
    assert error_of(old)[0] == 41


def test_a_row_changed_while_paging_leaves_the_closed_window_and_hides_another(shop: Shop) -> None:
    orders = [shop.world.add_order("taobao", ago_seconds=900 + step) for step in range(4)]
    closed = {"end_modified": text(shop.ago(minutes=5)), "page_size": 2}
    first = listed(increment(shop, page_no=1, **closed))
    shop.world.edit(orders[0].id, flag=1)
    second = listed(increment(shop, page_no=2, **closed))
    seen = {trade["tid"] for trade in first + second}
    assert seen == {int(orders[i].id) for i in (0, 1, 3)}


def test_the_shift_fault_does_the_same_between_two_pages(shop: Shop) -> None:
    for step in range(4):
        shop.world.add_order("taobao", ago_seconds=900 + step)
    shop.state.faults.arm("shift", "taobao")
    closed = {"end_modified": text(shop.ago(minutes=5)), "page_size": 2}
    seen = {trade["tid"] for page in (1, 2) for trade in listed(increment(shop, page_no=page, **closed))}
    assert len(seen) == 3


def test_reading_back_from_the_last_page_loses_nothing(shop: Shop) -> None:
    for step in range(5):
        shop.world.add_order("taobao", ago_seconds=900 + step)
    shop.state.faults.arm("shift", "taobao", calls=2)
    closed = {"end_modified": text(shop.ago(minutes=5)), "page_size": 2}
    seen = {trade["tid"] for page in (3, 2, 1) for trade in listed(increment(shop, page_no=page, **closed))}
    left_for_the_next_window = {
        trade["tid"] for trade in listed(increment(shop, start_modified=text(shop.ago(minutes=4))))
    }
    assert len(seen | left_for_the_next_window) == 5


def test_shipping_moves_the_order_and_the_next_pull_sees_it(shop: Shop) -> None:
    order = shop.world.add_order("taobao", ago_seconds=3600)
    assert send(shop, order.id)["logistics_offline_send_response"]["shipping"] == {"is_success": True}
    (trade,) = listed(increment(shop))
    assert trade["status"] == "WAIT_BUYER_CONFIRM_GOODS"
    assert trade["orders"]["order"][0]["invoice_no"] == "SF1234567890123"
    assert [(each.order_id, each.company) for each in shop.world.shipments] == [(order.id, "SF")]


def test_it_refuses_to_ship_twice(shop: Shop) -> None:
    order = shop.world.add_order("taobao")
    send(shop, order.id)
    assert error_of(send(shop, order.id)) == (15, "isv.logistics-offline-service-error:B04")


def test_it_refuses_to_ship_a_line_whose_refund_is_asked(shop: Shop) -> None:
    order = shop.world.add_order("taobao", lines=[("QH-CUP-RED", 1), ("QH-BOWL-4", 1)])
    shop.world.ask_refund(order.id, 1)
    good, refunding = order.lines
    assert error_of(send(shop, order.id))[1].endswith(":B04")
    assert error_of(send(shop, order.id, is_split=1, sub_tid=refunding.id))[1].endswith(":B04")
    assert "logistics_offline_send_response" in send(shop, order.id, is_split=1, sub_tid=good.id)


def test_a_part_shipment_leaves_the_trade_part_shipped(shop: Shop) -> None:
    order = shop.world.add_order("taobao", lines=[("QH-CUP-RED", 1), ("QH-BOWL-4", 1)])
    send(shop, order.id, is_split=1, sub_tid=order.lines[0].id)
    trade = fullinfo(shop, order.id, "status,orders.status")
    assert trade["status"] == "SELLER_CONSIGNED_PART"
    assert [line["status"] for line in trade["orders"]["order"]] == [
        "WAIT_BUYER_CONFIRM_GOODS",
        "WAIT_SELLER_SEND_GOODS",
    ]
    assert error_of(send(shop, order.id))[1].endswith(":CD22")


@pytest.mark.parametrize(
    ("changed", "code", "ending"),
    [
        ({"company_code": "DHL"}, 15, ":B56"),
        ({"out_sid": "7.73E+14"}, 15, ":B60"),
        ({"out_sid": None}, 40, ":out_sid"),
        ({"tid": "2000000000000000001"}, 15, ":ORDER_NOT_FOUND_ERROR"),
        ({"is_split": 1}, 15, ":CD25"),
        ({"is_split": 1, "sub_tid": "5"}, 15, ":B06"),
    ],
)
def test_it_refuses_a_bad_shipment(shop: Shop, changed: dict[str, Any], code: int, ending: str) -> None:
    order = shop.world.add_order("taobao")
    got_code, sub_code = error_of(send(shop, order.id, **changed))
    assert got_code == code
    assert sub_code.endswith(ending)
    assert shop.world.shipments == []


def test_a_held_order_can_not_be_shipped(shop: Shop) -> None:
    order = shop.world.add_order("taobao", kind="hold")
    assert fullinfo(shop, order.id, "status")["status"] == "PAID_FORBID_CONSIGN"
    assert error_of(send(shop, order.id))[1].endswith(":B04")


def test_a_memo_is_overwritten_and_moves_the_order(shop: Shop) -> None:
    order = shop.world.add_order("taobao", memo="原备注", ago_seconds=3600)
    reply = shop.top("taobao.trade.memo.update", tid=order.id, memo="新备注", flag=3)
    assert reply["trade_memo_update_response"]["trade"] == {"tid": int(order.id), "modified": "2026-03-02 10:30:00"}
    assert (order.memo, order.flag) == ("新备注", 3)


def test_an_empty_memo_is_kept_unless_reset_is_true(shop: Shop) -> None:
    order = shop.world.add_order("taobao", memo="原备注")
    shop.top("taobao.trade.memo.update", tid=order.id, memo="", flag=1)
    assert order.memo == "原备注"
    shop.top("taobao.trade.memo.update", tid=order.id, reset="true")
    assert order.memo == ""


def test_a_memo_without_a_flag_makes_it_grey(shop: Shop) -> None:
    order = shop.world.add_order("taobao", memo="原备注", flag=3)
    shop.top("taobao.trade.memo.update", tid=order.id, memo="新备注")
    assert (order.memo, order.flag) == ("新备注", 0)


def test_only_an_application_of_the_service_market_may_renew_its_session(shop: Shop) -> None:
    refused = shop.top("taobao.top.auth.token.refresh", refresh_token="sandbox-top-refresh-0001")
    assert error_of(refused) == (15, "isv.grant-type-not-supported")
    shop.state.company = replace(shop.state.company, taobao=replace(shop.state.company.taobao, renewable=True))
    reply = shop.top("taobao.top.auth.token.refresh", refresh_token="sandbox-top-refresh-0001")
    told = json.loads(reply["top_auth_token_refresh_response"]["token_result"])
    assert shop.state.tokens["taobao"].alive(told["access_token"])
    assert told["expire_time"] == int(shop.state.tokens["taobao"].newest().expires_at.timestamp() * 1000)
    again = shop.top("taobao.top.auth.token.refresh", refresh_token="sandbox-top-refresh-0001")
    assert error_of(again) == (15, "isv.refresh-token-invalid")


def test_a_memo_of_more_than_1000_bytes_is_refused(shop: Shop) -> None:
    order = shop.world.add_order("taobao")
    assert error_of(shop.top("taobao.trade.memo.update", tid=order.id, memo="备" * 334))[0] == 41


def test_it_lists_couriers_with_their_waybill_shape(shop: Shop) -> None:
    reply = shop.top("taobao.logistics.companies.get", fields="code,reg_mail_no", session=None)
    rows = reply["logistics_companies_get_response"]["logistics_companies"]["logistics_company"]
    assert {"code": "SF", "reg_mail_no": r"^(SF\d{13}|\d{12})$"} in rows


def test_an_unknown_trade_does_not_exist(shop: Shop) -> None:
    reply = shop.top("taobao.trade.fullinfo.get", tid="1", fields="tid")
    assert error_of(reply) == (15, "isv.trade-not-exist")


def test_a_throttle_names_its_seconds_and_ends(shop: Shop) -> None:
    shop.state.faults.arm("throttle", "taobao", seconds=7)
    error = shop.top("taobao.time.get")["error_response"]
    assert (error["code"], error["sub_msg"]) == (7, "This ban will last for 7 more seconds")
    assert "time_get_response" in shop.top("taobao.time.get")


def test_a_session_ends_after_its_year_and_a_new_code_brings_another(shop: Shop) -> None:
    shop.clock.move(366 * 86400)
    assert error_of(increment(shop))[0] == 27
    code = shop.control("authorise", {"platform": "taobao"}).json()["code"]
    keys = shop.state.company.taobao
    form = {
        "client_id": keys.app_key,
        "client_secret": keys.app_secret,
        "grant_type": "authorization_code",
        "code": code,
    }
    token = requests.post(f"{shop.url}/top/oauth/token", data=form, timeout=10).json()
    assert "trades_sold_increment_get_response" in increment(shop, session=token["access_token"])
    assert requests.post(f"{shop.url}/top/oauth/token", data=form, timeout=10).status_code == 400


def test_a_token_of_this_app_type_can_not_be_refreshed(shop: Shop) -> None:
    keys = shop.state.company.taobao
    form = {"client_id": keys.app_key, "client_secret": keys.app_secret, "grant_type": "refresh_token"}
    reply = requests.post(f"{shop.url}/top/oauth/token", data=form, timeout=10)
    assert reply.json()["error"] == "unsupported_grant_type"
