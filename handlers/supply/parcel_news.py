"""What a courier interface told of a waybill, by push or as an answer, becomes the parcel's state and its lines.

It tells the same lines again and again, in any order and sometimes late: each line is kept once, and a parcel that has
arrived stays so. Numbers of people are hidden before anything is kept.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import gather, mask
from handlers.desk import Desk
from models.beijing import BEIJING
from models.couriers import courier_name, courier_slug
from models.parcel import STATES, Tracked, TrackLine
from models.vault import fingerprint
from rules.facts import ParcelFacts

_AGAIN: Final = timedelta(hours=12)  # before an interface that has given up is asked to tell by itself once more
_LONGEST_WAY: Final = timedelta(days=20)
_UNHEARD: Final = timedelta(hours=6)  # without a scan: asked again, for a push may be lost
_MARGIN: Final = timedelta(hours=2)  # before the moment at which lying still becomes a matter
_LONGEST_LINE: Final = 300
# Written by the shop's own systems before any courier has seen the parcel.
_BEFORE: Final = re.compile(
    r"待揽收|等待揽件|已下单|已接单|已打包|正在打包|已出库|商家已发货|商家正通知|仓库处理中|面单"
)

_OPEN: Final = text("""
    SELECT id, order_id, courier, waybill, state, shipped_at, first_scan_at, last_event_at, last_text, heard_at
    FROM parcels
    WHERE waybill = :waybill AND NOT closed ORDER BY id FOR UPDATE
""")
_EVENTS: Final = text("""
    INSERT INTO parcel_events (parcel_id, mark, at, text)
    SELECT :id, mark, at, line FROM unnest(cast(:marks AS bytea[]), cast(:moments AS timestamptz[]),
        cast(:lines AS text[])) AS x(mark, at, line) ON CONFLICT DO NOTHING
""")
_HEARD: Final = text("""
    UPDATE parcels SET state = :state, first_scan_at = :first_scan_at, last_event_at = :last_event_at,
        last_text = :last_text, closed = :closed, heard_at = :now, tries = 0, problem = '',
        due_at = CASE WHEN :news THEN :now ELSE due_at END, next_query_at = :next_query_at,
        subscribed_at = CASE WHEN :given_up THEN NULL ELSE subscribed_at END,
        subscribe_at = CASE WHEN :closed THEN NULL WHEN :given_up THEN cast(:again AS timestamptz) ELSE subscribe_at END
    WHERE id = :id
""")
_WAYS: Final = text("""
    SELECT p.courier, p.waybill, p.state,
        (SELECT coalesce(jsonb_agg(jsonb_build_array(e.at, e.text) ORDER BY e.at DESC), '[]') FROM (
            SELECT at, text FROM parcel_events WHERE parcel_id = p.id ORDER BY at DESC LIMIT :n) e) AS events
    FROM parcels p WHERE p.order_id = :id ORDER BY p.id
""")


def heard(desk: Desk, told: Tracked) -> int:
    """Take in what was told; of how many parcels it was news. A number that nobody here has sent is nobody's news."""
    rows = list(desk.session.execute(_OPEN, {"waybill": told.waybill}))
    # Two couriers may use one number. Where none of ours is the one that was told, ours was corrected.
    meant = [row for row in rows if courier_slug(row.courier) == told.courier] or rows
    for row in meant:
        _take(desk, row, told)
    return len(meant)


def _take(desk: Desk, row: Row[Any], told: Tracked) -> None:
    lines = [TrackLine(line.at, mask.phones(line.text)[:_LONGEST_LINE]) for line in told.lines if line.text]
    _keep(desk, row.id, lines)
    scans = [line.at for line in lines if not _BEFORE.search(line.text)]
    newest = max(lines, key=lambda line: line.at, default=None)
    later = newest is not None and (row.last_event_at is None or newest.at >= row.last_event_at)
    first = min([*scans, *([row.first_scan_at] if row.first_scan_at else [])], default=None)
    state = _state(row, told, later=later, scanned=first is not None)
    closed = told.closed and later
    last_at = newest.at if newest is not None and later else row.last_event_at
    last_text = newest.text if newest is not None and later else row.last_text
    news = (state, first, last_text) != (row.state, row.first_scan_at, row.last_text) or row.heard_at is None or closed
    desk.session.execute(_HEARD, {
        "id": row.id, "state": state, "first_scan_at": first, "last_event_at": last_at, "last_text": last_text,
        "closed": closed, "now": desk.now, "news": news, "given_up": bool(told.given_up),
        "next_query_at": None if closed else _next(desk, first, last_at),
        "again": desk.now + _AGAIN if desk.now - row.shipped_at < _LONGEST_WAY else None,
    })  # fmt: skip


def _keep(desk: Desk, parcel_id: int, lines: Sequence[TrackLine]) -> None:
    if lines:
        marks = [fingerprint(f"{line.at.isoformat()}|{line.text}".encode()) for line in lines]
        columns = {"marks": marks, "moments": [line.at for line in lines], "lines": [line.text for line in lines]}
        desk.session.execute(_EVENTS, {"id": parcel_id, **columns})


def _state(row: Row[Any], told: Tracked, *, later: bool, scanned: bool) -> str:
    """Without a line there is no new state, and what the shop's own systems wrote does not make a parcel move."""
    if not told.lines or not later:
        return str(row.state)
    return told.state if scanned else "waiting"


def _next(desk: Desk, first_scan_at: datetime | None, last_at: datetime | None) -> datetime:
    """When to ask, though it was promised that it will be told: before people are alarmed."""
    if first_scan_at is None or last_at is None:
        return desk.now + _UNHEARD
    still = last_at + timedelta(hours=desk.settings.parcels.stuck_hours) - _MARGIN
    return max(still, desk.now + _UNHEARD)


def last_word(parcel: ParcelFacts) -> str:
    """顺丰速运 SF1234567890123 运输中 12-23 10:05 已到达杭州中转场"""
    when = f"{parcel.last_event_at.astimezone(BEIJING):%m-%d %H:%M}" if parcel.last_event_at else ""
    words = parcel.last_text or parcel.problem
    parts = (parcel.courier, parcel.waybill, STATES.get(parcel.state, parcel.state), when, words)
    return " ".join(part for part in parts if part)


def last_words(desk: Desk, order_id: int) -> tuple[str, ...]:
    """The last word of each parcel of an order."""
    return tuple(last_word(one) for one in gather.parcels_of(desk, [order_id]).get(order_id, ()))


def ways(desk: Desk, order_id: int, lines: int = 5) -> tuple[str, ...]:
    """Each parcel of an order and its way, the newest line first."""
    found = []
    for row in desk.session.execute(_WAYS, {"id": order_id, "n": lines}):
        found.append(" ".join(part for part in (courier_name(row.courier), row.waybill, STATES.get(row.state)) if part))
        found += [f"{datetime.fromisoformat(at).astimezone(BEIJING):%m-%d %H:%M} {line}" for at, line in row.events]
    return tuple(found)
