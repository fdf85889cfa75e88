"""The ERPs' stand-ins speak and refuse as the ERPs do, and their company is the sandbox's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import requests

from sandbox.erp import ErpWorld, erp_of
from sandbox.signing import sign_jushuitan, sign_wangdian
from tests.sandbox import Json, Shop, open_shop, text


@pytest.fixture
def shop() -> Iterator[Shop]:
    with open_shop() as opened:
        yield opened


def jst(shop: Shop, path: str, business: Json | None, **system: Any) -> Json:
    keys = shop.state.company.jushuitan
    sent = {
        "app_key": keys.app_key, "access_token": keys.access_token, "timestamp": str(int(shop.clock.epoch())),
        "charset": "utf-8", "version": "2", "biz": json.dumps(business), **system,
    }  # fmt: skip
    sent = {name: value for name, value in sent.items() if value is not None}
    sign = sign_jushuitan(sent, keys.app_secret)
    answer = requests.post(f"{shop.url}/jst{path}", data={"sign": sign, **sent}, timeout=10)
    assert answer.status_code == 200
    found: Json = answer.json()
    return found


def wdt(shop: Shop, path: str, **params: Any) -> Json:
    keys = shop.state.company.wangdian
    sent = {"sid": keys.sid, "appkey": keys.app_key, "timestamp": str(int(shop.clock.epoch())), **params}
    sign = sign_wangdian(sent, keys.app_secret)
    found: Json = requests.post(f"{shop.url}/wdt/openapi2{path}", data={"sign": sign, **sent}, timeout=10).json()
    return found


def window(shop: Shop, **span: float) -> Json:
    return {"modified_begin": text(shop.ago(**span)), "modified_end": text(shop.clock.now())}


ORDERS, STOCK = "/open/orders/single/query", "/open/inventory/query"


def test_the_vectors() -> None:
    params = {
        "app_key": "testkey", "access_token": "testtoken", "timestamp": "1772332200", "charset": "utf-8",
        "version": "2",
        "biz": '{"modified_begin":"2026-03-01 10:00:00","modified_end":"2026-03-01 10:30:00",'
        '"page_index":1,"page_size":50}',
    }  # fmt: skip
    assert sign_jushuitan(params, "testsecret") == "887393109eabb44895393c08dfb25463"
    packed = {
        "appkey": "test-ot", "end_time": "2026-03-01 10:30:00", "page_no": "0", "page_size": "40", "sid": "test",
        "start_time": "2026-03-01 10:00:00", "timestamp": "1772332200",
    }  # fmt: skip
    assert sign_wangdian(packed, "12345") == "ff81f0f3ef668b8a747d4f1708da0cfb"


@pytest.mark.parametrize(
    ("system", "code"),
    [({"sign": "x"}, 120), ({"timestamp": "1"}, 180), ({"access_token": "old"}, 100), ({"app_key": "x"}, 100),
     ({"version": "1"}, 140), ({"charset": "gbk"}, 140), ({"biz": "null"}, 130)],
)  # fmt: skip
def test_jushuitan_refuses_inside_http_200(shop: Shop, system: Json, code: int) -> None:
    assert jst(shop, ORDERS, {}, **system)["code"] == code


def test_jushuitans_windows_and_pages(shop: Shop) -> None:
    assert jst(shop, ORDERS, window(shop, days=8))["code"] == 140
    assert jst(shop, ORDERS, {"modified_begin": "2026-03-01 10:00:00"})["code"] == 140
    assert jst(shop, ORDERS, {**window(shop, hours=1), "page_size": 51})["code"] == 140
    assert jst(shop, STOCK, {"ts": 1, "page_size": 101})["code"] == 140
    assert jst(shop, STOCK, {"ts": 1, "modified_begin": "x"})["code"] == 140
    assert jst(shop, "/open/moon/query", {})["code"] == 190


def test_jushuitan_shows_the_worlds_orders_and_what_it_made_of_them(shop: Shop) -> None:
    order = shop.world.add_order("taobao", sku="QH-CUP-RED", quantity=2)
    erp_of(shop.state).ship(order.id, "圆通速递", "YT1234567890123")
    told = jst(shop, ORDERS, window(shop, hours=1))["data"]
    assert (told["data_count"], told["has_next"]) == (1, False)
    row = told["orders"][0]
    assert (row["so_id"], row["status"], row["l_id"]) == (order.id, "Sent", "YT1234567890123")
    assert shop.world.find(order.id).waybill == "YT1234567890123"  # type: ignore[union-attr]
    stock = {one["sku_id"]: one for one in jst(shop, STOCK, {"ts": 1, "page_size": 100})["data"]["inventorys"]}
    assert (stock["QH-CUP-RED"]["qty"], stock["QH-CUP-RED"]["order_lock"]) == (198, 0)


def test_a_refresh_token_works_once(shop: Shop) -> None:
    wanted = {"grant_type": "refresh_token", "refresh_token": "sandbox-jst-refresh-0001", "scope": "all"}
    system = {"access_token": None, "biz": None, "version": None, **wanted}
    told = jst(shop, "/openWeb/auth/refreshToken", None, **system)
    assert told["data"]["access_token"] == "sandbox-jst-token-0002"
    assert jst(shop, "/openWeb/auth/refreshToken", None, **system)["code"] == 100


def test_wangdians_checks(shop: Shop) -> None:
    times = {"start_time": text(shop.ago(minutes=50)), "end_time": text(shop.clock.now())}
    wide = {"start_time": text(shop.ago(minutes=90)), "end_time": text(shop.clock.now())}
    path = "/stockout_order_query_trade.php"
    assert wdt(shop, path, **times)["code"] == 0
    assert wdt(shop, path, **wide)["code"] == 2902
    assert wdt(shop, path)["code"] == 2900
    assert wdt(shop, path, **times, page_size="101")["code"] == 2903
    assert wdt(shop, path, **times, timestamp="1")["code"] == 1030
    assert wdt(shop, path, **times, sid="x")["code"] == 1010
    assert wdt(shop, "/moon.php", **times)["code"] == 1040


def test_wangdian_counts_with_the_first_page_alone_and_hides_taobao(shop: Shop) -> None:
    for platform in ("jd", "jd", "taobao", "pdd"):
        shop.world.add_order(platform)
    times = {"start_time": text(shop.ago(minutes=50)), "end_time": text(shop.clock.now()), "status_type": "2"}
    first = wdt(shop, "/stockout_order_query_trade.php", **times, page_size="1")
    assert (first["total_count"], len(first["stockout_list"])) == (2, 1)
    second = wdt(shop, "/stockout_order_query_trade.php", **times, page_size="1", page_no="1")
    assert "total_count" not in second
    assert len(second["stockout_list"]) == 1


def test_its_levers(shop: Shop) -> None:
    order = shop.world.add_order("jd")
    assert shop.control("erp/count", {"sku": "QH-CUP-RED", "on_hand": 3}).ok
    assert shop.control("erp/question", {"order_id": order.id, "words": "地址不详"}).ok
    assert shop.control("erp/question", {"order_id": "moon", "words": ""}).status_code == 400
    assert shop.control("erp/count", {"moon": 1}).status_code == 400
    erp: ErpWorld = erp_of(shop.state)
    assert (erp.shelves["QH-CUP-RED"].on_hand, erp.of(order.id).state) == (3, "question")
    shop.control("reset")
    assert erp_of(shop.state).shelves["QH-CUP-RED"].on_hand == 200


def test_a_cancelled_order_is_cancelled_there_and_holds_nothing(shop: Shop) -> None:
    order = shop.world.add_order("jd", sku="QH-CUP-RED", quantity=2)
    erp = erp_of(shop.state)
    erp.refresh()
    assert erp.held("QH-CUP-RED") == 2
    shop.clock.move(timedelta(minutes=1).total_seconds())
    shop.world.cancel(order.id)
    assert erp.of(order.id).state == "cancelled"
    assert erp.held("QH-CUP-RED") == 0
