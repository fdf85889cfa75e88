"""The values of a condition: fields, numbers, words, what is counted of them and the few functions; each with its sort,
and what is wrong with it told at its place."""

from __future__ import annotations

import ast
import operator
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal, DivisionByZero, InvalidOperation, Overflow
from typing import Any, Final

from models.beijing import BEIJING
from rules.facts import OrderFacts
from rules.language import leaves, order_fields
from rules.language.problem import ConditionError
from rules.language.reading import Source, nearest
from rules.language.sorts import Read, Sort, Unknown
from rules.language.typed import Part

DEEPEST: Final = 30
_MOST_CHOICES: Final = 100
_SUMS: Final[dict[type[ast.operator], Callable[[Decimal, Decimal], Decimal]]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
}  # fmt: skip
_NOT_COUNTED: Final = Unknown("算不出来（除数是 0，或数太大）")
_DAYS: Final = ("%Y-%m-%d %H:%M", "%Y-%m-%d")


class Values(ABC):
    def __init__(self, source: Source) -> None:
        self._source = source

    @abstractmethod
    def truth(self, node: ast.expr, depth: int) -> Part:
        """A part that is true, false or unknown."""

    def _list(self, node: ast.expr, depth: int) -> list[Part]:
        assert isinstance(node, ast.List | ast.Tuple)
        if not node.elts or len(node.elts) > _MOST_CHOICES:
            raise self._wrong(node, f"列表里写 1 到 {_MOST_CHOICES} 个值")
        parts = [self._value(one, depth + 1) for one in node.elts]
        for part in parts:
            if not part.constant or part.sort not in (Sort.NUMBER, Sort.TEXT):
                raise self._place(part, "列表里只能写数字或带引号的文字")
        return parts

    def _value(self, node: ast.expr, depth: int) -> Part:
        if depth > DEEPEST:
            raise self._wrong(node, "条件套得太深，请拆成几条规则")
        if isinstance(node, ast.Constant):
            return self._constant(node)
        if isinstance(node, ast.Name) and node.id in self._source.fields:
            field = self._source.fields[node.id]
            tree = ast.Name(field.name, ast.Load())
            return Part(field.sort, field.read, tree, *span_of(node), field=field, sure=field.sure, fields=(field,))
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            zero = fixed(Sort.NUMBER, Decimal(0), *span_of(node))
            return self._sum(node, ast.Sub(), zero, self._value(node.operand, depth + 1))
        if isinstance(node, ast.BinOp) and type(node.op) in _SUMS:
            left, right = self._value(node.left, depth + 1), self._value(node.right, depth + 1)
            return self._sum(node, node.op, left, right)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            return self._call(node, depth)
        if isinstance(node, ast.BoolOp | ast.Compare | ast.UnaryOp):
            return self.truth(node, depth + 1)
        raise self._wrong(node, "这里不能这样写", "能写的是字段、数字、带引号的文字和 + - * /")

    def _constant(self, node: ast.Constant) -> Part:
        value: Any = node.value
        if isinstance(value, bool):
            sort = Sort.YESNO
        elif isinstance(value, int | float):
            sort, value = Sort.NUMBER, Decimal(self._source.code[node.col_offset : node.end_col_offset])
        else:
            sort = Sort.TEXT
        return fixed(sort, value, *span_of(node))

    def _sum(self, node: ast.expr, sign: ast.operator, left: Part, right: Part) -> Part:
        for part in (left, right):
            if part.sort is not Sort.NUMBER:
                raise self._place(part, f"「{self._said(part)}」是{part.sort}，不能加减乘除")
        counted = _counted(_SUMS[type(sign)])
        if left.constant and right.constant:
            value = counted(left.value, right.value)
            if isinstance(value, Unknown):
                raise self._wrong(node, value.reason)
            return fixed(Sort.NUMBER, value, *span_of(node))
        tree = ast.BinOp(left.node, sign, right.node)
        made = self._made(node, leaves.pair(left, right, counted), tree, [left, right])
        return Part(Sort.NUMBER, made.run, tree, made.start, made.end, fields=made.fields)

    def _call(self, node: ast.Call, depth: int) -> Part:
        assert isinstance(node.func, ast.Name)
        name = node.func.id
        parts = [self._value(one, depth + 1) for one in node.args]
        wanted = {"f_length": 1, "f_begins": 2, "f_ends": 2, "f_pieces": 1}.get(name)
        if wanted is None or len(parts) != wanted or node.keywords:
            raise self._wrong(node, f"括号里要 {wanted} 个值" if wanted else "没有这个函数")
        for part in parts[-1:] if name != "f_length" else ():
            if not part.constant or part.sort is not Sort.TEXT:
                raise self._place(part, "这里要一段带引号的文字")
        return _CALLS[name](self, node, parts)

    def length(self, node: ast.Call, parts: Sequence[Part]) -> Part:
        (one,) = parts
        if one.sort is not Sort.TEXT:
            raise self._place(one, f"「{self._said(one)}」是{one.sort}，量不了长度")
        run = leaves.pair(one, fixed(Sort.TEXT, "", 0, 0), lambda found, _: Decimal(len(found)))  # type: ignore[arg-type,return-value]
        return Part(Sort.NUMBER, run, _called("长度", parts), *span_of(node), sure=one.sure, fields=one.fields)

    def begins(self, node: ast.Call, parts: Sequence[Part]) -> Part:
        return self._edge(node, parts, ("开头", str.startswith))

    def ends(self, node: ast.Call, parts: Sequence[Part]) -> Part:
        return self._edge(node, parts, ("结尾", str.endswith))

    def _edge(self, node: ast.Call, parts: Sequence[Part], way: tuple[str, Callable[[Any, Any], bool]]) -> Part:
        if parts[0].sort is not Sort.TEXT:
            raise self._place(parts[0], f"「{self._said(parts[0])}」是{parts[0].sort}，这里要文字")
        return self._made(node, leaves.pair(parts[0], parts[1], way[1]), _called(way[0], parts), parts)

    def pieces(self, node: ast.Call, parts: Sequence[Part]) -> Part:
        sku = str(parts[0].value).upper()

        def run(facts: OrderFacts, _now: datetime) -> Any:
            return order_fields.pieces_of(facts, sku)

        field = order_fields.FIELDS["SKU"]
        return Part(Sort.NUMBER, run, _called("SKU件数", parts), *span_of(node), fields=(field,))

    def _fitted(self, part: Part, beside: Part, *, choices: bool = True) -> Part:
        """A constant in the form that the field beside it has. Raises ConditionError for one that it cannot be."""
        field = beside.field
        if not part.constant or field is None or part.sort is not Sort.TEXT:
            return part
        if field.sort is Sort.MOMENT:
            return self._moment(part)
        if field.sort not in (Sort.TEXT, Sort.SET):
            return part
        value = field.canon(part.value.strip()) if choices else part.value
        known = field.choices or field.known
        if choices and known and value not in known:
            near = nearest(value, list(known))
            hint = f"您是想写 '{near}' 吗？" if near else ""
            listed = f"可以是：{'、'.join(known)}"
            raise self._place(part, f"「{field.name}」没有 '{part.value}'", f"{hint}{listed}")
        return fixed(Sort.TEXT, value, part.start, part.end)

    def _moment(self, part: Part) -> Part:
        words = str(part.value).strip().replace("/", "-").replace("：", ":")
        for shape in _DAYS:
            try:
                found = datetime.strptime(words, shape).replace(tzinfo=BEIJING)
            except ValueError:
                continue
            return fixed(Sort.MOMENT, found, part.start, part.end)
        raise self._place(part, f"'{part.value}' 不是时间", "请写 '2025-12-22' 或 '2025-12-22 18:00'")

    def _made(self, node: ast.expr, run: Read, tree: ast.expr, parts: Sequence[Part]) -> Part:
        fields = tuple(dict.fromkeys(field for part in parts for field in part.fields))
        sure = all(part.sure for part in parts)
        return Part(Sort.YESNO, run, tree, *span_of(node), sure=sure, fields=fields)

    def _said(self, part: Part) -> str:
        return self._source.said(part.start, part.end)

    def _mismatch(self, one: Part, other: Part) -> ConditionError:
        known, strange = (other, one) if one.constant and not other.constant else (one, other)
        hint = ""
        if known.sort is Sort.NUMBER and strange.sort is Sort.TEXT and strange.constant:
            hint = "数字不要加引号" if str(strange.value).strip().isdigit() else "请写数字，例如：1000"
        elif known.sort is Sort.TEXT and strange.sort is Sort.NUMBER:
            hint = f"文字要加引号：'{self._said(strange)}'"
        elif known.sort is Sort.SET:
            hint = f"请写：{self._said(known)} 包含 'QH-MUG-01'"
        elif known.sort is Sort.MOMENT:
            hint = "请写 '2025-12-22' 或 '2025-12-22 18:00'"
        message = f"「{self._said(known)}」是{known.sort}，不能和{strange.sort} {self._said(strange)} 比"
        return self._place(strange, message, hint)

    def _place(self, part: Part, message: str, hint: str = "") -> ConditionError:
        start = self._source.at(part.start).start
        end = self._source.at(max(part.start, part.end - 1)).end
        return ConditionError(message, self._source.text, start, end - start, hint=hint)

    def _wrong(self, node: ast.expr, message: str, hint: str = "") -> ConditionError:
        start, end = span_of(node)
        first, last = self._source.at(start), self._source.at(max(start, end - 1))
        return ConditionError(message, self._source.text, first.start, last.end - first.start, hint=hint)


_CALLS: Final[dict[str, Callable[[Values, ast.Call, Sequence[Part]], Part]]] = {
    "f_length": Values.length, "f_begins": Values.begins, "f_ends": Values.ends, "f_pieces": Values.pieces,
}  # fmt: skip


def span_of(node: ast.expr) -> tuple[int, int]:
    return node.col_offset, node.end_col_offset or node.col_offset


def fixed(sort: Sort, value: Any, start: int, end: int) -> Part:
    return Part(sort, lambda _f, _n: value, ast.Constant(value), start, end, constant=True, value=value, sure=True)


def _called(name: str, parts: Sequence[Part]) -> ast.Call:
    return ast.Call(ast.Name(name, ast.Load()), [part.node for part in parts], [])


def _counted(compute: Callable[[Decimal, Decimal], Decimal]) -> Callable[[Any, Any], Any]:
    def run(one: Decimal, other: Decimal) -> Decimal | Unknown:
        try:
            return compute(one, other)
        except (DivisionByZero, InvalidOperation, Overflow):
            return _NOT_COUNTED

    return run
