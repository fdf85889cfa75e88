"""Parcels on their way: which are followed, what the courier interface told of them, and when they are due.

The network is not touched here: `workers/supply.py` asks the interface for what `wanted` names, and hands the answers
back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from sqlalchemy import Row, text

from handlers import owe, people
from handlers.desk import Desk, Job
from handlers.gather import receiver_of
from models import Role
from models.couriers import courier_name, courier_slug
from models.vault import phone_digits

FRESH: Final = timedelta(days=7)  # what left longer ago is not followed any more when the hub first sees it
_LEASE: Final = timedelta(minutes=15)  # a worker that has taken a parcel and not come back by then is dead
SOONEST: Final = timedelta(minutes=30)  # between two questions about one number, as the interface wants
_MARGIN: Final = timedelta(hours=1)  # asked once more before anybody is alarmed
_LONGEST_PAUSE: Final = timedelta(hours=6)

_SENT: Final = text("""
    INSERT INTO parcels (order_id, courier, waybill, shipped_at, subscribe_at, next_query_at, due_at)
    SELECT o.id, o.courier, btrim(n.waybill), coalesce(o.shipped_at, o.stage_entered_at), :now,
        greatest(coalesce(o.shipped_at, o.stage_entered_at) + :ask_after, :now + :soonest),
        greatest(coalesce(o.shipped_at, o.stage_entered_at) + :warn_after, :now + :soonest)
    FROM orders o, regexp_split_to_table(o.waybill, ',') AS n(waybill)
    WHERE o.id = ANY(:ids) AND btrim(n.waybill) <> ''
        AND coalesce(o.shipped_at, o.stage_entered_at) > :oldest
    ON CONFLICT (order_id, waybill) DO NOTHING RETURNING order_id
""")
_REPLACED: Final = text("""
    UPDATE parcels p SET closed = true, subscribe_at = NULL, next_query_at = NULL, due_at = NULL FROM orders o
    WHERE p.order_id = ANY(:ids) AND o.id = p.order_id AND NOT p.closed
        AND p.waybill <> ALL(regexp_split_to_array(o.waybill, '\\s*,\\s*'))
""")
# Materialized: where a plan reads the due ones once per order instead, more than :n are taken.
_TAKE: Final = """
    WITH due AS MATERIALIZED (
        SELECT id FROM parcels WHERE {column} <= :now ORDER BY {column} LIMIT :n FOR UPDATE SKIP LOCKED
    )
    UPDATE parcels p SET {column} = :until FROM due, orders o
    WHERE p.id = due.id AND o.id = p.order_id RETURNING p.id, p.courier, p.waybill, o.receiver
"""
_TAKES: Final = {
    "subscribe": text(_TAKE.format(column="subscribe_at")),
    "query": text(_TAKE.format(column="next_query_at")),
}
_SUBSCRIBED: Final = text("""
    UPDATE parcels SET subscribed_at = :now, subscribe_at = NULL, tries = 0, problem = '' WHERE id = :id AND NOT closed
""")
_NOTHING_YET: Final = text("""
    UPDATE parcels SET heard_at = :now, tries = 0, next_query_at = :next, problem = :problem,
        due_at = CASE WHEN heard_at IS NULL THEN :now ELSE due_at END
    WHERE id = :id AND NOT closed
""")
_REFUSED: Final = text("""
    UPDATE parcels SET problem = :why, subscribe_at = NULL, next_query_at = NULL WHERE id = :id AND NOT closed
""")
_FAILED: Final = {
    "subscribe": text("UPDATE parcels SET tries = tries + 1, subscribe_at = :at WHERE id = :id AND NOT closed"),
    "query": text("UPDATE parcels SET tries = tries + 1, next_query_at = :at WHERE id = :id AND NOT closed"),
}
_PUT_OFF: Final = {
    "subscribe": text("UPDATE parcels SET subscribe_at = :at WHERE id = ANY(:ids) AND NOT closed"),
    "query": text("UPDATE parcels SET next_query_at = :at WHERE id = ANY(:ids) AND NOT closed"),
}
_TRIES: Final = text("SELECT tries FROM parcels WHERE id = :id")
_DUE: Final = text("SELECT DISTINCT order_id FROM (SELECT order_id FROM parcels WHERE due_at <= :now ORDER BY due_at "
                   "LIMIT :n) due")  # fmt: skip
_PASSED: Final = text("UPDATE parcels SET due_at = :at WHERE order_id = ANY(:ids) AND due_at <= :now")
_NEXT: Final = text("""
    UPDATE parcels p SET due_at = CASE WHEN p.closed THEN NULL ELSE x.at END
    FROM unnest(cast(:ids AS bigint[]), cast(:moments AS timestamptz[])) AS x(order_id, at)
    WHERE p.order_id = x.order_id AND p.due_at IS DISTINCT FROM CASE WHEN p.closed THEN NULL ELSE x.at END
""")
_WARN: Final = text("""
    UPDATE parcels p SET warned_hours = x.hours FROM (
        SELECT p.id, o.tag, max(w.hours) AS hours FROM parcels p JOIN orders o ON o.id = p.order_id
            JOIN unnest(cast(:hours AS int[])) AS w(hours) ON p.shipped_at + make_interval(hours => w.hours) <= :now
        WHERE p.order_id = ANY(:ids) AND p.first_scan_at IS NULL AND p.heard_at IS NOT NULL AND NOT p.closed
            AND p.shipped_at + make_interval(hours => :limit) > :now
        GROUP BY p.id, o.tag
    ) x WHERE p.id = x.id AND p.warned_hours < x.hours
    RETURNING p.id, p.order_id, p.courier, p.waybill, p.warned_hours, x.tag
""")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A parcel about which the interface is to be asked. `phone_tail`: as far as the receiver's number can be seen."""

    parcel_id: int
    what: Literal["subscribe", "query"]
    courier: str
    waybill: str
    phone_tail: str


def sent(desk: Desk, order_ids: Sequence[int]) -> None:
    """Follow the parcels of these orders, which left, or a part of which did, where a courier interface can tell."""
    if not order_ids or desk.settings.courier is None:
        return
    first = timedelta(hours=min(desk.settings.parcels.first_warning_hours, desk.settings.parcels.scan_hours))
    new = list(desk.session.execute(_SENT, {
        "ids": list(order_ids), "now": desk.now, "oldest": desk.now - FRESH, "ask_after": max(first - _MARGIN, _MARGIN),
        "warn_after": first, "soonest": SOONEST,
    }).scalars())  # fmt: skip
    if new:
        desk.session.execute(_REPLACED, {"ids": new})
        desk.ask_later(Job.TRACK_PARCELS)


def wanted(desk: Desk, what: Literal["subscribe", "query"], limit: int) -> list[Wanted]:
    """Take up to `limit` parcels about which the interface must be asked now; nobody else takes them meanwhile."""
    rows = desk.session.execute(_TAKES[what], {"now": desk.now, "until": desk.now + _LEASE, "n": limit})
    return [Wanted(row.id, what, courier_slug(row.courier), row.waybill, _phone_tail(desk, row)) for row in rows]


def subscribed(desk: Desk, parcel_id: int) -> None:
    """The interface will tell by itself."""
    desk.session.execute(_SUBSCRIBED, {"id": parcel_id, "now": desk.now})


def nothing_yet(desk: Desk, parcel_id: int, guesses: Sequence[str] = ()) -> None:
    """The interface knows no line of it so far. `guesses`: whose number it looks like, where it is not this courier's.
    A guess only makes people look."""
    likely = "、".join(courier_name(slug) for slug in guesses[:2])
    problem = f"单号更像{likely}的，请核对快递公司" if likely else ""
    desk.session.execute(
        _NOTHING_YET, {"id": parcel_id, "now": desk.now, "next": desk.now + _LONGEST_PAUSE, "problem": problem}
    )


def refused(desk: Desk, parcel_id: int, why: str) -> None:
    """Nothing can ever be told of it: shown with the order, and unknown to the rules."""
    desk.session.execute(_REFUSED, {"id": parcel_id, "why": why})


def failed(desk: Desk, parcel_id: int, what: Literal["subscribe", "query"], wait_seconds: float = 0) -> None:
    """It was asked in vain: once more later, each time after a longer while."""
    tries = desk.session.execute(_TRIES, {"id": parcel_id}).scalar_one()
    pause = min(timedelta(minutes=5) * 2 ** min(tries, 10), _LONGEST_PAUSE)
    pause = max(pause, timedelta(seconds=wait_seconds), SOONEST if what == "query" else pause)
    desk.session.execute(_FAILED[what], {"id": parcel_id, "at": desk.now + pause})


def put_off(desk: Desk, what: Literal["subscribe", "query"], parcel_ids: Sequence[int], seconds: float) -> None:
    """These could not be asked about, for no reason of their own: no try of theirs."""
    desk.session.execute(_PUT_OFF[what], {"ids": list(parcel_ids), "at": desk.now + timedelta(seconds=seconds)})


def due(desk: Desk, limit: int) -> list[int]:
    """Ids of orders at whose parcels the rules must look now."""
    return list(desk.session.execute(_DUE, {"now": desk.now, "n": limit}).scalars())


def looked_at(desk: Desk, order_ids: Sequence[int], *, again_at: datetime | None = None) -> None:
    """Whatever the rules said: nothing stays due of what was looked at (or broke, and comes again at `again_at`)."""
    if order_ids:
        desk.session.execute(_PASSED, {"ids": list(order_ids), "now": desk.now, "at": again_at})


def look_at(desk: Desk, moments: Mapping[int, datetime | None]) -> None:
    """The rules have looked at these orders' parcels and want to look again then; who must be warned is warned."""
    if not moments:
        return
    desk.session.execute(_NEXT, {"ids": list(moments), "moments": list(moments.values())})
    limits = desk.settings.parcels
    hours = [limits.first_warning_hours, limits.second_warning_hours]
    asked = {"ids": list(moments), "hours": hours, "limit": limits.scan_hours, "now": desk.now}
    _warn(desk, list(desk.session.execute(_WARN, asked)))


def _warn(desk: Desk, rows: Sequence[Row[Any]]) -> None:
    """One sentence to each of the warehouse about all parcels that nobody has collected."""
    for hours in sorted({row.warned_hours for row in rows}):
        late = [row for row in rows if row.warned_hours == hours]
        named = "；".join(f"{row.tag} {courier_name(row.courier)} {row.waybill}" for row in late[:10])
        more = f" 等 {len(late)} 个" if len(late) > 10 else ""
        limit = desk.settings.parcels.scan_hours
        words = f"发出 {hours} 小时还没有揽收（超过 {limit} 小时算揽收超时），请联系网点：{named}{more}"
        key = f"parcels:{min(row.id for row in late)}:{hours}h:{desk.now:%Y%m%d%H%M}"
        staff = people.with_role(people.staff(desk), Role.WAREHOUSE)
        owe.owe(desk, [owe.note(key, one.id, f"order:{late[0].order_id}", words) for one in staff])


def _phone_tail(desk: Desk, row: Row[Any]) -> str:
    seen = receiver_of(desk.vault, row.receiver)
    tail = phone_digits(seen.phone)[-4:] if seen.phone else seen.phone_mask[-4:]
    return tail if len(tail) == 4 and tail.isascii() and tail.isdigit() else ""
