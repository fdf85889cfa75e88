from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from sandbox.company import load_company
from tests.sandbox import Shop, open_shop


def limit(platform: str, calls: int, *, method: str = "", seconds: float = 60) -> dict[str, Any]:
    return {"platform": platform, "method": method, "calls": calls, "seconds": seconds}


@contextmanager
def shop_with(*limits: dict[str, Any]) -> Iterator[Shop]:
    with open_shop(limits=limits) as shop:
        yield shop


def jd(shop: Shop) -> Any:
    return shop.jd("jingdong.pop.order.enSearch").get("error_response", {}).get("code")


def pdd(shop: Shop, method: str = "pdd.time.get") -> Any:
    return shop.pdd(method).get("error_response", {}).get("error_code")


def test_one_call_too_many_gets_taobaos_throttle_with_its_seconds() -> None:
    with shop_with(limit("taobao", 2)) as shop:
        shop.top("taobao.time.get")
        shop.clock.move(20)
        assert "time_get_response" in shop.top("taobao.time.get")
        error = shop.top("taobao.trade.fullinfo.get", tid="1", fields="tid")["error_response"]
        assert (error["code"], error["sub_code"]) == (7, "accesscontrol.limited-by-app-access-count")
        assert error["sub_msg"] == "This ban will last for 40 more seconds"
        shop.clock.move(39)
        assert shop.top("taobao.time.get")["error_response"]["code"] == 7
        shop.clock.move(1)
        assert "time_get_response" in shop.top("taobao.time.get"), "refused calls do not count"
        assert shop.top("taobao.time.get")["error_response"]["code"] == 7


def test_jds_quota_of_a_day_is_code_two() -> None:
    with shop_with(limit("jd", 3, seconds=86_400)) as shop:
        assert [jd(shop) for _ in range(4)][-1] == "2"
        shop.clock.move(86_399)
        assert jd(shop) == "2"
        shop.clock.move(1)
        assert jd(shop) != "2"


def test_pinduoduo_counts_each_method_for_itself() -> None:
    with shop_with(limit("pdd", 1, method="pdd.order.number.list.increment.get")) as shop:
        assert pdd(shop, "pdd.order.number.list.increment.get") != 70031
        assert pdd(shop, "pdd.order.number.list.increment.get") == 70031
        assert pdd(shop) is None
        shop.clock.move(60)
        assert pdd(shop, "pdd.order.number.list.increment.get") != 70031


def test_a_call_that_is_not_the_applications_own_counts_for_nobody() -> None:
    with shop_with(limit("taobao", 1)) as shop:
        for _ in range(3):
            shop.post_top(shop.top_params("taobao.time.get") | {"sign": "F" * 32})
        assert "time_get_response" in shop.top("taobao.time.get")


def test_a_new_day_of_the_world_counts_from_nought() -> None:
    with shop_with(limit("jd", 1)) as shop:
        jd(shop)
        assert jd(shop) == "2"
        assert shop.control("reset").ok
        assert jd(shop) != "2"


@pytest.mark.parametrize("platform", ["taobao", "jd", "pdd", "douyin"])
def test_every_marketplace_has_a_limit_that_no_demo_reaches(platform: str) -> None:
    found = [one for one in load_company().limits if one.platform == platform]
    assert found
    for one in found:
        assert one.calls / one.seconds > 1
