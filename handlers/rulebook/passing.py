"""Rules that take orders to another stage: past 待审核, where nothing is in the way that a person must look at, and
back to it. Only moves of the one table; what hands must do (配货, 发货) no rule does."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import stages
from handlers.desk import Desk
from handlers.holding import race
from handlers.platform_moves import Work
from handlers.rulebook.act import Act
from handlers.rulebook.book import Book
from handlers.rulebook.deeds import Kept
from handlers.shortage import claims
from handlers.tuning import switches
from handlers.tuning.tuned import tuned
from models.case import LIVE
from models.stages import MOVES as LEGAL
from models.stages import TITLES, Stage, Verb
from rules import RULES
from rules.own import OwnRule
from rules.rule import Rule
from rules.short_stock import LATER
from rules.verdict import Outcome, Verdict

MOVES: Final = ("pass", "move")
FORWARD: Final = "自动审核"
BACK: Final = "规则退回"
_HIDDEN: Final = ("address_vague", "contact_missing", "blacklist")
_STOCK: Final = "short_stock"
SIBLINGS: Final = text("""
    SELECT m.order_id FROM merge_orders m JOIN merges g ON g.id = m.merge_id
    WHERE m.order_id = ANY(:ids) AND g.state = 'asked'
""")

Seen = tuple[Mapping[str, Verdict], Sequence[Row[Any]]]
"""The verdicts over an order, and its cases."""


def is_forward(kept: Kept) -> bool:
    return kept["do"] == "pass" or kept.get("to") == str(Stage.PENDING_PICK)


class Roads:
    """Whether orders of one batch may go on; what all must be asked for is asked once, and only where it matters.
    `trying`: a rule that is replayed beside those that hold."""

    def __init__(self, desk: Desk, ids: Sequence[int], book: Book, *, trying: OwnRule | None = None) -> None:
        self._desk, self._ids, self._book, self._trying = desk, list(ids), book, trying

    def open(self, work: Work, kept: Kept, seen: Seen) -> bool:
        """Whether it can go there now, but for its goods."""
        verb = verb_of(work.stage, kept)
        return verb is not None and not (verb is Verb.APPROVE and self.closed(work, seen))

    def closed(self, work: Work, seen: Seen) -> str:
        """Why a person must look at it first; "" where nobody need."""
        row, (verdicts, cases) = work.row, seen
        if row.hold or row.refund in ("asked", "refunded") or work.barred or work.openings:
            return "平台或退款拦着"
        if any(self._locks(case, verdicts) for case in cases):
            return "有锁单的异常"
        if any(self._stops(work, slug, verdict, cases) for slug, verdict in verdicts.items()):
            return "有锁单的异常，或不能确定"
        return "同名单没定" if row.id in self._siblings else ""

    def _locks(self, case: Row[Any], verdicts: Mapping[str, Verdict]) -> bool:
        if case.state not in LIVE or not case.blocks or case.evidence.get(LATER) or self._is_over(case.kind):
            return False
        verdict = verdicts.get(case.kind)
        return verdict is None or verdict.outcome is not Outcome.MISS  # else it ends in this very look

    def _is_over(self, kind: str) -> bool:
        if self._trying is not None and kind == self._trying.slug:
            return self._trying.quiet
        return bool(self._book.over(kind))

    def _stops(self, work: Work, slug: str, verdict: Verdict, cases: Sequence[Row[Any]]) -> bool:
        rule = self._rule(slug)
        if rule is None or not (rule.blocks or rule.shared) or verdict.outcome is Outcome.MISS:
            return False
        if verdict.outcome is Outcome.HIT:
            return not race.settled(cases, slug, verdict) and not self._is_off(work, slug)
        return not _is_unknowable(work, slug)

    def _rule(self, slug: str) -> Rule | None:
        if self._trying is not None and slug == self._trying.slug:
            return None
        return RULES.get(slug) or (None if slug in self._book.silent else self._book.live.get(slug))

    def _is_off(self, work: Work, slug: str) -> bool:
        return tuned(self._desk).is_off(switches.about_of(slug, str(work.stage)))

    @cached_property
    def _siblings(self) -> Collection[int]:
        return frozenset(self._desk.session.execute(SIBLINGS, {"ids": self._ids}).scalars())


def _is_unknowable(work: Work, slug: str) -> bool:
    """What nobody can ever tell, and whoever lets orders pass knows that: an address that the platform hides, the stock
    where none is kept at all."""
    if work.facts is None:
        return False
    return (slug in _HIDDEN and not work.facts.address_whole) or (slug == _STOCK and not work.facts.shelf)


def go(desk: Desk, acts: Sequence[Act]) -> list[Act]:
    """Those that went: as where a person lets one pass, the last pieces go to one order only."""
    forward = [one.work.row.id for one in acts if is_forward(one.kept)]
    short = claims.hinder(desk, forward) if forward else {}
    gone = [one for one in acts if not (is_forward(one.kept) and one.work.row.id in short)]
    for one in gone:
        _go(desk, one)
    return gone


def _go(desk: Desk, act: Act) -> None:
    work, verb = act.work, verb_of(act.work.stage, act.kept)
    assert verb is not None  # it was asked before
    since = work.entered_at.isoformat()
    work.left, work.stage = work.stage, LEGAL[work.stage, verb]
    work.entered_at = desk.now
    work.recheck_at = stages.recheck_at(desk, work.stage, work.entered_at, work.row.not_before_at)
    said = {"环节": [TITLES[work.left], TITLES[work.stage]], **act.by, "_since": since}
    work.note(FORWARD if verb is Verb.APPROVE else BACK, said)


def verb_of(stage: Stage, kept: Kept) -> Verb | None:
    """The legal move that it is from there; None where it is none. Back goes only what nobody has picked yet."""
    verb = Verb.APPROVE if is_forward(kept) else Verb.SEND_BACK
    from_ = Stage.PENDING_REVIEW if verb is Verb.APPROVE else Stage.PENDING_PICK
    return verb if stage is from_ and (stage, verb) in LEGAL else None
