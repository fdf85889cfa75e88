"""Looks at orders that changed or whose moment came: the platform's moves, all rules, cases, locks, and what is owed.

Everything is read and written in bulk: the number of statements does not grow with the number of orders.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import gather, groups, lock_reason, opening, owe, people, platform_moves, writing
from handlers.assigning import giving
from handlers.autopass import AutoPasses
from handlers.desk import Desk
from handlers.holding import race
from handlers.kinds import WITH_THE_ORDER, kind_of, title_of
from handlers.matter import Opening
from handlers.mishaps import mended
from handlers.mishaps import registering as mishaps
from handlers.platform_moves import Work
from handlers.receivers import keep as own_receivers
from handlers.related import mending, merge
from handlers.rulebook import book as rulebook
from handlers.rulebook.acting import Acts
from handlers.rulebook.book import Book
from handlers.shortage import arrivals
from handlers.shortage import matters as shortages
from handlers.supply import parcels, sku_map
from handlers.supply.sku_map import Unmapped
from handlers.tuning import switches
from handlers.tuning.tuned import tuned
from models import Role
from models.case import LIVE
from models.stages import OPEN, TITLES, Stage
from rules import RULES
from rules.judge import judge
from rules.own import OwnRule, is_own
from rules.rule import Rule
from rules.short_stock import LATER, is_still_wanted
from rules.verdict import Outcome, Verdict

_AT_ONCE: Final = 1000  # orders per round, so that a back-fill's memory stays flat
_SOON: Final = timedelta(minutes=1)
_AFTER_SHIPPING: Final = {slug: rule for slug, rule in RULES.items() if rule.after_shipping}

_CASES: Final = text("""
    SELECT id, kind, order_id, state, reason, blocks, evidence, solved_by, solved_at, solution
    FROM cases WHERE order_id = ANY(:ids) ORDER BY id
""")


def watch(desk: Desk, order_ids: Sequence[int]) -> None:
    """Judge these orders and bring cases, locks, stages and owed messages in line with what is found."""
    _watch_all(desk, order_ids, fresh=False)


def arrived(desk: Desk, order_ids: Sequence[int]) -> None:
    """The same for orders that are new or really changed: only then can others belong to them."""
    own_receivers.keep(desk, order_ids)
    _watch_all(desk, order_ids, fresh=True)


def _watch_all(desk: Desk, order_ids: Sequence[int], *, fresh: bool) -> None:
    ids = list(dict.fromkeys(order_ids))
    for start in range(0, len(ids), _AT_ONCE):
        _watch(desk, ids[start : start + _AT_ONCE], fresh=fresh)


def _watch(desk: Desk, ids: list[int], *, fresh: bool) -> None:
    works = [Work.of(row) for row in gather.lock_orders(desk, ids)]
    if not works:
        return
    platform_moves.apply(desk, works)
    mending.look(desk, works)
    if fresh:
        merge.look(desk, works)
        mishaps.look(desk, works)
    lines = gather.lines_of(desk, ids)
    parcels.sent(desk, [work.row.id for work in works if work.stage is Stage.DONE and work.row.waybill])
    on_their_way = gather.parcels_of(desk, [work.row.id for work in works if work.stage is Stage.DONE])
    facts = gather.Facts(desk, ids, lines, on_their_way)
    book = rulebook.book(desk)
    plan = _Plan(desk, _cases(desk, ids), book, Acts(desk, ids, book))
    due: dict[int, datetime | None] = {}
    passes = AutoPasses(desk, ids)
    judged: list[tuple[Work, Mapping[str, Rule], dict[str, Verdict]]] = []
    for work in works:
        rules = _rules(work, plan.rules, on_its_way=bool(on_their_way.get(work.row.id)))
        judged.append((work, rules, _verdicts(desk, work, facts, rules)))
    passed = plan.acts.move([(work, verdicts, plan.cases.get(work.row.id, [])) for work, _, verdicts in judged])
    passed |= passes.take(
        [(work, plan.serious(verdicts), plan.live_kinds(work.row.id)) for work, _, verdicts in judged]
    )
    for work, rules, before in judged:
        # Whoever passed is in another stage, by another clock.
        verdicts = _verdicts(desk, work, facts, rules) if work.row.id in passed else before
        plan.compare(work, verdicts)
        if work.stage is Stage.DONE:  # its parcels know when, not the order
            due[work.row.id], verdicts = _recheck(verdicts, desk.now), {}
        work.recheck_at = _recheck(verdicts, desk.now, passes.moment(work), plan.acts.moment(work))
    plan.carry_out({work.row.id: work for work in works})
    mended.look(desk, works)
    parcels.look_at(desk, {order_id: due[order_id] for order_id in on_their_way})
    platform_moves.tell(desk, works, lines)


def _rules(work: Work, every: Mapping[str, Rule], *, on_its_way: bool) -> Mapping[str, Rule]:
    """All rules for an open order; for one whose parcels are on their way those that look after it had left."""
    if work.stage in OPEN:
        return every
    return _AFTER_SHIPPING if work.stage is Stage.DONE and on_its_way else {}


def _verdicts(desk: Desk, work: Work, facts: gather.Facts, rules: Mapping[str, Rule]) -> dict[str, Verdict]:
    if not rules:
        return {}
    work.facts = facts.of(work.row, work.stage, work.entered_at)
    return judge(work.facts, desk.now, rules)


def _cases(desk: Desk, ids: Sequence[int]) -> dict[int, list[Row[Any]]]:
    """Live and settled cases per order: what a person settled is not raised again."""
    found: dict[int, list[Row[Any]]] = defaultdict(list)
    for row in desk.session.execute(_CASES, {"ids": list(ids)}):
        found[row.order_id].append(row)
    return found


def _recheck(verdicts: dict[str, Verdict], now: datetime, *others: datetime | None) -> datetime | None:
    """The earliest moment at which time alone may change a verdict, let the order pass, or have a rule act; never one
    that is over."""
    moments = [verdict.recheck_at for verdict in verdicts.values() if verdict.recheck_at is not None]
    moments += [other for other in others if other is not None]
    return max(min(moments), now + _SOON) if moments else None


class _Plan:
    """What a batch leads to, gathered order by order before anything is written."""

    def __init__(self, desk: Desk, cases: dict[int, list[Row[Any]]], book: Book, acts: Acts) -> None:
        self._desk = desk
        self.cases = cases
        self.acts = acts
        self._book = book
        self.rules = book.every
        self._shadowed: list[tuple[OwnRule, int]] = []
        self._openings: list[Opening] = []
        self._closings: dict[int, str] = {}
        self._quiet: set[int] = set()  # of these what ends by no good news
        self._changes: dict[int, Verdict] = {}
        self._stale: dict[Stage, list[Opening]] = defaultdict(list)
        self._unmapped: list[Unmapped] = []

    def live_kinds(self, order_id: int) -> set[str]:
        return {row.kind for row in self.cases.get(order_id, ()) if row.state in LIVE}

    def serious(self, verdicts: Mapping[str, Verdict]) -> Mapping[str, Verdict]:
        """Without those of rules that open nothing: what they find keeps no order from passing."""
        return {slug: verdict for slug, verdict in verdicts.items() if slug not in self._book.silent}

    def compare(self, work: Work, verdicts: dict[str, Verdict]) -> None:
        """Set an order's live cases against its verdicts."""
        cases = self.cases.get(work.row.id, [])
        live = {row.kind: row for row in cases if row.state in LIVE}
        for kind, row in live.items():
            if work.stage in OPEN and (over := self._book.over(kind)):
                self._closings[row.id] = over
            elif kind in RULES or is_own(kind):
                self._keep_or_close(work, row, verdicts.get(kind))
            elif kind in WITH_THE_ORDER and work.stage not in OPEN:
                self._closings[row.id] = f"订单{TITLES[work.stage]}"
        self._closings |= race.over(cases, verdicts)
        self.acts.look(work, verdicts, cases)
        self._openings += [*work.openings, *race.begun((work.row.id, work.stage, work.entered_at), cases, verdicts)]
        for kind, verdict in verdicts.items():
            if verdict.outcome is not Outcome.HIT or race.settled(cases, kind, verdict):
                continue
            if kind in self._book.shadow:
                self._shadowed.append((self._book.shadow[kind], work.row.id))
            elif kind in self._book.silent:
                continue
            elif self.rules[kind].shared:
                self._share(work, kind, verdict)
            elif (kind not in live or live[kind].id in self._closings) and not self._is_off(work, kind):
                self._open(work, kind, verdict)

    def _is_off(self, work: Work, kind: str) -> bool:
        """Whether a supervisor wants no such matters (阈值)."""
        return tuned(self._desk).is_off(switches.about_of(kind, str(work.stage)))

    def _keep_or_close(self, work: Work, row: Row[Any], verdict: Verdict | None) -> None:
        if verdict is None:
            self._closings[row.id] = f"订单{TITLES[work.stage]}"
        elif verdict.outcome is Outcome.MISS:
            self._closings[row.id] = verdict.reason
            gone = row.kind == "short_stock" and work.facts and not is_still_wanted(work.facts, row.evidence)
            self._quiet |= {row.id} if verdict.quiet or gone else set()
        elif verdict.outcome is Outcome.UNKNOWN and verdict.over:
            self._closings[row.id] = f"{verdict.reason}，{verdict.over}"
            self._quiet.add(row.id)
        elif verdict.outcome is Outcome.HIT and verdict.reason != row.reason:
            if row.kind == "stale_stage":  # another stage is another matter
                self._closings[row.id] = "已进入下一环节"
            else:
                self._changes[row.id] = verdict
                work.note("异常变化", {title_of(row.kind, row.evidence): [row.reason, verdict.reason]})

    def _open(self, work: Work, kind: str, verdict: Verdict) -> None:
        assert work.facts is not None  # a verdict comes of facts
        role = self.rules[kind].owner(work.facts)
        made = Opening(
            kind, verdict.reason, role, work.row.id, usual_id=self._owner(work, role), evidence=verdict.evidence,
            steps=self.rules[kind].steps(work.facts, self._desk.now),
        )  # fmt: skip
        (self._stale[work.stage] if kind == "stale_stage" else self._openings).append(made)

    def _share(self, work: Work, kind: str, verdict: Verdict) -> None:
        """The case is the cause's; the order itself is only locked."""
        row = work.row
        work.barred.append(lock_reason.why(kind, verdict.reason))
        self._unmapped += [Unmapped(row.platform, row.shop_id, *goods) for goods in verdict.evidence["goods"]]

    def _owner(self, work: Work, role: Role) -> int | None:
        """The order's owner, if the matter is of that person's role and they are not absent."""
        owner = next((one for one in self._staff if one.id == work.row.owner_id), None)
        return owner.id if owner and not owner.away and owner.roles & {role, Role.SUPERVISOR} else None

    @cached_property
    def _staff(self) -> list[people.Person]:
        return people.staff(self._desk)

    def carry_out(self, works: dict[int, Work]) -> None:
        """Write everything. Chains of orders outside the batch are touched last, after the batch's own heads."""
        desk = self._desk
        grouped = groups.gather(desk, {stage: len(made) for stage, made in self._stale.items()})
        singles = [made for stage, found in self._stale.items() if stage not in grouped for made in found]
        acted = self.acts.carry_out()
        openings = self._openings + singles + acted.openings
        self._closings |= acted.closings
        closed = opening.close_many(desk, list(self._closings.items()))
        opening.change_many(
            desk, [(case_id, verdict.reason, verdict.evidence) for case_id, verdict in self._changes.items()]
        )
        for row in closed:
            works[row.order_id].note("异常解除", {title_of(row.kind, row.evidence): self._closings[row.id]})
        reasons = {(made.kind, made.order_id): made for made in openings}
        for row in opening.open_many(desk, openings):
            made = reasons[row.kind, row.order_id]
            for action, words in giving.said(row, made.reason):
                works[row.order_id].note(action, {title_of(row.kind, made.evidence): words})
        self._lock(works, openings)
        writing.write_orders(desk, list(works.values()))
        good = [row for row in closed if row.id not in self._quiet]
        _tell_solved(desk, works, good)
        race.call_off(desk, closed, self._closings, {order_id: work.row.tag for order_id, work in works.items()})
        sku_map.raise_many(desk, self._unmapped)
        arrivals.released(desk, shortages.released_of(good, works))
        shortages.raise_many(desk, shortages.skus_of(openings, self._changes.values()))
        rulebook.note_shadow(desk, self._shadowed)
        groups.fold(desk, grouped)

    def _lock(self, works: dict[int, Work], openings: Sequence[Opening]) -> None:
        """An order is locked while a blocking case of it lives, and says why."""
        why: dict[int, list[lock_reason.Why]] = defaultdict(list)
        for order_id, rows in self.cases.items():
            for row in rows:
                if row.state in LIVE and row.blocks and row.id not in self._closings:
                    changed = self._changes.get(row.id)
                    reason, evidence = (row.reason, row.evidence) if changed is None else (
                        changed.reason, changed.evidence)  # fmt: skip
                    if evidence.get(LATER):  # what leaves after the rest holds up nothing
                        continue
                    why[order_id].append(lock_reason.why(row.kind, reason, row.evidence))
        for made in openings:
            if made.order_id is not None and kind_of(made.kind, made.evidence).blocks and not made.evidence.get(LATER):
                why[made.order_id].append(lock_reason.why(made.kind, made.reason, made.evidence))
        for order_id, work in works.items():
            work.lock_reason = lock_reason.joined([*work.barred, *why.get(order_id, ())])


def _tell_solved(desk: Desk, works: dict[int, Work], closed: Sequence[Row[Any]]) -> None:
    """The customer hears of what was cleared while the order goes on."""
    messages = []
    for row in closed:
        work, words = works[row.order_id], kind_of(row.kind).customer
        if words and work.stage in OPEN:
            order = work.row
            messages.append(
                owe.solved_message(desk, row.id, (order.shop_id, order.buyer_key, order.external_id), words)
            )
    owe.owe_customers(desk, messages)
