from __future__ import annotations

import pytest

from handlers.desk import Refusal
from handlers.waybill import normal, read


@pytest.mark.parametrize(
    ("words", "slug", "number", "fits"),
    [
        ("顺丰SF1234567890123", "shunfeng", "SF1234567890123", True),
        ("顺丰速运 sf 1234 5678 90123", "shunfeng", "SF1234567890123", True),
        ("SF1234567890123 顺丰", "shunfeng", "SF1234567890123", True),
        ("sf 123456789012", "shunfeng", "123456789012", True),
        ("中通：78123456789012", "zhongtong", "78123456789012", True),
        ("圆通 YT1234567890123", "yuantong", "YT1234567890123", True),
        ("申通 773123456789012", "shentong", "773123456789012", True),
        ("韵达 4312345678901", "yunda", "4312345678901", True),
        ("EMS EA123456789CN", "ems", "EA123456789CN", True),
        ("邮政 9812345678901", "youzhengguonei", "9812345678901", True),
        ("京东 JDVA12345678901", "jd", "JDVA12345678901", True),
        ("极兔 JT1234567890123", "jtexpress", "JT1234567890123", True),
        ("德邦 DPK12345678901", "debangkuaidi", "DPK12345678901", True),
        ("'顺丰 SF1234567890123", "shunfeng", "SF1234567890123", True),
        ("顺丰 'SF1234567890123", "shunfeng", "SF1234567890123", True),
        ("百世 ABC12345", "huitongkuaidi", "ABC12345", True),
        ("顺丰 YT1234567890123", "shunfeng", "YT1234567890123", False),
        ("圆通 ＹＴ１２３４５６７８９０１２３", "yuantong", "YT1234567890123", True),
        ("圆通 1E1234567890", "yuantong", "1E1234567890", True),
        ("中通 123", "zhongtong", "", False),
    ],
)
def test_courier_and_number_however_they_are_typed(words: str, slug: str, number: str, fits: bool) -> None:
    if not number:
        with pytest.raises(Refusal, match="看不懂"):
            read(words)
        return
    if words.startswith("'"):
        with pytest.raises(Refusal, match="请写明快递公司"):
            read("?" + words)
        return
    shipment = read(words)

    assert (shipment.courier.slug, shipment.waybill, shipment.fits) == (slug, number, fits)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("", "请写明快递公司（顺丰、中通"),
        ("SF1234567890123", "请写明快递公司（顺丰"),
        ("1234567890123", "请写明快递公司（圆通、申通、韵达、EMS）"),
        ("ems", "还缺运单号，例如：发货 JD-20251222-001 EMS"),
        ("顺丰", "还缺运单号，例如：发货 JD-20251222-001 顺丰"),
        ("顺丰 7.73E+14", "科学计数"),
        ("7.73E+14", "科学计数"),
        ("顺丰 7.73123E14", "科学计数"),
        ("顺丰 7e+14", "科学计数"),
        ("顺丰 " + "9" * 36, "5 到 35 位"),
    ],
)
def test_what_is_wrong_is_said(words: str, says: str) -> None:
    with pytest.raises(Refusal, match=says):
        read(words)


def test_a_number_is_made_upper_case_without_blanks_and_apostrophe() -> None:
    assert normal(" 'sf 123 ") == "SF123"


def test_a_courier_that_only_its_platform_knows_by_name_is_taken_too() -> None:
    assert read("其他快递 ABC12345").courier.slug == "other"


def test_a_courier_that_the_platform_does_not_take_is_refused_with_those_that_it_does() -> None:
    possible = ("shunfeng", "zhongtong", "zhongtongkuaiyun", "other")
    assert read("顺丰 SF1234567890123", possible).courier.slug == "shunfeng"
    with pytest.raises(Refusal, match=r"这家店的平台不接受极兔速递，运单传不上去。可以用：顺丰、中通、中通快运$"):
        read("极兔 JT1234567890123", possible)
    with pytest.raises(Refusal, match="请写明快递公司（顺丰、中通、中通快运）"):
        read("飞毛腿 12345", possible)
    with pytest.raises(Refusal, match="请写明快递公司（顺丰、中通）"):
        read("123456789012", possible)
