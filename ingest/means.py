"""What a source may use besides its shop's settings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from redis import Redis
from sqlalchemy.orm import Session, sessionmaker


@dataclass(frozen=True, slots=True)
class Means:
    """`now`: the moment by the platform's clock as far as known. `sessions`: for what people handed in and for kept
    authorisations. `redis`: what all workers share for a while (call budgets, access tokens)."""

    now: Callable[[], datetime]
    sessions: sessionmaker[Session]
    redis: Redis
