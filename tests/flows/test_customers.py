"""A customer binds, is told by whatever way is open, asks, and wants quiet; every send stands on the order's trail."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import requests
from sqlalchemy import select, update

from bot.channels.wecom_kf.client import KfSender
from models import AccountTemplate, Customer, CustomerCredit, CustomerWay, Notification, Order
from models.vault import Receiver
from sandbox.sms import sms_of
from sandbox.wecom_kf import kf_of
from sandbox.weixin_customers import Customers, customers_of
from tests.flows.chats import shown
from tests.flows.house import CUSTOMER, Ground, House, open_house
from tests.flows.test_stock_choices import CUP, decide
from workers import customers as worker

TEMPLATES: dict[str, Any] = {
    "shipped": {
        "id": "tmpl-shipped-0001",
        "keys": {
            "number": "character_string1", "goods": "thing2", "courier": "thing3", "waybill": "character_string4",
            "time": "time5",
        },
    },
    "solved": {"id": "tmpl-solved-0001", "keys": {"number": "character_string1", "result": "phrase2", "time": "time3"}},
    "delayed": {
        "id": "tmpl-delayed-0001",
        "keys": {"number": "character_string1", "goods": "thing2", "reason": "const3", "deadline": "time4"},
    },
}  # fmt: skip
STOCK: dict[str, Any] = {
    "stock": {
        "id": "tmpl-stock-0001",
        "keys": {"number": "character_string1", "goods": "thing2", "reason": "phrase3"},
    }
}
NOTICES: dict[str, Any] = {
    "delayed": {
        "id": "note-delayed-0001",
        "keys": {"number": "character_string1", "goods": "thing2", "deadline": "time3"},
    }
}
SMS: dict[str, Any] = {
    "gateway": "{sandbox}", "secret_id": "AKIDsandbox0000000000000000000000001",
    "secret_key": "sandbox-sms-secret-key-000000001", "app_id": "1400000001", "sign": "青禾家居",
    "receipt_token": "SandboxReceipts01", "templates": {"delayed": {"id": "2000001", "values": ["number", "deadline"]}},
}  # fmt: skip
KF = {"gateway": "{sandbox}/qyapi", "open_kfid": "wkDEMO0000000001", "secret": "sandbox-kf-secret-0001"}


@pytest.fixture
def house(ground: Ground) -> Iterator[House]:
    account_of = {"qr_gateway": "{sandbox}/weixin", "templates": TEMPLATES, "notices": NOTICES}
    with open_house(ground, weixin=account_of, sms=SMS, kf=KF, mini=MINI) as opened:
        yield opened


MINI: dict[str, Any] = {
    "gateway": "{sandbox}/mini", "appid": "wxdemo0000000002", "secret": "sandbox-mini-secret-0001",
    "templates": {"delayed": {
        "id": "mini-delayed-0001", "keys": {"number": "character_string1", "goods": "thing2", "deadline": "time3"},
    }},
}  # fmt: skip


@pytest.fixture
def people(house: House) -> Customers:
    return customers_of(house.state)


def heard(house: House) -> list[str]:
    return [shown(one) for one in house.chat(f"oa:{CUSTOMER}") if one.sender == "oa"]


def told(house: House, order: Order) -> list[str]:
    """What the order's trail says of its notices."""
    rows = [row for row in house.trail(order) if row.action == "客户通知"]
    return [f"{title}：{said}" for row in rows for title, said in json.loads(row.detail).items()]


def rows(house: House) -> list[Notification]:
    with house.hub.sessions() as session:
        return list(
            session.scalars(select(Notification).where(Notification.channel == "customer").order_by(Notification.id))
        )


def shows_phone(house: House, order: Order, phone: str = "13800000001") -> None:
    """Where the shop tells who gets the parcel: most marketplaces do not."""
    with house.hub.open_desk() as desk:
        shown = {
            "receiver": desk.vault.seal_receiver(Receiver(name="林女士", phone=phone)),
            "phone_hash": desk.vault.lookup("phone", phone),
        }
        desk.session.execute(update(Order).where(Order.id == order.id).values(shown))


def is_late(house: House, *orders: Order) -> None:
    """Their deadline has just gone by, and the clock has looked."""
    with house.hub.sessions() as session:
        past = house.hub.now() - timedelta(minutes=1)
        session.execute(update(Order).where(Order.id.in_([one.id for one in orders])).values(ship_by_at=past))
        session.commit()
    house.look()


def leaves(house: House, order: Order) -> None:
    gone = {"stage": "done", "stage_entered_at": house.hub.now(), "shipped_at": house.hub.now()}
    with house.hub.sessions() as session:
        session.execute(update(Order).where(Order.id == order.id).values(gone))
        session.commit()


def bound(house: House, **wishes: Any) -> Order:
    made = house.order_in("taobao", buyer="hero", **wishes)
    house.pull("taobao")
    house.bind(made)
    return house.order(made.id)


def after_gathering(house: House) -> None:
    house.pause(minutes=11)
    house.look()


class TestBinding:
    def test_a_code_is_made_handed_on_and_scanned(self, house: House, people: Customers) -> None:
        order = house.arrived("taobao", buyer="hero")
        assert "马上单独发给您" in house.ask("xiaoli", f"绑定码 {order.tag}")
        staff_id = next(row.actor_id for row in house.trail(order) if row.action == "生成绑定码")
        assert staff_id is not None
        worker.bind_code_now(house.hub, order.id, staff_id)
        house.work()
        pictures = [one for one in house.chat("app:xiaoli") if one.kind in ("image", "file")]
        assert pictures, "the picture lies in the chat of whoever asked"

        people.leave(CUSTOMER)
        people.scan(CUSTOMER, people.newest_ticket())

        assert f"订单 …{order.external_id[-4:]}" in heard(house)[-1]
        with house.hub.sessions() as session:
            (one,) = session.scalars(select(Customer))
        assert (one.openid, one.state) == (CUSTOMER, "following")
        assert "客户绑定" in house.actions(order)

    def test_progress_is_the_true_state_and_the_next_time(self, house: House) -> None:
        order = bound(house)
        house.phones.customer_say(CUSTOMER, "进度")
        said = heard(house)[-1]
        assert f"订单 …{order.external_id[-4:]}" in said
        assert "前发出" in said
        assert order.external_id not in said


class TestTold:
    def test_one_message_for_three_late_orders(self, house: House) -> None:
        made = [house.order_in("taobao", buyer="hero") for _ in range(3)]
        house.pull("taobao")
        house.bind(made[0])
        first, *others = (house.order(one.id) for one in made)
        is_late(house, first, *others)
        assert len(heard(house)) == 1, "it waits a little for others"

        after_gathering(house)

        (late,) = heard(house)[1:]
        assert "等3单" in late
        house.phones.chat.settle()
        assert sorted(row.state for row in rows(house)) == ["delivered", "merged", "merged"]
        for order in (first, *others):
            assert told(house, order) == ["延期：已由服务号模板消息发出", "延期：已送达"]
        after_gathering(house)
        assert len(heard(house)) == 2, "and once"

    @pytest.mark.parametrize("settled", [0, 1])
    def test_what_is_settled_while_their_message_waits_leaves_the_others_told(self, house: House, settled: int) -> None:
        """The account's quota is spent; until the next try one of three has left."""
        made = [house.order_in("taobao", buyer="hero") for _ in range(3)]
        house.pull("taobao")
        house.bind(made[0])
        orders = [house.order(one.id) for one in made]
        is_late(house, *orders)
        house.state.faults.arm("throttle", "weixin", "send", calls=99)
        after_gathering(house)
        assert sorted(row.state for row in rows(house)) == ["merged", "merged", "owed"]
        house.state.faults.clear()
        left = orders.pop(settled)
        leaves(house, left)

        for key in house.hub.redis.scan_iter("hub:paused:*"):  # the hub counts by the wall's clock
            house.hub.redis.delete(key)
        house.move(hours=24)
        house.look()

        (late,) = heard(house)[1:]
        assert "等2单" in late
        assert told(house, left) == ["延期：没有发送：发出前已处理完"]
        for order in orders:
            assert told(house, order) == ["延期：已由服务号模板消息发出", "延期：已送达"]

    def test_at_night_it_waits_until_eight(self, house: House) -> None:
        order = bound(house)
        house.move(hours=(21 - house.hub.now().hour - 8) % 24 + 1)
        is_late(house, order)
        after_gathering(house)
        assert [row.problem for row in rows(house)] == ["客户休息时间，早上再发"]
        assert len(heard(house)) == 1
        house.move(hours=11)
        house.look()
        assert "延期" in heard(house)[-1]

    def test_who_wants_quiet_hears_nothing_more(self, house: House) -> None:
        order = bound(house)
        house.phones.customer_say(CUSTOMER, "退订")
        is_late(house, order)
        after_gathering(house)
        assert "已停止通知" in heard(house)[-1]
        assert rows(house) == []


class TestShort:
    @pytest.fixture
    def house(self, ground: Ground) -> Iterator[House]:
        with open_house(ground, weixin={"qr_gateway": "{sandbox}/weixin", "templates": TEMPLATES | STOCK}) as opened:
            yield opened

    def test_whose_goods_do_not_come_is_asked_to_take_the_money_back_and_hurried_to_nothing(self, house: House) -> None:
        order = bound(house, lines=[(CUP, 1)])
        house.ask("zhaojie", f"库存 {CUP} 0")
        house.look()
        decide(house, "退款")
        house.move(minutes=2)
        after_gathering(house)

        (asked,) = heard(house)[1:]
        assert "商品缺货提醒" in asked
        assert told(house, order) == ["缺货：已由服务号模板消息发出", "缺货：已送达"]
        house.phones.customer_say(CUSTOMER, "进度")
        assert "商品缺货，请在订单里申请退款" in heard(house)[-1]
        assert "麻烦您在订单里申请退款" in house.ask("xiaoli", f"话术 {order.tag}")

        is_late(house, order)
        after_gathering(house)
        assert "延期" not in heard(house)[-1]
        assert len(rows(house)) == 1


class TestLadder:
    def test_who_follows_no_more_is_told_by_a_notice_that_they_allowed(self, house: House, people: Customers) -> None:
        order = bound(house)
        people.tap(CUSTOMER, "note-delayed-0001")
        people.weixin.left.add(CUSTOMER)  # the event of leaving was lost
        is_late(house, order)
        after_gathering(house)

        assert "延期提醒" in heard(house)[-1]
        assert told(house, order) == ["延期：服务号模板消息没发成（客户没有关注服务号（43004））；已由订阅通知发出"]
        with house.hub.sessions() as session:
            assert session.scalars(select(Customer)).one().state == "unfollowed"
            assert session.scalars(select(CustomerCredit)).one().remaining == 0

    def test_the_window_of_the_service_comes_before_an_sms(self, house: House, people: Customers) -> None:
        made = house.order_in("taobao", buyer="hero")
        house.pull("taobao")
        order = house.order(made.id)
        shows_phone(house, order)
        kf = kf_of(house.state)
        kf.say(CUSTOMER, f"{made.id} {made.buyer.phone[-4:]}")
        worker.read_kf_now(house.hub)
        worker.read_kf_now(house.hub)
        house.work()
        assert "之后的发货和处理进度会在这里通知您" in heard(house)[-1]
        with house.hub.sessions() as session:
            assert session.scalars(select(CustomerWay)).one().remaining == 4

        is_late(house, order)
        after_gathering(house)

        assert "很抱歉，您的订单" in heard(house)[-1]
        assert told(house, order) == ["延期：已由微信客服发出"]
        assert sms_of(house.state).sent == []

    def test_an_empty_page_is_not_the_end_of_what_was_written(
        self, house: House, people: Customers, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        pages = {"": ([], "1", True), "1": ([], "2", True), "2": ([{"msgid": "m"}], "3", True), "3": ([], "3", True)}
        monkeypatch.setattr(KfSender, "read", lambda _self, cursor, _token: pages[cursor])
        assert worker.read_kf_now(house.hub) == 1

    def test_who_bound_in_the_mini_program_is_told_there(self, house: House, people: Customers) -> None:
        made = house.order_in("taobao", buyer="hero")
        house.pull("taobao")
        order = house.order(made.id)
        asked = {"number": made.id, "tail": made.buyer.phone[-4:], "templates": ["mini-delayed-0001", "made-up"]}
        for code in (people.log_in(CUSTOMER), "used or made up"):
            answer = requests.post(f"{house.url}/wechat/mini/bind", json=asked | {"code": code}, timeout=5).json()
        assert answer == {"ok": False, "said": "登录已过期，请重新打开小程序再试"}
        people.credits[people.weixin.store.customers[CUSTOMER].mini_openid, "mini-delayed-0001"] = 1  # the tap itself

        is_late(house, order)
        after_gathering(house)

        assert told(house, order) == ["延期：已由小程序订阅消息发出"]
        assert "延期通知" in heard(house)[-1]

    def test_an_sms_is_the_last_way_and_its_report_is_kept(self, house: House, people: Customers) -> None:
        order = bound(house)
        shows_phone(house, order)
        people.leave(CUSTOMER)
        is_late(house, order)
        after_gathering(house)
        (sent,) = sms_of(house.state).sent
        assert sent["words"].startswith(f"【青禾家居】您的订单{order.external_id}要晚一些发出")
        assert told(house, order) == ["延期：已由短信发出", "延期：已送达"]
        assert [row.state for row in rows(house)] == ["delivered"]

    def test_who_answers_with_td_gets_no_sms_any_more(self, house: House, people: Customers) -> None:
        order = bound(house)
        shows_phone(house, order)
        people.leave(CUSTOMER)
        for _ in range(2):
            assert sms_of(house.state).answer("+8613800000001", "TD")
        is_late(house, order)
        after_gathering(house)

        assert sms_of(house.state).sent == []
        assert [row.problem for row in rows(house)] == ["客户没有可以送达的渠道"]
        assert house.actions(order).count("客户退订") == 1
        assert sms_of(house.state).answer("+8613800000001", "恢复")
        assert house.actions(order)[-1] == "客户恢复通知"

    def test_who_blocks_the_account_is_told_by_the_next_way(self, house: House) -> None:
        order = bound(house)
        shows_phone(house, order)
        house.switches.block_customer = 1
        is_late(house, order)
        after_gathering(house)
        house.look()
        assert told(house, order) == [
            "延期：已由服务号模板消息发出",
            "延期：没有送达：客户拒收，换下一种方式",
            "延期：已由短信发出",
            "延期：已送达",
        ]

    def test_what_cannot_go_together_after_all_goes_one_by_one(self, house: House, people: Customers) -> None:
        """One person for the account, who follows no more; the parcels go to two phones."""
        made = [house.order_in("taobao", buyer="hero") for _ in range(3)]
        house.pull("taobao")
        house.bind(made[0])
        orders = [house.order(one.id) for one in made]
        for order, phone in zip(orders, ("13800000001", "13800000002", "13800000002"), strict=True):
            shows_phone(house, order, phone)
        people.weixin.left.add(CUSTOMER)
        is_late(house, *orders)
        after_gathering(house)
        house.look()

        words = {one["number"]: one["words"] for one in sms_of(house.state).sent}
        assert sorted(words) == ["+8613800000001", "+8613800000002"]
        assert orders[0].external_id in words["+8613800000001"]
        assert orders[0].external_id not in words["+8613800000002"]
        for order in orders:
            before, *after = told(house, order)
            assert before == "延期：服务号模板消息没发成（客户没有关注服务号（43004））；每单分开再发"
            assert after == ["延期：已由短信发出", "延期：已送达"]

    def test_what_is_not_important_costs_no_sms(self, house: House, people: Customers) -> None:
        order = bound(house)
        shows_phone(house, order)
        people.leave(CUSTOMER)
        house.ask("xiaoli", f"审核 {order.tag}")
        house.ask("laowang", f"配货 {order.tag}")
        assert "已发货" in house.ask("laowang", f"发货 {order.tag} 顺丰 SF1234567890123")
        house.look()
        assert sms_of(house.state).sent == []


class TestTemplates:
    def test_they_are_read_from_the_account(self, house: House, people: Customers) -> None:
        worker.read_templates_now(house.hub)
        with house.hub.sessions() as session:
            read = {one.template_id: one for one in session.scalars(select(AccountTemplate))}
        assert read["tmpl-delayed-0001"].keys[2]["words"] == ["仓库延误", "商品缺货", "天气原因"]
        assert "商品名称（thing2）：{商品}" in house.ask("xiaoli", "模板 发货")

    def test_a_supervisor_changes_a_line_and_the_customer_sees_it(self, house: House) -> None:
        worker.read_templates_now(house.hub)
        order = bound(house)
        assert "马上生效" in house.ask("chenjie", "模板 延期 商品名称 加急中 {商品}")
        is_late(house, order)
        after_gathering(house)
        assert "加急中" in heard(house)[-1]

    def test_a_template_that_is_gone_is_told_once_and_the_next_way_is_taken(
        self, house: House, people: Customers
    ) -> None:
        order = bound(house)
        shows_phone(house, order)
        people.weixin.removed.add("tmpl-delayed-0001")
        is_late(house, order)
        after_gathering(house)
        assert "已由短信发出" in told(house, order)[0]
        told_her = [shown(one) for one in house.chat("app:chenjie") if "发不出去" in shown(one)]
        assert len(told_her) == 1
        assert "模板不存在或已随类目删除" in told_her[0]
        with house.hub.sessions() as session:
            assert session.get_one(AccountTemplate, "tmpl-delayed-0001").gone
