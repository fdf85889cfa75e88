"""Alembic's door: runs on the connection that models/schema.py hands over, else on DATABASE_URL."""

from __future__ import annotations

import os

from alembic import context

import models
from models.session import make_engine

config = context.config
metadata = models.Base.metadata


def _run(connection: object) -> None:
    context.configure(connection=connection, target_metadata=metadata, compare_type=True)  # type: ignore[arg-type]
    with context.begin_transaction():
        context.run_migrations()


given = config.attributes.get("connection")
if given is not None:
    _run(given)
else:
    with make_engine(os.environ["DATABASE_URL"]).connect() as connection:
        _run(connection)
        connection.commit()
