"""Encrypted member ids become plain ones, and are asked about once."""

from __future__ import annotations

import pytest
from redis import Redis

from bot.channels.sending import SendError
from bot.channels.wecom_app.api import QUICK, App
from bot.channels.wecom_app.ids import PlainIds
from config import Settings
from tests.bot.conftest import NO_RETRY, Town


@pytest.fixture
def asked(town: Town, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What the platform was asked."""
    seen: list[list[str]] = []
    post = App.post

    def count(self: App, path: str, body: dict[str, list[str]], *more: object, **params: object) -> object:
        seen.append(body["open_userid_list"])
        return post(self, path, body, *more, **params)  # type: ignore[arg-type]

    monkeypatch.setattr(App, "post", count)
    return seen


def test_encrypted_ids_become_plain_and_plain_ones_stay(town: Town, app: App) -> None:
    secret = town.wecom.open_id("xiaoli")
    found = PlainIds(app).plain_ids([secret, "LaoWang", secret, ""])
    assert found == {secret: "xiaoli", "LaoWang": "laowang"}


def test_nobody_is_asked_about_twice(town: Town, app: App, asked: list[list[str]]) -> None:
    ids = [town.wecom.open_id("xiaoli"), "laowang"]
    assert PlainIds(app).plain_ids(ids) == PlainIds(app).plain_ids(ids)
    assert asked == [ids]
    assert PlainIds(app).plain_ids([]) == {}


def test_a_thousand_at_once_at_most(app: App, asked: list[list[str]]) -> None:
    many = [f"member{number}" for number in range(1001)]
    assert len(PlainIds(app).plain_ids(many)) == 1001
    assert [len(part) for part in asked] == [1000, 1]


def test_whom_the_app_does_not_see_is_asked_about_again_within_the_hour(app: App, redis: Redis) -> None:
    PlainIds(app).plain_ids(["woUNKNOWN"])
    (name,) = redis.keys("hub:plainid:*")
    assert 0 < redis.ttl(name) <= 3600


def test_without_redis_there_is_no_token_either(town_conf: Settings) -> None:
    assert town_conf.wecom is not None
    away = App(town_conf.wecom, Redis(port=9, socket_connect_timeout=0.2, retry=NO_RETRY), QUICK)
    with pytest.raises(SendError):
        PlainIds(away).plain_ids(["woUNKNOWN"])
