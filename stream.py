"""The door for what needs a long connection: WeCom's bot and DingTalk's robot, each held by whoever has its lease
(`streams/`)."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable

import structlog

from handlers.parse import warm
from streams.holding import Holder
from wire import Hub, hub

log = structlog.get_logger()
Work = Callable[[], None]


def run(here: Hub, stopping: threading.Event) -> None:
    """Until `stopping` is set. Without a long connection there is nothing to do but to wait: the process runner stops
    everything when one process ends."""
    works = [*_wecom(here, stopping), *_dingtalk(here, stopping)]
    if not works:
        log.info("no_long_connection_configured")
        stopping.wait()
        return
    warm()
    threads = [threading.Thread(target=_all_or_none, args=(work, stopping)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _all_or_none(work: Work, stopping: threading.Event) -> None:
    """A part that dies takes the others with it: the process runner starts them all anew."""
    try:
        work()
    finally:
        stopping.set()


def _wecom(here: Hub, stopping: threading.Event) -> list[Work]:
    settings = here.settings.bot
    if settings is None or settings.mode != "stream":
        return []
    from streams.wecom import BotLine, Postman

    line = BotLine(here, settings)
    holder = Holder(here, line, stopping)
    postman = Postman(here, line, holder)
    return [holder.run, lambda: postman.run(stopping)]


def _dingtalk(here: Hub, stopping: threading.Event) -> list[Work]:
    settings = here.settings.dingtalk
    if settings is None or settings.mode != "stream":
        return []
    from streams.dingtalk import DingLine

    return [Holder(here, DingLine(here, settings), stopping).run]


def main() -> None:
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    run(hub(), stopping)


if __name__ == "__main__":
    main()
