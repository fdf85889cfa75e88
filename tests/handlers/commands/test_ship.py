"""发货 and the couriers of the order's shop; the rest is in test_commands.py."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers import commands
from handlers.desk import Desk, Job, Refusal
from handlers.views import OrderView, View
from models import Merge, MergeOrder, Order, Parcel, WriteBack
from tests.cast import Cast
from tests.factories import make_order, make_shop, someone, typed


def test_a_courier_of_which_the_platform_cannot_be_told_is_refused_before_anything_happens(
    desk: Desk, session: Session, cast: Cast
) -> None:
    shop = make_shop(session, couriers=["shunfeng", "yuantong"])
    order = make_order(session, shop_id=shop.id, stage="pending_ship")

    with pytest.raises(Refusal, match=r"不接受极兔速递.*可以用：顺丰、圆通"):
        commands.run(desk, typed(f"发货 {order.tag} 极兔 JT1234567890123", sender="laowang"), cast.laowang)
    session.expire_all()
    assert (order.stage, session.scalars(select(WriteBack)).all()) == ("pending_ship", [])

    commands.run(desk, typed(f"发货 {order.tag} 圆通 YT1234567890123", sender="laowang"), cast.laowang)
    session.expire_all()
    assert order.stage == "done"


def ship(desk: Desk, cast: Cast, order: Order, number: str, more: str = "") -> View:
    return commands.run(desk, typed(f"发货 {order.tag} 顺丰 {number}{more}", sender="laowang"), cast.laowang)


def ready(session: Session, phone: str = "13800001234", **changes: Any) -> Order:
    return make_order(session, stage="pending_ship", receiver=someone(phone=phone), **changes)


SF = "SF1234567890123"


@pytest.mark.parametrize("platform", ["taobao", "chat"])
def test_a_number_that_is_a_strangers_parcel_is_asked_about_once(
    desk: Desk, session: Session, cast: Cast, platform: str
) -> None:
    first, other = ready(session, platform=platform), ready(session, phone="13900001111")
    ship(desk, cast, first, SF)

    with pytest.raises(Refusal) as refused:
        ship(desk, cast, other, SF.lower())
    assert str(refused.value) == (
        f"这个单号已用于 {first.tag}，是同一个包裹吗？没错请发：\n发货 {other.tag} 顺丰 {SF} 确认"
    )
    session.expire_all()
    assert other.stage == "pending_ship"

    ship(desk, cast, other, SF, " 确认")
    session.expire_all()
    assert (other.stage, other.waybill) == ("done", SF)


def test_what_is_odd_about_a_number_is_one_question(desk: Desk, session: Session, cast: Cast) -> None:
    first, other = ready(session), ready(session, phone="13900001111")
    ship(desk, cast, first, "12345678", " 确认")
    with pytest.raises(Refusal, match=f"(?s)不像顺丰速运的单号.*已用于 {first.tag}.*确认$"):
        ship(desk, cast, other, "12345678")


def test_a_number_that_a_platform_or_an_erp_told_of_counts_too(desk: Desk, session: Session, cast: Cast) -> None:
    first, other = make_order(session, stage="done", waybill=SF), ready(session, phone="13900001111")
    session.add(Parcel(order_id=first.id, courier="shunfeng", waybill=SF, shipped_at=desk.now))
    session.flush()
    with pytest.raises(Refusal, match=f"已用于 {first.tag}"):
        ship(desk, cast, other, SF)


def test_what_belongs_together_leaves_by_one_number_unasked(desk: Desk, session: Session, cast: Cast) -> None:
    first = ready(session, receiver_key="oaid-1")
    ship(desk, cast, first, SF)
    merge = Merge(key="k", state="together", changed_at=desk.now)
    session.add(merge)
    session.flush()
    merged = ready(session, phone="13900001111")
    session.add_all(MergeOrder(order_id=one.id, merge_id=merge.id) for one in (first, merged))
    session.flush()
    for one in (merged, ready(session), ready(session, phone="13900002222", receiver_key="oaid-1")):
        ship(desk, cast, one, SF)
        session.expire_all()
        assert one.stage == "done"


def test_of_a_source_that_is_told_of_nothing_nothing_is_owed_and_nobody_says_so(
    desk: Desk, session: Session, cast: Cast
) -> None:
    order = ready(session, platform="sheet")
    view = ship(desk, cast, order, SF)
    assert isinstance(view, OrderView)
    assert view.note == f"老王已发货：顺丰速运 {SF}"
    assert session.scalars(select(WriteBack.state)).all() == ["confirmed"]
    assert (Job.WRITE_BACK, ()) not in desk.later

    commands.run(desk, typed(f"备注 {order.tag} 轻放 红旗"), cast.xiaoli)
    assert session.scalars(select(WriteBack.kind)).all() == ["ship"]

    told = ready(session, phone="13900001111")
    view = ship(desk, cast, told, "SF9999999999999")
    assert isinstance(view, OrderView)
    assert view.note.endswith("，正在回传平台")
    assert (Job.WRITE_BACK, ()) in desk.later


@pytest.mark.parametrize("line", ["发货 全部", "发货 TB 001-020", "发货 全部 顺丰 SF1234567890123"])
def test_many_parcels_are_told_to_be_written_a_line_each(desk: Desk, cast: Cast, line: str) -> None:
    with pytest.raises(Refusal, match="每行写一单：编号 快递 运单号"):
        commands.run(desk, typed(line, sender="laowang"), cast.laowang)
