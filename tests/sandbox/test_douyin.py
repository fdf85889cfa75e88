"""The stand-in for Douyin speaks and refuses as the platform does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import requests

from sandbox.douyin_tokens import DouyinTokens
from sandbox.signing import sign_douyin
from sandbox.world_order import Order
from tests.sandbox import TIMEOUT, Json, Shop, open_shop

VECTOR_SECRET = "2ad2355c-01d0-11f8-91dc-05a8cd1054b1"
SEARCH = (
    '{"order_asc":true,"order_by":"update_time","page":0,"size":100,"update_time_end":1772332020,'
    '"update_time_start":1772330220}'
)
REMARK = '{"is_add_star":"true","order_id":"6900000000000000001","remark":"催付&改发<顺丰>","star":"3"}'
VECTORS = {
    "D1": ("order.searchList", SEARCH, "745b66ebc741bdccd105b1ea9e273a16669debe6c5b171e51f99454b6e19aae2"),
    "D2": ("order.searchList", SEARCH, "007470f83f2e46a9a7c2f3422e582e9f"),
    "D3": ("order.addOrderRemark", REMARK, "d0e04c2b5c5607637321121223c3ed7afa83a1fb35639a3cd1d9ba368f8fe514"),
    "D4": ("order.logisticsCompanyList", "{}", "ce978cdf263ed76a976db83d9d3bc9d858febaedb593134f4c565d75069906d6"),
}
PARCEL: Json = {"company_code": "yuantong", "logistics_code": "YT1234567890123"}


@pytest.fixture
def shop() -> Iterator[Shop]:
    with open_shop() as opened:
        yield opened


def canonical(params: Json) -> str:
    return json.dumps(params, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def tokens(shop: Shop) -> DouyinTokens:
    found = shop.state.tokens["douyin"]
    assert isinstance(found, DouyinTokens)
    return found


def token(shop: Shop) -> str:
    pair = tokens(shop).create()
    return pair.access if pair else ""


def query_of(shop: Shop, method: str, body: str, **changes: Any) -> dict[str, str]:
    """Signed, then changed; a parameter given as None is left out."""
    keys = shop.state.company.douyin
    signed = {
        "app_key": keys.app_key,
        "method": method,
        "param_json": body,
        "timestamp": str(int(shop.clock.epoch())),
        "v": "2",
    }
    signed |= {name: str(value) for name, value in changes.items() if name in signed and value is not None}
    way = str(changes.get("sign_method") or "hmac-sha256")
    sent = {**signed, "sign": sign_douyin(signed, keys.app_secret, way), "sign_method": way}
    del sent["param_json"]
    if not method.startswith("token.") and "access_token" not in changes:
        sent["access_token"] = token(shop)
    return {name: str(value) for name, value in (sent | changes).items() if value is not None}


def post(shop: Shop, method: str, body: str, **changes: Any) -> Any:
    query = query_of(shop, method, body, **changes)
    path = "/" + method.replace(".", "/")
    headers = {"Content-Type": "application/json"}
    return requests.post(
        f"{shop.url}/douyin{path}", params=query, data=body.encode(), headers=headers, timeout=TIMEOUT
    ).json()


def ask(shop: Shop, method: str, system: Json | None = None, **params: Any) -> Any:
    return post(shop, method, canonical(params), **(system or {}))


def search(shop: Shop, **params: Any) -> Any:
    now = int(shop.clock.epoch())
    window = {"update_time_start": now - 3600, "update_time_end": now}
    asked = {"order_by": "update_time", "order_asc": True, "page": 0, "size": 100, **window, **params}
    return ask(shop, "order.searchList", **{name: value for name, value in asked.items() if value is not None})


def rows(reply: Any) -> list[Any]:
    assert reply["code"] == 10000, reply
    found: list[Any] = reply["data"]["shop_order_list"]
    return found


def error(reply: Any) -> tuple[int, str]:
    return reply["code"], reply["sub_code"]


def place(shop: Shop, kind: str = "plain", minutes: float = 20, **values: Any) -> Order:
    return shop.world.add_order("douyin", kind=kind, ago_seconds=minutes * 60, **values)


def shown(shop: Shop, order: Order) -> Any:
    return ask(shop, "order.orderDetail", shop_order_id=order.id)["data"]["shop_order_detail"]


# -- protocol


@pytest.mark.parametrize("name", VECTORS)
def test_it_signs_the_vectors_of_the_sheet(name: str) -> None:
    method, body, expected = VECTORS[name]
    signed = {
        "app_key": "3409409348479354011", "method": method, "param_json": body, "timestamp": "1772332200", "v": "2"
    }  # fmt: skip
    assert sign_douyin(signed, VECTOR_SECRET, "md5" if name == "D2" else "hmac-sha256") == expected


@pytest.mark.parametrize(
    ("changed", "code", "sub_code"),
    [
        ({"app_key": None}, 40001, "isv.app-id-missing"),
        ({"app_key": "1"}, 40003, "isv.app-id-invalid"),
        ({"timestamp": None}, 40003, "isv.timestamp-format-error"),
        ({"timestamp": "2026-03-02 10:30:00"}, 40003, "isv.timestamp-format-error"),
        ({"v": "1"}, 40003, "isv.parameter-invalid"),
        ({"sign": None}, 40001, "isv.signature-missing"),
        ({"sign": "0" * 64}, 40003, "isv.signature-invalid"),
        ({"access_token": None}, 40001, "isv.access-token-missing"),
        ({"access_token": "stolen"}, 40003, "isv.access-token-no-existed"),
    ],
)
def test_it_refuses_a_wrong_call_with_its_own_code(shop: Shop, changed: Json, code: int, sub_code: str) -> None:
    assert error(ask(shop, "order.logisticsCompanyList", changed)) == (code, sub_code)


def test_without_a_way_to_sign_md5_is_assumed(shop: Shop) -> None:
    signed = query_of(shop, "order.logisticsCompanyList", "{}", sign_method="md5")
    del signed["sign_method"]
    reply = requests.post(
        f"{shop.url}/douyin/order/logisticsCompanyList", params=signed, data=b"{}", timeout=TIMEOUT
    ).json()
    assert reply["code"] == 10000


@pytest.mark.parametrize("seconds", [-601, 601])
def test_its_clock_tolerates_ten_minutes(shop: Shop, seconds: int) -> None:
    at = int(shop.clock.epoch()) + seconds
    asked = ask(shop, "order.logisticsCompanyList", {"timestamp": at})
    assert error(asked) == (40003, "isv.timestamp-invalid")
    at -= 1 if seconds > 0 else -1
    assert ask(shop, "order.logisticsCompanyList", {"timestamp": at})["code"] == 10000


@pytest.mark.parametrize(
    "body",
    [
        '{"shop_order_id": "1"}',
        '{"shop_order_id":"1","a":"1"}',
        '{"shop_order_id":"\\u4e00"}',
        '{"shop_order_id":1.0}',
        '{"a":{"z":1,"b":2}}',
    ],
    ids=["blank", "unsorted", "escaped", "a float", "unsorted below"],
)
def test_another_spelling_of_the_same_json_has_another_signature(shop: Shop, body: str) -> None:
    assert error(post(shop, "order.orderDetail", body)) == (40003, "isv.signature-invalid")


@pytest.mark.parametrize("body", ["", "[]", "x", '"a"'])
def test_what_is_no_json_object_is_refused(shop: Shop, body: str) -> None:
    assert error(post(shop, "order.orderDetail", body)) == (40003, "isv.parameter-format-invalid")


def test_a_method_that_does_not_exist_or_not_here_is_offline(shop: Shop) -> None:
    assert error(ask(shop, "order.everything")) == (70000, "isp.api-service-off")
    query = query_of(shop, "order.orderDetail", "{}")
    moved = requests.post(f"{shop.url}/douyin/order/searchList", params=query, data=b"{}", timeout=TIMEOUT).json()
    assert error(moved) == (70000, "isp.api-service-off")


def test_every_reply_has_a_log_id_and_no_secret_is_noted(shop: Shop) -> None:
    assert ask(shop, "order.orderDetail")["log_id"]
    assert ask(shop, "order.logisticsCompanyList")["log_id"]
    note = list(shop.world.calls)[-1]
    assert (note.platform, note.method, note.code) == ("douyin", "order.logisticsCompanyList", "0")
    assert not {"sign", "access_token"} & note.params.keys()
    refresh(shop, create(shop)["data"]["refresh_token"])
    assert "refresh-" not in str(list(shop.world.calls))


def test_too_many_calls_are_throttled_method_by_method() -> None:
    limit = {"platform": "douyin", "method": "order.orderDetail", "calls": 1, "seconds": 1}
    with open_shop(limits=[limit]) as shop:
        order = place(shop)
        shown(shop, order)
        assert error(ask(shop, "order.orderDetail", shop_order_id=order.id)) == (60000, "isv.traffic-limited")
        assert ask(shop, "order.logisticsCompanyList")["code"] == 10000
        shop.clock.move(1)
        assert shown(shop, order)["order_id"] == order.id


# -- tokens


def create(shop: Shop, **params: Any) -> Any:
    asked = {"code": "", "grant_type": "authorization_self", "shop_id": shop.state.company.douyin.shop_id, **params}
    return ask(shop, "token.create", **asked)


def refresh(shop: Shop, refresh_token: str) -> Any:
    return ask(shop, "token.refresh", grant_type="refresh_token", refresh_token=refresh_token)


def test_a_token_is_had_by_the_shops_number_and_stays_the_same(shop: Shop) -> None:
    first, second = create(shop)["data"], create(shop)["data"]
    assert first == second
    assert (first["expires_in"], first["shop_id"]) == (604800, 880003)


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"grant_type": "authorization_code"}, "grant-type-invalid"),
        ({"shop_id": "1"}, "no-authorization"),
        ({"shop_id": None}, "no-authorization"),
    ],
)
def test_a_wrong_question_for_a_token_says_why(shop: Shop, changed: Json, why: str) -> None:
    assert error(create(shop, **changed)) == (50001, f"dop.token-generate-failed:{why}")


def test_it_is_renewed_in_its_last_hour_only_and_the_old_one_lives_an_hour_more(shop: Shop) -> None:
    first = create(shop)["data"]
    assert refresh(shop, first["refresh_token"])["data"]["access_token"] == first["access_token"]
    shop.clock.move(timedelta(days=6, hours=23, minutes=30).total_seconds())
    second = refresh(shop, first["refresh_token"])["data"]
    assert second["access_token"] != first["access_token"]
    shop.clock.move(59 * 60)
    for access in (first["access_token"], second["access_token"]):
        assert ask(shop, "order.logisticsCompanyList", {"access_token": access})["code"] == 10000
    shop.clock.move(60)
    dead = ask(shop, "order.logisticsCompanyList", {"access_token": first["access_token"]})
    assert error(dead) == (40003, "isv.access-token-expired")


def test_a_token_ends_after_seven_days_and_its_refresh_token_after_fourteen(shop: Shop) -> None:
    first = create(shop)["data"]
    shop.clock.move(timedelta(days=7).total_seconds())
    old = ask(shop, "order.logisticsCompanyList", {"access_token": first["access_token"]})
    assert error(old) == (40003, "isv.access-token-expired")
    assert refresh(shop, first["refresh_token"])["data"]["access_token"] != first["access_token"]
    late = ask(shop, "order.logisticsCompanyList", {"access_token": first["access_token"]})
    assert error(late) == (40003, "isv.access-token-no-existed"), "renewed after its end, the old one is gone"
    shop.clock.move(timedelta(days=14).total_seconds())
    assert error(refresh(shop, first["refresh_token"])) == (50002, "isv.business-failed:31009")


def test_a_shop_that_withdraws_gives_no_tokens_until_it_authorises_again(shop: Shop) -> None:
    first = create(shop)["data"]
    shop.control("expire", {"platform": "douyin"})
    assert error(ask(shop, "order.logisticsCompanyList", {"access_token": first["access_token"]}))[0] == 40003
    assert error(create(shop)) == (50001, "dop.token-generate-failed:no-authorization")
    assert shop.control("authorise", {"platform": "douyin"}).ok
    assert create(shop)["data"]["access_token"] != first["access_token"]


# -- reading


def test_a_window_brings_its_orders_in_the_wanted_order(shop: Shop) -> None:
    old, new = place(shop, minutes=30), place(shop, minutes=10)
    place(shop, minutes=90)
    assert [row["order_id"] for row in rows(search(shop))] == [old.id, new.id]
    assert [row["order_id"] for row in rows(search(shop, order_asc=False))] == [new.id, old.id]
    assert search(shop)["data"]["total"] == 2


def test_pages_count_from_nought(shop: Shop) -> None:
    orders = [place(shop, minutes=30 - number) for number in range(5)]
    pages = [[row["order_id"] for row in rows(search(shop, size=2, page=page))] for page in range(4)]
    assert pages == [[o.id for o in orders[:2]], [o.id for o in orders[2:4]], [orders[4].id], []]


@pytest.mark.parametrize(
    ("changed", "number"),
    [
        ({"size": 101}, 20008),
        ({"size": 0}, 20008),
        ({"size": "100"}, 20008),
        ({"page": -1}, 10035),
        ({"page": None}, 10035),
        ({"page": 101}, 20013),
        ({"update_time_start": None, "update_time_end": None}, 20011),
        ({"update_time_end": None}, 20011),
        ({"update_time_start": "1772330220"}, 20011),
        ({"update_time_start": 1, "update_time_end": 1}, 20011),
        ({"update_time_start": 1}, 20022),
        ({"order_by": "pay_time"}, 20011),
        ({"combine_status": [{"order_status": "2"}, {"order_status": "3"}]}, 20012),
    ],
)
def test_it_refuses_a_wrong_search_with_its_own_number(shop: Shop, changed: Json, number: int) -> None:
    assert error(search(shop, **changed)) == (40004, f"isv.parameter-invalid:{number}")


def test_the_ten_thousandth_row_is_the_last_that_is_paged_to(shop: Shop) -> None:
    assert search(shop, page=100)["code"] == 10000


def test_states_can_be_asked_for(shop: Shop) -> None:
    place(shop, kind="unpaid")
    paid = place(shop)
    asked = search(shop, combine_status=[{"order_status": "2,3"}])
    assert [row["order_id"] for row in rows(asked)] == [paid.id]


def test_only_the_main_state_moves_the_time_of_change(shop: Shop) -> None:
    order = place(shop)
    before = shown(shop, order)["update_time"]
    shop.world.edit(order.id, memo="加固", flag=1, detail="新路 1 号")
    shop.world.ask_refund(order.id)
    after = shown(shop, order)
    assert (after["update_time"], after["seller_words"], after["seller_remark_stars"]) == (before, "加固", 5)
    shop.world.close_refund(order.id, paid=True)
    assert shown(shop, order)["update_time"] == int(shop.clock.epoch())


def test_the_list_of_after_sales_tells_what_the_list_of_orders_does_not(shop: Shop) -> None:
    order, _ = place(shop), place(shop)
    shop.world.ask_refund(order.id)
    now = int(shop.clock.epoch())
    asked = ask(
        shop, "afterSale.List", page=0, size=100, update_start_time=now - 60, update_end_time=now,
        order_by=["update_time asc"],
    )["data"]  # fmt: skip
    (item,) = asked["items"]
    assert item["order_info"]["shop_order_id"] == order.id
    assert (item["aftersale_info"]["aftersale_type"], item["aftersale_info"]["aftersale_status"]) == (2, 6)
    assert (asked["total"], asked["has_more"]) == (1, False)
    wrong = ask(shop, "afterSale.List", page=0, size=100, update_start_time=now, update_end_time=now)
    assert wrong["code"] == 40004


def test_an_order_is_shown_in_fen_and_seconds_behind_masks(shop: Shop) -> None:
    order = place(shop, kind="multi_line", buyer="hero", buyer_message="尽快发")
    row = shown(shop, order)
    assert (row["order_status"], row["main_status"], row["pay_amount"]) == (2, 2, order.paid_fen)
    assert (row["create_time"], row["buyer_words"]) == (int(order.created_at.timestamp()), "尽快发")
    assert (row["mask_post_receiver"], row["mask_post_tel"]) == ("林*", "1********78")
    assert row["post_addr"]["town"]["name"] == "西湖区"
    said = json.dumps(row, ensure_ascii=False)
    assert not any(secret in said for secret in ("林晓雨", "13857105678", "紫金花路"))
    lines = row["sku_order_list"]
    assert [line["parent_order_id"] for line in lines] == [order.id] * len(lines)
    assert order.id not in {line["order_id"] for line in lines}
    assert sum(line["pay_amount"] for line in lines) == row["pay_amount"]


@pytest.mark.parametrize(
    ("kind", "state", "main"),
    [("unpaid", 1, 1), ("deposit", 1, 103), ("grouping", 105, 105), ("risk", 105, 105), ("plain", 2, 2)],
)
def test_what_is_not_to_ship_yet_has_its_own_state(shop: Shop, kind: str, state: int, main: int) -> None:
    row = shown(shop, place(shop, kind=kind, minutes=1))
    assert (row["order_status"], row["main_status"]) == (state, main)


def test_an_order_of_another_shop_is_not_told(shop: Shop) -> None:
    other = shop.world.add_order("taobao")
    assert error(ask(shop, "order.orderDetail", shop_order_id=other.id)) == (40004, "isv.parameter-invalid:20014")
    assert error(ask(shop, "order.orderDetail"))[0] == 40002


# -- telling


def ship(shop: Shop, order: Order, **params: Any) -> Any:
    return ask(shop, "order.logisticsAdd", order_id=order.id, **{**PARCEL, **params})


def pack(shop: Shop, order: Order, *lines: int, request_id: str = "r1", number: str = "YT1234567890123") -> Any:
    info = [{"shipped_order_id": order.lines[line].id, "shipped_num": order.lines[line].quantity} for line in lines]
    parcel = {**PARCEL, "logistics_code": number, "shipped_order_info": info}
    return ask(shop, "order.logisticsAddMultiPack", order_id=order.id, request_id=request_id, pack_list=[parcel])


def test_a_shipment_shows_with_its_courier(shop: Shop) -> None:
    order = place(shop)
    assert ship(shop, order)["code"] == 10000
    row = shown(shop, order)
    (parcel,) = row["logistics_info"]
    assert (row["order_status"], parcel["tracking_no"], parcel["company"], parcel["company_name"]) == (
        3, "YT1234567890123", "yuantong", "圆通速递"
    )  # fmt: skip
    assert [told.waybill for told in shop.world.shipments] == ["YT1234567890123"]


@pytest.mark.parametrize(
    ("params", "code", "number"),
    [
        ({"company_code": "debangkuaidi"}, 50002, "isv.business-failed:60018"),
        ({"company_code": None}, 40002, "isv.missing-parameter:company_code"),
        ({"logistics_code": "not a number"}, 40004, "isv.parameter-invalid:60017"),
    ],
)
def test_it_refuses_a_wrong_parcel(shop: Shop, params: Json, code: int, number: str) -> None:
    assert error(ship(shop, place(shop), **params)) == (code, number)


@pytest.mark.parametrize(
    ("kind", "number"), [("risk", 60109), ("grouping", 60109), ("unpaid", 60137), ("deposit", 60137)]
)
def test_what_is_not_to_ship_is_refused(shop: Shop, kind: str, number: int) -> None:
    assert error(ship(shop, place(shop, kind=kind, minutes=1))) == (50002, f"isv.business-failed:{number}")


def test_shipped_cancelled_refunding_and_unknown_orders_are_refused(shop: Shop) -> None:
    shipped, cancelled, refunding = place(shop), place(shop), place(shop)
    ship(shop, shipped)
    shop.world.cancel(cancelled.id)
    shop.world.ask_refund(refunding.id)
    numbers = [error(ship(shop, order))[1] for order in (shipped, cancelled, refunding)]
    assert numbers == [f"isv.business-failed:{number}" for number in (60110, 60021, 60040)]
    assert error(ask(shop, "order.logisticsAdd", order_id="1", **PARCEL))[1] == "isv.business-failed:60033"


def test_parts_are_shipped_line_by_line_and_a_repeat_does_nothing(shop: Shop) -> None:
    order = place(shop, lines=[("QH-CUP-RED", 1), ("QH-LAMP-WRM", 2)])
    assert pack(shop, order, 0)["code"] == 10000
    assert shown(shop, order)["order_status"] == 101
    assert pack(shop, order, 0)["code"] == 10000, "the same request number"
    assert error(pack(shop, order, 0, request_id="r2"))[1] == "isv.business-failed:60110"
    assert error(ship(shop, order))[1] == "isv.business-failed:70023"
    assert pack(shop, order, 1, request_id="r3", number="YT9999999999999")["code"] == 10000
    row = shown(shop, order)
    assert row["order_status"] == 3
    assert [parcel["tracking_no"] for parcel in row["logistics_info"]] == ["YT1234567890123", "YT9999999999999"]
    assert len(shop.world.shipments) == 2


def test_a_refunding_line_is_not_packed(shop: Shop) -> None:
    order = place(shop, lines=[("QH-CUP-RED", 1), ("QH-LAMP-WRM", 1)])
    shop.world.ask_refund(order.id, 1)
    assert error(pack(shop, order, 1))[1] == "isv.business-failed:60120"
    shop.world.close_refund(order.id, paid=True)
    assert error(pack(shop, order, 1, request_id="r2"))[1] == "isv.business-failed:60068"
    assert error(pack(shop, order, request_id="r3"))[1] == "isv.business-failed:60036"


def test_a_remark_replaces_what_stood_there(shop: Shop) -> None:
    order = place(shop, memo="加固", flag=1)

    def remark(text: str, **params: Any) -> Any:
        return ask(shop, "order.addOrderRemark", order_id=order.id, remark=text, **params)

    remark("已催付")
    assert (shown(shop, order)["seller_words"], shown(shop, order)["seller_remark_stars"]) == ("已催付", 5)
    remark("改发", is_add_star="true", star="3")
    assert shown(shop, order)["seller_remark_stars"] == 3
    assert error(remark("改发", is_add_star="true", star="6"))[1] == "isv.parameter-invalid:50002"
    assert error(remark("长" * 501))[1] == "isv.business-failed:50056"
    assert remark("长" * 500)["code"] == 10000
    assert error(ask(shop, "order.addOrderRemark", order_id="1", remark="x"))[1] == "isv.parameter-invalid:20002"


def test_the_list_of_couriers_has_ids_names_and_codes(shop: Shop) -> None:
    listed = ask(shop, "order.logisticsCompanyList")["data"]
    codes = {row["code"]: row["name"] for row in listed}
    assert (codes["yuantong"], codes["debangwuliu"]) == ("圆通速递", "德邦快递")
    assert "其他" not in codes.values()


def test_a_new_day_of_the_world_forgets_its_tokens(shop: Shop) -> None:
    before = token(shop)
    shop.control("expire", {"platform": "douyin"})
    assert shop.control("reset").ok
    assert token(shop) == before, "the first of the new day"
