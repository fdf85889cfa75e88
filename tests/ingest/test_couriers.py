from __future__ import annotations

import pytest

from ingest.couriers import Codes, slug_of, told_of
from ingest.douyin.couriers import CODES as DOUYIN
from ingest.jd.couriers import CODES as JD
from ingest.pdd.couriers import CODES as PDD
from ingest.snapshot import Unreadable
from ingest.source import Action, PlatformError
from ingest.taobao.couriers import CODES as TAOBAO
from models.couriers import COURIERS, same_number
from tests.ingest.fakes import failure


def test_a_platforms_name_becomes_our_slug_and_an_unknown_one_stays() -> None:
    assert slug_of("中国邮政EMS") == "ems"
    assert slug_of("飞毛腿") == "飞毛腿"
    assert slug_of("") == ""


@pytest.mark.parametrize("codes", [TAOBAO, JD, PDD, DOUYIN])
def test_every_platform_code_belongs_to_a_courier_we_know(codes: dict[str, str]) -> None:
    assert codes.keys() <= {courier.slug for courier in COURIERS}
    assert len(set(codes.values())) == len(codes)


def test_the_seed_table_is_the_sheets() -> None:
    assert (TAOBAO["shunfeng"], JD["shunfeng"], PDD["shunfeng"]) == ("SF", "467", "44")
    assert (TAOBAO["yuantong"], JD["yuantong"], PDD["yuantong"]) == ("YTO", "463", "85")
    assert (TAOBAO["ems"], JD["ems"], PDD["ems"]) == ("EMS", "465", "118")
    assert "other" not in JD, "厂家自送 keeps no waybill, so nothing could be confirmed"


def test_one_number_in_two_spellings_is_one_number() -> None:
    assert same_number("sf1234567890123", " ＳＦ1234567890123 ")
    assert not same_number("SF1234567890123", "SF1234567890124")


# a platform's codes of our couriers


class Platform:
    """Its own list, code → name; `error` instead."""

    def __init__(self, names: dict[str, str], error: Exception | None = None) -> None:
        self.names, self.error, self.asked = names, error, 0

    def ask(self) -> dict[str, str]:
        self.asked += 1
        if self.error:
            raise self.error
        return self.names

    def couriers(self) -> list[str]:
        return Codes({"ems": "EMS"}, self.ask).slugs()


LISTED = {"JTSD": "极兔速递", "EMS2": "EMS", "XX": "飞毛腿快运", "YTO": "圆通"}


def test_only_for_a_courier_that_the_seed_lacks_is_the_list_asked_and_once() -> None:
    platform = Platform(LISTED)
    codes = Codes({"shunfeng": "SF"}, platform.ask)
    assert (codes.of("shunfeng")["shunfeng"], platform.asked) == ("SF", 0)
    assert codes.of("jtexpress")["jtexpress"] == "JTSD"
    assert codes.of("jtexpress")["jtexpress"] == "JTSD"
    assert "feimaotui" not in codes.of("feimaotui")
    assert platform.asked == 1


def test_a_platform_takes_whom_it_lists_by_a_name_or_by_a_code_that_we_know() -> None:
    codes = Codes({"shunfeng": "SF", "yunda": "XX"}, Platform(LISTED).ask)
    assert codes.slugs() == ["ems", "jtexpress", "yuantong", "yunda"]


def test_a_list_that_nobody_can_read_is_asked_for_again() -> None:
    with pytest.raises(PlatformError) as caught:
        Codes({}, Platform({}, Unreadable("快递公司列表的结构看不懂")).ask).slugs()
    assert caught.value.resolution.action is Action.RETRY


def test_a_marketplace_that_does_not_say_whom_it_takes_takes_anybody() -> None:
    assert told_of(Platform(LISTED)) == ["ems", "jtexpress", "yuantong"]
    assert told_of(Platform({})) is None
    assert told_of(Platform({}, failure(Action.STOP))) is None
    assert told_of(object()) is None
