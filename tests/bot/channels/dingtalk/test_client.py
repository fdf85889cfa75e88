"""The robot's sender against the platform's stand-in, over real sockets."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from redis import Redis

from bot.card import Card, Text, as_text
from bot.cards import draw
from bot.channels.dingtalk import keys, posting
from bot.channels.dingtalk.api import DingApi
from bot.channels.dingtalk.client import DingSender
from bot.channels.dingtalk.errors import NOBODY
from bot.channels.dingtalk.notes import Notes
from bot.channels.sending import UNREACHABLE, Change, Enclosed, Parcel, Reaction, SendError
from bot.payload import Payload
from config import Settings
from config_chat import DingTalk
from tests.bot.channels.dingtalk.ding_town import GROUP, PUBLIC, DingTown, ding_settings, plain_settings, saying
from tests.bot.conftest import NO_RETRY
from tests.bot.samples import KEY, PEN, VIEWS, case

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 50


def a_card(revision: int = 3, **changes: object) -> Card:
    drawing = draw(case(revision=revision, **changes), PEN)
    assert isinstance(drawing, Card)
    return drawing


def of(town: DingTown, redis: Redis, **changes: object) -> DingSender:
    settings = ding_settings(town, **changes).dingtalk
    assert settings is not None
    return DingSender(settings, redis, PEN.base_url)


def to_group(drawing: Card | Text, key: str = "case-12-r3-n1", **more: bool) -> Parcel:
    return Parcel(GROUP, drawing, key, is_group=True, **more)


# cards


def test_a_card_lies_in_the_group_and_its_buttons_are_our_keys(ding_town: DingTown, sender: DingSender) -> None:
    receipt = sender.send(to_group(a_card()))
    (card,) = ding_town.cards("dgroup")
    assert (card["title"], card["tone"], card["code"]) == ("待审核超时 · 剩 5 小时 · ¥318", "warn", "A7F2")
    assert [one["text"] for one in card["buttons"]] == ["认领", "审核通过"]
    assert keys.restore(card["buttons"][0]["key"], KEY).payload == Payload("claim", "case:12", 3)
    assert receipt.msgid
    assert not ding_town.complaints


def test_the_card_changes_for_everybody_as_often_as_needed(ding_town: DingTown, sender: DingSender) -> None:
    sender.send(to_group(a_card()))
    settled = draw(VIEWS["case_settled"], PEN)
    assert isinstance(settled, Card)
    for card in (a_card(4), settled):
        sender.change(Change(card, "case-12-r3-n1", "", channel="dingtalk"))
    (shown,) = ding_town.cards("dgroup")
    assert (shown["done_text"], shown["buttons"], shown["revision"]) == ("小李 10:00 处理：已确认", [], "4")
    assert not ding_town.complaints


def tell_alone(town: DingTown, redis: Redis, who: str, revision: int) -> None:
    """What the answer to a press leaves: a line of one's own, and who has it."""
    (message,) = town.chat("dgroup")
    card = town.ding.cards.cards["case-12-r3-n1"]
    town.ding.cards.answered(card, who, {"userPrivateData": {"cardParamMap": {"note": "已由老王处理"}}})
    Notes(redis).keep("case-12-r3-n1", f"dt-{who}", revision)
    assert message.body_for(who)["note"] == "已由老王处理"


def test_a_line_for_one_reader_goes_with_the_next_state_and_not_before(
    ding_town: DingTown, sender: DingSender, redis: Redis
) -> None:
    sender.send(to_group(a_card()))
    (message,) = ding_town.chat("dgroup")
    tell_alone(ding_town, redis, "xiaoli", 4)
    tell_alone(ding_town, redis, "laowang", 5)
    notes = []
    for revision in (4, 5, 6):
        sender.change(Change(a_card(revision), "case-12-r3-n1", "", channel="dingtalk"))
        notes.append([message.body_for(who)["note"] for who in ("xiaoli", "laowang")])
    assert notes == [["已由老王处理"] * 2, ["", "已由老王处理"], ["", ""]]
    assert not Notes(redis).outdated("case-12-r3-n1", 99), "told once that it goes"
    assert not ding_town.complaints


def test_a_line_of_somebody_who_left_stops_nobodys_card(ding_town: DingTown, sender: DingSender, redis: Redis) -> None:
    sender.send(to_group(a_card()))
    Notes(redis).keep("case-12-r3-n1", "dt-nobody", 3)
    sender.change(Change(a_card(4), "case-12-r3-n1", "", channel="dingtalk"))
    assert ding_town.cards("dgroup")[0]["revision"] == "4"


def test_the_public_template_shows_the_same_without_an_import(ding_town: DingTown, redis: Redis) -> None:
    sender = of(ding_town, redis, card_template=PUBLIC)
    sender.send(to_group(a_card()))
    (card,) = ding_town.cards("dgroup")
    assert [one["text"] for one in card["buttons"]] == ["认领", "审核通过", "转交", "延后", "忽略", "打开看板"]
    assert "**负责** 小李" in card["markdown"]
    sender.change(Change(a_card(4, note="老王认领"), "case-12-r3-n1", "", channel="dingtalk"))
    assert "老王认领" in ding_town.cards("dgroup")[0]["markdown"]
    assert not ding_town.complaints


def test_one_person_is_called_in_the_group(ding_town: DingTown, sender: DingSender) -> None:
    sender.send(to_group(replace(a_card(), calls={"dingtalk": "dt-xiaoli", "wecom": "xiaoli"})))
    (card,) = ding_town.cards("dgroup")
    assert card["at"] == ["xiaoli"]


def test_nobody_is_called_without_need(ding_town: DingTown, sender: DingSender) -> None:
    sender.send(to_group(replace(a_card(), calls={"wecom": "xiaoli"})))
    assert ding_town.cards("dgroup")[0]["at"] == []


def test_a_card_to_one_person(ding_town: DingTown, sender: DingSender) -> None:
    sender.send(Parcel("dt-xiaoli", a_card(), "k1"))
    assert [card["title"] for card in ding_town.cards("ding:xiaoli")] == [a_card().title]
    assert not ding_town.complaints


def test_a_card_for_a_role_is_one_card_in_several_chats(ding_town: DingTown, sender: DingSender) -> None:
    receipt = sender.send(Parcel("dt-xiaoli|dt-laowang|dt-nobody", a_card(), "k1"))
    assert receipt.problem == "dt-nobody"
    sender.change(Change(a_card(4, note="老王认领"), "k1", "", channel="dingtalk"))
    for who in ("xiaoli", "laowang"):
        assert [card["quote"] for card in ding_town.cards(f"ding:{who}")] == ["老王认领"]
    assert ding_town.calls["PUT /v1.0/card/instances"] == 1
    assert not ding_town.complaints


class Stumbling(DingApi):
    """Fails on the way to one receiver, `times` times, before the platform is even asked."""

    def __init__(self, settings: DingTalk, redis: Redis, error: SendError, times: int) -> None:
        super().__init__(settings, redis)
        self.error, self.times, self.tried = error, times, 0

    def call(self, method: str, path: str, body: Any = None, **more: Any) -> Any:
        if path == posting.DELIVER and "laowang" in str(body):
            self.tried += 1
            if self.tried <= self.times:
                raise self.error
        return super().call(method, path, body, **more)


@pytest.mark.parametrize(
    ("error", "times", "tried", "lost"),
    [
        (SendError(UNREACHABLE, "system.busy"), 1, 2, ""),
        (SendError(UNREACHABLE, "system.busy"), 9, 2, "dt-laowang"),
        (SendError(UNREACHABLE, unknown=True), 9, 1, "dt-laowang"),
        (SendError(NOBODY), 9, 1, "dt-laowang"),
    ],
)
def test_a_passing_error_of_one_receiver_is_tried_once_more_after_the_others(
    ding_town: DingTown, redis: Redis, error: SendError, times: int, tried: int, lost: str
) -> None:
    """But not where it may have arrived, nor where nobody is: one copy at most."""
    settings = ding_settings(ding_town).dingtalk
    assert settings is not None
    api = Stumbling(settings, redis, error, times)
    receipt = DingSender(settings, redis, PEN.base_url, api).send(
        Parcel("dt-xiaoli|dt-laowang|dt-chenjie", a_card(), "k1")
    )
    assert (receipt.problem, api.tried) == (lost, tried)
    for who, cards in (("xiaoli", 1), ("laowang", 0 if lost else 1), ("chenjie", 1)):
        assert len(ding_town.cards(f"ding:{who}")) == cards, who
    assert not ding_town.complaints


def test_delivered_is_what_each_entry_says_and_not_the_top(ding_town: DingTown, sender: DingSender) -> None:
    ding_town.ding.robot_in_group = False
    with pytest.raises(SendError) as error:
        sender.send(to_group(a_card()))
    assert (error.value.permanent, error.value.resolution.reaction) == (True, Reaction.PERSON)
    assert "机器人不在群内" in str(error.value)
    with pytest.raises(SendError) as error:
        sender.send(Parcel("dt-nobody", a_card(), "k2"))
    assert error.value.permanent


def test_the_same_card_again_after_a_lost_answer_stands_there_once(ding_town: DingTown, sender: DingSender) -> None:
    sender.send(to_group(a_card()))
    sender.send(to_group(a_card(), again=True))
    assert len(ding_town.cards("dgroup")) == 1


def test_a_card_that_exists_had_arrived(redis: Redis) -> None:
    """Some answer a repeated id by an error: after a lost answer it is good news, else another card has our id."""
    with saying(400, {"code": "param.cardAlreadyExist", "message": "exists"}) as url:
        sender = DingSender(plain_settings(url), redis, PEN.base_url)
        assert sender.send(to_group(a_card(), again=True)).problem == "重发时平台已有这张卡片"
        with pytest.raises(SendError) as error:
            sender.send(to_group(a_card()))
    assert error.value.permanent


def test_which_way_presses_come_back_is_said_with_the_card(ding_town: DingTown, redis: Redis) -> None:
    sender = of(ding_town, redis, mode="http", card_secret="s", card_route="hub-cards")
    sender.send(to_group(a_card()))
    card = ding_town.ding.cards.cards["case-12-r3-n1"]
    assert (card.callback, card.route_key) == ("HTTP", "hub-cards")


def test_a_card_stays_as_it_is_where_the_platform_says_that_the_month_is_used_up(
    ding_town: DingTown, sender: DingSender
) -> None:
    """Whatever was counted here: others use the company's quota as well. Nobody need be told of each card."""
    sender.send(to_group(a_card()))
    ding_town.ding.quota.use_up(calls=5000)
    with pytest.raises(SendError) as error:
        sender.change(Change(a_card(4), "case-12-r3-n1", "", channel="dingtalk"))
    assert error.value.used_up


def test_a_card_that_is_gone_needs_no_change(sender: DingSender) -> None:
    with pytest.raises(SendError) as error:
        sender.change(Change(a_card(), "never-sent", "", channel="dingtalk"))
    assert error.value.used_up


# texts and files


def test_a_text_in_the_group_and_to_one_person(ding_town: DingTown, sender: DingSender) -> None:
    sender.send(to_group(Text("**已改派**给老王。"), "n1"))
    sender.send(Parcel("dt-xiaoli", Text("好"), "n2"))
    assert [(one.kind, one.body["content"]) for one in ding_town.chat("dgroup")] == [("markdown", "**已改派**给老王。")]
    assert [one.body["title"] for one in ding_town.chat("ding:xiaoli")] == ["好"]
    assert not ding_town.complaints


def test_a_card_as_text_keeps_its_code_and_its_link_as_a_button(ding_town: DingTown, sender: DingSender) -> None:
    sender.send(to_group(as_text(a_card()), "n1"))
    (shown,) = ding_town.chat("dgroup")
    assert shown.kind == "ding_action"
    assert "A7F2 认领" in shown.body["content"]
    assert [(one["text"], one["url"]) for one in shown.body["buttons"]] == [("打开看板", PEN.page_of(5))]


def test_who_was_left_out_is_named(ding_town: DingTown, sender: DingSender) -> None:
    assert sender.send(Parcel("dt-xiaoli|dt-nobody", Text("好"), "n1")).problem == "dt-nobody"
    with pytest.raises(SendError) as error:
        sender.send(Parcel("dt-nobody", Text("好"), "n2"))
    assert error.value.resolution.reaction is Reaction.PERSON
    ding_town.ding.switches.set({"flow_control": 1})
    with pytest.raises(SendError) as error:
        sender.send(Parcel("dt-xiaoli", Text("好"), "n3"))
    assert error.value.resolution.reaction is Reaction.WAIT
    assert not error.value.silence, "the platform answered: the others need not wait"


def test_more_than_twenty_people_are_several_calls(ding_town: DingTown, sender: DingSender) -> None:
    many = "|".join(["dt-xiaoli", *(f"dt-{number}" for number in range(24)), "dt-laowang"])
    receipt = sender.send(Parcel(many, Text("好"), "n1"))
    assert ding_town.calls["POST /v1.0/robot/oToMessages/batchSend"] == 2
    assert len(ding_town.chat("ding:laowang")) == 1
    assert receipt.problem.count("dt-") == 24


def test_pictures_and_files_go_into_the_chat(ding_town: DingTown, sender: DingSender) -> None:
    sender.send(Parcel(GROUP, Enclosed("今天.png", PNG), "n1", is_group=True))
    sender.send(Parcel("dt-xiaoli", Enclosed("订单.xlsx", b"PK\x03\x04"), "n2"))
    assert [one.kind for one in ding_town.chat("dgroup")] == ["image"]
    (file,) = ding_town.chat("ding:xiaoli")
    assert (file.kind, file.body["name"]) == ("file", "订单.xlsx")
    with pytest.raises(SendError) as error:
        sender.send(Parcel("dt-xiaoli", Enclosed("a.exe", b"MZ"), "n3"))
    assert error.value.permanent
    assert not ding_town.complaints


def test_a_text_can_be_taken_back_a_card_cannot(ding_town: DingTown, sender: DingSender) -> None:
    group = sender.send(to_group(Text("错了"), "n1"))
    alone = sender.send(Parcel("dt-xiaoli", Text("错了"), "n2"))
    for receipt in (group, alone):
        sender.recall(receipt.msgid)
    assert [one.recalled for one in (*ding_town.chat("dgroup"), *ding_town.chat("ding:xiaoli"))] == [True, True]
    card = sender.send(to_group(a_card()))
    for msgid, gone in ((card.msgid, False), ("|unknown", True)):
        with pytest.raises(SendError) as error:
            sender.recall(msgid)
        assert (error.value.permanent, error.value.used_up) == (True, gone)


# limits


def test_the_21st_message_of_a_minute_waits(sender: DingSender, ding_conf: Settings) -> None:
    waits = [sender.wait_seconds("dt-xiaoli") for _ in range(21)]
    assert waits[:15] == [0.0] * 15
    assert waits[-1] > 0


def test_calls_of_one_second_are_few_whoever_they_go_to(ding_town: DingTown, redis: Redis) -> None:
    sender = of(ding_town, redis, calls_per_second=3)
    assert sender.wait_seconds("dt-a|dt-b") == 0
    assert 0 < sender.wait_seconds("dt-c|dt-d") < 2
    assert sender.wait_seconds("dt-c") == 0
    with pytest.raises(SendError) as error:
        sender.change(Change(a_card(), "k", "", channel="dingtalk"))
    assert error.value.resolution.reaction is Reaction.WAIT
    assert not error.value.silence, "nor is the platform silent where we hold ourselves back"


def test_a_dead_redis_asks_for_patience(ding_conf: Settings) -> None:
    assert ding_conf.dingtalk is not None
    away = Redis(port=9, socket_connect_timeout=0.2, retry=NO_RETRY)
    sender = DingSender(ding_conf.dingtalk, away, PEN.base_url)
    change = Change(a_card(), "k", "", channel="dingtalk")
    for call in (
        lambda: sender.wait_seconds("x"),
        lambda: sender.send(to_group(a_card())),
        lambda: sender.change(change),
    ):
        with pytest.raises(SendError) as error:
            call()
        assert not error.value.permanent
