from __future__ import annotations

from contextlib import AbstractContextManager
from typing import NoReturn

import pytest
from flask import Blueprint, Flask, abort
from flask.testing import FlaskClient
from structlog.testing import capture_logs

import web
from config import Settings
from handlers.desk import Desk, OpenDesk
from tests.cast import Cast
from tests.web.conftest import enter


def test_a_link_that_is_too_old_says_how_to_get_a_new_one(browser: FlaskClient) -> None:
    answer = browser.get("/enter?t=old")
    assert answer.status_code == 401
    assert "链接已过期" in answer.text
    assert "请在聊天里重新发「看板」" in answer.text


@pytest.mark.parametrize(
    ("method", "path", "status", "words"),
    [
        ("GET", "/nowhere", 404, "没有这个页面"),
        ("GET", "/orders/abc", 404, "没有这个页面"),
        ("GET", "/orders/999999", 404, "没有找到这个订单"),
        ("POST", "/board", 405, "没有这个页面"),
        ("POST", "/orders/1", 400, "没有收全"),
    ],
)
def test_what_goes_wrong_is_said_in_chinese_on_a_page_of_the_board(
    browser: FlaskClient, open_desk: OpenDesk, cast: Cast, method: str, path: str, status: int, words: str
) -> None:
    enter(browser, open_desk, cast.xiaoli)
    answer = browser.open(path, method=method)
    assert answer.status_code == status
    assert words in answer.text
    assert '<html lang="zh-CN">' in answer.text
    assert 'href="/board"' in answer.text, "there is a way back"
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_press_from_elsewhere_says_what_to_do(browser: FlaskClient, open_desk: OpenDesk, cast: Cast) -> None:
    enter(browser, open_desk, cast.xiaoli)
    answer = browser.post("/orders/1", headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403
    assert "请在聊天里重新发「看板」" in answer.text


def broken() -> AbstractContextManager[Desk]:
    raise RuntimeError("secret words")


def test_our_own_mistake_is_one_apology_with_a_number_that_the_log_knows(settings: Settings) -> None:
    app = Flask(__name__)
    app.register_blueprint(web.blueprint(settings, broken))
    with capture_logs() as logs:
        answer = app.test_client().get("/board", headers={"Cookie": "hub_pass=x"})
    assert answer.status_code == 500
    assert "页面出错了" in answer.text
    assert "secret words" not in answer.text
    line = next(line for line in logs if line["event"] == "page_failed")
    assert line["id"] in answer.text
    assert (line["path"], line["error"]) == ("/board", "RuntimeError")


def test_the_platforms_callbacks_keep_their_bare_answers(site: Flask) -> None:
    others = Blueprint("callbacks", __name__)

    @others.get("/wecom/app")
    def refuse() -> NoReturn:
        abort(403)

    site.register_blueprint(others)
    answer = site.test_client().get("/wecom/app")
    assert answer.status_code == 403
    assert "看板" not in answer.text
