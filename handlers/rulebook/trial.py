"""A dry run as the page shows it: how far it is, and with its end the numbers, whose work it is, and the orders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import text

from handlers import mask, permissions
from handlers.desk import Actor, Desk
from handlers.rulebook import changing, dry_run
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

    number: int = 0
    shown: Sequence[tuple[int, str]] = ()


@dataclass(frozen=True, slots=True)
class TrialView:
    """`state`: running, done, failed. `figures`: (what, how many); `lines`, `notes`: sentences. `run_id`: 0 for what
    was done at once."""

    condition: str
    days: int
    state: str
    total: int
    looked: int = 0
    run_id: int = 0
    rule_id: int | None = None
    figures: Sequence[tuple[str, int]] = ()
    lines: Sequence[str] = ()
    notes: Sequence[str] = ()
    more: Orders = Orders()
    fewer: Orders = Orders()


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
    now, past = tally.open, tally.past
    looked = now.looked + past.looked
    figures = (("会新开", now.more), ("会结束", now.fewer), ("命中", now.hits), ("不能确定", now.unknown))
    dates = ["预演不看起止日期"] if wish.valid_from or wish.valid_to else []
    daily = [f"平均每天约 {past.hits / days:.1f} 单"] if past.looked else []
    return TrialView(
        mask.phones(wish.condition), days, "done", looked, looked, run_id, rule_id, figures,
        dry_run.found(asked, tally), (*daily, *dates, dry_run.HOW),
        _orders(desk, tally.more, now.more + past.more), _orders(desk, tally.fewer, now.fewer + past.fewer),
    )  # fmt: skip


def _orders(desk: Desk, ids: Sequence[int], number: int) -> Orders:
    if not ids:
        return Orders()
    found = desk.session.execute(_ORDERS, {"ids": list(ids[:SHOWN])})
    return Orders(number, [(row.id, row.tag) for row in found])
