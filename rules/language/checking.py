"""Parses a condition and walks its tree: what is not on the list is refused, every sort is checked where it stands, and
what is left becomes functions. Nothing is evaluated here that was not checked before."""

from __future__ import annotations

import ast
from typing import NamedTuple

from rules.language import leaves
from rules.language.problem import ConditionError
from rules.language.reading import Source
from rules.language.sorts import Sort
from rules.language.typed import Leaf, Look, Part
from rules.language.values import DEEPEST, Values, span_of


class _Pair(NamedTuple):
    """One comparison of `node`, which may hold several."""

    node: ast.Compare
    left: ast.expr
    sign: ast.cmpop
    right: ast.expr


class Checker(Values):
    """Makes the parts of one condition; `leaf_parts` and `looks` gather what it compares."""

    def __init__(self, source: Source) -> None:
        super().__init__(source)
        self.leaf_parts: list[Leaf] = []
        self.looks: list[Look] = []

    def whole(self) -> Part:
        """Raises ConditionError."""
        code = self._source.code
        try:
            tree = ast.parse(code.rstrip(), mode="eval")
        except (SyntaxError, RecursionError, MemoryError, ValueError) as error:
            at = self._source.at((getattr(error, "offset", 1) or 1) - 1)
            raise ConditionError("这里看不懂", self._source.text, at.start, at.end - at.start) from None
        return self.truth(tree.body, 0)

    def truth(self, node: ast.expr, depth: int) -> Part:
        """A part that is true, false or unknown."""
        if depth > DEEPEST:
            raise self._wrong(node, "条件套得太深，请拆成几条规则")
        if isinstance(node, ast.BoolOp):
            parts = [self.truth(one, depth + 1) for one in node.values]
            join = leaves.every if isinstance(node.op, ast.And) else leaves.some
            tree = ast.BoolOp(node.op, [part.node for part in parts])
            return self._made(node, join([part.run for part in parts]), tree, parts)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            part = self.truth(node.operand, depth + 1)
            return self._made(node, leaves.contrary(part.run), ast.UnaryOp(ast.Not(), part.node), [part])
        if isinstance(node, ast.Compare):
            return self._compare(node, depth)
        part = self._value(node, depth)
        if part.sort is not Sort.YESNO:
            hint = f"例如：{part.field.example}" if part.field is not None else "例如：金额 > 1000"
            raise self._wrong(node, f"这里要一个条件，「{self._said(part)}」只是{part.sort}", hint)
        self._leaf(part, self._said(part))
        return part

    def _compare(self, node: ast.Compare, depth: int) -> Part:
        """100 < 金额 <= 200 is two comparisons."""
        made = []
        left = node.left
        for sign, right in zip(node.ops, node.comparators, strict=True):
            made.append(self._one(_Pair(node, left, sign, right), depth))
            left = right
        if len(made) == 1:
            return made[0]
        tree = ast.BoolOp(ast.And(), [part.node for part in made])
        return self._made(node, leaves.every([part.run for part in made]), tree, made)

    def _one(self, pair: _Pair, depth: int) -> Part:
        node, left, sign, right = pair
        turned = isinstance(sign, ast.NotIn | ast.IsNot)
        if isinstance(sign, ast.Is | ast.IsNot):
            made = self._holds(node, self._value(left, depth), right, depth)
        elif isinstance(sign, ast.In | ast.NotIn):
            made = self._in(pair, depth)
        else:
            made = self._sides(pair, depth)
        if turned:
            made = self._made(node, leaves.contrary(made.run), ast.UnaryOp(ast.Not(), made.node), [made])
        start, end = span_of(left)[0], span_of(right)[1]
        self._leaf(made, self._source.said(start, end))
        return made

    def _sides(self, pair: _Pair, depth: int) -> Part:
        node, left, sign, right = pair
        one, other = self._value(left, depth), self._value(right, depth)
        one, other = self._fitted(one, other), self._fitted(other, one)
        if one.sort is not other.sort:
            raise self._mismatch(one, other)
        kind = type(sign)
        if kind in leaves.ORDER:
            if one.sort not in (Sort.NUMBER, Sort.MOMENT):
                raise self._wrong(left, f"「{self._said(one)}」是{one.sort}，不能比大小", "可以用 == 、!= 或「包含」")
            compare = leaves.ORDER[kind]
        else:
            compare = leaves.EQUAL[kind]
            self._check_equal(one)
            self._check_equal(other)
        self._check_reach(one, kind, other)
        self._check_reach(other, leaves.TURNED[kind], one)
        self._watch_clock(one, other)
        tree = ast.Compare(one.node, [sign], [other.node])
        return self._made(node, leaves.pair(one, other, compare), tree, [one, other])

    def _check_reach(self, part: Part, sign: type[ast.cmpop], beside: Part) -> None:
        """A slip of the pen that would find no order, for ever."""
        field = part.field
        if field is None or field.reach is None or not beside.constant or sign not in leaves.REACHES:
            return
        least, most = field.reach
        if not leaves.REACHES[sign](beside.value, least, most):
            message = f"「{field.name}」只有 {least} 到 {most}，这样永远不会成立"
            raise self._place(beside, message, f"例如：{field.example}")

    def _check_equal(self, part: Part) -> None:
        if part.sort is Sort.SET:
            name = self._said(part)
            raise self._place(part, f"一个订单可以有几样「{name}」，不能用等于", f"请写：{name} 包含 'QH-MUG-01'")
        if part.sort is Sort.MOMENT and not part.constant:
            raise self._place(part, f"「{self._said(part)}」精确到秒，不能用等于", "请用 >= 和 < 写一段时间")
        if part.field is not None and part.field.clock is not None:
            raise self._place(part, f"「{part.field.name}」一直在变，不能用等于", "请用 > 或 <")

    def _in(self, pair: _Pair, depth: int) -> Part:
        """In a list that was written; or a text within another, a member within a set."""
        node, left, _, right = pair
        if not isinstance(right, ast.List | ast.Tuple):
            whole = self._value(right, depth)
            if whole.field is None or whole.sort not in (Sort.TEXT, Sort.SET):
                raise self._place(whole, "「属于」后面要一个列表", "例如：省 属于 ['新疆', '西藏']")
            return self._holds(node, whole, left, depth)
        one = self._value(left, depth)
        if one.sort not in (Sort.NUMBER, Sort.TEXT):
            name = self._said(one)
            hint = f"请写：{name} 包含 ['A', 'B']" if one.sort is Sort.SET else ""
            raise self._wrong(left, f"「{name}」是{one.sort}，不能用「属于」", hint)
        if one.field is not None and one.field.clock is not None:
            raise self._wrong(left, f"「{one.field.name}」一直在变，不能用「属于」", "请用 > 或 <")
        listed = [self._fitted(part, one) for part in self._list(right, depth)]
        for part in listed:
            if part.sort is not one.sort:
                raise self._mismatch(one, part)
            self._check_reach(one, ast.Eq, part)
        values = frozenset(part.value for part in listed)
        beside = Part(one.sort, lambda _f, _n: values, right, *span_of(right), constant=True, value=values, sure=True)
        self._watch_clock(one, beside)
        tree = ast.Compare(one.node, [ast.In()], [ast.List([part.node for part in listed], ast.Load())])
        return self._made(node, leaves.pair(one, beside, leaves.within(values)), tree, [one, beside])

    def _holds(self, node: ast.Compare, whole: Part, right: ast.expr, depth: int) -> Part:
        """包含: one text, or any of a list."""
        if whole.sort not in (Sort.TEXT, Sort.SET):
            raise self._place(
                whole, f"「{self._said(whole)}」是{whole.sort}，不能用「包含」", "数字请用 > < 或「属于」"
            )
        many = isinstance(right, ast.List | ast.Tuple)
        found = self._list(right, depth) if many else [self._value(right, depth)]
        parts = []
        for part in found:
            wanted = self._fitted(part, whole, choices=whole.sort is Sort.SET)
            if wanted.sort is not Sort.TEXT:
                raise self._mismatch(whole, wanted)
            if wanted.constant and not wanted.value:
                raise self._place(part, "要找的文字是空的")
            tree = ast.Compare(wanted.node, [ast.In()], [whole.node])
            parts.append(self._made(node, leaves.pair(whole, wanted, leaves.holds(whole.sort)), tree, [whole, wanted]))
        if len(parts) == 1:
            return parts[0]
        tree_of_all = ast.BoolOp(ast.Or(), [part.node for part in parts])
        return self._made(node, leaves.some([part.run for part in parts]), tree_of_all, parts)

    def _watch_clock(self, one: Part, other: Part) -> None:
        clocks = [field for field in (*one.fields, *other.fields) if field.clock is not None]
        plain = one if other.constant else other if one.constant else None
        for field in clocks:
            assert field.clock is not None
            simple = plain is not None and plain.field is field
            value = (other if other.constant else one).value if simple else None
            if (look := Look.of(field.clock, value, falls=field.falls)) is not None:
                self.looks.append(look)

    def _leaf(self, part: Part, words: str) -> None:
        if not part.constant:
            self.leaf_parts.append(Leaf(words, part.run, part.fields))
