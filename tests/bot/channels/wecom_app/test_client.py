"""The app's client against the platform's stand-in, over real sockets."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from datetime import timedelta

import pytest
from redis import Redis

from bot.card import Card, Text
from bot.cards import draw
from bot.channels import pace
from bot.channels.sending import Change, Parcel, Reaction, SendError
from bot.channels.wecom_app.client import AppSender
from config import Settings
from sandbox.chat_errors import Refused
from tests.bot.conftest import NO_RETRY, Town, town_settings
from tests.bot.samples import PEN, VIEWS, case


def a_card(revision: int = 3) -> Card:
    drawing = draw(case(revision=revision), PEN)
    assert isinstance(drawing, Card)
    return drawing


def test_a_card_arrives_and_can_be_changed_once(town: Town, sender: AppSender) -> None:
    receipt = sender.send(Parcel("xiaoli|laowang|nobody", a_card(), "case-12-r3-n1"))
    assert receipt.msgid
    assert receipt.problem == "nobody"
    for who in ("xiaoli", "laowang"):
        assert [message.kind for message in town.chat(f"app:{who}")] == ["template_card"]
    settled = draw(VIEWS["case_settled"], PEN)
    assert isinstance(settled, Card)
    sender.change(Change(settled, "case-12-r3-n1", receipt.response_code))
    for who in ("xiaoli", "laowang"):
        assert town.chat(f"app:{who}")[0].body_for(who)["replace_text"] == "小李 10:00 处理：已确认"
    with pytest.raises(SendError) as error:
        sender.change(Change(settled, "case-12-r3-n1", receipt.response_code))
    assert error.value.used_up
    assert error.value.permanent
    assert not town.complaints


def test_one_copy_can_be_changed_alone(town: Town, sender: AppSender) -> None:
    receipt = sender.send(Parcel("xiaoli|laowang", a_card(), "t1"))
    sender.change(Change(a_card(4), "t1", receipt.response_code, ("laowang",)))
    assert town.chat("app:laowang")[0].copies
    assert not town.chat("app:xiaoli")[0].copies


def test_the_same_text_twice_arrives_twice_but_a_retry_once(town: Town, sender: AppSender) -> None:
    for key in ("n1", "n2", "n2"):
        sender.send(Parcel("xiaoli", Text("已改派给您。"), key))
    assert len(town.texts("app:xiaoli")) == 2
    assert all(text.startswith("已改派给您。") for text in town.texts("app:xiaoli"))


def test_a_long_text_still_fits_with_its_mark(town: Town, sender: AppSender) -> None:
    sender.send(Parcel("xiaoli", Text("长" * 3000), "n1"))
    assert len(town.texts("app:xiaoli")[0].encode()) <= 2048
    assert "…" in town.texts("app:xiaoli")[0]


def test_processes_share_one_token(town: Town, town_conf: Settings, redis: Redis) -> None:
    assert town_conf.wecom is not None
    senders = [AppSender(town_conf.wecom, redis, PEN.base_url) for _ in range(4)]
    threads = [
        threading.Thread(target=sender.send, args=(Parcel("xiaoli", Text("好"), f"n{number}"),))
        for number, sender in enumerate(senders)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(town.texts("app:xiaoli")) == 4
    assert town.wecom.tokens.fetches == 1


def test_a_token_is_renewed_before_its_end(town: Town, sender: AppSender, redis: Redis) -> None:
    sender.send(Parcel("xiaoli", Text("好"), "n1"))
    (name,) = [key for key in redis.keys("hub:token:*") if b"lock" not in key]
    assert 6800 < redis.ttl(name) <= 6900  # 7200 − 300


def test_a_token_that_ended_early_is_renewed_once_and_the_call_repeated(town: Town, sender: AppSender) -> None:
    sender.send(Parcel("xiaoli", Text("一"), "n1"))
    town.wecom.tokens.expire()
    sender.send(Parcel("xiaoli", Text("二"), "n2"))
    assert town.wecom.tokens.fetches == 2
    assert len(town.texts("app:xiaoli")) == 2


def test_a_lasting_token_error_ends_after_one_renewal(town: Town, sender: AppSender) -> None:
    sender.send(Parcel("xiaoli", Text("一"), "n1"))
    check, calls = town.wecom.tokens.check, []

    def refuse(token: str | None) -> None:
        calls.append(token)
        town.wecom.tokens.expire()
        check(token)

    town.wecom.tokens.check = refuse  # type: ignore[method-assign]
    with pytest.raises(SendError) as error:
        sender.send(Parcel("xiaoli", Text("二"), "n2"))
    assert error.value.resolution.reaction is Reaction.ALERT
    assert len(calls) == 2


def test_a_wrong_secret_is_a_matter_of_configuration(town: Town, redis: Redis) -> None:
    conf = town_settings(town.url, town.state.company).wecom
    assert conf is not None
    wrong = conf.model_copy(update={"secret": "wrong-secret"})
    with pytest.raises(SendError) as error:
        AppSender(wrong, redis, PEN.base_url).send(Parcel("xiaoli", Text("好"), "n1"))
    assert error.value.permanent
    assert "wrong-secret" not in str(error.value)


def test_nobody_to_reach_is_permanent(sender: AppSender) -> None:
    with pytest.raises(SendError) as error:
        sender.send(Parcel("nobody", Text("好"), "n1"))
    assert (error.value.permanent, error.value.code) == (True, 81013)
    assert error.value.resolution.reaction is Reaction.PERSON


def test_nobody_there_has_heard_nothing_and_no_secret_is_told(town_conf: Settings, redis: Redis) -> None:
    assert town_conf.wecom is not None
    away = town_conf.wecom.model_copy(update={"gateway": "http://127.0.0.1:9/qyapi"})
    with pytest.raises(SendError) as error:
        AppSender(away, redis, PEN.base_url).send(Parcel("xiaoli", Text("好"), "n1"))
    assert (error.value.permanent, error.value.unknown) == (False, False)
    assert error.value.__cause__ is None
    assert "secret" not in str(error.value)


@pytest.mark.parametrize("kind", ["http_500", "not_json"])
def test_an_error_page_is_an_unknown_outcome(town: Town, sender: AppSender, kind: str) -> None:
    from flask import Response

    sender.send(Parcel("xiaoli", Text("一"), "n1"))
    app = town.wecom  # the next answer is no JSON, or a 500
    original = app.send
    page = Response("<html>busy</html>", status=500 if kind == "http_500" else 200)

    def broken(payload: dict[str, object]) -> dict[str, object]:
        original(payload)
        from flask import abort

        abort(page)

    app.send = broken  # type: ignore[method-assign]
    with pytest.raises(SendError) as error:
        sender.send(Parcel("xiaoli", Text("二"), "n2"))
    assert (error.value.permanent, error.value.unknown) == (False, True)
    app.send = original  # type: ignore[method-assign]
    sender.send(Parcel("xiaoli", Text("二"), "n2"))
    assert len(town.texts("app:xiaoli")) == 2, "the same message again is recognised"


def test_a_dead_redis_asks_for_patience(town_conf: Settings) -> None:
    assert town_conf.wecom is not None
    sender = AppSender(town_conf.wecom, Redis(port=9, socket_connect_timeout=0.2, retry=NO_RETRY), PEN.base_url)
    for call in (lambda: sender.wait_seconds("xiaoli"), lambda: sender.send(Parcel("xiaoli", Text("好"), "n1"))):
        with pytest.raises(SendError) as error:
            call()
        assert not error.value.permanent


def test_a_code_is_good_for_one_change_within_three_days(town: Town, sender: AppSender) -> None:
    early, late = (sender.send(Parcel("xiaoli", a_card(), key)).response_code for key in ("t1", "t2"))
    town.state.clock.move(71 * 3600 + 3599)
    sender.change(Change(a_card(4), "t1", early))
    town.state.clock.move(2)
    for task_id, code in (("t2", late), ("t1", early), ("t1", "never given")):
        with pytest.raises(SendError) as error:
            sender.change(Change(a_card(4), task_id, code))
        assert error.value.used_up, task_id


def test_of_one_message_to_a_role_every_press_changes_all_copies_again(town: Town, sender: AppSender) -> None:
    """Of a message each the others' copies would change once, by the code of their sending, and never more."""
    sent = sender.send(Parcel("xiaoli|laowang", a_card(), "t1"))
    copies = town.wecom.sent[sent.msgid]

    def titles() -> list[str]:
        shown = [town.chat(f"app:{who}")[0].body_for(who) for who in ("xiaoli", "laowang")]
        return [card["main_title"]["title"] for card in shown]

    codes = [sent.response_code, *(town.wecom.new_code(copies) for _ in range(2))]  # of its sending, of two presses
    for number, code in enumerate(codes):
        sender.change(Change(replace(a_card(), title=f"第 {number} 次"), "t1", code))
        assert titles() == [f"第 {number} 次"] * 2
    sender.change(Change(replace(a_card(), title="只给老王"), "t1", town.wecom.new_code(copies), ("laowang",)))
    assert titles() == ["第 2 次", "只给老王"]


def test_a_message_can_be_taken_back_for_a_day(town: Town, sender: AppSender) -> None:
    first, second = (sender.send(Parcel("xiaoli|laowang", Text(words), words)) for words in ("一", "二"))
    sender.recall(first.msgid)
    assert [message.recalled for message in town.chat("app:laowang")] == [True, False]
    town.state.clock.move(24 * 3600 + 1)
    for msgid in (second.msgid, "never sent"):
        with pytest.raises(SendError) as error:
            sender.recall(msgid)
        assert error.value.used_up


def test_who_is_told_too_often_again_after_a_minute_waits_an_hour(town: Town, sender: AppSender, redis: Redis) -> None:
    def refuse(payload: object) -> dict[str, object]:
        raise Refused(45009, "api freq out of limit")

    send, town.wecom.send = town.wecom.send, refuse  # type: ignore[method-assign]
    waits = []
    for key in ("n1", "n2"):
        with pytest.raises(SendError) as error:
            sender.send(Parcel("xiaoli", Text("好"), key))
        waits.append(error.value.resolution.wait_seconds)
        redis.set("hub:refused:wecom_app", time.time() - 61)
    assert waits == [60, 3600]
    town.wecom.send = send  # type: ignore[method-assign]
    sender.send(Parcel("xiaoli", Text("好"), "n3"))
    assert not redis.keys("hub:refused:*")


def test_the_address_that_must_be_allowed_is_said(town: Town, sender: AppSender) -> None:
    def refuse(payload: object) -> dict[str, object]:
        raise Refused(60020, "not allow to access from your ip, hint: [1], from ip: 203.0.113.7, more info at …")

    town.wecom.send = refuse  # type: ignore[method-assign]
    with pytest.raises(SendError, match=r"203\.0\.113\.7") as error:
        sender.send(Parcel("xiaoli", Text("好"), "n1"))
    assert error.value.resolution.reaction is Reaction.ALERT


def test_the_31st_message_of_a_minute_waits(town: Town, sender: AppSender) -> None:
    assert [sender.wait_seconds("xiaoli") for _ in range(30)] == [0.0] * 30
    assert 0 < sender.wait_seconds("xiaoli") < 61
    assert sender.wait_seconds("laowang") == 0
    assert sender.wait_seconds("laowang|xiaoli") > 0


def test_a_place_lost_to_another_process_is_waited_for(redis: Redis) -> None:
    first = pace.Pace(redis, "x", per_minute=1)
    assert first.wait_seconds(("a", "a")) > 0  # both looked free, one was not
    assert timedelta(seconds=first.wait_seconds(("a",))) < timedelta(minutes=2)


@pytest.mark.parametrize("words", ["- 一二三四五六七八九十\n" * 90, "*" * 2000, "**粗** - x\n" * 300])
def test_two_long_texts_that_grow_when_they_are_dressed_are_two(town: Town, sender: AppSender, words: str) -> None:
    """The mark that tells them apart must not be what is cut off."""
    for key in ("n1", "n2", "n2"):
        sender.send(Parcel("xiaoli", Text(words), key))
    assert len(town.texts("app:xiaoli")) == 2
    assert all(len(text.encode()) <= 2048 for text in town.texts("app:xiaoli"))


def test_whoever_has_no_licence_is_named_like_whoever_is_not_there(town: Town, sender: AppSender) -> None:
    town.wecom.unlicensed.add("laowang")
    assert sender.send(Parcel("xiaoli|laowang|nobody", Text("好"), "n1")).problem == "nobody|laowang"


def test_a_change_refused_for_a_reason_that_no_page_names_is_over(town: Town, sender: AppSender) -> None:
    """Nobody tells by which code a used or old response_code is refused: that card cannot be changed, and no more."""
    code = sender.send(Parcel("xiaoli", a_card(), "t1")).response_code

    def refuse(payload: object) -> dict[str, object]:
        raise Refused(99999, "something new")

    town.wecom.update = refuse  # type: ignore[method-assign]
    with pytest.raises(SendError) as error:
        sender.change(Change(a_card(4), "t1", code))
    assert (error.value.used_up, error.value.code) == (True, 99999)
