"""Carries a prepared message down the ladder, and changes cards: no database here."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

import structlog

from bot import settle
from bot.card import Card, Drawing, as_text
from bot.channels.sending import Change, Enclosed, Form, Parcel, Reaction, Receipt, Resolution, SendError, Whose
from bot.ladder import To, Way
from bot.prepare import UNCONFIGURED
from bot.run import Run, Task
from bot.settle import Outcome, Posted, Tried
from handlers.customers.sends import Refused
from models import Urgency

log = structlog.get_logger()
_SILENCE: Final = 8.0  # seconds that the other messages of a channel wait when it gave no answer
_ALERT_TRIES: Final = 3  # so often an alert is tried on a platform that does not answer, before it goes another way
_LONG: Final = 60.0  # seconds: an alert that would wait longer for a channel takes the next one
_STALE_DIGEST: Final = timedelta(minutes=15)  # a summary that found no room for so long is dropped
_SURE: Final = Tried(memory=timedelta.max)  # a change of a card is the same however often it is made
_NO_WAY: Final = Resolution(Reaction.ALERT, Whose.IT, "没有可以送达的渠道，请检查配置和人员")
_CROWDED: Final = Outcome("dropped", "消息太多，额度留给紧急提醒，这条汇总没有发送", unsaid=True)


def carry(task: Task, run: Run, now: datetime) -> Outcome:
    """Whatever the platforms say becomes an outcome."""
    return _change(task, run, now) if task.changes else _send(task, run, now)


def _send(task: Task, run: Run, now: datetime) -> Outcome:
    """Down the ladder until one rung takes it, or asks to wait."""
    refused, doubt = SendError(_NO_WAY), task.claim.doubt
    before: list[Refused] = []
    for way in task.ways:
        tried = Tried(way.rung.name, way.memory(is_card=isinstance(task.drawing, Card)), doubt)
        try:
            return replace(_try(task, run, way, (now, tried)), refused=tuple(before))
        except _Full as full:
            refused = full
        except SendError as error:
            run.broken.note(way, error)
            before.append(_refused(way, error))
            log.warning("rung_refused", notification=task.claim.id, channel=way.rung.name, code=error.code)
            refused, doubt = refused if isinstance(refused, _Full) else error, False
    if isinstance(refused, _Full):
        return settle.wait(refused.seconds, settle.QUEUED)
    return replace(settle.after(refused, task.claim, now), refused=tuple(before))


def _refused(way: Way, error: SendError) -> Refused:
    ours = error.resolution.whose in (Whose.HUB, Whose.IT)
    return Refused(way.rung.channel, way.recipient, error.code, str(error), error.resolution.customer, ours)


class _Full(SendError):
    """No room for an alert here, for a while; the next rung may have some."""

    def __init__(self, seconds: float) -> None:
        super().__init__(_NO_WAY)
        self.seconds = seconds


def _try(task: Task, run: Run, way: Way, at: tuple[datetime, Tried]) -> Outcome:
    """One rung. Raises SendError where the next one is to be tried."""
    now, tried = at
    if way.rung.channel in run.silent:
        return settle.wait(_SILENCE, "平台暂时没有应答，稍后再发", tried)
    try:
        if seconds := _wait_seconds(task, run, way):
            return _no_room(task, way, seconds, at)
        outcome = _send_by(way, task, again=tried.doubt)
    except SendError as error:
        _listen(run, way, error)
        if isinstance(error, _Full) or _leads_on(error, task, way, tried):
            raise
        run.over = run.over or _is_ours(error)
        return settle.after(_patient(error), task.claim, now, tried)
    run.broken.mended(way)
    run.outage.answered(way.rung.channel)
    return outcome


def _listen(run: Run, way: Way, error: SendError) -> None:
    """Whether the platform speaks to us."""
    if error.silence or error.unknown:
        run.outage.unanswered(way.rung.channel)
    elif error.code is not None:
        run.outage.answered(way.rung.channel)
    if error.silence:
        run.silent.add(way.rung.channel)


def _wait_seconds(task: Task, run: Run, way: Way) -> float:
    wait = run.room.wait_seconds(way.rung.channel, way.recipient, task.claim.urgency)
    return wait or way.sender.wait_seconds(way.recipient)


def _no_room(task: Task, way: Way, seconds: float, at: tuple[datetime, Tried]) -> Outcome:
    """An alert does not queue where another way may be open; a summary that has queued for long is dropped."""
    (now, tried), claim = at, task.claim
    if claim.urgency == Urgency.ALERT and seconds > _LONG and not tried.doubt and way != task.ways[-1]:
        raise _Full(seconds)
    if claim.urgency == Urgency.DIGEST and not tried.doubt and now - claim.since >= _STALE_DIGEST:
        return _CROWDED
    return settle.wait(seconds, settle.QUEUED, tried)


def _leads_on(error: SendError, task: Task, way: Way, tried: Tried) -> bool:
    """Whether the next rung is due: the platform will not have the message. That its account is wrong by now says
    nothing of the copy that it may have taken before. An alert does not wait for a platform that is down."""
    if error.permanent:
        return not (tried.doubt and error.resolution.reaction is Reaction.ALERT)
    down = error.silence and not error.unknown and not tried.doubt
    alert = task.claim.urgency == Urgency.ALERT and task.claim.tries >= _ALERT_TRIES
    return down and alert and way != task.ways[-1]


def _is_ours(error: SendError) -> bool:
    """Redis is away: nothing can be counted, nothing may be sent."""
    return error.resolution.reaction is Reaction.WAIT and error.resolution.whose is Whose.HUB


def _patient(error: SendError) -> SendError:
    """A refusal that is waited out."""
    if not error.permanent:
        return error
    return SendError(replace(error.resolution, reaction=Reaction.WAIT, wait_seconds=120), error.code)


def _send_by(way: Way, task: Task, *, again: bool) -> Outcome:
    key, drawing = _key(task), _drawn_for(way, task)
    urgent = task.claim.urgency == Urgency.ALERT
    in_group = way.rung.to in (To.GROUP, To.CHAT)
    receipt = way.sender.send(Parcel(way.recipient, drawing, key, is_group=in_group, again=again, urgent=urgent))
    posted = None
    if isinstance(drawing, Card):
        posted = Posted(way.rung.channel, way.recipient, key, drawing, task.tier)
    return Outcome(
        "sent", _left_out(receipt), receipt=receipt, posted=posted, carried_by=way.rung.name, address=way.recipient
    )


def _drawn_for(way: Way, task: Task) -> Drawing | Form | Enclosed:
    """What this rung shows: a card with its buttons or as lines, a file or the words in its place."""
    assert task.drawing is not None
    if way.rung.as_text and isinstance(task.drawing, Card):
        return as_text(task.drawing)
    if way.rung.as_text and isinstance(task.drawing, Enclosed):
        assert task.instead is not None
        return task.instead
    return task.drawing


def _key(task: Task) -> str:
    """The same for every try, and never one that a platform knows already: a rebuilt database counts its rows anew, and
    DingTalk shows no new card under an old id."""
    row = f"n{task.claim.id}-{int(task.claim.made.timestamp()):x}"
    if isinstance(task.drawing, Card):
        return f"{task.drawing.subject}-r{task.drawing.revision}-{row}".replace(":", "-")
    return row


def _left_out(receipt: Receipt) -> str:
    return f"没有送达：{receipt.problem}" if receipt.problem else ""


def _change(task: Task, run: Run, now: datetime) -> Outcome:
    """Each card once; a code that is used up means that this card can change no more. What was changed is written down
    even where another card must wait: it is not changed again."""
    senders = run.ways.senders
    if not any(change.channel in senders for change in task.changes):
        return UNCONFIGURED
    done: list[Change] = []
    for change in task.changes:
        sender = senders.get(change.channel)
        if sender is None:
            continue
        if change.channel in run.silent:
            return replace(settle.wait(_SILENCE), changed=tuple(done))
        try:
            sender.change(change)
        except SendError as error:
            if not error.used_up:
                run.silent |= {change.channel} if error.silence else set()
                return replace(settle.after(error, task.claim, now, _SURE), changed=tuple(done))
        done.append(change)
    return Outcome("sent", receipt=Receipt(), changed=tuple(done))
