from __future__ import annotations

from datetime import datetime

from models.people import Role
from rules import RULES
from rules.facts import OrderFacts
from rules.judge import judge
from rules.rule import Rule
from rules.verdict import Outcome, Verdict
from tests.rules.facts import NOW, facts


class Broken(Rule):
    slug, title, role, severity, blocks = "broken", "坏规则", Role.SERVICE, "P1", False
    claim_minutes, solve_minutes = 1, 2

    def judge(self, facts: OrderFacts, now: datetime) -> Verdict:
        raise ZeroDivisionError


def test_all_rules_are_judged_in_their_order() -> None:
    assert list(judge(facts(), NOW)) == list(RULES)


def test_a_rule_that_raises_is_unknown_and_stops_no_other() -> None:
    found = judge(facts(district=""), NOW, {"broken": Broken(), "address_vague": RULES["address_vague"]})

    assert found["broken"] == Verdict.unknown("规则「坏规则」出错，未能判断（ZeroDivisionError）")
    assert found["address_vague"].outcome is Outcome.HIT
