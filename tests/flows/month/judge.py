"""What became of a month beside what had to: every planted exception is one case of the right role, which ends, with
its trail and its buyer told; a case on anything else is a false alarm."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from handlers import trail
from handlers.kinds import title_of
from sandbox.month import Planted

_DAY: Final = timedelta(days=1)
_LAIN: Final = (timedelta(hours=20), timedelta(hours=40))
"""So long after their orders came people hear of what lies about (HOURS in tests/flows/month/shop.py)."""
ENDED: Final = ("solved", "dismissed")
_CASES: Final = text("""
    SELECT c.id, c.kind, c.role, c.state, c.reason, c.evidence, c.group_key, c.opened_at, c.solved_at, c.solution,
        c.order_id, o.external_id, o.shop_id, o.tag,
        coalesce(o.platform, s.platform) AS platform
    FROM cases c LEFT JOIN orders o ON o.id = c.order_id LEFT JOIN shops s ON s.id = c.shop_id ORDER BY c.id
""")
_ORDERS: Final = text("""
    SELECT id, external_id, shop_id, tag, stage FROM orders WHERE external_id = ANY(:numbers)
""")
_TRAIL: Final = text("SELECT subject, action, detail, at FROM trail WHERE subject = ANY(:subjects) ORDER BY id")
_MESSAGES: Final = text("""
    SELECT subject, state, body ->> 'template' AS event, cast(body ->> 'order' AS bigint) AS order_id, created_at
    FROM notifications WHERE channel = 'customer' AND purpose = 'template'
""")
_CALLED: Final = {
    "person_lock": ("锁定", "解锁"), "hold_until": ("延发", "延发到期"), "receiver_changed": ("改地址",),
}  # fmt: skip
"""What trails call a matter that a person made, beside its title."""
_TOLD: Final = ("sent", "delivered", "merged")


@dataclass(frozen=True)
class Lot:
    """All that was found in the hub's books. `orders`: by the platform's number, which two shops may have. `scripts`:
    what was shown to be pasted, by that number."""

    cases: Sequence[Row[Any]]
    orders: Mapping[str, Sequence[Row[Any]]]
    trails: Mapping[str, Sequence[Row[Any]]]
    broken: frozenset[str]
    messages: Sequence[Row[Any]]
    scripts: Mapping[str, str]


@dataclass
class Found:
    """What became of one planted exception, or of a matter that had to come along with it (`main` is False).
    `message`: channel, script, design; "" where the buyer was not told. `wrong`: what is not as it had to be."""

    planted: Planted
    kind: str
    role: str
    main: bool
    cases: list[Row[Any]] = field(default_factory=list)
    message: str = ""
    trailed: bool = False

    @property
    def once(self) -> bool:
        return len(self.cases) == 1

    @property
    def right(self) -> bool:
        return bool(self.cases) and all(one.role == self.role for one in self.cases)

    @property
    def ended(self) -> bool:
        return bool(self.cases) and all(one.state in ENDED for one in self.cases)

    @property
    def wrong(self) -> list[str]:
        if not self.cases:
            return ["not found"]
        claims = {
            f"{len(self.cases)} cases": self.once,
            f"role {'/'.join(sorted({one.role for one in self.cases}))}": self.right,
            "not ended": self.ended,
            "no trail": self.trailed,
            "buyer not told": bool(self.message) or not self.main,
        }
        return [what for what, holds in claims.items() if not holds]


@dataclass
class Judgement:
    found: list[Found]
    false: list[Row[Any]]
    """Cases on orders of which nothing was to be found, and matters of many that nothing planted explains."""
    beside: list[Row[Any]]
    """Cases on orders with a story, but of another kind than the story says."""
    clean: int

    @property
    def missed(self) -> list[Found]:
        return [one for one in self.found if one.wrong]

    @property
    def rate(self) -> float:
        """False alarms per clean order."""
        return len(self.false) / self.clean if self.clean else 0.0


def read(session: Session, planted: Iterable[Planted], scripts: Mapping[str, str]) -> Lot:
    """Everything judgement is passed on, in a few statements."""
    numbers = [number for one in planted for number in one.orders]
    cases = list(session.execute(_CASES))
    orders: dict[str, list[Row[Any]]] = defaultdict(list)
    for row in session.execute(_ORDERS, {"numbers": numbers}):
        orders[row.external_id].append(row)
    subjects = {trail.order_subject(row.shop_id, row.external_id) for rows in orders.values() for row in rows}
    subjects |= {f"case:{row.id}" for row in cases if row.order_id is None}
    trails: dict[str, list[Row[Any]]] = defaultdict(list)
    for row in session.execute(_TRAIL, {"subjects": sorted(subjects)}):
        trails[row.subject].append(row)
    broken = frozenset(subject for subject in trails if not trail.verify(session, subject))
    return Lot(cases, orders, trails, broken, list(session.execute(_MESSAGES)), scripts)


def judge(planted: Sequence[Planted], lot: Lot, *, clean: int) -> Judgement:
    """Each case belongs to the one planted exception that explains it, or is a false alarm."""
    explained: set[int] = set()
    for one in planted:
        one.tags = [row.tag for number in one.orders for row in lot.orders.get(number, ())]
    found = [each for one in planted for each in _look_for(one, lot, explained)]
    with_story = {number: one for one in planted for number in one.orders}
    left = [case for case in lot.cases if case.id not in explained]
    beside = [case for case in left if case.external_id in with_story]
    return Judgement(found, [case for case in left if case.external_id not in with_story], beside, clean)


def _look_for(planted: Planted, lot: Lot, explained: set[int]) -> list[Found]:
    story = planted.story
    wanted = [(story.kind, story.role, True), *((kind, role, False) for kind, role in story.with_it)]
    found = [Found(planted, kind, role, main) for kind, role, main in wanted]
    for one in found:
        one.cases = [case for case in lot.cases if case.kind == one.kind and _is_of(case, planted, explained)]
        one.trailed = bool(one.cases) and all(_is_trailed(case, lot) for case in one.cases)
        explained |= {case.id for case in one.cases}
    explained |= {case.id for case in lot.cases if case.kind in story.may and _is_of(case, planted, explained)}
    found[0].message = _message(found[0], lot)
    return found


def _is_of(case: Row[Any], planted: Planted, explained: set[int]) -> bool:
    """Whether the case is about what was planted there."""
    if case.id in explained:
        return False
    if case.order_id is not None:
        return case.external_id in planted.orders or (planted.story.of == "hub" and _about(case, planted))
    return _about(case, planted)


def _about(case: Row[Any], planted: Planted) -> bool:
    """The same for matters of many orders: by the goods, or by the orders that they name."""
    if planted.story.of == "hub":
        named = case.platform == planted.platform or str(case.group_key).endswith(f":{planted.platform}")
        return named and _while(case, planted)
    if planted.story.of == "stage":
        return bool(planted.at + _LAIN[0] <= case.opened_at < planted.at + _LAIN[1])
    if planted.sku:
        known = case.group_key == planted.sku or case.evidence.get("sku") == planted.sku
        platform = case.evidence.get("platform", planted.platform)
        return known and platform == planted.platform and _while(case, planted)
    return bool(set(case.evidence.get("tags", ())) & set(planted.tags))


def _while(case: Row[Any], planted: Planted) -> bool:
    until = planted.until or (planted.at + _DAY if planted.story.of == "hub" else None)
    return bool(planted.at <= case.opened_at and (until is None or case.opened_at < until))


def _is_trailed(case: Row[Any], lot: Lot) -> bool:
    """Its opening and its end stand in a chain that nobody broke."""
    subject = f"case:{case.id}" if case.order_id is None else trail.order_subject(case.shop_id, case.external_id)
    rows = lot.trails.get(subject, ())
    title = title_of(case.kind, case.evidence)
    called = {title, *_CALLED.get(case.kind, ())}
    named = [row for row in rows if case.order_id is None or row.action in called or title in json.loads(row.detail)]
    begun = any(row.at <= case.opened_at for row in named)
    ended = case.solved_at is not None and any(row.at >= case.solved_at for row in (*named, *_steps(case, rows)))
    return subject not in lot.broken and begun and ended


def _steps(case: Row[Any], rows: Sequence[Row[Any]]) -> list[Row[Any]]:
    """What ended the case beside its own end: the order left, or the platform heard of it after all."""
    after = {f"已{row.action}": row for row in rows}
    told = [row for row in rows if row.action == "回传成功"] if case.kind == "writeback_fail" else []
    return [*told, *([after[case.solution]] if case.solution in after else [])]


def _message(found: Found, lot: Lot) -> str:
    """How the buyer heard of it."""
    story = found.planted.story
    if not story.hears:
        return "design"
    ids = {row.id for number in found.planted.orders for row in lot.orders.get(number, ())}
    subjects = {f"case:{case.id}" for case in found.cases}
    since = min((case.opened_at for case in found.cases), default=None)
    if story.hears == "solved":  # the end is told a minute later: a parcel that left meanwhile is the newer word
        ends = [case.solved_at for case in found.cases if case.solved_at is not None]
        since = max(ends, default=since)
    told = [
        row for row in lot.messages
        if row.state in _TOLD and (row.order_id in ids or row.subject in subjects)
    ]  # fmt: skip
    if story.hears != "script" and any(since is not None and row.created_at >= since for row in told):
        return "channel"
    by_hand = story.hears == "script" or "bound" not in found.planted.happened
    return "script" if by_hand and any(number in lot.scripts for number in found.planted.orders) else ""
