"""What comes in over HTTP: the platforms' stand-ins talk to the real routes; then everything that must be refused."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from redis import Redis
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.test import EnvironBuilder, TestResponse, run_wsgi_app

from bot.crypto import Crypto
from bot.payload import Payload
from bot.pen import button_key
from config import Settings, parse
from handlers.desk import OpenDesk
from models import Case, Notification, SeenMessage, SentCard
from sandbox.chat_press import press_of
from sandbox.company import load_company
from tests.bot.conftest import CUSTOMER, Town, a_case, callback_app, open_town, serving, town_settings
from tests.bot.samples import NOW
from tests.conftest import settings_document

CORPID = "wwdemo00000000001"
Desks = Callable[..., OpenDesk]


# the platforms' side, over real sockets


@pytest.fixture
def joined(desks: Desks, redis: Redis) -> Iterator[Town]:
    """A town whose callbacks reach the hub, in callback mode."""
    settings = town_settings("http://127.0.0.1:9", load_company(), mode="callback")
    with serving(callback_app(settings, desks(settings), redis)) as hub, open_town(hub, mode="callback") as town:
        yield town


def test_the_console_accepts_all_three_addresses(joined: Town) -> None:
    assert joined.wecom.verify_url() == ""
    assert joined.aibot.verify_url() == ""
    assert joined.weixin.verify_url() == ""


def test_a_command_to_the_app_is_answered_at_once(joined: Town, people: dict[str, int]) -> None:
    outcome = joined.wecom.callback.say("xiaoli", "帮助")
    assert (outcome.kind, outcome.tries) == ("text", 1)
    assert "看板" in joined.texts("app:xiaoli")[-1]
    assert not joined.complaints


def test_a_doubled_callback_is_answered_twice_and_done_once(
    joined: Town, people: dict[str, int], sessions: sessionmaker[Session]
) -> None:
    joined.wecom.chat.switches.duplicate_callbacks = 1
    joined.wecom.callback.say("xiaoli", "审核 TB-20201222-001")
    answers = joined.texts("app:xiaoli")[1:]
    assert len(answers) == 2
    assert answers[0] == answers[1]
    with sessions() as session:
        assert session.scalar(select(func.count()).select_from(SeenMessage)) == 1


def test_a_card_is_owed_to_the_asker(joined: Town, people: dict[str, int], sessions: sessionmaker[Session]) -> None:
    assert joined.wecom.callback.say("chenjie", "看板").kind == "empty"
    with sessions() as session:
        row = session.scalars(select(Notification)).one()
    assert (row.channel, row.recipient, row.purpose) == ("staff", str(people["chenjie"]), "card")


def test_the_bot_answers_with_text_and_card(joined: Town, people: dict[str, int]) -> None:
    assert joined.aibot.say("xiaoli", "group", "@订单助手 帮助").kind == "stream"
    assert joined.aibot.say("chenjie", "group", "@订单助手 看板").kind == "template_card"
    assert joined.aibot.say("waiguan", "bot:waiguan", "看板").kind == "stream"
    assert "登记" in joined.texts("bot:waiguan")[-1]
    assert not joined.complaints


def test_opening_the_chat_is_welcomed(joined: Town, people: dict[str, int]) -> None:
    assert joined.aibot.enter("xiaoli").kind == "text"
    assert "看板" in joined.texts("bot:xiaoli")[-1]


def test_a_press_in_the_group_changes_the_card_for_all(
    joined: Town, people: dict[str, int], sessions: sessionmaker[Session], settings: Settings
) -> None:
    message, case_id = _card_in_group(joined, sessions, settings)
    key = Payload("claim", f"case:{case_id}", 1).pack(button_key(settings.security.button_key))
    outcome = joined.aibot.press(press_of(joined.aibot.store, "xiaoli", message, key=key, selected={}))
    assert outcome.kind == "update_template_card"
    card = joined.aibot.store.get(message)
    assert card is not None
    assert "小李已认领" in card.body["quote_area"]["quote_text"]
    assert any(button["text"] == "释放" for button in card.body["button_list"])
    assert not joined.complaints


def test_a_press_that_is_refused_is_told_to_the_presser_alone(
    joined: Town, people: dict[str, int], sessions: sessionmaker[Session], settings: Settings
) -> None:
    message, case_id = _card_in_group(joined, sessions, settings)
    key = Payload("claim", f"case:{case_id}", 1).pack(button_key(settings.security.button_key))
    joined.aibot.press(press_of(joined.aibot.store, "laowang", message, key=key, selected={}))
    card = joined.aibot.store.get(message)
    assert card is not None
    assert "quote_area" not in card.body
    assert "客服" in card.body_for("laowang")["quote_area"]["quote_text"]
    assert not joined.complaints


def test_a_button_that_another_key_signed_is_answered_to_the_presser_alone(
    joined: Town, people: dict[str, int], sessions: sessionmaker[Session]
) -> None:
    message, case_id = _card_in_group(joined, sessions, b"o" * 32)
    key = Payload("claim", f"case:{case_id}", 1).pack(b"o" * 32)
    outcome = joined.aibot.press(press_of(joined.aibot.store, "xiaoli", message, key=key, selected={}))
    assert outcome.kind == "update_template_card"
    card = joined.aibot.store.get(message)
    assert card is not None
    told = card.body_for("xiaoli")["quote_area"]["quote_text"]
    assert told == "这张卡片已过期，发「@订单助手 我的」取新的"
    assert "quote_area" not in card.body
    with sessions() as session:
        assert session.get_one(Case, case_id).state == "open"
    assert not joined.complaints


def _card_in_group(town: Town, sessions: sessionmaker[Session], signed: Settings | bytes) -> tuple[str, int]:
    with sessions() as session:
        case_id = a_case(session).id
        session.commit()
    signing = signed if isinstance(signed, bytes) else button_key(signed.security.button_key)
    key = Payload("claim", f"case:{case_id}", 1).pack(signing)
    card = {
        "card_type": "button_interaction",
        "task_id": "t-1",
        "main_title": {"title": "地址模糊"},
        "button_list": [{"text": "认领", "style": 1, "key": key}],
    }
    message = town.aibot.post("group", "template_card", card)
    return message.id, case_id


def test_a_customer_is_answered(joined: Town) -> None:
    outcome = joined.weixin.say(CUSTOMER, "你好")
    assert outcome.kind == "text"
    assert joined.texts(f"oa:{CUSTOMER}")[-1]
    assert not joined.complaints


# what is sent by hand


@dataclass
class Hand:
    """Signs and sends what a test wants, right or wrong."""

    client: FlaskClient
    settings: Settings
    now: datetime = NOW

    def crypto(self) -> Crypto:
        assert self.settings.wecom is not None
        return Crypto(self.settings.wecom.token, self.settings.wecom.aes_key, self.settings.wecom.corpid)

    def query(self, encrypted: str, **changes: str) -> dict[str, str]:
        stamp = changes.get("timestamp", str(int(self.now.timestamp())))
        nonce = changes.get("nonce", "n-1")
        return {
            "msg_signature": self.crypto().sign(stamp, nonce, encrypted),
            "timestamp": stamp,
            "nonce": nonce,
            **changes,
        }

    def post(self, body: bytes, **changes: str) -> TestResponse:
        encrypted = self.crypto().encrypt(body)
        return self.post_raw(encrypted, **changes)

    def post_raw(self, encrypted: str, **changes: str) -> TestResponse:
        envelope = f"<xml><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>"
        return self.client.post("/wecom/app", query_string=self.query(encrypted, **changes), data=envelope.encode())


def words(said: str = "帮助", sender: str = "xiaoli", msgid: str = "1") -> bytes:
    return (
        f"<xml><ToUserName>{CORPID}</ToUserName><FromUserName>{sender}</FromUserName><CreateTime>1735689600</CreateTime>"
        f"<MsgType>text</MsgType><Content>{said}</Content><MsgId>{msgid}</MsgId></xml>"
    ).encode()


@pytest.fixture
def hand(settings: Settings, open_desk: OpenDesk, redis: Redis) -> Hand:
    return Hand(callback_app(settings, open_desk, redis).test_client(), settings)


@pytest.fixture
def stored(sessions: sessionmaker[Session], redis: Redis) -> Callable[[], int]:
    def count() -> int:
        with sessions() as session:
            rows = [session.scalar(select(func.count()).select_from(table)) for table in (SeenMessage, Notification)]
        return sum(row or 0 for row in rows) + len(redis.keys("hub:nonce:*"))

    return count


def test_what_is_right_is_answered(hand: Hand, people: dict[str, int]) -> None:
    answer = hand.post(words())
    assert answer.status_code == 200
    assert b"<Encrypt>" in answer.data


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"msg_signature": "0" * 40}, 403),
        ({"msg_signature": ""}, 403),
        ({"msg_signature": "签名"}, 403),
        ({"timestamp": str(int((NOW - timedelta(minutes=6)).timestamp()))}, 403),
        ({"timestamp": str(int((NOW + timedelta(minutes=6)).timestamp()))}, 403),
        ({"timestamp": "soon"}, 403),
        ({"timestamp": "١٧٣٥"}, 403),
        ({"timestamp": "9" * 400}, 403),
    ],
)
def test_a_wrong_or_stale_envelope_is_refused(
    hand: Hand, stored: Callable[[], int], changes: dict[str, str], status: int
) -> None:
    assert hand.post(words(), **changes).status_code == status
    assert stored() == 0


@pytest.mark.parametrize("encrypted", ["", "!", "QUJD", "QUJDREVGR0hJSktMTU5PUA==", "A" * 64])
def test_a_broken_ciphertext_is_refused(hand: Hand, stored: Callable[[], int], encrypted: str) -> None:
    assert hand.post_raw(encrypted).status_code == 400
    assert stored() == 0


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no xml",
        b"<xml><Other>1</Other></xml>",
        b"<xml><Encrypt><A>1</A></Encrypt></xml>",
        b'<!DOCTYPE x [<!ENTITY a "b">]><xml><Encrypt>&a;</Encrypt></xml>',
        b'<!DOCTYPE xml SYSTEM "http://127.0.0.1/x.dtd"><xml><Encrypt>a</Encrypt></xml>',
        b"\xff\xfe\x00",
    ],
)
def test_bad_xml_is_refused_outside(hand: Hand, stored: Callable[[], int], body: bytes) -> None:
    assert hand.client.post("/wecom/app", query_string=hand.query("x"), data=body).status_code == 400
    assert stored() == 0


def test_bad_xml_is_refused_inside(hand: Hand, sessions: sessionmaker[Session]) -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "b">]><xml><Content>&a;</Content></xml>'
    for number, inside in enumerate((bomb, b"no xml", b"<xml><MsgType>text</MsgType></xml>")):
        assert hand.post(inside, nonce=f"n{number}").status_code == 400
    with sessions() as session:
        assert session.scalar(select(func.count()).select_from(SeenMessage)) == 0


def test_a_body_over_one_mebibyte_is_refused(hand: Hand, stored: Callable[[], int]) -> None:
    assert hand.post_raw("A" * (1 << 20)).status_code == 413
    environ = EnvironBuilder("/wecom/app", method="POST", query_string=hand.query("x")).get_environ()
    # A body sent in chunks tells no length.
    environ |= {"wsgi.input": io.BytesIO(b"A" * (2 << 20)), "wsgi.input_terminated": True}
    _, status, _ = run_wsgi_app(hand.client.application, environ)
    assert status.startswith("413")
    assert stored() == 0


def test_the_very_same_envelope_again_gets_the_stored_answer(hand: Hand, people: dict[str, int]) -> None:
    encrypted = hand.crypto().encrypt(words())
    first, again = hand.post_raw(encrypted), hand.post_raw(encrypted)
    assert (first.status_code, again.status_code) == (200, 200)
    assert opened(hand, first) == opened(hand, again)


def test_a_nonce_with_another_content_is_a_replay(hand: Hand, people: dict[str, int]) -> None:
    assert hand.post(words()).status_code == 200
    assert hand.post(words(msgid="2")).status_code == 403
    assert hand.post(words(msgid="2"), nonce="n-2").status_code == 200


def test_a_retry_in_a_new_envelope_gets_the_stored_answer(hand: Hand, people: dict[str, int]) -> None:
    first, again = hand.post(words()), hand.post(words(), nonce="n-2")
    assert opened(hand, first) == opened(hand, again)


def opened(hand: Hand, answer: TestResponse) -> str:
    encrypted = answer.text.split("<Encrypt><![CDATA[")[1].split("]]>")[0]
    return hand.crypto().decrypt(encrypted).decode().split("<Content>")[1]


def test_without_redis_it_still_answers_in_time(
    settings: Settings, open_desk: OpenDesk, people: dict[str, int]
) -> None:
    away = Redis(host="127.0.0.1", port=9, socket_timeout=30, socket_connect_timeout=30)
    hand = Hand(callback_app(settings, open_desk, away).test_client(), settings)
    started = time.monotonic()
    for number in range(3):
        assert hand.post(words(msgid=str(number))).status_code == 200
    assert time.monotonic() - started < 2


def test_a_redis_that_hangs_costs_a_moment_once(
    settings: Settings, open_desk: OpenDesk, people: dict[str, int]
) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes connections and never answers
        away = Redis(host="127.0.0.1", port=silent.getsockname()[1], socket_timeout=30)
        hand = Hand(callback_app(settings, open_desk, away).test_client(), settings)
        started = time.monotonic()
        for number in range(3):
            assert hand.post(words(msgid=str(number))).status_code == 200
        assert time.monotonic() - started < 2


def test_a_hanging_lock_does_not_hold_the_callback(
    hand: Hand, people: dict[str, int], sessions: sessionmaker[Session]
) -> None:
    with sessions() as holder:
        holder.execute(text("LOCK TABLE staff IN ACCESS EXCLUSIVE MODE"))
        started = time.monotonic()
        answer = hand.post(words())
        assert time.monotonic() - started < 2
        holder.rollback()
    assert answer.status_code == 200
    assert "编号" in opened(hand, answer)


def test_a_hanging_twin_asks_the_platform_to_try_again(hand: Hand, sessions: sessionmaker[Session]) -> None:
    with sessions() as holder:
        holder.add(SeenMessage(channel="wecom_app", message_id="1", seen_at=NOW))
        holder.flush()
        started = time.monotonic()
        assert hand.post(words("审核 TB-20201222-001")).status_code == 503
        assert time.monotonic() - started < 2
        holder.rollback()


def test_a_button_that_is_not_ours_is_ignored(hand: Hand, sessions: sessionmaker[Session]) -> None:
    press = (
        b"<xml><FromUserName>xiaoli</FromUserName><CreateTime>1735689600</CreateTime><MsgType>event</MsgType>"
        b"<Event>template_card_event</Event><EventKey>claim</EventKey></xml>"
    )
    answer = hand.post(press)
    assert (answer.status_code, answer.data) == (200, b"")
    silent = hand.post(b"<xml><MsgType>event</MsgType><Event>view</Event></xml>", nonce="n-2")
    assert (silent.status_code, silent.data) == (200, b"")
    with sessions() as session:
        assert session.scalar(select(func.count()).select_from(SeenMessage)) == 0


def test_refusals_are_logged_without_what_was_sent(hand: Hand, capsys: pytest.CaptureFixture[str]) -> None:
    hand.post(words("我的秘密 13812341234"), msg_signature="0" * 40)
    said = capsys.readouterr().out
    assert "wrong signature" in said
    assert "13812341234" not in said
    assert "DemoToken2024" not in said


def press_xml(settings: Settings, action: str, case_id: int, revision: int) -> bytes:
    key = Payload(action, f"case:{case_id}", revision).pack(button_key(settings.security.button_key))
    return (
        "<xml><FromUserName>xiaoli</FromUserName><CreateTime>1735689600</CreateTime><MsgType>event</MsgType>"
        f"<Event>template_card_event</Event><EventKey><![CDATA[{key}]]></EventKey><TaskId>t-1</TaskId>"
        f"<ResponseCode>RC-{revision}</ResponseCode></xml>"
    ).encode()


def test_a_press_in_the_app_owes_the_change_of_its_card(
    hand: Hand, people: dict[str, int], sessions: sessionmaker[Session], settings: Settings
) -> None:
    with sessions() as session:
        case = a_case(session)
        session.add(
            SentCard(
                channel="wecom_app", recipient="xiaoli", task_id="t-1", subject=f"case:{case.id}", revision=1,
                response_code="RC-0", sent_at=NOW,
            )
        )  # fmt: skip
        session.commit()
    answer = hand.post(press_xml(settings, "claim", case.id, 1))
    assert (answer.status_code, answer.data) == (200, b"")
    with sessions() as session:
        own = session.scalars(select(Notification).where(Notification.dedupe_key.startswith("press:")))
        body = own.one().body
        assert (body["task_id"], body["response_code"], "userids" in body) == ("t-1", "RC-1", False)
        sent = session.scalars(select(SentCard)).one()
        assert (sent.revision, sent.response_code) == (2, "RC-0")
        assert session.get_one(Case, case.id).state == "claimed"


def test_a_press_that_is_refused_tells_the_presser_and_refreshes_the_card(
    hand: Hand, people: dict[str, int], sessions: sessionmaker[Session], settings: Settings
) -> None:
    with sessions() as session:
        case = a_case(session)
        session.commit()
    hand.post(press_xml(settings, "no_such_action", case.id, 1))
    with sessions() as session:
        rows = {row.purpose: row for row in session.scalars(select(Notification))}
    assert set(rows) == {"edit", "text"}
    assert "card" not in rows["edit"].body
    assert rows["text"].recipient == str(people["xiaoli"])


def test_a_strangers_press_changes_and_owes_nothing(
    hand: Hand, sessions: sessionmaker[Session], settings: Settings
) -> None:
    with sessions() as session:
        case = a_case(session)
        session.commit()
    assert hand.post(press_xml(settings, "claim", case.id, 1)).status_code == 200
    with sessions() as session:
        assert session.scalars(select(Notification)).all() == []
        assert session.get_one(Case, case.id).revision == 1


def test_only_configured_channels_have_a_door(open_desk: OpenDesk, redis: Redis) -> None:
    bare = parse({**settings_document(), "wecom": None, "bot": None, "weixin": None})
    client = callback_app(bare, open_desk, redis).test_client()
    for path in ("/wecom/app", "/wecom/bot", "/wechat/oa"):
        assert client.post(path).status_code == 404


@pytest.fixture
def bot_client(open_desk: OpenDesk, redis: Redis) -> FlaskClient:
    document: dict[str, Any] = settings_document()
    document["bot"]["mode"] = "callback"
    return callback_app(parse(document), open_desk, redis).test_client()


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"encrypt": 7}', b"[" * 200_000])
def test_bad_json_is_refused(bot_client: FlaskClient, body: bytes) -> None:
    assert bot_client.post("/wecom/bot", data=body).status_code == 400


def test_silence_is_an_answer(bot_client: FlaskClient, settings: Settings) -> None:
    assert settings.bot is not None
    crypto = Crypto(settings.bot.token, settings.bot.aes_key, "")
    told = {"eventtype": "feedback_event", "feedback_event": {"id": "f", "type": 1}}
    head = {"msgid": "m", "from": {"userid": "xiaoli"}, "msgtype": "event"}
    stamp, feedback = str(int(NOW.timestamp())), head | {"event": told}
    encrypted = crypto.encrypt(json.dumps(feedback).encode())
    query = {"msg_signature": crypto.sign(stamp, "n", encrypted), "timestamp": stamp, "nonce": "n"}
    answer = bot_client.post("/wecom/bot", query_string=query, json={"encrypt": encrypted})
    assert (answer.status_code, answer.data) == (200, b"")


def test_the_end_of_a_template_message_is_taken(
    open_desk: OpenDesk, redis: Redis, settings: Settings, sessions: sessionmaker[Session]
) -> None:
    assert settings.weixin is not None
    client = callback_app(settings, open_desk, redis).test_client()
    crypto = Crypto(settings.weixin.token, settings.weixin.aes_key, settings.weixin.appid)
    with sessions() as session:
        session.add(
            Notification(
                dedupe_key="k", channel="customer", recipient="o", purpose="template", subject="order:1", state="sent",
                msgid="34", next_try_at=NOW, created_at=NOW,
            )
        )  # fmt: skip
        session.commit()
    done = (
        b"<xml><ToUserName>gh</ToUserName><FromUserName>o</FromUserName><CreateTime>1735689600</CreateTime>"
        b"<MsgType>event</MsgType><Event>TEMPLATESENDJOBFINISH</Event><MsgID>34</MsgID><Status>success</Status></xml>"
    )
    stamp, encrypted = str(int(NOW.timestamp())), crypto.encrypt(done)
    query = {"msg_signature": crypto.sign(stamp, "n", encrypted), "timestamp": stamp, "nonce": "n"}
    body = f"<xml><Encrypt>{encrypted}</Encrypt></xml>".encode()
    for _ in range(2):
        assert client.post("/wechat/oa", query_string=query, data=body).data == b"success"
    with sessions() as session:
        assert session.scalars(select(Notification)).one().state == "delivered"
    plain = {"signature": "0" * 40, "timestamp": stamp, "nonce": "n", "echostr": "x"}
    assert client.get("/wechat/oa", query_string=plain).status_code == 403
