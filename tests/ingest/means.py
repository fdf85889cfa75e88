"""What a client in a test may use where only its wire matters: no database, and a Redis that does not answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from sqlalchemy.orm import Session, sessionmaker

from ingest.means import Means


def bare(now: Callable[[], datetime]) -> Means:
    return Means(
        now=now, sessions=sessionmaker[Session](), redis=Redis(host="127.0.0.1", port=1, retry=Retry(NoBackoff(), 0))
    )
