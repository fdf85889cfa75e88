"""A custom robot's webhook against the platform's stand-in, over real sockets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from redis import Redis

from bot.card import Card, Text
from bot.cards import draw
from bot.channels.channel import Tools
from bot.channels.dingtalk.quota import Kind, Quota
from bot.channels.dingtalk_hook.client import HookSender, sign
from bot.channels.dingtalk_hook.errors import CODES
from bot.channels.sending import Change, Enclosed, Parcel, Reaction, SendError
from config import Settings, parse
from tests.bot.channels.dingtalk.ding_town import DingTown, ding_settings, open_ding_town, saying
from tests.bot.conftest import NO_RETRY
from tests.bot.samples import NOW, PEN, case
from tests.conftest import settings_document


@pytest.fixture
def ding_town() -> Iterator[DingTown]:
    with open_ding_town() as town:
        yield town


def of(settings: Settings, redis: Redis, at: float = NOW.timestamp()) -> HookSender:
    return HookSender(Tools(settings, redis), lambda: at)


@pytest.fixture
def sender(ding_town: DingTown, redis: Redis) -> HookSender:
    return of(ding_settings(ding_town), redis)


def text(words: str = "好", key: str = "n1", **more: Any) -> Parcel:
    return Parcel("hook", Text(words, **more), key, is_group=True)


def test_the_signature_is_the_documented_one() -> None:
    assert sign("demo-secret", "1700000000000") == "mSUvvxbX7ba307ODWOhHpJmbw3QdiJvvLe0lcElsApI="


def test_a_text_arrives(ding_town: DingTown, sender: HookSender) -> None:
    sender.send(text("**注意** 3 单"))
    (shown,) = ding_town.chat("dgroup")
    assert (shown.kind, shown.body["title"], shown.body["content"]) == ("markdown", "注意 3 单", "**注意** 3 单")
    assert not ding_town.complaints


def test_the_same_message_again_stands_there_once(ding_town: DingTown, sender: HookSender) -> None:
    for key in ("n1", "n1", "n2"):
        sender.send(text(key=key))
    assert len(ding_town.chat("dgroup")) == 2


def test_a_card_comes_as_text_with_its_code_and_a_link(ding_town: DingTown, sender: HookSender) -> None:
    card = draw(case(), PEN)
    sender.send(Parcel("hook", card, "k1", is_group=True))
    (shown,) = ding_town.chat("dgroup")
    assert shown.kind == "ding_action"
    assert "A7F2 认领" in shown.body["content"]
    assert shown.body["buttons"][0]["url"] == f"{PEN.base_url}/orders/5"


def test_one_person_is_called(ding_town: DingTown, sender: HookSender) -> None:
    sender.send(text(calls={"dingtalk": "dt-laowang"}))
    (shown,) = ding_town.chat("dgroup")
    assert shown.body["at"] == ["laowang"]
    assert not ding_town.complaints


def test_a_clock_that_is_wrong_is_a_matter_of_configuration(ding_town: DingTown, redis: Redis) -> None:
    with pytest.raises(SendError) as error:
        of(ding_settings(ding_town), redis, NOW.timestamp() + 4000).send(text())
    assert (error.value.code, error.value.resolution.reaction) == (310000, Reaction.ALERT)
    assert "SEC" not in str(error.value)


def test_the_21st_message_of_a_minute_waits_here_and_not_for_ten_minutes_there(sender: HookSender) -> None:
    assert [sender.wait_seconds("hook") for _ in range(20)] == [0.0] * 20
    assert 0 < sender.wait_seconds("hook") < 61


def test_who_sends_too_fast_all_the_same_waits_ten_minutes(ding_town: DingTown, sender: HookSender) -> None:
    for number in range(20):
        sender.send(text(key=f"n{number}"))
    with pytest.raises(SendError) as error:
        sender.send(text(key="n21"))
    assert (error.value.resolution.reaction, error.value.resolution.wait_seconds) == (Reaction.WAIT, 600)
    assert 590 < sender.wait_seconds("hook") <= 600, "who waits behind it need not ask the platform"


def test_each_counts_as_a_unit_and_none_goes_when_they_are_used_up(ding_town: DingTown, redis: Redis) -> None:
    settings = ding_settings(ding_town, stream_per_month=3)
    assert settings.dingtalk is not None
    sender, quota = of(settings, redis), Quota(redis, settings.dingtalk)
    for key in ("n1", "n2", "n3"):
        sender.send(text(key=key))
    assert quota.used(Kind.UNITS) == ding_town.ding.quota.stream["custom robot"] == 3
    with pytest.raises(SendError) as error:
        sender.send(text(key="n4"))
    assert error.value.permanent
    sender.send(Parcel("hook", Text("期限到了"), "n5", is_group=True, urgent=True))


def hook_alone(url: str) -> Settings:
    return parse({**settings_document(), "dingtalk_hook": {"gateway": url, "token": "t-o-k-e-n", "secret": "SECx"}})


@pytest.mark.parametrize(("code", "resolution"), CODES.items())
def test_every_code_asks_for_what_its_table_says(redis: Redis, code: int, resolution: Any) -> None:
    with saying(200, {"errcode": code, "errmsg": "no"}) as url, pytest.raises(SendError) as error:
        of(hook_alone(url), redis).send(text())
    assert (error.value.resolution, error.value.code) == (resolution, code)


@pytest.mark.parametrize(("status", "answer"), [(502, "<html>"), (200, "<html>"), (200, {"no": "code"})])
def test_an_error_page_is_an_unknown_outcome(redis: Redis, status: int, answer: object) -> None:
    with saying(status, answer) as url, pytest.raises(SendError) as error:
        of(hook_alone(url), redis).send(text())
    assert (error.value.permanent, error.value.unknown) == (False, True)


def test_no_connection_has_sent_nothing_and_tells_no_address(redis: Redis) -> None:
    with pytest.raises(SendError) as error:
        of(hook_alone("http://127.0.0.1:9"), redis).send(text())
    assert not error.value.permanent
    assert "t-o-k-e-n" not in str(error.value)


def test_neither_files_nor_changes_nor_a_dead_redis(sender: HookSender, ding_town: DingTown) -> None:
    card = draw(case(), PEN)
    assert isinstance(card, Card)
    with pytest.raises(SendError) as error:
        sender.send(Parcel("hook", Enclosed("a.png", b"x"), "k"))
    assert error.value.permanent
    with pytest.raises(SendError) as error:
        sender.change(Change(card, "k", "", channel="dingtalk_hook"))
    assert error.value.used_up
    away = of(ding_settings(ding_town), Redis(port=9, socket_connect_timeout=0.2, retry=NO_RETRY))
    for call in (lambda: away.wait_seconds("hook"), lambda: away.send(text())):
        with pytest.raises(SendError) as error:
            call()
        assert not error.value.permanent
