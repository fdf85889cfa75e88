"""Photographs of goods that came wrong: from a phone to the page of their matter, on each platform that sends them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select, update

import jobs
from models import Case, Order, Received
from models.received import State
from sandbox.wecom_kf import kf_of
from tests.flows.house import CUSTOMER, Ground, House, open_house
from tests.flows.test_customers import KF
from tests.waiting import eventually
from workers import customers as worker

JPEG = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 40
PNG = b"\x89PNG\r\n\x1a\n" + bytes(600)
BOTH = pytest.mark.parametrize("chat", ["wecom", "dingtalk"])
WECOM = pytest.mark.parametrize("chat", ["wecom"])


@pytest.fixture
def house(ground: Ground, chat: str) -> Iterator[House]:
    more: dict[str, Any] = {"kf": KF} if chat == "wecom" else {}
    with open_house(ground, chat=chat, online=True, **more) as opened:
        yield opened


@pytest.fixture
def order(house: House) -> Order:
    """One that left, and arrived."""
    made = house.order_in("taobao", buyer="hero")
    house.pull("taobao")
    found = house.order(made.id)
    with house.hub.sessions() as session:
        session.execute(update(Order).where(Order.id == found.id).values(stage="done", effect="shipped"))
        session.commit()
    return found


def fetch(house: House) -> list[str]:
    """What the queue would do with what was sent; how each picture stands."""
    with house.hub.sessions() as session:
        waiting = session.scalars(select(Received.id).where(Received.state == State.FETCHING)).all()
    for file_id in waiting:
        jobs.read_received(file_id)
    with house.hub.sessions() as session:
        return list(session.scalars(select(Received.state).order_by(Received.id)))


def kept(house: House) -> list[int]:
    with house.hub.sessions() as session:
        evidence = session.scalars(select(Case.evidence).where(Case.kind == "wrong_goods")).one()
    return list(evidence.get("pictures", ()))


def send(house: House, name: str, content: bytes, chat: str = "bot") -> None:
    before = len(kept(house))
    outcome = house.phones.send_file("xiaoli", house.edge.place(chat), name, content)
    assert outcome.answered, outcome.why
    eventually(lambda: len(kept(house)) > before, "the picture belongs to nothing")


@BOTH
def test_a_photograph_right_after_the_word_is_seen_on_the_matters_page(house: House, order: Order) -> None:
    house.ask("xiaoli", f"登记 {order.tag} 少件 1 个白杯", "bot")

    send(house, "破损.jpg", JPEG)
    send(house, "箱子.png", PNG)

    assert fetch(house) == [State.DONE, State.DONE]
    browser = house.enter_board("xiaoli")
    page = browser.get(f"{house.url}/orders/{order.id}", timeout=10).text
    (link,) = re.findall(r'href="(/pictures/\d+)"', page)
    assert "看照片（2 张）" in page
    album = browser.get(house.url + link, timeout=10).text
    shown = [browser.get(house.url + found, timeout=10) for found in re.findall(r'<img src="([^"]+)"', album)]
    assert [(one.headers["Content-Type"], one.content) for one in shown] == [("image/jpeg", JPEG), ("image/png", PNG)]
    assert {one.headers["X-Content-Type-Options"] for one in shown} == {"nosniff"}
    assert house.actions(order).count("售后照片") == 2
    assert house.complaints() == []


@BOTH
def test_a_photograph_that_nothing_was_said_of_is_asked_about(house: House, order: Order) -> None:
    place = house.edge.place("bot")
    house.phones.send_file("xiaoli", place, "破损.jpg", JPEG)
    name = house.phones.chat_name("xiaoli", place)
    eventually(lambda: any("请先发：登记" in str(one.body) for one in house.said(name)), "nothing was answered")
    assert fetch(house) == []


@BOTH
def test_the_page_is_nobodys_who_is_not_logged_in_or_has_another_role(house: House, order: Order) -> None:
    house.ask("xiaoli", f"登记 {order.tag} 破损", "bot")
    send(house, "破损.jpg", JPEG)
    fetch(house)
    with house.hub.sessions() as session:
        number = session.scalars(select(Case.id).where(Case.kind == "wrong_goods")).one()
    buyer = house.enter_board("zhaojie")
    for path in (f"/pictures/{number}", f"/pictures/{number}/{kept(house)[0]}"):
        answer = buyer.get(house.url + path, timeout=10)
        assert answer.status_code == 404
        assert "看售后照片由客服、仓库操作" in answer.text
        assert JPEG not in answer.content


@WECOM
def test_in_the_group_one_message_has_words_and_photograph(house: House, order: Order) -> None:
    house.phones.aibot.files.say_beside("xiaoli", "group", f"@订单助手 登记 {order.tag} 破损", JPEG)
    eventually(lambda: house.find_card("group", "照片 1 张已放在一起") is not None, "no card says so")
    assert fetch(house) == [State.DONE]
    assert len(kept(house)) == 1


@WECOM
def test_the_app_is_told_where_its_companys_store_has_the_photograph(house: House, order: Order) -> None:
    house.ask("xiaoli", f"登记 {order.tag} 破损")
    send(house, "破损.jpg", JPEG, "app")
    house.phones.wecom.tokens.expire()
    assert fetch(house) == [State.DONE]


@WECOM
def test_after_three_days_the_store_has_it_no_more(house: House, order: Order) -> None:
    house.ask("xiaoli", f"登记 {order.tag} 破损")
    send(house, "破损.jpg", JPEG, "app")
    house.move(days=4)
    assert fetch(house) == [State.REFUSED]
    with house.hub.sessions() as session:
        assert session.scalars(select(Received.report)).one() == {"why": "图片已失效，请重新发一次"}


@WECOM
def test_a_customers_photograph_belongs_to_the_complaint(house: House, order: Order) -> None:
    made = order.external_id
    tail = next(one for one in house.world.orders() if one.id == made).buyer.phone[-4:]
    assert "有照片请直接发到这里" in str(house.phones.customer_say(CUSTOMER, f"{made} {tail} 杯子碎了").answer)

    answers = [house.phones.weixin.show(CUSTOMER, content) for content in (JPEG, PNG)]

    assert "照片已收到" in str(answers[0].answer)
    assert answers[1].kind == "empty", "a handful is answered once"
    assert fetch(house) == [State.DONE, State.DONE]
    assert len(kept(house)) == 2


@WECOM
def test_what_customers_show_to_the_service_belongs_to_it_too(house: House, order: Order) -> None:
    made = order.external_id
    tail = next(one for one in house.world.orders() if one.id == made).buyer.phone[-4:]
    kf = kf_of(house.state)
    kf.say(CUSTOMER, f"{made} {tail} 杯子碎了")
    kf.show(CUSTOMER, JPEG)
    worker.read_kf_now(house.hub)
    worker.read_kf_now(house.hub)
    assert fetch(house) == [State.DONE]
    assert len(kept(house)) == 1
    house.work()
    assert "照片已收到" in str(house.chat(f"oa:{CUSTOMER}")[-1].body)


@WECOM
def test_a_photograph_that_is_nothing_of_ours_is_left_to_the_people_who_serve(house: House, order: Order) -> None:
    kf = kf_of(house.state)
    kf.show(CUSTOMER, JPEG)
    worker.read_kf_now(house.hub)
    house.work()
    assert fetch(house) == []
    assert [one.sender for one in house.chat(f"oa:{CUSTOMER}")] == [CUSTOMER]
