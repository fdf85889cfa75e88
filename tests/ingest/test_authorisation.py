from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from redis import Redis
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from config import Shop
from ingest.authorisation import Ask, Authorisation, Tokens
from ingest.means import Means
from ingest.source import Action
from models import Authorisation as Row
from tests.ingest.fakes import failure
from tests.ingest.means import bare

DAY = timedelta(days=1)
ENDS = datetime(2026, 1, 31, 16, 0, tzinfo=UTC)


class Platform:
    """Gives a new pair for the newest refresh token, once."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.error: Exception | None = None

    def ask(self, refresh_token: str) -> Tokens:
        self.asked.append(refresh_token)
        if self.error:
            raise self.error
        number = len(self.asked)
        return Tokens(f"token-{number}", f"refresh-{number}", ENDS + number * 365 * DAY)


@pytest.fixture
def platform() -> Platform:
    return Platform()


class Here:
    """A shop that may renew, at a moment that can be moved."""

    def __init__(self, sessions: sessionmaker[Session], redis: Redis, now: datetime) -> None:
        self.now = now
        self._means = Means(now=lambda: self.now, sessions=sessions, redis=redis)

    def authorisation(self, **settings: object) -> Authorisation:
        """As a new process finds it."""
        said = {"token": "given", "refresh_token": "refresh-0", "authorised_until": date(2026, 1, 31), **settings}
        return Authorisation(Shop(slug="jd", platform="jd", prefix="JD", name="x", **said), self._means, DAY)  # type: ignore[arg-type]


@pytest.fixture
def here(sessions: sessionmaker[Session], redis: Redis, now: datetime) -> Here:
    return Here(sessions, redis, now)


def test_without_a_refresh_token_the_settings_say_all_and_no_database_is_asked(
    now: datetime, platform: Platform
) -> None:
    shop = Shop(slug="jd", platform="jd", prefix="JD", name="x", token="given", authorised_until=date(2026, 1, 31))
    authorisation = Authorisation(shop, bare(lambda: now), DAY)
    assert (authorisation.token(platform.ask), authorisation.until()) == ("given", ENDS)
    assert authorisation.renew(platform.ask) is False
    assert platform.asked == []


def test_nobody_said_when_it_ends(here: Here) -> None:
    assert here.authorisation(authorised_until=None).until() is None


def test_it_is_renewed_when_its_end_is_near_and_not_before(here: Here, platform: Platform) -> None:
    here.now = ENDS - DAY - timedelta(seconds=1)
    assert here.authorisation().token(platform.ask) == "given"
    here.now = ENDS - DAY
    assert here.authorisation().token(platform.ask) == "token-1"
    assert platform.asked == ["refresh-0"]


def test_what_was_renewed_is_what_the_next_process_uses_and_renews(here: Here, platform: Platform) -> None:
    here.authorisation().renew(platform.ask)
    later = here.authorisation()
    assert (later.token(platform.ask), later.until()) == ("token-1", ENDS + 365 * DAY)
    here.now += 2 * DAY
    assert here.authorisation().renew(platform.ask) is True
    assert platform.asked == ["refresh-0", "refresh-1"]


def test_two_who_renew_at_once_use_one_refresh_token_once(here: Here, platform: Platform) -> None:
    one, other = here.authorisation(), here.authorisation()
    one.until(), other.until()  # both have looked
    assert one.renew(platform.ask) is True
    assert other.renew(platform.ask) is True, "it has another token than before"
    assert other.token(platform.ask) == "token-1"
    assert platform.asked == ["refresh-0"]


def test_a_token_that_a_person_put_into_the_settings_ends_what_was_kept(here: Here, platform: Platform) -> None:
    here.authorisation().renew(platform.ask)
    assert here.authorisation(token="given anew").token(platform.ask) == "given anew"


def test_a_refusal_leaves_the_token_and_is_not_repeated_for_an_hour(here: Here, platform: Platform) -> None:
    platform.error = failure(Action.REFRESH)
    here.now = ENDS - DAY
    assert here.authorisation().token(platform.ask) == "given"
    assert here.authorisation().renew(platform.ask) is False
    assert len(platform.asked) == 1
    here.now += timedelta(hours=1)
    platform.error = None
    assert here.authorisation().renew(platform.ask) is True


def test_after_a_refusal_the_settings_may_still_name_another_end(here: Here, platform: Platform) -> None:
    platform.error = failure(Action.REFRESH)
    assert here.authorisation().renew(platform.ask) is False
    assert here.authorisation(authorised_until=date(2027, 1, 31)).until() == ENDS + 365 * DAY


def test_a_fault_that_passes_holds_up_no_call_and_is_tried_again(here: Here, platform: Platform) -> None:
    platform.error = failure(Action.RETRY)
    here.now = ENDS - DAY
    authorisation = here.authorisation()
    assert authorisation.token(platform.ask) == "given"
    assert authorisation.token(platform.ask) == "given"
    assert len(platform.asked) == 1, "not before every call"
    platform.error = None
    assert here.authorisation().token(platform.ask) == "token-2"


def test_no_token_stands_readable_in_the_database(
    here: Here, platform: Platform, sessions: sessionmaker[Session]
) -> None:
    here.authorisation().renew(platform.ask)
    with sessions() as session:
        row = session.scalars(select(Row)).one()
    assert b"token-1" not in row.sealed
    assert b"given" not in row.renewed_from


def test_one_that_does_not_open_falls_back_to_the_settings(
    here: Here, platform: Platform, sessions: sessionmaker[Session]
) -> None:
    here.authorisation().renew(platform.ask)
    with sessions() as session:
        session.scalars(select(Row)).one().sealed = b"\x01" + b"0" * 40
        session.commit()
    ask: Ask = platform.ask
    assert here.authorisation().token(ask) == "given"
