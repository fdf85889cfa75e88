from __future__ import annotations

import base64
from collections.abc import Iterator

import pytest
import requests

from sandbox.aibot import aibot_of
from sandbox.chat_phones import Phones
from sandbox.chat_press import NotPossible
from sandbox.phones import phones_of
from tests.sandbox.chat_hub import Bench, BotClient, bench


@pytest.fixture(scope="module")
def opened() -> Iterator[Bench]:
    with bench() as found:
        yield found


@pytest.fixture
def phones(opened: Bench) -> Iterator[Phones]:
    opened.new_day()
    yield phones_of(opened.state)
    aibot_of(opened.state).link.close()


@pytest.fixture
def bot(opened: Bench, phones: Phones) -> BotClient:
    client = BotClient(opened)
    client.subscribe(opened)
    return client


def sent(bot: BotClient) -> dict[str, str]:
    body = next(one["body"] for one in bot.callbacks if one["body"]["msgtype"] == "file")
    assert "filename" not in body["file"], "the platform tells no name there"
    return dict(body["file"])


def test_a_file_reaches_the_bot_as_an_address_for_five_minutes(opened: Bench, phones: Phones, bot: BotClient) -> None:
    phones.chat.switches.set({"deadline_seconds": 0.3})
    phones.send_file("xiaoli", "bot", "订单.xlsx", b"rows")
    file = sent(bot)
    assert len(base64.b64decode(file["aeskey"])) == 32
    answer = requests.get(file["url"], timeout=5)
    assert len(answer.content) == 32, "padded to 32 bytes and encrypted"
    assert "%E8%AE%A2%E5%8D%95.xlsx" in answer.headers["Content-Disposition"]
    opened.state.clock.move(301)
    assert requests.get(file["url"], timeout=5).status_code == 403


def test_in_a_group_it_stays_among_people_and_the_app_takes_none(phones: Phones, bot: BotClient) -> None:
    assert phones.send_file("xiaoli", "group", "订单.xlsx", b"rows").kind == "not_mentioned"
    with pytest.raises(NotPossible, match="应用收不到文件"):
        phones.send_file("xiaoli", "app", "订单.xlsx", b"rows")


def test_a_thumb_sends_it_over_the_page(opened: Bench, phones: Phones, bot: BotClient) -> None:
    phones.chat.switches.set({"deadline_seconds": 0.3})
    form = {"who": "xiaoli", "chat": "bot"}
    answer = requests.post(
        f"{opened.base}/phones/api/file", data=form, files={"file": ("订单.xlsx", b"rows")}, timeout=5
    )  # fmt: skip
    assert answer.status_code == 200
    assert sent(bot)
    (shown,) = [message for message in phones.store.in_chat("bot:xiaoli") if message.kind == "file"]
    assert shown.body["name"] == "订单.xlsx"
    assert requests.post(f"{opened.base}/phones/api/file", data=form, timeout=5).status_code == 409
