"""How answers get back: as the reply itself, or owed because the reply cannot carry them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from bot import frames, replies
from bot.card import Card
from bot.heard import Heard
from bot.payload import Payload
from bot.pen import button_key
from bot.phrases import BUSY
from bot.replies import Place
from config import Settings
from handlers.desk import OpenDesk
from handlers.incoming import Incoming, Press
from models import Case, Notification, SeenMessage
from tests.bot.conftest import a_case
from tests.bot.samples import NOW

ASKED = Incoming("wecom_bot", "m-1", "chenjie", "wrDEMO01", True, NOW, text="看板")


def pressed(case: Case, action: str, sender: str = "chenjie", **changes: object) -> Heard:
    press = Press(action, f"case:{case.id}", 1, **changes)  # type: ignore[arg-type]
    return Heard(replace(ASKED, text="", press=press, sender=sender), task_id="t-1")


def test_the_same_task_id_for_the_same_message(open_desk: OpenDesk, people: dict[str, int]) -> None:
    bodies = []
    for _ in range(2):
        with open_desk() as desk:
            reply = replies.of_bot(desk, Heard(ASKED))
            assert reply is not None
            bodies.append(reply.body)
    assert bodies[0] == bodies[1]


def test_a_welcome_is_a_card_or_plain_text_and_never_a_stream(open_desk: OpenDesk, people: dict[str, int]) -> None:
    for asked, kind in ((ASKED, "template_card"), (replace(ASKED, message_id="w-2", text="帮助"), "text")):
        with open_desk() as desk:
            reply = replies.of_bot(desk, Heard(asked, welcome=True))
        assert reply is not None
        assert (reply.place, reply.body["msgtype"]) == (Place.WELCOME, kind)
        assert kind != "text" or "*" not in reply.body["text"]["content"]


def test_a_new_state_is_for_all_and_keeps_the_others_buttons(open_desk: OpenDesk, people: dict[str, int]) -> None:
    with open_desk() as desk:
        case = a_case(desk.session)
        reply = replies.of_bot(desk, pressed(case, "claim", sender="xiaoli"))
    assert reply is not None
    assert "userids" not in reply.body
    assert reply.body["template_card"]["task_id"] == "t-1"
    assert "小李已认领" in reply.body["template_card"]["quote_area"]["quote_text"]


def test_what_changed_nothing_is_for_the_presser_alone(open_desk: OpenDesk, people: dict[str, int]) -> None:
    with open_desk() as desk:
        case = a_case(desk.session)
        fresh = replies.of_bot(desk, pressed(case, "refresh"))
    assert fresh is not None
    assert fresh.body["userids"] == ["chenjie"]


def test_in_a_single_chat_nobody_else_is_meant(open_desk: OpenDesk, people: dict[str, int]) -> None:
    with open_desk() as desk:
        case = a_case(desk.session)
        heard = pressed(case, "claim", sender="xiaoli")
        alone = replace(heard, incoming=replace(heard.incoming, is_group=False, chat="xiaoli"))
        reply = replies.of_bot(desk, alone)
    assert reply is not None
    assert "userids" not in reply.body


def test_a_card_about_nothing_says_at_least_why(open_desk: OpenDesk, people: dict[str, int]) -> None:
    with open_desk() as desk:
        gone = Heard(replace(ASKED, text="", press=Press("claim", "case:404", 1)), task_id="t-1")
        reply = replies.of_bot(desk, gone)
    assert reply is not None
    assert reply.body["template_card"]["main_title"]["title"] == "没有办成"


def test_the_app_says_nothing_twice(
    open_desk: OpenDesk, people: dict[str, int], sessions: sessionmaker[Session]
) -> None:
    asked = Heard(replace(ASKED, channel="wecom_app", is_group=False, chat="chenjie"))
    for _ in range(2):
        with open_desk() as desk:
            assert replies.of_app(desk, asked) == ""
    with sessions() as session:
        assert len(session.scalars(select(Notification)).all()) == 1
        # A change whose answer was never kept is not made again.
        session.merge(SeenMessage(channel="wecom_app", message_id="m-2", seen_at=NOW))
        session.commit()
    with open_desk() as desk:
        change = replace(asked.incoming, message_id="m-2", text="备注 TB-20251222-001 易碎")
        assert replies.of_app(desk, replace(asked, incoming=change)) == ""
        assert replies.of_bot(desk, Heard(replace(change, is_group=True))) is None


def test_a_question_that_comes_again_is_asked_again_and_nothing_is_kept(
    open_desk: OpenDesk, people: dict[str, int], sessions: sessionmaker[Session]
) -> None:
    replied = []
    for _ in range(2):
        with open_desk() as desk:
            replied.append(replies.of_bot(desk, Heard(ASKED)))
    assert replied[0] is not None
    assert replied[0] == replied[1]
    with sessions() as session:
        assert not session.scalars(select(SeenMessage)).all(), "no mark either: it would cost every question a write"


def test_over_the_connection_a_question_that_comes_again_gets_nothing(
    open_desk: OpenDesk, people: dict[str, int], sessions: sessionmaker[Session]
) -> None:
    with open_desk() as desk:
        assert replies.of_bot(desk, Heard(ASKED), repeats=False) is not None
    with open_desk() as desk:
        assert replies.of_bot(desk, Heard(ASKED), repeats=False) is None, "a second answer would stand beside the first"
    with sessions() as session:
        assert [seen.answer for seen in session.scalars(select(SeenMessage))] == [None]


def test_in_the_app_a_look_again_changes_only_the_own_copy(
    open_desk: OpenDesk, people: dict[str, int], sessions: sessionmaker[Session]
) -> None:
    with open_desk() as desk:
        case = a_case(desk.session)
        heard = pressed(case, "refresh")
        incoming = replace(heard.incoming, channel="wecom_app", is_group=False, chat="chenjie")
        assert replies.of_app(desk, replace(heard, incoming=incoming, response_code="RC")) == ""
    with sessions() as session:
        assert session.scalars(select(Notification)).one().body["userids"] == ["chenjie"]


@pytest.mark.parametrize("kind", ["text", "event"])
def test_without_a_database_who_said_something_is_told_so(
    settings: Settings, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    from sqlalchemy.exc import OperationalError

    def dead() -> object:
        raise OperationalError("x", {"phone": "13812341234"}, Exception("down"))

    class Told:
        def __init__(self) -> None:
            self.words: list[str] = []

        def request(self, command: str, body: dict[str, Any], _req_id: str) -> None:
            self.words.append(f"{command}: {body['stream']['content']}")

    assert settings.bot is not None
    told = Told()
    frames.hear(dead, settings.bot, told, ("r", {"msgtype": kind, "msgid": "m"}))  # type: ignore[arg-type]
    # A press has room for a card alone.
    assert told.words == ([f"aibot_respond_msg: {BUSY}"] if kind == "text" else [])
    said = capsys.readouterr().out
    assert "frame_failed" in said
    assert "13812341234" not in said


def test_buttons_that_only_the_answer_offers_are_added(settings: Settings) -> None:
    key = button_key(settings.security.button_key)
    from bot.card import Button

    def button(action: str) -> Button:
        return Button(action, Payload(action, "order:1", 2).pack(key))

    shared = Card("题", "order:1", 2, buttons=(button("pick"), button("refresh")))
    answer = Card("题", "order:1", 2, quote="小李：已到待配货", buttons=(button("refresh"), button("send_back")))
    both = replies._for_all(shared, answer)
    assert [one.text for one in (*both.buttons, *both.menu)] == ["pick", "refresh", "send_back"]
    assert both.quote == "小李：已到待配货"
