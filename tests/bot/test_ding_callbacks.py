"""DingTalk calls our addresses (mode "http"), against its stand-in on real sockets: checked, answered in the answer."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from redis import Redis
from sqlalchemy import Engine, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

from bot.callbacks import blueprint
from bot.channels.dingtalk.keys import restore, shorten
from bot.channels.dingtalk.quota import Kind, Quota
from bot.channels.dingtalk.shown import Shown
from bot.payload import Payload
from bot.pen import button_key
from bot.phrases import BUSY
from config_chat import PUBLIC_TEMPLATE
from handlers.desk import Desk
from handlers.owe import Owed, owe
from models import Case, Notification, SeenMessage
from tests.bot.conftest import a_case, serving
from tests.bot.samples import NOW
from tests.ding_town import GROUP, DingTown, Standing, delivered, ding_settings, hire, open_ding_town
from wire import Hub

SECRET = "demo-dingtalk-secret"


class Late:
    """The door's address must be known before its settings are."""

    app: Flask | None = None

    def __call__(self, *given: Any) -> Any:
        assert self.app is not None
        return self.app(*given)


@pytest.fixture
def house(engine: Engine, sessions: sessionmaker[Session], redis: Redis) -> Iterator[tuple[DingTown, Hub]]:
    late = Late()
    with serving(late) as url, open_ding_town(hub=url, mode="http") as town:  # type: ignore[arg-type]
        here = Hub(ding_settings(town.url, mode="http"), engine, sessions, redis, Standing(), lambda *_: None)
        late.app = Flask("hub")
        late.app.register_blueprint(blueprint(here.settings, here.open_desk, redis))
        yield town, here


@pytest.fixture
def town(house: tuple[DingTown, Hub]) -> DingTown:
    return house[0]


@pytest.fixture
def here(house: tuple[DingTown, Hub]) -> Hub:
    return house[1]


@pytest.fixture
def people(sessions: sessionmaker[Session]) -> dict[str, int]:
    return hire(sessions)


def owed(here: Hub) -> list[Notification]:
    with here.sessions() as session:
        return list(session.scalars(select(Notification).order_by(Notification.id)))


def test_a_text_is_answered_in_the_answer(here: Hub, town: DingTown, people: dict[str, int]) -> None:
    said = town.say("chenjie", "dgroup", "群号")
    assert said.kind == "markdown"
    assert town.chat("dgroup")[-1].body["at"] == ["chenjie"]
    assert town.say("laowang", "ding", "帮助").kind == "markdown"
    assert not owed(here)
    assert not town.complaints


def test_a_card_is_owed_to_the_chat_where_it_was_asked_for(here: Hub, town: DingTown, people: dict[str, int]) -> None:
    assert town.say("chenjie", "dgroup", "看板").kind == "empty"
    assert delivered(here).sent == 1
    assert [message.kind for message in town.chat("dgroup")] == ["text", "ding_card"]
    assert not town.complaints


def test_a_repeated_message_is_obeyed_once_and_gets_its_answer_again(
    here: Hub, town: DingTown, people: dict[str, int]
) -> None:
    town.ding.switches.duplicate_callbacks = 1
    town.say("chenjie", "dgroup", "群号")
    assert len(town.chat("dgroup")) == 3, "the first answer may have been lost"
    town.ding.switches.duplicate_callbacks = 1
    town.say("chenjie", "dgroup", "看板")
    assert len(owed(here)) == 1


def test_a_press_is_answered_in_the_answer(here: Hub, town: DingTown, people: dict[str, int]) -> None:
    with here.open_desk() as desk:
        owe(desk, [Owed("k", "group", "card", f"case:{a_case(desk.session).id}")])
    assert delivered(here).sent == 1
    (card,) = town.chat("dgroup")
    town.ding.switches.duplicate_callbacks = 1
    assert town.press("xiaoli", card, "认领").kind == "card_update"
    assert card.body_for("xiaoli")["revision"] == "2"
    assert card.body_for("chenjie")["revision"] == "1"
    assert delivered(here).sent == 1
    assert card.body_for("chenjie")["revision"] == "2"
    with here.sessions() as session:
        assert session.scalars(select(Case)).one().revision == 2
    assert not town.complaints


def test_a_second_press_so_soon_does_not_bring_back_what_the_first_one_showed(
    here: Hub, town: DingTown, people: dict[str, int]
) -> None:
    """Within ten seconds the same press counts as a double tap, which gets the first one's answer again; but a
    colleague may have been there in between."""
    with here.open_desk() as desk:
        owe(desk, [Owed("k", "group", "card", f"case:{a_case(desk.session).id}")])
    assert delivered(here).sent == 1
    (card,) = town.chat("dgroup")
    assert town.press("chenjie", card, "刷新").kind == "card_update"
    assert town.press("xiaoli", card, "认领").kind == "card_update"
    assert card.body_for("chenjie")["revision"] == "1", "the change for all has not come yet"
    assert town.press("chenjie", card, "刷新").kind == "card_update"
    assert card.body_for("chenjie")["revision"] == "2"
    assert not town.complaints


def test_with_the_months_units_running_out_a_text_costs_a_call(
    here: Hub, town: DingTown, people: dict[str, int], redis: Redis
) -> None:
    assert here.settings.dingtalk is not None
    quota = Quota(redis, here.settings.dingtalk)
    quota.count(Kind.UNITS, 2500)  # the month is two thirds over
    assert town.say("chenjie", "dgroup", "群号").kind == "empty"
    assert [(row.channel, row.purpose, row.recipient) for row in owed(here)] == [("chat_dingtalk", "text", GROUP)]
    assert delivered(here).sent == 1
    assert GROUP in town.texts("dgroup")[-1]
    quota.count(Kind.CALLS, 4500)  # those run out faster still
    assert town.say("chenjie", "dgroup", "群号").kind == "markdown"
    redis.flushdb()


# who may come in


def signed(secret: str, words: str) -> str:
    return base64.b64encode(hmac.digest(secret.encode(), words.encode(), "sha256")).decode()


def stamp(at: datetime = NOW) -> str:
    return str(int(at.timestamp() * 1000))


def robot_headers(at: datetime = NOW, secret: str = SECRET) -> dict[str, str]:
    return {"timestamp": stamp(at), "sign": signed(secret, f"{stamp(at)}\n{secret}")}


def card_headers(at: datetime = NOW, secret: str = "demo-card-secret") -> dict[str, str]:
    return {"x-ddpaas-signature-timestamp": stamp(at), "x-ddpaas-signature": signed(secret, stamp(at))}


@pytest.fixture
def door(here: Hub, redis: Redis) -> Any:
    app = Flask("door")
    app.register_blueprint(blueprint(here.settings, here.open_desk, redis))
    return app.test_client()


def test_the_signatures_are_those_of_the_documents() -> None:
    assert signed("demo-secret", "1700000000000\ndemo-secret") == "mSUvvxbX7ba307ODWOhHpJmbw3QdiJvvLe0lcElsApI="
    assert signed("demo-secret", "1700000000000") == "eqxRFGONe3Uaz+A0JUrlQgH3142Rdp5KXSQyjLLBHzk="


def test_who_is_not_signed_or_late_is_refused_and_leaves_nothing(here: Hub, door: Any) -> None:
    body = {"msgId": "m", "conversationId": "c", "msgtype": "text", "text": {"content": "看板"}}
    late = NOW.replace(minute=6)
    for path, right, wrong in (
        ("/dingtalk/robot", robot_headers, [{}, robot_headers(late), robot_headers(secret="x")]),
        ("/dingtalk/card", card_headers, [{}, card_headers(late), card_headers(secret="x")]),
    ):
        for headers in wrong:
            assert door.post(path, json=body, headers=headers).status_code == 403
        odd = dict.fromkeys(right(), "é")
        assert door.post(path, json=body, headers=odd).status_code == 403
        assert door.post(path, data=b"[]", headers=right()).status_code == 400
        assert door.post(path, data=b"x" * (1 << 20) + b"x", headers=right()).status_code == 413
        assert door.get(path).status_code == 405
    with here.sessions() as session:
        assert not session.scalars(select(SeenMessage)).all()


def test_a_press_that_is_not_ours_changes_nothing_and_is_answered(here: Hub, door: Any, people: dict[str, int]) -> None:
    content = json.dumps({"cardPrivateData": {"actionIds": ["btn"], "params": {"key": "claim"}}})
    body = {"userId": "dt-xiaoli", "outTrackId": "t", "content": content}
    answer = door.post("/dingtalk/card", json=body, headers=card_headers())
    assert answer.status_code == 200
    assert "cardData" not in answer.get_json(), "which card it is nobody knows: it stays as it is"
    note = answer.get_json()["userPrivateData"]["cardParamMap"]["note"]
    assert note == "这张卡片已过期，发「@订单助手 我的」取新的"
    assert not owed(here)


def rekeyed(here: Hub, *, before: bool = False, **dingtalk: Any) -> Hub:
    """The same hub with another key for buttons; `before`: it still knows the one of `here`."""
    security, robot = here.settings.security, here.settings.dingtalk
    assert robot is not None
    changes: dict[str, Any] = {"button_key": base64.b64encode(b"n" * 32).decode()}
    if before:
        changes["button_keys_before"] = (security.button_key,)
    changed = {"security": security.model_copy(update=changes), "dingtalk": robot.model_copy(update=dingtalk)}
    return replace(here, settings=here.settings.model_copy(update=changed))


def test_a_card_that_another_key_signed_gets_buttons_that_work(
    here: Hub, town: DingTown, people: dict[str, int]
) -> None:
    with here.open_desk() as desk:
        owe(desk, [Owed("k", "group", "card", f"case:{a_case(desk.session).id}")])
    assert delivered(rekeyed(here)).sent == 1
    (card,) = town.chat("dgroup")
    assert town.press("xiaoli", card, "认领").kind == "card_update"
    with here.sessions() as session:
        assert session.scalars(select(Case)).one().state == "open"
    assert "这张卡片已过期，按钮已换新，请再按一次" in card.body_for("xiaoli")["note"]
    assert town.press("xiaoli", card, "认领").kind == "card_update"
    with here.sessions() as session:
        assert session.scalars(select(Case)).one().state == "claimed"
    assert not town.complaints


def pressed_on(here: Hub, redis: Redis, key: str, track_id: str) -> Any:
    app = Flask("door")
    app.register_blueprint(blueprint(here.settings, here.open_desk, redis))
    content = json.dumps({"cardPrivateData": {"actionIds": ["btn"], "params": {"key": key}}})
    body = {"userId": "dt-xiaoli", "outTrackId": track_id, "content": content}
    return app.test_client().post("/dingtalk/card", json=body, headers=card_headers()).get_json()


def test_the_public_template_says_it_on_the_card(here: Hub, redis: Redis, people: dict[str, int]) -> None:
    public = rekeyed(here, card_template=PUBLIC_TEMPLATE)
    with here.open_desk() as desk:
        number = a_case(desk.session).id
    known = pressed_on(public, redis, "claim", f"case-{number}-r1-n1-6")["cardData"]["cardParamMap"]
    assert "这张卡片已过期，按钮已换新，请再按一次" in known["markdown"]
    assert "认领" in known["sys_full_json_obj"]
    unknown = pressed_on(public, redis, "claim", "t")["cardData"]["cardParamMap"]
    assert unknown == {"tips": "这张卡片已过期，发「@订单助手 我的」取新的"}


def test_after_a_change_of_the_key_the_one_before_still_counts(here: Hub, redis: Redis, people: dict[str, int]) -> None:
    with here.open_desk() as desk:
        number = a_case(desk.session).id
    key = shorten(Payload("claim", f"case:{number}", 1).pack(button_key(here.settings.security.button_key)))
    answer = pressed_on(rekeyed(here, before=True), redis, key, f"case-{number}-r1-n1-6")
    with here.sessions() as session:
        assert session.scalars(select(Case)).one().state == "claimed"
    drawn = json.loads(answer["cardData"]["cardParamMap"]["buttons"])[0]["key"]
    assert restore(drawn, b"n" * 32).payload.subject == f"case:{number}", "what is drawn is signed with the new one"


def test_where_a_newer_state_went_out_during_the_answer_the_card_is_owed_it_again(
    here: Hub, redis: Redis, people: dict[str, int]
) -> None:
    with here.open_desk() as desk:
        number = a_case(desk.session).id
    app, track_id = Flask("door"), f"case-{number}-r1-n1-6"
    app.register_blueprint(blueprint(here.settings, here.open_desk, redis))
    key = shorten(Payload("refresh", f"case:{number}", 1).pack(button_key(here.settings.security.button_key)))
    content = json.dumps({"cardPrivateData": {"actionIds": ["btn"], "params": {"key": key}}})
    body = {"userId": "dt-xiaoli", "outTrackId": track_id, "content": content}
    answer = app.test_client().post("/dingtalk/card", json=body, headers=card_headers())
    assert not owed(here)
    Shown(redis).reach(track_id, 2)
    answer.close()  # it is out
    (row,) = owed(here)
    assert (row.purpose, row.subject, row.body) == (
        "edit", f"case:{number}", {"task_id": track_id, "channel": "dingtalk"}
    )  # fmt: skip


def test_a_database_that_is_away_is_told_to_who_said_something(here: Hub, redis: Redis) -> None:
    @contextmanager
    def broken() -> Iterator[Desk]:
        with here.open_desk() as desk:
            yield desk
            raise OperationalError("commit", {}, Exception("gone"))

    app = Flask("door")
    app.register_blueprint(blueprint(here.settings, broken, redis))
    door = app.test_client()
    body = {
        "msgId": "m",
        "conversationId": "c",
        "msgtype": "text",
        "senderStaffId": "dt-x",
        "text": {"content": "帮助"},
    }
    said = door.post("/dingtalk/robot", json=body, headers=robot_headers())
    assert (said.status_code, said.get_json()["markdown"]["text"]) == (200, BUSY)


def test_stream_mode_has_no_addresses(here: Hub, redis: Redis) -> None:
    assert here.settings.dingtalk is not None
    stream = here.settings.dingtalk.model_copy(update={"mode": "stream"})
    away = replace(here, settings=here.settings.model_copy(update={"dingtalk": stream}))
    app = Flask("door")
    app.register_blueprint(blueprint(away.settings, away.open_desk, redis))
    assert app.test_client().post("/dingtalk/robot", json={}, headers=robot_headers()).status_code == 404
