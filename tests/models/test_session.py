from __future__ import annotations

import time

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from models.session import IDLE_SECONDS, make_engine


def killed(engine: Engine, pid: int) -> None:
    with engine.connect() as other:
        other.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})


def test_a_connection_that_died_while_it_lay_is_replaced(
    engine: Engine, servers: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = make_engine(servers[0])
    with mine.connect() as connection:
        pid = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
    killed(engine, pid)
    long_after = time.monotonic() + IDLE_SECONDS
    monkeypatch.setattr("models.session.time.monotonic", lambda: long_after)
    with mine.connect() as connection:
        assert connection.execute(text("SELECT pg_backend_pid()")).scalar_one() != pid
    mine.dispose()


def test_error_texts_hold_no_parameters(engine: Engine) -> None:
    with engine.connect() as connection, pytest.raises(DBAPIError, match="parameters hidden") as caught:
        connection.execute(text("SELECT 1 / cast(:phone AS int)"), {"phone": "no 13800001234"})
    assert "13800001234" not in str(caught.value).split("DETAIL")[0].partition("\n")[2]
