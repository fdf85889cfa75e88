"""Where a message of the bot's may be answered once more: what each message costs Redis, and whose are not kept."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from redis import Redis

from bot.bot_door import BotDoor
from bot.channels.wecom_bot.addresses import Addresses
from config import Settings, parse
from config_chat import WecomHook
from handlers.desk import OpenDesk
from tests.conftest import settings_document

Desks = Callable[..., OpenDesk]
ADDRESS = "http://127.0.0.1:9/x"


@pytest.fixture
def settings() -> Settings:
    document: Any = settings_document()
    document["bot"]["mode"] = "callback"
    return parse(document)


def times_asked(redis: Redis) -> int:
    found: Any = redis.info("commandstats")
    return int(found.get("cmdstat_time", {}).get("calls", 0))


def test_redis_is_asked_for_the_time_once_a_minute(
    redis: Redis, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, before = Addresses(settings, redis), times_asked(redis)
    for _ in range(3):
        kept.keep("chenjie", ADDRESS)
    assert times_asked(redis) - before == 1
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + 50)
    seconds = kept._seconds()
    monkeypatch.setattr(time, "monotonic", lambda: now + 55)
    assert kept._seconds() - seconds == 5, "meanwhile our own clock goes on from there"
    monkeypatch.setattr(time, "monotonic", lambda: now + 61)
    kept.keep("chenjie", ADDRESS)
    assert times_asked(redis) - before == 2


def said(chat: dict[str, str]) -> dict[str, Any]:
    message = {"msgid": "m", "aibotid": "AIB-DEMO", "from": {"userid": "chenjie"}, "response_url": ADDRESS}
    return message | chat | {"msgtype": "text", "text": {"content": "帮助"}}


def test_a_groups_address_is_kept_only_where_no_webhook_leads_there(
    settings: Settings, desks: Desks, redis: Redis, people: dict[str, int]
) -> None:
    hooked = settings.model_copy(update={"wecom_hook": WecomHook(key="k")})
    for conf, kept in ((hooked, 1), (settings.model_copy(update={"wecom_hook": None}), 2)):
        door = BotDoor(conf, desks(conf), redis)
        for chat in ({"chattype": "single"}, {"chattype": "group", "chatid": "wr-1"}):
            with desks(conf)() as desk:
                door.answer(desk, said(chat))
        assert len(redis.keys("hub:botreply:*")) == kept
