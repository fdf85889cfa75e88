"""36: what becomes of wrong, missing, short and damaged goods, and what is counted."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from config import Settings, parse
from handlers import commands, pressing, watch
from handlers.desk import Desk, Refusal
from handlers.drafts.view import DraftView
from handlers.manners import weekly
from handlers.mishaps import counts
from handlers.reports import daily
from handlers.trail import verify
from handlers.wording import day_of
from models import Case, Notification, Order, OrderLink
from models.beijing import day_start
from models.case import short_code
from tests.cast import Cast
from tests.conftest import settings_document
from tests.factories import NOW, make_customer, make_line, make_order, make_shop, pressed, typed
from tests.handlers.mishaps.test_registering import cases, sent

CHAT = {"slug": "chat", "platform": "chat", "prefix": "CHAT", "name": "微信群"}


@pytest.fixture
def settings() -> Settings:
    document = settings_document()
    return parse(document | {"shops": [*document["shops"], CHAT]})  # type: ignore[misc]


@pytest.fixture
def shop(session: Session) -> int:
    return make_shop(session, **CHAT).id


def heard(session: Session) -> list[str]:
    """What customers are told."""
    rows = session.scalars(select(Notification).where(Notification.channel == "customer"))
    return [row.body["values"]["result"] for row in rows]


def registered(desk: Desk, session: Session, cast: Cast, words: str, **changes: Any) -> tuple[Order, Case]:
    order = sent(session, **changes)
    commands.run(desk, typed(f"登记 {order.tag} {words}", is_group=False), cast.xiaoli)
    return order, cases(session)[-1]


def test_what_is_missing_is_drafted_and_the_matter_is_over_when_it_stands(
    desk: Desk, session: Session, cast: Cast, shop: int
) -> None:
    make_customer(session)
    lines = [make_line("QH-CUP-RED", quantity=2), make_line("QH-CUP-WHT", spec="白色", quantity=3)]
    order, case = registered(desk, session, cast, "少件 2 个白色的", lines=lines)
    view = pressing.press(desk, pressed("mishap_reship", f"case:{case.id}", cause="漏拣"), cast.xiaoli)
    assert isinstance(view, DraftView)
    assert (view.lines, view.original) == (("QH-CUP-WHT 马克杯 白色 ×2",), order.tag)
    assert "漏拣" in view.remark
    (case,) = cases(session)
    assert (case.state, case.evidence["cause"]) == ("claimed", "漏拣")

    made = make_order(session, kind="reship", shop_id=shop, platform="chat")
    session.add(OrderLink(order_id=made.id, original_order_id=order.id, kind="reship", at=NOW))
    session.flush()
    watch.arrived(desk, [made.id])
    (case,) = cases(session)
    assert (case.state, case.solution) == ("solved", f"已补发 {made.tag}")
    assert heard(session) == ["售后已处理"]
    assert verify(session, f"order:1:{order.external_id}")


@pytest.mark.parametrize("words", ["同意退款 快递", "退款 快递", "退货款，路上压坏的"])
def test_a_refund_ends_it_with_its_cause(desk: Desk, session: Session, cast: Cast, words: str) -> None:
    make_customer(session)
    _, case = registered(desk, session, cast, "破损")
    commands.run(desk, typed(f"{short_code(case.id)} {words}"), cast.xiaoli)
    (case,) = cases(session)
    assert (case.state, case.solution, case.evidence["cause"]) == ("solved", "退款，原因：快递", "快递")
    assert heard(session) == ["售后已处理"]


def test_nobody_settles_it_without_a_cause_but_it_may_be_named_before(
    desk: Desk, session: Session, cast: Cast, shop: int
) -> None:
    _, case = registered(desk, session, cast, "破损")
    for action in ("mishap_reship", "mishap_refund"):
        with pytest.raises(Refusal, match="问题出在哪里"):
            pressing.press(desk, pressed(action, f"case:{case.id}"), cast.xiaoli)
    with pytest.raises(Refusal, match="请回复结果"):
        commands.run(desk, typed(f"{short_code(case.id)} 完成"), cast.xiaoli)
    commands.run(desk, typed(f"{short_code(case.id)} 原因 打包没填充"), cast.xiaoli)
    commands.run(desk, typed(f"{short_code(case.id)} 同意退款"), cast.xiaoli)
    assert cases(session)[0].solution == "退款，原因：包装"


def test_what_is_not_so_counts_nowhere_and_the_customer_hears_nothing(desk: Desk, session: Session, cast: Cast) -> None:
    make_customer(session)
    _, case = registered(desk, session, cast, "少件")
    with pytest.raises(Refusal, match="为什么不成立"):
        commands.run(desk, typed(f"{short_code(case.id)} 不成立"), cast.xiaoli)
    commands.run(desk, typed(f"{short_code(case.id)} 不成立 照片里两件都在"), cast.xiaoli)
    assert cases(session)[0].solution == "不成立：照片里两件都在"
    day = day_start(day_of(NOW))
    assert counts.line(desk, day, NOW) == ""
    assert heard(session) == []


def test_causes_are_counted_in_the_day_and_in_the_week(desk: Desk, session: Session, cast: Cast) -> None:
    for cause in ("快递", "漏拣", "快递"):
        _, case = registered(desk, session, cast, "破损")
        commands.run(desk, typed(f"{short_code(case.id)} 同意退款 {cause}"), cast.xiaoli)
    said = "错发少件破损 3 件：快递 2，漏拣 1"
    today = day_of(NOW)
    assert daily.daily(desk, today).mishaps == said
    assert said in weekly.told(desk, weekly.week(desk, today, today))


def test_behind_the_code_of_another_matter_it_begins_a_reship_of_its_order(
    desk: Desk, session: Session, cast: Cast, shop: int
) -> None:
    order = make_order(session, district="", recheck_at=None, stage="pending_review")
    watch.watch(desk, [order.id])
    case = session.scalars(select(Case).where(Case.order_id == order.id)).first()
    assert case is not None
    view = commands.run(desk, typed(f"{short_code(case.id)} 补发 碎了", is_group=False), cast.xiaoli)
    assert isinstance(view, DraftView)
    assert view.original == order.tag


def test_other_matters_are_not_settled_so(desk: Desk, session: Session, cast: Cast) -> None:
    order = make_order(session, district="", recheck_at=None)
    watch.watch(desk, [order.id])
    case = session.scalars(select(Case).where(Case.order_id == order.id)).one()
    for words in ("同意退款 快递", "不成立 没事", "原因 快递"):
        with pytest.raises(Refusal, match="只有错发"):
            commands.run(desk, typed(f"{short_code(case.id)} {words}"), cast.xiaoli)
