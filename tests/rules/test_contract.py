"""What every rule promises, run over the registry."""

from __future__ import annotations

from datetime import timedelta

import pytest

from models.stages import OPEN, Stage
from rules import RULES
from rules.rule import Rule
from rules.verdict import Outcome
from tests.rules.facts import NOW, facts, line

BARE = facts(
    lines=(), stage_limit=None, province="", city="", district="", address_seen="", address_whole=False
)  # fmt: skip
SITUATIONS = [
    facts(),
    BARE,
    facts(stage_entered_at=NOW - timedelta(hours=5)),
    facts(district="", buyer_message="25号以后发货", refund="asked", lines=(line(on_hand=0),)),
    facts(address_whole=False, address_seen="***", lines=(line(on_hand=None),)),
    *(facts(stage=stage, refund="part", district="") for stage in Stage),
]


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
class TestEveryRule:
    def test_is_pure(self, rule: Rule) -> None:
        for situation in SITUATIONS:
            assert rule.judge(situation, NOW) == rule.judge(situation, NOW)

    def test_a_hit_says_why_in_chinese_and_what_exactly_it_found(self, rule: Rule) -> None:
        for situation in SITUATIONS:
            verdict = rule.judge(situation, NOW)
            if verdict.outcome is Outcome.HIT:
                assert any("\u4e00" <= letter <= "\u9fff" for letter in verdict.reason)
                assert verdict.mark
                assert verdict.evidence["mark"] == verdict.mark

    def test_missing_facts_are_never_a_hit(self, rule: Rule) -> None:
        assert rule.judge(BARE, NOW).outcome is not Outcome.HIT

    def test_one_that_is_sure_never_says_that_it_does_not_know(self, rule: Rule) -> None:
        for situation in SITUATIONS:
            assert not rule.sure or rule.judge(situation, NOW).outcome is not Outcome.UNKNOWN

    def test_has_nothing_to_say_about_what_is_not_open(self, rule: Rule) -> None:
        for stage in set(Stage) - set(OPEN):
            verdict = rule.judge(facts(stage=stage, district="", refund="asked", lines=(line(on_hand=0),)), NOW)
            assert verdict.outcome is Outcome.MISS

    def test_looks_again_only_in_the_future(self, rule: Rule) -> None:
        for situation in SITUATIONS:
            moment = rule.judge(situation, NOW).recheck_at
            assert moment is None or moment > NOW

    def test_is_described(self, rule: Rule) -> None:
        assert RULES[rule.slug] is rule
        assert rule.severity in ("P1", "P2", "P3")
        assert 0 < rule.claim_minutes < rule.solve_minutes
        assert rule.owner(facts()) is not None


def test_a_fine_order_is_fine_for_all() -> None:
    assert {rule.judge(facts(), NOW).outcome for rule in RULES.values()} == {Outcome.MISS}
