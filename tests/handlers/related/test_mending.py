from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from config import Settings, parse
from handlers import commands, pressing, show, watch
from handlers.desk import Desk, Refusal
from handlers.drafts.view import DraftView
from handlers.related import chain
from handlers.trail import verify
from handlers.views import OrderView
from models import Case, Draft, Order, OrderLink
from models.draft import number_of, opened
from tests.cast import Cast
from tests.conftest import settings_document
from tests.factories import NOW, make_line, make_order, make_shop, make_stock, masked, pressed, someone, typed

CHAT = {"slug": "chat", "platform": "chat", "prefix": "CHAT", "name": "微信群"}


@pytest.fixture
def settings() -> Settings:
    document = settings_document()
    return parse(document | {"shops": [*document["shops"], CHAT]})  # type: ignore[misc]


@pytest.fixture(autouse=True)
def shop(session: Session) -> None:
    make_shop(session, **CHAT)
    make_stock(session, "QH-CUP-BLU", 40)


def of(desk: Desk, text: str, cast: Cast) -> DraftView:
    view = commands.run(desk, typed(text, is_group=False), cast.xiaoli)
    assert isinstance(view, DraftView)
    return view


@pytest.mark.parametrize(
    ("words", "lines", "reason"),
    [
        ("", ("QH-CUP-RED 马克杯 红色 ×2", "QH-BOWL-4 碗 ×1"), ""),
        ("QH-CUP-RED", ("QH-CUP-RED 马克杯 红色 ×1",), ""),
        ("qh-cup-red 2 运输破损", ("QH-CUP-RED 马克杯 红色 ×2",), "运输破损"),
        ("QH-CUP-RED ×2 QH-BOWL-4 1件 破损", ("QH-CUP-RED 马克杯 红色 ×2", "QH-BOWL-4 碗 ×1"), "破损"),
        ("QH-CUP-BLU 1 换个颜色", ("QH-CUP-BLU ×1",), "换个颜色"),
        ("杯子碎了", ("QH-CUP-RED 马克杯 红色 ×2", "QH-BOWL-4 碗 ×1"), "杯子碎了"),
        ("QH-CUP-RED×2 破损", ("QH-CUP-RED 马克杯 红色 ×2",), "破损"),
        ("QH-CUP-REDx2", ("QH-CUP-RED 马克杯 红色 ×2",), ""),
        ("QH-CUP-RED两件破损", ("QH-CUP-RED 马克杯 红色 ×2",), "破损"),
        ("漏了2件QH-CUP-RED", ("QH-CUP-RED 马克杯 红色 ×2",), "漏了"),
        ("破损 QH-CUP-RED 1 请尽快", ("QH-CUP-RED 马克杯 红色 ×1",), "破损 请尽快"),
        ("QH-CUP-RED 12月底发", ("QH-CUP-RED 马克杯 红色 ×1",), "12月底发"),
        ("SF1234567890123 丢件", ("QH-CUP-RED 马克杯 红色 ×2", "QH-BOWL-4 碗 ×1"), "SF1234567890123 丢件"),
        ("12-20 签收，差 12.5 元", ("QH-CUP-RED 马克杯 红色 ×2", "QH-BOWL-4 碗 ×1"), "12-20 签收,差 12.5 元"),
        ("电话 13800001234", ("QH-CUP-RED 马克杯 红色 ×2", "QH-BOWL-4 碗 ×1"), "电话 13800001234"),
        ("见 TB-20251222-9999", ("QH-CUP-RED 马克杯 红色 ×2", "QH-BOWL-4 碗 ×1"), "见 TB-20251222-9999"),
        ("A4纸少了", ("QH-CUP-RED 马克杯 红色 ×2", "QH-BOWL-4 碗 ×1"), "A4纸少了"),
    ],
)
def test_the_lines_are_chosen_by_sku_the_rest_is_the_reason(
    desk: Desk, session: Session, cast: Cast, words: str, lines: tuple[str, ...], reason: str
) -> None:
    order = make_order(session, lines=[make_line(quantity=2), make_line("QH-BOWL-4", title="碗", spec="")])
    view = of(desk, f"补发 {order.tag} {words}", cast)
    assert (view.lines, view.remark, view.paid_fen, view.original) == (lines, reason, 0, order.tag)
    assert view.question == ""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("QH-CUP-BLV 1 颜色拍错", "没有 SKU「QH-CUP-BLV」，是 QH-CUP-BLU 吗"),
        ("颜色拍错 QH-CUP-BLV", "没有 SKU「QH-CUP-BLV」，是 QH-CUP-BLU 吗"),
        ("QHCUPRED", "没有 SKU「QHCUPRED」，是 QH-CUP-RED 吗"),
        ("XX-1-2", "没有 SKU「XX-1-2」。请核对"),
        ("CUP02 1 碎了", "没有 SKU「CUP02」"),
        ("QH-CUP-RED 1 CUP02 1", "没有 SKU「CUP02」"),
        ("QH-CUP-RED-1", "是 QH-CUP-RED 吗"),
        ("QH-CUP-RED -1", "-1 件不对，请核对数量"),
        ("QH-CUP-RED 1.5", "1.5 件不对"),
        ("QH-CUP-RED 99999", "99999 件不对"),
    ],
)
@pytest.mark.parametrize("kind", ["补发", "换货"])
def test_a_slip_sends_no_other_goods(
    desk: Desk, session: Session, cast: Cast, kind: str, words: str, said: str
) -> None:
    with pytest.raises(Refusal, match=said):
        of(desk, f"{kind} {make_order(session).tag} {words}", cast)
    assert session.scalars(select(Draft)).all() == []


def test_a_sku_that_is_no_code_is_known_by_the_order(desk: Desk, session: Session, cast: Cast) -> None:
    order = make_order(session, lines=[make_line("红杯"), make_line("690123")])
    assert of(desk, f"补发 {order.tag} 红杯 2 破损", cast).lines == ("红杯 马克杯 红色 ×2",)
    assert of(desk, f"补发 {order.tag} 690123 2", cast).lines == ("690123 马克杯 红色 ×2",)
    assert len(of(desk, f"补发 {order.tag} 红杯碎了", cast).lines) == 2
    with pytest.raises(Refusal, match="是 690123 吗"):
        of(desk, f"补发 {order.tag} 690124 2", cast)


@pytest.mark.parametrize("words", ["QH-CUP-RED 换成 QH-CUP-BLU 2", "QH-CUP-RED换QH-CUP-BLU 2件"])
def test_of_one_for_another_the_other_is_sent(desk: Desk, session: Session, cast: Cast, words: str) -> None:
    view = of(desk, f"换货 {make_order(session).tag} {words}", cast)
    assert view.lines == ("QH-CUP-BLU ×2",)
    assert "QH-CUP-RED" in view.remark


def test_an_exchange_without_goods_asks_for_which_and_the_same_again_is_one_answer(
    desk: Desk, session: Session, cast: Cast
) -> None:
    order = make_order(session, lines=[make_line(quantity=2)])
    view = of(desk, f"换货 {order.tag} 颜色拍错", cast)
    assert view.lines == ()
    assert "换成什么货" in view.question
    assert "同款" in view.question
    commands.run(desk, typed("同款", is_group=False), cast.xiaoli)
    draft = session.scalars(select(Draft)).one()
    assert [(line.sku, line.quantity) for line in opened(desk.vault, draft.content).lines] == [("QH-CUP-RED", 2)]
    assert draft.question == ""


# what may be mended, and what is pointed out


def test_what_nobody_has_paid_for_is_not_mended(desk: Desk, session: Session, cast: Cast) -> None:
    order = make_order(session, stage="unpaid")
    for kind in ("补发", "换货"):
        with pytest.raises(Refusal, match=f"{order.tag} 还没有付款，不能{kind}"):
            of(desk, f"{kind} {order.tag} QH-CUP-BLU", cast)


@pytest.mark.parametrize(
    ("changes", "words", "doubt"),
    [
        ({"stage": "pending_pick"}, "", "还没有发出"),
        ({"stage": "cancelled"}, "", "已取消"),
        ({"stage": "done", "refund": "asked"}, "", "退款中"),
        ({"stage": "done", "refund": "refunded"}, "QH-CUP-RED", "已退款"),
        ({"stage": "done"}, "QH-CUP-RED 3", "补 3 件，原单只有 2 件，要主管核对"),
        ({"stage": "done"}, "", None),
    ],
)
def test_how_the_original_stands_is_pointed_out(
    desk: Desk, session: Session, cast: Cast, changes: dict[str, Any], words: str, doubt: str | None
) -> None:
    order = make_order(session, lines=[make_line(quantity=2)], **changes)
    view = of(desk, f"补发 {order.tag} {words}", cast)
    known = doubt and (doubt if doubt.startswith("补") else f"原单 {order.tag} {doubt}")
    assert view.doubts == ((known,) if known else ())
    assert view.offers[0].text == ("仍要补发" if known else "确认")


@pytest.mark.parametrize("verb", ["补发", "换货"])
def test_what_its_button_says_can_be_typed(desk: Desk, session: Session, cast: Cast, verb: str) -> None:
    order = make_order(session, lines=[make_line()], stage="pending_pick")
    view = of(desk, f"{verb} {order.tag} QH-CUP-RED", cast)
    commands.run(desk, typed(view.offers[0].text, is_group=False), cast.xiaoli)
    assert view.offers[0].text == f"仍要{verb}"
    assert session.get_one(Draft, view.draft_id).state == "confirmed"


def stands(desk: Desk, session: Session, cast: Cast, text: str) -> Order:
    """The order of a reship that was begun by `text`, as the chat source would bring it."""
    view = of(desk, text, cast)
    commands.run(desk, typed("确认", is_group=False), cast.xiaoli)
    draft = session.get_one(Draft, view.draft_id)
    content = opened(desk.vault, draft.content)
    lines = [make_line(line.sku, quantity=line.quantity) for line in content.lines]
    order = make_order(
        session, shop_id=draft.shop_id, platform="chat", kind=draft.kind, external_id=number_of(draft.id), lines=lines,
        original_id=content.original_number, kind_evidence=content.evidence, paid_fen=0,
    )  # fmt: skip
    watch.watch(desk, [order.id])
    session.expire_all()
    return order


def resend_checks(session: Session, order: Order) -> list[str]:
    found = select(Case.reason).where(Case.kind == "resend_check", Case.order_id == order.id)
    return list(session.scalars(found))


def test_a_reship_of_a_reship_is_the_second_one_of_the_order_that_was_sold(
    desk: Desk, session: Session, cast: Cast
) -> None:
    sold = make_order(session, stage="done")
    first = stands(desk, session, cast, f"补发 {sold.tag} 破损")
    assert resend_checks(session, first) == []

    view = of(desk, f"补发 {first.tag} 又破损", cast)
    assert view.original == sold.tag
    assert any(f"已经补发过 1 次（{first.tag}）" in doubt for doubt in view.doubts)
    second = stands(desk, session, cast, f"补发 {first.tag} 又破损")

    assert resend_checks(session, second) == [f"原单 {sold.tag} 已补发过 1 次，这是第 2 次"]
    assert second.original_id == sold.external_id
    assert second.kind_evidence == f"小李补发，原单 {sold.tag}，经 {first.tag}：又破损"
    shown = show.show_order(desk, sold.id, cast.xiaoli)
    assert isinstance(shown, OrderView)
    assert shown.related == (f"补发单 {first.tag}（待审核）", f"补发单 {second.tag}（待审核）")


def test_more_pieces_than_the_original_had_go_to_the_supervisor(desk: Desk, session: Session, cast: Cast) -> None:
    sold = make_order(session, stage="done")
    order = stands(desk, session, cast, f"补发 {sold.tag} QH-CUP-RED 3")
    assert resend_checks(session, order) == [f"补 3 件，原单 {sold.tag} 只有 1 件"]


def test_what_mends_an_order_that_turns_out_to_mend_another_moves_up_with_it(
    desk: Desk, session: Session, cast: Cast
) -> None:
    sold, middle, last = (make_order(session, stage="done") for _ in range(3))
    chain.link(desk, last.id, middle.id, "reship")
    chain.link(desk, middle.id, sold.id, "reship")
    chain.link(desk, sold.id, last.id, "reship")
    links = session.execute(select(OrderLink.order_id, OrderLink.original_order_id).order_by(OrderLink.order_id))
    assert [tuple(row) for row in links] == [(middle.id, sold.id), (last.id, sold.id)], "never in a ring"


def test_the_receiver_is_taken_over_as_it_is_sealed(desk: Desk, session: Session, cast: Cast) -> None:
    order = make_order(session, receiver=masked(), receiver_key="1abc")
    view = of(desk, f"换货 {order.tag} QH-CUP-BLU", cast)
    assert (view.name, view.phone, view.question, view.kind) == ("王**", "*******1234", "", "换货")


def test_one_order_at_a_time(desk: Desk, session: Session, cast: Cast) -> None:
    one, other = make_order(session), make_order(session)
    with pytest.raises(Refusal, match="一次只能补发一单"):
        of(desk, f"补发 {one.tag} {other.tag}", cast)
    with pytest.raises(Refusal, match="请核对数量"):
        of(desk, f"补发 {one.tag} QH-CUP-RED 0", cast)
    with pytest.raises(Refusal, match="最多 300 个字"):
        of(desk, f"补发 {one.tag} {'破' * 301}", cast)


def test_the_warehouse_does_not_reship(desk: Desk, session: Session, cast: Cast) -> None:
    with pytest.raises(Refusal, match="客服"):
        commands.run(desk, typed(f"补发 {make_order(session).tag}"), cast.laowang)


def free(session: Session, **changes: object) -> Order:
    return make_order(session, paid_fen=0, platform="sheet", **changes)  # type: ignore[arg-type]


def test_a_free_order_to_a_known_phone_may_be_a_reship_and_a_person_confirms(
    desk: Desk, session: Session, cast: Cast
) -> None:
    original = make_order(session, created_at=NOW - timedelta(days=3), stage="done", receiver=someone())
    order = free(session, receiver=someone())

    watch.watch(desk, [order.id])

    session.expire_all()
    assert (order.kind, order.original_id) == ("perhaps_reship", original.external_id)
    assert f"{original.tag} 相同" in order.kind_evidence
    assert verify(session, f"order:1:{order.external_id}")
    watch.watch(desk, [order.id])
    pressing.press(desk, pressed("confirm_kind", f"order:{order.id}"), cast.xiaoli)
    session.expire_all()
    assert order.kind == "reship"
    assert session.scalars(select(OrderLink.original_order_id)).all() == [original.id]
    shown = show.show_order(desk, original.id, cast.xiaoli)
    assert isinstance(shown, OrderView)
    assert shown.related == (f"补发单 {order.tag}（待审核）",)
    assert show.show_order(desk, order.id, cast.xiaoli).related == (f"原单 {original.tag}",)
    watch.watch(desk, [order.id])
    session.expire_all()
    assert order.kind == "reship", "what a person said stays"


def test_where_the_platform_hides_the_phone_its_own_id_of_the_receiver_tells(
    desk: Desk, session: Session, cast: Cast
) -> None:
    other = make_shop(session, slug="other")
    days = timedelta(days=1)
    make_order(session, created_at=NOW - days, receiver=masked(), receiver_key="oaid-1", shop_id=other.id)
    make_order(session, created_at=NOW - days, receiver=masked(), receiver_key="oaid-2")
    original = make_order(session, created_at=NOW - 3 * days, stage="done", receiver=masked(), receiver_key="oaid-1")
    order = free(session, receiver=masked(), receiver_key="oaid-1")

    watch.watch(desk, [order.id])

    session.expire_all()
    assert (order.kind, order.original_id) == ("perhaps_reship", original.external_id)
    assert order.kind_evidence == f"零元，收件人与 12-19 10:00 的 {original.tag} 相同"


def test_it_is_none_without_a_phone_that_is_one_or_after_thirty_days_or_where_it_cost_something(
    desk: Desk, session: Session, cast: Cast
) -> None:
    make_order(session, created_at=NOW - timedelta(days=31), stage="done", receiver=someone())
    make_order(session, receiver=masked(), created_at=NOW - timedelta(days=1))
    orders = [free(session, receiver=someone()), free(session, receiver=masked())]
    orders.append(make_order(session, receiver=someone(phone="13911112222")))

    watch.watch(desk, [order.id for order in orders])

    session.expire_all()
    assert [order.kind for order in orders] == ["normal"] * 3


def test_who_made_it_in_chat_has_been_asked_already(desk: Desk, session: Session, cast: Cast) -> None:
    make_order(session, created_at=NOW - timedelta(days=3), stage="done", receiver=someone())
    order = make_order(session, paid_fen=0, platform="chat", receiver=someone())
    watch.watch(desk, [order.id])
    session.expire_all()
    assert order.kind == "normal"


def test_a_number_of_pieces_that_is_none_is_no_answer_either(desk: Desk, session: Session, cast: Cast) -> None:
    of(desk, f"换货 {make_order(session).tag} 拍错", cast)
    said = commands.run(desk, typed("QH-CUP-BLU -1", is_group=False), cast.xiaoli)
    assert "「QH-CUP-BLU -1」" in said.text  # type: ignore[union-attr]
