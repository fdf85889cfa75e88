"""DingTalk's long connection and its card service in particular: frames that come again, acknowledgements and changes
that get lost, tickets that end, two connections at once, the month's quota. The counterpart of what the other flows
tell of WeCom's frames and codes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial, partialmethod
from typing import Any

import pytest
from sqlalchemy import select

from bot.channels.dingtalk.connection import Frame
from bot.channels.dingtalk.connection import Link as OurLink
from bot.channels.dingtalk_hook.client import HookSender
from bot.ding_frames import Ear
from config_chat import PUBLIC_TEMPLATE
from models import Lease, Order
from sandbox.chat_store import Message
from sandbox.chat_wire import Outcome
from sandbox.dingtalk_link import BOT, CARD, Link, Pushed
from sandbox.dingtalk_whole import DingTalk
from streams.holding import Hearers
from tests.flows.chats import number_of, shown
from tests.flows.house import Ground, House, connected, in_parallel, on_dingtalk, open_house
from tests.waiting import eventually

pytestmark = on_dingtalk


@pytest.fixture
def ding(house: House) -> DingTalk:
    return house.phones.dingtalk


def in_group(house: House, order: Order) -> Message:
    house.move(hours=2)
    house.look()
    return house.card("group", order.tag, "待审核超时")


def last(ding: DingTalk, topic: str) -> Pushed:
    return next(one for one in reversed(ding.gateway.history) if one.topic == topic)


# frames that come again


def test_a_message_whose_frame_comes_five_times_is_obeyed_and_answered_once(house: House, ding: DingTalk) -> None:
    order = house.arrived("taobao")
    house.ask("xiaoli", f"备注 {order.tag} 门口有狗", chat="group")
    house.ask("laowang", f"备注 {order.tag}", chat="app")  # refused, in words
    notes, refusal = [one for one in ding.gateway.history if one.topic == BOT][-2:]
    before = [len(house.said(name)) for name in ("group", "app:laowang")]
    for pushed in (notes, refusal) * 4:
        assert ding.gateway.repeat(pushed)
    house.ask("chenjie", f"查 {order.tag}")  # heard after those
    house.work()
    assert [len(house.said(name)) for name in ("group", "app:laowang")] == before
    assert house.actions(order).count("备注") == 1
    assert not house.complaints()


@pytest.mark.parametrize("later", [0, 11, 3600])
def test_a_press_whose_frame_comes_again_counts_once(house: House, ding: DingTalk, later: int) -> None:
    """DingTalk gives a press no number: whatever comes ten seconds later is a press of its own, of a card that is no
    more as it was."""
    order = house.arrived("taobao")
    card = in_group(house, order)
    house.pressed("xiaoli", card, "审核")
    house.move(seconds=later)
    pushed = last(ding, CARD)
    for _ in range(3):
        pushed.answered.clear()
        assert ding.gateway.repeat(pushed)
        assert pushed.answered.wait(5), "and it is answered each time"
    house.work()
    assert house.actions(order).count("审核") == 1
    assert house.order(order.external_id).stage == "pending_pick"
    assert not house.complaints()


# what gets lost


@contextmanager
def deaf(patch: pytest.MonkeyPatch, topic: str) -> Iterator[list[str]]:
    """The platform hears no acknowledgement of a frame of this topic; what it did not hear."""
    settle, lost = Link._settle, list[str]()

    def settled(link: Link, pushed: Pushed, code: int, answer: Any) -> None:
        if pushed.topic == topic and pushed.tries == 1:
            lost.append(pushed.message_id)
        else:
            settle(link, pushed, code, answer)

    with patch.context() as patched:
        patched.setattr(Link, "_settle", settled)
        yield lost


def test_a_press_whose_acknowledgement_is_lost_is_seen_by_all_and_not_done_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = house.arrived("taobao")
    card = in_group(house, order)
    house.switches.card_seconds = 0.3
    with deaf(monkeypatch, CARD) as lost:
        assert not house.press("xiaoli", card, "审核").answered
        eventually(lambda: lost, "it was never acknowledged")
    house.switches.card_seconds = 2.0
    house.work()
    for viewer in ("xiaoli", "laowang"):
        assert "小李已审核" in shown(card, viewer), "the change for all tells the presser too"
    assert house.actions(order).count("审核") == 1


def test_a_message_whose_acknowledgement_is_lost_comes_again_and_is_answered_once(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = house.arrived("taobao")
    house.switches.deadline_seconds = 0.3
    with deaf(monkeypatch, BOT) as lost:
        assert not house.say("xiaoli", f"备注 {order.tag} 易碎", chat="group").answered
        eventually(lambda: lost, "it was never acknowledged")
    pushed = last(house.phones.dingtalk, BOT)
    house.move(seconds=21)
    assert pushed.answered.wait(5), "the second one is acknowledged"
    house.work()
    assert pushed.tries == 2
    assert house.actions(order).count("备注") == 1
    assert len([one for one in house.said("group") if order.tag in shown(one)]) == 1


@pytest.mark.parametrize("fault", ["lose_reply", "http_500", "cut_connection"])
def test_a_change_of_a_card_that_gets_lost_is_made_later(house: House, fault: str) -> None:
    order = house.arrived("taobao")
    card = in_group(house, order)
    house.state.faults.arm(fault, "dingtalk", "instances")
    house.pressed("xiaoli", card, "审核")
    assert "小李已审核" in shown(card, "xiaoli"), "whoever pressed has it from the answer"
    for _ in range(3):
        house.move(seconds=30)
        house.work()
    assert "小李已审核" in shown(card, "laowang")
    assert len([one for one in house.said("group") if order.tag in shown(one)]) == 1
    assert not house.complaints()


def test_a_change_that_waits_shows_the_newest_state(house: House) -> None:
    """Two changes that could not be made are one."""
    order = house.arrived("taobao")
    card = in_group(house, order)
    house.state.faults.arm("http_500", "dingtalk", "instances", calls=2)
    house.pressed("xiaoli", card, "认领")
    house.pressed("xiaoli", card, "审核")
    changes = house.phones.dingtalk.quota.calls["PUT /v1.0/card/instances"]
    for _ in range(3):
        house.move(seconds=30)
        house.work()
    assert "小李已审核" in shown(card, "laowang")
    assert house.phones.dingtalk.quota.calls["PUT /v1.0/card/instances"] - changes == 1


# connections


def test_a_ticket_that_ended_before_it_was_used_is_asked_for_anew(
    house: House, ding: DingTalk, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = house.arrived("taobao")
    card = in_group(house, order)
    redeem, refused = ding.gateway.redeem, list[str]()

    def too_late(ticket: str) -> Any:
        if refused:
            return redeem(ticket)
        refused.append(ticket)
        ding.gateway.expire_tickets()
        return redeem(ticket)

    monkeypatch.setattr(ding.gateway, "redeem", too_late)
    house.edge.cut(house.phones)
    eventually(lambda: refused and house.online(), "it does not come back")
    house.pressed("xiaoli", card, "审核")
    assert house.actions(order).count("审核") == 1


def test_while_one_connection_takes_over_from_another_every_press_is_answered_once(
    house: House, ding: DingTalk
) -> None:
    """For ten seconds both are open: the old one only for what was pushed by it."""
    for number in range(4):
        order = house.arrived(("taobao", "jd", "pdd")[number % 3])
        card = in_group(house, order)
        works: list[Callable[[], object]] = [ding.gateway.disconnect, partial(house.press, "xiaoli", card, "审核")]
        _, outcome = in_parallel(works)
        eventually(house.online, "nobody takes over")
        assert isinstance(outcome, Outcome)
        if not outcome.answered:  # nobody was there for a moment
            house.press("xiaoli", card, "审核")
        house.work()
        assert house.actions(order).count("审核") == 1
        assert "小李已审核" in shown(card, "laowang")
        house.move(minutes=16)
    assert not house.complaints()


def test_a_second_hub_does_not_take_half_of_what_people_say(house: House, ding: DingTalk) -> None:
    with house.hub.sessions() as session:
        owner = session.scalar(select(Lease.owner).where(Lease.name == "dingtalk"))
    with connected(house):
        order = house.arrived("taobao")
        for number in range(4):
            house.ask("xiaoli", f"备注 {order.tag} 第 {number} 条")
        assert len(ding.gateway.links) == 1
    with house.hub.sessions() as session:
        assert session.scalar(select(Lease.owner).where(Lease.name == "dingtalk")) == owner
    assert house.actions(order).count("备注") == 4


def test_two_connections_of_one_robot_do_nothing_twice(ground: Ground, chat: str) -> None:
    """Where somebody runs a hub of another database with the same robot, each hears a part; what one of them did is
    done, whoever else hears of it."""
    with open_house(ground, chat=chat) as house:
        ding = house.phones.dingtalk
        order = house.arrived("taobao")
        card = in_group(house, order)
        house.pressed("xiaoli", card, "审核")
        pushed = last(ding, CARD)
        (first,) = ding.gateway.links
        with second_line(house):
            eventually(lambda: len(ding.gateway.links) == 2, "the second one does not come")
            for _ in range(6):  # to one of them, by chance
                pushed.answered.clear()
                ding.gateway.repeat(pushed)
                assert pushed.answered.wait(5)
            for number in range(6):
                house.ask("xiaoli", f"备注 {order.tag} 第 {number} 条")
        assert ding.gateway.links == [first]
        assert house.actions(order).count("审核") == 1
        assert house.actions(order).count("备注") == 6
        assert not house.complaints()


@contextmanager
def second_line(house: House) -> Iterator[None]:
    """One more connection of the same robot, as whoever does not ask for the lease would make it."""
    settings = house.hub.settings.dingtalk
    assert settings is not None
    ear, hearers = Ear(house.hub.open_desk, settings, house.hub.redis), Hearers("second")

    def heard(link: OurLink, frame: Frame) -> None:
        hearers.take(partial(ear.hear, link, frame))

    link = OurLink.open(settings, heard)
    try:
        yield
    finally:
        hearers.close()
        link.close()
        eventually(lambda: len(house.phones.dingtalk.gateway.links) == 1, "it does not go")


# changes that come fast


def test_a_card_that_changes_often_rests_in_between(ground: Ground, chat: str) -> None:
    """Each change costs a call of the month."""
    with open_house(ground, chat=chat, dingtalk={"coalesce_seconds": 30}) as house:
        order = house.arrived("taobao")
        card = in_group(house, order)
        house.move(minutes=1)
        calls = house.phones.dingtalk.quota.calls
        for words in ("认领", "释放", "认领"):
            house.pressed("xiaoli", card, words)
            assert "认领" in shown(card, "xiaoli"), "she sees each of them in the answer"
            assert calls["PUT /v1.0/card/instances"] <= 1, "only the first one goes out at once"
        house.pressed("xiaoli", card, "审核")
        for _ in range(3):
            house.move(seconds=31)
            house.work()
        assert "小李已审核" in shown(card, "laowang")
        assert calls["PUT /v1.0/card/instances"] == 2
        assert len({number_of(one) for one in house.said("group")}) == 1


# other ways


def test_a_company_without_a_template_of_its_own_works_by_the_public_one(ground: Ground, chat: str) -> None:
    with open_house(ground, chat=chat, dingtalk={"card_template": PUBLIC_TEMPLATE}) as house:
        order = house.arrived("taobao")
        card = in_group(house, order)
        house.pressed("xiaoli", card, "认领")
        assert "仓库" in house.pressed("laowang", card, "审核"), "refused, to him alone"
        assert "可以请" not in shown(card, "xiaoli")
        house.pressed("xiaoli", card, "审核")
        for viewer in ("xiaoli", "laowang", "chenjie"):
            assert "小李已审核" in shown(card, viewer)
        assert house.actions(order).count("审核") == 1
        assert not house.complaints()


def test_a_hub_that_is_called_hears_the_group_as_well(ground: Ground, chat: str) -> None:
    with open_house(ground, chat=chat, online=False) as house:
        order = house.arrived("taobao")
        card = in_group(house, order)
        assert order.tag in house.ask("laowang", f"查 {order.tag}", chat="group")
        house.pressed("xiaoli", card, "审核")
        assert "小李已审核" in shown(card, "laowang")
        assert not house.complaints()


# the month's quota


HOOK: Any = {
    "gateway": "{sandbox}/dingtalk/oapi", "token": "demo-hook-token", "secret": "SECdemo00000000000000000000000000"
}  # fmt: skip


def test_a_month_whose_calls_are_used_up_goes_on_by_the_webhook_and_the_next_one_is_as_before(
    ground: Ground, chat: str
) -> None:
    with open_house(ground, chat=chat, dingtalk_hook=HOOK) as house:
        # It signs with the machine's clock, which is right, while this house's is another one.
        signing = partialmethod(HookSender.__init__, clock=lambda: house.hub.now().timestamp())
        ground.patch.setattr(HookSender, "__init__", signing)
        order = house.arrived("taobao")
        card = in_group(house, order)
        house.phones.dingtalk.quota.use_up(calls=5000)
        house.pressed("xiaoli", card, "审核")
        assert house.order(order.external_id).stage == "pending_pick", "a press costs no call"
        assert "小李已审核" in shown(card, "xiaoli")
        late = house.arrived("pdd")
        house.move(hours=2)
        house.look()
        (told,) = [one for one in house.said("group") if late.tag in shown(one)]
        assert told.sender == "ding_hook", "by the one way that costs no call"
        assert "审核" in told.body["content"], "with the words that stand for the buttons"
        assert "待配货" in house.ask("xiaoli", f"{late.tag} 审核") or house.actions(late).count("审核") == 1
        house.move(days=10)  # January
        house.ask("chenjie", f"指派 {late.tag} 老王")
        house.card("app:laowang", late.tag)
        assert not house.complaints()


def test_a_month_whose_messages_are_used_up_leaves_the_buttons(house: House, ding: DingTalk) -> None:
    order = house.arrived("taobao")
    card = in_group(house, order)
    ding.quota.use_up(stream=3000)
    assert "额度已用完" in house.ask("xiaoli", f"备注 {order.tag} 易碎"), "what she said did not come along"
    house.pressed("xiaoli", card, "审核")
    assert house.actions(order).count("审核") == 1
    assert "备注" not in house.actions(order)
    assert "小李已审核" in shown(card, "laowang")
