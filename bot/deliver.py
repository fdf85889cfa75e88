"""Sends what is owed: claim a row, draw it from the state of this moment, send, write down what became of it.

At least once: a row whose deliverer dies comes back when its lease ends, with the very same content, so that the
platform recognises the double. Never twice at once: a claim locks its row and moves it to `sending`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import select

from bot import settle
from bot.card import Card, Drawing, as_text
from bot.channels.sending import Change, Form, Parcel, Reaction, Receipt, Resolution, SendError, Whose
from bot.ladder import To, Way, Ways
from bot.mishap import described
from bot.owed import Dropped, changes_of, drawing_of, drawn_body, is_drawn
from bot.settle import Claim, Outcome, Posted
from handlers.desk import Desk, OpenDesk
from models import Notification

log = structlog.get_logger()
LEASE: Final = timedelta(seconds=60)
MOST_ROWS: Final = 500
_SILENCE: Final = 8.0  # seconds that the other messages of a channel wait when it gave no answer
_NO_WAY: Final = Resolution(Reaction.ALERT, Whose.IT, "没有可以送达的渠道，请检查配置和人员")
_BROKEN: Final = Resolution(Reaction.RETRY, Whose.HUB, "程序出错，稍后自动重试")
_UNCONFIGURED: Final = Outcome("dropped", "没有配置这个渠道")


@dataclass(slots=True)
class Report:
    """How many rows ended how; `again_at` is the earliest moment at which one that was put back is due."""

    sent: int = 0
    waiting: int = 0
    failed: int = 0
    dropped: int = 0
    again_at: datetime | None = None

    def count(self, outcome: Outcome, again_at: datetime | None) -> None:
        name = "waiting" if outcome.state == "owed" else outcome.state
        setattr(self, name, getattr(self, name) + 1)
        if again_at is not None:
            self.again_at = min(again_at, self.again_at or again_at)


@dataclass(slots=True)
class _Task:
    """A claimed row with all that is needed to send it without the database."""

    claim: Claim
    drawing: Drawing | Form | None = None
    ways: list[Way] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    again: bool = False
    outcome: Outcome | None = None  # decided already: nothing is sent


def deliver(open_desk: OpenDesk, ways: Ways, now: Callable[[], datetime]) -> Report:
    """Send what is due on the channels that `ways` serves; a message that cannot be sent raises nothing. What is put
    back meanwhile waits for the next run."""
    report, started_at, silent = Report(), now(), set[str]()
    for _ in range(MOST_ROWS):
        with open_desk() as desk:
            task = _claim(desk, ways, started_at)
        if task is None:
            break
        outcome = task.outcome or _carry(task, ways, now(), silent)
        with open_desk() as desk:
            again_at = settle.settle(desk, task.claim, outcome)
        report.count(outcome, again_at)
    return report


def _claim(desk: Desk, ways: Ways, now: datetime) -> _Task | None:
    """The oldest due row, ours for the length of the lease."""
    due = select(Notification).where(
        Notification.channel.in_(ways.channels),
        Notification.state.in_(("owed", "sending")),
        Notification.next_try_at <= now,
    )
    oldest = due.order_by(Notification.next_try_at, Notification.id).limit(1).with_for_update(skip_locked=True)
    row = desk.session.scalar(oldest)
    if row is None:
        return None
    row.state, row.next_try_at, row.tries = "sending", desk.now + LEASE, row.tries + 1
    desk.session.flush()  # the claim must outlive a failure of what follows
    task = _Task(Claim.of(row))
    try:
        with desk.session.begin_nested():
            _prepare(desk, ways, row, task)
    except Dropped as reason:
        task.outcome = Outcome("dropped", str(reason))
    except Exception as error:
        log.error("owed_message_cannot_be_drawn", notification=task.claim.id, **described(error))
        task.outcome = settle.after(SendError(_BROKEN), task.claim, now)
    return task


def _prepare(desk: Desk, ways: Ways, row: Notification, task: _Task) -> None:
    if row.tries > settle.MOST_TRIES:  # its deliverers died again and again
        task.outcome = Outcome("failed", "多次发送都没有结果")
        return
    if not ways.serves(row.channel):
        task.outcome = _UNCONFIGURED
        return
    if row.purpose == "edit":
        task.changes = changes_of(desk, row)
        return
    task.again = is_drawn(row.body)
    task.drawing = drawing_of(desk, row)
    if isinstance(task.drawing, Card):
        # Kept until the outcome is known: should we die, the next one sends the same content.
        row.body = {**row.body, **drawn_body(task.drawing, desk.vault)}
    task.ways = ways.find(desk.session, row, is_card=isinstance(task.drawing, Card))


def _carry(task: _Task, ways: Ways, now: datetime, silent: set[str]) -> Outcome:
    """`silent`: channels that gave no answer in this run. They are not asked again: each time-out would hold up all
    other work."""
    try:
        return _change(task, ways, now, silent) if task.changes else _send(task, silent)
    except SendError as error:
        return settle.after(error, task.claim, now)
    except Exception as error:
        log.error("owed_message_cannot_be_sent", notification=task.claim.id, **described(error))
        return settle.after(SendError(_BROKEN), task.claim, now)


def _send(task: _Task, silent: set[str]) -> Outcome:
    """Down the ladder until one rung takes it. Raises the SendError of the last rung, or one that asks for a retry."""
    refused = SendError(_NO_WAY)
    for way in task.ways:
        if seconds := _SILENCE if way.rung.channel in silent else way.sender.wait_seconds(way.recipient):
            return settle.wait(seconds)
        try:
            return _send_by(way, task)
        except SendError as error:
            if not error.permanent:
                silent |= {way.rung.channel} if error.silence else set()
                raise
            refused = error
            log.warning("rung_refused", notification=task.claim.id, channel=way.rung.channel, code=error.code)
    raise refused


def _send_by(way: Way, task: _Task) -> Outcome:
    assert task.drawing is not None
    key = _key(task)
    drawing = as_text(task.drawing) if way.rung.as_text and isinstance(task.drawing, Card) else task.drawing
    parcel = Parcel(way.recipient, drawing, key, is_group=way.rung.to is To.GROUP, again=task.again)
    receipt = way.sender.send(parcel)
    posted = Posted(way.rung.channel, way.recipient, key, drawing) if isinstance(drawing, Card) else None
    return Outcome("sent", _left_out(receipt), receipt=receipt, posted=posted)


def _key(task: _Task) -> str:
    if isinstance(task.drawing, Card):
        return f"{task.drawing.subject}-r{task.drawing.revision}-n{task.claim.id}".replace(":", "-")
    return f"n{task.claim.id}"


def _left_out(receipt: Receipt) -> str:
    return f"没有送达：{receipt.problem}" if receipt.problem else ""


def _change(task: _Task, ways: Ways, now: datetime, silent: set[str]) -> Outcome:
    """Each card once; a code that is used up means that this card can change no more. What was changed is written down
    even where another card must wait: it is not changed again."""
    claim, changes = task.claim, task.changes
    if not any(change.channel in ways.senders for change in changes):
        return _UNCONFIGURED
    done: list[Change] = []
    for change in changes:
        sender = ways.senders.get(change.channel)
        if sender is None:
            continue
        if change.channel in silent:
            return replace(settle.wait(_SILENCE), changed=tuple(done))
        try:
            sender.change(change)
        except SendError as error:
            if not error.used_up:
                silent |= {change.channel} if error.silence else set()
                return replace(settle.after(error, claim, now), changed=tuple(done))
        done.append(change)
    return Outcome("sent", receipt=Receipt(), changed=tuple(done))
