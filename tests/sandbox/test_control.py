"""The levers of the sandbox, over the wire: time, orders, faults, reset."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from sandbox.server import running
from tests.sandbox import Shop, open_shop


@pytest.fixture
def shop() -> Iterator[Shop]:
    with open_shop() as opened:
        yield opened


def orders(shop: Shop, platform: str = "") -> list[Any]:
    rows: list[Any] = requests.get(f"{shop.url}/control/orders", params={"platform": platform}, timeout=10).json()
    return rows


def test_the_clock_moves_and_says_so_on_the_bus(shop: Shop) -> None:
    reader = shop.state.bus.subscribe()
    before = shop.control("time", method="GET").json()["now"]
    assert shop.control("clock", {"move_seconds": 7200}).json()["now"] == before + 7200
    assert reader.get(timeout=1) == ("clock", {"now": before + 7200})
    assert shop.top("taobao.time.get")["time_get_response"]["time"] == "2026-03-02 12:30:00"


def test_moving_the_clock_lets_the_day_happen() -> None:
    with open_shop(orders_before=10, orders_a_minute=2) as shop:
        before = len(orders(shop))
        shop.control("clock", {"move_seconds": 3600})
        assert len(orders(shop)) > before + 30


def test_an_order_can_be_added_changed_paid_and_cancelled(shop: Shop) -> None:
    order_id = shop.control("order", {"platform": "pdd", "kind": "grouping", "buyer": "hero"}).json()["order_id"]
    assert shop.control("pay", {"order_id": order_id}).json()["status"] == "to_ship"
    assert shop.control("edit", {"order_id": order_id, "memo": "改", "town": ""}).json()["address"]["town"] == ""
    assert shop.control("refund", {"order_id": order_id}).json()["lines"][0]["refund"] == "asked"
    ended = shop.control("refund", {"order_id": order_id, "end": "closed"}).json()
    assert ended["lines"][0]["refund"] == "closed"
    assert shop.control("cancel", {"order_id": order_id}).json()["status"] == "cancelled"
    (row,) = orders(shop, "pdd")
    assert (row["order_id"], row["memo"], row["buyer"]) == (order_id, "改", "hero")
    assert orders(shop, "jd") == []


def test_a_held_order_is_released(shop: Shop) -> None:
    order_id = shop.control("order", {"platform": "jd", "kind": "hold"}).json()["order_id"]
    assert shop.control("release", {"order_id": order_id}).json()["hold"] is False


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("order", {"platform": "amazon"}),
        ("order", {"platform": "jd", "colour": "red"}),
        ("order", {"sku": "QH-CUP-RED"}),
        ("edit", {"order_id": "none", "memo": "x"}),
        ("clock", {"seconds": 5}),
        ("fault", {"kind": "earthquake"}),
        ("fault", {"kind": "slow", "calls": 0}),
        ("reset", {"orders": 5}),
        ("cancel", None),
    ],
)
def test_it_names_what_it_does_not_understand(shop: Shop, path: str, body: dict[str, Any] | None) -> None:
    reply = shop.control(path, body)
    assert reply.status_code == 400
    assert reply.json()["error"]


def test_it_logs_calls_without_secrets(shop: Shop) -> None:
    shop.top("taobao.trade.fullinfo.get", tid="1", fields="tid")
    (note,) = requests.get(f"{shop.url}/control/calls?platform=taobao", timeout=10).json()
    assert (note["method"], note["code"], note["params"]["tid"]) == ("taobao.trade.fullinfo.get", "15", "1")
    assert not {"session", "sign"} & note["params"].keys()


def test_it_lists_what_was_written_back(shop: Shop) -> None:
    order = shop.world.add_order("jd")
    shop.jd("jingdong.pop.order.shipment", orderId=order.id, logiCoprId="467", logiNo="SF1234567890123")
    (shipment,) = shop.control("shipments", method="GET").json()
    assert shipment == {
        "platform": "jd",
        "order_id": order.id,
        "company": "467",
        "waybill": "SF1234567890123",
        "at": "2026-03-02T02:30:00+00:00",
    }


def test_a_cut_connection_is_no_answer_and_no_work(shop: Shop) -> None:
    order = shop.world.add_order("taobao")
    shop.control("fault", {"kind": "cut_connection", "platform": "taobao"})
    params = shop.top_params("taobao.trade.memo.update", tid=order.id, memo="x")
    with pytest.raises(requests.ConnectionError):
        shop.post_top(params)
    assert order.memo == ""
    assert shop.post_top(params).status_code == 200


def test_a_lost_reply_has_done_the_work(shop: Shop) -> None:
    order = shop.world.add_order("pdd")
    shop.control("fault", {"kind": "lose_reply", "platform": "pdd", "method": "pdd.logistics.online.send"})
    shop.pdd("pdd.time.get")
    params = shop.pdd_params(
        "pdd.logistics.online.send", order_sn=order.id, logistics_id=44, tracking_number="SF1234567890123"
    )
    with pytest.raises(requests.ConnectionError):
        shop.post_pdd(params)
    assert order.waybill == "SF1234567890123"
    assert shop.post_pdd(params).json()["error_response"]["error_code"] == 30000


def test_a_broken_gateway_answers_500_or_html(shop: Shop) -> None:
    params = shop.jd_params("jingdong.pop.order.enGet")
    shop.control("fault", {"kind": "http_500", "platform": "jd"})
    assert shop.post_jd(params).status_code == 500
    shop.control("fault", {"kind": "not_json", "platform": "jd"})
    broken = shop.post_jd(params)
    assert (broken.status_code, broken.text[:6]) == (200, "<html>")


def test_a_slow_gateway_outlasts_an_impatient_caller(shop: Shop) -> None:
    shop.control("fault", {"kind": "slow", "platform": "jd", "seconds": 0.5})
    with pytest.raises(requests.ReadTimeout):
        requests.post(f"{shop.url}/jd/routerjson", data=shop.jd_params("jingdong.pop.order.enGet"), timeout=0.1)


def test_an_expired_token_comes_for_the_next_calls_only(shop: Shop) -> None:
    shop.control("fault", {"kind": "expire_token", "calls": 2})
    assert shop.pdd("pdd.order.status.get", order_sns="x")["error_response"]["error_code"] == 10019
    assert shop.jd("jingdong.pop.order.enGet")["error_response"]["code"] == "19"
    assert "order_status_get_response" in shop.pdd("pdd.order.status.get", order_sns="x")


def test_a_withdrawn_authorisation_stays_expired(shop: Shop) -> None:
    shop.control("expire", {"platform": "pdd"})
    for _ in range(2):
        assert shop.pdd("pdd.order.status.get", order_sns="x")["error_response"]["error_code"] == 10019


def test_faults_are_listed_and_disarmed(shop: Shop) -> None:
    shop.control("fault", {"kind": "throttle", "platform": "jd", "calls": 3, "seconds": 9})
    armed = shop.control("fault", method="GET").json()
    assert armed == [{"kind": "throttle", "platform": "jd", "method": "*", "left": 3, "seconds": 9.0, "order_id": ""}]
    assert shop.control("fault", method="DELETE").json() == []


def test_an_order_can_be_left_out_of_a_list(shop: Shop) -> None:
    made = shop.control("order", {"platform": "taobao", "ago_seconds": 600}).json()["order_id"]
    shop.control("order", {"platform": "taobao", "ago_seconds": 600})
    lists = {"increment": "modified", "get": "created"}

    def listed(name: str) -> int:
        moments = {f"start_{lists[name]}": "2026-03-02 00:00:00", f"end_{lists[name]}": "2026-03-02 10:30:00"}
        reply = shop.top(f"taobao.trades.sold{'.increment' * (name == 'increment')}.get", fields="tid", **moments)
        return int(next(iter(reply.values()))["total_results"])

    method = "taobao.trades.sold.increment.get"
    shop.control("fault", {"kind": "hide", "platform": "taobao", "method": method, "order_id": made, "calls": 2})
    assert [listed("increment"), listed("get"), listed("increment"), listed("increment")] == [1, 2, 1, 2]


def test_a_fault_waits_for_its_platform_and_method(shop: Shop) -> None:
    shop.control("fault", {"kind": "throttle", "platform": "pdd", "method": "pdd.order.status.get"})
    assert "time_get_response" in shop.pdd("pdd.time.get")
    assert "time_get_response" in shop.top("taobao.time.get")
    assert "error_response" in shop.pdd("pdd.order.status.get", order_sns="x")


def test_a_reset_begins_a_new_day(shop: Shop) -> None:
    forgotten: list[str] = []
    shop.state.on_reset.append(lambda: forgotten.append("chats"))
    shop.world.add_order("jd")
    shop.control("clock", {"move_seconds": 3600})
    shop.control("fault", {"kind": "throttle"})
    shop.control("expire", {"platform": "jd"})
    health = shop.control("reset", {"orders_before": 5}).json()
    assert (health["orders"], health["faults"], health["shipments"]) == (5, 0, 0)
    assert shop.top("taobao.time.get")["time_get_response"]["time"] == "2026-03-02 10:30:00"
    assert "error_response" not in shop.jd("jingdong.pop.order.enGet")
    assert forgotten == ["chats"]
    assert shop.control("reset").json()["orders"] == 0


def test_health_counts(shop: Shop) -> None:
    shop.world.add_order("jd")
    health = shop.control("health", method="GET").json()
    assert health["ok"] is True
    assert health["by_platform"] == {"taobao": 0, "jd": 1, "pdd": 0}


def test_a_reader_of_the_bus_that_falls_behind_loses_the_oldest(shop: Shop) -> None:
    reader = shop.state.bus.subscribe()
    for number in range(1005):
        shop.state.bus.publish("tick", {"number": number})
    assert reader.get_nowait() == ("tick", {"number": 5})
    shop.state.bus.unsubscribe(reader)


def test_many_callers_at_once_see_a_sound_world() -> None:
    with open_shop(orders_before=60) as shop:

        def add(_number: int) -> str:
            order_id: str = shop.control("order", {"platform": "taobao"}).json()["order_id"]
            return order_id

        with ThreadPoolExecutor(8) as pool:
            made = list(pool.map(add, range(40)))
        assert len(set(made)) == 40
        assert set(made) <= {row["order_id"] for row in orders(shop, "taobao")}


def test_it_shuts_down_and_leaves_no_server_behind() -> None:
    with running() as (url, _state):
        assert requests.get(f"{url}/control/health", timeout=10).json()["orders"] >= 48
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{url}/control/health", timeout=2)
    assert not any(thread.name == "sandbox" for thread in threading.enumerate())
