from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy.orm import Session, sessionmaker

from tests.ingest.one_shop import Bench


@pytest.fixture
def bench(sessions: sessionmaker[Session], now: datetime) -> Bench:
    return Bench(sessions, now)
