"""A file that is owed to one person: sealed until it is sent, by the ways that take files, else said in words."""

from __future__ import annotations

import base64
import csv
import io
import json
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session, sessionmaker

import jobs
from bot.card import Text
from bot.channels import CHANNELS
from bot.channels.sending import Enclosed, Parcel, Reaction, Resolution, SendError, Whose, uploading
from bot.channels.wecom_bot.connection import Link
from bot.channels.wecom_bot.reply import ReplySender
from bot.deliver import deliver
from bot.ladder import LADDER, To, for_file, ways
from bot.settle import PONDER
from config import Settings, parse
from handlers import owe as owing
from handlers.desk import Actor, OpenDesk
from handlers.letters import lost, trace
from handlers.owe import Enclosure, Owed, owe
from models import Notification, Received, Role, Staff, TrailRow, Urgency
from models.received import State
from sandbox.chat_store import Message
from tests import ding_town
from tests.bot.conftest import Town, town_settings
from tests.bot.samples import NOW
from tests.bot.scene import GONE, LOST, Desks, Fake, Scene, answer_lost
from tests.conftest import settings_document
from tests.flows.conftest import ground
from tests.flows.house import Ground, House, open_house
from tests.ingest.sheet.books import LI, MANUAL, WANG, xlsx
from tests.waiting import eventually

__all__ = ["ground"]

CONTENT = "\ufeff收件人,电话\r\n王小明,13800001234\r\n".encode()
INSTEAD = "文件没能发给您，请打开看板的「导入」页下载"
SHEET = Enclosure("有问题的行.csv", CONTENT, INSTEAD)
NO_FILES = Resolution(Reaction.GIVE_UP, Whose.HUB, "不收这种文件")


@pytest.fixture
def scene(desks: Desks, settings: Settings, redis: Redis, people: dict[str, int]) -> Scene:
    return Scene(desks, settings, redis, people)


def owe_file(open_desk: OpenDesk, staff_id: int, enclosed: Enclosure = SHEET) -> None:
    with open_desk() as desk:
        owe(desk, [owing.file(desk.vault, "received:1", staff_id, subject="received:1", enclosed=enclosed)])


def owed_to_xiaoli(scene: Scene) -> None:
    owe_file(scene.open_desk, scene.people["xiaoli"])


# -- kept


def test_it_lies_sealed_in_its_row_and_no_longer_than_until_it_is_sent(scene: Scene) -> None:
    owed_to_xiaoli(scene)
    before = scene.row()
    assert (before.purpose, before.channel, before.urgency) == ("file", "staff", Urgency.ANSWER)
    assert "13800001234" not in str(before.body)
    assert base64.b64encode(CONTENT).decode()[:20] not in str(before.body)
    scene.run()
    assert (scene.row().state, scene.row().carried_by) == ("sent", "wecom_app")
    assert "sealed" not in scene.row().body
    (parcel,) = scene.app.parcels
    assert (parcel.drawing, parcel.recipient, parcel.is_group) == (Enclosed(SHEET.name, CONTENT), "xiaoli", False)


def test_one_that_is_too_large_is_not_owed(scene: Scene) -> None:
    with pytest.raises(ValueError, match="524289"):
        owe_file(scene.open_desk, 1, Enclosure("a.csv", b"x" * (owing.MOST_BYTES + 1), INSTEAD))
    assert scene.rows() == []


def test_the_largest_arrives_whole(scene: Scene) -> None:
    content = bytes(range(256)) * 2048
    assert len(content) == owing.MOST_BYTES
    owe_file(scene.open_desk, scene.people["xiaoli"], Enclosure("a.csv", content, INSTEAD))
    scene.run()
    assert scene.app.parcels[0].drawing == Enclosed("a.csv", content)


def test_what_is_sent_again_after_its_file_is_gone_is_dropped_with_the_reason(scene: Scene) -> None:
    owed_to_xiaoli(scene)
    scene.run()
    with scene.open_desk() as desk:
        desk.session.execute(update(Notification).values(state="owed", carried_by="", next_try_at=scene.now))
    scene.run()
    assert (scene.row().state, scene.row().problem) == ("dropped", "文件已不再保留")
    assert len(scene.app.parcels) == 1


def test_one_whose_key_is_gone_is_said_in_words(scene: Scene) -> None:
    owed_to_xiaoli(scene)
    with scene.open_desk() as desk:
        broken = base64.b64encode(b"\x63" + bytes(40)).decode()
        desk.session.execute(update(Notification).values(body={**scene.row().body, "sealed": broken}))
    scene.run()
    assert scene.app.parcels[0].drawing == Text(INSTEAD)


def test_what_did_not_arrive_is_named_without_its_content_and_can_be_sent_again(scene: Scene) -> None:
    owed_to_xiaoli(scene)
    refused = SendError(GONE)
    scene.app.fails, scene.bot.fails = [refused] * 2, [refused]
    del scene.ways.senders["wecom_bot"]
    scene.run()
    assert scene.row().state == "failed"
    with scene.open_desk() as desk:
        assert "私密内容" in lost.lost(desk)
        xiaoli = Actor("小李", frozenset({Role.SERVICE}), scene.people["xiaoli"])
        lost.again(desk, xiaoli, lost.Asked(scene.row().id))
    scene.run(after=timedelta(hours=1))
    assert (scene.row().state, scene.app.parcels[-1].drawing) == ("sent", Enclosed(SHEET.name, CONTENT))
    with scene.open_desk() as desk:
        assert "企业微信应用发出" in trace.why(desk, xiaoli, "")


# -- by which ways


def test_only_ways_whose_channel_takes_files_carry_it_and_words_come_after_all_of_them(scene: Scene) -> None:
    scene.ways.senders |= {"dingtalk": scene.ding, "dingtalk_notice": Fake()}
    with scene.open_desk() as desk:
        desk.session.execute(update(Staff).values(dingtalk_userid="dt-xiaoli").where(Staff.name == "小李"))
        row = Notification(channel="staff", recipient=str(scene.people["xiaoli"]), purpose="file", subject="x")
        found = for_file(scene.ways.find(desk, row, is_card=False))
    files = ["wecom_app", "wecom_bot", "dingtalk"]
    assert [way.rung.name for way in found] == [*files, *(f"{one}+text" for one in (*files, "dingtalk_notice"))]


def test_no_way_into_a_group_carries_a_file(scene: Scene) -> None:
    scene.ways.senders |= {"wecom_appchat": Fake(), "dingtalk": Fake()}
    assert CHANNELS["wecom_appchat"].files
    with scene.open_desk() as desk:
        for channel in LADDER:
            row = Notification(channel=channel, recipient="1", purpose="file", subject="case:1")
            found = for_file(scene.ways.find(desk, row, is_card=False))
            assert all(way.rung.as_text or way.rung.to is To.PERSON for way in found), channel


def test_a_row_that_names_a_group_says_words_there_and_shows_no_file(scene: Scene) -> None:
    with scene.open_desk() as desk:
        made = owing.file(desk.vault, "k", 1, subject="x", enclosed=SHEET)
        owe(desk, [Owed("k", "group", "file", "x", "", made.body)])
    scene.run()
    assert [parcel.drawing for parcel in scene.bot.parcels] == [Text(INSTEAD)]


def test_a_way_that_refuses_the_file_leads_to_the_next_that_takes_files(scene: Scene) -> None:
    owed_to_xiaoli(scene)
    scene.app.fails = [SendError(NO_FILES, 40004)]
    scene.run()
    assert isinstance(scene.bot.parcels[0].drawing, Enclosed)
    assert scene.row().carried_by == "wecom_bot"


def test_where_every_way_refuses_it_words_say_where_to_get_it(scene: Scene) -> None:
    owed_to_xiaoli(scene)
    scene.app.fails = [SendError(NO_FILES, 40004)]
    scene.bot.fails = [SendError(NO_FILES, 40004)]
    scene.run()
    assert [type(parcel.drawing) for parcel in scene.app.parcels] == [Enclosed, Text]
    assert scene.app.parcels[-1].drawing == Text(INSTEAD)
    assert (scene.row().state, scene.row().carried_by) == ("sent", "wecom_app+text")
    assert "sealed" not in scene.row().body


def test_where_no_way_takes_files_words_are_said_at_once(scene: Scene) -> None:
    notice = Fake()
    scene.ways.senders = {"dingtalk_notice": notice}
    with scene.open_desk() as desk:
        desk.session.execute(update(Staff).values(dingtalk_userid="dt-xiaoli").where(Staff.name == "小李"))
    owed_to_xiaoli(scene)
    scene.run()
    assert [parcel.drawing for parcel in notice.parcels] == [Text(INSTEAD)]


def test_whoever_left_gets_neither_file_nor_words(scene: Scene) -> None:
    owed_to_xiaoli(scene)
    with scene.open_desk() as desk:
        desk.session.execute(update(Staff).values(active=False).where(Staff.name == "小李"))
    scene.run()
    assert scene.row().state == "failed"
    assert not [parcel for parcel in (*scene.app.parcels, *scene.bot.parcels) if parcel.recipient == "xiaoli"]


def test_a_platform_that_is_down_is_waited_for_with_the_file(scene: Scene) -> None:
    owed_to_xiaoli(scene)
    scene.app.fails = [SendError(LOST)]
    assert scene.run().waiting == 1
    assert "sealed" in scene.row().body
    assert scene.run(after=timedelta(minutes=1)).sent == 1
    assert [type(parcel.drawing) for parcel in scene.app.parcels] == [Enclosed, Enclosed]
    assert not scene.bot.parcels


def test_after_a_lost_answer_the_same_file_goes_the_same_way_and_no_other(scene: Scene) -> None:
    owed_to_xiaoli(scene)
    scene.app.fails = [answer_lost()]
    scene.run()
    assert scene.run(after=PONDER).sent == 1
    assert [(parcel.drawing, parcel.again) for parcel in scene.app.parcels] == [
        (Enclosed(SHEET.name, CONTENT), False), (Enclosed(SHEET.name, CONTENT), True),
    ]  # fmt: skip
    assert not scene.bot.parcels


def test_after_a_lost_answer_to_the_words_no_file_follows_another_way(scene: Scene) -> None:
    owed_to_xiaoli(scene)
    refusal = SendError(NO_FILES, 40004)
    scene.app.fails, scene.bot.fails = [refusal, answer_lost()], [refusal]
    scene.run()
    assert scene.row().carried_by == "wecom_app+text"
    scene.run(after=PONDER)
    assert scene.row().state == "sent"
    assert [type(one.drawing) for one in scene.app.parcels] == [Enclosed, Text, Text]
    assert len(scene.bot.parcels) == 1


def test_other_texts_do_not_travel_in_it(scene: Scene) -> None:
    owed_to_xiaoli(scene)
    scene.owe(key="text", body={"text": "别的"})
    scene.run()
    assert [one.drawing for one in scene.app.parcels] == [Enclosed(SHEET.name, CONTENT), Text("别的")]


@pytest.mark.parametrize("unknown", [True, False])
def test_an_upload_without_an_answer_has_sent_nothing_yet(unknown: bool) -> None:
    with pytest.raises(SendError) as error, uploading():
        raise SendError(LOST, unknown=unknown)
    assert (error.value.unknown, error.value.silence) == (False, True)


# -- on real sockets


def deliver_by(settings: Settings, desks: Desks, redis: Redis, **how: Any) -> None:
    deliver(desks(settings, lambda: NOW), ways(settings, redis, **{"home": "worker", **how}), lambda: NOW)


def test_the_app_of_wecom_gets_it(
    town: Town, town_conf: Settings, desks: Desks, redis: Redis, people: dict[str, int]
) -> None:
    owe_file(desks(town_conf), people["xiaoli"])
    deliver_by(town_conf, desks, redis)
    (message,) = town.chat("app:xiaoli")
    assert (message.kind, town.wecom.store.files[message.body["media_id"]].content) == ("file", CONTENT)
    assert not town.chat("group")
    assert town.complaints == []


def test_the_bot_of_wecom_gets_it_by_its_long_connection(
    town: Town, desks: Desks, redis: Redis, people: dict[str, int]
) -> None:
    document = settings_document()
    known = town_settings(town.url, town.state.company)
    assert known.bot is not None
    bot = {**document["bot"], "gateway": known.bot.gateway, "secret": town.state.company.bot.secret}  # type: ignore[dict-item]
    settings = parse({**document, "wecom": None, "bot": bot})
    owe_file(desks(settings), people["xiaoli"])
    town.aibot._talked.update({"bot:xiaoli"})
    link = Link.open(known.bot, lambda *_: None)
    try:
        deliver_by(settings, desks, redis, home="stream", link=lambda: link)
    finally:
        link.close()
    (message,) = town.chat("bot:xiaoli")
    assert (message.kind, town.aibot.store.files[message.body["media_id"]].content) == ("file", CONTENT)
    assert town.complaints == []


def test_a_bot_by_url_refuses_a_file_in_words_and_crashes_not(town: Town, redis: Redis, people: dict[str, int]) -> None:
    sender = ReplySender(town_settings(town.url, town.state.company, mode="callback"), redis)
    with pytest.raises(SendError, match="不能发送文件") as error:
        sender.send(Parcel("xiaoli", Enclosed("a.csv", CONTENT), "k"))
    assert error.value.permanent


def test_dingtalk_takes_no_csv_so_it_goes_in_a_zip(desks: Desks, redis: Redis, sessions: sessionmaker[Session]) -> None:
    with ding_town.open_ding_town() as town:
        staff = ding_town.hire(sessions)
        settings = ding_town.ding_settings(town.url)
        owe_file(desks(settings), staff["xiaoli"])
        deliver_by(settings, desks, redis)
        (message,) = town.chat("ding:xiaoli")
        assert (message.kind, message.body["name"]) == ("file", "有问题的行.zip")
        assert unpacked(town.phones.store.files[message.body["media_id"]].content) == ("有问题的行.csv", CONTENT)
        assert not town.chat("dgroup")
        assert town.complaints == []


def unpacked(content: bytes) -> tuple[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        (name,) = packed.namelist()
        return name, packed.read(name)


# -- the bad rows of an import, from the phone to the phone

INBOX = [{"slug": "xls", "platform": "sheet", "prefix": "XLS", "name": "青禾线下表格"}]
HEADINGS = ("单号", *MANUAL)
LONG = "202512220000000001"  # a spreadsheet would keep fifteen of its digits
BAD = tuple((f"{int(LONG) + row}", "赵国庆", f"138000012{row}", *WANG[2:6], "+1+1") for row in range(4))


@pytest.fixture(params=["wecom", "dingtalk"])
def house(ground: Ground, request: pytest.FixtureRequest) -> Iterator[House]:
    with open_house(ground, chat=str(request.param), shops=INBOX) as opened:
        yield opened


def send(house: House, content: bytes, name: str = "周五补单.xlsx") -> None:
    """小李 hands it in, and the queue does what it would."""
    outcome = house.phones.send_file("xiaoli", house.edge.place("bot"), name, content)
    assert outcome.answered, outcome.why
    eventually(lambda: is_noted(house), "nothing was noted")
    with house.hub.sessions() as session:
        waiting = session.scalars(select(Received.id).where(Received.state.in_((State.FETCHING, State.UNREAD)))).all()
    for file_id in waiting:
        jobs.read_received(file_id)
    house.move(seconds=1)
    jobs.pull_shop("xls")
    house.work()


def is_noted(house: House) -> bool:
    with house.hub.sessions() as session:
        return bool(session.scalars(select(Received.id).where(Received.state == State.FETCHING)).all())


def sent_back(house: House) -> list[Message]:
    """Files that the hub sent, wherever."""
    names = ("group", "app:xiaoli", "bot:xiaoli")
    own = [one for name in names for one in house.said(name) if one.kind == "file" and "有问题的" in one.body["name"]]
    return list({one.id: one for one in own}.values())


def table_in(house: House, message: Message) -> tuple[bytes, list[list[str]]]:
    content = house.phones.store.files[message.body["media_id"]].content
    if message.body["name"].endswith(".zip"):
        _, content = unpacked(content)
    assert content.startswith(b"\xef\xbb\xbf"), "a spreadsheet knows UTF-8 by its mark"
    return content, list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def words_of(house: House) -> str:
    with house.hub.sessions() as session:
        rows = session.scalars(select(Notification).where(Notification.purpose == "text").order_by(Notification.id))
        return "\n".join(str(row.body.get("text", "")) for row in rows)


def test_more_than_three_bad_rows_come_back_as_a_table_with_their_reasons(house: House) -> None:
    send(house, xlsx(HEADINGS, ("202512220000000100", *WANG), *BAD))
    (message,) = sent_back(house)
    assert message.body["name"].startswith("周五补单-有问题的4行.")
    _, rows = table_in(house, message)
    assert rows[0] == [*HEADINGS, "原因"]
    assert len(rows) == 5
    assert rows[1][0] == f'="{LONG}"'
    assert rows[1][1:3] == ["赵国庆", "1380000120"]
    assert rows[1][-2:] == ["'+1+1", "电话不是 11 位（现在 10 位），请核对"]
    assert "有问题的行和原因另发一个表格给您" in words_of(house)
    with house.hub.sessions() as session:
        (row,) = session.scalars(select(Notification).where(Notification.purpose == "file"))
        assert (row.state, "sealed" in row.body) == ("sent", False)
        (told,) = session.scalars(select(TrailRow).where(TrailRow.action == "发回有问题的行"))
        assert json.loads(told.detail) == {"行数": 4, "发给": "小李"}
    assert house.complaints() == []


def test_the_table_mended_and_sent_back_becomes_orders(house: House) -> None:
    send(house, xlsx(HEADINGS, *BAD))
    content, _ = table_in(house, sent_back(house)[0])
    mended = content.replace(b"138000012", b"1380000120")
    send(house, mended, "改好.csv")
    assert "新建 4 单" in words_of(house)
    with house.hub.sessions() as session:
        numbers = session.execute(text("SELECT external_id FROM orders ORDER BY 1")).scalars().all()
    assert numbers == [row[0] for row in BAD]


def test_what_is_still_wrong_comes_back_with_one_reason_each(house: House) -> None:
    send(house, xlsx(HEADINGS, *BAD))
    content, _ = table_in(house, sent_back(house)[0])
    send(house, content.replace(b"138000012", b"13800001"), "还是不对.csv")
    _, rows = table_in(house, sent_back(house)[-1])
    assert rows[0] == [*HEADINGS, "原因"]
    assert {row[-1] for row in rows[1:]} == {"电话不是 11 位（现在 9 位），请核对"}


def test_three_bad_rows_are_told_in_words_alone(house: House) -> None:
    send(house, xlsx(HEADINGS, ("202512220000000100", *LI), *BAD[:3]))
    assert "3 行有问题" in words_of(house)
    assert "另发一个表格" not in words_of(house)
    assert sent_back(house) == []
