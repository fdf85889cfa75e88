from __future__ import annotations

import pytest

from ingest.douyin.couriers import CODES, courier_of, listed_codes


def test_the_platforms_list_counts_and_not_our_table() -> None:
    listed = {"yuantong": "圆通速递", "debangwuliu": "德邦快递", "feimaotui": "飞毛腿"}
    found = listed_codes(listed)
    assert (found["yuantong"], found["debangkuaidi"]) == ("yuantong", "debangwuliu")
    assert "shunfeng" not in found
    assert "shunfeng" in CODES


def test_a_code_that_we_know_counts_before_a_name() -> None:
    assert listed_codes({"yt_special": "圆通", "yuantong": "圆通速递"})["yuantong"] == "yuantong"


def test_of_two_codes_under_one_name_the_first_counts() -> None:
    assert listed_codes({"deppon1": "德邦快递", "deppon2": "德邦"})["debangkuaidi"] == "deppon1"


@pytest.mark.parametrize(
    ("code", "name", "slug"), [("jd", "", "jd"), ("jdwl", "京东物流", "jd"), ("x", "飞毛腿", "飞毛腿"), ("", "", "")]
)
def test_a_parcels_courier_is_our_slug_where_we_know_it(code: str, name: str, slug: str) -> None:
    assert courier_of(code, name) == slug
