from __future__ import annotations

import pytest

from rules.address_quality import Region, judge_parts, judge_text
from rules.verdict import Outcome

TOWN = "河南省商丘市柘城县胡襄镇"
DISTRICT = "湖北省武汉市洪山区"


@pytest.mark.parametrize(
    "detail",
    [
        "李庄村 李德胜家",
        "李庄村李德胜家里",
        "赵庄村二组 村东头赵明亮家",
        "赵庄村二组 赵明亮家",
        "赵庄村2组赵明亮家里",
        "张桥村 村西头 张国庆家",
        "张桥村东头张国庆家",
        "张桥村村口张国庆家收",
        "张桥村 村委会旁边 王老五家",
        "久胜村靠山屯 李明家",
        "靠山屯 欧阳建国家(收)",
        "桃园村 刘长河家",
        "桃园村 李长生家",
    ],
)
def test_a_persons_house_in_a_named_village_is_found(detail: str) -> None:
    assert judge_text(TOWN + detail).outcome is Outcome.MISS
    assert judge_text(f"{TOWN}{detail} 13800001234").outcome is Outcome.MISS
    assert judge_parts(Region("河南省", "商丘市", "柘城县", "胡襄镇"), detail, whole=True).outcome is Outcome.MISS


@pytest.mark.parametrize(
    "detail",
    [
        "张桥村 张国庆收",
        "张桥村 张国庆",
        "张桥村 我家",
        "张桥村 家里",
        "张桥村 李家",
        "张桥村 姐姐家",
        "张桥村 孙女家",
        "张桥村 王大爷家",
        "张桥村 李姓人家",
        "张桥村 张某家",
        "张桥村 高老家",
        "张桥村 李记农家",
        "张桥村 张国庆家旁边",
        "张桥村 张国庆家对面",
        "张桥村附近 张国庆家",
        "张国庆家",
        "村里张国庆家",
        "我们村张国庆家",
        "我们村东头张国庆家",
        "就在村里张国庆家",
        "隔壁村 张国庆家",
        "老村 张国庆家",
        "张桥村 温馨之家",
        "张桥村 王女士家",
        "张桥村 东头第三家",
        "张桥村小区 张国庆家",
    ],
)
def test_a_receiver_a_relative_and_a_village_without_a_name_are_not(detail: str) -> None:
    assert judge_text(TOWN + detail).outcome is Outcome.HIT


@pytest.mark.parametrize(
    "detail", ["张国庆家", "小寨 张国庆家", "八里庄路 张国庆家", "石牌村路 张国庆家", "珞喻路 张国庆家"]
)
def test_in_a_city_nobody_knows_the_house(detail: str) -> None:
    assert judge_text(f"{DISTRICT} {detail}").outcome is Outcome.HIT
