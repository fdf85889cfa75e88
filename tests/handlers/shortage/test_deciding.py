"""等货, 换同款, 拆单先发, 退款: decided once for all orders of a short SKU, or for some of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from config import Settings, parse
from handlers import commands, pressing, show
from handlers.batches.view import BatchView
from handlers.desk import Actor, Desk, Refusal
from handlers.shortage import choices
from handlers.views import CaseView, TextView, View
from models import Notification, Order, OrderLine, Stock, TrailRow, WriteBack
from models.case import short_code
from tests.cast import Cast
from tests.conftest import settings_document
from tests.factories import make_customer, make_line, make_order, make_stock, pressed, typed
from tests.handlers.shortage.test_matters import cases, look_at

SKU = "QH-CUP-RED"
OTHER = "QH-CUP-BLUE"


STOCK = {
    "id": "tmpl-stock-0001",
    "keys": {"number": "character_string1", "goods": "thing2", "reason": "thing3", "time": "time4"},
}


@pytest.fixture
def settings() -> Settings:
    """With words for customers whose order is short."""
    document: dict[str, Any] = settings_document()
    document["weixin"]["templates"]["stock"] = STOCK
    return parse(document)


@pytest.fixture
def orders(desk: Desk, session: Session, cast: Cast) -> list[Order]:
    """Three that are short of the red cup; the last has a plate besides, which is there."""
    make_stock(session, SKU, 0)
    make_stock(session, "PLATE", 9)
    plate = make_line("PLATE", title="盘子", spec="白色")
    made = [
        make_order(session, paid_fen=6900, buyer_key=f"buyer-{place}", lines=lines)
        for place, lines in enumerate(([make_line()], [make_line()], [make_line(), plate]))
    ]
    look_at(desk, made)
    return made


@pytest.fixture
def code(session: Session, orders: list[Order]) -> str:
    return short_code(cases(session)[0].id)


def say(desk: Desk, words: str, actor: Actor) -> View:
    view = commands.run(desk, typed(words), actor)
    desk.session.expire_all()
    return view


def choice_of(session: Session, order: Order) -> str:
    (own,) = [one for one in cases(session, "short_stock") if one.order_id == order.id]
    return str((own.evidence.get("choice") or {}).get("what", ""))


def to_customers(session: Session) -> list[Notification]:
    return list(
        session.scalars(select(Notification).where(Notification.channel == "customer").order_by(Notification.id))
    )


def test_one_question_with_count_and_sum_then_all_and_taken_back_within_a_minute(
    desk: Desk, session: Session, cast: Cast, orders: list[Order], code: str
) -> None:
    make_customer(session, buyer_key="buyer-0")
    session.execute(update(Stock).where(Stock.sku == SKU).values(incoming_at=desk.now + timedelta(hours=30)))

    asked = say(desk, f"{code} 等货", cast.xiaoli)
    assert isinstance(asked, BatchView)
    assert (asked.title, asked.state, asked.total, asked.fen) == ("缺货等货", "asked", 3, 20700)
    assert asked.scope == f"缺 {SKU} 的单"
    done = say(desk, f"{asked.code} 确认", cast.xiaoli)
    assert isinstance(done, BatchView)
    assert (done.state, done.done) == ("done", 3)

    assert [choice_of(session, order) for order in orders] == ["wait"] * 3
    (told,) = to_customers(session)
    assert (told.body["template"], told.body["values"]["reason"]) == ("stock", "缺货，预计 12-23 到货")
    assert told.next_try_at == desk.now + timedelta(seconds=60), "not before it can be taken back no more"
    own = next(one for one in cases(session, "short_stock") if one.order_id == orders[0].id)
    view = show.show(desk, f"case:{own.id}", cast.xiaoli)
    assert isinstance(view, CaseView)
    assert view.lines[:2] == (
        "小李 12-22 10:00 定：等货",
        "发给买家：亲，非常抱歉，您购买的马克杯 红色暂时缺货，预计 12-23 到货，"
        "到货后优先为您发出，给您带来不便请谅解。",
    )

    say(replace(desk, now=desk.now + timedelta(seconds=50)), "撤销", cast.xiaoli)

    assert [choice_of(session, order) for order in orders] == [""] * 3
    assert to_customers(session) == []
    actions = session.scalars(select(TrailRow.action).where(TrailRow.subject.like("order:%")).order_by(TrailRow.id))
    assert [one for one in actions if "缺货" in one] == ["缺货等货"] * 3 + ["撤销缺货等货"] * 3


def test_waiting_warns_where_goods_come_after_the_deadline_and_another_day_is_told_again(
    desk: Desk, session: Session, cast: Cast, orders: list[Order], code: str
) -> None:
    make_customer(session, buyer_key="buyer-0")
    asked = say(desk, f"{code} 等货", cast.xiaoli)
    assert isinstance(asked, BatchView)
    assert asked.doubts == ("还不知道什么时候到货，请采购先答复；买家会收到“到货时间确定后马上告诉您”",)
    orders[1].platform = "wxshop"
    session.execute(update(Stock).where(Stock.sku == SKU).values(incoming_at=desk.now + timedelta(hours=60)))
    asked = say(desk, f"{code} 等货", cast.xiaoli)
    assert isinstance(asked, BatchView)
    assert asked.doubts == (
        f"3 单等不及：预计 12-24 到货，{orders[0].tag} 最晚 12-24 10:00 要发，超时可能被平台扣罚；"
        "也可以换同款、拆单先发或退款",
        "微信小店的单请先在商家后台报备延迟发货",
    )
    say(desk, f"{asked.code} 确认", cast.xiaoli)

    later = replace(desk, now=desk.now + timedelta(hours=1))
    for _ in range(2):
        say(later, f"{code} 到货 12-26", cast.zhaojie)

    assert [one.body["values"]["reason"] for one in to_customers(session)] == [
        "缺货，预计 12-24 到货", "缺货，预计 12-26 到货",
    ]  # fmt: skip
    own = next(one for one in cases(session, "short_stock") if one.order_id == orders[0].id)
    assert "预计 12-26 到货" in own.evidence["choice"]["text"]


def test_those_that_are_named_are_decided_alone_and_others_are_left_out_by_why(
    desk: Desk, session: Session, cast: Cast, orders: list[Order], code: str
) -> None:
    clean = make_order(session, lines=[make_line("PLATE")])

    asked = say(desk, f"{code} 等货 {orders[1].tag} {clean.tag}", cast.zhaojie)
    assert isinstance(asked, BatchView)
    assert (asked.total, asked.scope, [one.why for one in asked.left]) == (1, "点名 2 单", [f"不缺 {SKU}"])
    say(desk, f"{asked.code} 确认", cast.zhaojie)
    with pytest.raises(Refusal, match=rf"没有可以缺货等货的单：不缺 {SKU}（{clean.tag}）"):
        say(desk, f"{code} 等货 {clean.tag}", cast.zhaojie)
    with pytest.raises(Refusal, match="后面只写订单编号"):
        say(desk, f"{code} 拆单先发 好的呀", cast.zhaojie)

    assert [choice_of(session, order) for order in orders] == ["", "wait", ""]


def test_parting_is_only_for_orders_that_have_something_here_and_says_what_leaves_first(
    desk: Desk, session: Session, cast: Cast, orders: list[Order], code: str
) -> None:
    asked = say(desk, f"{code} 拆单先发", cast.xiaoli)
    assert isinstance(asked, BatchView)
    assert asked.total == 1
    assert [(one.why, one.orders) for one in asked.left] == [("没有其他有货的商品，不能拆单先发", 2)]
    say(desk, f"{asked.code} 确认", cast.xiaoli)

    assert [choice_of(session, order) for order in orders] == ["", "", "split"]
    own = next(one for one in cases(session, "short_stock") if one.order_id == orders[2].id)
    assert own.evidence["choice"]["text"] == (
        "亲，您购买的马克杯 红色暂时缺货，我们先为您发出盘子 白色，缺的到货时间确定后马上告诉您，到货后再补发给您。"
    )
    (memo,) = session.scalars(select(WriteBack).where(WriteBack.kind == "memo"))
    assert memo.line == "拆单先发：先发 盘子 白色；缺 马克杯 红色，到货补发"


def test_an_exchange_is_proposed_from_what_is_sold_under_the_same_title_and_lies_there(
    desk: Desk, session: Session, cast: Cast, orders: list[Order], code: str
) -> None:
    make_stock(session, OTHER, 5)
    make_stock(session, "EMPTY", 0)
    for sku, spec in ((OTHER, "蓝色"), ("EMPTY", "绿色")):
        make_order(session, stage="done", lines=[make_line(sku, spec=spec)])
    subject = f"case:{cases(session)[0].id}"

    offered = pressing.press(desk, pressed("stock_choice", subject, value="swap"), cast.xiaoli)
    assert isinstance(offered, TextView)
    assert offered.text.splitlines()[:2] == [f"**{SKU} 的同款**", f"- {OTHER} 马克杯 蓝色，可用 5 件"]
    with pytest.raises(Refusal, match="EMPTY 也没有现货了"):
        say(desk, f"{code} 换同款 EMPTY", cast.xiaoli)
    asked = say(desk, f"{code} 换同款 {OTHER.lower()}", cast.xiaoli)
    assert isinstance(asked, BatchView)
    assert (asked.total, asked.words) == (3, "换成 马克杯 蓝色")
    say(desk, f"{asked.code} 确认", cast.xiaoli)

    assert [choice_of(session, order) for order in orders] == ["swap"] * 3
    own = cases(session, "short_stock")[0]
    assert "同款的马克杯 蓝色有现货，您看换成它可以吗？" in own.evidence["choice"]["text"]
    assert "缺货" in orders[0].lock_reason, "it is only proposed: the order stays as it is"


def test_a_refund_is_handed_to_service_as_a_list_with_what_to_paste(
    desk: Desk, session: Session, cast: Cast, orders: list[Order], code: str
) -> None:
    asked = pressing.press(desk, pressed("stock_choice", f"case:{cases(session)[0].id}", value="refund"), cast.zhaojie)
    assert isinstance(asked, BatchView)
    say(desk, f"{asked.code} 确认", cast.zhaojie)

    (note,) = session.scalars(select(Notification).where(Notification.dedupe_key.like("short:refund:%")))
    assert note.recipient == str(cast.xiaoli.staff_id)
    first, told = note.body["text"].split("\n", 1)
    assert first == "**缺货退款 3 单**，赵姐定的，请逐单联系买家，话术可直接复制："
    codes = {one.order_id: short_code(one.id) for one in cases(session, "refund_wait")}
    assert "、".join(f"{order.tag}（{codes[order.id]}）" for order in orders) in told
    assert told.endswith("买家不退了请发：短码 买家不退")
    assert "麻烦您在订单里申请退款" in told
    assert note.next_try_at == desk.now + timedelta(seconds=60)

    number = note.id
    say(desk, "撤销", cast.zhaojie)
    assert session.get(Notification, number) is None


def test_the_card_offers_all_four_to_purchasing_and_service_only(
    desk: Desk, session: Session, cast: Cast, orders: list[Order], code: str
) -> None:
    subject = f"case:{cases(session)[0].id}"
    offered = {}
    for actor in cast:
        view = show.show(desk, subject, actor)
        assert isinstance(view, CaseView)
        offered[actor.name] = [one.text for one in view.offers if one.action == "stock_choice"]
    four = ["等货", "换同款", "拆单先发", "退款"]
    assert offered == {"小李": four, "老王": [], "赵姐": four, "陈姐": four}
    with pytest.raises(Refusal, match=r"决定缺货怎么办由.+操作，您是仓库"):
        say(desk, f"{code} 退款", cast.laowang)


def test_waiting_with_a_day_is_purchasings_answer(
    desk: Desk, session: Session, cast: Cast, orders: list[Order], code: str
) -> None:
    view = say(desk, f"{code} 等货 1天", cast.zhaojie)

    assert isinstance(view, CaseView)
    assert view.note == "赵姐答复：12-23 到货"
    assert session.get_one(Stock, SKU).incoming_at is not None
    assert [choice_of(session, order) for order in orders] == [""] * 3


class TestTwoShort:
    """An order that is short of two: each has its card, and each its decision."""

    @pytest.fixture
    def order(self, desk: Desk, session: Session, cast: Cast) -> Order:
        make_customer(session)
        for sku, pieces in (("A", 0), ("B", 0), ("P", 9)):
            make_stock(session, sku, pieces)
        lines = [make_line("A"), make_line("B", title="餐盘", spec="白色"), make_line("P", title="筷子", spec="")]
        order = make_order(session, lines=lines)
        look_at(desk, [order])
        return order

    def decide(self, desk: Desk, sku: str, what: str, actor: Actor) -> BatchView:
        """The question, after it was answered with yes."""
        asked = self.ask(desk, sku, what, actor)
        done = say(desk, f"{asked.code} 确认", actor)
        assert isinstance(done, BatchView)
        assert done.done == 1
        return asked

    def ask(self, desk: Desk, sku: str, what: str, actor: Actor) -> BatchView:
        asked = say(desk, f"{self.code(desk, sku)} {what}", actor)
        assert isinstance(asked, BatchView)
        return asked

    def code(self, desk: Desk, sku: str) -> str:
        (one,) = [one for one in cases(desk.session) if one.group_key == sku]
        return short_code(one.id)

    def comes(self, session: Session, sku: str, at: datetime | None) -> None:
        session.execute(update(Stock).where(Stock.sku == sku).values(incoming_at=at))

    def partings(self, session: Session, order: Order) -> dict[str, str]:
        found = session.execute(select(OrderLine.sku, OrderLine.parting).where(OrderLine.order_id == order.id))
        return {row.sku: row.parting for row in found}

    def choices(self, session: Session, kind: str) -> list[str]:
        made = [one.evidence.get("choice") or {} for one in cases(session, kind)]
        return [str(one.get("what", "")) for one in made]

    def test_giving_one_up_leaves_the_other_as_it_was_decided(
        self, desk: Desk, session: Session, cast: Cast, order: Order
    ) -> None:
        self.comes(session, "B", desk.now + timedelta(hours=20))
        self.decide(desk, "B", "等货", cast.xiaoli)
        desk.now += timedelta(minutes=5)
        asked = self.decide(desk, "A", "退款", cast.xiaoli)

        assert asked.doubts == (f"1 单还缺别的商品，这次不动：{order.tag} 餐盘 白色",)
        assert self.partings(session, order) == {"A": "refund", "B": "", "P": ""}
        assert self.choices(session, "refund_wait") == ["refund"]
        (own,) = cases(session, "short_stock")
        assert own.evidence["choice"]["text"].startswith("亲，非常抱歉，您购买的餐盘 白色暂时缺货，预计 12-23 到货")
        assert to_customers(session)[-1].body["values"]["words"] == (
            "亲，非常抱歉，您购买的马克杯 红色缺货，短时间内补不上。麻烦您在订单里申请退款，我们收到后马上处理。"
        )

    def test_giving_up_the_other_too_names_both_and_is_taken_back_alone(
        self, desk: Desk, session: Session, cast: Cast, order: Order
    ) -> None:
        for sku in ("A", "B"):
            desk.now += timedelta(minutes=5)
            self.decide(desk, sku, "退款", cast.xiaoli)
        assert self.partings(session, order) == {"A": "refund", "B": "refund", "P": ""}
        (own,) = cases(session, "refund_wait")
        assert "您购买的马克杯 红色、餐盘 白色缺货" in own.evidence["choice"]["text"]

        say(desk, "撤销", cast.xiaoli)

        assert self.partings(session, order) == {"A": "refund", "B": "", "P": ""}
        (own,) = cases(session, "refund_wait")
        assert "您购买的马克杯 红色缺货" in own.evidence["choice"]["text"]
        assert self.choices(session, "short_stock") == [""]

    def test_what_waits_beside_what_is_given_up_is_shown_on_a_card_of_its_own(
        self, desk: Desk, session: Session, cast: Cast, order: Order
    ) -> None:
        self.decide(desk, "A", "退款", cast.xiaoli)
        desk.now += timedelta(minutes=5)
        self.decide(desk, "B", "等货", cast.xiaoli)

        assert (self.choices(session, "refund_wait"), self.choices(session, "short_stock")) == (["refund"], ["wait"])
        assert self.partings(session, order) == {"A": "refund", "B": "", "P": ""}
        words = choices.words_now(desk, order.id)
        assert words.startswith("亲，非常抱歉，您购买的餐盘 白色暂时缺货"), "the newest"
        assert words.endswith("另外马克杯 红色补不上货，麻烦您在订单里申请退款。"), "and what is still to be done"

    def test_an_exchange_that_was_proposed_is_dropped_with_its_goods_alone(
        self, desk: Desk, session: Session, cast: Cast, order: Order
    ) -> None:
        make_stock(session, OTHER, 5)
        make_order(session, stage="done", lines=[make_line(OTHER, spec="蓝色")])
        self.decide(desk, "A", f"换同款 {OTHER}", cast.xiaoli)
        assert self.choices(session, "short_stock") == ["swap"]
        desk.now += timedelta(minutes=5)

        self.decide(desk, "A", "退款", cast.xiaoli)
        assert self.choices(session, "short_stock") == [""]
        say(desk, "撤销", cast.xiaoli)
        assert self.choices(session, "short_stock") == ["swap"]
        desk.now += timedelta(minutes=5)
        self.decide(desk, "B", "退款", cast.xiaoli)
        assert self.choices(session, "short_stock") == ["swap"]

    def test_a_parting_is_of_all_that_is_short(self, desk: Desk, session: Session, cast: Cast, order: Order) -> None:
        self.decide(desk, "A", "拆单先发", cast.xiaoli)

        assert self.partings(session, order) == {"A": "later", "B": "later", "P": ""}
        desk.now += timedelta(minutes=5)
        self.decide(desk, "A", "退款", cast.xiaoli)
        assert self.partings(session, order) == {"A": "refund", "B": "later", "P": ""}

    def test_no_day_is_promised_while_one_of_them_has_none(
        self, desk: Desk, session: Session, cast: Cast, order: Order
    ) -> None:
        self.comes(session, "A", desk.now + timedelta(hours=20))
        asked = self.decide(desk, "A", "等货", cast.xiaoli)

        assert asked.doubts == ("还不知道什么时候到货，请采购先答复；买家会收到“到货时间确定后马上告诉您”",)
        (told,) = to_customers(session)
        assert told.body["values"]["reason"] == "缺货，等待到货"
        assert "您购买的马克杯 红色、餐盘 白色暂时缺货，到货时间确定后马上告诉您" in told.body["values"]["words"]

        desk.now += timedelta(minutes=5)
        say(desk, f"{self.code(desk, 'B')} 到货 3天", cast.zhaojie)
        assert to_customers(session)[-1].body["values"]["reason"] == "缺货，预计 12-25 到货", "the later of both"

    def test_an_exchange_names_the_goods_that_it_is_for(
        self, desk: Desk, session: Session, cast: Cast, order: Order
    ) -> None:
        make_stock(session, "B2", 5)
        make_order(session, stage="done", lines=[make_line("B2", title="餐盘", spec="蓝色")])
        asked = self.decide(desk, "B", "换同款 B2", cast.xiaoli)

        assert f"1 单还缺别的商品，这次不动：{order.tag} 马克杯 红色" in asked.doubts
        (told,) = to_customers(session)
        assert told.body["values"]["goods"] == "餐盘 白色"
        assert told.body["values"]["words"].startswith(
            "亲，非常抱歉，您购买的餐盘 白色暂时缺货。同款的餐盘 蓝色有现货，您看换成它可以吗？"
        )


class TestADayThatHasPassed:
    @pytest.fixture
    def late(self, desk: Desk, session: Session, orders: list[Order]) -> Desk:
        """Two days later; goods were to come tomorrow."""
        session.execute(update(Stock).where(Stock.sku == SKU).values(incoming_at=desk.now + timedelta(hours=30)))
        return replace(desk, now=desk.now + timedelta(days=2))

    def test_it_is_promised_to_nobody_any_more(
        self, late: Desk, session: Session, cast: Cast, orders: list[Order], code: str
    ) -> None:
        make_customer(session, buyer_key="buyer-0")
        asked = say(late, f"{code} 等货 {orders[0].tag}", cast.xiaoli)
        assert isinstance(asked, BatchView)
        assert asked.doubts == ("原定 12-23 到货，还没有到，请采购先更新日期；买家会收到“到货时间确定后马上告诉您”",)
        say(late, f"{asked.code} 确认", cast.xiaoli)

        (told,) = to_customers(session)
        assert told.body["values"]["reason"] == "缺货，等待到货"
        assert "暂时缺货，到货时间确定后马上告诉您" in told.body["values"]["words"]

    def test_what_was_decided_before_it_is_said_as_it_stands_now(
        self, desk: Desk, late: Desk, session: Session, cast: Cast, orders: list[Order], code: str
    ) -> None:
        asked = say(desk, f"{code} 等货 {orders[0].tag}", cast.xiaoli)
        assert isinstance(asked, BatchView)
        say(desk, f"{asked.code} 确认", cast.xiaoli)

        assert "预计 12-23 到货" in choices.words_now(desk, orders[0].id)
        assert "暂时缺货，到货时间确定后马上告诉您" in choices.words_now(late, orders[0].id)
        assert choices.words_now(desk, orders[1].id) == "", "nobody has decided"
        own = next(one for one in cases(session, "short_stock") if one.order_id == orders[0].id)
        view = show.show(late, f"case:{own.id}", cast.xiaoli)
        assert isinstance(view, CaseView)
        assert any("暂时缺货，到货时间确定后马上告诉您" in line for line in view.lines), "what is pasted from the card"


@pytest.mark.parametrize(
    ("what", "sample"),
    [
        ("等货", "亲，非常抱歉，您购买的马克杯 红色暂时缺货，到货时间确定后马上告诉您，到货后优先为您发出，"
                 "给您带来不便请谅解。"),
        ("拆单先发", "亲，您购买的马克杯 红色暂时缺货，我们先为您发出盘子 白色，缺的到货时间确定后马上告诉您，"
                     "到货后再补发给您。"),
    ],
)  # fmt: skip
def test_the_question_shows_what_the_buyer_will_read(
    desk: Desk, cast: Cast, orders: list[Order], code: str, what: str, sample: str
) -> None:
    asked = say(desk, f"{code} {what}", cast.xiaoli)

    assert isinstance(asked, BatchView)
    assert asked.sample == f"发给买家：{sample}"
    assert asked.ticks is None, "beside boxes there is no room to read it"


def test_where_buyers_read_different_things_it_shows_whose(
    desk: Desk, session: Session, cast: Cast, orders: list[Order]
) -> None:
    session.execute(update(OrderLine).where(OrderLine.order_id == orders[1].id).values(spec="大号红色"))

    asked = say(desk, f"{short_code(cases(session)[0].id)} 等货", cast.xiaoli)

    assert isinstance(asked, BatchView)
    assert asked.sample.startswith(f"发给买家（以 {orders[0].tag} 为例）：亲，非常抱歉，您购买的马克杯 红色暂时缺货")
