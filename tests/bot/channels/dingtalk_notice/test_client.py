"""Work notices against the platform's stand-in, over real sockets."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from redis import Redis

from bot.card import Card, Text
from bot.cards import draw
from bot.channels.dingtalk.quota import Kind
from bot.channels.dingtalk_notice.client import NoticeSender
from bot.channels.sending import Change, Enclosed, Parcel, SendError
from tests.bot.channels.dingtalk.ding_town import DingTown, ding_settings, open_ding_town
from tests.bot.conftest import NO_RETRY
from tests.bot.samples import PEN, case


@pytest.fixture
def ding_town() -> Iterator[DingTown]:
    with open_ding_town() as town:
        yield town


@pytest.fixture
def sender(ding_town: DingTown, redis: Redis) -> NoticeSender:
    return of(ding_town, redis)


def of(ding_town: DingTown, redis: Redis, **changes: object) -> NoticeSender:
    settings = ding_settings(ding_town, **changes).dingtalk
    assert settings is not None
    return NoticeSender(settings, redis, PEN.base_url)


def test_a_text_arrives_with_its_number(ding_town: DingTown, sender: NoticeSender) -> None:
    assert sender.send(Parcel("dt-xiaoli", Text("已改派给您。"), "n1")).msgid
    (shown,) = ding_town.chat("notice:xiaoli")
    assert shown.body["content"].startswith("已改派给您。\n\n通知编号 ")
    assert not ding_town.complaints


def test_two_equal_texts_arrive_and_the_same_one_again_does_not(ding_town: DingTown, sender: NoticeSender) -> None:
    """The platform drops the same content without a word, so equal messages must differ."""
    for key in ("n1", "n2", "n2"):
        sender.send(Parcel("dt-xiaoli", Text("已改派给您。"), key))
    assert len(ding_town.chat("notice:xiaoli")) == 2
    assert len(ding_town.ding.dropped) == 1


def test_a_card_comes_as_text_with_a_button_to_the_board(ding_town: DingTown, sender: NoticeSender) -> None:
    sender.send(Parcel("dt-xiaoli|dt-laowang", draw(case(), PEN), "k1"))
    for who in ("xiaoli", "laowang"):
        (shown,) = ding_town.chat(f"notice:{who}")
        assert shown.kind == "ding_action"
        assert "A7F2 认领" in shown.body["content"]
        assert shown.body["buttons"][0]["url"] == f"{PEN.base_url}/orders/5"


def test_a_long_text_fits(ding_town: DingTown, sender: NoticeSender) -> None:
    sender.send(Parcel("dt-xiaoli", Text('长"\n' * 3000), "n1"))
    assert len(ding_town.chat("notice:xiaoli")) == 1


def test_it_is_a_paid_call_and_waits_when_there_are_too_many(ding_town: DingTown, redis: Redis) -> None:
    sender = of(ding_town, redis, calls_per_month=1)
    assert [sender.wait_seconds("dt-xiaoli") for _ in range(20)] == [0.0] * 20
    assert sender.wait_seconds("dt-xiaoli") > 0
    sender.send(Parcel("dt-xiaoli", Text("好"), "n1"))
    assert sender._api.quota.used(Kind.CALLS) == 1
    with pytest.raises(SendError) as error:
        sender.send(Parcel("dt-xiaoli", Text("好"), "n2"))
    assert error.value.permanent
    sender.send(Parcel("dt-xiaoli", Text("期限到了"), "n3", urgent=True))


def test_an_agent_id_of_another_app_is_refused(ding_town: DingTown, redis: Redis) -> None:
    with pytest.raises(SendError) as error:
        of(ding_town, redis, agent_id=7).send(Parcel("dt-xiaoli", Text("好"), "n1"))
    assert error.value.code == 400002


def test_neither_files_nor_changes_nor_a_dead_redis(ding_town: DingTown, sender: NoticeSender) -> None:
    card = draw(case(), PEN)
    assert isinstance(card, Card)
    with pytest.raises(SendError) as error:
        sender.send(Parcel("dt-xiaoli", Enclosed("a.png", b"x"), "k"))
    assert error.value.permanent
    with pytest.raises(SendError) as error:
        sender.change(Change(card, "k", "", channel="dingtalk_notice"))
    assert error.value.used_up
    away = of(ding_town, Redis(port=9, socket_connect_timeout=0.2, retry=NO_RETRY))
    with pytest.raises(SendError) as error:
        away.wait_seconds("dt-xiaoli")
    assert not error.value.permanent
