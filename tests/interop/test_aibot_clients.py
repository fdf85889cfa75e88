"""Two public clients of 智能机器人's long connection, which know nothing of us, against the sandbox: what they take for
WeCom is what the hub's own client is tested with."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aibot  # type: ignore[import-untyped]
import aibot.ws  # type: ignore[import-untyped]
import pytest
import wecom_aibot_sdk  # type: ignore[import-untyped]

from sandbox.chat_press import press_of
from sandbox.chat_wire import Outcome
from tests.bot.conftest import Town
from tests.interop import tls

Make = Callable[[], Any]
CARD: dict[str, Any] = {
    "card_type": "button_interaction",
    "task_id": "t-1",
    "main_title": {"title": "地址模糊"},
    "button_list": [{"text": "认领", "style": 1, "key": "claim"}],
}


class Quiet:
    def debug(self, *_: object) -> None: ...
    def info(self, *_: object) -> None: ...
    def warn(self, *_: object) -> None: ...
    def error(self, *_: object) -> None: ...


@pytest.fixture(params=["wecom_aibot_sdk", "aibot"])
def make(request: pytest.FixtureRequest, town: Town, tmp_path: Path) -> Iterator[Make]:
    """A new client that is not connected."""
    bot = town.state.company.bot
    if request.param == "wecom_aibot_sdk":
        address = town.url.replace("http", "ws") + "/aibot/ws"
        yield lambda: wecom_aibot_sdk.WSClient(bot.bot_id, bot.secret, ws_url=address, logger=Quiet())
        return
    keys, trusted = tls.certificate(tmp_path)
    aibot.ws._SSL_CONTEXT.load_verify_locations(cadata=trusted)  # this client always asks for TLS
    with tls.in_front_of(urlsplit(town.url).port or 0, keys) as port:
        address = f"wss://127.0.0.1:{port}/aibot/ws"
        yield lambda: aibot.WSClient(
            aibot.WSClientOptions(bot_id=bot.bot_id, secret=bot.secret, ws_url=address, logger=Quiet())
        )


@asynccontextmanager
async def connected(make: Make, **handlers: Any) -> Any:
    """A client that has subscribed. `handlers`: event (a dot is written as two underscores) → what is done with its
    frame, given the client."""
    client, subscribed = make(), asyncio.Event()
    client.on("authenticated", subscribed.set)
    for event, handler in handlers.items():
        client.on(event.replace("__", "."), _bound(handler, client))
    await client.connect()
    await asyncio.wait_for(subscribed.wait(), 5)
    try:
        yield client
    finally:
        ended = client.disconnect()
        if inspect.isawaitable(ended):
            await ended
        await asyncio.sleep(0.1)  # one of them closes behind our back


def _bound(handler: Callable[[Any, Any], Awaitable[Any]], client: Any) -> Callable[..., Awaitable[Any]]:
    async def handle(*frames: Any) -> None:
        await handler(client, frames[0] if frames else None)

    return handle


def run(story: Awaitable[None]) -> None:
    async def whole() -> None:
        await asyncio.wait_for(story, 30)

    asyncio.run(whole())


async def say(town: Town, who: str, chat: str, words: str) -> Outcome:
    return await asyncio.to_thread(town.aibot.say, who, chat, words)


def test_it_hears_a_message_and_answers_it_in_a_stream(town: Town, make: Make) -> None:
    heard: list[Any] = []

    async def answer(client: Any, frame: Any) -> None:
        heard.append(frame["body"])
        await client.reply_stream(frame, "s-1", "处理中", False)
        await client.reply_stream(frame, "s-1", "**办好了**", True)

    async def story() -> None:
        async with connected(make, message__text=answer):
            assert (await say(town, "chenjie", "group", "@订单助手 看板")).kind == "stream"
            await until(lambda: town.texts("group")[-1] == "**办好了**")

    run(story())
    (body,) = heard
    assert (body["text"]["content"], body["from"]["userid"], body["chattype"]) == ("@订单助手 看板", "chenjie", "group")
    assert town.complaints == []


def test_its_card_is_pressed_and_changes(town: Town, make: Make) -> None:
    async def with_a_card(client: Any, frame: Any) -> None:
        await client.reply_template_card(frame, CARD)

    async def update(client: Any, frame: Any) -> None:
        pressed = frame["body"]["event"]["template_card_event"]
        assert (pressed["event_key"], pressed["task_id"]) == ("claim", "t-1")
        await client.update_template_card(frame, CARD | {"main_title": {"title": "小李已认领"}})

    async def story() -> None:
        async with connected(make, message__text=with_a_card, event__template_card_event=update):
            assert (await say(town, "xiaoli", "group", "@订单助手 A7F2")).kind == "template_card"
            message = town.chat("group")[-1]
            press = press_of(town.aibot.store, "xiaoli", message.id, key="claim", selected={})
            assert (await asyncio.to_thread(town.aibot.press, press)).kind == "update_template_card"
            assert message.body["main_title"]["title"] == "小李已认领"

    run(story())
    assert town.complaints == []


def test_it_greets_and_pushes_where_somebody_has_spoken(town: Town, make: Make) -> None:
    async def greet(client: Any, frame: Any) -> None:
        await client.reply_welcome(frame, {"msgtype": "text", "text": {"content": "您好"}})

    async def nod(client: Any, frame: Any) -> None:
        await client.reply_stream(frame, "s", "好", True)

    async def story() -> None:
        async with connected(make, event__enter_chat=greet, message__text=nod) as client:
            assert (await asyncio.to_thread(town.aibot.enter, "laowang")).kind == "text"
            pushed = {"msgtype": "markdown", "markdown": {"content": "缺货 1 单"}}
            with pytest.raises(Exception, match="86003"):
                await client.send_message("xiaoli", pushed)
            await say(town, "xiaoli", "bot:xiaoli", "在吗")
            assert (await client.send_message("xiaoli", pushed))["errcode"] == 0

    run(story())
    assert town.texts("bot:xiaoli")[-1] == "缺货 1 单"
    assert town.complaints == []


def test_an_answer_to_nothing_is_refused_by_its_code(town: Town, make: Make) -> None:
    async def story() -> None:
        async with connected(make) as client:
            with pytest.raises(Exception, match="846605"):
                await client.reply_stream({"headers": {"req_id": "nobody"}}, "s", "好", True)

    run(story())


def test_it_sends_a_file_in_parts(town: Town) -> None:
    """The one of the two that uploads."""
    bot, content = town.state.company.bot, bytes(range(256)) * 5000  # three parts
    address = town.url.replace("http", "ws") + "/aibot/ws"

    async def story() -> None:
        make = lambda: wecom_aibot_sdk.WSClient(bot.bot_id, bot.secret, ws_url=address, logger=Quiet())  # noqa: E731
        async with connected(make) as client:
            town.aibot._talked.add("bot:xiaoli")
            kept = await client.upload_media(content, type="file", filename="对不上的行.xlsx")
            await client.send_media_message("xiaoli", "file", kept["media_id"])

    run(story())
    assert town.chat("bot:xiaoli")[-1].kind == "file"
    assert town.complaints == []


def test_the_one_that_is_taken_over_hears_it_and_stays_away(town: Town) -> None:
    bot = town.state.company.bot
    address = town.url.replace("http", "ws") + "/aibot/ws"

    def make() -> Any:
        return wecom_aibot_sdk.WSClient(bot.bot_id, bot.secret, ws_url=address, reconnect_interval=50, logger=Quiet())

    async def story() -> None:
        gone = asyncio.Event()

        async def note(_client: Any, _reason: Any) -> None:
            gone.set()

        async with connected(make, disconnected=note) as first, connected(make) as second:
            await asyncio.wait_for(gone.wait(), 5)
            await asyncio.sleep(0.3)  # so long it would have come back six times
            assert not first.is_connected
            assert second.is_connected

    run(story())


async def until(claim: Callable[[], bool]) -> None:
    for _ in range(250):
        if claim():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it did not happen")
