from __future__ import annotations

import struct

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from ingest.not_storable import NotStorable, objections


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        ("SELECT 1 / 0", "DivisionByZero"),
        ("SELECT CAST(70000 AS int2)", "NumericValueOutOfRange"),
        ("INSERT INTO shops (slug) VALUES ('x')", "NotNullViolation"),
        (
            "INSERT INTO tag_counters SELECT string_agg(md5(n::text), ''), '1', 1 FROM generate_series(1, 999) n",
            "ProgramLimitExceeded",
        ),
    ],
)
def test_an_objection_to_the_data_is_one(session: Session, statement: str, name: str) -> None:
    with pytest.raises(NotStorable, match=name), objections():
        session.execute(text(statement))


def test_every_other_trouble_stays_what_it_is(session: Session) -> None:
    with pytest.raises(ProgrammingError), objections():
        session.execute(text("SELECT nonsense"))
    with pytest.raises(psycopg.OperationalError), objections():
        raise psycopg.OperationalError("the connection is lost")
    with pytest.raises(RuntimeError), objections():
        raise RuntimeError("bug")


@pytest.mark.parametrize("error", [struct.error("h"), OverflowError("int"), psycopg.DataError("NUL")])
def test_what_cannot_even_be_sent_is_an_objection(error: Exception) -> None:
    with pytest.raises(NotStorable), objections():
        raise error
