"""How two parts are compared: which sorts go together, and the function that does it. What is unknown stays so."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from rules.facts import OrderFacts
from rules.language.sorts import Read, Sort, Unknown
from rules.language.typed import Part

ORDER: Final[dict[type[ast.cmpop], Callable[[Any, Any], bool]]] = {
    ast.Gt: operator.gt, ast.GtE: operator.ge, ast.Lt: operator.lt, ast.LtE: operator.le,
}  # fmt: skip
EQUAL: Final[dict[type[ast.cmpop], Callable[[Any, Any], bool]]] = {ast.Eq: operator.eq, ast.NotEq: operator.ne}
TURNED: Final[dict[type[ast.cmpop], type[ast.cmpop]]] = {
    ast.Gt: ast.Lt, ast.GtE: ast.LtE, ast.Lt: ast.Gt, ast.LtE: ast.GtE, ast.Eq: ast.Eq, ast.NotEq: ast.NotEq,
}  # fmt: skip
"""The same comparison with its sides changed over."""
REACHES: Final[dict[type[ast.cmpop], Callable[[Any, int, int], bool]]] = {
    ast.Gt: lambda value, _, most: value < most, ast.GtE: lambda value, _, most: value <= most,
    ast.Lt: lambda value, least, _: value > least, ast.LtE: lambda value, least, _: value >= least,
    ast.Eq: lambda value, least, most: least <= value <= most,
}  # fmt: skip
"""Whether a number from the least to the most can ever compare so with a value."""
PARTLY: Final = Unknown("有货品没有商家编码，SKU 看不全")


def pair(left: Part, right: Part, compare: Callable[[Any, Any], bool]) -> Read:
    """`compare` over both sides; the quick ways are those that most conditions take."""
    one, other, value = left.run, right.run, right.value
    if right.constant and left.sure:
        return lambda facts, now: compare(one(facts, now), value)
    if right.constant:

        def with_constant(facts: OrderFacts, now: datetime) -> Any:
            found = one(facts, now)
            return found if found.__class__ is Unknown else compare(found, value)

        return with_constant

    def both(facts: OrderFacts, now: datetime) -> Any:
        found, beside = one(facts, now), other(facts, now)
        if found.__class__ is Unknown:
            return found
        return beside if beside.__class__ is Unknown else compare(found, beside)

    return both


def within(choices: frozenset[Any]) -> Callable[[Any, Any], bool]:
    return lambda found, _all: found in choices


def holds(sort: Sort) -> Callable[[Any, Any], Any]:
    """Whether a text has a part, or a set a member. A set that is not whole has no member surely not."""
    if sort is Sort.TEXT:
        return lambda found, wanted: wanted in found
    return lambda found, wanted: True if wanted in found else PARTLY if "" in found else False


def contrary(run: Read) -> Read:
    def turned(facts: OrderFacts, now: datetime) -> Any:
        found = run(facts, now)
        return found if found.__class__ is Unknown else not found

    return turned


def every(runs: list[Read]) -> Read:
    """One that is false decides, whatever is unknown beside it."""

    def run(facts: OrderFacts, now: datetime) -> Any:
        unknown: Any = None
        for one in runs:
            found = one(facts, now)
            if found is False:
                return False
            if found is not True and unknown is None:
                unknown = found
        return True if unknown is None else unknown

    return run


def some(runs: list[Read]) -> Read:
    """One that is true decides, whatever is unknown beside it."""

    def run(facts: OrderFacts, now: datetime) -> Any:
        unknown: Any = None
        for one in runs:
            found = one(facts, now)
            if found is True:
                return True
            if found is not False and unknown is None:
                unknown = found
        return False if unknown is None else unknown

    return run
