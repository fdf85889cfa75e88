"""Promise 8: a dead part does not stop the others; the work goes on or resumes, and people are told once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
from sqlalchemy import select, text
from sqlalchemy.exc import SQLAlchemyError

import app
import jobs
from models import Case, Notification, Shop
from sandbox.faults import Fault, Faults, Kind
from tests.flows.chats import is_card, number_of, shown
from tests.flows.house import CUSTOMER, House, connected, each_market, no_chat, on_wecom
from tests.waiting import eventually

WAYBILL = "SF1234567890123"
BROKEN = (SQLAlchemyError, psycopg.Error)


class Down(Faults):
    """One marketplace answers nothing."""

    def __init__(self, platform: str) -> None:
        super().__init__()
        self.platform = platform

    def take(self, platform: str, method: str, kinds: Any = tuple(Kind)) -> Fault | None:
        return Fault(Kind.CUT_CONNECTION) if platform == self.platform and Kind.CUT_CONNECTION in kinds else None


def told(house: House, *words: str) -> int:
    """How many messages with all `words` the supervisor got."""
    return sum(all(word in shown(one, "chenjie") for word in words) for one in house.said("app:chenjie"))


# marketplaces


@each_market
def test_a_marketplace_that_is_down_stops_nobody_and_is_told_once(office: House, platform: str) -> None:
    office.pull()
    office.state.faults = Down(platform)
    for _ in range(5):
        for one in ("taobao", "jd", "pdd"):
            office.order_in(one, ago_seconds=0)
        office.pull()
        office.look()
        office.move(minutes=12)
    there = {name: [what for what in office.orders().values() if what[0] == name] for name in ("taobao", "jd", "pdd")}
    assert not there.pop(platform)
    assert all(len(orders) >= 3 for orders in there.values()), "the others go on"
    assert told(office, "没有同步成功") == 1
    assert [case.state for case in office.cases("shop_stopped")] == ["open"]
    card = office.card("app:chenjie", "没有同步成功")
    office.state.faults = Faults()
    office.move(minutes=20)
    office.pull()
    office.look()
    assert office.orders() == office.visible(), "what came meanwhile is there"
    assert [case.state for case in office.cases("shop_stopped")] == ["solved"]
    assert "已恢复同步" in shown(card, "chenjie")
    assert told(office, "没有同步成功") + told(office, "已恢复同步") <= 2, "no second message, the card says it"


@each_market
def test_an_authorisation_that_ended_stops_that_shop_alone_until_a_person_resumes_it(
    office: House, platform: str
) -> None:
    slug = {"taobao": "tb", "jd": "jd", "pdd": "pdd"}[platform]
    office.pull()
    tokens = office.state.tokens[platform]
    office.state.faults.arm("expire_token", platform, calls=10**6)
    for _ in range(3):
        for one in ("taobao", "jd", "pdd"):
            office.order_in(one, ago_seconds=0)
        office.move(minutes=10)
        office.pull()
        office.look()
    assert tokens is not None
    assert {what[0] for what in office.orders().values()} == {"taobao", "jd", "pdd"} - {platform}
    assert told(office, "已停止同步") == 1
    asked = len(office.world.calls)
    office.pull(platform)
    assert len(office.world.calls) == asked, "it is asked no more"
    with office.hub.sessions() as session:
        assert {shop.slug: shop.state for shop in session.scalars(select(Shop))}[slug] == "stopped"
    office.state.faults = Faults()
    runner = app.create_app(office.hub).test_cli_runner()
    assert runner.invoke(args=["hub", "resume", "nonsense"]).exit_code != 0
    assert runner.invoke(args=["hub", "resume", slug]).exit_code == 0
    office.move(minutes=20)
    office.pull()
    office.look()
    assert office.orders() == office.visible(), "without a gap"
    assert [case.state for case in office.cases("shop_stopped")] == ["solved"]
    assert told(office, "已停止同步") + told(office, "已恢复同步") <= 2


@no_chat
def test_a_marketplace_that_is_down_gets_its_shipments_later_and_once(office: House) -> None:
    orders = [office.arrived(platform) for platform in ("taobao", "jd")]
    for order in orders:
        office.ask("xiaoli", f"审核 {order.tag}")
        office.ask("laowang", f"配货 {order.tag}")
    office.state.faults = Down("jd")
    for number, order in enumerate(orders):
        office.ask("laowang", f"发货 {order.tag} 顺丰 SF123456789012{number}")
    assert [one.platform for one in office.world.shipments] == ["taobao"]
    for _ in range(6):
        office.move(minutes=10)
        office.look()
    cases = office.cases("writeback_fail")
    assert [case.state for case in cases] == ["open"], "one matter for the warehouse, not six"
    office.state.faults = Faults()
    office.move(minutes=10)
    office.look()
    assert [one.platform for one in office.world.shipments] == ["taobao", "jd"]
    assert not office.cases("writeback_fail", "open", "claimed")


# chat


@contextmanager
def chat_down(house: House) -> Iterator[None]:
    """Every call to the chat platform's server breaks."""
    house.state.faults.arm("cut_connection", house.edge.name, calls=10**6)
    yield
    house.state.faults.clear()


def test_a_chat_platform_that_is_down_for_an_hour_costs_time_and_no_message(office: House) -> None:
    office.order_in("taobao", buyer="hero", kind="vague")
    made = office.order_in("jd", buyer="hero")
    with chat_down(office):
        office.pull()
        office.bind(made)
        order = office.order(made.id)
        for who, line in (
            ("chenjie", f"指派 {order.tag} 小李"),
            ("xiaoli", f"审核 {order.tag}"),
            ("laowang", f"配货 {order.tag}"),
            ("laowang", f"发货 {order.tag} 顺丰 {WAYBILL}"),
        ):
            assert office.say(who, line).answered, "what is asked is still done"
        for _ in range(15):
            office.pause(minutes=4)
            office.look()
        assert not [one for who in ("chenjie", "laowang", "xiaoli") for one in office.said(f"app:{who}")]
        assert [one.order_id for one in office.world.shipments] == [made.id], "the marketplace was told"
        assert sum(WAYBILL in shown(one) for one in office.said(f"oa:{CUSTOMER}")) == 1, "and the customer"
    office.pause(minutes=3)
    office.look()
    with office.hub.sessions() as session:
        left = select(Notification.id).where(Notification.state.in_(("owed", "sending", "failed")))
        assert not session.scalars(left.where(Notification.channel == "staff")).all()
    for who in ("chenjie", "laowang", "xiaoli"):
        texts = [shown(one) for one in office.said(f"app:{who}")]
        assert sum(order.tag in one for one in texts) >= 1
        assert len(texts) == len(set(texts)), "none of it twice"
    assert not office.complaints()


def test_a_connection_that_is_cut_is_made_again_and_nothing_is_lost(house: House) -> None:
    order = house.arrived("taobao", kind="plain")
    (before,) = house.edge.line(house.phones)
    house.edge.cut(house.phones)
    eventually(lambda: before not in house.edge.line(house.phones), "it does not notice")
    house.move(hours=2)
    jobs.look()
    eventually(house.online, "it does not come back")
    house.move(seconds=3)
    house.work()
    cards = [one for one in house.said("group") if order.tag in shown(one)]
    assert len(cards) == 1
    house.pressed("xiaoli", cards[0], "审核")
    assert house.order(order.external_id).stage == "pending_pick"


@on_wecom
def test_a_bot_that_is_away_gets_what_came_meanwhile_once(office: House) -> None:
    """WeCom's group hears by the long connection; to DingTalk's everything goes over HTTP."""
    orders = [office.arrived("taobao")]
    office.move(hours=2)
    office.look()
    assert not office.said("group")
    with connected(office):
        office.work()
        assert sum(orders[0].tag in shown(one) for one in office.said("group")) == 1
    with connected(office):
        office.move(minutes=2)
        office.work()
        assert sum(orders[0].tag in shown(one) for one in office.said("group")) == 1


# the database


def kill_all(house: House) -> int:
    """End every other connection to the database, as a restart does."""
    with house.hub.engine.connect() as connection:
        killed = connection.scalars(
            text("""
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid()
        """)
        )
        return len(killed.all())


def test_connections_that_are_killed_again_and_again_lose_nothing(house: House) -> None:
    house.pull()  # from here on each shop knows where it stands
    for number in range(40):
        house.order_in(("taobao", "jd", "pdd")[number % 3], kind=("plain", "vague")[number % 2], ago_seconds=240)
    stop, deaths = threading.Event(), [0]

    def kill() -> None:
        while not stop.wait(0.1):
            with suppress(*BROKEN):
                deaths[0] += kill_all(house)

    killer = threading.Thread(target=kill, daemon=True)
    killer.start()
    failed = 0
    try:
        for _ in range(8):
            for job in (house.pull, jobs.look, jobs.deliver, jobs.write_back):
                try:
                    job()
                except BROKEN:  # the job is dead; the clock asks for the next one
                    failed += 1
            house.say("chenjie", "看板")
            house.move(minutes=10)
    finally:
        stop.set()
        killer.join(10)
    assert deaths[0] > 5
    assert_nothing_is_missing(house)
    assert house.ask("xiaoli", "看板")


def assert_nothing_is_missing(house: House) -> None:
    """After the storm: every order, every row of its past, every message, each once."""
    eventually(lambda: _looked(house), "it does not recover")
    assert house.orders() == house.visible()
    house.pause(minutes=2)
    house.look()
    for number in house.orders():
        assert house.actions(house.order(number)).count("收单") == 1
    with house.hub.sessions() as session:
        live = session.execute(select(Case.kind, Case.order_id).where(Case.state == "open", Case.order_id.is_not(None)))
        found = [tuple(row) for row in live]
        assert len(found) == len(set(found))
        left = select(Notification.dedupe_key).where(Notification.state.in_(("owed", "sending", "failed")))
        assert not session.scalars(left).all()
    for chat in ("group", "app:chenjie", "app:xiaoli"):
        numbers = [number_of(one) for one in house.said(chat) if is_card(one)]
        assert len(numbers) == len(set(numbers))


def _looked(house: House) -> bool:
    try:
        house.pull()
        house.look()
    except BROKEN:
        return False
    return house.online()


# Redis


def test_a_redis_that_is_emptied_between_all_steps_costs_time_alone(house: House) -> None:
    made = house.order_in("taobao", kind="vague", buyer="hero")
    forget = house.hub.redis.flushall
    for step in (
        lambda: house.pull("taobao"),
        lambda: house.bind(made),
        house.work,
        lambda: house.pressed("xiaoli", house.card("group", "地址模糊"), "已确认"),
        lambda: house.ask("xiaoli", f"审核 {made.id}"),
        lambda: house.ask("laowang", f"配货 {made.id}"),
        lambda: house.ask("laowang", f"发货 {made.id} 顺丰 {WAYBILL}"),
        house.look,
    ):
        forget()
        step()
    order = house.order(made.id)
    assert order.stage == "done"
    assert [one.waybill for one in house.world.shipments] == [WAYBILL]
    assert sum(WAYBILL in shown(one) for one in house.said(f"oa:{CUSTOMER}")) == 1
    assert sum("地址模糊" in shown(one) for one in house.said("group")) == 1
    for action in ("收单", "处理完成", "审核", "配货", "发货", "回传成功"):
        assert house.actions(order).count(action) == 1
    assert not house.complaints()
