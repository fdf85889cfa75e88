"""What a claimed row says now, and by which ways it may go; or that it is not sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from bot import due, holds, nudge, settle
from bot.card import Card, Drawing, Text
from bot.channels.sending import Enclosed, Form
from bot.due import Taken
from bot.ladder import Way, for_file
from bot.owed import changes_of, drawing_of, drawn_body, instead_of_file
from bot.run import Run, Task
from bot.settle import Outcome, Tried
from handlers.customers import manners
from handlers.desk import Desk
from models import Notification, Urgency

UNCONFIGURED: Final = Outcome("dropped", "没有配置这个渠道")
UNREACHED: Final = Outcome("dropped", "客户没有可以送达的渠道")
_RETURN: Final = 30.0  # seconds between two looks for the channel that may have a message already
_OUTAGE: Final = timedelta(minutes=10)  # so long an alert waits for that channel; then it goes another way
_SINCE: Final = timedelta(minutes=3)  # between a try and the next one, at most
_SMALL: Final = 1800  # bytes of texts that travel together: every channel shows as many


def prepare(desk: Desk, run: Run, taken: Taken, task: Task) -> None:
    """Fills in the task. Raises Dropped, and what the handlers raise."""
    row, claim = taken.row, task.claim
    if row.tries > settle.MOST_TRIES:  # its deliverers died again and again
        task.outcome = Outcome("unsure" if claim.doubt else "failed", "多次发送都没有结果")
    elif not run.ways.serves(row.channel):
        task.outcome = UNCONFIGURED
    elif row.purpose == "edit":
        _prepare_edit(desk, run, row, task)
    elif (kept := holds.in_doubt(desk, row) if claim.doubt else holds.kept_back(desk, run, row)) is not None:
        task.outcome = kept
    else:
        _prepare_message(desk, run, taken, task)


def _prepare_edit(desk: Desk, run: Run, row: Notification, task: Task) -> None:
    if row.urgency == Urgency.EDIT and not run.edits_merged:
        run.edits_merged = True
        run.report.merged += due.merge_edits(desk, run.ways.channels, row)
    task.changes = changes_of(desk, row)


def _prepare_message(desk: Desk, run: Run, taken: Taken, task: Task) -> None:
    row = taken.row
    if row.channel == "customer" and not task.claim.doubt:
        manners.gather(desk, row)
    drawing = drawing_of(desk, row)
    found = run.ways.find(desk, row, is_card=isinstance(drawing, Card))
    if row.channel == "customer" and not found and not task.claim.doubt and manners.part(desk, row):
        drawing = drawing_of(desk, row)
        found = run.ways.find(desk, row, is_card=False)
    if row.channel == "customer" and not found:
        task.outcome = UNREACHED
        return
    if isinstance(drawing, Enclosed):
        found, task.instead = for_file(found), instead_of_file(row)
    found = run.broken.last(found)
    if task.claim.doubt:
        is_card = isinstance(drawing, Card) and "nudge" not in row.body
        found, task.outcome = _bound(run, taken, found, desk.now, is_card=is_card)
        if task.outcome is not None:
            return
    task.ways = found
    task.drawing = drawing if isinstance(drawing, Form | Enclosed) else _told(desk, run, row, (task, drawing))
    if isinstance(task.drawing, Card):
        # Kept until the outcome is known: should we die, the next one sends the same content.
        row.body = {**row.body, **drawn_body(task.drawing, desk.vault)}
    row.carried_by = found[0].rung.name if found else ""


def _bound(
    run: Run, taken: Taken, found: Sequence[Way], now: datetime, *, is_card: bool
) -> tuple[list[Way], Outcome | None]:
    """An earlier try may have arrived: the channel that may have it comes first, and it alone as long as it does not
    refuse. It is waited for, but an alert not for ever."""
    row = taken.row
    first = [way for way in found if way.rung.name == row.carried_by]
    alert, since = row.urgency == Urgency.ALERT, row.again_at or row.created_at
    if not first and not (alert and now - since > _OUTAGE):
        tried = Tried(row.carried_by, doubt=True)
        if now - since > settle.MOST_AGE:
            return [], Outcome("unsure", settle.UNSURE, carried_by=row.carried_by)
        return [], settle.wait(_RETURN, "可能已经发出，等原来的渠道恢复", tried)
    if first and not alert and not taken.died and _has_it(run, taken, first[0].memory(is_card=is_card), now):
        return [], Outcome("unsure", settle.UNSURE, carried_by=row.carried_by)
    return [*first, *(way for way in found if way not in first)], None


def _has_it(run: Run, taken: Taken, memory: timedelta, now: datetime) -> bool:
    """Whether the message stands in the chat, most likely, and a second one would stand beside it: the platform does
    not know doubles (any more), and was not down when it gave no answer."""
    if memory and now - taken.due_at <= memory:
        return False
    channel = taken.row.carried_by.partition("+")[0]
    return not run.outage.was_down(channel, taken.due_at - _SINCE)


def _told(desk: Desk, run: Run, row: Notification, about: tuple[Task, Drawing]) -> Drawing:
    """What the message says: its card, a line that points to the card which stands there, its words with those of
    others; and what was dropped before."""
    task, drawing = about
    if task.claim.doubt:
        drawing = Text(str(row.body["nudge"])) if "nudge" in row.body else drawing
        return _with_line(drawing, str(row.body.get("dropped", "")))
    if isinstance(drawing, Card):
        task.tier = nudge.tier_of(row)
        if task.ways and (line := nudge.instead(desk, row, drawing, task.ways[0])):
            row.body = {**row.body, "nudge": line}
            drawing = Text(line)
    elif _travels(run, row, task):
        run.report.merged += due.merge_texts(
            desk, row, _SMALL, stays=lambda other: holds.kept_back(desk, run, other) is not None
        )
        drawing = replace(drawing, markdown=str(row.body["text"]))
    if "dropped" not in row.body and (lost := run.untold(desk, task.claim)):
        row.body = {**row.body, "dropped": f"另有 {lost} 条汇总因消息太多没有发送，可发「为什么没收到」查看"}
        due.now_told(desk, row.channel, row.recipient)
    return _with_line(drawing, str(row.body.get("dropped", "")))


def _travels(run: Run, row: Notification, task: Task) -> bool:
    """Whether other small texts had better go in the same message. An alert stands alone."""
    if row.urgency == Urgency.ALERT or "text" not in row.body or not task.ways:
        return False
    return run.room.is_tight(task.ways[0].rung.channel, task.ways[0].recipient)


def _with_line(drawing: Drawing, line: str) -> Drawing:
    if not line:
        return drawing
    if isinstance(drawing, Card):
        return replace(drawing, body="\n".join(part for part in (line, drawing.body) if part))
    return replace(drawing, markdown=f"{drawing.markdown}\n> {line}")
