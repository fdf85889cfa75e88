from __future__ import annotations

import pytest

from ingest.couriers import same_waybill, slug_of
from ingest.jd.couriers import CODES as JD
from ingest.pdd.couriers import CODES as PDD
from ingest.taobao.couriers import CODES as TAOBAO
from models.couriers import COURIERS


def test_a_platforms_name_becomes_our_slug_and_an_unknown_one_stays() -> None:
    assert slug_of("中国邮政EMS") == "ems"
    assert slug_of("飞毛腿") == "飞毛腿"
    assert slug_of("") == ""


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
