"""A worker's part of what is done to many orders at once: chunk by chunk, each in a transaction of its own, so that a
worker that dies loses nothing and the next one goes on."""

from __future__ import annotations

from collections.abc import Callable

import handlers.batches.running
import handlers.batches.undo
from handlers.desk import Desk, Job
from wire import Hub, enqueue, hub, started
from workers.attempt import attempt


def run_batch(batch_id: int) -> int:
    """Go on with one batch until it is at its end; how many chunks it took."""
    here = hub()
    started(here, Job.RUN_BATCH, batch_id)
    chunks = 0
    while _turn(here, batch_id):
        chunks += 1
    return chunks


def resume(here: Hub) -> None:
    """Ask again for what a dead worker, or a queue that was away, left."""
    with here.open_desk() as desk:
        left = handlers.batches.running.live(desk)
    for batch_id in left:
        enqueue(here, Job.RUN_BATCH, (batch_id,))


def _turn(here: Hub, batch_id: int) -> bool:
    """The next chunk; where it breaks the code one order after the other, and what breaks it is left out."""
    more = attempt("batch", lambda: _at_desk(here, lambda desk: _go_on(desk, batch_id)), batch=batch_id)
    if more is not None:
        return more
    more = attempt("batch", lambda: _at_desk(here, lambda desk: _go_on(desk, batch_id, most=1)), batch=batch_id)
    if more is None:
        _at_desk(here, lambda desk: handlers.batches.running.give_up(desk, batch_id))
        return True
    return more


def _go_on(desk: Desk, batch_id: int, **most: int) -> bool:
    going = handlers.batches.running.go_on(desk, batch_id, **most)
    return going or handlers.batches.undo.go_on(desk, batch_id, **most)


def _at_desk(here: Hub, work: Callable[[Desk], bool | None]) -> bool:
    with here.open_desk() as desk:
        return bool(work(desk))
