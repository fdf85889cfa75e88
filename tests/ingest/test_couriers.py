from __future__ import annotations

import pytest

from ingest.couriers import COURIERS, courier_title, find_courier, same_waybill, slug_of
from ingest.jd.couriers import CODES as JD
from ingest.pdd.couriers import CODES as PDD
from ingest.taobao.couriers import CODES as TAOBAO


@pytest.mark.parametrize("name", ["顺丰", "顺丰速运", "shunfeng", "SF", "ＳＦ", " 顺丰 快递 ", "sf express"])
def test_a_courier_is_found_by_slug_name_and_what_people_say(name: str) -> None:
    found = find_courier(name)
    assert found is not None
    assert found.slug == "shunfeng"


def test_an_unknown_courier_is_none_and_its_name_stays() -> None:
    assert find_courier("飞毛腿") is None
    assert slug_of("飞毛腿") == "飞毛腿"
    assert slug_of("") == ""
    assert courier_title("yuantong") == "圆通速递"
    assert courier_title("飞毛腿") == "飞毛腿"


def test_no_name_means_two_couriers() -> None:
    owners: dict[str, str] = {}
    for courier in COURIERS:
        for name in (courier.slug, courier.name, *courier.aliases):
            assert owners.setdefault(name.casefold(), courier.slug) == courier.slug


@pytest.mark.parametrize("codes", [TAOBAO, JD, PDD])
def test_every_platform_code_belongs_to_a_courier_we_know(codes: dict[str, str]) -> None:
    assert codes.keys() <= {courier.slug for courier in COURIERS}
    assert len(set(codes.values())) == len(codes)


def test_the_seed_table_is_the_sheets() -> None:
    assert (TAOBAO["shunfeng"], JD["shunfeng"], PDD["shunfeng"]) == ("SF", "467", "44")
    assert (TAOBAO["yuantong"], JD["yuantong"], PDD["yuantong"]) == ("YTO", "463", "85")
    assert (TAOBAO["ems"], JD["ems"], PDD["ems"]) == ("EMS", "465", "118")
    assert "other" not in JD, "厂家自送 keeps no waybill, so nothing could be confirmed"


def test_one_number_in_two_spellings_is_one_number() -> None:
    assert same_waybill("sf1234567890123", " ＳＦ1234567890123 ")
    assert not same_waybill("SF1234567890123", "SF1234567890124")
