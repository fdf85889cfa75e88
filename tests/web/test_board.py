from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

import web
from config import Settings
from handlers import login
from handlers.desk import Actor, Desk, OpenDesk
from models import Order, TrailRow
from tests.cast import Cast, hire_all
from tests.factories import NOW, make_order, make_shop


@pytest.fixture
def cast(sessions: sessionmaker[Session]) -> Cast:
    with sessions() as session:
        make_shop(session)
        cast = hire_all(session)
        make_order(session, tag="TB-20251222-001", external_id="2000000000000000001")
        make_order(session, tag="TB-20251222-002", stage_entered_at=NOW - timedelta(hours=3))
        session.commit()
    return cast


@pytest.fixture
def browser(settings: Settings, open_desk: OpenDesk, cast: Cast) -> FlaskClient:
    app = Flask(__name__)
    app.register_blueprint(web.blueprint(settings, open_desk))
    return app.test_client()


def enter(browser: FlaskClient, open_desk: OpenDesk, actor: Actor) -> None:
    with open_desk() as desk:
        link = login.link(desk, actor)
    answer = browser.get(link.removeprefix("http://127.0.0.1:8780"))
    assert (answer.status_code, answer.headers["Location"]) == (302, "/board")


def order_id(sessions: sessionmaker[Session]) -> int:
    with sessions() as session:
        return session.scalars(select(Order.id).where(Order.tag == "TB-20251222-001")).one()


def test_without_a_pass_the_board_says_how_to_get_in(browser: FlaskClient) -> None:
    for path in ("/board", "/orders/1", "/enter", "/enter?t=forged"):
        answer = browser.get(path)
        assert answer.status_code == 401
        assert "看板" in answer.text
        assert "TB-" not in answer.text
    assert browser.get("/").headers["Location"] == "/board"


def test_a_link_from_the_chat_shows_the_columns_with_stale_orders_marked(
    browser: FlaskClient, open_desk: OpenDesk, cast: Cast
) -> None:
    enter(browser, open_desk, cast.xiaoli)
    page = browser.get("/board").text
    assert page.index("TB-20251222-002") < page.index("TB-20251222-001"), "the oldest first"
    assert page.count("超时") == 1
    assert "小李" in page


def test_the_cookie_is_out_of_reach_for_scripts_and_pages_are_not_kept(
    browser: FlaskClient, open_desk: OpenDesk, cast: Cast
) -> None:
    with open_desk() as desk:
        link = login.link(desk, cast.xiaoli)
    cookie = browser.get(link.removeprefix("http://127.0.0.1:8780")).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    page = browser.get("/board")
    assert page.headers["Cache-Control"] == "no-store"
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]


def test_an_order_is_shown_masked_with_its_trail(
    browser: FlaskClient, open_desk: OpenDesk, cast: Cast, sessions: sessionmaker[Session]
) -> None:
    enter(browser, open_desk, cast.laowang)
    page = browser.get(f"/orders/{order_id(sessions)}").text
    assert "王小明" not in page
    assert "13800001234" not in page
    assert "西湖区" in page
    assert "轨迹" in page


def test_an_order_that_is_not_there_is_said(browser: FlaskClient, open_desk: OpenDesk, cast: Cast) -> None:
    enter(browser, open_desk, cast.laowang)
    answer = browser.get("/orders/999999")
    assert answer.status_code == 404
    assert "没有找到" in answer.text


def test_a_press_moves_the_order_and_leaves_a_trail(
    browser: FlaskClient, open_desk: OpenDesk, cast: Cast, sessions: sessionmaker[Session]
) -> None:
    enter(browser, open_desk, cast.xiaoli)
    number = order_id(sessions)
    form = {"action": "approve", "revision": "1", "value": "pending_review"}
    answer = browser.post(f"/orders/{number}", data=form, headers={"Origin": "http://localhost"})
    assert answer.status_code == 303
    assert "待配货" in browser.get(answer.headers["Location"]).text
    with sessions() as session:
        assert session.get_one(Order, number).stage == "pending_pick"
        row = session.scalars(select(TrailRow).order_by(TrailRow.id.desc()).limit(1)).one()
        assert (row.actor, row.source) == ("小李", "web")


def test_a_press_beyond_the_role_is_refused_and_changes_nothing(
    browser: FlaskClient, open_desk: OpenDesk, cast: Cast, sessions: sessionmaker[Session]
) -> None:
    enter(browser, open_desk, cast.laowang)
    number = order_id(sessions)
    answer = browser.post(f"/orders/{number}", data={"action": "approve", "revision": "1", "value": "pending_review"})
    assert "客服" in browser.get(answer.headers["Location"]).text
    with sessions() as session:
        assert session.get_one(Order, number).stage == "pending_review"


def test_a_form_of_another_site_or_without_its_fields_is_refused(
    browser: FlaskClient, open_desk: OpenDesk, cast: Cast, sessions: sessionmaker[Session]
) -> None:
    enter(browser, open_desk, cast.xiaoli)
    number = order_id(sessions)
    form = {"action": "approve", "revision": "1", "value": "pending_review"}
    assert browser.post(f"/orders/{number}", data=form, headers={"Origin": "https://evil.example"}).status_code == 403
    assert browser.post(f"/orders/{number}", data={"action": "approve"}).status_code == 400
    with sessions() as session:
        assert session.get_one(Order, number).stage == "pending_review"


@contextmanager
def later(sessions: sessionmaker[Session], settings: Settings, at: datetime) -> Iterator[Desk]:
    with sessions() as session:
        yield Desk(session=session, now=at, settings=settings)


def test_a_link_ends_after_a_quarter_of_an_hour_and_a_pass_after_a_shift(
    sessions: sessionmaker[Session],
    settings: Settings,
    cast: Cast,
    open_desk: Callable[[], AbstractContextManager[Desk]],
) -> None:
    with open_desk() as desk:
        ticket = login.link(desk, cast.xiaoli).partition("t=")[2]
        given = login.pass_for(desk, ticket)
        assert given is not None
        assert login.holder(desk, ticket) is None, "a link's ticket is no pass"
    with later(sessions, settings, NOW + timedelta(minutes=16)) as desk:
        assert login.pass_for(desk, ticket) is None
        holder = login.holder(desk, given[0])
        assert holder is not None
        assert (holder.name, holder.source) == ("小李", "web")
    with later(sessions, settings, NOW + timedelta(hours=13)) as desk:
        assert login.holder(desk, given[0]) is None


def test_who_left_is_out_at_once(
    browser: FlaskClient, open_desk: OpenDesk, cast: Cast, sessions: sessionmaker[Session]
) -> None:
    enter(browser, open_desk, cast.xiaoli)
    with sessions() as session:
        session.execute(__import__("sqlalchemy").text("UPDATE staff SET active = false WHERE wecom_userid = 'xiaoli'"))
        session.commit()
    assert browser.get("/board").status_code == 401
