"""DingTalk's own Stream client against the stand-in, unpatched, in a process of its own (dingtalk.md 7.5)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from tests.sandbox.ding_hub import KEY, Ding

Json = dict[str, Any]
ROOT = Path(__file__).parents[2]


@contextmanager
def official(d: Ding) -> Iterator[IO[str]]:
    """The client, connected; what it handled comes as lines."""
    surroundings = {**os.environ, "DINGTALK_OPENAPI_ENDPOINT": f"{d.bench.base}/dingtalk/api", "no_proxy": "127.0.0.1"}
    command = [sys.executable, "-m", "tests.sandbox.ding_client", KEY, d.settings.app_secret]
    client = subprocess.Popen(command, cwd=ROOT, env=surroundings, stdout=subprocess.PIPE, text=True)
    try:
        assert client.stdout is not None
        assert d.bench.chat.store.wait(d.part.gateway.online, 30), "the official client does not connect"
        yield client.stdout
    finally:
        client.kill()
        client.wait(10)


def test_it_connects_hears_a_message_and_answers_a_press(d: Ding) -> None:
    with official(d) as lines:
        assert d.bench.say("xiaoli", "dgroup", "@订单助手 看板")["kind"] == "ack"
        message = json.loads(lines.readline())
        assert message["kind"] == "message"
        assert (message["told"]["text"], message["told"]["who"]) == (" 看板", "dt-xiaoli")
        d.create(d.card())
        assert d.press("laowang", "claim")["kind"] == "card_update"
        pressed = json.loads(lines.readline())
        assert (pressed["told"]["track"], pressed["told"]["who"]) == ("t-1", "dt-laowang")
        assert pressed["told"]["content"]["cardPrivateData"]["params"]["key"] == "claim"
        assert (d.shown("laowang")["done_text"], d.shown("laowang")["note"]) == ("已认领", "只有你看到")
        assert (d.shown("xiaoli")["done_text"], d.shown("xiaoli")["note"]) == ("", "")


def test_it_comes_back_after_a_disconnect(d: Ding) -> None:
    with official(d) as lines:
        d.control(disconnect=True)
        assert d.bench.chat.store.wait(d.part.gateway.online, 30), "it does not come back"
        assert d.bench.say("xiaoli", "ding", "还在吗")["kind"] == "ack"
        assert json.loads(lines.readline())["told"]["text"] == "还在吗"
