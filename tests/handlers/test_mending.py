from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from config import Settings, parse
from handlers import commands, pressing, show, watch
from handlers.desk import Desk, Refusal
from handlers.draft_view import DraftView
from handlers.trail import verify
from handlers.views import OrderView
from models import Order, OrderLink
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
    ],
)
def test_the_lines_are_chosen_by_sku_the_rest_is_the_reason(
    desk: Desk, session: Session, cast: Cast, words: str, lines: tuple[str, ...], reason: str
) -> None:
    order = make_order(session, lines=[make_line(quantity=2), make_line("QH-BOWL-4", title="碗", spec="")])
    view = of(desk, f"补发 {order.tag} {words}", cast)
    assert (view.lines, view.remark, view.paid_fen, view.original) == (lines, reason, 0, order.tag)
    assert view.question == ""


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
