"""Reads again what a platform's list of changes does not show: open orders one by one, those unread longest first, and
once a night all that was created yesterday and the day before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import text
from sqlalchemy.orm import Session

from ingest.reading import Reading, said
from ingest.source import Action, PlatformError, Record
from models.beijing import day_start
from models.stages import OPEN

log = structlog.get_logger()
DAYS: Final = 2  # yesterday and the day before
_TOGETHER: Final = 50  # orders that are stored, and noted as read, in one go
_OPEN: Final = ", ".join(f"'{stage}'" for stage in OPEN)

# Of the open orders alone, by their own index. One that was never read by itself was read when it was stored.
_UNREAD: Final = text(f"""
    SELECT o.id, o.external_id FROM orders o LEFT JOIN order_reads r ON r.order_id = o.id
    WHERE o.stage IN ({_OPEN}) AND o.shop_id = :shop AND coalesce(r.read_at, o.stored_at) <= :before
    ORDER BY coalesce(r.read_at, o.stored_at), o.id LIMIT :many
""")
_READ: Final = text("""
    INSERT INTO order_reads (order_id, shop_id, read_at)
    SELECT id, :shop, :now FROM unnest(CAST(:ids AS bigint[])) AS id
    ON CONFLICT (order_id) DO UPDATE SET read_at = excluded.read_at
""")
_FORGET: Final = text(f"""
    DELETE FROM order_reads r USING orders o WHERE r.shop_id = :shop AND o.id = r.order_id AND o.stage NOT IN ({_OPEN})
""")


Seen = Callable[[Session, Mapping[int, bool]], None]
"""(session, order id → whether the platform knows it): runs in the transaction that notes the orders as read."""


@dataclass(slots=True)
class Swept:
    """`gone`: orders that the platform knows no longer. `problem`: why it ended before all was read, "" else."""

    read: int = 0
    changed: int = 0
    gone: int = 0
    problem: str = ""


def sweep(reading: Reading, most: int, seen: Seen) -> Swept:
    """Read at most `most` of the shop's open orders whose turn it is. Platform errors end up in the result."""
    swept, every = Swept(), reading.marketplace.sweep_every
    if every is None or reading.shop.state == "stopped" or _must_wait(reading):
        return swept
    try:
        for orders in _in_turn(reading, reading.now() - every, most):
            _read(reading, orders, swept, seen)
    except PlatformError as error:
        swept.problem = said(error)
        log.warning("sweep_cut_short", shop=reading.shop.slug, code=error.code)
    swept.changed = reading.report.changed
    return swept


def created_lately(reading: Reading, today: date) -> None:
    """All that was created yesterday and the day before, as it is now. Raises PlatformError."""
    reading.take_created(day_start(today - timedelta(days=DAYS)), min(day_start(today), reading.closed()))


def _must_wait(reading: Reading) -> bool:
    return reading.shop.wait_until is not None and reading.shop.wait_until > reading.now()


def _in_turn(reading: Reading, before: datetime, most: int) -> list[list[tuple[int, str]]]:
    with reading.sessions() as session:
        session.execute(_FORGET, {"shop": reading.shop_id})
        found = session.execute(_UNREAD, {"shop": reading.shop_id, "before": before, "many": most})
        orders = [(row.id, row.external_id) for row in found]
        session.commit()
    return [orders[first : first + _TOGETHER] for first in range(0, len(orders), _TOGETHER)]


def _read(reading: Reading, orders: list[tuple[int, str]], swept: Swept, seen: Seen) -> None:
    """Raises PlatformError; what was read until then is stored and noted."""
    records: list[Record] = []
    done: list[int] = []
    known: dict[int, bool] = {}
    try:
        for order_id, number in orders:
            record, told = _order(reading, number)
            if record is not None:
                records.append(record)
            if told:
                known[order_id] = record is not None
            done.append(order_id)
    finally:
        reading.take(records)
        with reading.sessions() as session:
            session.execute(_READ, {"shop": reading.shop_id, "now": reading.now(), "ids": done})
            seen(session, known)
            session.commit()
        swept.read += len(done)
        swept.gone += sum(not here for here in known.values())


def _order(reading: Reading, number: str) -> tuple[Record | None, bool]:
    """The record, None for one that the platform does not know; and whether it told at all: the others go on."""
    try:
        record = reading.call(lambda: reading.marketplace.order(number))
    except PlatformError as error:
        if error.resolution.action is not Action.PARK:
            raise
        log.warning("order_not_told", shop=reading.shop.slug, number=number, code=error.code)
        return None, False
    if record is None:
        log.warning("order_unknown_to_platform", shop=reading.shop.slug, number=number)
    return record, True
