from __future__ import annotations

from typing import Any

import pytest

from rules import RULES
from rules.verdict import Outcome, Verdict
from tests.rules.facts import NOW, facts


def judge(**changes: Any) -> Verdict:
    return RULES["address_vague"].judge(facts(**changes), NOW)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"district": ""}, "缺区县"),
        ({"district": "", "city": ""}, "缺城市和区县"),
        ({"province": "", "city": ""}, "缺省市：不止一个城市有西湖区"),
        ({"province": "广东省"}, "省与市矛盾：杭州市不在广东省"),
        ({"district": "浦东新区"}, "省市矛盾：浦东新区不属于杭州市"),
        ({"district": "其他区"}, "缺区县"),
        ({"address_seen": "上海市浦东新区世纪大道 1 号"}, "写了两个地区：西湖区与上海市"),
        ({"address_seen": "3组"}, "只写到村组"),
        ({"address_seen": "村口"}, "只写到村组"),
        ({"address_seen": ""}, "没有详细地址"),
        ({"address_seen": "我家那边"}, "口语指代「我家」"),
        ({"address_seen": "文三路"}, "无门牌号、详细地址不足 8 个字"),
        ({"address_seen": "电联"}, "地址写着「电联」"),
        ({"address_seen": "紫金花路 88 号 见备注 测试"}, "地址写着「测试」、地址写着「见备注」"),
        ({"district": "", "address_seen": "老地方"}, "缺区县、地址写着「老地方」"),
    ],
)
def test_a_parcel_would_not_arrive_there(changes: dict[str, str], reason: str) -> None:
    verdict = judge(**changes)

    assert (verdict.outcome, verdict.reason) == (Outcome.HIT, reason)
    assert "、".join(verdict.evidence["reasons"]) == reason


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"address_seen": "文三路 1 号"},
        {"address_seen": "李家村 12 号"},
        {"address_seen": "万科金域华府小区东门菜鸟驿站"},
        {"province": "河南省", "city": "", "district": "济源市"},
        {"province": "广东省", "city": "东莞市", "district": ""},
        {"province": "广东省", "city": "中山市", "district": ""},
        {"province": "海南省", "city": "儋州市", "district": ""},
        {"province": "甘肃省", "city": "嘉峪关市", "district": ""},
        {"province": ""},  # the city tells it
        {"district": "江干区"},
        {"district": "高新区"},
        {"province": "北京", "city": "朝阳区", "district": "三环以内"},
        {"province": "湖北省", "city": "省直辖县级行政区划", "district": "仙桃市"},
        {"address_seen": "浙江省杭州市西湖区文三路 1 号"},
    ],
)
def test_a_parcel_arrives_there(changes: dict[str, str]) -> None:
    assert judge(**changes).outcome is Outcome.MISS


@pytest.mark.parametrize("seen", ["***", "三墩镇****", "", "文**"])
def test_what_the_platform_hides_is_unknown_not_fine(seen: str) -> None:
    verdict = judge(address_whole=False, address_seen=seen)

    assert verdict == Verdict.unknown("详细地址由平台隐藏，看不到门牌")


def test_a_missing_district_is_seen_behind_any_mask() -> None:
    assert judge(address_whole=False, address_seen="***", district="").outcome is Outcome.HIT


def test_without_a_region_only_the_words_tell() -> None:
    nowhere = {"province": "", "city": "", "district": ""}

    assert judge(**nowhere, address_whole=False, address_seen="") == Verdict.unknown("平台没有给出收货地区")
    assert judge(**nowhere, address_seen="电联").reason == "地址写着「电联」"
    assert judge(**nowhere, address_seen="马来西亚 吉隆坡 武吉免登路 168 号").reason == "境外地址，国内快递送不到"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"address_seen": "", "address_whole": False, "address_known": False}, "没有详细地址"),
        ({"address_seen": "13800001234", "address_known": True}, "只有电话，没有地址"),
        (
            {
                "address_seen": "", "address_whole": False, "address_known": False,
                "province": "", "city": "", "district": "",
            },
            "没有地址",
        ),
    ],
)  # fmt: skip
def test_a_parcel_to_nowhere_never_leaves(changes: dict[str, Any], reason: str) -> None:
    verdict = RULES["address_vague"].judge(facts(**changes), NOW)

    assert (verdict.outcome, verdict.reason) == (Outcome.HIT, reason)
    assert RULES["address_vague"].force_of(verdict.evidence) == "N"


def test_what_nobody_carries_needs_no_address() -> None:
    without = facts(address_seen="", address_whole=False, address_known=False, kind="virtual")
    assert RULES["address_vague"].judge(without, NOW).outcome is Outcome.UNKNOWN
