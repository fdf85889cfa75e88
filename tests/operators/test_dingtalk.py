from __future__ import annotations

from collections.abc import Iterator

import pytest
from redis import Redis
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from operators.hub import prepare
from tests.ding_town import DingTown, Standing, ding_settings, open_ding_town
from wire import Hub


@pytest.fixture
def town() -> Iterator[DingTown]:
    with open_ding_town(mode="http") as found:
        yield found


def hub_of(town: DingTown, parts: tuple[Engine, sessionmaker[Session], Redis], **changes: object) -> Hub:
    return Hub(ding_settings(town.url, **changes), *parts, Standing(), lambda *_: None)


def test_preparing_tells_dingtalk_where_presses_go(
    town: DingTown, engine: Engine, sessions: sessionmaker[Session], redis: Redis, capsys: pytest.CaptureFixture[str]
) -> None:
    here = hub_of(town, (engine, sessions, redis), mode="http", card_route="our-cards")
    for _ in range(2):
        prepare(here)
        assert "http://127.0.0.1:8780/dingtalk/card" in capsys.readouterr().out
    assert town.ding.cards.routes["our-cards"] == ("http://127.0.0.1:8780/dingtalk/card", "demo-card-secret")


def test_what_dingtalk_refuses_is_said_and_stops_nothing(
    town: DingTown, engine: Engine, sessions: sessionmaker[Session], redis: Redis, capsys: pytest.CaptureFixture[str]
) -> None:
    prepare(hub_of(town, (engine, sessions, redis), mode="http", app_secret="wrong"))
    said = capsys.readouterr()
    assert "没有登记成功" in said.err
    assert "wrong" not in said.err


def test_stream_mode_registers_nothing(
    town: DingTown, engine: Engine, sessions: sessionmaker[Session], redis: Redis, capsys: pytest.CaptureFixture[str]
) -> None:
    prepare(hub_of(town, (engine, sessions, redis), card_route="our-cards"))
    assert "our-cards" not in town.ding.cards.routes
    assert not capsys.readouterr().out
