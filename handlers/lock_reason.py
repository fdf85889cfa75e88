"""Why an order is locked, in the words that stand on the order itself: all reasons, in the order of the checks."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from typing import Any, Final

from handlers.kinds import NONE, OTHERS, kind_of
from rules import RULES

_PLACES: Final = {slug: place for place, slug in enumerate(RULES)}
_TITLES: Final = frozenset(kind_of(slug).title for slug in (*RULES, *OTHERS) if kind_of(slug).blocks)

Why = tuple[str, str]
"""The kind that locks, and its words."""


def why(kind: str, reason: str, evidence: Mapping[str, Any] = NONE) -> Why:
    return kind, f"{kind_of(kind, evidence).title}：{reason}"


def joined(found: Iterable[Why]) -> str:
    """What no rule finds comes last."""
    placed = sorted(found, key=lambda one: _PLACES.get(one[0], len(_PLACES)))
    return "；".join(words for _, words in placed)


def besides(lock_reason: str, titles: Collection[str]) -> list[str]:
    """What locks the order beside the matters of its own that have these titles: one of many orders (货品未匹配) is no
    case of each. A reason may hold a ； of its own."""
    if not lock_reason:
        return []
    told = tuple(f"{title}：" for title in titles)
    parts = _between(frozenset(titles) - _TITLES).split(lock_reason)
    return [part for part in parts if part and not part.startswith(told)]


@lru_cache
def _between(own: frozenset[str]) -> re.Pattern[str]:
    """Where the next reason begins; `own`: titles that a company's own rules have."""
    known = "|".join(re.escape(title) for title in sorted(_TITLES | own))
    return re.compile(f"；(?=(?:{known})：)")
