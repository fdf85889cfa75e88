"""`flask hub quota`: what was used of the month."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

from click.testing import CliRunner, Result
from redis import Redis
from sqlalchemy.orm import Session, sessionmaker

from bot.channels.dingtalk.quota import Kind, Quota
from config import Settings, parse
from handlers.desk import Desk
from models import Usage
from operators.quota import command
from tests.bot.channels.dingtalk import ding_fits
from tests.bot.conftest import NO_RETRY
from tests.bot.samples import NOW
from tests.conftest import settings_document


def asked(sessions: sessionmaker[Session], redis: Redis, settings: Settings) -> Result:
    @contextmanager
    def open_desk() -> Iterator[Desk]:
        with sessions() as session:
            yield Desk(session=session, now=NOW, settings=settings)

    here: Any = SimpleNamespace(settings=settings, redis=redis, open_desk=open_desk)
    return CliRunner().invoke(command(here))


def test_it_tells_used_and_allowed_and_where_the_month_leads(sessions: sessionmaker[Session], redis: Redis) -> None:
    settings = parse({**settings_document(), **ding_fits.SECTIONS})
    assert settings.dingtalk is not None
    with sessions() as session:
        session.add(Usage(platform="dingtalk", month="2025-11", kind="calls", used=4100))
        session.add(Usage(platform="dingtalk", month="2025-12", kind="calls", used=1000))
        session.commit()
    Quota(redis, settings.dingtalk).count(Kind.CALLS, 234)
    lines = asked(sessions, redis, settings).output.splitlines()
    assert lines == [
        "2025-12 calls    1,234 of   5,000   24.7 %  (about 1,786 at the month's end)",
        "2025-12 units        0 of   3,000    0.0 %  (about 0 at the month's end)",
        "2025-11 calls    4,100 of   5,000   82.0 %",
        "2025-11 units        0 of   3,000    0.0 %",
    ]


def test_without_dingtalk_or_redis_it_says_so(
    sessions: sessionmaker[Session], redis: Redis, settings: Settings
) -> None:
    assert "no [dingtalk]" in asked(sessions, redis, settings).output
    away = Redis(port=9, socket_connect_timeout=0.2, retry=NO_RETRY)
    found = asked(sessions, away, parse({**settings_document(), **ding_fits.SECTIONS}))
    assert found.exit_code == 1
    assert "Redis does not answer" in found.output
