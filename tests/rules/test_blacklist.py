from __future__ import annotations

import pytest

from models.stages import Stage
from rules.blacklist import Blacklist
from rules.facts import Checks, History, Listed
from rules.verdict import Outcome
from tests.rules.facts import NOW, facts

LISTED = (Listed(3, "黑名单第 3 条（收件电话）：恶意退款，陈姐 12-22 加入"),)
CHECKS = Checks(refund_orders=5, refund_percent=60)


def test_whoever_stands_in_the_list_waits_for_the_supervisor_and_the_line_is_named() -> None:
    verdict = Blacklist().judge(facts(listed=LISTED), NOW)
    assert verdict.outcome is Outcome.HIT
    assert verdict.reason.startswith(LISTED[0].words)
    assert (verdict.mark, verdict.evidence["entries"]) == ("3", [3])


@pytest.mark.parametrize(
    ("past", "hit"),
    [
        (History(5, 3), True), (History(5, 2), False), (History(4, 4), False), (History(10, 6, by_phone=True), True),
        (History(), False),
    ],
)  # fmt: skip
def test_so_does_whoever_sent_most_of_it_back(past: History, hit: bool) -> None:
    verdict = Blacklist().judge(facts(history=past, checks=CHECKS), NOW)
    assert (verdict.outcome is Outcome.HIT) is hit
    if hit:
        assert f"买了 {past.bought} 单，退了 {past.refunded} 单" in verdict.reason
        assert ("收件电话" in verdict.reason) is past.by_phone


def test_a_company_that_does_not_check_it_is_not_told() -> None:
    assert Blacklist().judge(facts(history=History(50, 50)), NOW).outcome is Outcome.MISS


def test_an_order_of_which_nothing_is_told_cannot_be_looked_up() -> None:
    verdict = Blacklist().judge(facts(listing_blind=True), NOW)
    assert (verdict.outcome, verdict.reason) == (Outcome.UNKNOWN, "看不到完整电话或买家账号，黑名单核对不全")


def test_what_left_is_past_deciding() -> None:
    assert Blacklist().judge(facts(listed=LISTED, stage=Stage.DONE), NOW).outcome is Outcome.MISS
