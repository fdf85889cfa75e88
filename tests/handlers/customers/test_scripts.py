"""话术: words for buyers who never bind, true of the order and without anybody's person."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from handlers import commands
from handlers.customers import hearing, scripts, state
from handlers.desk import Desk, Job, Refusal
from handlers.views import TextView
from models import Order, OrderLink, Parcel
from models.case import short_code
from models.stages import Verb
from tests.cast import Cast
from tests.factories import NOW, make_case, make_customer, make_line, make_order, make_stock, typed
from tests.handlers.shortage.test_matters import cases, look_at
from tests.handlers.shortage.test_parting import PLATE, SKU, decide, say, step, with_plate

TAG = "TB-20251222-501"


def script(desk: Desk, cast: Cast) -> str:
    view = commands.run(desk, typed(f"话术 {TAG}"), cast.xiaoli)
    assert isinstance(view, TextView)
    return view.text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"stage": "done", "courier": "shunfeng", "waybill": "SF1"}, "已发货，顺丰速运 SF1。请留意物流信息"),
        ({"stage": "done", "refund": "asked"}, "已发货，退款处理中。您的退款申请已收到"),
        ({"stage": "done", "refund": "refunded"}, "已发货，已退款。您的退款已处理"),
        ({}, "正在备货，预计 12-24 10:00 前发出"),
        ({"ship_by_at": NOW - timedelta(hours=1)}, "没能按原定时间发出，我们正在加急处理"),
        (
            {"ship_by_at": NOW + timedelta(hours=1), "not_before_at": NOW + timedelta(days=2)},
            "没能按原定时间发出，已安排在 12-24 起发货",
        ),
        ({"refund": "asked"}, "退款申请已收到"),
        ({"stage": "cancelled"}, "订单已取消"),
        ({"stage": "unpaid"}, "还没有付款"),
    ],
)
def test_the_words_are_true_of_the_order(
    desk: Desk, session: Session, cast: Cast, changes: dict[str, Any], words: str
) -> None:
    make_order(session, tag=TAG, external_id="2000000000000077777", lines=[make_line()], **changes)

    said = script(desk, cast)

    assert words in said
    assert "2000****7777" in said
    for private in ("2000000000000077777", "王小明", "13812341234", "紫金花", "http", "微信号"):
        assert private not in said


class TestWhoWaitsForGoods:
    def order(self, desk: Desk, session: Session, *, plates: int = 9, **changes: Any) -> Order:
        make_stock(session, SKU, 0)
        make_stock(session, PLATE, plates)
        order = with_plate(session, tag=TAG, **changes)
        look_at(desk, [order])
        return order

    def choices(self, desk: Desk, cast: Cast) -> list[str]:
        listed = script(desk, cast).partition("怎样处理方便：")[2].partition("。")[0]
        return [one.partition("、")[2] for one in listed.split("；")]

    def test_they_are_given_the_choice(self, desk: Desk, session: Session, cast: Cast) -> None:
        self.order(desk, session)
        assert self.choices(desk, cast) == ["等到货后马上为您发出", "有货的先发，缺的到货后再补发", "申请退款"]
        assert "1、等到货后马上为您发出" in script(desk, cast)

    @pytest.mark.parametrize("platform", ["pdd", "jd"])
    def test_no_part_is_offered_where_the_platform_takes_none(
        self, desk: Desk, session: Session, cast: Cast, platform: str
    ) -> None:
        self.order(desk, session, platform=platform)
        assert self.choices(desk, cast) == ["等到货后马上为您发出", "申请退款"]

    def test_no_part_is_offered_where_all_is_short(self, desk: Desk, session: Session, cast: Cast) -> None:
        self.order(desk, session, plates=0)
        assert self.choices(desk, cast) == ["等到货后马上为您发出", "申请退款"]

    def test_no_part_is_offered_of_a_single_line(self, desk: Desk, session: Session, cast: Cast) -> None:
        make_stock(session, SKU, 0)
        look_at(desk, [make_order(session, tag=TAG, lines=[make_line(SKU)])])
        assert self.choices(desk, cast) == ["等到货后马上为您发出", "申请退款"]

    def test_an_exchange_is_offered_where_there_is_one(self, desk: Desk, session: Session, cast: Cast) -> None:
        make_order(session, lines=[make_line("QH-CUP-BLUE", spec="蓝色")], stage="done")
        make_stock(session, "QH-CUP-BLUE", 5)
        self.order(desk, session)
        assert "换成同款其他颜色或规格" in self.choices(desk, cast)

    @pytest.mark.parametrize(
        ("what", "words"),
        [
            ("等货", "暂时缺货，到货时间确定后马上告诉您，到货后优先为您发出"),
            ("拆单先发", "我们先为您发出盘子 白色，缺的到货时间确定后马上告诉您"),
            ("退款", "麻烦您在订单里申请退款，我们收到后马上处理"),
        ],
    )
    def test_what_was_decided_is_said_and_not_asked_again(
        self, desk: Desk, session: Session, cast: Cast, what: str, words: str
    ) -> None:
        self.order(desk, session)
        decide(desk, what, cast.xiaoli)

        said = script(desk, cast)

        assert words in said
        assert said.count("亲，") == 1
        assert "怎样处理方便" not in said
        assert "前发出" not in said

    def test_of_what_went_ahead_its_parcel_is_named(self, desk: Desk, session: Session, cast: Cast) -> None:
        order = self.order(desk, session)
        decide(desk, "拆单先发", cast.xiaoli)
        step(desk, order, cast.chenjie, Verb.APPROVE, Verb.PICK, waybill="YT1234567890123")
        look_at(desk, [order])

        said = script(desk, cast)

        assert "已先发一包（圆通速递 YT1234567890123），其余暂时缺货，正在补货，到货后马上发出" in said


def test_it_asks_what_the_hub_itself_asks() -> None:
    assert scripts.ASKS.keys() == state.ASKS.keys()


def test_a_vague_address_is_asked_for(desk: Desk, session: Session, cast: Cast) -> None:
    make_case(session, make_order(session, tag=TAG), kind="address_vague", state="open")
    assert "补充完整的收件地址" in script(desk, cast)


def test_an_exchange_promises_no_day_before_what_comes_back_has_come(desk: Desk, session: Session, cast: Cast) -> None:
    order = make_order(session, tag=TAG, platform="chat", kind="exchange")
    make_case(session, order, kind="return_not_in", state="open")
    said = script(desk, cast)
    assert "收到后马上为您换发" in said
    assert "前发出" not in said


class TestWhatHasLeft:
    def order(self, session: Session, **changes: Any) -> Order:
        return make_order(session, tag=TAG, stage="done", courier="shunfeng", waybill="SF1", **changes)

    @pytest.mark.parametrize(
        ("kind", "words"),
        [("wrong_goods", "您反映的收货问题"), ("parcel_stuck", "包裹在路上有些不顺，我们正在向快递查问")],
    )
    def test_what_is_wrong_with_it_is_said(
        self, desk: Desk, session: Session, cast: Cast, kind: str, words: str
    ) -> None:
        make_case(session, self.order(session), kind=kind, blocks=False)

        said = script(desk, cast)

        assert f"已发货，顺丰速运 SF1。{words}" in said
        assert "请留意物流信息" not in said

    def test_what_it_waited_for_before_it_left_is_over(self, desk: Desk, session: Session, cast: Cast) -> None:
        order = self.order(session)
        for kind in ("address_vague", "delay_request"):
            make_case(session, order, kind=kind)
        assert script(desk, cast).endswith("顺丰速运 SF1。请留意物流信息。收到后有任何问题随时联系我们。")

    def test_what_became_of_a_complaint_is_said(self, desk: Desk, session: Session, cast: Cast) -> None:
        order = self.order(session)
        commands.run(desk, typed(f"登记 {order.tag} 少件 少了 1 个杯子"), cast.xiaoli)
        (matter,) = cases(session, "wrong_goods")
        commands.run(desk, typed(f"{short_code(matter.id)} 退款 漏拣"), cast.xiaoli)

        said = script(desk, cast)

        assert "亲，售后已处理，同意为您退款，结果以平台通知为准。您购买的马克杯 红色已发货" in said
        assert "漏拣" not in said
        assert "请留意物流信息" not in said, "it is there already"

    def test_what_is_sent_once_more_is_said_with_its_parcel(self, desk: Desk, session: Session, cast: Cast) -> None:
        order = self.order(session)
        make_case(
            session, order, kind="wrong_goods", state="solved", solved_at=NOW, solution="已补发 CHAT-20251222-001"
        )
        sent = make_order(session, platform="chat", stage="done", courier="shunfeng", waybill="SF2", kind="reship")
        session.add(OrderLink(order_id=sent.id, original_order_id=order.id, kind="reship", at=NOW))
        session.flush()

        said = script(desk, cast)

        assert "亲，售后已处理，已为您安排补发。" in said
        assert "已发货，顺丰速运 SF1；已补发：顺丰速运 SF2" in said

    def test_what_was_signed_for_is_not_to_be_looked_out_for(self, desk: Desk, session: Session, cast: Cast) -> None:
        order = self.order(session)
        session.add(Parcel(order_id=order.id, courier="shunfeng", waybill="SF1", state="signed", shipped_at=NOW))
        session.flush()
        assert script(desk, cast).endswith("顺丰速运 SF1，已签收。有任何问题随时联系我们。")


class TestWhatWasSolved:
    def solved(self, desk: Desk, session: Session, cast: Cast) -> Order:
        order = make_order(session, tag=TAG)
        case = make_case(session, order)
        commands.run(desk, typed(f"{short_code(case.id)} 完成 已确认"), cast.xiaoli)
        return order

    def test_its_result_is_said_first(self, desk: Desk, session: Session, cast: Cast) -> None:
        self.solved(desk, session, cast)
        assert "亲，地址已确认。您购买的马克杯 红色正在备货" in script(desk, cast)

    def test_tomorrow_it_is_no_news(self, desk: Desk, session: Session, cast: Cast) -> None:
        self.solved(desk, session, cast)
        desk.now += timedelta(days=1)
        assert "地址已确认" not in script(desk, cast)

    def test_what_is_asked_again_is_not_settled(self, desk: Desk, session: Session, cast: Cast) -> None:
        make_case(session, self.solved(desk, session, cast))
        said = script(desk, cast)
        assert "地址已确认" not in said
        assert "补充完整的收件地址" in said

    @pytest.mark.parametrize("changes", [{"stage": "cancelled"}, {"refund": "asked"}, {"stage": "done"}])
    def test_what_is_over_since_is_not_said(
        self, desk: Desk, session: Session, cast: Cast, changes: dict[str, Any]
    ) -> None:
        order = self.solved(desk, session, cast)
        for name, value in changes.items():
            setattr(order, name, value)
        session.flush()
        assert "地址已确认" not in script(desk, cast)

    def test_what_was_passed_by_force_is_no_result(self, desk: Desk, session: Session, cast: Cast) -> None:
        make_case(
            session, make_order(session, tag=TAG), state="solved", solved_at=NOW, solved_by=cast.chenjie.staff_id,
            solution="强制通过：算了",
        )  # fmt: skip
        assert "地址已确认" not in script(desk, cast)


def test_a_day_on_which_nothing_came_is_promised_no_more(desk: Desk, session: Session, cast: Cast) -> None:
    make_stock(session, SKU, 0)
    look_at(desk, [make_order(session, tag=TAG, lines=[make_line(SKU)], ship_by_at=NOW + timedelta(days=6))])
    (matter,) = cases(session, "shortage")
    say(desk, f"{short_code(matter.id)} 到货 明天", cast.zhaojie)
    decide(desk, "等货", cast.xiaoli)
    assert "预计 12-23 到货，到货后优先为您发出" in script(desk, cast)

    desk.now += timedelta(days=2)

    assert "到货时间确定后马上告诉您，到货后优先为您发出" in script(desk, cast)


def test_who_wants_no_notices_is_answered_by_hand(desk: Desk, session: Session, cast: Cast) -> None:
    make_order(session, tag=TAG)
    make_customer(session)
    hearing.hear(desk, "oCustomer1", "退订")
    assert "已退订，请复制到平台聊天里" in script(desk, cast)


@pytest.mark.parametrize(
    ("changes", "kinds", "said"),
    [
        ({}, (), "「发货」通知没有开"),
        ({"stage": "done"}, (), "「发货」通知没有开"),
        ({}, ("address_vague",), "，会自动通知"),
        ({"stage": "done"}, ("wrong_goods",), "，会自动通知"),
        ({}, ("refund_wait",), "「缺货」通知没有开"),
        ({}, ("refund_wait", "address_vague"), "「缺货」通知没有开"),
        ({"refund": "asked"}, (), "「退款」通知没有开"),
        ({"refund": "asked"}, ("address_vague",), "「退款」通知没有开"),
        ({"stage": "done", "refund": "asked"}, (), "不会自动通知"),
        ({"stage": "done", "refund": "asked"}, ("wrong_goods",), "，会自动通知"),
        ({"stage": "cancelled"}, (), "不会自动通知"),
        ({"ship_by_at": NOW - timedelta(hours=1)}, (), "「延期」通知没有开"),
    ],
)
def test_where_such_notices_are_off_staff_see_it(
    desk: Desk, session: Session, cast: Cast, changes: dict[str, Any], kinds: tuple[str, ...], said: str
) -> None:
    """Only 处理 has a template and is on."""
    make_customer(session)
    order = make_order(session, tag=TAG, **changes)
    for kind in kinds:
        make_case(session, order, kind=kind)
    commands.run(desk, typed("模板 发货 关"), cast.chenjie)

    assert said in script(desk, cast)


def test_staff_see_who_is_told_anyway(desk: Desk, session: Session, cast: Cast) -> None:
    make_order(session, tag=TAG)
    assert "没有绑定微信，请复制到平台聊天里" in script(desk, cast)
    make_customer(session)
    assert "已绑定微信，会自动通知" in script(desk, cast)


def test_it_is_for_customer_service(desk: Desk, session: Session, cast: Cast) -> None:
    make_order(session, tag=TAG)
    with pytest.raises(Refusal, match="话术由客服操作"):
        commands.run(desk, typed(f"话术 {TAG}"), cast.laowang)


def test_a_code_is_made_behind_the_chat(desk: Desk, session: Session, cast: Cast) -> None:
    order = make_order(session, tag=TAG)

    view = commands.run(desk, typed(f"绑定码 {TAG}"), cast.xiaoli)

    assert isinstance(view, TextView)
    assert "马上单独发给您" in view.text
    assert (Job.BIND_CODE, (order.id, cast.xiaoli.staff_id)) in desk.later
