"""DingTalk's long connection against its stand-in: heard, acknowledged, answered; one holder, and never a gap."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any, ClassVar

import pytest
from redis import Redis
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

from bot import ding_replies
from bot.channels.dingtalk import parse
from bot.channels.dingtalk.connection import Link
from bot.channels.dingtalk.quota import Kind, Quota
from bot.channels.dingtalk.session import Sessions
from config_chat import PUBLIC_TEMPLATE
from handlers.desk import Desk, OpenDesk
from handlers.owe import Owed, owe
from models import Case, Lease, Notification, SeenMessage, SentCard, lease
from streams import dingtalk, holding
from tests.bot.conftest import NO_RETRY, a_case
from tests.bot.samples import NOW
from tests.ding_town import DingTown, Standing, delivered, ding_settings, hire, open_ding_town
from tests.streams.open_door import running
from tests.waiting import eventually
from wire import Hub


@pytest.fixture
def town() -> Iterator[DingTown]:
    with open_ding_town() as found:
        yield found


@pytest.fixture
def here(town: DingTown, engine: Engine, sessions: sessionmaker[Session], redis: Redis) -> Hub:
    return Hub(ding_settings(town.url), engine, sessions, redis, Standing(), lambda *_: None)


@pytest.fixture
def people(sessions: sessionmaker[Session]) -> dict[str, int]:
    return hire(sessions)


def holder(here: Hub) -> str:
    with here.sessions() as session:
        return session.scalar(select(Lease.owner).where(Lease.name == dingtalk.LEASE)) or ""


def owed(here: Hub) -> list[Notification]:
    with here.sessions() as session:
        return list(session.scalars(select(Notification).order_by(Notification.id)))


def test_a_text_is_acknowledged_and_answered_where_it_was_asked(
    here: Hub, town: DingTown, people: dict[str, int]
) -> None:
    with running(here):
        eventually(town.ding.online)
        assert town.say("chenjie", "dgroup", "群号").kind == "ack"
        eventually(lambda: len(town.chat("dgroup")) == 2)
        (_, answer) = town.chat("dgroup")
        assert town.say("laowang", "ding", "帮助").kind == "ack"
        eventually(lambda: len(town.chat("ding:laowang")) == 2)
    assert "cidDEMO01==" in answer.body["content"]
    assert "dingtalk" in answer.body["content"], "the section of hub.toml"
    assert answer.body["at"] == ["chenjie"], "the asker is called"
    assert "@dt" not in town.texts("ding:laowang")[1]
    assert not owed(here)
    assert not town.complaints
    assert holder(here) == "", "the lease is free again"


def test_a_card_comes_into_the_group_in_which_it_was_asked_for(
    here: Hub, town: DingTown, people: dict[str, int]
) -> None:
    with running(here):
        eventually(town.ding.online)
        town.say("chenjie", "dgroup", "看板")
        (row,) = eventually(lambda: owed(here))
        assert (row.channel, row.recipient, row.purpose) == ("chat_dingtalk", "cidDEMO01==", "card")
        town.say("chenjie", "ding", "看板")
        eventually(lambda: len(owed(here)) == 2)
        assert delivered(here).sent == 2
    assert [message.kind for message in town.chat("dgroup")] == ["text", "ding_card"]
    assert [message.kind for message in town.chat("ding:chenjie")] == ["text", "ding_card"]
    assert not town.complaints


def test_a_press_shows_the_presser_at_once_and_everybody_after_the_edit(
    here: Hub, town: DingTown, people: dict[str, int]
) -> None:
    with here.open_desk() as desk:
        case = a_case(desk.session)
        owe(desk, [Owed("k", "group", "card", f"case:{case.id}")])
    assert delivered(here).sent == 1
    (card,) = town.chat("dgroup")
    with running(here):
        eventually(town.ding.online)
        pressed = town.press("xiaoli", card, "认领")
        assert pressed.kind == "card_update", pressed
        mine, others = card.body_for("xiaoli"), card.body_for("laowang")
        assert "小李" in mine["note"]
        assert (mine["revision"], others["revision"]) == ("2", "1")
        late = town.press("laowang", card, "认领")
        assert late.kind == "card_update"
        assert "小李" in card.body_for("laowang")["note"], "who was faster"
        assert delivered(here).failed == 0
    assert card.body_for("chenjie")["revision"] == "2"
    assert not card.body_for("chenjie")["note"], "what was said to one is for that one"
    with here.open_desk() as desk:
        case = desk.session.scalars(select(Case)).one()
        assert case.revision == 2
        case.revision += 1
        owe(desk, [Owed("later", "staff", "edit", f"case:{case.id}")])
    assert delivered(here).sent == 1
    assert [card.body_for(who)["note"] for who in ("xiaoli", "laowang")] == ["", ""], "an old line beside a new state"
    assert not town.complaints


# what goes wrong


def test_a_message_that_comes_twice_is_obeyed_and_answered_once(
    here: Hub, town: DingTown, people: dict[str, int]
) -> None:
    with running(here):
        eventually(town.ding.online)
        town.ding.switches.duplicate_callbacks = 1
        town.say("chenjie", "dgroup", "看板")
        town.ding.switches.duplicate_callbacks = 1
        town.say("chenjie", "dgroup", "群号")
        eventually(lambda: len(town.chat("dgroup")) > 2)
    assert len([row for row in owed(here) if row.channel == "chat_dingtalk"]) == 1
    assert len(town.chat("dgroup")) == 3, "asked twice, a text once; the card is owed"


def test_a_press_that_comes_twice_counts_once_and_is_answered_alike(
    here: Hub, town: DingTown, people: dict[str, int]
) -> None:
    with here.open_desk() as desk:
        owe(desk, [Owed("k", "group", "card", f"case:{a_case(desk.session).id}")])
    delivered(here)
    (card,) = town.chat("dgroup")
    with running(here):
        eventually(town.ding.online)
        town.ding.switches.duplicate_callbacks = 1
        assert town.press("xiaoli", card, "认领").kind == "card_update"
    with here.sessions() as session:
        assert session.scalars(select(Case)).one().revision == 2
        assert len(session.scalars(select(SeenMessage)).all()) == 1
    assert "您" not in card.body_for("xiaoli")["note"], "no word of who was faster"
    assert not town.complaints


def test_a_double_tap_is_one_press_wherever_the_clock_stands(
    here: Hub, town: DingTown, people: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    with here.open_desk() as desk:
        owe(desk, [Owed("k", "group", "card", f"case:{a_case(desk.session).id}")])
    delivered(here)
    (card,) = town.chat("dgroup")
    notes = []
    with running(here):
        eventually(town.ding.online)
        monkeypatch.setattr(Standing, "now", lambda _: NOW + timedelta(seconds=9.9))
        town.press("xiaoli", card, "认领")
        body = json.loads(town.ding.gateway.history[-1].text)
        for seconds in (9.95, 10.1, 21.0):  # the finger is faster than the new card
            monkeypatch.setattr(Standing, "now", lambda _, later=seconds: NOW + timedelta(seconds=later))
            again = town.ding.gateway.push("CALLBACK", "/v1.0/card/instances/callback", body)
            assert again is not None
            assert again.answered.wait(8)
            notes.append(again.answer["response"]["userPrivateData"]["cardParamMap"]["note"].partition(" ")[2])
    assert notes[0] == notes[1] != notes[2], "only the last one comes too late"
    with here.sessions() as session:
        assert len(session.scalars(select(SeenMessage)).all()) == 2


def test_a_press_is_answered_in_time_though_the_reply_addresses_are_slow(
    here: Hub, town: DingTown, people: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A press has two seconds; answers to messages may hang for longer than that, all at once."""
    with here.open_desk() as desk:
        owe(desk, [Owed("k", "group", "card", f"case:{a_case(desk.session).id}")])
    delivered(here)
    (card,) = town.chat("dgroup")
    go, hung = threading.Event(), []

    def hang(*_: Any) -> None:
        hung.append(1)
        go.wait(10)

    monkeypatch.setattr(Sessions, "answer", hang)
    with running(here):
        eventually(town.ding.online)
        for _ in range(12):
            assert town.say("chenjie", "dgroup", "群号").kind == "ack"
        eventually(lambda: len(hung) >= 8)
        assert town.press("xiaoli", card, "认领").kind == "card_update"
        go.set()
        eventually(lambda: len(hung) == 12)


class Shaky(Hub):
    """A hub whose database refuses so many times to keep what was done."""

    failures: ClassVar[list[bool]] = []

    @property
    def open_desk(self) -> OpenDesk:
        @contextmanager
        def opened() -> Iterator[Desk]:
            with super(Shaky, self)._open_desk() as desk:
                yield desk
                if self.failures and self.failures.pop():
                    raise OperationalError("commit", {}, Exception("gone"))

        return opened


def shaky(here: Hub, failures: int) -> Hub:
    Shaky.failures = [True] * failures
    return Shaky(here.settings, here.engine, here.sessions, here.redis, here.clock, here.queue)


def test_a_message_whose_work_could_not_be_kept_is_brought_again_by_the_platform(
    here: Hub, town: DingTown, people: dict[str, int]
) -> None:
    """Not acknowledged: nothing was done, and nothing may be forgotten. Whoever asked knows meanwhile."""
    town.ding.switches.deadline_seconds = 0.5
    with running(shaky(here, 1)):
        eventually(town.ding.online)
        assert not town.say("xiaoli", "dgroup", "帮助").answered
        eventually(lambda: len(town.chat("dgroup")) == 2)
        assert "系统忙" in str(town.chat("dgroup")[1].body)
        town.state.clock.move(30)
        eventually(lambda: len(town.chat("dgroup")) == 3)
        assert "系统忙" not in str(town.chat("dgroup")[2].body)


def test_a_press_that_could_not_be_kept_says_so_to_the_presser(
    here: Hub, town: DingTown, people: dict[str, int]
) -> None:
    with here.open_desk() as desk:
        owe(desk, [Owed("k", "group", "card", f"case:{a_case(desk.session).id}")])
    delivered(here)
    (card,) = town.chat("dgroup")
    with running(shaky(here, 1)):
        eventually(town.ding.online)
        assert town.press("xiaoli", card, "认领").kind == "card_update"
        assert "再按一次" in card.body_for("xiaoli")["note"]
        assert not card.body_for("laowang")["note"]
        assert town.press("xiaoli", card, "认领").kind == "card_update"
    assert "小李" in card.body_for("xiaoli")["note"]


def test_an_answer_that_the_reply_address_does_not_take_is_owed_to_the_same_chat(
    here: Hub, town: DingTown, people: dict[str, int]
) -> None:
    with running(here):
        eventually(town.ding.online)
        sessions = town.ding.talk.sessions
        town.ding.talk.sessions = type("Forgetful", (dict,), {"__setitem__": lambda *_: None})()
        town.say("chenjie", "dgroup", "群号")
        town.say("laowang", "ding", "帮助")
        eventually(lambda: len(owed(here)) == 2)
        town.ding.talk.sessions = sessions
    assert {(row.channel, row.recipient) for row in owed(here)} == {  # two people, two threads: in either order
        ("chat_dingtalk", "cidDEMO01=="),
        ("staff", str(people["laowang"])),
    }
    assert delivered(here).sent == 2
    assert "cidDEMO01==" in town.texts("dgroup")[-1]
    assert "看板" in town.texts("ding:laowang")[-1]


def test_an_answer_that_may_have_arrived_is_not_given_again(
    here: Hub, town: DingTown, people: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    from bot.channels.dingtalk import session

    monkeypatch.setattr(session, "_TIMEOUT", (1.0, 0.2))
    town.ding.switches.slow_answers = 0.6
    with running(here):
        eventually(town.ding.online)
        town.say("chenjie", "dgroup", "群号")
        eventually(lambda: len(town.chat("dgroup")) == 2)
    assert not owed(here)


def test_strangers_and_people_without_an_account_are_refused_politely(
    here: Hub, town: DingTown, people: dict[str, int]
) -> None:
    with running(here):
        eventually(town.ding.online)
        town.say("waiguan", "ding", "看板")
        eventually(lambda: "登记" in town.texts("ding:waiguan")[-1])
        town.ding.switches.unpublished = 1
        town.say("xiaoli", "dgroup", "看板")
        eventually(lambda: "没有发布" in town.texts("dgroup")[-1])
        town.ding.switches.unpublished = 0
    assert not owed(here)


def test_pictures_voices_and_files(here: Hub, town: DingTown, people: dict[str, int]) -> None:
    with running(here):
        eventually(town.ding.online)
        town.phones.send_file("xiaoli", "ding", "a.png", b"\x89PNG....")
        eventually(lambda: "图片里的字看不懂" in town.texts("ding:xiaoli")[-1])
        town.ding.talk.say_aloud("xiaoli", "帮助")
        eventually(lambda: "看板" in town.texts("ding:xiaoli")[-1])
        town.phones.send_file("xiaoli", "ding", "订单.xlsx", b"PK....")
        eventually(lambda: town.chat("ding:xiaoli")[-1].sender == "ding" and len(town.chat("ding:xiaoli")) == 6)
    assert "hub.toml" in town.texts("ding:xiaoli")[-1], "no shop takes tables here, which is said"


def test_whoever_is_called_by_at_is_meant_by_their_account(here: Hub, town: DingTown, people: dict[str, int]) -> None:
    with here.open_desk() as desk:
        owe(desk, [Owed("k", "group", "card", f"case:{a_case(desk.session).id}")])
    delivered(here)
    code = town.chat("dgroup")[0].body["code"]
    with running(here):
        eventually(town.ding.online)
        town.say("chenjie", "dgroup", f"{code} 转 @小李")
        eventually(lambda: [row for row in owed(here) if row.purpose == "edit"])
    with here.sessions() as session:
        assert session.scalars(select(Case)).one().owner_id == people["xiaoli"]


def test_when_the_months_calls_are_used_up_what_was_asked_for_is_told_in_words(
    here: Hub, town: DingTown, people: dict[str, int]
) -> None:
    """A card costs a call, an answer to the chat's reply address does not."""
    assert here.settings.dingtalk is not None
    Quota(here.redis, here.settings.dingtalk).shut(Kind.CALLS)
    with running(here):
        eventually(town.ding.online)
        town.say("chenjie", "dgroup", "看板")
        eventually(lambda: len(town.chat("dgroup")) == 2)
    assert "看板" in town.texts("dgroup")[1]
    assert not owed(here)
    here.redis.flushdb()


def test_a_month_that_is_used_up_is_said_and_stops_nothing(here: Hub, town: DingTown, people: dict[str, int]) -> None:
    here.redis.flushdb()
    with running(here):
        eventually(town.ding.online)
        used = town.ding.quota
        while used.unit("filling"):
            pass
        town.say("xiaoli", "ding", "看板")
        eventually(lambda: any("额度已用完" in said for said in town.texts("ding:xiaoli")) or owed(here))
    assert delivered(here).failed == 0
    assert any("额度已用完" in said for said in town.texts("ding:xiaoli"))
    assert here.settings.dingtalk is not None
    ours = Quota(here.redis, here.settings.dingtalk)
    assert ours.used(Kind.UNITS) >= here.settings.dingtalk.stream_per_month, "whoever else used it, we know it now"
    here.redis.flushdb()


# the connection


def test_told_to_go_it_connects_anew_before_the_old_connection_ends(
    here: Hub, town: DingTown, people: dict[str, int]
) -> None:
    with running(here):
        eventually(town.ding.online)
        (first,) = town.ding.gateway.links
        town.ding.gateway.disconnect()
        eventually(lambda: [link for link in town.ding.gateway.links if link is not first])
        assert first in town.ding.gateway.links, "the old one is still there for acknowledgements"
        assert town.say("xiaoli", "dgroup", "帮助").kind == "ack"
        eventually(lambda: len(town.chat("dgroup")) == 2)


def test_a_connection_that_breaks_is_made_again(here: Hub, town: DingTown, people: dict[str, int]) -> None:
    with running(here):
        eventually(town.ding.online)
        (first,) = town.ding.gateway.links
        town.ding.gateway.disconnect(at_once=True)
        eventually(lambda: town.ding.gateway.links and first not in town.ding.gateway.links)
        assert town.say("xiaoli", "dgroup", "帮助").kind == "ack"


def test_a_connection_on_which_nothing_comes_any_more_is_made_again(
    here: Hub, town: DingTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running(here):
        eventually(town.ding.online)
        (first,) = town.ding.gateway.links
        monkeypatch.setattr(dingtalk, "SILENT_SECONDS", 0.3)
        eventually(lambda: town.ding.gateway.links and first not in town.ding.gateway.links)
        monkeypatch.setattr(dingtalk, "SILENT_SECONDS", 150.0)


def test_what_is_not_ours_is_not_taken_and_breaks_nothing(here: Hub, town: DingTown, people: dict[str, int]) -> None:
    with running(here):
        eventually(town.ding.online)
        (link,) = town.ding.gateway.links
        for odd in ("[]", "{}", "no json", '{"headers": {"messageId": 1}, "type": "CALLBACK"}'):
            link._socket.send(odd)
        push = town.ding.gateway.push
        link.wanted |= {("CALLBACK", "/v1.0/im/bot/messages/delegate"), ("EVENT", "*")}
        other = push("CALLBACK", "/v1.0/im/bot/messages/delegate", {"msgId": "1"})
        event = push("EVENT", "*", {"a": 1})
        empty = push("CALLBACK", "/v1.0/im/bot/messages/get", {"text": {"content": "看板"}})
        forged = {"userId": "dt-xiaoli", "outTrackId": "t", "content": '{"cardPrivateData":{"params":{"key":"claim"}}}'}
        press = push("CALLBACK", "/v1.0/card/instances/callback", forged)
        for pushed in (other, event, empty, press):
            assert pushed is not None
            assert pushed.answered.wait(3)
        assert (other.code, event.code, empty.code, press.code) == (404, 200, 200, 200)  # type: ignore[union-attr]
        assert "这张卡片已过期" in str(press.answer)  # type: ignore[union-attr]
        assert town.say("xiaoli", "dgroup", "帮助").kind == "ack"
    assert not town.ding.protocol_errors


def test_neither_ticket_nor_secret_is_logged(
    here: Hub, town: DingTown, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    with running(here):
        eventually(town.ding.online)
        town.ding.gateway.disconnect()
        eventually(lambda: len(town.ding.gateway.links) == 2)
    told = caplog.text + "".join(capfd.readouterr())
    ours = [line for line in told.splitlines() if "websockets" not in line]
    assert not [line for line in ours if "ticket=" in line or here.settings.dingtalk.app_secret in line]  # type: ignore[union-attr]


def test_only_one_connects_and_the_other_takes_over(here: Hub, town: DingTown, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "RENEW_SECONDS", 0.1)
    with running(here):
        eventually(town.ding.online)
        first = holder(here)
        with running(here) as second:
            assert not second.wait(0.5)
            assert holder(here) == first
            assert len(town.ding.gateway.links) == 1, "a second connection would take half of what people say"
        with running(here):
            with here.engine.begin() as connection:  # as if the first had stopped renewing
                connection.execute(text("UPDATE leases SET owner = 'dead', until = now() - interval '1 minute'"))
            eventually(lambda: holder(here) not in ("", "dead") and town.ding.online())


def test_a_wrong_secret_is_not_tried_again_and_again(here: Hub) -> None:
    assert here.settings.dingtalk is not None
    wrong = here.settings.dingtalk.model_copy(update={"app_secret": "wrong"})
    one = holding.Holder(here, dingtalk.DingLine(here, wrong), threading.Event())
    assert one.hold() == holding.HOPELESS_SECONDS


def test_a_gateway_that_does_not_answer_is_tried_again_soon(here: Hub) -> None:
    assert here.settings.dingtalk is not None
    for gateway in ("http://127.0.0.1:9", here.settings.dingtalk.gateway + "/nowhere"):
        away = here.settings.dingtalk.model_copy(update={"gateway": gateway})
        one = holding.Holder(here, dingtalk.DingLine(here, away), threading.Event())
        assert one.hold() in (None, holding.HOPELESS_SECONDS)
        one.give_up()


def test_two_platforms_are_held_side_by_side(here: Hub, town: DingTown) -> None:
    from tests.bot.conftest import town_settings

    both = town_settings(town.url, town.state.company).model_copy(update={"dingtalk": here.settings.dingtalk})
    with running(replace(here, settings=both)):
        eventually(town.ding.online)
        eventually(town.phones.online)


def test_http_mode_holds_nothing(here: Hub) -> None:
    assert here.settings.dingtalk is not None
    called = here.settings.dingtalk.model_copy(update={"mode": "http"})
    settings = here.settings.model_copy(update={"dingtalk": called})
    with running(replace(here, settings=settings)) as stopping:
        assert not stopping.wait(0.2)


def test_a_ticket_is_quoted_and_used_once(here: Hub, town: DingTown) -> None:
    assert here.settings.dingtalk is not None
    link = Link.open(here.settings.dingtalk, lambda *_: None)
    assert link.alive
    link.close()
    assert not link.acknowledge("m-1")


def test_without_redis_people_are_answered_all_the_same(here: Hub, town: DingTown, people: dict[str, int]) -> None:
    away = Redis(host="127.0.0.1", port=9, socket_connect_timeout=0.1, retry=NO_RETRY)
    with running(replace(here, redis=away)):
        eventually(town.ding.online)
        town.say("xiaoli", "dgroup", "帮助")
        eventually(lambda: len(town.chat("dgroup")) == 2)


def test_what_is_for_the_asker_alone_is_owed_and_the_group_hears_where_it_is(
    here: Hub, town: DingTown, people: dict[str, int]
) -> None:
    with running(here):
        eventually(town.ding.online)
        town.say("xiaoli", "dgroup", "帮助")
        eventually(lambda: len(town.chat("dgroup")) == 2)
    assert "已单独发给您，请到与“订单助手”的单聊里查看" in town.texts("dgroup")[1]
    assert [(row.channel, row.recipient) for row in owed(here)] == [("staff", str(people["xiaoli"]))]
    assert delivered(here).sent == 1
    assert "看板" in town.texts("ding:xiaoli")[-1]


def test_a_card_that_missed_its_change_is_brought_up_to_date_by_a_late_press(
    here: Hub, town: DingTown, people: dict[str, int]
) -> None:
    with here.open_desk() as desk:
        case = a_case(desk.session)
        owe(desk, [Owed("k", "group", "card", f"case:{case.id}")])
    delivered(here)
    (card,) = town.chat("dgroup")
    with here.engine.begin() as connection:  # it was changed in the moment in which the card went out
        connection.execute(
            text("UPDATE cases SET state = 'claimed', owner_id = :who, revision = 2"), {"who": people["laowang"]}
        )
    with running(here):
        eventually(town.ding.online)
        assert town.press("xiaoli", card, "认领").kind == "card_update"
    assert "老王" in card.body_for("xiaoli")["note"]
    assert card.body_for("chenjie")["revision"] == "1"
    delivered(here)
    assert card.body_for("chenjie")["revision"] == "2"


def test_a_quoted_card_is_known_by_its_id_where_its_words_do_not_come(
    here: Hub, town: DingTown, people: dict[str, int]
) -> None:
    with here.open_desk() as desk:
        case = a_case(desk.session)
        owe(desk, [Owed("k", "group", "card", f"case:{case.id}")])
    delivered(here)
    with here.sessions() as session:
        carrier = session.scalars(select(SentCard.msgid)).one()
    assert carrier
    body = {
        "msgId": "m-quote", "conversationId": "cidDEMO01==", "conversationType": "2", "senderStaffId": "dt-xiaoli",
        "msgtype": "text", "text": {"content": "查", "isReplyMsg": True, "repliedMsg": {"msgType": "interactiveCard"}},
        "originalProcessQueryKey": carrier,
    }  # fmt: skip
    with here.open_desk() as desk:
        said = parse.said(body, here.settings.dingtalk, desk.now)  # type: ignore[arg-type]
        quoted = ding_replies._with_quoted(desk, said).quoted
        other = ding_replies._with_quoted(desk, replace(said, quoted_id="unknown")).quoted
        cut = replace(said, incoming=replace(said.incoming, quoted="地址模糊 JD-2025"))
        whole = ding_replies._with_quoted(desk, cut).quoted
    assert quoted.strip()
    assert other == ""
    assert whole == f"{quoted}\n地址模糊 JD-2025", "words that were cut off before the short code"


@pytest.mark.parametrize(
    ("said", "called", "read"),
    [
        ("转 @王师傅(仓库)", ("dt-laowang",), "转 老王"),
        ("转@老王", ("dt-laowang",), "转老王"),
        ("转 @老王", ("dt-nobody",), "转 老王"),
        ("转 @老王 抄送 @小李", ("dt-laowang", "dt-xiaoli"), "转 老王 抄送 小李"),
        ("查 a@b.com", ("dt-laowang",), "查 a@b.com"),
        ("@所有人 看板", (), "@所有人 看板"),
    ],
)
def test_a_called_colleague_is_read_as_a_name(
    here: Hub, people: dict[str, int], said: str, called: tuple[str, ...], read: str
) -> None:
    body = {"msgId": "m", "conversationId": "c", "conversationType": "2", "msgtype": "text", "text": {"content": said}}
    users = [{"dingtalkId": "$:robot"}, *({"staffId": one} for one in called)]
    with here.open_desk() as desk:
        heard = parse.said({**body, "atUsers": users}, here.settings.dingtalk, desk.now)  # type: ignore[arg-type]
        assert ding_replies._with_names(desk, heard) == read


def test_with_the_public_template_the_note_stands_in_the_answer_that_the_presser_alone_sees(
    here: Hub, town: DingTown, people: dict[str, int]
) -> None:
    public = replace(here, settings=ding_settings(town.url, card_template=PUBLIC_TEMPLATE))
    with public.open_desk() as desk:
        owe(desk, [Owed("k", "group", "card", f"case:{a_case(desk.session).id}")])
    assert delivered(public).sent == 1
    (card,) = town.chat("dgroup")
    with running(shaky(public, 1)):
        eventually(town.ding.online)
        assert town.press("xiaoli", card, "认领").kind == "card_update"
        assert "再按一次" in card.body_for("xiaoli")["tips"]
        assert town.press("xiaoli", card, "认领").kind == "card_update"
    assert "小李" in card.body_for("xiaoli")["markdown"]
    assert delivered(public).failed == 0
    assert card.body_for("laowang")["buttons"] != []
    assert not town.ding.protocol_errors
