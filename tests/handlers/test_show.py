from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers import show, watch
from handlers.buttons import Choice
from handlers.desk import Desk, Refusal
from handlers.kinds import OTHERS
from handlers.views import CaseView, OrderView
from models import Case
from rules import RULES
from tests.cast import Cast
from tests.factories import make_case, make_line, make_order, make_shop, make_stock, masked, someone


def case_view(desk: Desk, case: Case) -> CaseView:
    view = show.show(desk, f"case:{case.id}", None)
    assert isinstance(view, CaseView)
    return view


def found(desk: Desk, **changes: object) -> Case:
    """The case that the rules open on an order like that."""
    order = make_order(desk.session, **changes)  # type: ignore[arg-type]
    watch.watch(desk, [order.id])
    return desk.session.scalars(select(Case).where(Case.order_id == order.id)).one()


@pytest.mark.parametrize("subject", ["", "order", "order:", "order:x", "parcel:1", "case:-1", "order:" + "9" * 19])
def test_what_names_nothing_is_a_refusal(desk: Desk, subject: str) -> None:
    with pytest.raises(Refusal, match="失效"):
        show.show(desk, subject, None)


def test_what_is_not_there_is_a_refusal(desk: Desk) -> None:
    with pytest.raises(Refusal, match="没有找到这个订单"):
        show.show(desk, "order:404", None)
    with pytest.raises(Refusal, match="没有找到这件事"):
        show.show(desk, "case:404", None)


def test_an_order_with_all_that_is_known_of_it(desk: Desk, session: Session, cast: Cast) -> None:
    make_stock(session, "QH-CUP-RED", 9)
    shop = make_shop(session)
    order = make_order(
        session, shop_id=shop.id, kind="perhaps_reship", kind_evidence="备注写着补发", owner_id=cast.xiaoli.staff_id,
        buyer_message="打13800001234", lines=[make_line(refund="asked", quantity=3)], refund="asked",
        stage_entered_at=desk.now - timedelta(hours=3),
    )  # fmt: skip
    watch.watch(desk, [order.id])

    view = show.show(desk, f"order:{order.id}", cast.xiaoli)

    assert isinstance(view, OrderView)
    assert (view.shop, view.kind, view.kind_evidence, view.owner) == ("青禾淘宝店", "疑似补发", "备注写着补发", "小李")
    assert (view.buyer_message, view.refund, view.stale) == ("打138****1234", "买家申请退款", True)
    assert (view.lines[0].quantity, view.lines[0].refund) == (3, "买家申请退款")
    assert view.receiver == "王** 138****1234 浙江省杭州市西湖区三墩镇"
    assert [words.partition("：")[0] for words in view.cases] == ["发货前退款", "留言待处理", "待审核超时"]
    assert view.cases[0].startswith("发货前退款：买家发货前申请退款，先别发（")
    assert [offer.action for offer in view.offers] == ["refresh"], "it is locked"
    assert view.unknown == ()


def test_what_cannot_be_seen_is_said(desk: Desk, session: Session) -> None:
    order = make_order(session, receiver=masked())

    view = show.show_order(desk, order.id, None)

    assert view.unknown == ("详细地址由平台隐藏，看不到门牌", "库存表里没有 QH-CUP-RED")
    assert view.receiver == "王** *******1234 浙江省杭州市西湖区三墩镇"


@pytest.mark.parametrize(
    ("phone", "shown"), [("13800001234", "138****1234"), ("0571-88881234", "****1234"), ("123", "****"), ("", "")]
)
def test_phones_are_masked_whatever_they_are(desk: Desk, session: Session, phone: str, shown: str) -> None:
    order = make_order(session, receiver=someone(phone=phone))

    assert (
        show.show_order(desk, order.id, None).receiver
        == f"王** {shown} ".replace("  ", " ") + "浙江省杭州市西湖区三墩镇"
    )


@pytest.mark.parametrize(
    ("stage", "words"), [("pending_review", "审核"), ("pending_pick", "配货"), ("pending_ship", "发货")]
)
def test_the_next_step_is_the_main_button(desk: Desk, session: Session, stage: str, words: str) -> None:
    order = make_order(session, stage=stage)

    offer = show.show_order(desk, order.id, None).offers[0]

    assert (offer.text, offer.style, offer.value) == (words, "main", stage)


class TestCases:
    def test_a_vague_address(self, desk: Desk, session: Session, cast: Cast) -> None:
        view = case_view(desk, found(desk, district=""))

        assert (view.title, view.reason, view.severity, view.role) == ("地址模糊", "缺区县", "P2", "客服")
        assert (view.goods, view.paid_fen, view.stage) == ("马克杯 红色", 13800, "pending_review")
        assert [offer.text for offer in view.offers] == ["已确认", "认领", "延后2小时", "转交", "刷新", "强制通过"]
        assert [offer.text for offer in view.more] == ["有用", "忽略：误报", "忽略：不再需要"]
        times = (("minutes=15", "15 分钟内"), ("minutes=30", "30 分钟内"), ("minutes=60", "1 小时内"))
        people = ((f"person={cast.xiaoli.staff_id}", "转给小李"), (f"person={cast.chenjie.staff_id}", "转给陈姐"))
        options = (("none", "不选"), *times, *people)
        assert view.choice == Choice("pick", "多久办好 / 转给谁", options, "none", "认领 30")

    def test_a_wish_to_wait_offers_days(self, desk: Desk, session: Session, cast: Cast) -> None:
        view = case_view(desk, found(desk, buyer_message="28号以后发"))

        assert [offer.text for offer in view.offers] == ["改期", "认领", "延后2小时", "刷新", "强制通过"]
        assert view.choice is not None
        assert (view.choice.key, view.choice.selected, len(view.choice.options)) == ("pick", "date=2025-12-28", 10)
        assert view.choice.options[0] == ("date=2025-12-28", "12-28 周日")

    def test_a_wish_without_a_day_offers_days_too(self, desk: Desk, session: Session, cast: Cast) -> None:
        choice = case_view(desk, found(desk, buyer_message="等我通知再发")).choice

        assert choice is not None
        assert (choice.selected, len(choice.options)) == ("none", 10)
        assert [key for key, _ in choice.options[:2]] == ["none", "date=2025-12-23"]

    def test_a_stale_order_offers_its_step(self, desk: Desk, session: Session, cast: Cast) -> None:
        old = desk.now - timedelta(hours=3)
        view = case_view(desk, found(desk, stage="pending_ship", stage_entered_at=old))

        assert (view.title, view.role) == ("待发货超时", "仓库")
        assert (view.offers[0].text, view.offers[0].action) == ("发货", "ship_ask")

    def test_a_locked_stale_order_does_not(self, desk: Desk, session: Session, cast: Cast) -> None:
        order = make_order(session, lock_reason="缺货")
        case = make_case(session, order, kind="stale_stage", blocks=False, evidence={"stage": "pending_review"})

        assert case_view(desk, case).offers[0].text == "认领"

    def test_a_crowd(self, desk: Desk, session: Session, cast: Cast) -> None:
        old = desk.now - timedelta(hours=3)
        orders = [make_order(session, stage_entered_at=old - timedelta(minutes=n), paid_fen=100) for n in range(12)]
        watch.watch(desk, [order.id for order in orders])

        view = case_view(desk, session.scalars(select(Case)).one())

        assert (view.title, view.total, view.paid_fen, view.stage) == ("待审核超时", 12, 1200, "pending_review")
        assert view.stage_entered_at == old - timedelta(minutes=11)
        assert len(view.lines) == 10
        assert view.lines[0] == f"{orders[-1].tag} 自 12-22 06:49"
        assert [offer.text for offer in view.offers] == ["认领", "查看清单", "刷新"]
        assert [offer.text for offer in view.more] == ["有用", "误报", "轨迹"]
        assert view.choice is not None
        assert [text for _, text in view.choice.options] == ["不选", "15 分钟内", "30 分钟内", "1 小时内"]

    def test_the_platforms_limits_hold_for_every_kind(self, desk: Desk, session: Session, cast: Cast) -> None:
        for kind in (*RULES, *OTHERS):
            evidence = {"stage": "pending_review"}
            group = kind in ("stale_group", "shop_stopped", "upstream_down")
            order = None if group else make_order(session)
            key = "pending_review" if group else ""
            case = make_case(session, order, kind=kind, evidence=evidence, group_key=key)
            view = case_view(desk, case)
            assert 1 <= len(view.offers) <= 6, kind
            assert len(view.more) <= 3
            assert len(view.title) <= 26
            assert all(len(offer.text) <= 10 for offer in (*view.offers, *view.more))
            assert len({(offer.action, offer.value) for offer in view.offers}) == len(view.offers)
            assert view.choice is None or 1 <= len(view.choice.options) <= 10

    def test_who_solved_it_by_itself(self, desk: Desk, session: Session, cast: Cast) -> None:
        case = make_case(
            session, make_order(session), state="solved", solution="地址完整", solved_at=desk.now, revision=2
        )

        view = case_view(desk, case)

        assert (view.settled, view.note, view.offers, view.choice) == (
            True,
            "已自动解除：地址完整 12-22 10:00",
            (),
            None,
        )
