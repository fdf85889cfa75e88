"""Exception 29: a far party's interface fails. One matter per party, however many orders and shops wait behind it; it
ends by itself, and who had to wait goes on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import text

from handlers import opening, trail
from handlers.desk import SYSTEM, Desk, Job
from handlers.kinds import title_of
from handlers.opening import Opening
from models import Role

KIND: Final = "upstream_down"
_LIVE: Final = text(f"""
    SELECT id, group_key, reason FROM cases
    WHERE kind = '{KIND}' AND order_id IS NULL AND state IN ('open', 'claimed')
""")
_WAITING: Final = text("""
    SELECT count(*) FROM write_backs w JOIN shops s ON s.id = w.shop_id
    WHERE w.state = 'owed' AND s.platform = :party
""")
# Taken, so that one that fails again is not asked at every look, but when its turn comes.
_WAITED: Final = text("""
    UPDATE shops SET wait_until = NULL WHERE state = 'working' AND wait_until <= :now AND slug = ANY(:slugs)
    RETURNING slug
""")
_BACK: Final = "接口已恢复，积压的会自动补上"


@dataclass(frozen=True, slots=True)
class Down:
    """A party whose calls fail: `party` is its slug ("taobao"), `title` what people call it, `why` a word on the
    failures; counts are of 10 minutes."""

    party: str
    title: str
    why: str
    failures: int
    calls: int
    since: datetime


def sync(desk: Desk, downs: Sequence[Down]) -> None:
    """Matters as the parties stand now: opened and told once, brought up to date, ended."""
    live = {case.group_key: case for case in desk.session.execute(_LIVE)}
    reasons = {_key(down.party): _reason(desk, down) for down in downs}
    changed: list[tuple[int, str, Mapping[str, Any]]] = [
        (case.id, reasons[key], {}) for key, case in live.items() if key in reasons and case.reason != reasons[key]
    ]
    opening.change_many(desk, changed)
    _open(desk, [down for down in downs if _key(down.party) not in live], reasons)
    for row in opening.close_many(desk, [(case.id, _BACK) for key, case in live.items() if key not in reasons]):
        trail.write(desk, f"case:{row.id}", SYSTEM, action="异常解除", detail={title_of(KIND, {}): _BACK})


def go_on(desk: Desk) -> None:
    """Shops that had to wait, and need not any more, are read at once: their turn may be far."""
    slugs = [shop.slug for shop in desk.settings.shops if shop.enabled]
    for slug in desk.session.execute(_WAITED, {"now": desk.now, "slugs": slugs}).scalars():
        desk.ask_later(Job.PULL_SHOP, slug)


def is_down(desk: Desk, party: str) -> bool:
    """Whether people know already that this party fails."""
    return party in parties_down(desk)


def parties_down(desk: Desk) -> set[str]:
    """The parties that fail, as people know already."""
    return {case.group_key.partition(":")[2] for case in desk.session.execute(_LIVE)}


def _open(desk: Desk, downs: Sequence[Down], reasons: dict[str, str]) -> None:
    made = [
        Opening(
            KIND, reasons[_key(down.party)], Role.SUPERVISOR, group_key=_key(down.party),
            evidence={"party": down.party, "since": down.since.isoformat()},
        )
        for down in downs
    ]  # fmt: skip
    for row in opening.open_many(desk, made):
        detail = {title_of(KIND, {}): reasons[row.group_key]}
        trail.write(desk, f"case:{row.id}", SYSTEM, action="异常", detail=detail)


def _reason(desk: Desk, down: Down) -> str:
    waiting = desk.session.execute(_WAITING, {"party": down.party}).scalar_one()
    rate = round(100 * down.failures / max(down.calls, down.failures, 1))
    queue = f"，积压 {waiting} 单回传" if waiting else ""
    return f"{down.title}故障：10 分钟内 {down.failures} 次失败（{down.why}，失败率 {rate}%），自动重试中{queue}"


def _key(party: str) -> str:
    return f"upstream:{party}"
