"""The door between the circuit breakers, which know what fails, and the handlers, who tell people."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta

import structlog
from redis.exceptions import RedisError

import handlers.supply.erps
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
        fails = handlers.upstream.parties_down(desk)
        for erp in here.settings.erp:
            if erp.kind not in fails:
                handlers.supply.erps.unheard(desk, erp.slug, timedelta(seconds=erp.every_seconds))
