"""Tells the database's objections to what a record says from all its other troubles."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import psycopg
from sqlalchemy.exc import DBAPIError

_OF_THE_DATA: Final = ("22", "23", "54")  # SQLSTATE classes: data, integrity, a limit of the program (index row size)
_UNSENT: Final = (struct.error, OverflowError, UnicodeError)  # what binary COPY cannot even write down


class NotStorable(Exception):
    """The database does not take what a record says; another record may well be taken. The text names the class."""


@contextmanager
def objections() -> Iterator[None]:
    """Raises NotStorable for objections to the data; a lost connection and the like go through as they are."""
    try:
        yield
    except (DBAPIError, psycopg.Error) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        if not _of_the_data(cause):
            raise
        raise NotStorable(type(cause).__name__) from error
    except _UNSENT as error:
        raise NotStorable(type(error).__name__) from error


def _of_the_data(cause: BaseException | None) -> bool:
    state = cause.sqlstate if isinstance(cause, psycopg.Error) else None
    # Without a state it is the driver's own objection: to a value where it is a DataError, else to the connection.
    return state[:2] in _OF_THE_DATA if state else isinstance(cause, psycopg.DataError)
