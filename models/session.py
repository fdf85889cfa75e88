"""Engine and sessions. Doors open a session and commit; rooms get one as an argument."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session, sessionmaker

from models.vault import Vault

_DRIVER: Final = "postgresql+psycopg://"


def make_engine(database_url: str, *, pool_size: int = 5) -> Engine:
    """An engine on `postgresql://…` (or `postgres://…`), psycopg 3, times always in UTC."""
    url = database_url
    for scheme in ("postgresql://", "postgres://"):
        if url.startswith(scheme):
            url = _DRIVER + url.removeprefix(scheme)
    return create_engine(
        url, pool_size=pool_size, max_overflow=10, pool_pre_ping=True, connect_args={"options": "-c timezone=UTC"}
    )


def make_sessions(engine: Engine, vault: Vault) -> sessionmaker[Session]:
    """Sessions that carry the vault, so that rooms can seal, open and link without a global."""
    return sessionmaker(engine, expire_on_commit=False, info={"vault": vault})


def vault_of(session: Session) -> Vault:
    """The vault that the door gave to this session."""
    vault = session.info["vault"]
    assert isinstance(vault, Vault)
    return vault
