"""`flask hub letters` tells an operator what the chat tells a supervisor."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from models import Notification, Staff, TrailRow
from models.case import short_code
from operators.hub import prepare
from tests.factories import make_case, make_order
from tests.handlers.letters.letterbox import failed
from wire import Hub


@pytest.fixture
def code(hub: Hub) -> str:
    """Of a case whose card to 小李 was lost just now."""
    prepare(hub)
    with hub.sessions() as session:
        case = make_case(session, make_order(session))
        xiaoli = session.scalars(select(Staff.id).where(Staff.wecom_userid == "xiaoli")).one()
        now = hub.now()
        failed(session, "应用已停用", subject=f"case:{case.id}", recipient=str(xiaoli), created_at=now, next_try_at=now)
        session.commit()
        return short_code(case.id)


def said(flask: Flask, *words: str) -> str:
    result = flask.test_cli_runner().invoke(args=["hub", "letters", *words])
    assert result.exit_code == 0, result.output
    return str(result.output)


def test_it_lists_what_was_lost(flask: Flask, code: str) -> None:
    assert "应用已停用" in said(flask)
    assert "给小李" in said(flask)


def test_it_tells_about_a_matter_and_about_a_person(flask: Flask, hub: Hub, code: str) -> None:
    with hub.sessions() as session:
        subject = session.scalars(select(Notification.subject)).one()
    for words in (("--subject", code), ("--subject", subject), ("--person", "小李")):
        assert "没发成：应用已停用" in said(flask, *words)


def test_it_sends_again(flask: Flask, hub: Hub, code: str) -> None:
    with hub.sessions() as session:
        number = session.scalars(select(Notification.id)).one()
    assert "正在重发" in said(flask, "--again", str(number))
    with hub.sessions() as session:
        assert session.scalars(select(Notification.state)).one() == "owed"
        assert session.scalars(select(TrailRow.source).where(TrailRow.action == "重发")).one() == "cli"
    result = flask.test_cli_runner().invoke(args=["hub", "letters", "--again", str(number)])
    assert (result.exit_code, "正在发送" in result.output) == (1, True)
