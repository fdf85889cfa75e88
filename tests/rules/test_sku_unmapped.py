from __future__ import annotations

from typing import Any

from models.stages import Stage
from rules import RULES
from rules.facts import LineFacts
from rules.verdict import Outcome, Verdict
from tests.rules.facts import NOW, facts, line


def judge(*lines: LineFacts, **changes: Any) -> Verdict:
    return RULES["sku_unmapped"].judge(facts(**{"lines": lines, "shelf": "part", **changes}), NOW)


def bare(**changes: Any) -> LineFacts:
    return line(**{"sku": "", "on_hand": None, "platform_sku": "49", **changes})


def test_a_listing_without_a_code_is_a_hit_and_each_of_its_skus_is_named_once() -> None:
    verdict = judge(bare(), bare(), bare(platform_sku="50", title="碗"), line())
    assert (verdict.outcome, verdict.mark) == (Outcome.HIT, "49,50")
    assert verdict.reason == "马克杯（平台 SKU 49）没有商家编码；碗（平台 SKU 50）没有商家编码"
    assert verdict.evidence["goods"] == [["49", "", "马克杯"], ["50", "", "碗"]]


def test_a_code_that_nobody_knows_is_one_only_where_all_goods_are_known() -> None:
    assert judge(bare(sku="Q")).outcome is Outcome.MISS
    verdict = judge(bare(sku="Q"), shelf="whole")
    assert verdict.reason == "马克杯（平台 SKU 49）的商家编码 Q 不在库存里"


def test_what_cannot_be_named_left_or_was_given_back_is_none() -> None:
    for one in (bare(platform_sku=""), bare(shipped=True), bare(refund="refunded"), bare(on_hand=0)):
        assert judge(one).outcome is Outcome.MISS


def test_without_a_shelf_nothing_is_compared() -> None:
    assert judge(bare(), shelf="").outcome is Outcome.MISS
    assert judge(bare(), stage=Stage.DONE).outcome is Outcome.MISS
