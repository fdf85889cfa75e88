from __future__ import annotations

import json
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers import shipping, show, trail
from handlers.desk import Desk, Job
from handlers.views import CaseView
from models import Case, Notification, Order, TrailRow, WriteBack
from tests.cast import Cast
from tests.factories import make_order, make_shop


def owed(session: Session) -> tuple[Order, WriteBack]:
    order = make_order(session, stage="done", waybill="SF1", courier="shunfeng")
    body = {"courier": "shunfeng", "waybill": "SF1"}
    row = WriteBack(order_id=order.id, shop_id=1, kind="ship", body=body, created_at=order.stored_at)
    session.add(row)
    session.flush()
    return order, row


def test_a_failed_write_back_is_a_matter_with_a_button_to_try_again(desk: Desk, session: Session, cast: Cast) -> None:
    order, row = owed(session)

    shipping.write_back_failed(desk, row.id, "运单号与快递公司不符")

    case = session.scalars(select(Case)).one()
    assert (case.kind, case.role, case.blocks, case.order_id) == ("writeback_fail", "warehouse", False, order.id)
    assert case.reason == "顺丰速运 SF1：运单号与快递公司不符"
    view = show.show(desk, f"case:{case.id}", None)
    assert isinstance(view, CaseView)
    assert [(offer.text, offer.action) for offer in view.offers[:2]] == [("重试", "retry"), ("已手工上传", "solve")]
    assert session.scalars(select(Notification.channel)).all() == ["group"]


def test_the_same_failure_again_is_no_news_another_one_is(desk: Desk, session: Session, cast: Cast) -> None:
    order, row = owed(session)
    for words in ("网络超时", "网络超时", "单号重复"):
        shipping.write_back_failed(desk, row.id, words)

    case = session.scalars(select(Case).execution_options(populate_existing=True)).one()
    assert (case.reason, case.revision) == ("顺丰速运 SF1：单号重复", 2)
    assert len(session.scalars(select(TrailRow)).all()) == 2
    assert trail.verify(session, f"order:1:{order.external_id}")


def test_a_confirmed_one_is_noted_and_ends_what_was_wrong(desk: Desk, session: Session, cast: Cast) -> None:
    order, row = owed(session)
    shipping.write_back_failed(desk, row.id, "网络超时")

    shipping.write_back_confirmed(desk, row.id)

    case = session.scalars(select(Case).execution_options(populate_existing=True)).one()
    assert (case.state, case.solution) == ("solved", "已回传")
    assert session.scalars(select(TrailRow.action).order_by(TrailRow.id)).all() == ["回传失败", "回传成功"]
    assert trail.verify(session, f"order:1:{order.external_id}")


def test_no_failure_is_urgent_before_the_ship_by_is_near(desk: Desk, session: Session, cast: Cast) -> None:
    order, row = owed(session)
    shipping.write_back_failed(desk, row.id, "网络超时")
    case = session.scalars(select(Case)).one()
    for hours, severity in ((5, "P2"), (4, "P1"), (-1, "P1")):
        order.ship_by_at = desk.now + timedelta(hours=hours)
        session.flush()
        view = show.show(desk, f"case:{case.id}", None)
        assert isinstance(view, CaseView)
        assert (view.severity, hours) == (severity, hours)


# somebody else told the platform of another parcel


def test_another_number_there_is_a_matter_with_both_numbers_and_ends_the_failure(
    desk: Desk, session: Session, cast: Cast
) -> None:
    order, row = owed(session)
    shipping.write_back_failed(desk, row.id, "网络超时")

    shipping.shipped_elsewhere(desk, row.id, "YT9")
    shipping.shipped_elsewhere(desk, row.id, "YT9")

    failed, elsewhere = session.scalars(select(Case).order_by(Case.id).execution_options(populate_existing=True)).all()
    assert (failed.state, failed.solution) == ("solved", "平台已用其他运单发货")
    assert (elsewhere.kind, elsewhere.state, elsewhere.role) == ("shipped_on_platform", "open", "service")
    assert elsewhere.reason == "平台上是运单 YT9，这里发的是 顺丰速运 SF1：请核对，别重复发；平台上的没有改动"
    assert elsewhere.revision == 1, "the same is no news"
    assert trail.verify(session, f"order:1:{order.external_id}")


# memos


def memos(session: Session) -> list[WriteBack]:
    found = select(WriteBack).where(WriteBack.kind == "memo").order_by(WriteBack.id)
    return list(session.scalars(found.execution_options(populate_existing=True)))


def test_every_line_is_owed_once_beside_the_shipment(desk: Desk, session: Session, cast: Cast) -> None:
    order, _ = owed(session)
    for line in ("加固", "改发顺丰", "加固"):
        shipping.owe_memo(desk, order.id, line, cast.xiaoli)

    assert [(row.line, row.state, row.body) for row in memos(session)] == [
        ("加固", "owed", {"line": "加固", "by": cast.xiaoli.staff_id}),
        ("改发顺丰", "owed", {"line": "改发顺丰", "by": cast.xiaoli.staff_id}),
    ]
    assert desk.later == [(Job.WRITE_BACK, ())]


def test_what_is_said_again_is_looked_at_again(desk: Desk, session: Session, cast: Cast) -> None:
    order = make_order(session)
    shipping.owe_memo(desk, order.id, "加固", cast.xiaoli)
    (row,) = memos(session)
    row.state, row.tries, row.problem = "failed", 2, "备注太长"
    session.flush()

    shipping.owe_memo(desk, order.id, "加固", cast.chenjie, flag=1)

    (row,) = memos(session)
    assert (row.state, row.tries, row.problem, row.next_try_at) == ("owed", 0, "", desk.now)
    assert row.body == {"line": "加固", "by": cast.chenjie.staff_id, "flag": 1}


def test_a_flag_that_is_still_owed_does_not_undo_a_later_one(desk: Desk, session: Session, cast: Cast) -> None:
    order = make_order(session)
    shipping.owe_memo(desk, order.id, "加固", cast.xiaoli, flag=1)
    shipping.owe_memo(desk, order.id, "改发顺丰", cast.xiaoli, flag=2)

    assert [row.body.get("flag") for row in memos(session)] == [None, 2]


def test_a_memo_that_stands_there_is_noted(desk: Desk, session: Session, cast: Cast) -> None:
    order = make_order(session)
    shipping.owe_memo(desk, order.id, "加固", cast.xiaoli, flag=1)

    shipping.write_back_confirmed(desk, memos(session)[0].id)

    row = session.scalars(select(TrailRow)).one()
    assert (row.action, json.loads(row.detail)) == ("平台备注", {"备注": "加固", "旗帜": "红旗"})
    assert trail.verify(session, f"order:1:{order.external_id}")


def test_whoever_wrote_a_memo_that_the_platform_does_not_take_hears_of_it(
    desk: Desk, session: Session, cast: Cast
) -> None:
    order = make_order(session)
    shipping.owe_memo(desk, order.id, "加固", cast.xiaoli)

    for _ in range(2):
        shipping.write_back_failed(desk, memos(session)[0].id, "淘宝的备注最多 1000 字节")

    told = session.scalars(select(Notification)).one()
    assert (told.channel, told.recipient) == ("staff", str(cast.xiaoli.staff_id))
    assert told.body["text"] == f"{order.tag} 的备注「加固」没有写到平台：淘宝的备注最多 1000 字节"
    assert session.scalars(select(Case)).all() == [], "the warehouse has nothing to do with it"
    assert session.scalars(select(TrailRow.action)).all() == ["平台备注失败"]


def test_the_couriers_of_the_orders_shop(desk: Desk, session: Session) -> None:
    some, any_one = make_shop(session, couriers=["ems", "jd"]), make_shop(session, slug="mail")
    assert shipping.couriers_of(desk, make_order(session, shop_id=some.id).id) == ["ems", "jd"]
    assert shipping.couriers_of(desk, make_order(session, shop_id=any_one.id).id) is None
