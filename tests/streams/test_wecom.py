"""WeCom's bot by its long connection: what happens when somebody else holds it too."""

from __future__ import annotations

import pytest
from redis import Redis
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session, sessionmaker

from models import Notification
from streams import wecom
from tests.bot.conftest import _no_greeting, open_town, people, town_settings
from tests.ding_town import Standing
from wire import Hub

__all__ = ["_no_greeting", "people"]


@pytest.fixture
def here(engine: Engine, sessions: sessionmaker[Session], redis: Redis) -> Hub:
    with open_town() as town:
        settings = town_settings(town.url, town.state.company)
        return Hub(settings, engine, sessions, redis, Standing(), lambda *_: None)


class Taken:
    """A link that another connection took over."""

    alive, evicted = False, True

    def close(self) -> None:
        return


def lose(line: wecom.BotLine) -> float | None:
    line.link = Taken()  # type: ignore[assignment]
    return line.ended(line.link)


def told(here: Hub) -> list[Notification]:
    with here.sessions() as session:
        return list(session.scalars(select(Notification)))


def test_a_tug_of_war_gets_slower_and_the_supervisor_hears_of_it(here: Hub, people: dict[str, int]) -> None:
    assert here.settings.bot is not None
    line = wecom.BotLine(here, here.settings.bot)
    assert lose(line) == wecom.EVICTED_SECONDS
    assert told(here) == [], "once may be a process of ours that had slept"
    pauses = [lose(line) for _ in range(6)]
    assert pauses[0] == 2 * wecom.EVICTED_SECONDS
    assert pauses[-1] == wecom.LONGEST_EVICTED_SECONDS
    (one,) = told(here)
    assert one.recipient == str(people["chenjie"])
    assert "Bot ID" in one.body["text"]


def test_a_connection_that_was_left_alone_for_long_starts_afresh(
    here: Hub, people: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert here.settings.bot is not None
    line = wecom.BotLine(here, here.settings.bot)
    lose(line)
    monkeypatch.setattr(wecom, "PEACE_SECONDS", 0.0)
    assert lose(line) == wecom.EVICTED_SECONDS
    assert told(here) == []


def test_a_link_that_breaks_by_itself_is_made_again_at_once(here: Hub) -> None:
    assert here.settings.bot is not None
    assert wecom.BotLine(here, here.settings.bot).ended(None) is None
