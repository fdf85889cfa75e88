from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DataError
from sqlalchemy.orm import Session

from bot.mishap import described


def test_an_error_is_described_without_what_people_wrote(session: Session) -> None:
    with pytest.raises(DataError) as caught:
        session.execute(text("SELECT cast(:phone AS int) / 0"), {"phone": "a13812341234"})
    found = described(caught.value)
    assert found["error"] == "DataError from InvalidTextRepresentation"
    assert "test_mishap.py" in found["trace"]
    assert "13812341234" in str(caught.value)
    assert "13812341234" not in str(found)


def test_a_long_chain_is_cut() -> None:
    error: BaseException = ValueError("13812341234")
    for _ in range(9):
        before, error = error, RuntimeError("x")
        error.__cause__ = before
    assert described(error)["error"].count("from") == 3
