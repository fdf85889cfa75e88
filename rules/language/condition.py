"""A condition that was read, checked and made into a function, once; then asked of any number of orders."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any, Final

from models.beijing import BEIJING, day_start
from rules.facts import OrderFacts
from rules.language import commas
from rules.language.catalogue import Catalogue, Field
from rules.language.checking import Checker
from rules.language.order_fields import FIELDS
from rules.language.problem import ConditionError
from rules.language.reading import read
from rules.language.sorts import Sort, Truth, Unknown
from rules.language.typed import Leaf, Look

BUILTIN: Final = Catalogue(FIELDS)
MARKS: Final = {True: "✓", False: "✗"}
_MOST_LETTERS: Final = 40


@dataclass(frozen=True, slots=True)
class Told:
    """One leaf over one order. `words`: as it was written; `value`: 字段=值, without what is not shown; `why`: what is
    unknown of it."""

    words: str
    value: str
    outcome: bool | None
    why: str = ""
    changes: bool = False  # with time alone

    @property
    def shown(self) -> str:
        mark = "？" if self.outcome is None else MARKS[self.outcome]
        beside = "，".join(part for part in (self.value, self.why) if part)
        return f"{self.words} {mark}" + (f"（{beside}）" if beside else "")


@dataclass(frozen=True)
class Condition:
    """`test`: true, false or Unknown for an order at a moment. `tree`: the same for another evaluator."""

    text: str
    test: Callable[[OrderFacts, datetime], Truth]
    leaves: tuple[Leaf, ...]
    looks: tuple[Look, ...]
    tree: ast.expr | None = field(repr=False)
    fields: tuple[Field, ...] = ()

    @cached_property
    def meaning(self) -> str:
        """The same for two texts that are read alike: another space, 1000.0, a field's new name."""
        if self.tree is None:
            return self.text
        keys = {one.name: one.key for one in self.fields if one.key}
        return _plain(self.tree, keys)

    def recheck_at(self, facts: OrderFacts, now: datetime) -> datetime | None:
        """The first moment at which time alone may change what `test` says; None where it cannot."""
        moments = (look.moment(facts, now) for look in self.looks)
        return min((moment for moment in moments if moment is not None), default=None)

    def explain(self, facts: OrderFacts, now: datetime) -> list[Told]:
        return [_told(leaf, facts, now) for leaf in self.leaves]

    def unknown_fields(self, facts: OrderFacts, now: datetime) -> tuple[str, ...]:
        """Why, of each field of it that cannot be told of this order."""
        found = (one.read(facts, now) for one in self.fields)
        return tuple(dict.fromkeys(one.reason for one in found if isinstance(one, Unknown)))


def _plain(node: ast.AST, keys: Mapping[str, str]) -> str:
    """A tree in words that no other way of writing it changes, nor another Python: they are kept for years."""
    if isinstance(node, ast.Name):
        return keys.get(node.id, node.id)
    if isinstance(node, ast.Constant):
        return _constant(node.value)
    parts = [_plain(one, keys) for one in ast.iter_child_nodes(node) if not isinstance(one, ast.expr_context)]
    return f"{type(node).__name__}({','.join(parts)})"


def _constant(value: Any) -> str:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return value.isoformat() if isinstance(value, datetime) else repr(value)


def compile_condition(text: str, catalogue: Catalogue = BUILTIN) -> Condition:
    """Raises ConditionError, which says in Chinese what is wrong where."""
    text = text.strip()
    source = read(text, catalogue)
    commas.check(source)
    checker = Checker(source)
    part = checker.whole()
    if not part.fields:
        raise ConditionError("条件里没有用到订单的任何字段", text, 0, len(text), hint="例如：金额 > 1000")
    return Condition(text, part.run, tuple(checker.leaf_parts), tuple(checker.looks), part.node, part.fields)


def _told(leaf: Leaf, facts: OrderFacts, now: datetime) -> Told:
    found = leaf.run(facts, now)
    values = [f"{one.name}={_shown(one.read(facts, now))}" for one in leaf.fields if not one.private]
    changes = any(one.clock is not None for one in leaf.fields)
    if isinstance(found, Unknown):
        return Told(leaf.words, "", None, found.reason, changes)
    return Told(leaf.words, "，".join(values), found, "", changes)


def _shown(value: Any) -> str:
    """A value as people read it."""
    if isinstance(value, Unknown):
        return "？"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Decimal):
        return f"{round(value, 2):f}".rstrip("0").rstrip(".") if "." in f"{round(value, 2):f}" else f"{value:f}"
    if isinstance(value, frozenset):
        return _cut("、".join(sorted(one or "没有编码" for one in value)))
    if isinstance(value, datetime):
        return f"{value.astimezone(BEIJING):%m-%d %H:%M}"
    return _cut(str(value)) or "空"


def _cut(words: str) -> str:
    return words if len(words) <= _MOST_LETTERS else f"{words[: _MOST_LETTERS - 1]}…"


def own_field(name: str, sort: Sort, *, choices: tuple[str, ...] = (), key: str = "") -> Field:
    """A company's own field, by its name in OrderFacts.custom. `key`: as Field says."""
    nobody = Unknown(f"没有填「{name}」")

    def value(facts: OrderFacts, _now: datetime) -> Any:
        found = facts.custom.get(name)
        return nobody if found is None or found == "" else _as(sort, found, nobody)

    free = sort is Sort.TEXT and not choices  # anything may stand in it, a person's name too
    return Field(name, sort, "公司自己的字段", value, choices=choices, private=free, key=key)


def _as(sort: Sort, found: Any, nobody: Unknown) -> Any:
    """A value of the sort that was promised, whatever was kept."""
    if sort is Sort.NUMBER:
        number = (
            Decimal(str(found)) if isinstance(found, int | float | Decimal) and not isinstance(found, bool) else None
        )
        return number if number is not None and number.is_finite() else nobody
    if sort is Sort.YESNO:
        return found if isinstance(found, bool) else nobody
    if sort is Sort.MOMENT:
        if isinstance(found, date) and not isinstance(found, datetime):
            return day_start(found)
        return found if isinstance(found, datetime) and found.tzinfo else nobody
    if sort is Sort.SET:
        return frozenset(map(str, found)) if isinstance(found, list | tuple | set | frozenset) else nobody
    return str(found)
