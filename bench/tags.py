"""Bar 4: gapless tag numbers with eight writers against a sequence in blocks, which leaves gaps."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from bench.harness import NOW, Bench, Figure, pairs, per_second, stopwatch
from ingest import tags
from ingest.copying import copy_rows
from models.beijing import BEIJING

WRITERS: Final = 8
BLOCK: Final = 500
Give = Callable[[Session, str, Sequence[datetime]], list[str]]

_BLOCK: Final = text("SELECT array_agg(nextval('bench_tags')) FROM generate_series(1, :many)")


def measure(bench: Bench) -> list[Figure]:
    turns = 10 if bench.quick else 20
    sessions = bench.sessions("tags")
    with sessions() as session:
        session.execute(text("CREATE SEQUENCE bench_tags"))
        session.execute(text("CREATE TABLE numbered (tag text NOT NULL)"))
        session.commit()
    many = WRITERS * turns * BLOCK
    seconds = pairs(lambda: _write(sessions, turns, tags.give), lambda: _write(sessions, turns, from_sequence))
    with sessions() as session:
        last, rows = session.execute(text("SELECT max(last), count(*) FROM tag_counters")).one()
    assert (last, rows) == (many * len(seconds.ours), 1), "a gap"
    ours, yardstick = per_second(many, seconds.ours), per_second(many, seconds.theirs)
    return [Figure(4, "tags, 8 writers", ours, f"sequence {yardstick}", seconds.faster, 0.5, at_least=True)]


def from_sequence(session: Session, prefix: str, created: Sequence[datetime]) -> list[str]:
    """What `tags.give` would be if gaps did not matter: no row is locked."""
    numbers = session.execute(_BLOCK, {"many": len(created)}).scalar_one()
    days = [moment.astimezone(BEIJING).date().isoformat().replace("-", "") for moment in created]
    return [f"{prefix}-{day}-{number:03d}" for day, number in zip(days, numbers, strict=True)]


def _write(sessions: sessionmaker[Session], turns: int, give: Give) -> float:
    """Eight writers number and store blocks, each block in a transaction of its own."""
    created = [NOW] * BLOCK

    def work() -> None:
        for _ in range(turns):
            with sessions() as session:
                given = give(session, "TB", created)
                copy_rows(session, "numbered", {"tag": "text"}, ((tag,) for tag in given))
                session.commit()

    threads = [threading.Thread(target=work) for _ in range(WRITERS)]
    with stopwatch() as taken:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return taken[0]
