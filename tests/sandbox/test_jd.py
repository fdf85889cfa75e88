"""The JOS stand-in speaks and refuses as the platform does."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from sandbox.signing import sign_jd
from tests.sandbox import Json, Shop, open_shop, text

ALL_STATES = "WAIT_SELLER_STOCK_OUT,WAIT_GOODS_RECEIVE_CONFIRM,FINISHED_L,TRADE_CANCELED,LOCKED,PAUSE,POP_ORDER_PAUSE"
FIELDS = "orderId,orderState,modified,venderRemark,itemInfoList,consigneeInfo,orderEndTime,waybill,parentOrderId"

KEYS = {"access_token": "yourtoken", "app_key": "yourappkey", "v": "2.0"}
AT = {"timestamp": "2026-03-01 10:30:00.000+0800"}
VECTORS = {
    "J1": (
        {
            **KEYS,
            "method": "jingdong.pop.order.search",
            "timestamp": "2021-05-07 09:20:39.683+0800",
            "360buy_param_json": '{"end_date":null,"optional_fields":null,"order_state":"WAIT_SELLER_STOCK_OUT",'
            '"page":"1","page_size":"200","start_date":null}',
        },
        "D70825340F4084360B9362B60DFD7930",
    ),
    "J2": (
        {
            **KEYS,
            **AT,
            "method": "jingdong.pop.order.enSearch",
            "360buy_param_json": '{"dateType":"0","end_date":"2026-03-01 10:30:00",'
            '"optional_fields":"orderId,orderState,modified,venderRemark","order_state":"WAIT_SELLER_STOCK_OUT",'
            '"page":"1","page_size":"50","sortType":"0","start_date":"2026-03-01 10:00:00"}',
        },
        "FB4A974C4AD931C3FF9717754ABE0D63",
    ),
    "J3": (
        {
            **KEYS,
            **AT,
            "method": "jingdong.pop.order.modifyVenderRemark",
            "360buy_param_json": '{"order_id":"300000000001","flag":"3","remark":"已催付，改发顺丰"}',
        },
        "80AC3289D31EFAF759FE4DCE6FAFDB8E",
    ),
}


@pytest.fixture
def shop() -> Iterator[Shop]:
    with open_shop() as opened:
        yield opened


def search_params(shop: Shop, **params: Any) -> Json:
    asked = {
        "start_date": text(shop.ago(minutes=30)),
        "end_date": text(shop.clock.now()),
        "order_state": ALL_STATES,
        "optional_fields": FIELDS,
        "page": "1",
        "page_size": "50",
        "sortType": "0",
        "dateType": "0",
    }
    return {name: value for name, value in {**asked, **params}.items() if value is not None}


def search(shop: Shop, **params: Any) -> Any:
    reply = shop.jd("jingdong.pop.order.enSearch", **search_params(shop, **params))
    return reply["jingdong_pop_order_enSearch_responce"]["searchorderinfo_result"]


def ids(result: Any) -> list[str]:
    return [row["orderId"] for row in result["orderInfoList"]]


def get(shop: Shop, order_id: str, fields: str = FIELDS) -> Any:
    reply = shop.jd("jingdong.pop.order.enGet", order_id=order_id, optional_fields=fields)
    return reply["jingdong_pop_order_enGet_responce"]["orderDetailInfo"]


def ship(shop: Shop, order_id: str, carrier: str = "467", waybill: str = "SF1234567890123") -> Any:
    reply = shop.jd("jingdong.pop.order.shipment", orderId=order_id, logiCoprId=carrier, logiNo=waybill)
    return reply["jingdong_pop_order_shipment_responce"]["sopjosshipment_result"]


@pytest.mark.parametrize("name", VECTORS)
def test_it_signs_the_vectors_of_the_sheet(name: str) -> None:
    params, expected = VECTORS[name]
    assert sign_jd(params, "yourappSecret") == expected


@pytest.mark.parametrize(
    ("system", "code"),
    [
        ({"method": ""}, "14"),
        ({"method": "jingdong.pop.order.all"}, "15"),
        ({"app_key": None}, "20"),
        ({"app_key": "X"}, "21"),
        ({"v": None}, "4"),
        ({"v": "3.0"}, "5"),
        ({"timestamp": None}, "7"),
        ({"timestamp": "2026-03-02 10:23:59"}, "8"),
        ({"timestamp": "1772418600"}, "8"),
        ({"access_token": None}, "18"),
        ({"access_token": "stolen"}, "19"),
        ({"360buy_param_json": "{page:1}"}, "28"),
    ],
)
def test_it_refuses_a_wrong_parameter_with_its_own_code(shop: Shop, system: Json, code: str) -> None:
    reply = shop.jd("jingdong.pop.order.enSearch", system, **search_params(shop))
    assert reply["error_response"]["code"] == code
    assert reply["error_response"].keys() == {"code", "zh_desc", "en_desc"}


@pytest.mark.parametrize(
    "stamp", ["2026-03-02 10:24:01", "2026-03-02 10:35:59.999+0800", "2026-03-02 02:30:00.000+0000"]
)
def test_it_accepts_both_forms_of_the_timestamp_within_six_minutes(shop: Shop, stamp: str) -> None:
    reply = shop.jd("jingdong.pop.order.enSearch", {"timestamp": stamp}, **search_params(shop))
    assert "jingdong_pop_order_enSearch_responce" in reply


def test_it_refuses_a_missing_and_a_wrong_signature(shop: Shop) -> None:
    params = shop.jd_params("jingdong.pop.order.enSearch", **search_params(shop))
    assert shop.post_jd({**params, "sign": ""}).json()["error_response"]["code"] == "11"
    assert shop.post_jd({**params, "360buy_param_json": "{}"}).json()["error_response"]["code"] == "12"


def test_system_parameters_may_stand_in_the_query(shop: Shop) -> None:
    params = shop.jd_params("jingdong.pop.order.enSearch", **search_params(shop))
    form = {"360buy_param_json": params.pop("360buy_param_json")}
    reply = requests.post(f"{shop.url}/jd/routerjson", params=params, data=form, timeout=10).json()
    assert reply["jingdong_pop_order_enSearch_responce"]["code"] == "0"


@pytest.mark.parametrize(
    ("changed", "english"),
    [
        ({"order_state": None}, "param_missing"),
        ({"optional_fields": None}, "param_missing"),
        ({"page": None}, "param_missing"),
        ({"order_state": "SHIPPED"}, "order_state_invalid"),
        ({"page_size": "101"}, "param_invalid"),
        ({"page": "301"}, "param_invalid"),
        ({"start_date": "2026-01-29 10:29:59"}, "date_range_invalid"),
        ({"start_date": "2026-03-03 00:00:00"}, "date_range_invalid"),
        ({"start_date": None}, "date_missing"),
        ({"start_date": None, "end_date": None}, "date_missing"),
        ({"start_date": "2025-11-01 00:00:00", "end_date": "2025-11-02 00:00:00"}, "date_too_early"),
        ({"start_date": "1.3.2026"}, "param_invalid"),
    ],
)
def test_a_refusal_of_the_search_hides_behind_code_zero(shop: Shop, changed: Json, english: str) -> None:
    result = search(shop, **changed)
    assert result["apiResult"]["success"] is False
    assert result["apiResult"]["englishErrCode"] == english
    assert "orderInfoList" not in result


def test_without_dates_the_waiting_orders_of_a_month_come(shop: Shop) -> None:
    order = shop.world.add_order("jd", ago_seconds=20 * 86400)
    result = search(shop, start_date=None, end_date=None, order_state="WAIT_SELLER_STOCK_OUT")
    assert ids(result) == [order.id]


def test_created_dates_reach_two_years(shop: Shop) -> None:
    order = shop.world.add_order("jd", ago_seconds=400 * 86400)
    window = {"start_date": text(shop.ago(days=401)), "end_date": text(shop.ago(days=399))}
    assert ids(search(shop, dateType="1", **window)) == [order.id]


def test_an_empty_page_says_zero(shop: Shop) -> None:
    result = search(shop)
    assert result["apiResult"]["success"] is True
    assert (result["orderTotal"], result["orderInfoList"]) == (0, [])


def test_rows_ascend_unless_sort_type_is_one(shop: Shop) -> None:
    old, new = shop.world.add_order("jd", ago_seconds=600), shop.world.add_order("jd", ago_seconds=60)
    assert ids(search(shop)) == [old.id, new.id]
    assert ids(search(shop, sortType="1")) == [new.id, old.id]


def test_numbers_are_text_and_the_year_one_means_never(shop: Shop) -> None:
    order = shop.world.add_order("jd", sku="QH-CUP-RED", quantity=2)
    info = get(shop, order.id, "orderId,orderEndTime,itemInfoList,orderPayment,parentOrderId")["orderInfo"]
    assert info["orderEndTime"] == "0001-01-01 00:00:00"
    assert (info["itemInfoList"][0]["itemTotal"], info["itemInfoList"][0]["jdPrice"]) == ("2", "39.90")
    assert info["parentOrderId"] == "0"
    assert len(info["orderId"]) == 12


def test_only_optional_fields_asked_for_come_back(shop: Shop) -> None:
    shop.world.add_order("jd")
    assert search(shop, optional_fields="orderId,modified")["orderInfoList"][0].keys() == {"orderId", "modified"}


def test_name_and_address_are_ciphertext_and_the_phone_is_masked(shop: Shop) -> None:
    order = shop.world.add_order("jd", buyer="hero")
    consignee = get(shop, order.id)["orderInfo"]["consigneeInfo"]
    assert consignee["fullname"].startswith("AAS/")
    assert consignee["fullAddress"].endswith("==")
    assert base64.b64decode(consignee["fullname"])
    assert consignee["mobile"] == "138*******8"
    assert (consignee["province"], consignee["county"], consignee["town"]) == ("浙江", "西湖区", "三墩镇")


def one_unpaid(shop: Shop, order_id: str) -> Json | None:
    reply = shop.jd("jingdong.pop.order.notPayOrderById", orderId=order_id)
    found: Json | None = reply["jingdong_pop_order_notPayOrderById_responce"]["orderDataNotPayInfo"]
    return found


def test_unpaid_orders_are_only_in_the_unpaid_list(shop: Shop) -> None:
    order = shop.world.add_order("jd", kind="unpaid")
    window: Json = {
        "startDate": text(shop.ago(hours=1)),
        "endDate": text(shop.clock.now()),
        "page": "1",
        "pageSize": "10",
    }
    unpaid = shop.jd("jingdong.pop.order.notPayOrderInfo", **window)["jingdong_pop_order_notPayOrderInfo_responce"]
    (row,) = unpaid["paginatedInfo"]["pageList"]
    assert (row["orderId"], row["itemList"][0]["num"]) == (int(order.id), order.lines[0].quantity)
    assert "orderState" not in row
    assert search(shop)["orderTotal"] == 0
    assert one_unpaid(shop, order.id) == row
    shop.world.pay(order.id)
    assert ids(search(shop)) == [order.id]
    assert one_unpaid(shop, order.id) is None
    window["pageSize"] = "101"
    assert shop.jd("jingdong.pop.order.notPayOrderInfo", **window)["error_response"]["code"] == "28"


def test_a_refund_asked_before_shipping_locks_the_order(shop: Shop) -> None:
    order = shop.world.add_order("jd", ago_seconds=7200)
    shop.world.ask_refund(order.id)
    assert search(shop)["orderInfoList"][0]["orderState"] == "LOCKED"
    assert ship(shop, order.id)["englishErrCode"] == "order_state_invalid"
    shop.world.close_refund(order.id, paid=False)
    assert get(shop, order.id)["orderInfo"]["orderState"] == "WAIT_SELLER_STOCK_OUT"


def test_a_filter_on_one_state_drops_a_row_that_changed(shop: Shop) -> None:
    order = shop.world.add_order("jd")
    shop.world.cancel(order.id)
    assert search(shop, order_state="WAIT_SELLER_STOCK_OUT")["orderTotal"] == 0
    assert search(shop)["orderInfoList"][0]["orderState"] == "TRADE_CANCELED"


def test_a_memo_edit_does_not_move_modified(shop: Shop) -> None:
    order = shop.world.add_order("jd", ago_seconds=3600)
    reply = shop.jd("jingdong.pop.order.modifyVenderRemark", order_id=order.id, flag="3", remark="改发顺丰")
    assert reply["jingdong_pop_order_modifyVenderRemark_responce"]["modifyvenderremark_result"]["success"] is True
    shop.world.edit(order.id, town="新城街道")
    assert search(shop)["orderTotal"] == 0
    info = get(shop, order.id)["orderInfo"]
    assert (info["venderRemark"], info["consigneeInfo"]["town"]) == ("改发顺丰", "新城街道")


def test_a_memo_overwrites_the_one_before(shop: Shop) -> None:
    order = shop.world.add_order("jd", memo="别人的备注", flag=1)
    shop.jd("jingdong.pop.order.modifyVenderRemark", order_id=order.id, remark="新")
    assert (order.memo, order.flag) == ("新", 0), "and a flag that is not sent becomes grey"


def test_memo_and_flag_are_told_by_a_call_of_their_own(shop: Shop) -> None:
    def told(order_id: str) -> Json:
        reply = shop.jd("jingdong.order.venderRemark.queryByOrderId", order_id=order_id)
        found: Json = reply["jingdong_order_venderRemark_queryByOrderId_responce"]["venderRemarkQueryResult"]
        return found

    order, plain = shop.world.add_order("jd", memo="加固", flag=2), shop.world.add_order("jd")
    assert (told(order.id)["vender_remark"]["remark"], told(order.id)["vender_remark"]["flag"]) == ("加固", 2)
    assert told(plain.id)["vender_remark"] is None
    assert told("1")["api_jos_result"]["success"] is False


def test_a_memo_of_more_than_500_characters_is_refused(shop: Shop) -> None:
    order = shop.world.add_order("jd")
    reply = shop.jd("jingdong.pop.order.modifyVenderRemark", order_id=order.id, flag="1", remark="备" * 501)
    result = reply["jingdong_pop_order_modifyVenderRemark_responce"]["modifyvenderremark_result"]
    assert (result["success"], order.memo) == (False, "")


def test_shipping_moves_the_order_and_the_next_pull_sees_it(shop: Shop) -> None:
    order = shop.world.add_order("jd", ago_seconds=3600)
    assert ship(shop, order.id)["success"] is True
    (row,) = search(shop)["orderInfoList"]
    assert (row["orderState"], row["waybill"]) == ("WAIT_GOODS_RECEIVE_CONFIRM", "SF1234567890123")
    assert shop.world.shipments[0].company == "467"


def test_several_parcels_are_joined_by_bars(shop: Shop) -> None:
    order = shop.world.add_order("jd")
    assert ship(shop, order.id, "467|463", "SF1234567890123|YT1234567890123")["success"] is True
    assert get(shop, order.id)["orderInfo"]["waybill"] == "SF1234567890123|YT1234567890123"


def test_own_delivery_keeps_no_waybill(shop: Shop) -> None:
    order = shop.world.add_order("jd")
    assert ship(shop, order.id, "1274", "own-1")["success"] is True
    assert get(shop, order.id)["orderInfo"]["waybill"] == ""


@pytest.mark.parametrize(
    ("carrier", "waybill", "english"),
    [
        ("999", "SF1234567890123", "carrier_not_enabled"),
        ("467", "12", "waybill_invalid"),
        ("467|463", "SF1234567890123", "waybill_invalid"),
        ("", "SF1234567890123", "param_missing"),
    ],
)
def test_it_refuses_a_bad_shipment(shop: Shop, carrier: str, waybill: str, english: str) -> None:
    order = shop.world.add_order("jd")
    assert ship(shop, order.id, carrier, waybill)["englishErrCode"] == english
    assert shop.world.shipments == []


def test_it_refuses_to_ship_twice_and_to_ship_what_is_paused(shop: Shop) -> None:
    order, paused = shop.world.add_order("jd"), shop.world.add_order("jd", kind="hold")
    ship(shop, order.id)
    assert ship(shop, order.id)["englishErrCode"] == "order_already_shipped"
    assert get(shop, paused.id)["orderInfo"]["orderState"] == "POP_ORDER_PAUSE"
    assert ship(shop, paused.id)["englishErrCode"] == "order_state_invalid"


def test_children_of_a_split_name_a_parent_that_is_never_listed(shop: Shop) -> None:
    shop.world.add_order("jd", kind="split")
    rows = search(shop)["orderInfoList"]
    assert len(rows) == 2
    (parent,) = {row["parentOrderId"] for row in rows}
    assert get(shop, parent)["apiResult"]["englishErrCode"] == "order_not_exist"


def test_a_throttle_is_code_two(shop: Shop) -> None:
    shop.state.faults.arm("throttle", "jd")
    assert shop.jd("jingdong.pop.order.enSearch", **search_params(shop))["error_response"]["code"] == "2"


def refresh(shop: Shop, token: str) -> requests.Response:
    keys = shop.state.company.jd
    form = {
        "app_key": keys.app_key,
        "app_secret": keys.app_secret,
        "grant_type": "refresh_token",
        "refresh_token": token,
    }
    return requests.post(f"{shop.url}/jd/oauth2/refresh_token", data=form, timeout=10)


def test_a_token_is_refreshed_only_in_its_last_day(shop: Shop) -> None:
    first = "sandbox-jd-refresh-0001"
    assert refresh(shop, first).json()["code"] == 400
    shop.clock.move(364.5 * 86400)
    pair = refresh(shop, first).json()
    assert pair["expires_in"] == 365 * 86400
    assert refresh(shop, first).status_code == 400
    shop.clock.move(86400)
    system = {"access_token": pair["access_token"]}
    assert "error_response" not in shop.jd("jingdong.pop.order.enSearch", system, **search_params(shop))
    assert shop.jd("jingdong.pop.order.enSearch", **search_params(shop))["error_response"]["code"] == "19"


def test_after_its_end_only_a_new_authorisation_helps(shop: Shop) -> None:
    shop.clock.move(366 * 86400)
    assert refresh(shop, "sandbox-jd-refresh-0001").status_code == 400
    keys = shop.state.company.jd
    code = shop.control("authorise", {"platform": "jd"}).json()["code"]
    form = {"app_key": keys.app_key, "app_secret": keys.app_secret, "grant_type": "authorization_code", "code": code}
    token = requests.post(f"{shop.url}/jd/oauth2/access_token", data=form, timeout=10).json()
    assert token["access_token"] == "sandbox-jd-token-0002"
