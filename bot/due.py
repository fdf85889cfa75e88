"""Which owed rows come next: the most urgent that is due, edits of one subject as one, small texts to one receiver in
one message, and who must hear that something was dropped."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, Select, select, text, update

from handlers.desk import Desk
from models import Notification, Urgency

LEASE: Final = timedelta(seconds=60)
NEIGHBOURS: Final = timedelta(seconds=60)  # so soon a text must be due to travel with another one
MOST_MERGED: Final = 20
_WAITING: Final = ("owed", "sending")

# The earliest due carries the others, for all are drawn from the state of the moment; `mine` is being sent just now.
_MERGE_EDITS: Final = text("""
    WITH waiting AS MATERIALIZED (
        SELECT id, channel, subject, next_try_at FROM notifications
        WHERE state = 'owed' AND urgency = :edit AND purpose = 'edit' AND channel = ANY(:channels)
            AND NOT body ? 'task_id'
        FOR UPDATE SKIP LOCKED
    ), led AS (
        SELECT id, CASE WHEN channel = :channel AND subject = :subject THEN :mine ELSE
            first_value(id) OVER (PARTITION BY channel, subject ORDER BY next_try_at, id) END AS leader
        FROM waiting
    )
    UPDATE notifications n SET state = 'merged', merged_into = led.leader, problem = '同一张卡片只更新一次'
    FROM led WHERE n.id = led.id AND led.leader <> led.id
""")


@dataclass(frozen=True, slots=True)
class Taken:
    """A claimed row. `died`: whoever had it before never came back; `due_at`: when it was due, or its lease ended."""

    row: Notification
    died: bool
    due_at: datetime


def take(desk: Desk, channels: Collection[str], put_back: Sequence[int]) -> Taken | None:
    """The most urgent due row, the oldest of those, ours for the length of the lease; None where none is due. Without
    those of `put_back`. Once for each row, however many take: it is locked, then marked."""
    due = (
        select(Notification.id, Notification.state, Notification.next_try_at)
        .where(
            Notification.channel.in_(channels),
            Notification.state.in_(_WAITING),
            Notification.next_try_at <= desk.now,
            Notification.id.not_in(put_back),
        )
        .order_by(Notification.urgency, Notification.next_try_at, Notification.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    mine = (
        update(Notification)
        .where(Notification.id == due.c.id)
        .values(state="sending", next_try_at=desk.now + LEASE, tries=Notification.tries + 1)
        .returning(Notification, due.c.state.label("before"), due.c.next_try_at.label("due_at"))
        .execution_options(synchronize_session=False)
    )
    found = desk.session.execute(mine).one_or_none()
    return Taken(found[0], found.before == "sending", found.due_at) if found is not None else None


def merge_edits(desk: Desk, channels: Collection[str], row: Notification) -> int:
    """Of the edits that wait on these channels those of one subject become one; of the subject of `row`, which is
    about to be sent, it. How many need not be sent any more."""
    values = {
        "edit": int(Urgency.EDIT), "channels": list(channels),
        "channel": row.channel, "subject": row.subject, "mine": row.id,
    }  # fmt: skip
    return int(desk.session.execute(_MERGE_EDITS, values).rowcount)  # type: ignore[attr-defined]


def merge_texts(desk: Desk, row: Notification, most_bytes: int, *, stays: Callable[[Notification], bool]) -> int:
    """`row` takes on the small texts that wait for the same receiver, as many as fit; how many. `stays`: which of them
    must not go now, though this one may."""
    said, carried = str(row.body.get("text", "")), []
    for other in desk.session.scalars(_neighbours(desk, row)).all():
        if stays(other):
            continue
        more = f"{said}\n\n{other.body.get('text', '')}"
        if len(more.encode()) > most_bytes:
            break
        said = more
        carried.append(other.id)
    if carried:
        row.body = {**row.body, "text": said}
        into = {"state": "merged", "merged_into": row.id, "problem": "合并到另一条消息里一起发"}
        own = update(Notification).where(Notification.id.in_(carried)).values(into)
        desk.session.execute(own.execution_options(synchronize_session=False))
    return len(carried)


def _neighbours(desk: Desk, row: Notification) -> Select[Notification]:
    return (
        select(Notification)
        .where(
            Notification.channel == row.channel,
            Notification.recipient == row.recipient,
            Notification.state == "owed",
            Notification.next_try_at <= desk.now + NEIGHBOURS,
            Notification.urgency >= row.urgency,
            *_small_text(),
        )
        .order_by(Notification.urgency, Notification.id)
        .limit(MOST_MERGED)
        .with_for_update(skip_locked=True)
    )


def _small_text() -> tuple[ColumnElement[bool], ...]:
    """Words in clear that no platform can have already."""
    return (Notification.purpose == "text", Notification.body.has_key("text"), Notification.carried_by == "")


def untold(desk: Desk) -> dict[tuple[str, str], int]:
    """(channel, recipient) → how many messages to them were dropped without a word."""
    found = text("SELECT channel, recipient, count(*) AS lost FROM notifications WHERE unsaid GROUP BY 1, 2")
    return {(row.channel, row.recipient): row.lost for row in desk.session.execute(found)}


def now_told(desk: Desk, channel: str, recipient: str) -> None:
    """The message that is claimed in this transaction says it, and keeps saying it until it gets through."""
    lost = update(Notification).where(
        Notification.unsaid, Notification.channel == channel, Notification.recipient == recipient
    )
    desk.session.execute(lost.values(unsaid=False).execution_options(synchronize_session=False))
