"""The vendor's own client for Node against the sandbox. It is no Python package and CI has no npm registry: it runs
where AIBOT_NODE_SDK names the folder in which `npm install @wecom/aibot-node-sdk` was done."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.chat_press import press_of
from tests.bot.conftest import Town

_SCRIPT = Path(__file__).with_name("aibot_client.js")
_FOLDER = os.environ.get("AIBOT_NODE_SDK", "")

pytestmark = [
    pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed here"),
    pytest.mark.skipif(
        not (Path(_FOLDER or "/nowhere") / "node_modules/@wecom/aibot-node-sdk").is_dir(),
        reason="AIBOT_NODE_SDK names no folder with node_modules/@wecom/aibot-node-sdk",
    ),
]


class Client:
    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def step(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        found: dict[str, Any] = json.loads(self._process.stdout.readline())
        return found


@pytest.fixture
def client(town: Town) -> Iterator[Client]:
    bot = town.state.company.bot
    words = ["node", str(_SCRIPT), town.url.replace("http", "ws") + "/aibot/ws", bot.bot_id, bot.secret]
    where = os.environ | {"NODE_PATH": str(Path(_FOLDER).resolve() / "node_modules")}
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=where) as process:
        assert process.stdin is not None
        yield Client(process)
        process.stdin.close()
        process.wait(10)


def test_the_vendors_client_hears_answers_pushes_and_changes_its_card(town: Town, client: Client) -> None:
    assert client.step() == {"step": "subscribed"}
    assert town.aibot.say("xiaoli", "bot:xiaoli", "看板").kind == "stream"
    assert client.step() == {"step": "answered", "words": "看板"}
    assert town.texts("bot:xiaoli")[-2:] == ["**办好了**", "另外：缺货 1 单"]
    assert town.aibot.say("xiaoli", "group", "@订单助手 卡片").kind == "template_card"
    assert client.step()["step"] == "answered"
    message = town.chat("group")[-1]
    assert town.aibot.press(press_of(town.aibot.store, "xiaoli", message.id, key="claim", selected={})).answered
    assert client.step() == {"step": "updated"}
    assert message.body["main_title"]["title"] == "小李已认领"
    assert town.complaints == []
