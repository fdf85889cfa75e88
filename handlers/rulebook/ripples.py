"""What tags that a rule would set, or take off, mean for other rules that are on: those whose conditions name 标记.
They set no tags themselves (agreed.py), so it goes no further."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import Row

from handlers.desk import Desk
from handlers.holding import race
from handlers.rulebook import book
from handlers.rulebook.act import called
from handlers.rulebook.deeds import Kept
from handlers.rulebook.marks import MARK
from rules.facts import OrderFacts
from rules.judge import judge
from rules.own import OwnRule
from rules.verdict import Outcome, Verdict

_TAG: Final = "tag"


class Ripples:
    """`slug`: of the rule that is tried."""

    def __init__(self, desk: Desk, slug: str) -> None:
        self._desk = desk
        live = book.book(desk).live.items()
        self._rules = {one: rule for one, rule in live if one != slug and _names_tags(rule)}

    def of(self, facts: OrderFacts, marks: frozenset[str], cases: Sequence[Row[Any]]) -> Iterator[str]:
        """In words, which of them then find an order that they did not find, and the other way round."""
        if marks == facts.marks or not self._rules:
            return
        before = judge(facts, self._desk.now, self._rules)
        after = judge(replace(facts, marks=marks), self._desk.now, self._rules)
        for slug, rule in self._rules.items():
            hit, hits = _leads(cases, slug, before[slug]), _leads(cases, slug, after[slug])
            if hits and not hit:
                yield f"{called(rule)}会跟着命中（{_case(rule)}）"
            elif hit and after[slug].outcome is Outcome.MISS:
                yield f"{called(rule)}不再命中"


def marks_after(
    facts: OrderFacts, before: Mapping[tuple[int, str], Row[Any]], gone: Sequence[Row[Any]], acts: Sequence[Kept]
) -> frozenset[str]:
    """The order's tags when that was done. `before`: what rules did to it; `gone`: what of this is taken back."""
    over = {(row.rule_id, row.deed) for row in gone}
    stays = {_tag(deed) for (rule_id, deed), row in before.items()
             if row.undone_at is None and (rule_id, deed) not in over}  # fmt: skip
    fresh = {str(kept["tag"]) for kept in acts if kept["do"] == _TAG}
    off = {_tag(row.deed) for row in gone} - stays
    return (facts.marks - off) | fresh


def _names_tags(rule: OwnRule) -> bool:
    return any(field.name == MARK for field in rule.condition.fields)


def _tag(deed: str) -> str:
    """The one that an action sets; "" where it is another action."""
    slug, _, words = deed.partition(":")
    return words if slug == _TAG else ""


def _leads(cases: Sequence[Row[Any]], slug: str, verdict: Verdict) -> bool:
    return verdict.outcome is Outcome.HIT and not race.settled(cases, slug, verdict)


def _case(rule: OwnRule) -> str:
    if rule.quiet:
        return "不开异常"
    return "开异常，锁单" if rule.blocks else "开异常"
