"""The door with the long connection, against the platform's stand-in: heard, answered, delivered; one at a time."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

import stream
import wire
from bot import ladder
from bot.channels.pace import Pace
from bot.channels.wecom_bot.connection import Link
from config import Settings
from handlers.owe import Owed, owe
from models import Case, Lease, Notification, SeenMessage, lease
from sandbox.chat_press import press_of
from streams import holding, wecom
from tests.bot.conftest import NO_RETRY, Town, _no_greeting, a_case, open_town, people, town_settings
from tests.ding_town import Standing
from tests.streams.open_door import running
from tests.waiting import eventually
from wire import Hub

__all__ = ["_no_greeting", "people"]


@pytest.fixture
def town() -> Iterator[Town]:
    with open_town() as found:
        yield found


@pytest.fixture
def here(town: Town, engine: Engine, sessions: sessionmaker[Session], redis: Redis) -> Hub:
    settings = town_settings(town.url, town.state.company)
    return Hub(settings, engine, sessions, redis, Standing(), lambda *_: None)


def held(here: Hub) -> tuple[holding.Holder[Link], wecom.Postman]:
    """The parts of the door, not running."""
    assert here.settings.bot is not None
    line = wecom.BotLine(here, here.settings.bot)
    holder = holding.Holder(here, line, threading.Event())
    return holder, wecom.Postman(here, line, holder)


def holder(here: Hub) -> str:
    with here.sessions() as session:
        return session.scalar(select(Lease.owner).where(Lease.name == wecom.LEASE)) or ""


def owe_text(here: Hub, key: str = "k") -> None:
    with here.open_desk() as desk:
        owe(desk, [Owed(key, "group", "text", "case:1", body={"text": f"群公告 {key}"})])
    here.redis.publish(wire.WAKE, "")


def test_it_hears_answers_and_delivers(here: Hub, town: Town, people: dict[str, int]) -> None:
    with running(here):
        eventually(town.aibot.link.online)
        assert town.aibot.say("xiaoli", "group", "@订单助手 帮助").kind == "stream"
        assert town.aibot.say("chenjie", "group", "@订单助手 看板").kind == "template_card"
        assert town.aibot.enter("xiaoli").kind == "text"
        before = len(town.chat("group"))
        town.aibot.chat.switches.duplicate_callbacks = 1
        town.aibot.chat.switches.deadline_seconds = 1  # one of the twins stays without an answer
        town.aibot.say("xiaoli", "group", "@订单助手 我的")
        owe_text(here)
        eventually(lambda: "群公告 k" in town.texts("group"))
    assert len(town.chat("group")) == before + 3, "asked, answered once, told"
    assert not town.complaints
    assert holder(here) == "", "the lease is free again"


def test_a_pushed_card_is_pressed_and_changes(here: Hub, town: Town, people: dict[str, int]) -> None:
    with here.open_desk() as desk:
        case = a_case(desk.session)
        owe(desk, [Owed("k", "group", "card", f"case:{case.id}")])
    town.aibot._talked.add("group")
    with running(here):
        eventually(lambda: town.chat("group"))
        (message,) = town.chat("group")
        key = next(button["key"] for button in message.body["button_list"] if button["text"] == "认领")
        town.aibot.chat.switches.duplicate_callbacks = 1
        pressed = press_of(town.aibot.store, "xiaoli", message.id, key=key, selected={})
        assert town.aibot.press(pressed).kind == "update_template_card"
    assert "小李已认领" in message.body["quote_area"]["quote_text"]
    with here.sessions() as session:
        assert session.scalars(select(Case)).one().revision == 2
        assert len(session.scalars(select(SeenMessage)).all()) == 1
    assert not town.complaints


def test_bad_frames_are_ignored(here: Hub, town: Town, people: dict[str, int]) -> None:
    with running(here):
        eventually(town.aibot.link.online)
        connection = town.aibot.link.current
        assert connection is not None
        forged = {"eventtype": "template_card_event", "template_card_event": {"event_key": "claim", "task_id": "t"}}
        head = {"msgid": "m", "from": {"userid": "xiaoli"}, "msgtype": "event"}
        for body in ({**head, "event": forged}, {"msgtype": "text", "text": {"content": "看板"}}):
            connection.send({"cmd": "aibot_msg_callback", "headers": {"req_id": "r"}, "body": body})
        assert town.aibot.say("xiaoli", "group", "@订单助手 帮助").answered


def test_answers_and_pushes_share_what_a_chat_takes(here: Hub, town: Town, people: dict[str, int]) -> None:
    with running(here):
        eventually(town.aibot.link.online)
        for _ in range(3):
            assert town.aibot.say("xiaoli", "group", "@订单助手 我的").answered
        group, alone = here.settings.bot and here.settings.bot.group, "xiaoli"
        assert town.aibot.say("xiaoli", "bot:xiaoli", "我的").answered
    counted = Pace(here.redis, "wecom_bot")
    used = [
        next(n for n in range(31) if not counted.wait_for_share((str(chat),), (n + 1) / 30)) for chat in (group, alone)
    ]
    assert used == [3, 1]


def test_an_answer_the_platform_does_not_take_now_is_owed(
    here: Hub, town: Town, people: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    from sandbox.chat_errors import Refused

    def too_fast(*_: object) -> None:
        raise Refused(45009, "api freq out of limit")

    with running(here):
        eventually(town.aibot.link.online)
        monkeypatch.setattr(town.aibot.link, "_respond", too_fast)
        town.aibot.chat.switches.deadline_seconds = 0.5
        town.aibot.say("xiaoli", "group", "@订单助手 我的")
        town.aibot.say("xiaoli", "bot:xiaoli", "帮助")
        eventually(lambda: len(_owed(here)) == 2)
        eventually(lambda: any("小李" in said for said in town.texts("group")[1:]))
    assert sorted(row.channel for row in _owed(here)) == ["group", "staff"]


def _owed(here: Hub) -> list[Notification]:
    with here.sessions() as session:
        return list(session.scalars(select(Notification)))


def test_only_one_connects_and_the_other_takes_over(here: Hub, town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "RENEW_SECONDS", 0.1)
    with running(here):
        eventually(town.aibot.link.online)
        first = holder(here)
        with running(here) as second:
            assert not second.wait(0.5)
            assert holder(here) == first
        with running(here):
            with here.engine.begin() as connection:  # as if the first had stopped renewing
                connection.execute(text("UPDATE leases SET owner = 'dead', until = now() - interval '1 minute'"))
            eventually(lambda: holder(here) not in ("", "dead"))


def test_it_does_not_fight_with_somebody_who_takes_over(here: Hub, town: Town) -> None:
    assert here.settings.bot is not None
    with running(here):
        eventually(town.aibot.link.online)
        link = Link.open(here.settings.bot, lambda *_: None)
        eventually(lambda: holder(here) == "")
        assert link.alive
        link.close()


def test_a_connection_that_breaks_is_made_again(here: Hub, town: Town) -> None:
    with running(here):
        eventually(town.aibot.link.online)
        first = town.aibot.link.current
        assert first is not None
        first.close()
        eventually(lambda: town.aibot.link.current not in (None, first))


def test_an_unanswered_ping_ends_the_connection(here: Hub, town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wecom, "PING_SECONDS", 0.0)
    monkeypatch.setattr(Link, "ping", lambda _: False)
    with running(here):
        eventually(town.aibot.link.online)
        first = town.aibot.link.current
        eventually(lambda: town.aibot.link.current not in (None, first))


def test_a_group_that_waited_long_enough_is_told_another_way(
    here: Hub, town: Town, people: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wecom, "BOT_PATIENCE", 0.0)
    bot = here.settings.bot
    assert bot is not None
    away = here.settings.model_copy(update={"bot": bot.model_copy(update={"gateway": "ws://127.0.0.1:9"})})
    with running(replace(here, settings=away)):
        owe_text(here)
        eventually(lambda: any("群公告" in said for said in town.texts("app:chenjie")))


def test_a_wrong_secret_is_told_and_not_tried_again_and_again(here: Hub, town: Town, people: dict[str, int]) -> None:
    bot = here.settings.bot
    assert bot is not None
    wrong = here.settings.model_copy(update={"bot": bot.model_copy(update={"secret": "wrong"})})
    holder, _ = held(replace(here, settings=wrong))
    for _ in range(2):
        assert holder.hold() == holding.HOPELESS_SECONDS
    (told,) = _owed(here)  # once a day, to the supervisor
    assert (told.channel, told.recipient) == ("staff", str(people["chenjie"]))
    assert "Secret" in told.body["text"]


def test_without_redis_it_still_looks_every_second(
    here: Hub, town: Town, people: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wecom, "LOOK_SECONDS", 0.05)
    away = Redis(host="127.0.0.1", port=9, socket_connect_timeout=0.1, retry=NO_RETRY)
    with running(replace(here, redis=away)):
        eventually(town.aibot.link.online)
        assert town.aibot.say("xiaoli", "group", "@订单助手 帮助").answered
        owe_text(here)
        eventually(lambda: [row for row in _owed(here) if "缓存" in row.problem])


def test_without_the_database_it_leads_nobody(here: Hub) -> None:
    class Broken:
        def __call__(self) -> Session:
            raise OperationalError("x", {}, Exception("down"))

    holder, postman = held(replace(here, sessions=Broken()))  # type: ignore[arg-type]
    assert holder.hold() == lease.RENEW_SECONDS
    holder.give_up()
    postman.deliver(ladder.ways(here.settings, here.redis, home="stream"))


def test_pauses_grow_with_jitter() -> None:
    for pauses, longest in [(1, 1), (2, 2), (4, 8), (40, 60)]:
        assert longest / 2 <= holding.back_off(pauses) <= longest
    assert holding.back_off(0) <= 0.2, "a connection that lived long and is ended is made again at once"


def test_without_a_bot_it_waits(here: Hub) -> None:
    for settings in (_without(here.settings, None), _without(here.settings, "callback")):
        with running(replace(here, settings=settings)) as stopping:
            assert not stopping.wait(0.1)


def _without(settings: Settings, mode: str | None) -> Settings:
    bot = settings.bot.model_copy(update={"mode": mode}) if settings.bot and mode else None
    return settings.model_copy(update={"bot": bot})


def test_a_signal_ends_it(here: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    handlers: dict[int, Any] = {}
    monkeypatch.setattr(stream, "hub", lambda: replace(here, settings=_without(here.settings, None)))
    monkeypatch.setattr(signal, "signal", handlers.__setitem__)
    thread = threading.Thread(target=stream.main)
    thread.start()
    eventually(lambda: signal.SIGTERM in handlers and signal.SIGINT in handlers)
    handlers[signal.SIGTERM](signal.SIGTERM, None)
    thread.join(5)
    assert not thread.is_alive()
