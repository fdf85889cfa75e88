"""COPY, PostgreSQL's fastest way in, on the connection of a session."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

import psycopg
from sqlalchemy import text
from sqlalchemy.orm import Session

Columns = Mapping[str, str]
"""Column name → PostgreSQL type, in the order of the rows' values."""


def copy_rows(session: Session, table: str, columns: Columns, rows: Iterable[Sequence[Any]]) -> None:
    """COPY `rows` into `table`; nothing is sent for no rows. Rows made on the way overlap with the server's work."""
    rows = iter(rows)
    first = next(rows, None)
    if first is None:
        return
    connection: psycopg.Connection[Any] = session.connection().connection.driver_connection  # type: ignore[assignment]
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN (FORMAT BINARY)") as copy,
    ):
        copy.set_types(list(columns.values()))
        for row in chain((first,), rows):
            copy.write_row(row)


def in_table(session: Session, name: str, columns: Columns, rows: Iterable[Sequence[Any]]) -> None:
    """COPY `rows` into a temporary table `name` of `columns`; it holds these rows alone, until the commit."""
    kinds = ", ".join(f"{column} {kind}" for column, kind in columns.items())
    session.execute(text(f"CREATE TEMP TABLE IF NOT EXISTS {name} ({kinds}) ON COMMIT DELETE ROWS"))
    session.execute(text(f"TRUNCATE {name}"))
    copy_rows(session, name, columns, rows)
