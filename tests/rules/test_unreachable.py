from __future__ import annotations

from rules.facts import Checks
from rules.unreachable import Unreachable
from rules.verdict import Outcome
from tests.rules.facts import NOW, facts

STOPPED = Checks(stopped_regions=("西藏", "伊犁"))
FAR = {"province": "新疆维吾尔自治区", "city": "伊犁哈萨克自治州", "district": "伊宁市"}


def test_a_region_where_couriers_do_not_go_locks_the_order() -> None:
    verdict = Unreachable().judge(facts(checks=STOPPED, **FAR), NOW)

    assert (verdict.outcome, verdict.mark) == (Outcome.HIT, "伊犁")
    assert verdict.reason == "伊犁停发，请换快递或告知买家延迟"


def test_everywhere_else_they_go() -> None:
    assert Unreachable().judge(facts(checks=STOPPED), NOW).outcome is Outcome.MISS
    assert Unreachable().judge(facts(**FAR), NOW).outcome is Outcome.MISS, "no list, no check"


def test_a_region_that_the_platform_hides_is_unknown() -> None:
    nowhere = facts(checks=STOPPED, province="", city="", district="")

    assert Unreachable().judge(nowhere, NOW).outcome is Outcome.UNKNOWN
