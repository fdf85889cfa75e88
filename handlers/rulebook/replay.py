"""A rule over orders that are here, without anything being opened: which cases it would open and end.

What is replayed are the facts as they stand now. An order that is still open is judged now, by the very function that
judges it when the rule is on, against the cases that it has: what comes out is what would happen. An order that left
is judged as it stands in the books, at the moment at which it left; what it was like in between nobody kept, so a
condition that names the stage, or the time in it, is not asked about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import gather
from handlers.desk import Desk
from handlers.rulebook.foresee import Foresight
from models.case import LIVE
from models.stages import OPEN, Stage
from rules.judge import judge
from rules.language import Condition
from rules.own import OwnRule
from rules.verdict import Outcome, Verdict

BY_STAGE: Final = frozenset(("环节", "停留小时"))
MOST_NAMED: Final = 5000
_LISTS: Final = ("more", "fewer", "past_more", "past_fewer")
_MOST_REASONS: Final = 20

# What is open, whenever it came, and what left since then: each by its own index, however many ever came.
_WHICH: Final = """
    WITH these AS (
        SELECT id FROM orders WHERE stage IN ('pending_review', 'pending_pick', 'pending_ship')
        UNION ALL SELECT id FROM orders WHERE stage = 'done' AND stage_entered_at >= :since AND :past
        UNION ALL SELECT id FROM orders WHERE stage = 'cancelled' AND stage_entered_at >= :since AND :past
    )
"""
_TOTAL: Final = text(f"{_WHICH} SELECT count(*) FROM these")
_NEXT: Final = text(f"{_WHICH} SELECT id FROM these WHERE id > :after ORDER BY id LIMIT :n")
_CASES: Final = text("""
    SELECT order_id, state, solved_by, evidence ->> 'mark' AS mark FROM cases
    WHERE order_id = ANY(:ids) AND kind = :kind
""")


@dataclass
class Count:
    """`more`, `fewer`: cases against how it is now."""

    looked: int = 0
    hits: int = 0
    more: int = 0
    fewer: int = 0
    unknown: int = 0


@dataclass
class Tally:
    """What a replay found so far. `whys`: what could not be told → of how many orders. `more`, `fewer`: order ids, the
    first of those that are open; `past_more`, `past_fewer`: of those that left. `acts`, `undone`: what would be done
    beside cases, and taken back → on how many open orders; `missed`: why customers would not be told → of how many;
    `ripples`: what other rules then do → on how many; `late`: of all that would leave after the platform's
    deadline."""

    open: Count = field(default_factory=Count)
    past: Count = field(default_factory=Count)
    whys: Counter[str] = field(default_factory=Counter)
    more: list[int] = field(default_factory=list)
    fewer: list[int] = field(default_factory=list)
    acts: dict[str, int] = field(default_factory=dict)
    undone: dict[str, int] = field(default_factory=dict)
    late: int = 0
    past_more: list[int] = field(default_factory=list)
    past_fewer: list[int] = field(default_factory=list)
    missed: dict[str, int] = field(default_factory=dict)
    ripples: dict[str, int] = field(default_factory=dict)

    def kept_of(self, *, is_open: bool) -> tuple[Count, list[int], list[int]]:
        """The count and the lists, `more` and `fewer`, to which an order belongs."""
        if is_open:
            return self.open, self.more, self.fewer
        return self.past, self.past_more, self.past_fewer

    def packed(self) -> dict[str, Any]:
        return {
            "open": vars(self.open), "past": vars(self.past), "whys": dict(self.whys.most_common(_MOST_REASONS)),
            **{name: getattr(self, name)[:MOST_NAMED] for name in _LISTS},
            "acts": dict(self.acts), "undone": dict(self.undone), "late": self.late,
            "missed": dict(self.missed), "ripples": dict(self.ripples),
        }  # fmt: skip

    @classmethod
    def unpacked(cls, found: Mapping[str, Any]) -> Tally:
        if not found:
            return cls()
        past, now = Count(**found["past"]), Count(**found["open"])
        # Where both kinds of orders were kept in one list nobody can tell them apart: the numbers hold, the lists go.
        lists: dict[str, Any] = {name: list(found[name]) if "past_more" in found else [] for name in _LISTS}
        made = cls(now, past, Counter(found["whys"]), late=int(found.get("late", 0)), **lists)
        for name in ("acts", "undone", "missed", "ripples"):
            setattr(made, name, dict(found.get(name, {})))
        return made


@dataclass(frozen=True, slots=True)
class Span:
    """How far back; `past`: whether orders that left can be replayed at all."""

    since: datetime
    past: bool

    @classmethod
    def of(cls, now: datetime, days: int, condition: Condition) -> Span:
        return cls(now - timedelta(days=days), not BY_STAGE & {one.name for one in condition.fields})


def total(desk: Desk, span: Span) -> int:
    return int(desk.session.execute(_TOTAL, {"since": span.since, "past": span.past}).scalar_one())


def following(desk: Desk, span: Span, after: int, most: int) -> list[int]:
    """The next orders, by their ids."""
    values = {"since": span.since, "past": span.past, "after": after, "n": most}
    return list(desk.session.execute(_NEXT, values).scalars())


def look(desk: Desk, rule: OwnRule, ids: Sequence[int], tally: Tally) -> None:
    """Judge these orders into the tally. Nothing is locked, and nothing written."""
    lines = gather.read_lines(desk, ids)
    facts = gather.Facts(desk, ids, lines, {})
    cases = _cases(desk, rule.slug, ids)
    ahead = Foresight(desk, rule, ids)
    for row in gather.read_orders(desk, ids):
        is_open = Stage(row.stage) in OPEN
        found = _verdict(desk, rule, row, facts)
        verdict = ahead.of(row, found, facts, tally) if is_open else found
        if found.outcome is Outcome.HIT is not verdict.outcome:  # it hits, takes the order on, and hits no more
            tally.open.hits += 1
        _count(tally, rule, row.id, (verdict, cases.get(row.id, [])), is_open=is_open)


def _cases(desk: Desk, kind: str, ids: Sequence[int]) -> dict[int, list[Row[Any]]]:
    found: dict[int, list[Row[Any]]] = {}
    for row in desk.session.execute(_CASES, {"ids": list(ids), "kind": kind}):
        found.setdefault(row.order_id, []).append(row)
    return found


def _verdict(desk: Desk, rule: OwnRule, row: Row[Any], facts: gather.Facts) -> Verdict:
    if Stage(row.stage) in OPEN:
        judged, at = facts.of(row, Stage(row.stage), row.stage_entered_at), desk.now
    else:
        at = row.stage_entered_at
        judged = facts.of(row, Stage.PENDING_REVIEW, min(row.paid_at or row.created_at, at))
    return judge(judged, at, {rule.slug: rule})[rule.slug]


def _count(
    tally: Tally, rule: OwnRule, order_id: int, found: tuple[Verdict, Sequence[Row[Any]]], *, is_open: bool
) -> None:
    verdict, cases = found
    count, more, fewer = tally.kept_of(is_open=is_open)
    has = any(case.state in LIVE or not is_open for case in cases)
    settled = any(case.solved_by is not None and case.mark == rule.mark for case in cases)
    count.looked += 1
    if verdict.outcome is Outcome.HIT:
        count.hits += 1
        if not has and not settled and not rule.quiet:
            count.more += 1
            more.append(order_id)
        elif has and rule.quiet and is_open:
            count.fewer += 1
            fewer.append(order_id)
    elif verdict.outcome is Outcome.UNKNOWN:
        count.unknown += 1
        tally.whys[verdict.reason.partition("：")[2]] += 1
    elif has:
        count.fewer += 1
        fewer.append(order_id)
