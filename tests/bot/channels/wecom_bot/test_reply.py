"""Speaking to the address that came with a message: once, within the hour, where the platform allows it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from bot import ladder
from bot.card import Card, Text
from bot.cards import draw
from bot.channels.sending import Change, Parcel, SendError
from bot.channels.wecom_bot.addresses import Addresses
from bot.channels.wecom_bot.errors import CODES
from bot.channels.wecom_bot.reply import NO_ADDRESS, ReplySender
from bot.deliver import deliver
from config import Settings
from config_chat import WecomHook
from handlers.desk import OpenDesk
from handlers.owe import note, owe
from models import Notification
from sandbox.company import load_company
from tests.bot.conftest import NO_RETRY, Town, callback_app, open_town, serving, town_settings
from tests.bot.samples import NOW, PEN, case

Desks = Callable[..., OpenDesk]


@pytest.fixture
def joined(desks: Desks, redis: Redis, people: dict[str, int]) -> Iterator[tuple[Town, Settings]]:
    """A town in callback mode, and the hub's settings."""
    conf = town_settings("http://127.0.0.1:9", load_company(), mode="callback")
    with serving(callback_app(conf, desks(conf), redis)) as hub, open_town(hub, mode="callback") as town:
        yield town, conf


def a_card() -> Card:
    drawing = draw(case(revision=3), PEN)
    assert isinstance(drawing, Card)
    return drawing


def refusal(sender: ReplySender, parcel: Parcel) -> SendError:
    with pytest.raises(SendError) as refused:
        sender.send(parcel)
    return refused.value


def test_one_message_for_each_that_came_in(joined: tuple[Town, Settings], redis: Redis) -> None:
    town, conf = joined
    sender = ReplySender(conf, redis)
    assert refusal(sender, Parcel("chenjie", Text("补拉完成"), "k1")).resolution is NO_ADDRESS
    town.aibot.say("chenjie", "bot:chenjie", "帮助")
    sender.send(Parcel("chenjie", Text("补拉完成"), "k1"))
    assert town.texts("bot:chenjie")[-1] == "补拉完成"
    assert refusal(sender, Parcel("chenjie", Text("再说一句"), "k2")).used_up
    town.aibot.say("chenjie", "bot:chenjie", "我的")
    town.aibot.say("chenjie", "bot:chenjie", "看板")
    sender.send(Parcel("chenjie", a_card(), "k3"))
    sender.send(Parcel("chenjie", Text("两条两次"), "k4"))
    assert [message.kind for message in town.chat("bot:chenjie")[-2:]] == ["template_card", "markdown"]
    assert town.complaints == []


def test_a_group_hears_it_where_no_webhook_leads_there(joined: tuple[Town, Settings], redis: Redis) -> None:
    town, conf = joined
    town.aibot.say("xiaoli", "group", "@订单助手 帮助")
    group = conf.bot.group if conf.bot else ""
    hooked = conf.model_copy(update={"wecom_hook": WecomHook(key="k")})
    parcel = Parcel(group, Text("缺货 1 单"), "k", is_group=True)
    assert refusal(ReplySender(hooked, redis), parcel).resolution is NO_ADDRESS
    ReplySender(conf, redis).send(parcel)
    assert town.texts("group")[-1] == "缺货 1 单"


def test_an_address_that_was_used_elsewhere_is_over(joined: tuple[Town, Settings], redis: Redis) -> None:
    town, conf = joined
    town.aibot.say("chenjie", "bot:chenjie", "帮助")
    for url in town.aibot.hook.urls.values():
        url.used = True
    sender = ReplySender(conf, redis)
    error = refusal(sender, Parcel("chenjie", Text("补拉完成"), "k"))
    assert (error.code, error.permanent) == (40058, True)
    assert "http" not in str(error)


def test_a_card_whose_answer_was_lost_is_known_by_its_id(joined: tuple[Town, Settings], redis: Redis) -> None:
    town, conf = joined
    sender = ReplySender(conf, redis)
    for _ in range(2):
        town.aibot.say("chenjie", "bot:chenjie", "我的")
    sender.send(Parcel("chenjie", a_card(), "k"))
    assert sender.send(Parcel("chenjie", a_card(), "k", again=True)).problem


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/x", "http://127.0.0.1:9/secret?response_code=1"])
def test_what_does_not_answer_is_told_without_the_address(redis: Redis, town_conf: Settings, address: str) -> None:
    Addresses(town_conf, redis).keep("chenjie", address)
    error = refusal(ReplySender(town_conf, redis), Parcel("chenjie", Text("好"), "k"))
    assert not error.permanent
    assert "127.0.0.1" not in str(error)


def test_addresses_are_sealed_few_and_gone_after_the_hour(redis: Redis, town_conf: Settings) -> None:
    addresses = Addresses(town_conf, redis)
    for number in range(7):
        addresses.keep("chenjie", f"https://example.com/{number}")
    addresses.keep("chenjie", "file:///etc/passwd")
    (key,) = redis.keys("hub:botreply:*")
    assert redis.llen(key) == 5
    assert 0 < redis.ttl(key) <= 3600
    assert all(b"example" not in one for one in redis.lrange(key, 0, -1))
    newest = addresses.take("chenjie")
    assert newest is not None
    assert newest.url == "https://example.com/6", "the newest first"
    assert addresses.take("xiaoli") is None


def test_a_card_is_not_changed_and_without_redis_nothing_goes(town_conf: Settings, redis: Redis) -> None:
    with pytest.raises(SendError):
        ReplySender(town_conf, redis).change(Change(a_card(), "t", "c"))
    away = ReplySender(town_conf, Redis(port=9, socket_connect_timeout=0.2, retry=NO_RETRY))
    with pytest.raises(SendError):
        away.wait_seconds("chenjie")
    assert not refusal(away, Parcel("chenjie", Text("好"), "k")).permanent
    assert 45009 in CODES


def test_it_is_a_rung_of_the_ladder(
    joined: tuple[Town, Settings], redis: Redis, people: dict[str, int], sessions: sessionmaker[Session], desks: Any
) -> None:
    """A company without the app: what a person asked for comes back into the chat with the bot."""
    town, conf = joined
    alone = conf.model_copy(update={"wecom": None})
    town.aibot.say("chenjie", "bot:chenjie", "帮助")
    with desks(alone)() as desk:
        owe(desk, [note("backfill:1:done", people["chenjie"], "backfill:1", "补拉完成")])
    report = deliver(desks(alone), ladder.ways(alone, redis, home="worker"), lambda: NOW)
    assert report.sent == 1, report
    assert "补拉完成" in town.texts("bot:chenjie")[-1]
    with sessions() as session:
        assert session.scalars(select(Notification.state)).all() == ["sent"]


def test_an_address_that_was_not_used_is_kept_for_the_next_try(joined: tuple[Town, Settings], redis: Redis) -> None:
    """A refusal that asks to wait leaves it unused, and so does a platform that cannot be reached."""
    town, conf = joined
    sender = ReplySender(conf, redis)
    town.aibot.say("chenjie", "bot:chenjie", "帮助")
    for _ in range(town.aibot.limiter._windows[0][1]):
        town.aibot.limiter.take("bot:chenjie")
    error = refusal(sender, Parcel("chenjie", Text("补拉完成"), "k"))
    assert (error.code, error.permanent) == (45009, False)
    town.state.clock.move(61)
    sender.send(Parcel("chenjie", Text("补拉完成"), "k"))
    assert town.texts("bot:chenjie")[-1] == "补拉完成"
    Addresses(conf, redis).keep("xiaoli", "http://127.0.0.1:9/x")
    for _ in range(2):
        assert refusal(sender, Parcel("xiaoli", Text("好"), "k")).resolution is not NO_ADDRESS


def test_an_address_put_back_is_no_younger(redis: Redis, town_conf: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    addresses = Addresses(town_conf, redis)
    addresses.keep("chenjie", "https://example.com/1")
    taken = addresses.take("chenjie")
    assert taken is not None
    assert addresses.take("chenjie") is None
    addresses.give_back("chenjie", taken)
    assert addresses.take("chenjie") == taken
    addresses.give_back("chenjie", taken)
    seconds = addresses._seconds()
    monkeypatch.setattr(addresses, "_seconds", lambda: seconds + 59 * 60)
    assert addresses.take("chenjie") is None
