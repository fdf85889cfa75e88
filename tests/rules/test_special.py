from __future__ import annotations

from typing import Any

import pytest

from rules.special import SpecialFacts, special_types


def shown(**changes: Any) -> list[str]:
    values = {"platform": "taobao", "buyer_message": "", "seller_memo": "", "goods": [("马克杯 红色", 1)]}
    return [one.shown for one in special_types(SpecialFacts(**{**values, **changes}))]


@pytest.mark.parametrize(
    ("changes", "type_and_evidence"),
    [
        ({"platform": "chat"}, "手工单（在聊天里下的单）"),
        ({"platform": "mail"}, "手工单（按邮件录的单）"),
        ({"platform": "sheet"}, "Excel 导入单（从表格导入）"),
        ({"merged_with": ["TB-20251222-002"]}, "合并单（与 TB-20251222-002 一起发）"),
        ({"split_from": "301000000001"}, "拆分单（平台由 301000000001 拆出）"),
        ({"seller_memo": "加急，今天发"}, "加急（备注“加急”）"),
        ({"buyer_message": "急件"}, "加急（买家留言“急件”）"),
        ({"seller_memo": "空包"}, "空包（备注“空包”）"),
        ({"seller_memo": "寄修返回"}, "售后维修（备注“寄修”）"),
        ({"seller_memo": "一件代发"}, "分销代发（备注“代发”）"),
        ({"buyer_message": "测试单不要发"}, "测试（买家留言“测试”）"),
        ({"goods": [("测试商品", 1)]}, "测试（商品“测试”）"),
        ({"goods": [("马克杯 刻字", 1), ("碗", 1)]}, "定制（商品“刻字”）"),
        ({"seller_memo": "批发客户"}, "团购批发（备注“批发”）"),
        ({"goods": [("马克杯", 50)]}, "团购批发（一样商品 50 件）"),
        ({"goods": [("补差价专拍", 20)]}, "补差价（商品“差价”）"),
        ({"goods": [("赠品 杯垫", 1)]}, "赠品（商品“赠品”）"),
        ({"goods": [("话费充值", 1)]}, "虚拟（商品“充值”）"),
        ({"goods": [("保税仓直邮奶粉", 1)]}, "直邮集运（商品“保税”）"),
        ({"place": "香港特别行政区香港特别行政区中西区"}, "直邮集运（收货地“香港特别行政区”）"),
        ({"place": "广东省东莞市某集运仓 A123"}, "直邮集运（收货地“集运”）"),
        ({"seller_memo": "发海外仓"}, "海外仓（备注“海外仓”）"),
    ],
)
def test_each_type_shows_with_its_evidence(changes: dict[str, Any], type_and_evidence: str) -> None:
    assert shown(**changes) == [type_and_evidence]


def test_an_ordinary_order_is_nothing_special() -> None:
    assert shown(buyer_message="尽快发，谢谢", seller_memo="加固包装") == []


@pytest.mark.parametrize(
    "words",
    ["我不着急，不用加急", "请不要空包装", "不要用空包装发", "不是团购价吗", "不需要定制", "别加急", "非直邮"],
)
def test_what_nobody_wants_is_nothing_special(words: str) -> None:
    assert shown(buyer_message=words) == []
    assert shown(seller_memo=words, goods=[("非直邮 马克杯", 1)]) == []


def test_a_tester_is_goods_and_no_test() -> None:
    assert shown(goods=[("测试仪 万用表", 1), ("PH 测试纸", 1)]) == []
    assert shown(buyer_message="不用加急，代发勿放价格") == ["分销代发（买家留言“代发”）"]


def test_a_gift_beside_goods_makes_no_gift_order() -> None:
    assert shown(goods=[("马克杯", 1), ("赠品 杯垫", 1)]) == []


def test_an_order_may_be_of_several_types_each_once() -> None:
    assert shown(platform="chat", seller_memo="加急 定制", goods=[("杯 定制", 60)]) == [
        "手工单（在聊天里下的单）", "加急（备注“加急”）", "定制（备注“定制”）", "团购批发（一样商品 60 件）",
    ]  # fmt: skip


def test_without_goods_nothing_is_said_of_them() -> None:
    assert shown(goods=[]) == []
