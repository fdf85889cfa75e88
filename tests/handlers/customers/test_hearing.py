from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from handlers import owe, shipping, watch, waybill
from handlers.customers import binding, hearing, sends
from handlers.desk import Desk
from models import Customer, Notification, Order, Stock
from tests.factories import make_case, make_customer, make_line, make_order, someone

OPENID = "oDemo1"
MISSES = text("SELECT misses FROM binding_misses WHERE address = :address")


def order(session: Session, **changes: Any) -> Order:
    return make_order(session, **{"external_id": "2000000000000077777", **changes})


def bound(session: Session) -> list[tuple[str, str]]:
    rows = session.scalars(select(Customer).execution_options(populate_existing=True))
    return [(row.openid, row.state) for row in rows]


def test_number_and_tail_bind_and_tell(desk: Desk, session: Session) -> None:
    order(session)

    said = hearing.hear(desk, OPENID, "　2000000000000077777　1234 ")

    assert (
        said
        == "订单 2000000000000077777：已收到，正在备货，预计 12-24 10:00 前发出。之后的发货和处理进度会在这里通知您"
    )
    assert bound(session) == [(OPENID, "following")]


@pytest.mark.parametrize("words", ["2000000000000077777 9999", "2000000000000077777", "2000000000000088888 1234"])
def test_who_does_not_know_the_tail_learns_nothing(desk: Desk, session: Session, words: str) -> None:
    order(session)

    said = hearing.hear(desk, OPENID, words)

    assert "备货" not in said
    assert bound(session) == []


def test_a_wrong_number_and_a_wrong_tail_sound_the_same(desk: Desk, session: Session) -> None:
    order(session)

    wrong_tail = hearing.hear(desk, OPENID, "2000000000000077777 9999")

    assert wrong_tail == hearing.hear(desk, OPENID, "2000000000000088888 9999")


def test_nobody_finds_out_the_digits_by_trying(desk: Desk, session: Session) -> None:
    order(session)
    for digits in range(9000, 9010):
        assert "没有找到" in hearing.hear(desk, OPENID, f"2000000000000077777 {digits}")

    assert "请明天再试" in hearing.hear(desk, OPENID, "2000000000000077777 1234")
    assert bound(session) == []
    assert "正在备货" in hearing.hear(desk, "oSomebodyElse", "2000000000000077777 1234")
    tomorrow = Desk(session, desk.now + timedelta(days=1), desk.settings)
    assert "正在备货" in hearing.hear(tomorrow, OPENID, "2000000000000077777 1234")


def test_where_the_platform_hides_the_phone_the_number_must_do(desk: Desk, session: Session) -> None:
    order(session, receiver=someone(phone=""), buyer_key="")

    assert "会在这里通知您" in hearing.hear(desk, OPENID, "2000000000000077777")
    assert bound(session) == [(OPENID, "following")]


@pytest.mark.parametrize(("channel", "buyer"), [("wechat_oa", ""), ("wechat_oa", "buyer-1"), ("wecom_kf", "buyer-1")])
def test_a_number_alone_takes_nobodys_notices_away(desk: Desk, session: Session, channel: str, buyer: str) -> None:
    one = order(session, receiver=someone(phone=""), buyer_key=buyer)
    hearing.hear(desk, OPENID, one.external_id, channel)

    for words in (one.external_id, f"{one.external_id} 1234"):
        assert "没有找到" in hearing.hear(desk, "oOther", words, channel)

    assert desk.session.execute(MISSES, {"address": "oOther"}).scalar_one() == 2
    assert "会在这里通知您" in hearing.hear(desk, OPENID, one.external_id, channel), "who has it keeps it"


def test_a_number_that_there_is_not_counts_without_a_tail_too(desk: Desk, session: Session) -> None:
    for number in range(10):
        hearing.hear(desk, OPENID, f"200000000000008888{number}")
    assert "请明天再试" in hearing.hear(desk, OPENID, "2000000000000088888")


class TestWhoOnlyKnowsANumber:
    """A number can be read off a parcel: it tells of that order, not of whatever else its buyer buys."""

    def two(self, session: Session, **changes: Any) -> tuple[Order, Order]:
        first = order(session, **changes)
        return first, order(session, external_id="2000000000000055555", tag="TB-20251222-902", **changes)

    def keys(self, session: Session) -> list[str]:
        return list(session.scalars(select(Customer.buyer_key).order_by(Customer.buyer_key)))

    @pytest.mark.parametrize("scanned", [False, True])
    def test_they_hear_of_that_order_alone(self, desk: Desk, session: Session, scanned: bool) -> None:
        first, second = self.two(session, **({} if scanned else {"receiver": someone(phone="")}))
        if scanned:
            hearing.scanned(desk, OPENID, binding.scene(desk, first.id), followed=True)
        else:
            hearing.hear(desk, OPENID, first.external_id)

        assert self.keys(session) == [f"order:{first.external_id}"]
        assert "7777" in hearing.hear(desk, OPENID, "进度")
        assert "5555" not in hearing.hear(desk, OPENID, "进度")
        told_of(desk, session, second)
        assert told_of(desk, session, first) == 1
        assert session.scalars(select(Notification.recipient)).all() == [OPENID]

    def test_digits_that_nobody_can_check_change_nothing(self, desk: Desk, session: Session) -> None:
        first, _ = self.two(session, receiver=someone(phone=""))
        hearing.hear(desk, OPENID, f"{first.external_id} 1234")
        assert self.keys(session) == [f"order:{first.external_id}"]

    def test_the_phone_makes_it_all_orders_of_the_buyer(self, desk: Desk, session: Session) -> None:
        first, _ = self.two(session)
        hearing.scanned(desk, OPENID, binding.scene(desk, first.id), followed=True)

        hearing.hear(desk, OPENID, f"{first.external_id} 1234")

        assert self.keys(session) == ["buyer-1"]
        assert hearing.hear(desk, OPENID, "进度").count("订单") == 2

    def test_the_trail_says_how_much_was_bound_and_says_it_once(self, desk: Desk, session: Session) -> None:
        first, _ = self.two(session)
        for _ in range(2):
            hearing.scanned(desk, OPENID, binding.scene(desk, first.id), followed=True)
        for _ in range(2):
            hearing.hear(desk, OPENID, f"{first.external_id} 1234")
        rows = session.scalars(text("SELECT detail FROM trail WHERE action = '客户绑定' ORDER BY id")).all()
        assert [json.loads(row) for row in rows] == [
            {"方式": "扫码", "范围": "这一单"}, {"方式": "订单号和手机尾号", "范围": "买家的全部订单"},
        ]  # fmt: skip

    def test_who_knows_the_phone_takes_over_from_who_knew_a_number(self, desk: Desk, session: Session) -> None:
        first, second = self.two(session)
        hearing.scanned(desk, "oNeighbour", binding.scene(desk, first.id), followed=True)

        hearing.hear(desk, OPENID, f"{second.external_id} 1234")

        assert bound(session) == [(OPENID, "following")]
        assert hearing.progress(desk, "oNeighbour") == ""
        assert "已由另一个微信登记" in hearing.scanned(
            desk, "oNeighbour", binding.scene(desk, first.id), followed=False
        )

    @pytest.mark.parametrize("channel", ["wecom_kf", "wechat_mini"])
    def test_on_every_way(self, desk: Desk, session: Session, channel: str) -> None:
        first, second = self.two(session, receiver=someone(phone=""))
        hearing.hear(desk, "wm1", first.external_id, channel)

        assert "7777" in hearing.progress(desk, "wm1", channel)
        assert "5555" not in hearing.progress(desk, "wm1", channel)
        told_of(desk, session, second)
        assert told_of(desk, session, first) == 1
        (row,) = session.scalars(select(Notification))
        assert row.recipient == f"{channel}:wm1"


class TestWhereThePlatformDoesNotTellWhoBought:
    def hear_of(self, desk: Desk, session: Session) -> tuple[Order, Order]:
        mine, other = (order(session, external_id=f"251222-00000000000000{n}", buyer_key="") for n in (1, 2))
        hearing.hear(desk, OPENID, f"{mine.external_id} 1234")
        return mine, other

    def told(self, session: Session) -> list[tuple[str, str]]:
        rows = session.execute(select(Notification.dedupe_key, Notification.recipient).where(
            Notification.channel == "customer"))  # fmt: skip
        return [(key, recipient) for key, recipient in rows]

    def test_who_asked_is_told_of_that_order_alone(self, desk: Desk, session: Session) -> None:
        mine, other = self.hear_of(desk, session)

        for one in (other, mine):
            shipping.owe_shipment(desk, one, waybill.read("顺丰 SF1234567890123"))  # type: ignore[arg-type]

        assert self.told(session) == [(f"order:{mine.id}:shipped:customer", OPENID)]

    def test_who_asked_is_told_what_came_of_a_matter(self, desk: Desk, session: Session) -> None:
        mine, other = self.hear_of(desk, session)

        for number, one in enumerate((other, mine)):
            buyer = (one.shop_id, one.buyer_key, one.external_id)
            owe.owe_customers(desk, [owe.solved_message(desk, number, buyer, "已有货")])

        assert self.told(session) == [("case:1:solved:customer", OPENID)]

    def test_who_asked_is_told_when_the_platform_ships(self, desk: Desk, session: Session) -> None:
        mine, other = self.hear_of(desk, session)
        for one in (mine, other):
            one.effect, one.shipped_at = "shipped", desk.now
        session.flush()

        watch.watch(desk, [mine.id, other.id])

        assert self.told(session) == [(f"order:{mine.id}:shipped:customer", OPENID)]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"stage": "done", "courier": "shunfeng", "waybill": "SF1"}, "已发货，顺丰速运 SF1"),
        ({"stage": "done"}, "已发货"),
        ({"stage": "cancelled"}, "已取消"),
        ({"stage": "unpaid"}, "还没有付款"),
        ({"refund": "asked"}, "退款处理中"),
        ({"later": True}, "已安排在 12-25 起发货"),
        ({"lock_reason": "地址模糊"}, "正在备货"),
        ({"lock_reason": "等补货，曾缺货"}, "已收到，正在备货"),
        ({"short": True}, "部分商品暂时缺货，正在补货，到货后马上发出"),
        ({"gone": True}, "已先发一包，其余正在备货"),
        ({"gone": True, "short": True}, "已先发一包，其余暂时缺货，正在补货，到货后马上发出"),
    ],
)
def test_the_state_in_the_customers_words(desk: Desk, session: Session, changes: dict[str, Any], words: str) -> None:
    if changes.pop("later", False):
        changes["not_before_at"] = desk.now + timedelta(days=3)
    short, gone = changes.pop("short", False), changes.pop("gone", False)
    one = order(session, **changes, lines=[make_line(parting="gone" if gone else "")])
    if short:
        make_case(session, one, kind="short_stock")

    assert words in hearing.hear(desk, OPENID, "2000000000000077777 1234")


def test_short_goods_are_said_to_come_when_purchasing_says_so(desk: Desk, session: Session) -> None:
    make_case(session, order(session, lines=[make_line()]), kind="short_stock", evidence={"skus": ["QH-CUP-RED"]})
    coming = {"incoming": 9, "incoming_at": desk.now + timedelta(days=2)}
    session.add(Stock(sku="QH-CUP-RED", on_hand=0, updated_at=desk.now, **coming))
    session.flush()

    assert "预计 12-24 到货，到货后马上发出" in hearing.hear(desk, OPENID, "2000000000000077777 1234")


def test_another_phone_takes_the_binding_over(desk: Desk, session: Session) -> None:
    order(session)
    make_customer(session, openid="oOld", state="refused")

    hearing.hear(desk, OPENID, "2000000000000077777 1234")

    assert bound(session) == [(OPENID, "following")]


def told_of(desk: Desk, session: Session, one: Order) -> int:
    shipping.owe_shipment(desk, one, waybill.read("顺丰 SF1234567890123"))  # type: ignore[arg-type]
    return len(session.scalars(select(Notification).where(Notification.channel == "customer")).all())


def test_whoever_wants_quiet_gets_it_until_they_want_to_hear_again(desk: Desk, session: Session) -> None:
    first, second = order(session), order(session, external_id="2000000000000077778", tag="TB-20251222-902")
    hearing.hear(desk, OPENID, "2000000000000077777 1234")

    assert hearing.hear(desk, OPENID, "退订") == "已停止通知。想再收到通知，请发：恢复"
    assert told_of(desk, session, first) == 0
    assert "退订过通知" in hearing.hear(desk, OPENID, "2000000000000077777 1234"), "a number alone is no wish to hear"
    assert hearing.hear(desk, OPENID, "在吗") == "已停止通知。想再收到通知，请发：恢复"
    assert "已恢复通知" in hearing.hear(desk, OPENID, "恢复")
    assert told_of(desk, session, second) == 1


@pytest.mark.parametrize(
    "words", ["退订。", "退订！", "退订吧", "TD。", "td", "请退订", "不要再通知了", "请 不要再通知了！", "「退订」"]
)
def test_quiet_is_heard_however_it_is_written(desk: Desk, words: str) -> None:
    assert hearing.is_wish(words)
    assert hearing.understands(words)
    assert hearing.hear(desk, OPENID, words) == "已停止通知。想再收到通知，请发：恢复"


@pytest.mark.parametrize("words", ["进度", "请问怎么退订", "2000000000000077777", "。", "请"])
def test_what_is_no_wish_for_quiet(words: str) -> None:
    assert not hearing.is_wish(words)


def test_what_waits_is_dropped_when_somebody_wants_quiet(desk: Desk, session: Session) -> None:
    one = order(session)
    hearing.hear(desk, OPENID, "2000000000000077777 1234")
    assert told_of(desk, session, one) == 1

    hearing.hear(desk, OPENID, "TD")

    (row,) = session.scalars(select(Notification).execution_options(populate_existing=True))
    assert (row.state, row.problem) == ("dropped", "客户已退订")


def test_anything_else_is_answered_with_how(desk: Desk, session: Session) -> None:
    assert hearing.hear(desk, OPENID, "在吗").startswith("请发送您的平台订单号")
    make_customer(session, openid=OPENID)
    assert "发「进度」" in hearing.hear(desk, OPENID, "在吗")


class TestProgress:
    def test_all_that_is_mine_with_the_next_time_and_without_whole_numbers(self, desk: Desk, session: Session) -> None:
        order(session, lines=[make_line(quantity=2)])
        order(session, external_id="2000000000000055555", tag="TB-20251222-902", stage="done", waybill="SF1",
              courier="shunfeng", created_at=desk.now - timedelta(days=1))  # fmt: skip
        order(session, external_id="2000000000000044444", tag="TB-20251222-903",
              created_at=desk.now - timedelta(days=2),
              not_before_at=desk.now + timedelta(days=3))  # fmt: skip
        order(session, external_id="2000000000000033333", tag="TB-20251222-904", buyer_key="somebody else")
        hearing.hear(desk, OPENID, "2000000000000077777 1234")

        said = hearing.hear(desk, OPENID, "进度？").split("\n")

        assert said == [
            "订单 …7777（马克杯 红色 ×2）：已收到，正在备货，预计 12-24 10:00 前发出",
            "订单 …4444（马克杯 红色）：已收到，正在备货，已安排在 12-25 起发货",
            "订单 …5555（马克杯 红色）：已发货，顺丰速运 SF1",
        ]

    def test_a_late_order_is_not_promised_anything(self, desk: Desk, session: Session) -> None:
        order(session, ship_by_at=desk.now - timedelta(hours=1))
        hearing.hear(desk, OPENID, "2000000000000077777 1234")

        assert "比承诺的时间晚了" in hearing.hear(desk, OPENID, "进度")

    def test_where_the_platform_does_not_tell_who_bought_it_is_the_one_order(
        self, desk: Desk, session: Session
    ) -> None:
        order(session, buyer_key="")
        order(session, external_id="2000000000000055555", tag="TB-20251222-902", buyer_key="")
        hearing.hear(desk, OPENID, "2000000000000077777 1234")

        assert hearing.hear(desk, OPENID, "查进度").count("订单 …") == 1

    def test_who_bound_nothing_hears_how(self, desk: Desk, session: Session) -> None:
        order(session)
        assert hearing.hear(desk, OPENID, "进度").startswith("请发送您的平台订单号")


class TestCode:
    def test_a_scan_binds_and_tells(self, desk: Desk, session: Session) -> None:
        one = order(session)

        said = hearing.scanned(desk, OPENID, binding.scene(desk, one.id), followed=True)

        assert said.startswith("订单 …7777：已收到，正在备货")
        assert bound(session) == [(OPENID, "following")]

    def test_a_code_that_somebody_made_up_binds_nothing(self, desk: Desk, session: Session) -> None:
        one = order(session)
        code = binding.scene(desk, one.id)

        for wrong in (f"{code[:-1]}{'0' if code[-1] != '0' else '1'}", "o.zz.1", "o.1", "", "promo-2025", code[2:]):
            hearing.scanned(desk, OPENID, wrong, followed=False)

        assert bound(session) == []

    def test_a_code_that_was_handed_on_takes_nobodys_notices_away(self, desk: Desk, session: Session) -> None:
        one = order(session)
        hearing.scanned(desk, OPENID, binding.scene(desk, one.id), followed=True)

        said = hearing.scanned(desk, "oNeighbour", binding.scene(desk, one.id), followed=False)

        assert "已由另一个微信登记" in said
        assert bound(session) == [(OPENID, "following")]

    def test_a_code_fits_where_the_platform_keeps_it(self, desk: Desk) -> None:
        code = binding.scene(desk, 2**62)
        assert len(code) <= 64
        assert binding.order_of(desk, code) == 2**62


def test_who_leaves_is_not_written_to_and_who_comes_back_is(desk: Desk, session: Session) -> None:
    make_customer(session, openid=OPENID)
    binding.leaves(desk, OPENID)
    assert bound(session) == [(OPENID, "unfollowed")]
    hearing.scanned(desk, OPENID, "", followed=True)
    assert bound(session) == [(OPENID, "following")]


class TestDelivered:
    def sent(self, session: Session, desk: Desk) -> Notification:
        make_customer(session, openid=OPENID)
        row = Notification(
            dedupe_key="order:1:shipped:customer", channel="customer", recipient=OPENID, purpose="template",
            subject="order:1", state="sent", msgid="991", next_try_at=desk.now, created_at=desk.now,
        )  # fmt: skip
        session.add(row)
        session.flush()
        return row

    def test_success(self, desk: Desk, session: Session) -> None:
        row = self.sent(session, desk)

        sends.delivered(desk, "991", "success")
        sends.delivered(desk, "991", "failed: system failed")

        session.expire_all()
        assert (row.state, row.problem) == ("delivered", "")

    def test_failure(self, desk: Desk, session: Session) -> None:
        row = self.sent(session, desk)

        sends.delivered(desk, "991", "failed: system failed")

        session.expire_all()
        assert (row.state, row.problem) == ("failed", "failed: system failed")
        assert bound(session) == [(OPENID, "following")]

    def test_who_blocks_the_account_is_told_by_the_next_way(self, desk: Desk, session: Session) -> None:
        row = self.sent(session, desk)

        for _ in range(2):
            sends.delivered(desk, "991", "failed:user block")

        session.expire_all()
        assert (row.state, row.tries, row.carried_by, row.next_try_at) == ("owed", 0, "", desk.now)
        assert bound(session) == [(OPENID, "refused")]

    def test_of_a_message_that_nobody_sent(self, desk: Desk, session: Session) -> None:
        sends.delivered(desk, "404", "success")


class TestHowPeopleAsk:
    @pytest.mark.parametrize(
        "words",
        ["查询进度", "订单进度", "怎么还没发货", "我的快递到哪了", "我的快递到哪里了？", "请问什么时候能发货呀",
         "啥时候发", "还没发货吗", "发货了没", "快递怎么还没到", "物流信息", "我的订单状态", "包裹到哪儿了",
         "查一下物流"],
    )  # fmt: skip
    @pytest.mark.parametrize("channel", ["wechat_oa", "wecom_kf"])
    def test_they_hear_how_their_orders_stand(self, desk: Desk, session: Session, words: str, channel: str) -> None:
        one = order(session)
        hearing.hear(desk, OPENID, f"{one.external_id} 1234", channel)
        assert hearing.understands(words)
        assert "已收到，正在备货，预计" in hearing.hear(desk, OPENID, words, channel)

    @pytest.mark.parametrize(
        "words",
        ["还没发货的话改地址", "不要了退款，什么时候到账", "收到货杯子碎了，怎么还没人处理", "你好", "谢谢", "在吗"],
    )
    def test_what_people_must_do_is_no_question(self, desk: Desk, session: Session, words: str) -> None:
        one = order(session)
        hearing.hear(desk, OPENID, f"{one.external_id} 1234")
        assert not hearing.asks(words)
        assert "正在备货" not in hearing.hear(desk, OPENID, words)

    @pytest.mark.parametrize(
        "words",
        ["{phone} {number}", "{number} {phone}", "手机号{phone}，订单号{number}", "{phone}\n{number} 1234",
         "+86{phone} {number}", "138-0000-1234 {number}"],
    )  # fmt: skip
    def test_a_phone_before_the_number_is_no_order(self, desk: Desk, session: Session, words: str) -> None:
        one = order(session)
        said = hearing.hear(desk, OPENID, words.format(phone="13800001234", number=one.external_id))
        assert "正在备货" in said
        assert desk.session.execute(MISSES, {"address": OPENID}).scalar_one_or_none() is None

    def test_a_phone_alone_is_no_wrong_number(self, desk: Desk) -> None:
        assert "请发送您的平台订单号" in hearing.hear(desk, OPENID, "13800001234")
        assert desk.session.execute(MISSES, {"address": OPENID}).scalar_one_or_none() is None

    def test_another_phone_is_wrong(self, desk: Desk, session: Session) -> None:
        one = order(session)
        assert "没有找到" in hearing.hear(desk, OPENID, f"13800009999 {one.external_id}")


@pytest.mark.parametrize("channel", ["wechat_oa", "wecom_kf"])
def test_quiet_stands_on_the_trail_with_what_it_drops(desk: Desk, session: Session, channel: str) -> None:
    one = order(session)
    hearing.hear(desk, OPENID, f"{one.external_id} 1234", channel)
    owe.owe_customers(desk, [owe.solved_message(desk, 1, (1, one.buyer_key, one.external_id), "已处理")])
    session.execute(text("UPDATE notifications SET body = body || jsonb_build_object('order', cast(:id AS bigint))"),
                    {"id": one.id})  # fmt: skip

    for _ in range(2):
        hearing.hear(desk, OPENID, "退订", channel)
    hearing.hear(desk, OPENID, "恢复", channel)

    rows = session.execute(text("SELECT actor, action, detail FROM trail WHERE action <> '客户绑定' ORDER BY id")).all()
    assert [(row.actor, row.action, json.loads(row.detail)) for row in rows] == [
        ("系统", "客户通知", {"处理": "没有发送：客户已退订"}),
        ("客户", "客户退订", {"消息": "发了退订，不再通知"}),
        ("客户", "客户恢复通知", {"消息": "发了恢复"}),
    ]
