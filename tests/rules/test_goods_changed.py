from __future__ import annotations

from models.stages import Stage
from rules.facts import Audited
from rules.goods_changed import GoodsChanged
from rules.verdict import Outcome
from tests.rules.facts import NOW, facts, line

WAS = Audited("", "客户要红色", "addr-1", {"P-1": 2})
NOW_IS = {"stage": Stage.PENDING_PICK, "audited": WAS, "seller_memo": "客户要红色", "receiver_key": "addr-1"}
LINES = (line(platform_sku="P-1"),)


def test_other_goods_and_other_numbers_are_named() -> None:
    other = GoodsChanged().judge(facts(lines=(line(platform_sku="P-2", title="蓝杯", quantity=2),), **NOW_IS), NOW)
    fewer = GoodsChanged().judge(facts(lines=(line(platform_sku="P-1", quantity=1),), **NOW_IS), NOW)

    assert (other.outcome, other.reason) == (Outcome.HIT, "少 P-1×2；多 蓝杯×2")
    assert fewer.reason == "少 马克杯×1"


def test_the_same_goods_are_the_same() -> None:
    assert GoodsChanged().judge(facts(lines=LINES, **NOW_IS), NOW).outcome is Outcome.MISS
