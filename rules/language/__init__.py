"""Conditions that business people write: 金额 > 1000 且 省 属于 ['新疆', '西藏']. Read and checked once, with what is
wrong told at its place; then true, false or unknown for each order."""

from __future__ import annotations

from rules.language.catalogue import Catalogue, Field
from rules.language.condition import BUILTIN, Condition, Told, compile_condition, own_field
from rules.language.problem import ConditionError
from rules.language.sorts import Sort, Unknown

__all__ = [
    "BUILTIN",
    "Catalogue",
    "Condition",
    "ConditionError",
    "Field",
    "Sort",
    "Told",
    "Unknown",
    "compile_condition",
    "own_field",
]
