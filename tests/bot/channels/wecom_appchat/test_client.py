"""A group that the app made itself, against the platform's stand-in."""

from __future__ import annotations

import pytest
from redis import Redis

from bot.card import Card, Text
from bot.cards import draw
from bot.channels.sending import Change, Enclosed, Parcel, Reaction, SendError
from bot.channels.wecom_app.api import App
from bot.channels.wecom_appchat.client import AppChats, AppChatSender
from config import Settings
from tests.bot.conftest import NO_RETRY, Town
from tests.bot.samples import PEN, VIEWS

CHAT = "appchat:orders01"


@pytest.fixture
def chats(town_conf: Settings, redis: Redis) -> AppChats:
    assert town_conf.wecom is not None
    return AppChats(App(town_conf.wecom, redis))


@pytest.fixture
def sender(town_conf: Settings, redis: Redis, chats: AppChats) -> AppChatSender:
    assert town_conf.wecom is not None
    chats.create("青禾订单群", ["xiaoli", "laowang"], chatid="orders01")
    return AppChatSender(town_conf.wecom, redis, PEN.base_url)


def test_the_hub_makes_its_own_group(town: Town, chats: AppChats) -> None:
    chatid = chats.create("青禾订单群", ["xiaoli", "LaoWang"], owner="xiaoli")
    found = chats.find(chatid)
    assert (found.name, found.owner, found.members) == ("青禾订单群", "xiaoli", ("xiaoli", "laowang"))


def test_members_follow_the_staff_and_the_owner_stays(town: Town, chats: AppChats) -> None:
    chatid = chats.create("群", ["xiaoli", "laowang"], owner="xiaoli")
    assert chats.update(chats.find(chatid), ["laowang", "chenjie"]) == (("chenjie",), ())
    assert chats.update(chats.find(chatid), ["xiaoli", "Chenjie"]) == ((), ("laowang",))
    assert chats.update(chats.find(chatid), ["xiaoli", "chenjie"]) == ((), ())
    assert chats.find(chatid).members == ("xiaoli", "chenjie")


def test_an_app_that_is_not_for_the_whole_company_says_why(town: Town, chats: AppChats) -> None:
    town.wecom.chats.whole_company = False
    with pytest.raises(SendError, match="权限不足"):
        chats.create("群", ["xiaoli", "laowang"])
    town.wecom.chats.whole_company = True
    with pytest.raises(SendError, match="2 到 2000 人"):
        chats.create("群", ["xiaoli"])


def test_a_card_is_lines_with_its_code_and_calls_who_must_act(town: Town, sender: AppChatSender) -> None:
    card = draw(VIEWS["case"], PEN)
    assert isinstance(card, Card)
    sender.send(Parcel("orders01", card, "n1", is_group=True))
    sender.send(Parcel("orders01", Text("字" * 2000, calls={"wecom": "laowang"}), "n2", is_group=True))
    first, second = town.texts(CHAT)
    assert "在应用会话里回复 A7F2 认领" in first
    assert "(http://127.0.0.1:8780/orders/5)" in first
    assert second.endswith("\n<@laowang>")
    assert len(second.encode()) <= 2048


def test_a_file_goes_into_the_group(town: Town, sender: AppChatSender) -> None:
    sender.send(Parcel("orders01", Enclosed("日报.csv", b"a,b,c,d"), "n1", is_group=True))
    town.wecom.store.files.clear()
    sender.send(Parcel("orders01", Enclosed("日报.csv", b"a,b,c,d"), "n2", is_group=True))
    assert [message.body["name"] for message in town.chat(CHAT)] == ["日报.csv"] * 2


def test_a_group_that_is_gone_leads_on(town: Town, sender: AppChatSender) -> None:
    with pytest.raises(SendError) as error:
        sender.send(Parcel("elsewhere", Text("好"), "n1", is_group=True))
    assert (error.value.code, error.value.resolution.reaction) == (40050, Reaction.PERSON)
    with pytest.raises(SendError) as error:
        sender.send(Parcel("elsewhere", Enclosed("a.csv", b"123456"), "n1", is_group=True))
    assert error.value.permanent


def test_nothing_changes_there_any_more(sender: AppChatSender) -> None:
    with pytest.raises(SendError) as error:
        sender.change(Change(Card("题", "x", 1), "t", ""))
    assert error.value.used_up


def test_two_hundred_a_minute_for_each_member(sender: AppChatSender) -> None:
    assert [sender.wait_seconds("orders01") for _ in range(200)] == [0.0] * 200
    assert sender.wait_seconds("orders01") > 0


def test_a_dead_redis_asks_for_patience(town_conf: Settings) -> None:
    assert town_conf.wecom is not None
    away = Redis(port=9, socket_connect_timeout=0.2, retry=NO_RETRY)
    with pytest.raises(SendError) as error:
        AppChatSender(town_conf.wecom, away, PEN.base_url).wait_seconds("orders01")
    assert not error.value.permanent
