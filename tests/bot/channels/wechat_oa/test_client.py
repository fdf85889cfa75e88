from __future__ import annotations

import pytest
from redis import Redis

from bot.card import Card, Text
from bot.channels.sending import Change, Parcel, SendError
from bot.channels.wechat_oa.client import OfficialSender
from config import Settings
from tests.bot.channels.wechat_oa.test_render import SHIPPED
from tests.bot.conftest import CUSTOMER, NO_RETRY, Town


@pytest.fixture
def sender(town_conf: Settings, redis: Redis) -> OfficialSender:
    assert town_conf.weixin is not None
    return OfficialSender(town_conf.weixin, redis)


def test_a_template_message_arrives_once_whatever_is_repeated(town: Town, sender: OfficialSender) -> None:
    assert sender.wait_seconds(CUSTOMER) == 0
    receipts = [sender.send(Parcel(CUSTOMER, SHIPPED, "n7")) for _ in range(2)]
    assert receipts[0].msgid == receipts[1].msgid
    (message,) = town.chat(f"oa:{CUSTOMER}")
    assert {line["label"]: line["value"] for line in message.body["lines"]}["快递单号"] == "SF1234567890123"


def test_a_token_that_ended_is_renewed_once(town: Town, sender: OfficialSender) -> None:
    sender.send(Parcel(CUSTOMER, SHIPPED, "n1"))
    town.weixin.tokens.expire()
    sender.send(Parcel(CUSTOMER, SHIPPED, "n2"))
    assert town.weixin.tokens.fetches == 2


def test_a_customer_who_left_is_marked(town: Town, sender: OfficialSender) -> None:
    town.weixin.chat.switches.unfollow = 1
    with pytest.raises(SendError) as error:
        sender.send(Parcel(CUSTOMER, SHIPPED, "n1"))
    assert (error.value.permanent, error.value.resolution.customer) == (True, "unfollowed")
    with pytest.raises(SendError) as unknown:
        sender.send(Parcel("oNobody", SHIPPED, "n1"))
    assert unknown.value.resolution.customer == "unfollowed"


def test_only_forms_go_to_customers(sender: OfficialSender) -> None:
    with pytest.raises(SendError):
        sender.send(Parcel(CUSTOMER, Text("好"), "n1"))
    with pytest.raises(NotImplementedError):
        sender.change(Change(Card("题", "case:1", 1), "t", "c"))


def test_a_dead_redis_asks_for_patience(town_conf: Settings) -> None:
    assert town_conf.weixin is not None
    sender = OfficialSender(town_conf.weixin, Redis(port=9, socket_connect_timeout=0.2, retry=NO_RETRY))
    with pytest.raises(SendError) as error:
        sender.wait_seconds(CUSTOMER)
    assert not error.value.permanent
