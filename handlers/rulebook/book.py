"""The company's own rules as they hold in this transaction: read once, judged beside the built-in ones. A change holds
for whoever reads after its commit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import kinds
from handlers.desk import Desk
from handlers.rulebook import catalogue
from handlers.rulebook.store import Wish
from models import Role
from rules import RULES
from rules.language import Condition, ConditionError, Unknown
from rules.own import Manner, OwnRule, Validity, id_of, is_own
from rules.rule import Rule

_KEPT: Final = "rulebook"
_READ: Final = text("""
    SELECT v.rule_id, v.number, v.title, v.condition, v.state, v.role, v.severity, v.blocks, v.claim_minutes,
        v.solve_minutes, v.valid_from, v.valid_to, v.actions, v.quiet
    FROM rules r JOIN rule_versions v ON v.rule_id = r.id AND v.number = r.version
    WHERE v.state IN ('on', 'shadow') ORDER BY r.id
""")
_SHADOWED: Final = text("""
    INSERT INTO rule_shadow_hits (rule_id, number, order_id, at)
    SELECT x.rule_id, x.number, x.order_id, :now
    FROM unnest(cast(:rules AS bigint[]), cast(:numbers AS int[]), cast(:orders AS bigint[]))
        AS x(rule_id, number, order_id)
    ON CONFLICT DO NOTHING
""")


@dataclass(frozen=True)
class Book:
    """`live`: by the kind of their cases; `shadow`: those that open nothing; `every`: all that are judged, the built-in
    ones first."""

    live: Mapping[str, OwnRule] = field(default_factory=dict)
    shadow: Mapping[str, OwnRule] = field(default_factory=dict)

    @property
    def every(self) -> dict[str, Rule]:
        return {**RULES, **self.live, **self.shadow}

    @cached_property
    def silent(self) -> frozenset[str]:
        """Those whose finding alone keeps no order back: they open no case."""
        return frozenset((*self.shadow, *(slug for slug, rule in self.live.items() if rule.quiet)))

    def over(self, kind: str) -> str:
        """Why a case of that kind is of a rule that opens none any more; "" where it does."""
        if not is_own(kind) or (kind in self.live and kind not in self.silent):
            return ""
        return "规则不再开异常" if kind in self.live else "规则已停用"


def book(desk: Desk) -> Book:
    session = desk.session
    kept = session.info.get(_KEPT)
    if kept is not None and kept[0] is session.get_transaction():
        found: Book = kept[1]
        return found
    made = [rule_of(desk, row) for row in session.execute(_READ)]
    found = Book(
        {one.slug: one for one in made if not one.shadow}, {one.slug: one for one in made if one.shadow}
    )  # fmt: skip
    session.info[_KEPT] = (session.get_transaction(), found)
    return found


def title_of(desk: Desk, kind: str) -> str:
    """What cases of that kind are called, where no case is at hand."""
    if is_own(kind):
        found = {**book(desk).shadow, **book(desk).live}.get(kind)
        return found.title if found is not None else f"规则{id_of(kind)}"
    return kinds.title_of(kind, {})


def forget(desk: Desk) -> None:
    """A rule was changed in this transaction."""
    desk.session.info.pop(_KEPT, None)


def note_shadow(desk: Desk, hits: Sequence[tuple[OwnRule, int]]) -> None:
    """Rules in shadow and the orders that they would have opened a case of."""
    if not hits:
        return
    columns = {
        "rules": [rule.rule_id for rule, _ in hits], "numbers": [rule.number for rule, _ in hits],
        "orders": [order_id for _, order_id in hits], "now": desk.now,
    }  # fmt: skip
    desk.session.execute(_SHADOWED, columns)


def rule_of(desk: Desk, row: Row[Any]) -> OwnRule:
    return made(desk, (row.rule_id, row.number), row, shadow=row.state == "shadow")


def made(desk: Desk, named: tuple[int, int], wish: Wish | Row[Any], *, shadow: bool = False) -> OwnRule:
    """A rule that judges. One whose condition cannot be read any more (a field or a shop that is gone) judges unknown:
    nobody may take that for fine."""
    manner = Manner(
        wish.title, Role(wish.role), wish.severity, wish.blocks, wish.claim_minutes, wish.solve_minutes
    )  # fmt: skip
    validity = Validity(wish.valid_from, wish.valid_to)
    condition = _condition(desk, wish.condition)
    return OwnRule(
        named, condition, manner, validity=validity, shadow=shadow, actions=wish.actions, quiet=wish.quiet
    )  # fmt: skip


def _condition(desk: Desk, words: str) -> Condition:
    try:
        return catalogue.compiled(desk, words)
    except ConditionError as error:
        broken = Unknown(f"条件现在读不懂，请主管修改（{error.message}）")
        return Condition(words, lambda _facts, _now: broken, (), (), None)
