"""Manner 1: what nobody could act on is told at 09:00 and 14:00, in one message to each chat."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import owe
from handlers.desk import Desk
from handlers.duty import morning, quiet
from handlers.manners.hold import DIGEST, QUIET, grace
from handlers.wording import moment
from models import Urgency

KEY: Final = f"{morning.KEY}digest:"  # as an answer: the night does not hold it
_MOST: Final = 20

_HELD: Final = text("""
    SELECT id, channel, recipient, purpose, subject, body ->> 'text' AS said, next_try_at, problem FROM notifications
    WHERE state = 'owed' AND problem = ANY(:why) AND next_try_at <= :soon ORDER BY id FOR UPDATE SKIP LOCKED
""")
# Where the morning's summary is due as well, there is one message and not two.
_WITH_THE_MORNING: Final = text("""
    UPDATE notifications n SET problem = :quiet
    WHERE n.state = 'owed' AND n.problem = ANY(:why) AND n.next_try_at <= :soon AND EXISTS (
        SELECT FROM notifications q WHERE q.state = 'owed' AND q.problem = :quiet AND q.next_try_at <= :soon
            AND q.channel = n.channel AND q.recipient = n.recipient)
""")
_END: Final = text("UPDATE notifications SET state = 'dropped', problem = '发出前已处理完' WHERE id = ANY(:ids)")
_MERGE: Final = text("""
    UPDATE notifications n SET state = 'merged', problem = '并入汇总', merged_into = s.id
    FROM notifications s WHERE s.dedupe_key = :key AND n.id = ANY(:ids)
""")


def release(desk: Desk) -> None:
    """One digest for each receiver whose time has come; a single matter goes out as its own card, but where nobody
    wants one of its kind."""
    soon = desk.now + grace(desk)
    held = [DIGEST, QUIET]
    desk.session.execute(_WITH_THE_MORNING, {"why": held, "quiet": quiet.WHY, "soon": soon})
    found = desk.session.execute(_HELD, {"why": held, "soon": soon}).all()
    homes = set(desk.settings.homes)
    staff = {row.recipient for row in found if row.channel == "staff"}
    receivers = [[row for row in found if row.channel == "staff" and row.recipient == one] for one in sorted(staff)]
    receivers.append([row for row in found if row.channel in homes])
    for rows in receivers:
        if rows:
            _gather(desk, rows)


def _gather(desk: Desk, rows: Sequence[Row[Any]]) -> None:
    """Of one person, or of the home groups: each of them has a copy of every row."""
    told = morning.told(desk, rows)
    if told.over:
        desk.session.execute(_END, {"ids": list(told.over)})
    if len(told.lines) < 2 and not any(row.problem == QUIET and row.id in told.live for row in rows):
        return
    key, staff = f"{KEY}{rows[0].id}", rows[0].channel == "staff"
    to, channel = (rows[0].recipient, "staff") if staff else ("", "group")
    body = {"text": words(desk, told)}
    owe.owe(desk, [owe.Owed(key, channel, "text", "digest", to, body, Urgency.DIGEST)])
    for number, home in enumerate(("staff",) if staff else desk.settings.homes):
        ids = [row.id for row in rows if row.channel == home and row.id in told.live]
        desk.session.execute(_MERGE, {"key": f"{key}:{home}" if number else key, "ids": ids})


def words(desk: Desk, told: morning.Told) -> str:
    lines = [
        f"**{moment(desk.now)[-5:]} 汇总：{len(told.lines)} 件不急的事**",
        *(f"- {one}" for one in told.lines[:_MOST]),
    ]
    if len(told.lines) > _MOST:
        lines.append(f"还有 {len(told.lines) - _MOST} 件没有列出，发「异常」看全部")
    if told.ended:
        lines.append(f"另有 {told.ended} 件已经处理完")
    return "\n".join([*lines, "> 回复短码看详情和按钮"])
