"""Quiet hours: who is off shift is left in peace, and told all at once when they are back.

Whoever is about to send a row asks `hold`; a row that is held stays owed until then, with `WHY` as its problem.
`release`, in the clock's look, makes one summary of what waited for the same receiver; the rows it stands for are
merged into it. Where no clock looks, a held row goes out by itself a little after its receiver is back: nothing waits
for ever."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import owe, people, trail
from handlers.desk import Actor, Desk
from handlers.duty import duty, morning
from handlers.duty.duty import Roster
from handlers.duty.hours import Night
from handlers.urgency import NEAR
from models import Notification, Role, Urgency
from models.stages import OPEN, Stage

WHY: Final = "收件人休息，上班后一起发"
"""The `problem` of a held row, by which it is known."""
GRACE: Final = timedelta(seconds=90)  # after the receiver is back: a clock looks, and makes the summary first

# What somebody asked for, by the beginning of its key: it is never held.
_ANSWERS: Final = (
    "answer:",
    "private:",
    "press:",
    "draft:",
    "received:",
    "backfill:",
    "batch:",
    "dry_run:",
    morning.KEY,
)
_RESULTS: Final = re.compile(r"case:\d+:(?:result|force\d+:decided)(?::|$)")

_PENALTY: Final = {
    "case": text("""
        SELECT coalesce(o.ship_by_at, m.ship_by_at, CASE WHEN c.kind = 'shortage' THEN
                cast(c.evidence ->> 'ship_by_at' AS timestamptz) END) AS ship_by_at,
            coalesce(o.stage, m.stage, CASE WHEN c.kind = 'shortage' THEN 'pending_review' END) AS stage, c.role
        FROM cases c LEFT JOIN orders o ON o.id = c.order_id LEFT JOIN LATERAL (
            SELECT p.ship_by_at, p.stage FROM cases k JOIN orders p ON p.id = k.order_id
            WHERE c.kind = 'cause_group' AND k.kind = c.evidence ->> 'of' AND k.evidence ->> 'group' = c.group_key
                AND k.state IN ('open', 'claimed') AND p.ship_by_at > :now ORDER BY p.ship_by_at LIMIT 1
        ) AS m ON c.order_id IS NULL WHERE c.id = :id AND c.state IN ('open', 'claimed')
    """),
    "order": text("SELECT ship_by_at, stage, 'supervisor' AS role FROM orders WHERE id = :id"),
}
_HELD: Final = text("""
    SELECT id, channel, recipient, purpose, subject, body ->> 'text' AS said, next_try_at FROM notifications
    WHERE state = 'owed' AND problem = :why AND next_try_at <= :soon ORDER BY id FOR UPDATE SKIP LOCKED
""")
_END: Final = text("UPDATE notifications SET state = 'dropped', problem = '发出前已处理完' WHERE id = ANY(:ids)")
_MERGE: Final = text("""
    UPDATE notifications n SET state = 'merged', problem = :why, merged_into = s.id
    FROM notifications s WHERE (s.dedupe_key = :key OR s.id = cast(:into AS bigint)) AND n.id = ANY(:ids)
""")
_AGAIN: Final = text("""
    UPDATE notifications SET next_try_at = :now
    WHERE state = 'owed' AND problem = :why AND channel = 'staff' AND recipient = :recipient
""")

_ALL_AGAIN: Final = text("UPDATE notifications SET next_try_at = :now WHERE state = 'owed' AND problem = :why")
_SET_NIGHT: Final = text("""
    INSERT INTO quiet_hours (name, from_minute, to_minute, release_minute) VALUES ('company', :start, :end, :release)
    ON CONFLICT (name) DO UPDATE SET from_minute = :start, to_minute = :end, release_minute = :release
""")


def hold(desk: Desk, row: Notification, roster: Roster | None = None) -> datetime | None:
    """Until when an owed message is kept back; None where it may go now. Changes nothing. `roster`: where it was read
    already, for many rows.

    A penalty that would strike before then breaks through an hour before: to the chat of all, and of persons to the
    one on duty alone."""
    if row.purpose not in ("card", "text") or row.channel == "customer" or _is_answer(row):
        return None
    roster = roster or duty.roster(desk)
    to = _staff_id(row)
    back_at = _back_at(roster, row.channel, to, desk.now)
    if back_at is None:
        return None
    strikes = _penalty(desk, row.subject)
    told_at = back_at + _grace(desk)
    if strikes is not None and desk.now < strikes.ship_by_at <= told_at and _may_wake(desk, roster, to, strikes.role):
        alarm_at: datetime = strikes.ship_by_at - NEAR
        return alarm_at if alarm_at > desk.now else None
    return told_at


def heard_at(desk: Desk, subject: str, staff_ids: Sequence[int]) -> dict[int, datetime | None]:
    """When each of these would hear of a card about `subject` that is owed at this moment; None: at once."""
    roster, found = duty.roster(desk), dict[int, datetime | None]()
    for one in staff_ids:
        row = Notification(channel="staff", recipient=str(one), purpose="card", subject=subject, body={}, dedupe_key="")
        until, back = hold(desk, row, roster), roster.quiet_until(one, desk.now)
        found[one] = min(until, back) if until is not None and back is not None else until
    return found


def look_again(desk: Desk, staff_id: int) -> None:
    """Somebody's hours changed: what is held for them is looked at anew."""
    desk.session.execute(_AGAIN, {"now": desk.now, "why": WHY, "recipient": str(staff_id)})


def set_night(desk: Desk, night: Night, by: Actor) -> None:
    """The company's quiet hours, from now on; what waits is looked at anew."""
    before = duty.roster(desk).night
    values = {"start": night.start, "end": night.end, "release": night.release}
    desk.session.execute(_SET_NIGHT, values)
    desk.session.execute(_ALL_AGAIN, {"now": desk.now, "why": WHY})
    trail.write(desk, "company:night", by, action="免打扰时间", detail={"时间": [before.shown, night.shown]})


def release(desk: Desk) -> None:
    """For each receiver who is back: one summary of what waited. A single thing is told by its own card, which goes
    out as it is."""
    found = desk.session.execute(_HELD, {"why": WHY, "soon": desk.now + _grace(desk)}).all()
    if not found:
        return
    roster = duty.roster(desk)
    homes = set(desk.settings.homes)
    staff = {row.recipient for row in found if row.channel == "staff"}
    receivers = [[row for row in found if row.channel == "staff" and row.recipient == one] for one in sorted(staff)]
    receivers.append([row for row in found if row.channel in homes])
    for rows in receivers:
        if rows and _back_at(roster, rows[0].channel, _staff_id(rows[0]), desk.now) is None:
            _gather(desk, rows)


def _grace(desk: Desk) -> timedelta:
    return max(GRACE, timedelta(seconds=desk.settings.clock.look_every_seconds) * 1.5)


def _is_answer(row: Notification) -> bool:
    drawn = {"card", "card_sealed", "sealed"} & set(row.body)
    asked = row.dedupe_key.startswith(_ANSWERS) or ":answer:staff:" in row.dedupe_key
    asked = asked or _RESULTS.match(row.dedupe_key) is not None
    return bool(drawn) or asked


def _staff_id(row: Row[Any] | Notification) -> int | None:
    return int(row.recipient) if row.channel == "staff" and row.recipient.isdecimal() else None


def _back_at(roster: Roster, channel: str, staff_id: int | None, at: datetime) -> datetime | None:
    if channel == "staff":
        return roster.quiet_until(staff_id, at) if staff_id is not None else None
    return roster.company_quiet_until(at)


def _penalty(desk: Desk, subject: str) -> Row[Any] | None:
    """The platform's deadline of an open order that the message is about."""
    kind, _, number = subject.partition(":")
    if kind not in _PENALTY or not number.isdecimal():
        return None
    found = desk.session.execute(_PENALTY[kind], {"id": int(number), "now": desk.now}).one_or_none()
    return found if found is not None and found.ship_by_at is not None and Stage(found.stage) in OPEN else None


def _may_wake(desk: Desk, roster: Roster, staff_id: int | None, role: str) -> bool:
    """A group reads by itself; of persons the one on duty alone."""
    if staff_id is None:
        return True
    on_duty = roster.on_duty(people.staff(desk), Role(role), desk.now)
    return bool(on_duty) and on_duty[0].id == staff_id


def _gather(desk: Desk, rows: Sequence[Row[Any]]) -> None:
    """Of one receiver, or of the home groups: what each of them waits for is the same."""
    told = morning.told(desk, rows)
    desk.session.execute(_END, {"ids": list(told.over)})
    live = [row for row in rows if row.id in told.live]
    if len(told.lines) > 1:
        _sum_up(desk, live, morning.words(told))
        return
    for channel in {row.channel for row in live}:  # one matter: its own card, once
        ids = [
            row.id for row in sorted(live, key=lambda row: (row.purpose == "card", row.id)) if row.channel == channel
        ]
        desk.session.execute(_MERGE, {"key": "", "into": ids[-1], "ids": ids[:-1], "why": "同一件事只发一次"})


def _sum_up(desk: Desk, rows: Sequence[Row[Any]], words: str) -> None:
    staff = rows[0].channel == "staff"
    key = f"{morning.KEY}{rows[0].id}"
    to, channel = (rows[0].recipient, "staff") if staff else ("", "group")
    summary = owe.Owed(key, channel, "text", "morning", to, {"text": words}, Urgency.CARD)
    owe.owe(desk, [summary])
    for number, home in enumerate(("staff",) if staff else desk.settings.homes):
        ids = [row.id for row in rows if row.channel == home]
        copy = f"{key}:{home}" if number else key
        desk.session.execute(_MERGE, {"key": copy, "into": None, "ids": ids, "why": "并入上班汇总"})
