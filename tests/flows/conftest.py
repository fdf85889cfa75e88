"""One house for each flow; see tests/flows/house.py."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from redis import Redis
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from tests.flows.house import Ground, House, open_house


@pytest.fixture
def ground(
    servers: tuple[str, str],
    engine: Engine,
    sessions: sessionmaker[Session],
    redis: Redis,
    monkeypatch: pytest.MonkeyPatch,
) -> Ground:
    return Ground(servers, engine, sessions, monkeypatch)


@pytest.fixture
def house(ground: Ground) -> Iterator[House]:
    """With the bot's long connection: the group hears."""
    with open_house(ground) as opened:
        yield opened


@pytest.fixture
def office(ground: Ground) -> Iterator[House]:
    """A house whose bot is offline: for flows in which nobody looks at the group."""
    with open_house(ground, online=False) as opened:
        yield opened
