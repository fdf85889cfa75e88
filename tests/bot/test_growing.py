"""Answers of the bot's address that take longer: begun at once, grown by refreshes, ended with text and card."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from bot import growing
from bot.bot_door import BotDoor
from bot.card import Text, to_json
from bot.growing import Growing, Growings
from config import Settings, parse
from handlers.desk import OpenDesk
from models import Backfill, Batch, Shop
from models.batch import BatchOrder
from sandbox.company import load_company
from tests.bot.conftest import NO_RETRY, Town, an_order, callback_app, open_town, serving, town_settings
from tests.bot.samples import NOW
from tests.conftest import settings_document

Desks = Callable[..., OpenDesk]


@pytest.fixture
def shops(sessions: sessionmaker[Session]) -> None:
    with sessions() as session:
        session.add(Shop(slug="tb", platform="taobao", prefix="TB", name="青禾淘宝店", ship_hours=48))
        session.commit()


@pytest.fixture
def settings() -> Settings:
    document: Any = settings_document()
    document["bot"]["mode"] = "callback"
    return parse(document)


@pytest.fixture
def door(settings: Settings, desks: Desks, redis: Redis, people: dict[str, int], shops: None) -> BotDoor:
    return BotDoor(settings, desks(settings), redis)


def said(words: str, msgid: str = "m-1", who: str = "chenjie") -> dict[str, Any]:
    head = {"msgid": msgid, "aibotid": "AIB-DEMO", "chattype": "single", "from": {"userid": who}}
    return head | {"response_url": "http://127.0.0.1:9/x", "msgtype": "text", "text": {"content": words}}


def refresh(stream_id: str, who: str = "chenjie") -> dict[str, Any]:
    return {"msgid": "r", "from": {"userid": who}, "msgtype": "stream", "stream": {"id": stream_id}}


def ask(door: BotDoor, message: dict[str, Any]) -> dict[str, Any]:
    with door._answers._open_desk() as desk:
        answer = door.answer(desk, message)
    assert answer is not None
    return answer


def begun(door: BotDoor, words: str, msgid: str = "m-1") -> str:
    """The stream of an answer that is not finished."""
    answer = ask(door, said(words, msgid))
    assert (answer["msgtype"], answer["stream"]["finish"]) == ("stream", False)
    assert "处理中" in answer["stream"]["content"]
    return str(answer["stream"]["id"])


def test_a_back_fill_is_answered_at_once_and_grows_until_it_is_over(
    door: BotDoor, sessions: sessionmaker[Session], settings: Settings, desks: Desks, redis: Redis
) -> None:
    stream = begun(door, "补拉 tb 昨天")
    other = BotDoor(settings, desks(settings), redis)  # any worker may be asked
    now = ask(other, refresh(stream))
    assert now["stream"]["finish"] is False
    assert "已完成 0%" in now["stream"]["content"]
    with sessions() as session:
        found = session.query(Backfill).one()
        found.state, found.ended_at, found.new = "done", NOW, 3
        session.commit()
    ended = ask(door, refresh(stream))
    assert (ended["stream"]["finish"], "补回 3 单" in ended["stream"]["content"]) == (True, True)
    assert ask(other, refresh(stream)) == ended, "a refresh that comes twice gets the same words"


def test_a_batch_ends_with_its_card_once(
    door: BotDoor, sessions: sessionmaker[Session], people: dict[str, int]
) -> None:
    with sessions() as session:
        batch = Batch(
            verb="approve", state="running", asked_by=people["chenjie"], asked_at=NOW, acted_at=NOW,
            actor={"name": "陈姐", "roles": ["supervisor"], "staff_id": people["chenjie"], "source": "wecom_bot"},
            said={"scope": "全部", "asker": "陈姐", "fen": 100},
        )  # fmt: skip
        session.add(batch)
        session.flush()
        order = an_order(session)
        session.add(BatchOrder(batch_id=batch.id, order_id=order.id, place=1, seen=1))
        number = batch.id
        session.commit()
    one = Growing("m-9", "chenjie", False, NOW.isoformat(), f'["run_batch", "{NOW.isoformat()}", {number}]')
    door._answers._growings.keep(one)
    assert "还有 1 单" in ask(door, refresh(one.stream_id))["stream"]["content"]
    with sessions() as session:
        session.execute(text("UPDATE batches SET state = 'done'"))
        session.execute(text("UPDATE batch_orders SET state = 'done'"))
        session.commit()
    ended = ask(door, refresh(one.stream_id))
    assert ended["msgtype"] == "stream_with_template_card"
    assert (ended["stream"]["id"], ended["stream"]["finish"]) == (one.stream_id, True)
    assert ended["template_card"]["main_title"]["title"] == ended["stream"]["content"]
    assert ask(door, refresh(one.stream_id))["msgtype"] == "stream", "the card is given once for each message"


def test_a_proof_ends_when_every_shop_has_a_result(door: BotDoor, sessions: sessionmaker[Session]) -> None:
    stream = begun(door, "对账 tb 昨天")
    assert "0/1 店有结果" in ask(door, refresh(stream))["stream"]["content"]
    with sessions() as session:
        session.execute(text("""
            INSERT INTO proofs (shop_id, day, state, platform_orders, hub_orders, proved_at)
            SELECT id, '2025-12-21', 'green', 5, 5, :now FROM shops"""), {"now": NOW})  # fmt: skip
        session.commit()
    ended = ask(door, refresh(stream))
    assert ended["msgtype"] == "stream_with_template_card"
    assert "一致" in ended["stream"]["content"]


def test_what_takes_too_long_is_told_that_it_will_be_told(door: BotDoor, desks: Desks, settings: Settings) -> None:
    stream = begun(door, "补拉 tb 昨天")
    late = desks(settings, lambda: NOW + timedelta(minutes=5, seconds=40))
    door._answers._open_desk = late
    ended = ask(door, refresh(stream))["stream"]
    assert (ended["finish"], "另外告诉您" in ended["content"]) == (True, True)


def test_an_answer_that_is_made_too_slowly_is_handed_out_by_the_refresh(
    door: BotDoor, sessions: sessionmaker[Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(growing, "FIRST_SECONDS", 0.3)
    with sessions() as holder:  # somebody holds what the answer needs, for a moment
        holder.execute(text("LOCK TABLE staff IN ACCESS EXCLUSIVE MODE"))
        release = threading.Timer(0.5, holder.rollback)
        release.start()
        stream = begun(door, "看板")
        release.join()
    door._answers._pool.shutdown(wait=True)
    ended = ask(door, refresh(stream))
    assert (ended["msgtype"], ended["stream"]["finish"]) == ("stream_with_template_card", True)


def test_what_asks_about_one_order_needs_no_thread(door: BotDoor, sessions: sessionmaker[Session]) -> None:
    with sessions() as session:
        tag = an_order(session).tag
        session.commit()
    door._answers._pool.shutdown(wait=True)
    assert ask(door, said(f"查 {tag}"))["msgtype"] == "template_card"
    with pytest.raises(RuntimeError, match="after shutdown"):
        ask(door, said("看板", "m-2"))
    with pytest.raises(RuntimeError, match="after shutdown"):
        ask(door, said(f"备注 {tag} 快一点", "m-3"))


def test_where_many_ask_at_once_their_answers_may_grow_as_well(
    door: BotDoor, sessions: sessionmaker[Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    with sessions() as session:
        tag = an_order(session).tag
        session.commit()
    monkeypatch.setattr(growing, "FIRST_SECONDS", 0.0)
    for _ in range(growing._AT_ONCE):
        assert door._answers._room.acquire(blocking=False)
    stream = begun(door, f"查 {tag}")
    door._answers._pool.shutdown(wait=True)
    assert ask(door, refresh(stream))["msgtype"] == "stream_with_template_card"
    door._answers._room.release()
    for number in range(2):
        assert ask(door, said(f"查 {tag}", f"m-{number + 2}"))["msgtype"] == "template_card", "the place was given back"


def test_where_nothing_can_be_remembered_the_answer_is_waited_for(
    settings: Settings, desks: Desks, people: dict[str, int], shops: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(growing, "FIRST_SECONDS", 0.0)
    away = Redis(host="127.0.0.1", port=9, socket_connect_timeout=0.1, retry=NO_RETRY)
    door = BotDoor(settings, desks(settings), away)
    assert ask(door, said("看板"))["msgtype"] == "template_card"
    assert ask(door, said("补拉 tb 昨天", "m-2"))["stream"]["finish"] is True
    assert ask(door, refresh("s"))["stream"]["finish"] is False


def test_only_two_of_a_person_stay_open(door: BotDoor) -> None:
    """The platform takes three messages of a person at a time: one place must stay free."""
    for number, day in enumerate(("12-18", "12-19"), 1):
        begun(door, f"补拉 tb {day}", f"m-{number}")
    third = ask(door, said("补拉 tb 12-20", "m-3"))
    assert third["stream"]["finish"] is True
    assert "已开始补拉" in third["stream"]["content"]


def test_nobody_else_gets_the_rest_of_an_answer(door: BotDoor) -> None:
    stream = begun(door, "补拉 tb 昨天")
    for asked in (refresh(stream, "xiaoli"), refresh("nobody")):
        assert "再发一次" in ask(door, asked)["stream"]["content"]
        assert ask(door, asked)["stream"]["finish"] is True


def test_what_lies_in_redis_is_sealed_and_ends(redis: Redis, settings: Settings) -> None:
    growings = Growings(settings, redis)
    one = Growing("m", "xiaoli", False, NOW.isoformat(), drawing=to_json(Text("张三 13800001234")).decode())
    growings.keep(one)
    (key,) = redis.keys("hub:stream:*")
    assert b"138" not in (redis.get(key) or b"")
    assert 0 < redis.ttl(key) <= 420
    assert growings.find(one.stream_id) == one


@pytest.fixture
def joined(settings: Settings, desks: Desks, redis: Redis, shops: None) -> Iterator[Town]:
    conf = town_settings("http://127.0.0.1:9", load_company(), mode="callback")
    with serving(callback_app(conf, desks(conf), redis)) as hub, open_town(hub, mode="callback") as town:
        town.aibot.chat.switches.refresh_seconds = 0.05
        yield town


def test_the_platform_itself_takes_all_of_it(
    joined: Town, people: dict[str, int], sessions: sessionmaker[Session]
) -> None:
    assert joined.aibot.say("chenjie", "bot:chenjie", "对账 tb 昨天").kind == "stream"
    store = joined.aibot.store
    assert store.wait(lambda: "0/1 店有结果" in joined.texts("bot:chenjie")[-1], 5)
    with sessions() as session:
        session.execute(text("""
            INSERT INTO proofs (shop_id, day, state, platform_orders, hub_orders, proved_at)
            SELECT id, '2025-12-21', 'green', 5, 5, :now FROM shops"""), {"now": NOW})  # fmt: skip
        session.commit()
    assert store.wait(lambda: "template_card" in joined.chat("bot:chenjie")[-1].body, 5)
    assert joined.complaints == []


def test_a_place_stays_free_for_the_next_message(joined: Town, people: dict[str, int]) -> None:
    """The platform keeps back what a person says while three messages wait for their end."""
    for day in ("12-17", "12-18", "12-19", "12-20"):
        assert joined.aibot.say("chenjie", "bot:chenjie", f"补拉 tb {day}").kind == "stream"
    assert joined.aibot.say("chenjie", "bot:chenjie", "看板").kind == "template_card"
    assert joined.complaints == []
