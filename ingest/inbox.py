"""Messages that marketplaces pushed: kept as they came, each once, and the orders that they name read again. They are
hints: what is lost, late or out of order costs only the time until the pull."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from ingest.pushing import Message
from ingest.reading import Reading, alone, said
from ingest.source import Action, PlatformError, Record
from models.session import vault_of

log = structlog.get_logger()
KEPT_FOR: Final = timedelta(days=7)
BODY: Final = b"pushes.body"
_LOCK: Final = 4_070_010  # class of the advisory locks "somebody reads what was pushed of shop N"
_TOGETHER: Final = 50
_STALE: Final = timedelta(hours=1)  # by then the pull has read it

_SHOP: Final = text("SELECT id FROM shops WHERE slug = :slug")
_KEEP: Final = text("""
    INSERT INTO pushes (shop_id, kind, number, mark, body, received_at, done_at)
    VALUES (:shop, :kind, :number, :mark, :body, :now, :done) ON CONFLICT (shop_id, mark) DO NOTHING RETURNING id
""")
_WAITING: Final = text("""
    SELECT id, number, received_at FROM pushes WHERE shop_id = :shop AND done_at IS NULL
    ORDER BY received_at LIMIT :many
""")
_DONE: Final = text("UPDATE pushes SET done_at = :now WHERE id = ANY(:ids) AND done_at IS NULL")
_SHOPS: Final = text("""
    SELECT slug FROM shops s WHERE state = 'working'
        AND EXISTS (SELECT FROM pushes p WHERE p.shop_id = s.id AND p.done_at IS NULL)
""")
_FORGET: Final = text("DELETE FROM pushes WHERE received_at < :before")


@dataclass(slots=True)
class Heard:
    """What became of pushed messages; `problem` says why some are left, "" where none is."""

    read: int = 0  # orders
    changed: int = 0  # of these, new ones too
    problem: str = ""
    busy: bool = False  # somebody else reads them at the moment


def keep(session: Session, slug: str, messages: Sequence[Message], now: datetime) -> bool:
    """Keep the messages of a shop that were not kept before; whether one of them names an order that must be read.
    False too where there is no such shop yet."""
    shop_id = session.execute(_SHOP, {"slug": slug}).scalar_one_or_none()
    if shop_id is None:
        return False
    named = [_keep(session, shop_id, one, now) for one in messages]
    return any(named)


def _keep(session: Session, shop_id: int, message: Message, now: datetime) -> bool:
    row = {
        "shop": shop_id, "kind": message.kind, "number": message.number, "mark": message.mark, "now": now,
        "body": vault_of(session).seal(zlib.compress(message.body), BODY), "done": None if message.number else now,
    }  # fmt: skip
    return session.execute(_KEEP, row).first() is not None and bool(message.number)


def waiting(session: Session) -> list[str]:
    """The slugs of shops with pushed orders that nobody read yet."""
    return list(session.execute(_SHOPS).scalars())


def forget(session: Session, now: datetime) -> None:
    session.execute(_FORGET, {"before": now - KEPT_FOR})


def read(reading: Reading) -> Heard:
    """Read the orders that were pushed, each once however many messages name it. Platform errors end up in the result:
    what is left is read at the next try, or by the pull."""
    heard = Heard()
    with alone(reading.sessions, _LOCK, reading.shop_id) as mine:
        if not mine:
            heard.busy = True
            return heard
        try:
            while rows := _waiting(reading):
                _read(reading, rows, heard)
        except PlatformError as error:
            heard.problem = said(error)
            log.warning("pushed_not_read", shop=reading.shop.slug, code=error.code)
    heard.changed = reading.report.new + reading.report.changed
    return heard


def _waiting(reading: Reading) -> list[Row[Any]]:
    if reading.shop.state == "stopped":
        return []
    with reading.sessions() as session:
        return list(session.execute(_WAITING, {"shop": reading.shop_id, "many": _TOGETHER}))


def _read(reading: Reading, rows: Sequence[Row[Any]], heard: Heard) -> None:
    """Raises PlatformError; what was read until then is stored and done."""
    before = reading.now() - _STALE
    done = [row.id for row in rows if row.received_at < before]
    numbers: dict[str, list[int]] = {}
    for row in rows:
        if row.received_at >= before:
            numbers.setdefault(row.number, []).append(row.id)
    records: list[Record] = []
    try:
        for number, ids in numbers.items():
            records.extend(_order(reading, number))
            done.extend(ids)
    finally:
        reading.take(records)
        with reading.sessions() as session:
            session.execute(_DONE, {"ids": done, "now": reading.now()})
            session.commit()
        heard.read += len(records)


def _order(reading: Reading, number: str) -> list[Record]:
    """The order, or nothing: one that the platform does not tell holds up no other."""
    try:
        record = reading.call(lambda: reading.marketplace.order(number))
    except PlatformError as error:
        if error.resolution.action is not Action.PARK:
            raise
        log.warning("pushed_order_not_told", shop=reading.shop.slug, number=number, code=error.code)
        return []
    return [record] if record is not None else []
