"""The door between the circuit breakers, which know what fails, and the handlers, who tell people."""

from __future__ import annotations

from dataclasses import asdict

import structlog
from redis.exceptions import RedisError

import handlers.upstream
import ingest.breaker
from wire import Hub

log = structlog.get_logger()


def tell(here: Hub) -> None:
    """Bring the matters of parties whose interface fails up to date, and have who waited go on. Without Redis nothing
    is known, and all stays as it is."""
    try:
        found = ingest.breaker.downs(here.redis)
    except RedisError as error:
        log.warning("breakers_unreachable", error=type(error).__name__)
        return
    with here.open_desk() as desk:
        handlers.upstream.sync(desk, [handlers.upstream.Down(**asdict(down)) for down in found])
        handlers.upstream.go_on(desk)
