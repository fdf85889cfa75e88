"""Brings a database to a revision. Several processes may start at once: an advisory lock lets one migrate."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, text

MIGRATIONS: Final = Path(__file__).resolve().parent.parent / "migrations"
_LOCK: Final = 4_070_122  # any number that no other advisory lock here uses


def alembic_config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    return config


def upgrade(engine: Engine, to: str = "head") -> None:
    """Run all migrations up to `to`; nothing where the database is there already."""
    _run(engine, command.upgrade, to)


def downgrade(engine: Engine, to: str) -> None:
    """Run migrations down to `to` ("base" for an empty database)."""
    _run(engine, command.downgrade, to)


def _run(engine: Engine, step: object, to: str) -> None:
    config = alembic_config()
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL lock_timeout = 0"))  # its turn comes, whatever this process else waits for
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        config.attributes["connection"] = connection
        step(config, to)  # type: ignore[operator]
