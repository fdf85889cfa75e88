"""A worker's part of a dry run: chunk by chunk, each in a transaction of its own, so that a worker that dies loses
nothing and the next one goes on."""

from __future__ import annotations

from handlers.desk import Job
from handlers.rulebook import dry_run
from wire import Hub, enqueue, hub, started
from workers.attempt import attempt


def try_rule(run_id: int) -> int:
    """Go on with one dry run until it is at its end; how many chunks it took."""
    here = hub()
    started(here, Job.TRY_RULE, run_id)
    chunks = 0
    while _turn(here, run_id):
        chunks += 1
    return chunks


def resume(here: Hub) -> None:
    """Ask again for what a dead worker, or a queue that was away, left."""
    with here.open_desk() as desk:
        left = dry_run.live(desk)
    for run_id in left:
        enqueue(here, Job.TRY_RULE, (run_id,))


def _turn(here: Hub, run_id: int) -> bool:
    """The next chunk; where it breaks the code it is over, and whoever asked is told."""
    more = attempt("dry_run", lambda: _chunk(here, run_id), run=run_id)
    if more is None:
        with here.open_desk() as desk:
            dry_run.give_up(desk, run_id)
    return bool(more)


def _chunk(here: Hub, run_id: int) -> bool:
    with here.open_desk() as desk:
        return dry_run.go_on(desk, run_id)
