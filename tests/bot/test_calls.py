"""What stands before the web framework: it takes the platforms' calls, and nothing else."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any

import pytest
from flask import Flask, request
from sqlalchemy.exc import OperationalError
from werkzeug.test import Client, EnvironBuilder, TestResponse

from bot.calls import Call, Calls, Reply, TooLarge, body_of, excused
from bot.crypto import BadEnvelope, Untrusted
from bot.envelope import MOST_BYTES
from bot.payload import BadPayload


def client(taken: Any) -> Client:
    """A door that takes calls of /call with `taken`, before an application that tells what it was asked."""
    site = Flask("site")

    @site.route("/<path:path>", methods=["GET", "POST"])
    def told(path: str) -> str:
        return f"site: {request.method} {path}"

    return Client(Calls({"/call": taken}, site.wsgi_app))


def raising(error: Exception) -> Client:
    def take(_call: Call) -> Reply:
        raise error

    return client(take)


def test_a_call_is_a_query_and_a_body(capsys: pytest.CaptureFixture[str]) -> None:
    heard: list[Call] = []

    def take(call: Call) -> Reply:
        heard.append(call)
        return Reply("好".encode(), "text/xml; charset=utf-8")

    answer = client(take).post("/call", query_string={"nonce": "a b", "empty": "", "名": "签名"}, data=b"body")
    assert heard == [Call({"nonce": "a b", "empty": "", "名": "签名"}, b"body")]
    assert (answer.status_code, answer.text, answer.content_type) == (200, "好", "text/xml; charset=utf-8")
    assert answer.headers["Content-Length"] == "3"
    assert capsys.readouterr().out == ""


def test_all_else_goes_on_to_the_framework() -> None:
    door = raising(AssertionError())
    asked: list[tuple[TestResponse, str]] = [
        (door.get("/call"), "site: GET call"),
        (door.post("/call/more"), "site: POST call/more"),
        (door.post("/board"), "site: POST board"),
    ]
    assert [answer.text for answer, _ in asked] == [wanted for _, wanted in asked]


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (Untrusted("wrong signature"), 403, "callback_refused"),
        (BadEnvelope("no JSON"), 400, "callback_refused"),
        (TooLarge("body too large"), 413, "callback_refused"),
        (BadPayload("not ours"), 200, "press_ignored"),
        (OperationalError("select", {"name": "张三"}, Exception("张三")), 503, "callback_failed"),
    ],
)
def test_what_goes_wrong_gets_a_status_and_a_line(
    error: Exception, status: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = raising(error).post("/call", data=b"secret")
    assert (answer.status_code, answer.data) == (status, b"")
    line = capsys.readouterr().out
    assert said in line
    assert "/call" in line
    assert "secret" not in line
    assert "张三" not in line


def test_the_secret_in_an_address_stays_out_of_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    for error in (BadEnvelope("no JSON"), BadPayload("not ours"), OperationalError("select", {}, Exception())):
        excused(error, "/sms/t0ken", "127.0.0.1")
    line = capsys.readouterr().out
    assert "t0ken" not in line
    assert line.count("/sms/…") == 3


def test_what_nobody_expected_is_left_to_the_server() -> None:
    with pytest.raises(ZeroDivisionError):
        raising(ZeroDivisionError()).post("/call")


def environ(body: bytes, **more: Any) -> dict[str, Any]:
    return (
        EnvironBuilder("/call", method="POST", input_stream=io.BytesIO(body)).get_environ()
        | {"CONTENT_LENGTH": ""}
        | more
    )


def test_a_body_is_read_as_far_as_it_was_announced() -> None:
    endless, chunked = {"wsgi.input_terminated": False}, {"wsgi.input_terminated": True}
    assert body_of(environ(b"abcdef", CONTENT_LENGTH="4")) == b"abcd"
    assert body_of(environ(b"abc", CONTENT_LENGTH="9")) == b"abc", "the rest never came"
    assert body_of(environ(b"abc", **endless)) == b"", "nothing was announced: it would be read for ever"
    assert body_of(environ(b"abc", **chunked)) == b"abc"


class Untouched(io.BytesIO):
    def read(self, *_: Any) -> bytes:
        raise AssertionError("it was read")

    def __iter__(self) -> Iterable[bytes]:  # type: ignore[override]
        raise AssertionError("it was read")


def test_a_body_that_is_too_large_is_refused() -> None:
    chunked = {"wsgi.input_terminated": True}
    assert len(body_of(environ(b"x" * MOST_BYTES, **chunked))) == MOST_BYTES
    with pytest.raises(TooLarge):
        body_of(environ(b"x" * (MOST_BYTES + 1), **chunked))
    with pytest.raises(TooLarge):
        body_of(environ(b"", CONTENT_LENGTH=str(MOST_BYTES + 1), **{"wsgi.input": Untouched()}))
