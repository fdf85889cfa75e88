"""Files that the bot sends: in parts over the long connection, once each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from redis import Redis

from bot.channels.sending import Enclosed, Parcel, SendError
from bot.channels.wecom_bot.client import BotSender
from bot.channels.wecom_bot.connection import Link
from bot.channels.wecom_bot.media import Media
from config import Settings
from tests.bot.conftest import NO_RETRY, Town

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(100)


@pytest.fixture
def link(town: Town, town_conf: Settings) -> Iterator[Link]:
    assert town_conf.bot is not None
    found = Link.open(town_conf.bot, lambda *_: None)
    town.aibot._talked.update({"bot:xiaoli", "group"})
    yield found
    found.close()


@pytest.fixture
def sender(link: Link, redis: Redis) -> BotSender:
    return BotSender(lambda: link, redis, "http://127.0.0.1:8780", "AIB-DEMO")


def commands(town: Town) -> list[str]:
    return [str(frame["cmd"]).removeprefix("aibot_") for frame in town.aibot.link.frames]


def test_a_file_goes_in_parts_and_arrives_whole(town: Town, sender: BotSender) -> None:
    content = bytes(range(256)) * 5000  # two and a half parts
    sender.send(Parcel("xiaoli", Enclosed("对不上的行.xlsx", content), "k"))
    message = town.chat("bot:xiaoli")[-1]
    assert (message.kind, message.body["name"]) == ("file", "对不上的行.xlsx")
    assert town.aibot.store.files[message.body["media_id"]].content == content
    parts = [one for one in town.aibot.link.frames if one["cmd"] == "aibot_upload_media_chunk"]
    assert [one["body"]["chunk_index"] for one in parts] == [0, 1, 2]
    assert town.complaints == []


def test_the_same_file_is_uploaded_once(town: Town, sender: BotSender) -> None:
    for chat, is_group in (("xiaoli", False), ("wrDEMO01", True)):
        sender.send(Parcel(chat, Enclosed("a.csv", b"1,2,3\n4,5,6"), "k", is_group=is_group))
    assert commands(town).count("upload_media_init") == 1
    assert [town.chat(chat)[-1].kind for chat in ("bot:xiaoli", "group")] == ["file", "file"]


def test_a_picture_goes_as_one_where_it_is_small_enough(town: Town, sender: BotSender) -> None:
    sender.send(Parcel("xiaoli", Enclosed("a.png", PICTURE), "k"))
    sender.send(Parcel("xiaoli", Enclosed("b.png", PICTURE + bytes(2 << 20)), "k"))
    assert [message.kind for message in town.chat("bot:xiaoli")] == ["image", "file"]
    assert town.complaints == []


@pytest.mark.parametrize(("content", "words"), [(b"", "空"), (bytes((20 << 20) + 1), "20 MB")])
def test_what_the_platform_would_not_take_is_not_sent(
    town: Town, sender: BotSender, content: bytes, words: str
) -> None:
    with pytest.raises(SendError, match=words) as refused:
        sender.send(Parcel("xiaoli", Enclosed("a.csv", content), "k"))
    assert refused.value.permanent
    assert "upload_media_init" not in commands(town)


def test_thirty_uploads_a_minute(link: Link, redis: Redis) -> None:
    media = Media(redis, "AIB-DEMO")
    for number in range(30):
        media.kept(link, Enclosed("a.csv", f"row number {number}".encode()))
    with pytest.raises(SendError, match="频繁") as refused:
        media.kept(link, Enclosed("a.csv", b"one more"))
    assert refused.value.resolution.wait_seconds > 0


def test_without_redis_or_a_connection_it_waits(link: Link) -> None:
    away = Redis(port=9, socket_connect_timeout=0.2, retry=NO_RETRY)
    with pytest.raises(SendError) as refused:
        Media(away, "AIB-DEMO").kept(link, Enclosed("a.csv", b"1,2,3,4"))
    assert not refused.value.permanent
    with pytest.raises(SendError):
        BotSender(lambda: None, away, "http://127.0.0.1").send(Parcel("xiaoli", Enclosed("a.csv", b"1,2,3,4"), "k"))


def test_a_long_name_fits_the_platform(town: Town, sender: BotSender) -> None:
    sender.send(Parcel("xiaoli", Enclosed("对不上的行" * 30 + ".xlsx", b"1,2,3\n4,5,6"), "k"))
    assert town.chat("bot:xiaoli")[-1].body["name"].endswith("的行.xlsx")
    assert town.complaints == []


def test_what_the_platform_forgot_is_uploaded_anew_once(town: Town, sender: BotSender) -> None:
    file = Enclosed("a.csv", b"1,2,3\n4,5,6")
    sender.send(Parcel("xiaoli", file, "k1"))
    town.aibot.store.files.clear()
    sender.send(Parcel("xiaoli", file, "k2"))
    assert commands(town).count("upload_media_init") == 2
    (message,) = [one for one in town.chat("bot:xiaoli") if one.body["media_id"] in town.aibot.store.files]
    assert message.kind == "file"
