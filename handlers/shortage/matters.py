"""缺货: one matter for each SKU that is short, however many orders wait for it. Each of these has its own case,
which locks it and ends with its own shortness; only this one is told. It follows as orders come and go, and ends by
itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import opening, owe, trail
from handlers.desk import SYSTEM, Desk, Refusal
from handlers.matter import Opening, Told
from handlers.platform_moves import Work
from handlers.shortage import arrivals, census, places
from handlers.shortage.census import Short
from models import Role, Urgency
from models.stages import OPEN
from rules.verdict import Verdict

KIND: Final = "shortage"
OF: Final = "short_stock"
"""The kind of the orders' own cases."""

# Of what a matter turns out to be (census.Short): who hears of it, and what its trail says.
_TELLS: Final[Mapping[str, tuple[Sequence[str], str]]] = {
    "late": (("group", "role", "supervisor"), "到货晚于发货期限"),
    "overdue": (("owner", "role"), "过了答复的到货日，还没有到"),
}

_LIVE: Final = """
    SELECT id, group_key, reason, evidence, role, owner_id, revision FROM cases
    WHERE kind = 'shortage' AND order_id IS NULL AND state IN ('open', 'claimed') ORDER BY id
"""
_FOLLOWED: Final = text(_LIVE)
# What comes in meanwhile (handlers/shortage/arrivals.py) is added after what is told now, not lost with it; a matter
# that somebody holds is left for the next look.
_HELD: Final = text(f"{_LIVE} FOR NO KEY UPDATE SKIP LOCKED")
_SKU: Final = text("SELECT group_key FROM cases WHERE id = :id AND kind = 'shortage' AND order_id IS NULL")
_KNOWN: Final = text("""
    SELECT group_key FROM cases
    WHERE kind = 'shortage' AND order_id IS NULL AND state IN ('open', 'claimed') AND group_key = ANY(:skus)
""")


def sku_of(desk: Desk, case_id: int) -> str:
    """Raises Refusal for a matter of another kind."""
    sku: str | None = desk.session.execute(_SKU, {"id": case_id}).scalar_one_or_none()
    if sku is None:
        raise Refusal("这句话要对缺货货品的卡片说，请看那张卡片上的短码；发「异常 缺货」看有哪些")
    return sku


def skus_of(openings: Iterable[Opening], changes: Iterable[Verdict]) -> set[str]:
    """Of which SKUs orders are short just now."""
    found = [one.evidence for one in openings if one.kind == OF] + [one.evidence for one in changes]
    return {sku for evidence in found for sku in evidence.get("skus", ())}


def released_of(closed: Iterable[Row[Any]], works: Mapping[int, Work]) -> list[str]:
    """The SKUs of which orders that are still to leave were short until now, each as often as orders were."""
    free = [row for row in closed if row.kind == OF and works[row.order_id].stage in OPEN]
    return [sku for row in free for sku in row.evidence.get("skus", ())]


def raise_many(desk: Desk, skus: Iterable[str]) -> None:
    """One matter for each SKU that has none yet."""
    wanted = set(skus)
    if not wanted:
        return
    new = wanted - set(desk.session.execute(_KNOWN, {"skus": sorted(wanted)}).scalars())
    if new:
        _open(desk, census.of(desk, new))


def refresh(desk: Desk) -> None:
    """Bring the matters in line with the orders' own cases: open, follow, end."""
    live = list(desk.session.execute(_HELD))
    found = census.of(desk)
    news = arrivals.news(desk, live, found)
    _open_new(desk, found)
    _end(desk, [row for row in live if row.group_key not in found and _is_said(row, news)], news)
    _follow(desk, [(row, found[row.group_key]) for row in live if row.group_key in found], news)
    places.add_up(desk)
    places.wake(desk)


def follow(desk: Desk, sku: str) -> None:
    """Bring one SKU's matter up to date at once."""
    live = [row for row in desk.session.execute(_FOLLOWED) if row.group_key == sku]
    found = census.of(desk, [sku])
    _follow(desk, [(row, found[sku]) for row in live if sku in found], {})


def _open_new(desk: Desk, found: Mapping[str, Short]) -> None:
    """Of these the ones that have no matter yet, held by somebody or not."""
    known = set(desk.session.execute(_KNOWN, {"skus": sorted(found)}).scalars())
    _open(desk, {sku: short for sku, short in found.items() if sku not in known})


def _is_said(row: Row[Any], news: Mapping[int, str]) -> bool:
    """Goods that came are told of before the matter is over."""
    return row.id in news or not row.evidence.get("arrived")


def _open(desk: Desk, found: Mapping[str, Short]) -> None:
    openings = [
        Opening(KIND, one.reason, Role.PURCHASING, group_key=sku, evidence=one.evidence)
        for sku, one in sorted(found.items())
    ]
    for row in opening.open_many(desk, openings):
        detail = {"缺货": found[row.group_key].reason}
        trail.write(desk, f"case:{row.id}", SYSTEM, action="异常", detail=detail)


def _follow(desk: Desk, live: Sequence[tuple[Row[Any], Short]], news: Mapping[int, str]) -> None:
    """The cards follow in silence; what turns out to come too late, or has not come on its day, is told once more."""
    changed = [(row, short) for row, short in live if row.id in news or _differs(row, short)]
    opening.change_many(
        desk, [(row.id, short.reason, {**short.evidence, **_news(row.id, news)}) for row, short in changed]
    )
    for row, _ in changed:
        if row.id in news:
            trail.write(desk, f"case:{row.id}", SYSTEM, action="到货", detail={"缺货": news[row.id]})
    for what, (to, why) in _TELLS.items():
        rows = [(row, short) for row, short in changed if getattr(short, what) and not row.evidence.get(what)]
        told = [Told(row.id, Role(row.role), row.owner_id, to, _occasion(what, short)) for row, short in rows]
        owe.owe(desk, [replace(card, urgency=Urgency.ALERT) for card in opening.cards(desk, told)] if told else [])
        for row, _ in rows:
            trail.write(desk, f"case:{row.id}", SYSTEM, action="再次提醒", detail={"缺货": why})


def _news(case_id: int, news: Mapping[int, str]) -> Mapping[str, Any]:
    return {**arrivals.TOLD, "news": news[case_id]} if case_id in news else {}


def _differs(row: Row[Any], short: Short) -> bool:
    return row.reason != short.reason or any(row.evidence.get(name) != at for name, at in short.evidence.items())


def _occasion(what: str, short: Short) -> str:
    assert short.arrives_at is not None  # without a day nothing is late
    return f"{what}{short.arrives_at:%Y%m%d%H%M}"


def _end(desk: Desk, rows: Sequence[Row[Any]], news: Mapping[int, str]) -> None:
    why = {row.id: news.get(row.id, "没有订单再缺它") for row in rows}
    for row in opening.close_many(desk, list(why.items())):
        trail.write(desk, f"case:{row.id}", SYSTEM, action="异常解除", detail={"缺货": why[row.id]})
