"""Whoever gets what somebody else had hears of it in one sentence, and the pool is told to those who may claim."""

from __future__ import annotations

from collections.abc import Sequence

from handlers import owe, people
from handlers.desk import Desk
from handlers.duty import duty, naming
from handlers.duty.moving import Change
from models import Role


def tell_new_owners(desk: Desk, changes: Sequence[Change], *, subject: str, why: str) -> None:
    """`why` begins the sentence: "小李请假（12-25）". Orders in the pool are their stage's, and shown on the board."""
    roster, everybody = duty.roster(desk), people.staff(desk)
    theirs: dict[int, list[str]] = {}
    pooled: dict[int, list[str]] = {}
    for change in changes:
        if change.owner_id is not None:
            theirs.setdefault(change.owner_id, []).append(change.subject)
        elif change.subject.startswith("case:"):
            for one in roster.told_of(everybody, Role(change.row.role), desk.now):
                pooled.setdefault(one.id, []).append(change.subject)
    ways = (("given", f"{why}，请您代办：", theirs), ("pooled", f"{why}，放回待认领，请认领：", pooled))
    owe.owe(
        desk,
        [
            owe.note(f"{subject}:{slug}:{desk.now:%Y%m%d%H%M%S}", one, subject, words + _named(desk, subjects))
            for slug, words, found in ways
            for one, subjects in found.items()
        ],
    )


def _named(desk: Desk, subjects: Sequence[str]) -> str:
    more = f" 等 {len(subjects)} 件" if len(subjects) > naming.SHOWN else ""
    return "；".join(naming.lines(desk, subjects)) + more
