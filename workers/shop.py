"""A shop in a worker's hands: its client, and the handlers that run while it is read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TypeVar

from sqlalchemy.orm import Session

import handlers.due
import handlers.watch
from config import Shop as ShopSettings
from handlers.desk import Desk, Job
from ingest import MARKETPLACES, Marketplace
from ingest.means import Means
from models import Shop
from wire import Hub
from workers.attempt import attempt

Subject = TypeVar("Subject")


def open_marketplace(here: Hub, settings: ShopSettings, shop: Shop) -> Marketplace:
    """The client of a shop, signing with the platform's clock as measured last."""
    offset = timedelta(seconds=shop.clock_offset_seconds)
    means = Means(now=lambda: here.now() + offset, sessions=here.sessions, redis=here.redis)
    return MARKETPLACES[settings.platform](settings, means)


def at_desk(
    here: Hub, later: list[tuple[Job, tuple[object, ...]]], handler: Callable[[Desk, Subject], None]
) -> Callable[[Session, Subject], None]:
    """`handler` for the pull, which commits itself: what it asks for is kept in `later` until then."""

    def run(session: Session, subject: Subject) -> None:
        desk = Desk(session=session, now=here.now(), settings=here.settings)
        handler(desk, subject)
        later.extend(asked for asked in desk.later if asked not in later)

    return run


def watching(here: Hub, later: list[tuple[Job, tuple[object, ...]]]) -> Callable[[Session, Sequence[int]], None]:
    """Watching in a pull. What breaks the code there must not hold up the shop's orders: they are stored, and the
    next look takes them one by one."""
    watch, look_soon = (at_desk(here, later, handler) for handler in (handlers.watch.arrived, handlers.due.look_soon))

    def watched(session: Session, order_ids: Sequence[int]) -> bool:
        with session.begin_nested():
            watch(session, order_ids)
        return True

    def run(session: Session, order_ids: Sequence[int]) -> None:
        if not attempt("watch", lambda: watched(session, order_ids), orders=list(order_ids)[:20]):
            look_soon(session, order_ids)

    return run
