"""The worker's one place where everything is caught: what breaks the code at one subject must not stop the others."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import structlog

from bot.mishap import described

log = structlog.get_logger()
Result = TypeVar("Result")


def attempt(what: str, work: Callable[[], Result], **about: object) -> Result | None:
    """What `work` gives; None, and a line in the log, where it breaks the code: others must go on."""
    try:
        return work()
    except Exception as error:
        log.error(f"{what}_broke", **about, **described(error))
        return None
