"""All rules over one order's facts. One of the four places that catch everything: a broken rule is an unknown
verdict with its reason, and the others go on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import structlog

from rules import RULES
from rules.facts import OrderFacts
from rules.rule import Rule
from rules.verdict import Verdict

log = structlog.get_logger()


def judge(facts: OrderFacts, now: datetime, rules: Mapping[str, Rule] = RULES) -> dict[str, Verdict]:
    """Each rule's verdict, by slug, in the order of the rules."""
    return {slug: _judge(rule, facts, now) for slug, rule in rules.items()}


def _judge(rule: Rule, facts: OrderFacts, now: datetime) -> Verdict:
    try:
        return rule.judge(facts, now)
    except Exception as error:
        log.exception("rule_broken", rule=rule.slug, order=facts.order_id)
        return Verdict.unknown(f"规则「{rule.title}」出错，未能判断（{type(error).__name__}）")
