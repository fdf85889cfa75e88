"""Files and pictures: uploaded once, known for three days, sent into a chat."""

from __future__ import annotations

import pytest
from redis import Redis

from bot.channels.sending import Enclosed, Parcel, Reaction, SendError
from bot.channels.wecom_app import media
from bot.channels.wecom_app.api import App
from bot.channels.wecom_app.client import AppSender
from bot.channels.wecom_app.media import Media
from config import Settings
from tests.bot.conftest import NO_RETRY, Town

SHEET = Enclosed("异常订单 12-22.csv", "编号,原因\nJD-001,缺区县\n".encode())
PICTURE = Enclosed("货架.png", b"\x89PNG\r\n\x1a\n" + b"x" * 100)


def test_a_file_arrives_under_its_chinese_name(town: Town, sender: AppSender) -> None:
    receipt = sender.send(Parcel("xiaoli", SHEET, "n1"))
    assert receipt.msgid
    (message,) = town.chat("app:xiaoli")
    assert (message.kind, message.body["name"]) == ("file", "异常订单 12-22.csv")
    assert town.wecom.store.files[message.body["media_id"]].content == SHEET.content


def test_a_picture_is_shown_and_what_only_looks_like_one_goes_as_a_file(town: Town, sender: AppSender) -> None:
    sender.send(Parcel("xiaoli", PICTURE, "n1"))
    sender.send(Parcel("xiaoli", Enclosed("货架.png", b"not a picture"), "n2"))
    assert [message.kind for message in town.chat("app:xiaoli")] == ["image", "file"]


def test_the_same_file_is_uploaded_once(town: Town, sender: AppSender, redis: Redis) -> None:
    for who in ("xiaoli", "laowang"):
        sender.send(Parcel(who, SHEET, f"n-{who}"))
    assert len(town.wecom.store.files) == 1
    (name,) = redis.keys("hub:media:*")
    assert 0 < redis.ttl(name) <= 3 * 24 * 3600 - 3600
    sender.send(Parcel("xiaoli", Enclosed("别的名字.csv", SHEET.content), "n3"))
    assert len(town.wecom.store.files) == 2, "the name is part of the message"


def test_what_the_platform_forgot_is_uploaded_anew_once(town: Town, sender: AppSender) -> None:
    sender.send(Parcel("xiaoli", SHEET, "n1"))
    town.wecom.store.files.clear()
    sender.send(Parcel("laowang", SHEET, "n2"))
    (message,) = town.chat("app:laowang")
    assert list(town.wecom.store.files) == [message.body["media_id"]]


def test_a_platform_that_forgets_at_once_is_not_asked_for_ever(town: Town, sender: AppSender) -> None:
    keep, tried = town.wecom.store.keep, []

    def lose(*arguments: str, **options: str) -> object:
        kept = keep(*arguments, **options)  # type: ignore[arg-type]
        tried.append(town.wecom.store.files.pop(kept.media_id))
        return kept

    town.wecom.store.keep = lose  # type: ignore[method-assign, assignment]
    with pytest.raises(SendError) as error:
        sender.send(Parcel("xiaoli", SHEET, "n1"))
    assert (error.value.code, error.value.permanent, len(tried)) == (40007, True, 2)


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (Enclosed("空.csv", b""), "空"),
        (Enclosed("大.csv", b"x" * ((20 << 20) + 1)), "20 MB"),
    ],
)
def test_what_the_platform_would_refuse_is_not_sent(town: Town, sender: AppSender, file: Enclosed, said: str) -> None:
    with pytest.raises(SendError, match=said) as error:
        sender.send(Parcel("xiaoli", file, "n1"))
    assert error.value.resolution.reaction is Reaction.GIVE_UP
    assert not town.wecom.store.files


def test_a_picture_too_big_for_one_is_a_file() -> None:
    assert media.kind_of(Enclosed("a.png", b"\x89PNG\r\n\x1a\n" + b"x" * (10 << 20))) == "file"


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ('引"号\\和\r\n换行.csv', "引'号_和 换行.csv"),
        ("/etc/文件.csv", "文件.csv"),
        (" ", "文件"),
        ("长" * 200 + ".csv", "长" * 65 + ".csv"),
        ("x" * 300 + ".xlsx", "x" * 195 + ".xlsx"),
    ],
)
def test_no_name_breaks_the_upload(town: Town, app: App, name: str, sent: str) -> None:
    kept = Media(app).kept(Enclosed(name, b"123456"))
    assert town.wecom.store.files[kept.media_id].name == sent


def test_a_dead_redis_asks_for_patience(town_conf: Settings) -> None:
    assert town_conf.wecom is not None
    away = App(town_conf.wecom, Redis(port=9, socket_connect_timeout=0.2, retry=NO_RETRY))
    with pytest.raises(SendError) as error:
        Media(away).kept(SHEET)
    assert not error.value.permanent


def test_the_same_file_sent_twice_arrives_twice_but_a_retry_once(town: Town, sender: AppSender) -> None:
    """The platform takes the same JSON for a double, and a file's JSON is nothing but its media id."""
    for key in ("n1", "n2", "n2", "n1"):
        assert sender.send(Parcel("xiaoli", SHEET, key)).msgid
    assert [message.kind for message in town.chat("app:xiaoli")] == ["file", "file"]
    sender.send(Parcel("laowang", SHEET, "n3"))
    assert len(town.chat("app:laowang")) == 1
    assert len(town.wecom.store.files) == 2, "no more uploads than there must be"
