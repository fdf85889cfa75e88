from __future__ import annotations

from models.stages import Stage
from rules.facts import Audited
from rules.remark_changed import RemarkChanged
from rules.verdict import Outcome
from tests.rules.facts import NOW, facts, line

WAS = Audited("", "客户要红色", "addr-1", {"P-1": 2})
NOW_IS = {"stage": Stage.PENDING_PICK, "audited": WAS, "seller_memo": "客户要红色", "receiver_key": "addr-1"}
LINES = (line(platform_sku="P-1"),)


def test_words_that_came_after_the_approval_are_shown_old_and_new() -> None:
    changed = RemarkChanged().judge(facts(**{**NOW_IS, "seller_memo": "客户要蓝色"}), NOW)
    added = RemarkChanged().judge(facts(**{**NOW_IS, "buyer_message": "别放门口"}), NOW)

    assert (changed.outcome, changed.reason) == (Outcome.HIT, "备注由「客户要红色」改为「客户要蓝色」")
    assert added.reason == "留言新增「别放门口」"


def test_what_the_hub_itself_wrote_is_no_news() -> None:
    memo = "客户要红色；已打包"

    noted = facts(**{**NOW_IS, "seller_memo": memo, "noted": frozenset({"已打包"})})
    assert RemarkChanged().judge(noted, NOW).outcome is Outcome.MISS


def test_before_the_approval_nothing_can_have_changed() -> None:
    assert RemarkChanged().judge(facts(seller_memo="x"), NOW).outcome is Outcome.MISS
    assert RemarkChanged().judge(facts(lines=LINES, **NOW_IS), NOW).outcome is Outcome.MISS
