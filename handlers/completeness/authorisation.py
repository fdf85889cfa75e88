"""AUTH_EXPIRING: a shop's authorisation ends. The owner is asked in time, 7, 3 and 1 days before: one case for life,
told anew at each step; it ends by itself when the authorisation was renewed. What the hub can renew itself, in the last
day as platforms want it, is nobody's matter before that day."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import opening, owe, trail
from handlers.desk import Actor, Desk
from handlers.matter import Opening, Told
from handlers.wording import moment
from models import Role

KIND: Final = "auth_expiring"
CLOCK: Final = Actor(name="系统", source="clock")
STEPS: Final = (7, 3, 1, 0)  # days that are left when people are told
RENEW_FROM: Final = timedelta(days=1)
"""So long before the end the hub renews by itself, where the platform lets it."""
_SHOP: Final = text("SELECT id, name FROM shops WHERE id = :id")
_LIVE: Final = text("""
    SELECT id, owner_id, evidence FROM cases WHERE kind = 'auth_expiring' AND group_key = :key AND order_id IS NULL
        AND state IN ('open', 'claimed')
""")
# One row for each end and step that a person or the clock ended: they are few.
_NEWEST: Final = text("""
    SELECT evidence FROM cases WHERE kind = 'auth_expiring' AND group_key = :key AND order_id IS NULL
    ORDER BY id DESC LIMIT 1
""")


def check(desk: Desk, shop_id: int, until: datetime | None, *, renews: bool = False) -> None:
    """`until`: when the authorisation ends, None where that is unknown or never. `renews`: the hub can renew it."""
    live = desk.session.execute(_LIVE, {"key": f"auth:{shop_id}"}).one_or_none()
    step = None if until is None else _step(until - desk.now, renews=renews)
    if until is None or step is None:
        if live is not None:
            _close(desk, live, until)
        return
    known = live.evidence if live is not None else _ended(desk, shop_id, until)
    if known is not None and known["days"] <= step:
        return
    shop = desk.session.execute(_SHOP, {"id": shop_id}).one()
    reason = _reason(shop.name, until, desk.now)
    if live is None:
        _open(desk, shop_id, reason, {"days": step, "until": until.isoformat()})
    else:
        _escalate(desk, live, reason, step)


def _ended(desk: Desk, shop_id: int, until: datetime) -> dict[str, Any] | None:
    """What people were told of this very end in a case that a person has ended: the same step is not told again."""
    found: dict[str, Any] | None = desk.session.execute(_NEWEST, {"key": f"auth:{shop_id}"}).scalar()
    return found if found is not None and found.get("until") == until.isoformat() else None


def _step(left: timedelta, *, renews: bool) -> int | None:
    """The step that is due: the smallest that what is left has come down to."""
    due = [days for days in STEPS if left <= timedelta(days=days) <= (RENEW_FROM if renews else timedelta.max)]
    return min(due) if due else None


def _reason(name: str, until: datetime, now: datetime) -> str:
    if until <= now:
        words = "新订单进不来。请店主立即到商家后台重新授权；授权后从断点续拉，不会漏单"
        return f"{name}的平台授权已于 {moment(until)} 到期，{words}"
    days = -(-(until - now) // timedelta(days=1))
    return f"{name}的平台授权 {days} 天后到期（{moment(until)}）。请店主在此之前到商家后台续期或重新授权"


def _open(desk: Desk, shop_id: int, reason: str, evidence: dict[str, Any]) -> None:
    made = Opening(KIND, reason, Role.SUPERVISOR, shop_id=shop_id, group_key=f"auth:{shop_id}", evidence=evidence)
    for case in opening.open_many(desk, [made]):
        trail.write(desk, f"case:{case.id}", CLOCK, action="异常", detail={"授权到期": reason})


def _escalate(desk: Desk, live: Row[Any], reason: str, step: int) -> None:
    opening.change_many(desk, [(live.id, reason, {"days": step})])
    told = Told(live.id, Role.SUPERVISOR, live.owner_id, ("owner", "supervisor"), f"days{step}")
    owe.owe(desk, opening.cards(desk, [told]))
    trail.write(desk, f"case:{live.id}", CLOCK, action="升级提醒", detail={"授权到期": reason})


def _close(desk: Desk, live: Row[Any], until: datetime | None) -> None:
    words = f"已续期到 {moment(until)}" if until else "已续期"
    if opening.close_many(desk, [(live.id, words)]):
        trail.write(desk, f"case:{live.id}", CLOCK, action="异常解除", detail={"授权到期": words})
