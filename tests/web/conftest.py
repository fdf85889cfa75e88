from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, sync_playwright
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.serving import make_server

import web
from config import Settings
from handlers import login
from handlers.desk import Actor, OpenDesk
from models import Order
from tests.cast import Cast, hire_all
from tests.factories import NOW, make_order, make_shop
from tests.sandbox.phones_page import FLAGS


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS.split())
        yield opened
        opened.close()


@pytest.fixture
def cast(sessions: sessionmaker[Session]) -> Cast:
    with sessions() as session:
        make_shop(session, id=1)
        cast = hire_all(session)
        make_order(session, tag="TB-20251222-001", external_id="2000000000000000001")
        make_order(session, tag="TB-20251222-002", stage_entered_at=NOW - timedelta(hours=3))
        session.commit()
    return cast


@pytest.fixture
def site(settings: Settings, open_desk: OpenDesk, cast: Cast) -> Flask:
    app = Flask(__name__)
    app.register_blueprint(web.blueprint(settings, open_desk))
    return app


@pytest.fixture
def address(site: Flask) -> Iterator[str]:
    """Where a real browser finds the site."""
    server = make_server("127.0.0.1", 0, site, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def browser(site: Flask) -> FlaskClient:
    return site.test_client()


def link_path(open_desk: OpenDesk, actor: Actor) -> str:
    """The signed link of `actor`, without the host."""
    with open_desk() as desk:
        return login.link(desk, actor).removeprefix("http://127.0.0.1:8780")


def enter(browser: FlaskClient, open_desk: OpenDesk, actor: Actor) -> None:
    answer = browser.get(link_path(open_desk, actor))
    assert (answer.status_code, answer.headers["Location"]) == (302, "/board")


def order_id(sessions: sessionmaker[Session]) -> int:
    with sessions() as session:
        return session.scalars(select(Order.id).where(Order.tag == "TB-20251222-001")).one()
