"""To whom a matter goes: a pure choice among those of its role, and why in one line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Hand:
    """Somebody of the role who is not absent. `load`: open matters that lie with them; `skills`: what they are good
    at, none for everything; `here`: on shift."""

    staff_id: int
    name: str
    load: int
    skills: frozenset[str] = frozenset()
    here: bool = True


@dataclass(frozen=True, slots=True)
class Choice:
    """`staff_id`: None where nobody is free; `why` in words for the card; `good`: the skill that fits, "" for none."""

    staff_id: int | None
    why: str
    good: str = ""


def choose(hands: Sequence[Hand], wanted: Iterable[str], cap: int, *, usual: int | None = None) -> Choice:
    """Of those on shift with room: whose order it is (`usual`) first, then who is good at it, then who takes
    everything, then the others; the least laden of them. `wanted`: what the matter is, as skills name it; the first
    that fits is said."""
    tags = tuple(wanted)
    here = [one for one in hands if one.here]
    free = [one for one in here if one.load < cap]
    if not free:
        return Choice(None, f"在班的都满了（每人最多 {cap} 件）" if here else "现在没有人在班")
    best = min(free, key=lambda one: (one.staff_id != usual, _fits(one, tags), one.load, one.staff_id))
    good = next((tag for tag in tags if tag in best.skills), "")
    follows = f"这一单由{best.name}跟进、" if best.staff_id == usual else ""
    return Choice(best.staff_id, f"{follows}在班、手上 {best.load} 件", good)


def _fits(one: Hand, tags: Sequence[str]) -> int:
    """0 where somebody is good at it, 1 where they take everything, 2 where they are good at other things."""
    if not one.skills:
        return 1
    return 0 if one.skills.intersection(tags) else 2
