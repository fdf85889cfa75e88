"""轨迹 on a card: every step, and every message to the customer with what became of it."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers import cases, commands, pressing, trail, watch
from handlers.customers import sends
from handlers.customers.sends import Refused, Sent
from handlers.desk import Desk, Refusal
from handlers.views import TrailView
from models import Case, Notification
from models.case import short_code
from tests.cast import Cast
from tests.factories import make_case, make_customer, make_order, pressed, typed


def test_the_card_of_an_order_shows_every_step_and_what_became_of_the_customers_message(
    desk: Desk, session: Session, cast: Cast
) -> None:
    make_customer(session)
    order = make_order(session, district="")
    watch.watch(desk, [order.id])
    case = session.scalars(select(Case)).one()
    cases.solve(desk, case.id, cast.xiaoli)
    row = session.scalars(select(Notification).where(Notification.channel == "customer")).one()
    refused = Refused("wechat_oa", "oCustomer1", 43004, "没有关注")
    sends.noted(desk, row, Sent("sent", "sms", "+86", refused=(refused,)), [order.id])

    view = pressing.press(desk, pressed("trail", f"case:{case.id}"), cast.laowang)

    assert isinstance(view, TrailView)
    assert (view.tag, view.whole) == (order.tag, True)
    said = [(one.actor, one.action, one.detail) for one in view.entries]
    assert said[-2][:2] == ("小李", "处理完成")
    assert said[-1][:2] == ("系统", "客户通知")
    assert "服务号模板消息没发成（没有关注）；已由短信发出" in said[-1][2]


def test_the_same_is_typed_behind_the_code_and_the_tag_and_pressed_on_an_order(
    desk: Desk, session: Session, cast: Cast
) -> None:
    order = make_order(session, district="")
    watch.watch(desk, [order.id])
    case = session.scalars(select(Case)).one()
    shown = pressing.press(desk, pressed("trail", f"order:{order.id}"), cast.xiaoli)

    for words in (f"{short_code(case.id)} 轨迹", f"轨迹 {order.tag}", f"{order.tag} 轨迹"):
        assert commands.run(desk, typed(words), cast.xiaoli) == shown


def test_a_matter_without_an_order_shows_its_own(desk: Desk, session: Session, cast: Cast) -> None:
    many = make_case(session, kind="stale_group", group_key="pending_review", evidence={"stage": "pending_review"})
    trail.write(desk, f"case:{many.id}", cast.xiaoli, action="认领", detail={"待审核超时": "11:00 前处理"})

    view = pressing.press(desk, pressed("trail", f"case:{many.id}"), cast.xiaoli)

    assert isinstance(view, TrailView)
    assert (short_code(many.id) in view.tag, view.total, view.whole) == (True, 1, True)


@pytest.mark.parametrize("subject", ["case:999999", "batch:1"])
def test_what_is_not_there_has_none(desk: Desk, cast: Cast, subject: str) -> None:
    with pytest.raises(Refusal, match="没有找到这件事"):
        pressing.press(desk, pressed("trail", subject), cast.xiaoli)
