"""The card of a day's proofs, and the last two weeks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import Row

from handlers import permissions
from handlers.completeness import proof, which_shop
from handlers.completeness.view import ProofRow, ProofView
from handlers.desk import Actor, Desk
from handlers.permissions import Permit
from handlers.views import TextView
from handlers.wording import day_of
from models import Role

PERMIT: Final = Permit("对账", frozenset({Role.SUPERVISOR}))
HISTORY_DAYS: Final = 14
_WORST_FIRST: Final = ("red", "filling", "unknown", "", "green")


def show(desk: Desk, number: int, actor: Actor | None, *, note: str = "") -> ProofView:
    """Raises Refusal where `number` is no day."""
    day = proof.day_of_number(number)
    found = {row.shop_id: row for row in proof.newest(desk, day, day)}
    rows = [_row(row) for row in found.values()]
    rows += [ProofRow(shop.prefix, shop.name, "") for shop in which_shop.read_shops(desk) if shop.id not in found]
    rows.sort(key=lambda row: _WORST_FIRST.index(row.state))
    may = permissions.allowed(PERMIT, actor)
    return ProofView(day, number, proof.revision_of(desk, day), tuple(rows), desk.now, may, note)


def history(desk: Desk) -> TextView:
    """The last 14 days, newest first."""
    last = day_of(desk.now) - timedelta(days=1)
    first = last - timedelta(days=HISTORY_DAYS - 1)
    days: dict[date, list[Row[Any]]] = {last - timedelta(days=ago): [] for ago in range(HISTORY_DAYS)}
    for row in proof.newest(desk, first, last):
        days[row.day].append(row)
    return TextView("\n".join([f"**最近 {HISTORY_DAYS} 天对账**", *(_line(day, rows) for day, rows in days.items())]))


def _row(row: Row[Any]) -> ProofRow:
    refilled = len(set(row.missing) - set(row.still))
    return ProofRow(
        row.prefix, row.name, row.state, row.platform_orders, row.hub_orders, refilled, tuple(row.still),
        tuple(row.strangers), row.reason,
    )  # fmt: skip


def _line(day: date, rows: Sequence[Row[Any]]) -> str:
    if not rows:
        return f"{day:%m-%d} 没有对账"
    wrong = [row for row in rows if row.state != "green"]
    refilled = sum(len(set(row.missing) - set(row.still)) for row in rows)
    back = f"，补回 {refilled} 单" if refilled else ""
    if not wrong:
        return f"{day:%m-%d} ✓ {len(rows)} 店一致，共 {sum(row.platform_orders for row in rows)} 单{back}"
    mark = "✗" if any(row.state != "unknown" for row in wrong) else "?"
    said = "；".join(f"{row.name}：{row.reason}" for row in wrong)
    return f"{day:%m-%d} {mark} {said}{back}"
