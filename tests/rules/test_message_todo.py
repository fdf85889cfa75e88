from __future__ import annotations

from dataclasses import replace

import pytest

from models.stages import Stage
from rules import RULES
from rules.facts import Audited
from rules.message_todo import MessageTodo
from rules.verdict import Outcome
from tests.rules.facts import NOW, facts


@pytest.mark.parametrize(
    ("said", "what"),
    [
        ("改一下收货地址", "要改收件信息"),
        ("帮写张贺卡:生日快乐", "送礼、贺卡"),
        ("颜色别发错了", "有留言"),
        ("麻烦包装结实一点", "有留言"),
    ],
)
def test_what_no_other_rule_takes_up_is_a_task(said: str, what: str) -> None:
    verdict = MessageTodo().judge(facts(buyer_message=said), NOW)

    assert verdict.outcome is Outcome.HIT, said
    assert verdict.reason.startswith(f"{what}：买家留言「{said}」")


@pytest.mark.parametrize(
    "said", ["", "谢谢老板", "要发票", "尽快发,谢谢", "25号以后发货", "请发顺丰", "辛苦了！", "期待收货"]
)
def test_thanks_and_what_other_rules_take_up_are_none(said: str) -> None:
    assert MessageTodo().judge(facts(buyer_message=said), NOW).outcome is Outcome.MISS, said


def test_numbers_and_addresses_in_a_message_are_nobody_elses_to_read() -> None:
    with_number = MessageTodo().judge(facts(buyer_message="打这个电话 138 0000 1234 找小王，改一下收货地址"), NOW)
    with_place = MessageTodo().judge(facts(buyer_message="收货地址改成杭州市西湖区文三路 12 号 3 幢"), NOW)

    assert "1234" not in with_number.reason
    assert "文三路" not in with_place.reason
    assert "内容请看订单" in with_place.reason


def test_what_was_noted_from_here_asks_nothing_of_us() -> None:
    noted = facts(seller_memo="客户要红色；记得放杯垫", noted=frozenset({"客户要红色"}))

    assert MessageTodo().judge(noted, NOW).reason == "有留言：卖家备注「记得放杯垫」"
    assert MessageTodo().judge(facts(seller_memo="客户要红色", noted=noted.noted), NOW).outcome is Outcome.MISS


@pytest.mark.parametrize("kind", ["reship", "exchange"])
def test_why_an_order_mends_another_is_no_task_and_what_it_asks_for_is(kind: str) -> None:
    made = facts(platform="chat", kind=kind, seller_memo="少件 漏拣")

    assert MessageTodo().judge(made, NOW).outcome is Outcome.MISS
    assert MessageTodo().judge(replace(made, seller_memo="少件，附张贺卡"), NOW).outcome is Outcome.HIT
    for other in (replace(made, kind="normal"), replace(made, platform="sheet")):
        assert MessageTodo().judge(other, NOW).outcome is Outcome.HIT


def test_what_was_written_after_the_review_is_the_changed_remark_alone() -> None:
    was = Audited("", "客户要红色", "addr-1", {"P-1": 2})
    later = facts(stage=Stage.PENDING_PICK, seller_memo="客户要红色；客户要求送货前打电话", audited=was)

    assert RULES["remark_changed"].judge(later, NOW).outcome is Outcome.HIT
    assert "送货前" not in MessageTodo().judge(later, NOW).reason
    assert MessageTodo().judge(replace(later, seller_memo="客户要红色"), NOW).outcome is Outcome.HIT
