from __future__ import annotations

from typing import Any

import pytest
from redis import Redis

from bot.channels.sending import Form, Parcel, SendError
from bot.channels.wechat_mini.client import MiniSender
from bot.channels.wechat_subscribe.client import NoticeSender
from config import Settings
from config_customers import Mini
from handlers.customers.filling import Filled
from sandbox.weixin_customers import customers_of
from tests.bot.conftest import CUSTOMER, Town

NOTICE = Filled("note-shipped-0001", {"character_string1": "TB-1", "thing2": "杯", "character_string3": "SF1"})
MINI = Filled("mini-delayed-0001", {"character_string1": "TB-1", "thing2": "杯", "time3": "10:05"})
MINI_OPENID = "oMiniCustomer000000000000001"


@pytest.fixture
def sender(town_conf: Settings, redis: Redis) -> NoticeSender:
    assert town_conf.weixin is not None
    return NoticeSender(town_conf.weixin, redis)


@pytest.fixture
def mini(town: Town, redis: Redis) -> MiniSender:
    company = town.state.company.mini
    settings = Mini(gateway=f"{town.url}/mini", appid=company.appid, secret=company.secret, page="pages/order")
    return MiniSender(settings, redis)


def parcel(filled: Filled, channel: str, to: str = CUSTOMER) -> Parcel:
    return Parcel(to, Form("shipped", link="https://example.com/1", filled={channel: filled}), "n1")


def test_a_notice_that_was_allowed_arrives_once(town: Town, sender: NoticeSender) -> None:
    customers_of(town.state).tap(CUSTOMER, "note-shipped-0001")
    sender.send(parcel(NOTICE, "wechat_subscribe"))
    (message,) = town.chat(f"oa:{CUSTOMER}")
    assert (message.body["title"], message.body["url"]) == ("发货提醒", "https://example.com/1")
    with pytest.raises(SendError) as error:
        sender.send(parcel(NOTICE, "wechat_subscribe"))
    assert (error.value.permanent, error.value.code, error.value.resolution.customer) == (True, 43101, "closed")


def test_a_value_that_breaks_its_type_is_named_with_the_rid(town: Town, sender: NoticeSender) -> None:
    customers_of(town.state).tap(CUSTOMER, "note-shipped-0001")
    bad = Filled(NOTICE.template, {**NOTICE.values, "thing2": "杯" * 21})
    with pytest.raises(SendError) as error:
        sender.send(parcel(bad, "wechat_subscribe"))
    assert "thing2" in str(error.value)
    assert "rid" in str(error.value)


def test_the_mini_program_knows_people_by_its_own_id(town: Town, mini: MiniSender) -> None:
    customers_of(town.state).credits[MINI_OPENID, "mini-delayed-0001"] = 1
    mini.send(parcel(MINI, "wechat_mini", MINI_OPENID))
    (message,) = town.chat(f"oa:{CUSTOMER}")
    assert (message.body["title"], message.body["url"]) == ("延期通知", "pages/order")
    with pytest.raises(SendError) as error:
        mini.send(parcel(MINI, "wechat_mini", CUSTOMER))
    assert error.value.code == 40003


@pytest.mark.parametrize("which", ["sender", "mini"])
def test_only_forms_go_to_customers(request: pytest.FixtureRequest, which: str) -> None:
    from bot.card import Text

    one: Any = request.getfixturevalue(which)
    with pytest.raises(SendError):
        one.send(Parcel(CUSTOMER, Text("好"), "n1"))
    assert one.wait_seconds(CUSTOMER) == 0
