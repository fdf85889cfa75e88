"""One house for each flow, on each chat platform; see tests/flows/house.py."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from tests.flows.house import Ground, House, open_house

_HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The coverage of branches is what the rooms' own tests reach, file per file. Stories of whole days are not needed
    for it: they would only take longer, and answer later than in life."""
    for item in items:
        if item.path.is_relative_to(_HERE):
            item.add_marker(pytest.mark.no_cover)


@pytest.fixture
def ground(
    servers: tuple[str, str],
    engine: Engine,
    sessions: sessionmaker[Session],
    redis: Redis,
    monkeypatch: pytest.MonkeyPatch,
) -> Ground:
    return Ground(servers, engine, sessions, monkeypatch)


@pytest.fixture(params=["wecom", "dingtalk"])
def chat(request: pytest.FixtureRequest) -> str:
    """The chat platform of the house. A flow runs on both, unless it names the one that it is about."""
    return str(request.param)


@pytest.fixture
def house(ground: Ground, chat: str) -> Iterator[House]:
    """With the long connections: the group hears."""
    with open_house(ground, chat=chat) as opened:
        yield opened


@pytest.fixture
def office(ground: Ground, chat: str) -> Iterator[House]:
    """A house without long connections: for flows in which nobody looks at WeCom's group. DingTalk calls it over
    HTTP."""
    with open_house(ground, chat=chat, online=False) as opened:
        yield opened
