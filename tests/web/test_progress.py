"""The customer's page says what to do where it does not open, and knows nothing of the board."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

import web
import web.progress
from config import Settings
from handlers.desk import OpenDesk
from tests.web.test_errors import broken

SCENE = "o.1.0123456789abcdef"


class Nobody:
    """An account that tells nothing."""

    script = "https://res.example/jweixin.js"

    def address(self, back: str, state: str) -> str:
        return back + state

    def openid(self, code: str) -> str:
        return code[:0]

    def signed(self, url: str) -> dict[str, Any] | None:
        return {} if not url else None


def site(settings: Settings, open_desk: Any) -> Flask:
    app = Flask(__name__)
    app.register_blueprint(web.blueprint(settings, open_desk))
    app.register_blueprint(web.progress.blueprint(settings, open_desk, Nobody()))
    return app


@pytest.mark.parametrize(
    "path",
    ["/o/o.1.0123", f"/o/{SCENE}", "/o", "/o/", f"/o/{SCENE}/x", f"/o/{SCENE}%20", "/o/%E4%BD%A0",
     f"/o/{SCENE}/allowed"],
)  # fmt: skip
def test_a_link_that_is_not_whole_says_what_to_do(settings: Settings, open_desk: OpenDesk, path: str) -> None:
    answer = site(settings, open_desk).test_client().get(path)

    assert answer.status_code in (404, 405)
    assert '<html lang="zh-CN">' in answer.text
    assert "没有复制全" in answer.text
    assert "联系店铺客服" in answer.text
    assert "看板" not in answer.text.split("<body>")[1], "there is no board for customers"
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("path", "sent", "status"),
    [
        (f"/o/{SCENE}/allowed", {"headers": {"Origin": "https://evil.example"}}, 403),
        (f"/o/{SCENE}/allowed", {"data": b"x" * 9000}, 413),
        ("/o/o.1/allowed", {"data": b"{}"}, 404),
    ],
)
def test_what_the_page_sends_is_answered_so_that_it_can_show_it(
    settings: Settings, open_desk: OpenDesk, path: str, sent: Any, status: int
) -> None:
    answer = site(settings, open_desk).test_client().post(path, **sent)
    assert answer.status_code == status
    told = answer.get_json()
    assert told["ok"] is False
    assert "再点一次" in told["said"]


def test_our_own_mistake_is_an_apology_without_a_word_of_the_board(settings: Settings) -> None:
    answer = site(settings, broken).test_client().get(f"/o/{SCENE}")
    assert answer.status_code == 500
    assert "请过一分钟再打开" in answer.text
    assert "看板" not in answer.text.split("<body>")[1]
    assert "secret words" not in answer.text
