"""The second half of bar 5: processor time of one callback without its queries, against `wechatpy` alone."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any
from unittest import mock

from flask import Flask, Response, request
from redis import Redis
from sqlalchemy.orm import sessionmaker
from wechatpy.replies import create_reply
from wechatpy.work import parse_message
from wechatpy.work.crypto import WeChatCrypto
from werkzeug.test import EnvironBuilder

from app import create_app
from bench import envelopes
from bench.harness import Bench, Figure, pairs
from bench.replay import Canned, Player, Recorder
from config import Settings
from wire import Hub


def measure(bench: Bench, tag: str) -> list[Figure]:
    many = 100 if bench.quick else 300
    hub = bench.hub("filled")
    return [_measure(hub, name, make, tag, many) for name, make in
            (("bot", envelopes.to_bot), ("app", envelopes.to_app))]  # fmt: skip


def _new_nonce(*_: Any, **__: Any) -> None:
    """What Redis says to a nonce that it sees for the first time; a Mock would cost more than the question."""


def _measure(hub: Hub, name: str, make: envelopes.Maker, tag: str, many: int) -> Figure:
    ours, theirs = without_queries(hub, make(hub.settings, f"查 {tag}")), wechatpy_alone(hub.settings)

    def asked(maker: envelopes.Maker) -> list[envelopes.Envelope]:
        return envelopes.asking(maker, hub.settings, [tag], many)

    with mock.patch.object(Redis, "set", _new_nonce):
        found = pairs(
            lambda: _processor(ours, asked(make)) / many, lambda: _processor(theirs, asked(envelopes.to_app)) / many
        )
    what, other = f"CPU of a callback, {name}, no queries", f"wechatpy {_microseconds(found.theirs)}"
    return Figure(5, what, _microseconds(found.ours), other, found.slower, 1.5, at_least=False)


def _microseconds(seconds: Sequence[float]) -> str:
    return f"{statistics.median(seconds) * 1e6:.0f} µs"


def without_queries(hub: Hub, example: envelopes.Envelope) -> Flask:
    """The hub's application on what the database answered to `example`."""
    tape: list[Canned] = []
    info = {"vault": hub.sessions.kw["info"]["vault"], "taped": tape}
    recording = replace(hub, sessions=sessionmaker(hub.engine, class_=Recorder, info=info, expire_on_commit=False))
    _processor(create_app(recording), [example])
    player: Any = lambda: Player(tape, info)  # noqa: E731
    return create_app(replace(hub, sessions=player))


def wechatpy_alone(settings: Settings) -> Flask:
    """What a tutorial shows: verify, decrypt, parse, reply, encrypt."""
    assert settings.wecom is not None
    app = Flask("wechatpy_alone")
    crypto = WeChatCrypto(settings.wecom.token, settings.wecom.aes_key, settings.wecom.corpid)

    @app.post("/wecom/app")
    def take() -> Response:
        query = request.args
        text = crypto.decrypt_message(request.get_data(), query["msg_signature"], query["timestamp"], query["nonce"])
        message = parse_message(text)
        reply = create_reply(message.content, message).render()
        return Response(crypto.encrypt_message(reply, query["nonce"], query["timestamp"]), mimetype="text/xml")

    return app


def _processor(app: Flask, asked: Iterable[envelopes.Envelope]) -> float:
    """This process's processor seconds for all of `asked`: an answer is made on a thread of its own."""
    environments = [
        EnvironBuilder(path=one.path, query_string=one.query, method="POST", data=one.body).get_environ()
        for one in asked
    ]
    started = time.process_time()
    for environment in environments:
        status: list[str] = []
        body = b"".join(app.wsgi_app(environment, lambda said, *_: status.append(said)))  # noqa: B023
        assert status == ["200 OK"], (status, body)
    return time.process_time() - started
