"""What a page tells whoever writes a condition: what it may name, what is wrong and where, and the same as rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from handlers import permissions
from handlers.desk import Actor, Desk
from handlers.rulebook import catalogue, changing, rows
from handlers.rulebook.rows import Row, Way
from rules.language import ConditionError, Field, Sort, compile_condition

FUNCTIONS: Final = (
    ("长度(买家留言) > 50", "有多少个字"),
    ("开头(商品, '预售')", "用什么开头"),
    ("结尾(规格, '红')", "用什么结尾"),
    ("SKU件数('QH-MUG-01') >= 3", "某个商家编码有几件"),
)
"""Examples of the functions → what they tell."""
_EXAMPLES: Final = {
    Sort.NUMBER: "{} > 1", Sort.YESNO: "{}", Sort.MOMENT: "{} >= '2025-12-20'", Sort.TEXT: "{} 包含 '礼盒'",
    Sort.SET: "{} 包含 'A'",
}  # fmt: skip
_KINDS: Final = {Sort.NUMBER: "number", Sort.MOMENT: "moment", Sort.YESNO: "none"}


@dataclass(frozen=True, slots=True)
class Fact:
    """What a condition may name. `kind`: of its value: number, signed (it may be below zero), text, moment, none."""

    name: str
    sort: str
    says: str
    example: str
    kind: str
    choices: tuple[str, ...]
    ways: tuple[Way, ...]
    own: bool


@dataclass(frozen=True, slots=True)
class Place:
    """What is wrong with a condition, and where. `at`, `length`: in the text as it was typed."""

    at: int
    length: int
    message: str
    hint: str
    parts: tuple[str, str, str]  # the text before, the place, and behind it


@dataclass(frozen=True, slots=True)
class Checked:
    """`rows`: None where the condition has more to it than rows can say."""

    place: Place | None = None
    rows: Sequence[Row] | None = None


def facts(desk: Desk) -> list[Fact]:
    """What every company has first, then its own fields."""
    known = catalogue.catalogue(desk)
    builtin = [_fact(one, own=False) for one in known.builtin.values()]
    return builtin + [_fact(one, own=True) for name, one in known.own.items() if name not in known.builtin]


def check(desk: Desk, actor: Actor, condition: str) -> Checked:
    """A condition as it stands while somebody types. Raises Refusal for whoever may not."""
    permissions.check(desk, changing.SET, actor)
    return looked_at(desk, condition)


def words(desk: Desk, actor: Actor, given: Sequence[Row]) -> str:
    """The condition that rows say. Raises Refusal, RowProblem."""
    permissions.check(desk, changing.SET, actor)
    return rows.words(given, catalogue.catalogue(desk))


def looked_at(desk: Desk, condition: str) -> Checked:
    known = catalogue.catalogue(desk)
    try:
        made = compile_condition(condition, known)  # not kept: half a word is read once
    except ConditionError as error:
        return Checked(place_of(condition, error))
    return Checked(rows=rows.of(made, known))


def place_of(typed: str, error: ConditionError) -> Place:
    at = min(error.at + len(typed) - len(typed.lstrip()), len(typed))
    end = min(at + error.length, len(typed))
    return Place(at, max(end - at, 1), error.message, error.hint, (typed[:at], typed[at:end], typed[end:]))


def _fact(one: Field, *, own: bool) -> Fact:
    kind = "signed" if one.falls else _KINDS.get(one.sort, "text")
    example = f"{one.name} == '{one.choices[0]}'" if one.choices else _EXAMPLES[one.sort].format(one.name)
    return Fact(
        one.name, str(one.sort), one.says, one.example or example, kind, one.choices, rows.ways(one), own
    )  # fmt: skip
