"""A card whose buttons were signed with a key that is no longer known: the press does nothing, and is answered."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from bot import replies
from bot.channels.wecom_bot import parse
from bot.heard import Heard
from bot.payload import Payload
from bot.pen import button_keys
from bot.replies import Place
from config import Settings
from handlers.desk import OpenDesk
from handlers.incoming import Incoming
from models import Case, Notification, SeenMessage
from models.case import short_code
from tests.bot.conftest import a_case
from tests.bot.samples import NOW

GROUP = Incoming("wecom_bot", "m-1", "xiaoli", "wrDEMO01", True, NOW)
ALONE = replace(GROUP, channel="wecom_app", is_group=False, chat="xiaoli")


def words_of(card: Any) -> str:
    return json.dumps(card, ensure_ascii=False)


def keys_of(card: Any) -> list[str]:
    return [one["key"] for one in card.get("button_list", [])]


def test_a_card_in_the_group_gets_buttons_that_work_for_all(
    open_desk: OpenDesk, people: dict[str, int], settings: Settings
) -> None:
    with open_desk() as desk:
        case = a_case(desk.session)
        reply = replies.of_bot(desk, Heard(GROUP, task_id=f"case-{case.id}-r1-n7-68a", expired=True))
        number = case.id
    assert reply is not None
    assert reply.place is Place.UPDATE
    assert "userids" not in reply.body
    card = reply.body["template_card"]
    assert "这张卡片已过期，按钮已换新，请再按一次" in words_of(card)
    assert card["task_id"] == f"case-{number}-r1-n7-68a"
    known = button_keys(settings.security.button_keys)
    assert {Payload.unpack(key, *known).subject for key in keys_of(card)} == {f"case:{number}"}


def test_the_press_itself_does_nothing(
    open_desk: OpenDesk, people: dict[str, int], sessions: sessionmaker[Session]
) -> None:
    with open_desk() as desk:
        number = a_case(desk.session).id
        replies.of_bot(desk, Heard(GROUP, task_id=f"case-{number}-r1-n7-68a", expired=True))
    with sessions() as session:
        assert session.get_one(Case, number).state == "open"
        assert not session.scalars(select(SeenMessage)).all()
        assert not session.scalars(select(Notification)).all()


@pytest.mark.parametrize("task_id", ["t-1", "", "case-99999999-r1-n7-68a", "staff-1-r1-n7", "order-88-r0-n1"])
def test_whose_card_it_was_hears_what_to_send(open_desk: OpenDesk, people: dict[str, int], task_id: str) -> None:
    with open_desk() as desk:
        reply = replies.of_bot(desk, Heard(GROUP, task_id=task_id, told="XiaoLi", expired=True))
    assert reply is not None
    assert reply.body["userids"] == ["XiaoLi"], "nobody else is told"
    word = short_code(99999999) if task_id.startswith("case") else "我的"
    assert f"这张卡片已过期，发「@订单助手 {word}」取新的" in words_of(reply.body["template_card"])
    assert not keys_of(reply.body["template_card"])


def test_in_the_app_the_card_changes_by_the_code_that_the_press_brought(
    open_desk: OpenDesk, people: dict[str, int], sessions: sessionmaker[Session]
) -> None:
    for task_id in ("case-{}-r1-n7-68a", "t-1"):
        with open_desk() as desk:
            number = desk.session.scalar(select(Case.id)) or a_case(desk.session).id
            incoming = replace(ALONE, message_id=task_id)
            heard = Heard(incoming, task_id.format(number), "RC-1", expired=True)
            assert replies.of_app(desk, heard) == ""
            replies.of_app(desk, heard)  # the platform tells it again
    with sessions() as session:
        rows = session.scalars(select(Notification).order_by(Notification.id)).all()
    assert [(row.channel, row.purpose, row.body["response_code"]) for row in rows] == [("staff", "edit", "RC-1")] * 2
    assert [row.body["userids"] for row in rows] == [["xiaoli"]] * 2
    for row, said in zip(rows, ("请再按一次", "发「我的」取新的"), strict=True):
        assert said in row.body["card"]


def test_a_stranger_hears_that_they_are_one(open_desk: OpenDesk, people: dict[str, int]) -> None:
    with open_desk() as desk:
        number = a_case(desk.session).id
        stranger = replace(GROUP, sender="nobody")
        reply = replies.of_bot(desk, Heard(stranger, task_id=f"case-{number}-r1-n7-68a", expired=True))
    assert reply is not None
    assert "登记" in words_of(reply.body)
    assert reply.body["userids"] == ["nobody"]


def test_a_card_that_is_over_says_so_and_asks_for_no_press(open_desk: OpenDesk, people: dict[str, int]) -> None:
    with open_desk() as desk:
        case = a_case(desk.session, state="solved", solved_at=NOW)
        reply = replies.of_bot(desk, Heard(GROUP, task_id=f"case-{case.id}-r1-n7-68a", expired=True))
    assert reply is not None
    told = words_of(reply.body["template_card"])
    assert "这张卡片已过期，已换成现在的样子" in told
    assert "请再按一次" not in told


def test_a_press_that_a_key_of_before_signed_counts(
    open_desk: OpenDesk, people: dict[str, int], settings: Settings
) -> None:
    assert settings.bot is not None
    before, now = b"o" * 32, b"n" * 32
    with open_desk() as desk:
        number = a_case(desk.session).id
        event = {"eventtype": "template_card_event", "task_id": "t-1"}
        event["event_key"] = Payload("claim", f"case:{number}", 1).pack(before)
        body = {
            "msgid": "m-9", "chatid": "wrDEMO01", "chattype": "group", "from": {"userid": "xiaoli"},
            "msgtype": "event", "event": event,
        }  # fmt: skip
        heard = parse.heard(body, settings.bot, (now, before), NOW)
        assert heard is not None
        reply = replies.of_bot(desk, heard)
    assert reply is not None
    assert "小李已认领" in words_of(reply.body)
