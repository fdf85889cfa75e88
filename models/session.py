"""Engine and sessions. Doors open a session and commit; rooms get one as an argument."""

from __future__ import annotations

import time
from typing import Any, Final

import psycopg
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry

from models.vault import Vault

IDLE_SECONDS: Final = 2.0
_DRIVER: Final = "postgresql+psycopg://"


def make_engine(
    database_url: str, *, pool_size: int = 5, max_overflow: int = 10, wait_seconds: float = 10,
    connect_seconds: int = 5, lock_ms: int = 0,
) -> Engine:  # fmt: skip
    """An engine on `postgresql://…` (or `postgres://…`), psycopg 3, times always in UTC.

    `pool_size` connections stay open, `max_overflow` more come and go. `wait_seconds`: how long a thread waits for one
    of them; `connect_seconds`: how long for a new one (2 at least, says libpq); `lock_ms`: how long a statement
    waits for a lock, 0 for ever. Parameters never stand in error texts.
    """
    url = database_url
    for scheme in ("postgresql://", "postgres://"):
        if url.startswith(scheme):
            url = _DRIVER + url.removeprefix(scheme)
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=max_overflow,
        pool_timeout=wait_seconds,
        pool_use_lifo=True,  # what was used last is warm, and its plans are cached
        hide_parameters=True,
        connect_args={"options": f"-c timezone=UTC -c lock_timeout={lock_ms}", "connect_timeout": connect_seconds},
    )
    event.listen(engine, "checkin", _note_use)
    event.listen(engine, "checkout", _ping_if_idle)
    return engine


def _note_use(_connection: object, record: ConnectionPoolEntry) -> None:
    record.info["used_at"] = time.monotonic()


def _ping_if_idle(connection: Any, record: ConnectionPoolEntry, _proxy: object) -> None:
    """A connection that lay for a while may be dead (the server restarted): look before use. A busy one is not asked,
    for that would cost each transaction a round trip."""
    if time.monotonic() - record.info.get("used_at", time.monotonic()) < IDLE_SECONDS:
        return
    try:
        connection.execute("")
        connection.rollback()
    except psycopg.Error as error:
        raise DisconnectionError from error  # the pool opens another


def make_sessions(engine: Engine, vault: Vault) -> sessionmaker[Session]:
    """Sessions that carry the vault, so that rooms can seal, open and link without a global."""
    return sessionmaker(engine, expire_on_commit=False, info={"vault": vault})


def vault_of(session: Session) -> Vault:
    """The vault that the door gave to this session."""
    vault = session.info["vault"]
    assert isinstance(vault, Vault)
    return vault
