"""What people answer to an SMS: quiet for that phone, on the trail of its orders."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from config import Settings, parse
from handlers.customers import manners, reach, telling, texting
from handlers.desk import Desk
from models import Notification, OptOut, Order
from tests.conftest import settings_document
from tests.factories import NOW, make_customer, make_order, someone

PHONE = "13800001234"
SMS = {
    "gateway": "http://127.0.0.1:1", "secret_id": "AKID", "secret_key": "k", "app_id": "1400000001", "sign": "青禾家居",
    "templates": {"delayed": {"id": "2000001", "values": ["number", "deadline"]}}, "unbound": True,
}  # fmt: skip


@pytest.fixture
def settings() -> Settings:
    document: dict[str, Any] = settings_document()
    return parse({**document, "sms": SMS})


def owed(session: Session) -> list[Notification]:
    rows = select(Notification).where(Notification.channel == "customer").order_by(Notification.id)
    return list(session.scalars(rows.execution_options(populate_existing=True)))


def trail_of(session: Session) -> list[tuple[str, dict[str, str]]]:
    rows = session.execute(text("SELECT action, detail FROM trail WHERE actor = '客户' ORDER BY id"))
    return [(row.action, json.loads(row.detail)) for row in rows]


def owe_two(desk: Desk, session: Session) -> list[Order]:
    late: dict[str, Any] = {"ship_by_at": NOW - timedelta(minutes=5)}
    orders = [make_order(session, buyer_key="", receiver=someone(phone=PHONE), **late) for _ in range(2)]
    telling.tell(desk, [one.id for one in orders], "delayed", occasion="1")
    return orders


def test_one_phone_is_one_person_though_nobody_bound(desk: Desk, session: Session) -> None:
    owe_two(desk, session)
    first, second = owed(session)

    manners.gather(desk, first)

    session.flush()
    assert first.recipient == second.recipient == reach.phone_person(desk.vault, PHONE)
    assert PHONE not in first.recipient
    assert [row.state for row in owed(session)] == ["owed", "merged"]


@pytest.mark.parametrize(
    "words", ["TD", "td。", "T", "退订", "T退订", "TD退订", "回T", "回复TD", "回复TD退订", "不要再通知了"]
)
def test_quiet_holds_for_the_phone(desk: Desk, session: Session, words: str) -> None:
    orders = owe_two(desk, session)

    texting.heard(desk, f"+86{PHONE}", words)

    assert session.scalars(select(OptOut.address)).all() == [reach.phone_person(desk.vault, PHONE)]
    assert {row.state for row in owed(session)} == {"dropped"}
    telling.tell(desk, [one.id for one in orders], "delayed", occasion="2")
    assert len(owed(session)) == 2, "nothing new is owed"
    assert trail_of(session) == [("客户退订", {"短信": "回复退订，这个号码不再收到短信"})] * 2


def test_it_stands_on_the_trail_once(desk: Desk, session: Session) -> None:
    owe_two(desk, session)
    for _ in range(3):
        texting.heard(desk, PHONE, "TD")
    assert len(trail_of(session)) == 2


def test_other_ways_of_the_same_person_stay_open(desk: Desk, session: Session) -> None:
    one = make_order(session, receiver=someone(phone=PHONE), ship_by_at=NOW - timedelta(minutes=1))
    make_customer(session)
    telling.tell(desk, [one.id], "delayed", occasion="1")
    (row,) = owed(session)
    row.body = {**row.body, "templates": {"sms": "2000001", "wechat_oa": "t"}}
    assert reach.address(session, row, "sms", desk.now) == f"+86{PHONE}"

    texting.heard(desk, PHONE, "T")

    assert reach.address(session, row, "sms", desk.now) == ""
    assert reach.address(session, row, "wechat_oa", desk.now) == "oCustomer1"
    assert manners.kept_back(Desk(session, NOW + timedelta(minutes=11), desk.settings), row) is None


def test_who_wants_to_hear_again_says_so(desk: Desk, session: Session) -> None:
    owe_two(desk, session)
    texting.heard(desk, PHONE, "TD")

    texting.heard(desk, PHONE, "恢复")

    assert session.scalars(select(OptOut)).all() == []
    assert trail_of(session)[-1] == ("客户恢复通知", {"短信": "回复恢复"})


@pytest.mark.parametrize("words", ["好的", "什么时候发货", "", "TDK", "别退订"])
def test_anything_else_changes_nothing(desk: Desk, session: Session, words: str) -> None:
    owe_two(desk, session)
    texting.heard(desk, PHONE, words)
    assert session.scalars(select(OptOut)).all() == []
    assert trail_of(session) == []


@pytest.mark.parametrize("number", ["", "12345", "not a phone"])
def test_what_is_no_number_is_nobody(desk: Desk, session: Session, number: str) -> None:
    texting.heard(desk, number, "TD")
    assert session.scalars(select(OptOut)).all() == []
