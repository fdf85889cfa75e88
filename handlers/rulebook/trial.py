"""A dry run as the page shows it: how far it is, and with its end the numbers, whose work it is, and the orders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import text

from handlers import mask, permissions
from handlers.desk import Actor, Desk
from handlers.rulebook import changing, dry_run, found
from handlers.rulebook.replay import Tally
from handlers.rulebook.store import Wish

SHOWN: Final = 60
_ORDERS: Final = text("""
    SELECT o.id, o.tag FROM unnest(cast(:ids AS bigint[])) WITH ORDINALITY x(id, place) JOIN orders o ON o.id = x.id
    ORDER BY x.place
""")


@dataclass(frozen=True, slots=True)
class Orders:
    """`shown`: (id, tag) of the first of them."""

    number: int
    shown: Sequence[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class Part:
    """Orders that are here, or those that left: what would be opened now does not stand beside what would have been.
    `figures`: (what, how many); `lists`: the orders of a figure, by its words; `looked`: all of the part."""

    title: str
    hint: str
    looked: int
    figures: Sequence[tuple[str, int]]
    lines: Sequence[str]
    lists: Sequence[tuple[str, Orders]]


@dataclass(frozen=True, slots=True)
class TrialView:
    """`state`: running, done, failed. `lines`, `notes`: sentences. `run_id`: 0 for what was done at once."""

    condition: str
    days: int
    state: str
    total: int
    looked: int = 0
    run_id: int = 0
    rule_id: int | None = None
    parts: Sequence[Part] = ()
    lines: Sequence[str] = ()
    notes: Sequence[str] = ()


def begin(desk: Desk, actor: Actor, wish: Wish, *, rule_id: int | None = None, days: int = dry_run.DAYS) -> TrialView:
    """What comes of it, or that it goes on behind. Raises Refusal."""
    permissions.check(desk, changing.SET, actor)
    begun = dry_run.begin(desk, actor, wish, rule_id=rule_id, days=days)
    if begun.tally is not None:
        return _done(desk, (rule_id, wish, days), begun.tally)
    return TrialView(mask.phones(wish.condition), days, "running", begun.orders, run_id=begun.run_id, rule_id=rule_id)


def stands(desk: Desk, actor: Actor, run_id: int) -> TrialView:
    """One of the actor's own. Raises Refusal."""
    permissions.check(desk, changing.SET, actor)
    row = dry_run.own(desk, actor, run_id)
    wish = Wish.unpacked(row.wish)
    if row.state == "done":
        return _done(desk, (row.rule_id, wish, row.days), Tally.unpacked(row.found), run_id)
    state = "failed" if row.state == "failed" else "running"
    return TrialView(mask.phones(wish.condition), row.days, state, row.total, row.looked, run_id, row.rule_id)


def _done(desk: Desk, asked: tuple[int | None, Wish, int], tally: Tally, run_id: int = 0) -> TrialView:
    rule_id, wish, days = asked
    looked = tally.open.looked + tally.past.looked
    dates = ["预演不看起止日期"] if wish.valid_from or wish.valid_to else []
    parts = (_here(desk, wish, tally), *([_gone(desk, days, tally)] if tally.past.looked else []))
    return TrialView(
        mask.phones(wish.condition), days, "done", looked, looked, run_id, rule_id, parts,
        found.rest(wish, days, tally), (*dates, dry_run.HOW),
    )  # fmt: skip


def _here(desk: Desk, wish: Wish, tally: Tally) -> Part:
    now = tally.open
    more, fewer = ("会新开", now.more), ("会结束", now.fewer)
    return Part(
        f"现在没发的 {now.looked:,} 单", "启用后就会这样", now.looked,
        (more, fewer, ("命中", now.hits), ("不能确定", now.unknown)), found.of_open(wish, tally),
        _lists(desk, (more, tally.more), (fewer, tally.fewer)),
    )  # fmt: skip


def _gone(desk: Desk, days: int, tally: Tally) -> Part:
    past = tally.past
    more, fewer = ("会多开", past.more), ("会少开", past.fewer)
    return Part(
        f"近 {days} 天离开的 {past.looked:,} 单", "如果当时就这样：只作对照，不会真开", past.looked,
        (more, fewer, ("命中", past.hits), ("不能确定", past.unknown)),
        [f"这 {past.looked:,} 单里{found.daily(past, days)}"],
        _lists(desk, (more, tally.past_more), (fewer, tally.past_fewer)),
    )  # fmt: skip


def _lists(desk: Desk, *figures: tuple[tuple[str, int], Sequence[int]]) -> Sequence[tuple[str, Orders]]:
    return [(what, _orders(desk, ids, number)) for (what, number), ids in figures if ids]


def _orders(desk: Desk, ids: Sequence[int], number: int) -> Orders:
    rows = desk.session.execute(_ORDERS, {"ids": list(ids[:SHOWN])})
    return Orders(number, [(row.id, row.tag) for row in rows])
