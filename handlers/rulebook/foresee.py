"""What a rule that is replayed would do beside its cases: by the very functions that decide it when the rule is on.
Nothing is locked, and nothing written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any, Final, Protocol

from sqlalchemy import Row, text

from handlers import gather
from handlers.desk import Desk
from handlers.holding import race
from handlers.platform_moves import Work
from handlers.rulebook import acting, acting_hold, acting_words, book, deeds, passing
from handlers.rulebook.acting import Standing
from handlers.rulebook.deeds import Kept
from handlers.rulebook.passing import Roads
from handlers.rulebook.reach import Reach
from handlers.rulebook.ripples import Ripples, marks_after
from models.stages import MOVES as LEGAL
from models.stages import Stage
from rules import RULES
from rules.judge import judge
from rules.own import OwnRule
from rules.rule import Rule
from rules.verdict import Outcome, Verdict

_CASES: Final = text("""
    SELECT id, kind, order_id, state, reason, blocks, evidence, solved_by
    FROM cases WHERE order_id = ANY(:ids) ORDER BY id
""")


class Counts(Protocol):
    """`acts`, `undone`: what is done, and taken back, in words → on how many orders; `missed`: why customers cannot be
    told → of how many; `ripples`: what other rules then do → on how many; `late`: orders that would leave after the
    platform's deadline."""

    acts: dict[str, int]
    undone: dict[str, int]
    missed: dict[str, int]
    ripples: dict[str, int]
    late: int


class Foresight:
    """Over these orders; what is asked of the database is asked once."""

    def __init__(self, desk: Desk, rule: OwnRule, ids: Sequence[int]) -> None:
        self._desk, self._rule, self._ids = desk, rule, list(ids)
        self._done = acting.done(desk, ids)
        self._reach = Reach(desk, ids)
        self._ripples = Ripples(desk, rule.slug)

    def of(self, row: Row[Any], verdict: Verdict, facts: gather.Facts, counts: Counts) -> Verdict:
        """Counts what would be done to an open order; the verdict, or that of the stage into which the rule takes
        it."""
        before = self._done.get(row.id, {})
        if not self._rule.actions and not before:
            return verdict
        cases = self._cases.get(row.id, [])
        there = Stage(row.stage), row.stage_entered_at
        if self._hits(verdict, cases):
            verdict, there = self._moved(row, verdict, facts, counts)
        mine = {key: one for key, one in before.items() if key[0] == self._rule.rule_id}
        gone = acting.over(mine, {self._rule.slug: self._rule}, {self._rule.slug: verdict})
        acts: list[Kept] = []
        if self._hits(verdict, cases):
            true = acting_words.true_of(row, cases, self._desk.now)
            order = Standing.of(row, cases, gone, (true, self._reach))
            acts = acting.due(self._rule, before, order, self._desk.now)
            for kept in acts:
                _count(counts.acts, deeds.said(kept))
                counts.late += kept["do"] == "hold" and self._is_late(row, kept)
            for _, why in acting.missed(self._rule, before, order):
                _count(counts.missed, why)
        for one in gone:
            _count(counts.undone, _title(one.deed))
        if any(kept["do"] == "tag" for kept in acts) or any(one.deed.startswith("tag:") for one in gone):
            here = facts.of(row, *there)
            for words in self._ripples.of(here, marks_after(here, before, gone, acts), cases):
                _count(counts.ripples, words)
        return verdict

    def _hits(self, verdict: Verdict, cases: Sequence[Row[Any]]) -> bool:
        return verdict.outcome is Outcome.HIT and not race.settled(cases, self._rule.slug, verdict)

    def _is_late(self, row: Row[Any], kept: Kept) -> bool:
        return acting_hold.is_late(row.ship_by_at, acting_hold.until(kept, self._desk.now))

    def _moved(
        self, row: Row[Any], verdict: Verdict, facts: gather.Facts, counts: Counts
    ) -> tuple[Verdict, tuple[Stage, datetime]]:
        """With the stage in which it then is, and since when."""
        here = Stage(row.stage), row.stage_entered_at
        kept = acting.move_of(self._rule, self._done.get(row.id, {}))
        if kept is None or passing.verb_of(Stage(row.stage), kept) is None:
            return verdict, here
        work = Work.of(row)
        work.facts = facts.of(row, work.stage, work.entered_at)
        seen = judge(work.facts, self._desk.now, self._others), self._cases.get(row.id, [])
        verb = passing.verb_of(work.stage, kept)
        if verb is None or not self._roads.open(work, kept, seen):
            return verdict, here
        _count(counts.acts, deeds.said(kept))
        there = LEGAL[work.stage, verb], self._desk.now
        return judge(facts.of(row, *there), self._desk.now, {self._rule.slug: self._rule})[self._rule.slug], there

    @cached_property
    def _cases(self) -> Mapping[int, list[Row[Any]]]:
        found: dict[int, list[Row[Any]]] = defaultdict(list)
        for case in self._desk.session.execute(_CASES, {"ids": self._ids}):
            found[case.order_id].append(case)
        return found

    @cached_property
    def _others(self) -> Mapping[str, Rule]:
        live = book.book(self._desk).live
        return {**RULES, **{slug: rule for slug, rule in live.items() if slug != self._rule.slug}}

    @cached_property
    def _roads(self) -> Roads:
        return Roads(self._desk, self._ids, book.book(self._desk), trying=self._rule)


def _count(counted: dict[str, int], words: str) -> None:
    counted[words] = counted.get(words, 0) + 1


def _title(deed: str) -> str:
    """Of what was done once, whatever the rule says now: 标记「大额」, 延到."""
    slug, _, words = deed.partition(":")
    title = deeds.DEEDS[slug].title
    return f"{title}「{words}」" if slug == "tag" else title
