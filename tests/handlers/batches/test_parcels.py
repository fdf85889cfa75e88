"""发货 with a list that was pasted."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers.batches.view import BatchView
from handlers.desk import Desk, Refusal
from handlers.views import OrderView, TextView
from models import Order, WriteBack
from tests.cast import Cast
from tests.factories import make_order, someone
from tests.handlers.batches.conftest import asked, press, say

pytestmark = pytest.mark.usefixtures("shops")


def ready(session: Session, count: int, **changes: Any) -> list[Order]:
    return [
        make_order(session, stage="pending_ship", receiver=someone(phone=f"1390000{number:04d}"), **changes)
        for number in range(count)
    ]


def number(place: int) -> str:
    return f"SF12345678901{place:02d}"


def test_every_line_is_read_and_all_are_asked_about_once(desk: Desk, session: Session, cast: Cast) -> None:
    one, two, three = ready(session, 3)
    first, second = f"{one.tag} 顺丰 {number(1)}", f"{two.external_id}\t圆通\tYT1234567890123"
    pasted = f"发货 {first}\n{second}\n3. {three.tag}：顺丰{number(3)}"

    view = asked(desk, pasted, cast.laowang)

    assert (view.title, view.total, view.doubts, view.left) == ("发货", 3, (), ())
    assert view.tags == (
        f"{one.tag} 顺丰速运 {number(1)}", f"{two.tag} 圆通速递 YT1234567890123", f"{three.tag} 顺丰速运 {number(3)}",
    )  # fmt: skip
    assert press(desk, view, "confirm", cast.laowang).done == 3
    assert [(order.stage, order.waybill) for order in (one, two, three)] == [
        ("done", number(1)), ("done", "YT1234567890123"), ("done", number(3)),
    ]  # fmt: skip


def test_all_that_is_odd_is_one_question(desk: Desk, session: Session, cast: Cast) -> None:
    orders = ready(session, 5)
    say(desk, f"发货 {orders[4].tag} 顺丰 {number(9)}", cast.laowang)
    numbers = ("YT123456", number(1), number(1), number(9))
    lines = [f"{order.tag} 顺丰 {one}" for order, one in zip(orders, numbers, strict=False)]

    view = asked(desk, "发货\n" + "\n".join(lines), cast.laowang)

    assert view.doubts == (
        f"单号和快递对不上：{orders[0].tag} 顺丰 YT123456",
        f"单号已经用过，是同一个包裹吗：{number(9)}（{orders[3].tag}，已用于 {orders[4].tag}）",
        f"同一个单号写给几单，是同一个包裹吗：{number(1)}（{orders[1].tag}、{orders[2].tag}）",
    )
    assert press(desk, view, "confirm", cast.laowang).done == 4


def test_what_cannot_be_read_is_left_out_and_named(desk: Desk, session: Session, cast: Cast) -> None:
    orders = ready(session, 6)
    orders[5].stage = "pending_pick"
    session.flush()
    lines = [
        f"{orders[0].tag} 顺丰 {number(1)}",
        f"{orders[1].tag} 顺丰",
        f"{orders[2].tag} 顺丰 7.73E+14",
        f"{orders[3].tag} 顺丰 {number(3)}",
        f"{orders[3].tag} 顺丰 {number(4)}",
        f"{orders[5].tag} 顺丰 {number(5)}",
        f"TB-20201222-001 顺丰 {number(6)}",
        "合计六单",
    ]

    view = asked(desk, "发货\n" + "\n".join(lines), cast.laowang)

    assert view.total == 1
    assert {tag: one.why for one in view.left for tag in one.tags} == {
        orders[1].tag: "还缺运单号",
        orders[2].tag: "运单号 7.73E+14 是表格的科学计数，后面的数字已经丢失，请从面单上重新录入",
        orders[3].tag: "写了两个运单号",
        orders[5].tag: "现在是待配货",
        "TB-20201222-001": "没有找到",
        "合计六单": "看不出是哪一单",
    }


def test_two_that_nothing_is_odd_about_leave_at_once(desk: Desk, session: Session, cast: Cast) -> None:
    one, two = ready(session, 2)

    view = say(desk, f"发货\n{one.tag} 顺丰 {number(1)}\n{two.tag} 顺丰 {number(2)}", cast.laowang)

    assert isinstance(view, TextView)
    assert view.text.startswith("发货：办成 2 单")
    assert {one.stage, two.stage} == {"done"}


def test_two_that_something_is_odd_about_are_asked_about(desk: Desk, session: Session, cast: Cast) -> None:
    one, two = ready(session, 2)

    view = asked(desk, f"发货\n{one.tag} 顺丰 {number(1)}\n{two.tag} 顺丰 YT123456", cast.laowang)

    assert len(view.doubts) == 1
    assert {one.stage, two.stage} == {"pending_ship"}


def test_one_line_is_a_step_as_ever(desk: Desk, session: Session, cast: Cast) -> None:
    (order,) = ready(session, 1)

    view = say(desk, f"发货\n{order.tag} 顺丰 {number(1)}", cast.laowang)

    assert isinstance(view, OrderView)
    assert view.note.endswith("正在回传平台")


def test_of_what_is_ticked_alone_the_platform_hears(desk: Desk, session: Session, cast: Cast) -> None:
    orders = ready(session, 3)
    lines = [f"{order.tag} 顺丰 {number(place)}" for place, order in enumerate(orders)]
    view = asked(desk, "发货\n" + "\n".join(lines), cast.laowang)

    over = press(desk, view, "confirm", cast.laowang, orders=str(orders[1].id))

    assert isinstance(over, BatchView)
    assert session.scalars(select(WriteBack.order_id)).all() == [orders[1].id]


def test_a_list_is_for_the_warehouse_and_has_an_end(desk: Desk, session: Session, cast: Cast) -> None:
    orders = ready(session, 2)
    lines = [f"{order.tag} 顺丰 {number(place)}" for place, order in enumerate(orders)]

    with pytest.raises(Refusal, match="发货由仓库操作，您是客服"):
        say(desk, "发货\n" + "\n".join(lines), cast.xiaoli)
    with pytest.raises(Refusal, match="一次最多 200 行，现在有 201 行"):
        say(desk, "发货\n" + "\n".join(f"TB-20251222-{one:03d} 顺丰 SF1" for one in range(201)), cast.laowang)
