"""Promises 2 and 3: nothing is done twice, and no message is lost or doubled, whoever presses, repeats or dies."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select

import bot.settle
import handlers.shipping
import jobs
from bot.channels.wecom_bot.connection import Link
from handlers.owe import Owed, owe
from models import Customer, Notification, Order
from models.case import short_code
from sandbox.chat_bot import Heard
from sandbox.chat_store import Message
from sandbox.faults import Fault, Faults, Kind, drop_connection
from tests.flows.chats import shown
from tests.flows.house import (
    CUSTOMER,
    Ground,
    House,
    in_parallel,
    no_chat,
    on_dingtalk,
    on_wecom,
    open_house,
)
from tests.waiting import eventually

WAYBILL = "SF1234567890123"
SEND = {
    "taobao": "taobao.logistics.offline.send",
    "jd": "jingdong.pop.order.shipment",
    "pdd": "pdd.logistics.online.send",
}
SEND_CARD = {"wecom": "send", "dingtalk": "createAndDeliver"}


class Killed(BaseException):
    """Nobody catches it, as nobody catches the end of a process."""


def first_time_only(monkeypatch: pytest.MonkeyPatch, module: Any, name: str) -> None:
    """The process dies when it gets there for the first time."""
    real, calls = getattr(module, name), [0]

    def dying(*arguments: Any, **options: Any) -> Any:
        calls[0] += 1
        if calls[0] == 1:
            raise Killed
        return real(*arguments, **options)

    monkeypatch.setattr(module, name, dying)


def to_ship(house: House, platform: str, *, buyer: str | None = None) -> Order:
    """An order that waits for the courier; with "hero" its buyer hears."""
    house.move(minutes=16)  # into windows that were not read yet
    made = house.order_in(platform, buyer=buyer)
    house.pull(platform)
    if buyer:
        house.bind(made)
    house.ask("xiaoli", f"审核 {made.id}")
    house.ask("laowang", f"配货 {made.id}")
    return house.order(made.id)


def own_waybill(order: Order) -> str:
    """No two parcels have one number."""
    return f"SF{order.id:013d}"


def stale_card(house: House, order: Order) -> Message:
    """The card in the group, two hours later."""
    house.move(hours=2)
    house.look()
    return house.card("group", order.tag, "待审核超时")


# callbacks


def test_a_command_that_is_delivered_five_times_at_once_is_obeyed_once(office: House) -> None:
    order = office.arrived("taobao")
    with office.held_back() as parcels:
        office.say("xiaoli", f"审核 {order.tag}")
    answers = in_parallel([lambda: office.post(parcels[0])] * 5)
    assert {answer.status_code for answer in answers} <= {200, 503}, "done, or to be repeated"
    assert office.post(parcels[0]).status_code == 200
    office.work()
    before = office.counts()
    for parcel in parcels * 2:
        assert office.post(parcel).status_code == 200
    office.work()
    assert office.counts() == before
    assert office.actions(order).count("审核") == 1
    assert office.order(order.external_id).stage == "pending_pick"
    assert sum(order.tag in shown(one) for one in office.said("app:xiaoli")) == 1, "and answered with one card"


def test_a_press_that_is_delivered_five_times_at_once_counts_once(office: House) -> None:
    order = office.arrived("taobao")
    office.ask("chenjie", f"指派 {order.tag} 小李")
    card = office.card("app:xiaoli", order.tag)
    with office.held_back() as parcels:
        office.press("xiaoli", card, "审核")
    answers = in_parallel([lambda: office.post(parcels[0])] * 5)
    assert {answer.status_code for answer in answers} <= {200, 503}
    assert office.post(parcels[0]).status_code == 200
    office.work()
    assert office.actions(order).count("审核") == 1
    assert office.order(order.external_id).stage == "pending_pick", "not two stages further"
    assert "小李" in shown(card, "xiaoli")
    assert not office.complaints()


@on_wecom
def test_a_frame_that_comes_five_times_is_answered_once_in_the_group(house: House) -> None:
    """Of the bot's long connection; DingTalk's frames are repeated in test_dingtalk_line.py."""
    order = house.arrived("taobao")
    line, carried = house.phones.aibot.link, list[Heard]()
    send = line._send
    line._send = lambda command, heard: carried.append(heard) or send(command, heard)  # type: ignore[method-assign, func-returns-value]
    house.ask("xiaoli", f"备注 {order.tag} 门口有狗", chat="group")
    said = len(house.said("group"))
    pending = [line._send("aibot_msg_callback", carried[0]) for _ in range(4)]
    house.ask("laowang", "我的", chat="group")  # heard after those four
    assert not any(one is not None and one.answered.is_set() for one in pending)
    assert len(house.said("group")) == said + 1
    assert house.actions(order).count("备注") == 1


@no_chat
def test_a_customer_whose_message_comes_five_times_is_bound_once(office: House) -> None:
    made = office.order_in("taobao", buyer="hero")
    office.pull("taobao")
    with office.held_back() as parcels:
        office.phones.customer_say(CUSTOMER, f"{made.id} {made.buyer.phone[-4:]}")
    answers = in_parallel([lambda: office.post(parcels[0])] * 5)
    assert {answer.status_code for answer in answers} <= {200, 503}
    with office.hub.sessions() as session:
        assert [row.openid for row in session.scalars(select(Customer))] == [CUSTOMER]


# people


@pytest.mark.parametrize("words", ["审核", "认领"])
def test_of_two_who_press_at_once_one_wins_and_the_other_sees_who(house: House, words: str) -> None:
    names = {"xiaoli": "小李", "chenjie": "陈姐"}
    for number in range(2):
        order = house.arrived(("taobao", "jd", "pdd")[number % 3])
        card = stale_card(house, order)
        first, second = in_parallel([partial(house.press, who, card, words) for who in names])
        house.work()
        assert first.answered
        assert second.answered
        (row,) = [row for row in house.trail(order) if row.action == words]
        (loser,) = set(names) - {who for who, name in names.items() if name == row.actor}
        assert row.actor in shown(card, loser), f"{names[loser]} sees who was faster"
        house.ask("xiaoli", f"审核 {order.tag}")  # out of the way of the next one
    assert not house.complaints()


def test_chat_card_and_board_at_once_move_an_order_one_stage(house: House) -> None:
    order = house.arrived("taobao")
    card = stale_card(house, order)
    board = house.enter_board("chenjie")
    form = {"action": "approve", "revision": "1", "value": "pending_review"}
    _, _, page = in_parallel([
        lambda: house.press("xiaoli", card, "审核").answered,
        lambda: house.say("chenjie", f"审核 {order.tag}").answered,
        lambda: board.post(f"{house.url}/orders/{order.id}", data=form, timeout=10).status_code == 200,
    ])  # fmt: skip
    assert page
    house.work()
    assert house.order(order.external_id).stage == "pending_pick"
    assert house.actions(order).count("审核") == 1


def test_two_waybills_at_once_are_one_parcel(office: House) -> None:
    order = to_ship(office, "jd", buyer="hero")
    numbers = ("SF1111111111111", "SF2222222222222")
    in_parallel([
        lambda: office.say("laowang", f"发货 {order.tag} 顺丰 {numbers[0]}"),
        lambda: office.say("chenjie", f"发货 {order.tag} 顺丰 {numbers[1]}"),
    ])  # fmt: skip
    office.work()
    (told,) = office.world.shipments
    assert told.waybill == office.order(order.external_id).waybill
    assert office.actions(order).count("发货") == 1
    assert sum("SF" in shown(one) for one in office.said(f"oa:{CUSTOMER}")) == 1


# jobs


def test_every_job_may_run_three_times_at_once(house: House) -> None:
    orders = [to_ship(house, platform) for platform in ("taobao", "jd", "pdd")]
    hero = to_ship(house, "taobao", buyer="hero")
    for order in (*orders, hero):
        assert house.say("laowang", f"发货 {order.tag} 顺丰 {own_waybill(order)}").answered
    late = house.order_in("jd")
    for work in ("write_back", "deliver", "look"):
        in_parallel([partial(getattr(jobs, work))] * 3)
    reports = in_parallel([lambda: jobs.pull_shop("jd")] * 3)
    assert sum("busy=True" in report for report in reports) >= 1 or "new=0" in "".join(reports)
    house.move(hours=2)
    for _ in range(2):
        in_parallel([partial(getattr(jobs, work)) for work in ("look", "deliver", "write_back") * 2])
    house.work()
    assert sorted(one.order_id for one in house.world.shipments) == sorted(one.external_id for one in (*orders, hero))
    assert sum(own_waybill(hero) in shown(one) for one in house.said(f"oa:{CUSTOMER}")) == 1
    tag = house.order(late.id).tag
    assert sum(tag in shown(one) and "待审核超时" in shown(one) for one in house.said("group")) == 1
    for order in (*orders, hero):
        assert house.actions(order).count("回传成功") == 1
    assert house.actions(house.order(late.id)).count("异常") == 1
    assert not house.complaints()


# write-backs


class LostThenDown(Faults):
    """The platform does it, its answer is lost, and from then on it answers nothing."""

    def __init__(self, method: str) -> None:
        super().__init__()
        self._method, self.down = method, False

    def take(self, platform: str, method: str, kinds: Collection[Kind] = tuple(Kind)) -> Fault | None:
        if self.down and Kind.CUT_CONNECTION in kinds:
            return Fault(Kind.CUT_CONNECTION)
        if not self.down and method == self._method and Kind.LOSE_REPLY in kinds:
            self.down = True
            return Fault(Kind.LOSE_REPLY)
        return None


@no_chat
@pytest.mark.parametrize("down", [False, True])
def test_a_write_back_whose_answer_was_lost_is_not_repeated(office: House, *, down: bool) -> None:
    for platform, method in SEND.items():
        order = to_ship(office, platform)
        if down:
            office.state.faults = LostThenDown(method)
        else:
            office.state.faults.arm("lose_reply", platform, method)
        office.ask("laowang", f"发货 {order.tag} 顺丰 {own_waybill(order)}")
        there = [one.order_id for one in office.world.shipments]
        assert there.count(order.external_id) == 1, "the platform did it, and nobody heard"
        assert ("回传成功" in office.actions(order)) is not down
        office.state.faults = Faults()
        office.move(minutes=2)
        office.look()
        assert [one.order_id for one in office.world.shipments] == there
        assert sum(call.method == method for call in office.world.calls) == 1, "it was looked up, not sent again"
        assert office.actions(order).count("回传成功") == 1
    assert not office.cases("writeback_fail"), "and nobody was alarmed"


@no_chat
def test_a_worker_that_dies_after_the_platform_was_told_tells_it_no_second_time(
    office: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    for platform in SEND:
        order = to_ship(office, platform)
        office.say("laowang", f"发货 {order.tag} 顺丰 {own_waybill(order)}")
        with monkeypatch.context() as patch:
            first_time_only(patch, handlers.shipping, "write_back_confirmed")
            with pytest.raises(Killed):
                jobs.write_back()
        assert "回传成功" not in office.actions(order)
        office.work()
        assert [one.order_id for one in office.world.shipments].count(order.external_id) == 1
        assert office.actions(order).count("回传成功") == 1


# messages


def losing_the_answer(send: Callable[..., Any]) -> Callable[..., Any]:
    """The platform does it; the connection breaks before the first answer is out."""
    lost: list[Any] = []

    def sending(*arguments: Any) -> Any:
        answer = send(*arguments)
        if not lost:
            lost.append(drop_connection())
        return answer

    return sending


def test_a_message_whose_answer_was_lost_stands_in_the_chat_once(office: House, chat: str) -> None:
    order = office.arrived("taobao", buyer="hero")
    office.state.faults.arm("lose_reply", chat, SEND_CARD[chat])
    office.ask("chenjie", f"指派 {order.tag} 小李")
    with office.hub.sessions() as session:
        assert "owed" in session.scalars(select(Notification.state)).all(), "nobody knows whether it arrived"
    office.move(seconds=10)
    office.work()
    for name in ("app:xiaoli", "app:chenjie"):
        assert sum(order.tag in shown(one) for one in office.said(name)) == 1, name
    card = office.card("app:xiaoli", order.tag)
    assert "待配货" in office.pressed("xiaoli", card, "审核"), "and its buttons work"
    assert not office.complaints()


@no_chat
def test_a_customers_message_whose_answer_was_lost_stands_there_once(
    office: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = to_ship(office, "taobao", buyer="hero")
    monkeypatch.setattr(office.phones.weixin, "send", losing_the_answer(office.phones.weixin.send))
    office.ask("laowang", f"发货 {order.tag} 顺丰 {WAYBILL}")
    office.move(seconds=10)
    office.work()
    assert sum(WAYBILL in shown(one) for one in office.said(f"oa:{CUSTOMER}")) == 1
    with office.hub.sessions() as session:
        states = session.scalars(select(Notification.state).where(Notification.channel == "customer")).all()
    assert set(states) <= {"sent", "delivered"}


@on_wecom
def test_a_card_for_the_group_whose_ack_was_lost_stands_there_once(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over the bot's long connection; DingTalk's cards go by HTTP: the next one."""
    order = house.arrived("taobao")
    request, lost = Link.request, list[object]()

    def deaf(link: Link, command: str, body: Any = None, req_id: str = "") -> Any:
        answer = request(link, command, body, req_id)
        if command == "aibot_send_msg" and not lost:
            lost.append(house.phones.aibot.link.current)
            link.close()  # the ack was on its way
            return request(link, "ping")
        return answer

    monkeypatch.setattr(Link, "request", deaf)
    house.move(hours=2)
    jobs.look()
    eventually(lambda: lost, "nothing was sent")
    eventually(
        lambda: house.phones.online() and house.phones.aibot.link.current is not lost[0], "it does not come back"
    )
    house.move(minutes=2)
    house.work()
    cards = [one for one in house.said("group") if order.tag in shown(one)]
    assert len(cards) == 1
    house.pressed("xiaoli", cards[0], "审核")
    assert "小李已审核" in shown(cards[0], "laowang")


@on_dingtalk
def test_a_card_for_dingtalks_group_whose_answer_was_lost_stands_there_once(house: House) -> None:
    order = house.arrived("taobao")
    house.state.faults.arm("lose_reply", "dingtalk", "createAndDeliver")
    card = stale_card(house, order)
    with house.hub.sessions() as session:
        assert "owed" in session.scalars(select(Notification.state)).all(), "nobody knows whether it arrived"
    house.move(seconds=10)
    house.work()
    (only,) = [one for one in house.said("group") if order.tag in shown(one)]
    assert only is card
    house.pressed("xiaoli", card, "审核")
    assert "小李已审核" in shown(card, "laowang"), "it is known by its number, and follows"


def test_a_worker_that_dies_between_sending_and_noting_it_sends_no_double(
    office: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = to_ship(office, "taobao", buyer="hero")
    office.say("laowang", f"发货 {order.tag} 顺丰 {WAYBILL}")
    before = len(office.said("app:laowang"))
    for _ in range(3):
        with monkeypatch.context() as patch:
            first_time_only(patch, bot.settle, "settle")
            with pytest.raises(Killed):
                jobs.deliver()
    sent = len(office.said("app:laowang")) - before + len(office.said(f"oa:{CUSTOMER}"))
    assert sent > 1, "something went out and was not noted"
    jobs.deliver()
    with office.hub.sessions() as session:
        assert session.scalars(select(Notification.id).where(Notification.state == "sending")).all()
    office.move(seconds=61)  # the dead worker's lease ends
    office.work()
    assert sum(WAYBILL in shown(one) for one in office.said(f"oa:{CUSTOMER}")) == 1
    assert len(office.said("app:laowang")) == before + 1
    with office.hub.sessions() as session:
        assert not session.scalars(select(Notification.id).where(Notification.state.in_(("owed", "sending")))).all()


def test_a_flood_waits_its_turn_and_none_of_it_is_lost(house: House) -> None:
    with house.hub.open_desk() as desk:
        owe(desk, [Owed(f"k{number}", "staff", "text", "x", "1", {"text": f"私 {number}。"}) for number in range(40)])
        owe(desk, [Owed(f"g{number}", "group", "text", "x", "", {"text": f"群 {number}。"}) for number in range(40)])
    for _ in range(2):
        house.work()
        house.pause()
    house.work()
    for name, word in (("app:xiaoli", "私"), ("group", "群")):
        said = "".join(
            one.body["content"] for one in house.said(name) if "content" in one.body
        )  # near the limit small texts travel together
        assert [said.count(f"{word} {number}。") for number in range(40)] == [1] * 40
    assert not house.complaints(), "the platform dropped nothing"


def test_what_had_to_be_dropped_is_said_once(ground: Ground, chat: str) -> None:
    wrong = {"shipped": {"id": "tmpl-none", "keys": {"number": "character_string1"}}}
    with open_house(ground, chat=chat, online=False, weixin={"templates": wrong}) as house:
        orders = [to_ship(house, "taobao", buyer="hero") for _ in range(2)]
        for order in orders:
            house.ask("laowang", f"发货 {order.tag} 顺丰 {WAYBILL}")
        house.move(hours=1)
        house.work()
        said = [shown(one) for one in house.said("app:chenjie")]
        assert sum("发货」通知用服务号模板消息发不出去" in one for one in said) == 1, "it is wrong for all"
        assert "tmpl" not in "".join(said)


def test_a_short_code_that_is_typed_twice_ends_a_matter_once(house: House) -> None:
    made = house.order_in("taobao", kind="vague", buyer="hero")
    house.pull("taobao")
    house.bind(made)
    code = short_code(house.cases("address_vague")[0].id)
    in_parallel([partial(house.say, who, f"{code} 完成") for who in ("xiaoli", "chenjie")])
    house.work()
    house.pause()
    house.work()
    assert house.actions(house.order(made.id)).count("处理完成") == 1
    assert sum("地址已确认" in shown(one) for one in house.said(f"oa:{CUSTOMER}")) == 1
