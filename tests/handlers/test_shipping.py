from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers import shipping, show, trail
from handlers.desk import Desk
from handlers.views import CaseView
from models import Case, Notification, Order, TrailRow, WriteBack
from tests.cast import Cast
from tests.factories import make_order


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
