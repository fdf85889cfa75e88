"""Texts that PostgreSQL can hold: no NUL, no lone surrogates. Rare, so only records that have one pay for it."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

T = TypeVar("T")


def storable_text(value: T) -> T:
    """`value` (a frozen dataclass of texts, tuples, mappings, dataclasses) with every text made storable."""
    cleaned: Any = _clean(value)
    return cleaned  # type: ignore[no-any-return]


def _clean(value: Any) -> Any:
    if type(value) is str:  # an enum's member stays what it is
        return value.replace("\0", "").encode("utf-8", "replace").decode()
    if isinstance(value, tuple):
        return tuple(_clean(item) for item in value)
    if isinstance(value, dict):
        return {key: _clean(item) for key, item in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{part.name: _clean(getattr(value, part.name)) for part in fields(value)})
    return value
