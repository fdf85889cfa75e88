"""A condition as rows of fact, comparison and value, for people who do not write: words from rows, and rows from a
condition that was read. Behind 或 a new group of rows begins, for 且 binds closer: no brackets are ever needed."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from models.beijing import BEIJING
from rules.language import Catalogue, Condition, Field, Sort

AND, OR = "且", "或"
MOST: Final = 20
_SIGN: Final = {ast.Gt: ">", ast.GtE: ">=", ast.Lt: "<", ast.LtE: "<=", ast.Eq: "==", ast.NotEq: "!="}
_TURNED: Final = {">": "<", ">=": "<=", "<": ">", "<=": ">=", "==": "==", "!=": "!="}
_EDGES: Final = {"开头": "开头", "结尾": "结尾"}
_CONTRARY: Final = {"属于": "不属于", "包含": "不包含", "是": "否", "==": "!=", "!=": "=="}
_NUMBER: Final = re.compile(r"-?\d{1,12}(?:\.\d{1,6})?", re.ASCII)
_PARTS: Final = re.compile(r"[、,，;；\n]")  # between the values of one row
_MOMENT: Final = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Way:
    """A comparison: how a condition writes it, what it is called, how many values stand behind it."""

    sign: str
    title: str
    values: str = "one"  # none, one, many


_LISTS: Final = (Way("属于", "是其中之一", "many"), Way("不属于", "都不是", "many"))
_SIZES: Final = (Way(">", "大于"), Way(">=", "至少"), Way("<", "小于"), Way("<=", "不超过"))
WAYS: Final[Mapping[Sort, tuple[Way, ...]]] = {
    Sort.NUMBER: (*_SIZES, Way("==", "等于"), Way("!=", "不等于"), *_LISTS),
    Sort.TEXT: (
        Way("包含", "包含", "many"), Way("不包含", "不包含", "many"), Way("==", "是"), Way("!=", "不是"),
        *_LISTS, Way("开头", "开头是"), Way("结尾", "结尾是"),
    ),
    Sort.SET: (Way("包含", "含任何一个", "many"), Way("不包含", "都不含", "many")),
    Sort.YESNO: (Way("是", "是", "none"), Way("否", "否", "none")),
    Sort.MOMENT: (Way(">=", "不早于"), Way(">", "晚于"), Way("<", "早于"), Way("<=", "不晚于")),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """`join`: 且 or 或 with the row before it."""

    fact: str
    sign: str
    values: tuple[str, ...] = ()
    join: str = AND


class RowProblem(ValueError):
    """What is wrong with which row, in Chinese."""

    def __init__(self, row: int, says: str) -> None:
        super().__init__(says)
        self.row = row
        self.says = says


def ways(field: Field) -> tuple[Way, ...]:
    """What can be asked of a fact; hours that run on are never equal to anything, and choices come first."""
    found = WAYS[field.sort]
    if field.clock is not None:
        return tuple(way for way in found if way in _SIZES)
    if field.choices and field.sort is Sort.TEXT:
        return tuple(way for way in found if way.sign in ("==", "!=", "属于", "不属于"))
    return found


# --- rows → words


def words(rows: Sequence[Row], catalogue: Catalogue) -> str:
    """The condition that rows say. Raises RowProblem."""
    if not rows:
        raise RowProblem(0, "还没有一行，请先选一个字段")
    if len(rows) > MOST:
        raise RowProblem(MOST, f"最多 {MOST} 行，请拆成几条规则")
    made = [_word(place, row, catalogue) for place, row in enumerate(rows)]
    return made[0] + "".join(f" {_join(row)} {one}" for row, one in zip(rows[1:], made[1:], strict=True))


def _join(row: Row) -> str:
    return OR if row.join == OR else AND


def _word(place: int, row: Row, catalogue: Catalogue) -> str:
    field = catalogue.by_name.get(row.fact)
    if field is None:
        raise RowProblem(place, "请选一个字段")
    way = next((one for one in WAYS[field.sort] if one.sign == row.sign), None)
    if way is None:
        raise RowProblem(place, f"请选「{field.name}」怎么比")
    if way.values == "none":
        return field.name if way.sign == "是" else f"非 {field.name}"
    values = [_value(place, field, one.strip()) for one in row.values if one.strip()]
    if not values:
        raise RowProblem(place, f"请填「{field.name}」要比的值")
    if way.sign in _EDGES:
        return f"{way.sign}({field.name}, {values[0]})"
    if way.values == "many" and (len(values) > 1 or way.sign in ("属于", "不属于")):
        return f"{field.name} {way.sign} [{', '.join(values)}]"
    return f"{field.name} {way.sign} {values[0]}"


def _value(place: int, field: Field, said: str) -> str:
    if field.sort is Sort.NUMBER:
        if _NUMBER.fullmatch(said) is None:
            raise RowProblem(place, f"「{field.name}」要填数字，例如：1000")
        return said
    if field.sort is Sort.MOMENT:
        found = _MOMENT.fullmatch(said)
        if found is None:
            raise RowProblem(place, f"「{field.name}」要填时间，例如：2025-12-22 18:00")
        return f"'{' '.join(part for part in found.groups() if part)}'"
    quote = next((one for one in "'\"" if one not in said), None)
    if quote is None or "\n" in said:
        raise RowProblem(place, "要找的文字里不能同时有单引号和双引号，也不能换行")
    return f"{quote}{said}{quote}"


# --- a condition → rows


class _Other(Exception):
    """What rows cannot say."""


def of(condition: Condition, catalogue: Catalogue) -> tuple[Row, ...] | None:
    """The rows that say the same; None where brackets, sums or functions stand in it."""
    try:
        return tuple(_groups(condition.tree, catalogue))
    except _Other:
        return None


def _groups(tree: ast.expr | None, catalogue: Catalogue) -> Sequence[Row]:
    if isinstance(tree, ast.BoolOp) and isinstance(tree.op, ast.Or) and _any_of(tree) is None:
        found = []
        for part in tree.values:
            first, *more = _groups(part, catalogue)
            found += [Row(first.fact, first.sign, first.values, OR), *more]
        return [Row(found[0].fact, found[0].sign, found[0].values), *found[1:]]
    return _group(tree, catalogue)


def _group(tree: ast.expr | None, catalogue: Catalogue) -> Sequence[Row]:
    if isinstance(tree, ast.BoolOp) and isinstance(tree.op, ast.And):
        return [row for part in tree.values for row in _group(part, catalogue)]
    row = _row(tree)
    field = catalogue.by_name.get(row.fact)
    way = next((one for one in WAYS[field.sort] if one.sign == row.sign), None) if field is not None else None
    if way is None or (way.values == "many" and any(_PARTS.search(value) for value in row.values)):
        raise _Other
    return [row]


def _row(tree: ast.expr | None) -> Row:
    if isinstance(tree, ast.UnaryOp) and isinstance(tree.op, ast.Not):
        row = _row(tree.operand)
        if row.sign not in _CONTRARY:
            raise _Other
        return Row(row.fact, _CONTRARY[row.sign], row.values)
    if isinstance(tree, ast.Name):
        return Row(tree.id, "是")
    if isinstance(tree, ast.BoolOp) and (found := _any_of(tree)) is not None:
        return found
    if isinstance(tree, ast.Call):
        return _edge(tree)
    if isinstance(tree, ast.Compare) and len(tree.ops) == 1:
        return _compared(tree.left, tree.ops[0], tree.comparators[0])
    raise _Other


def _compared(left: ast.expr, sign: ast.cmpop, right: ast.expr) -> Row:
    if isinstance(sign, ast.In):
        if isinstance(left, ast.Constant) and isinstance(right, ast.Name):
            return Row(right.id, "包含", (_shown(left),))
        if isinstance(left, ast.Name) and isinstance(right, ast.List):
            return Row(left.id, "属于", tuple(_shown(one) for one in right.elts))
        raise _Other
    if type(sign) not in _SIGN:
        raise _Other
    said = _SIGN[type(sign)]
    if isinstance(left, ast.Constant):
        left, right, said = right, left, _TURNED[said]
    if not isinstance(left, ast.Name) or not isinstance(right, ast.Constant):
        raise _Other
    if isinstance(right.value, bool):
        return Row(left.id, "是" if right.value == (said == "==") else "否")
    return Row(left.id, said, (_shown(right),))


def _any_of(tree: ast.BoolOp) -> Row | None:
    """包含 of a list: any of several parts of one fact."""
    try:
        rows = [_row(part) for part in tree.values] if isinstance(tree.op, ast.Or) else []
    except _Other:
        return None
    same = {(row.fact, row.sign) for row in rows}
    if len(same) != 1 or rows[0].sign != "包含":
        return None
    return Row(rows[0].fact, "包含", tuple(value for row in rows for value in row.values))


def _edge(tree: ast.Call) -> Row:
    name = tree.func.id if isinstance(tree.func, ast.Name) else ""
    if name not in _EDGES or not isinstance(tree.args[0], ast.Name):
        raise _Other
    return Row(tree.args[0].id, name, (_shown(tree.args[1]),))


def _shown(node: ast.expr) -> str:
    value: Any = node.value if isinstance(node, ast.Constant) else None
    if isinstance(value, datetime):
        return f"{value.astimezone(BEIJING):%Y-%m-%d %H:%M}"
    if isinstance(value, Decimal):
        said = f"{value:f}".rstrip("0").rstrip(".") if "." in f"{value:f}" else f"{value:f}"
        if _NUMBER.fullmatch(said) is None:  # 1 / 3: no row could write it
            raise _Other
        return said
    if isinstance(value, str) and value.strip() == value and value:
        return value
    raise _Other
