"""What holds for every open order was changed: all of them are looked at again, a batch at a time by the clock's looks.

An order that somebody holds at that moment, or that just comes in, is judged by what held before, and nobody waits for
it: a minute later all are looked at once more, and whoever is held then a minute after that."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from sqlalchemy import text

from handlers.desk import Desk

JOB: Final = "look_again"
"""In job_runs, planned: of all; with :id behind it of one order."""
LATER: Final = timedelta(minutes=1)
_WHICH: Final = """
    stage IN ('pending_review', 'pending_pick', 'pending_ship') AND (recheck_at IS NULL OR recheck_at > :now)
    AND (:every OR id = ANY(:ids))
"""
_MARK: Final = text(f"""
    UPDATE orders o SET recheck_at = :now FROM (
        SELECT id FROM orders WHERE {_WHICH} ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
    ) found WHERE o.id = found.id
""")
_PLAN: Final = text("""
    INSERT INTO job_runs (job, planned_at, started_at) VALUES (:job, :later, :now) ON CONFLICT DO NOTHING
""")
_PLAN_HELD: Final = text(f"""
    INSERT INTO job_runs (job, planned_at, started_at)
    SELECT cast(:job AS text) || ':' || id, :later, :now FROM orders WHERE {_WHICH} ON CONFLICT DO NOTHING
""")
_TAKE: Final = text("""
    DELETE FROM job_runs r USING (
        SELECT job, planned_at FROM job_runs WHERE starts_with(job, cast(:job AS text)) AND planned_at <= :now
        FOR UPDATE SKIP LOCKED
    ) due WHERE r.job = due.job AND r.planned_at = due.planned_at RETURNING r.job
""")


def every(desk: Desk) -> None:
    """Now, and once more in a minute."""
    desk.session.execute(_MARK, {"now": desk.now, "every": True, "ids": []})
    desk.session.execute(_PLAN, {"job": JOB, "later": desk.now + LATER, "now": desk.now})


def look(desk: Desk) -> None:
    """The clock's look, before it takes up orders: what was planned and is due."""
    jobs = set(desk.session.execute(_TAKE, {"job": JOB, "now": desk.now}).scalars())
    if not jobs:
        return
    ids = [int(job.partition(":")[2]) for job in jobs - {JOB}]
    which = {"now": desk.now, "every": JOB in jobs, "ids": ids}
    desk.session.execute(_MARK, which)
    desk.session.execute(_PLAN_HELD, {**which, "job": JOB, "later": desk.now + LATER})
