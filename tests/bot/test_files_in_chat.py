from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.card import Text
from bot.router import answer
from config import Settings, parse
from handlers.desk import Desk, Job
from handlers.incoming import Attached
from models import Received, Shop
from models.received import State
from tests.cast import hire_all
from tests.conftest import settings_document
from tests.factories import typed

FILE = Attached("https://far/secret-address", "secret-key")


@pytest.fixture
def settings() -> Settings:
    document = settings_document()
    inbox = {"slug": "xls", "platform": "sheet", "prefix": "XLS", "name": "线下表格"}
    return parse({**document, "shops": [*document["shops"], inbox]})  # type: ignore[misc]


@pytest.fixture
def inbox(desk: Desk, session: Session) -> Desk:
    hire_all(session)
    session.add(Shop(slug="xls", platform="sheet", prefix="XLS", name="线下表格", ship_hours=48))
    session.flush()
    return desk


def test_a_file_in_the_chat_is_noted_sealed_and_fetched_later(inbox: Desk, session: Session) -> None:
    sent = typed("", is_group=False, file=FILE)
    assert answer(inbox, sent) == Text("收到文件，正在读取，马上告诉您结果")
    (file,) = session.scalars(select(Received))
    assert (file.state, file.channel) == (State.FETCHING, "wecom_bot")
    assert b"secret" not in bytes(file.content)
    assert inbox.later == [(Job.READ_RECEIVED, (file.id,))]


def test_a_repeat_of_the_message_is_the_same_file(inbox: Desk, session: Session) -> None:
    sent = typed("", is_group=False, file=FILE)
    assert answer(inbox, sent) == answer(inbox, sent)
    assert len(session.scalars(select(Received)).all()) == 1


def test_who_may_not_hand_in_is_told_who_may(inbox: Desk, session: Session) -> None:
    said = answer(inbox, typed("", is_group=False, sender="laowang", file=FILE))
    assert said == Text("导入订单由客服操作，您是仓库；可以请小李处理")
    assert session.scalars(select(Received)).all() == []


def test_without_an_inbox_it_is_said_what_is_missing(desk: Desk, session: Session) -> None:
    hire_all(session)
    said = answer(desk, typed("", is_group=False, file=FILE))
    assert isinstance(said, Text)
    assert 'platform = "sheet"' in said.markdown
