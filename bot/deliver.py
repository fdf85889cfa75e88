"""Sends what is owed: claim the most urgent row, draw it from the state of this moment, send, write down what became of
it.

At least once: a row whose deliverer dies comes back when its lease ends, with the very same content, so that the
platform recognises the double. Never twice at once: a claim locks its row and moves it to `sending`. Of a message whose
answer was lost there is one copy at most: only the channel that may have it gets it again, as long as its platform
knows the double (`Channel.knows_card`).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

import structlog

from bot import due, settle
from bot.carry import carry
from bot.channels.sending import Reaction, Resolution, SendError, Whose
from bot.due import LEASE
from bot.ladder import Ways
from bot.mishap import described
from bot.owed import Dropped, Early
from bot.prepare import prepare
from bot.run import Report, Run, Task
from bot.settle import Claim, Outcome, Tried
from handlers.desk import Desk, OpenDesk

__all__ = ["LEASE", "Report", "deliver"]

log = structlog.get_logger()
MOST_ROWS: Final = 500
_BROKEN: Final = Resolution(Reaction.RETRY, Whose.HUB, "程序出错，稍后自动重试")


def deliver(open_desk: OpenDesk, ways: Ways, now: Callable[[], datetime]) -> Report:
    """Send what is due on the channels that `ways` serves; a message that cannot be sent raises nothing. What is put
    back meanwhile waits for the next run; what becomes due meanwhile takes its place by its urgency."""
    run = Run(ways, now())
    for _ in range(MOST_ROWS):
        with open_desk() as desk:
            task = _claim(desk, run)
        if task is None:
            break
        outcome, again_at = task.outcome, task.again_at
        if outcome is None:
            outcome = _carry(task, run, now())
            with open_desk() as desk:
                again_at = settle.settle(desk, task.claim, outcome)
        run.note(task, outcome, again_at)
        if run.over:
            break
    return run.report


def _claim(desk: Desk, run: Run) -> Task | None:
    """The most urgent due row, ours for the length of the lease. Where nothing is to be sent, it is settled at once."""
    taken = due.take(desk, run.ways.channels, run.put_back)
    if taken is None:
        return None
    task = Task(Claim.of(taken.row))
    try:
        with desk.session.begin_nested():  # the claim must outlive a failure of what follows
            prepare(desk, run, taken, task)
    except Early as early:
        task.outcome = settle.wait(early.seconds, str(early))
    except Dropped as reason:
        task.outcome = Outcome("dropped", str(reason))
    except Exception as error:
        log.error("owed_message_cannot_be_drawn", notification=task.claim.id, **described(error))
        task.outcome = settle.after(
            SendError(_BROKEN), task.claim, desk.now, Tried(task.claim.carried_by, doubt=task.claim.doubt)
        )
    if task.outcome is not None:
        task.again_at = settle.settle(desk, task.claim, task.outcome)
    return task


def _carry(task: Task, run: Run, now: datetime) -> Outcome:
    try:
        return carry(task, run, now)
    except Exception as error:
        log.error("owed_message_cannot_be_sent", notification=task.claim.id, **described(error))
        return settle.after(SendError(_BROKEN), task.claim, now, Tried(task.claim.carried_by, doubt=task.claim.doubt))
