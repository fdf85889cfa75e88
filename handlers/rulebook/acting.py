"""What rules do to orders beside their cases, while a batch is looked at: once for each order, however often it is
looked at; what lasts is taken back when the rule is stopped or no longer finds the order so. An unknown verdict does
nothing, and takes nothing back."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, Final

from sqlalchemy import Row, text

from handlers.desk import Desk
from handlers.holding import race
from handlers.matter import Opening
from handlers.platform_moves import Work
from handlers.rulebook import acting_hold, acting_words, deeds, passing, reach
from handlers.rulebook.act import Act, Undoing
from handlers.rulebook.book import Book
from handlers.rulebook.deeds import Kept
from handlers.rulebook.marks import MARK
from handlers.rulebook.passing import MOVES, Roads
from handlers.rulebook.reach import Reach
from models.case import LIVE
from models.stages import OPEN
from rules.own import OwnRule, slug_of
from rules.verdict import Outcome, Verdict

Done = Mapping[tuple[int, str], Row[Any]]
"""What was done to an order: (rule, key of the action) → the row."""
_DONE: Final = text("""
    SELECT order_id, rule_id, deed, number, kept, at, undone_at FROM rule_acts WHERE order_id = ANY(:ids)
""")
# Whoever holds the order does it; a second look finds it done. What lasts may be done again after it was taken back.
_DO: Final = text("""
    INSERT INTO rule_acts (order_id, rule_id, deed, number, tag, kept, at)
    SELECT order_id, rule_id, deed, number, tag, kept, :now FROM jsonb_to_recordset(cast(:rows AS jsonb))
        AS x(order_id bigint, rule_id bigint, deed text, number int, tag text, kept jsonb)
    ON CONFLICT (order_id, rule_id, deed) DO UPDATE SET number = excluded.number, kept = excluded.kept,
        at = excluded.at, undone_at = NULL
    WHERE rule_acts.undone_at IS NOT NULL RETURNING order_id, rule_id, deed
""")
_TAKEN_BACK: Final = (*deeds.LASTING, "tell")
"""A notice to a customer as long as it was not sent."""
_UNDO: Final = text("""
    UPDATE rule_acts a SET undone_at = :now
    FROM unnest(cast(:orders AS bigint[]), cast(:rules AS bigint[]), cast(:deeds AS text[])) AS x(o, r, d)
    WHERE a.order_id = x.o AND a.rule_id = x.r AND a.deed = x.d AND a.undone_at IS NULL
    RETURNING a.order_id, a.rule_id, a.deed
""")


@dataclass
class Standing:
    """An order as actions look at it. `held`: a later day was agreed, by whomever; `asked`: purchasing has a question
    about it already; `true`: customer notices that say how an order stands and are true of it, by event; `untold`: an
    event → why its buyer cannot be told of it."""

    not_before_at: datetime | None
    ship_by_at: datetime | None
    held: bool
    asked: bool
    true: frozenset[str]
    untold: Callable[[str], str]

    @classmethod
    def of(
        cls, order: Row[Any], cases: Sequence[Row[Any]], gone: Iterable[Row[Any]], told: tuple[frozenset[str], Reach]
    ) -> Standing:
        """`gone`: what is taken back now: another day, another question can come in its place. `told`: the notices
        that are true of it, and whom they reach."""
        true, reached = told
        live = {row.kind for row in cases if row.state in LIVE}
        not_before_at = order.not_before_at
        held, asked = acting_hold.KIND in live, acting_words.ASKED in live
        made = cls(not_before_at, order.ship_by_at, held, asked, true, partial(reached.why_not, order.id))
        for row in gone:
            slug = str(row.deed).partition(":")[0]
            if slug == "hold" and acting_hold.standing(row, not_before_at, cases) is not None:
                made.held, made.not_before_at = False, acting_hold.was_of(row)
            elif slug == "buy" and acting_words.question(row, cases) is not None:
                made.asked = False
        return made

    def hold(self, kept: Kept, now: datetime) -> None:
        """It waits for a day now; if that is after what was promised, its buyer can be told so at once."""
        self.held = True
        if acting_hold.is_late(self.ship_by_at, acting_hold.until(kept, now)):
            self.true |= {"delayed"}


def done(desk: Desk, ids: Sequence[int]) -> dict[int, dict[tuple[int, str], Row[Any]]]:
    """Order → what rules did to it."""
    found: dict[int, dict[tuple[int, str], Row[Any]]] = defaultdict(dict)
    for row in desk.session.execute(_DONE, {"ids": list(ids)}):
        found[row.order_id][row.rule_id, row.deed] = row
    return found


def due(rule: OwnRule, before: Done, order: Standing, now: datetime) -> list[Kept]:
    """What a hit leads to now, but for moves. What another has done already waits until that is over."""
    found: list[Kept] = []
    for kept in sorted(rule.actions, key=lambda one: one["do"] == "tell"):  # what is true depends on the others
        if kept["do"] in MOVES or is_done(rule, kept, before):
            continue
        if kept["do"] == "hold" and (order.held or not acting_hold.is_later(order.not_before_at, kept, now)):
            continue
        if kept["do"] == "buy" and order.asked:
            continue
        if kept["do"] == "tell" and (acting_words.waits(kept, order.true) or order.untold(kept["event"])):
            continue
        if kept["do"] == "hold":
            order.hold(kept, now)
        order.asked = order.asked or kept["do"] == "buy"
        found.append(kept)
    return found


def missed(rule: OwnRule, before: Done, order: Standing) -> list[tuple[Kept, str]]:
    """The notices of a hit that would be due, if their buyer could be told: each with why not. After `due`, which says
    what is true."""
    asked = (kept for kept in rule.actions if kept["do"] == "tell" and not is_done(rule, kept, before))
    found = [(kept, order.untold(kept["event"])) for kept in asked if not acting_words.waits(kept, order.true)]
    return [(kept, why) for kept, why in found if why]


def move_of(rule: OwnRule, before: Done) -> Kept | None:
    """Where the rule takes an order that it did not take there before; it has one such action at most."""
    found = (kept for kept in rule.actions if kept["do"] in MOVES and not is_done(rule, kept, before))
    return next(found, None)


def is_done(rule: OwnRule, kept: Kept, before: Done) -> bool:
    row = before.get((rule.rule_id, deeds.key_of(kept)))
    return row is not None and row.undone_at is None


def _is_said(rule: OwnRule, kept: Kept, why: str, before: Done) -> bool:
    """Whether the trail says already that nobody was reached, and why."""
    row = before.get((rule.rule_id, deeds.key_of(kept)))
    return row is not None and reach.why(row) == why


def over(
    before: Done, live: Mapping[str, OwnRule], verdicts: Mapping[str, Verdict], slugs: Collection[str] = deeds.LASTING
) -> list[Row[Any]]:
    """Of what lasts (`slugs`) that which no rule says any more."""
    found = []
    for (rule_id, deed), row in before.items():
        if row.undone_at is not None or deed.partition(":")[0] not in slugs:
            continue
        rule = live.get(slug_of(rule_id))
        verdict = verdicts.get(slug_of(rule_id))
        said = rule is not None and any(deeds.key_of(kept) == deed for kept in rule.actions)
        if not said or (verdict is not None and verdict.outcome is Outcome.MISS):
            found.append(row)
    return found


@dataclass
class Acted:
    """`openings`: cases that come of it; `closings`: live ones that are over → why."""

    openings: list[Opening] = field(default_factory=list)
    closings: dict[int, str] = field(default_factory=dict)


class Acts:
    """Those of one batch: its orders are locked, and what was done to them is read once."""

    def __init__(self, desk: Desk, ids: Sequence[int], book: Book) -> None:
        self._desk, self._book = desk, book
        self._done = done(desk, ids)
        self._acting = {slug: rule for slug, rule in book.live.items() if rule.actions}
        self._roads = Roads(desk, ids, book)
        self._reach = Reach(desk, ids)
        self._acts: list[Act] = []
        self._missed: list[tuple[Act, str]] = []
        self._undoings: list[Undoing] = []
        self._late_at: dict[int, datetime] = {}

    def move(self, judged: Sequence[tuple[Work, Mapping[str, Verdict], Sequence[Row[Any]]]]) -> frozenset[int]:
        """The orders that rules take to another stage now; then they have. With each its verdicts and its cases."""
        moving = [self._moving(*one) for one in judged] if self._acting else []
        gone = passing.go(self._desk, [one for one in moving if one is not None])
        self._acts += gone
        return frozenset(one.work.row.id for one in gone)

    def _moving(self, work: Work, verdicts: Mapping[str, Verdict], cases: Sequence[Row[Any]]) -> Act | None:
        for slug, rule in self._acting.items():
            kept = move_of(rule, self._done.get(work.row.id, {})) if _hits(slug, verdicts, cases) else None
            if kept is not None and self._roads.open(work, kept, (verdicts, cases)):
                return Act(work, rule, kept)
        return None

    def look(self, work: Work, verdicts: Mapping[str, Verdict], cases: Sequence[Row[Any]]) -> None:
        """What is to be done to an order, and taken back."""
        before = self._done.get(work.row.id, {})
        if work.stage not in OPEN or not (before or self._acting):
            return
        gone = over(before, self._book.live, verdicts, _TAKEN_BACK)
        self._undoings += [Undoing(work, row, cases) for row in gone]
        true = acting_words.true_of(work.row, cases, self._desk.now, verdicts)
        order = Standing.of(work.row, cases, gone, (true, self._reach))
        was = order.not_before_at
        for slug, rule in self._acting.items():
            if _hits(slug, verdicts, cases):
                wanted = due(rule, before, order, self._desk.now)
                self._acts += [Act(work, rule, kept, verdicts[slug].reason, was) for kept in wanted]
                self._missed += [
                    (Act(work, rule, kept), why) for kept, why in missed(rule, before, order)
                    if not _is_said(rule, kept, why, before)
                ]  # fmt: skip
                self._wait(work, rule, before)

    def _wait(self, work: Work, rule: OwnRule, before: Done) -> None:
        """A notice that the order is late comes when it is, though nothing else happens then."""
        waits = (kept for kept in rule.actions if kept["do"] == "tell" and kept["event"] == "delayed")
        late_at = work.row.ship_by_at
        if late_at is not None and late_at > self._desk.now and any(not is_done(rule, one, before) for one in waits):
            self._late_at[work.row.id] = late_at

    def moment(self, work: Work) -> datetime | None:
        """When time alone leads to an action on the order."""
        return self._late_at.get(work.row.id)

    def carry_out(self) -> Acted:
        """Write what was gathered, each kind in bulk; what the orders' trails say is noted."""
        acted = Acted()
        sent = acting_words.sent(self._desk, [one for one in self._undoings if one.slug == "tell"])
        undone = _undone(self._desk, [one for one in self._undoings if one.key not in sent])
        acted.closings |= acting_hold.lift(self._desk, [one for one in undone if one.slug == "hold"])
        acted.closings |= acting_words.answered([one for one in undone if one.slug == "buy"])
        acting_words.unmark([one for one in undone if one.slug == "tag"])
        marked = [one.work for one in undone if one.slug == "tag"]
        made: dict[str, list[Act]] = defaultdict(list)
        for one in _did(self._desk, self._acts) if self._acts else ():
            made[one.slug].append(one)
        acted.openings += acting_hold.hold(self._desk, made["hold"])
        acted.openings += acting_words.ask(made["buy"])
        acting_words.mark(made["tag"])
        acting_words.write(self._desk, made["note"])
        acting_words.remind(self._desk, made["remind"])
        acting_words.tell(self._desk, made["tell"])
        reach.note(self._desk, self._missed)
        self._look_again([*marked, *(one.work for one in made["tag"])])
        return acted

    def _look_again(self, marked: Sequence[Work]) -> None:
        """Whose tags are others now: conditions that name them see it soon."""
        rules = (*self._book.live.values(), *self._book.shadow.values()) if marked else ()
        if any(MARK in {field.name for field in rule.condition.fields} for rule in rules):
            for work in marked:
                work.recheck_at = acting_hold.soon(self._desk, work)


def _hits(slug: str, verdicts: Mapping[str, Verdict], cases: Sequence[Row[Any]]) -> bool:
    """What a person settled under the same condition leads to nothing new."""
    verdict = verdicts.get(slug)
    return verdict is not None and verdict.outcome is Outcome.HIT and not race.settled(cases, slug, verdict)


def _did(desk: Desk, acts: Sequence[Act]) -> list[Act]:
    """Those that nobody did before."""
    rows = [
        {
            "order_id": one.work.row.id, "rule_id": one.rule.rule_id, "deed": one.key, "number": one.rule.number,
            "tag": one.kept.get("tag"), "kept": acting_hold.kept_of(one, desk.now) if one.slug == "hold" else {},
        } for one in acts
    ]  # fmt: skip
    values = {"rows": json.dumps(rows, ensure_ascii=False), "now": desk.now}
    fresh = {(row.order_id, row.rule_id, row.deed) for row in desk.session.execute(_DO, values)}
    return [one for one in acts if (one.work.row.id, one.rule.rule_id, one.key) in fresh]


def _undone(desk: Desk, undoings: Sequence[Undoing]) -> list[Undoing]:
    if not undoings:
        return []
    columns = {
        "orders": [one.row.order_id for one in undoings], "rules": [one.row.rule_id for one in undoings],
        "deeds": [one.row.deed for one in undoings], "now": desk.now,
    }  # fmt: skip
    fresh = {tuple(row) for row in desk.session.execute(_UNDO, columns)}
    return [one for one in undoings if one.key in fresh]
