"""36: wrong, missing, short and damaged goods: who tells of them, and whose matter they are."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers import commands, due, watch
from handlers.desk import Actor, Desk, Refusal
from handlers.duty import shifts
from handlers.trail import verify
from handlers.views import CaseView
from models import Case, Notification, Order, Role
from tests.cast import Cast
from tests.factories import NOW, make_case, make_order, typed


def sent(session: Session, **changes: Any) -> Order:
    return make_order(
        session, **{"stage": "done", "effect": "shipped", "waybill": "SF1", "recheck_at": None, **changes}
    )


def cases(session: Session) -> list[Case]:
    session.expire_all()
    return list(session.scalars(select(Case).where(Case.kind == "wrong_goods").order_by(Case.id)))


def say(desk: Desk, words: str, actor: Actor) -> CaseView:
    view = commands.run(desk, typed(words, is_group=False), actor)
    assert isinstance(view, CaseView)
    return view


@pytest.mark.parametrize(
    ("words", "what", "reason"),
    [
        ("少件 1 个白杯", "short", "少件 1 个白杯（小李登记）"),
        ("杯子碎了 电话 13800001234", "damaged", "破损：杯子碎了 电话 138****1234（小李登记）"),
        ("发错颜色，要红发了白", "wrong", "错发：发错颜色，要红发了白（小李登记）"),
        ("漏发贺卡", "missing", "漏发贺卡（小李登记）"),
    ],
)
def test_a_colleague_registers_it_for_after_sales(
    desk: Desk, session: Session, cast: Cast, words: str, what: str, reason: str
) -> None:
    order = sent(session)
    view = say(desk, f"登记 {order.tag} {words}", cast.xiaoli)
    (case,) = cases(session)
    assert (case.role, case.blocks, case.evidence["what"], case.reason) == ("service", False, what, reason)
    assert {"补发", "同意退款"} <= {offer.text for offer in view.offers}
    assert view.choice is not None
    assert "cause=漏拣" in [option[0] for option in view.choice.options]
    assert verify(session, f"order:1:{order.external_id}")
    watch.watch(desk, [order.id])
    assert cases(session)[0].state == "open"


def test_the_warehouses_lead_hears_before_the_supervisor_does(desk: Desk, session: Session, cast: Cast) -> None:
    shifts.lead(desk, cast.chenjie, Role.WAREHOUSE, _person(desk, cast.laowang))
    say(desk, f"登记 {sent(session).tag} 破损", cast.xiaoli)
    (case,) = cases(session)
    assert [(step["after"], step["tell"]) for step in case.steps] == [
        (0, ["group", "owner"]), (30, ["role"]), (1470, ["lead:warehouse"]), (1500, ["supervisor"]),
    ]  # fmt: skip
    for minutes in (30, 1470):
        desk.now = NOW + timedelta(minutes=minutes)
        due.look(desk)
    told = session.scalars(
        select(Notification.recipient).where(Notification.dedupe_key.like(f"case:{case.id}:step%"))
    ).all()
    assert str(cast.laowang.staff_id) in told
    assert str(cast.chenjie.staff_id) not in told


def _person(desk: Desk, actor: Actor) -> Any:
    from handlers import people

    return next(one for one in people.staff(desk) if one.id == actor.staff_id)


def test_told_again_it_is_one_matter_and_nothing_is_lost(desk: Desk, session: Session, cast: Cast) -> None:
    order = sent(session)
    say(desk, f"登记 {order.tag} 少件 1 个", cast.xiaoli)
    say(desk, f"登记 {order.tag} 还有一个碎了", cast.laowang)
    say(desk, f"登记 {order.tag} 还有一个碎了", cast.laowang)
    (case,) = cases(session)
    assert case.reason == "少件 1 个（小李登记）；又破损：还有一个碎了（老王登记）"


@pytest.mark.parametrize(
    ("words", "stage", "said"),
    [
        ("", "done", "是哪一种"),
        ("客户不满意", "done", "是哪一种"),
        ("没有破损", "done", "是哪一种"),
        ("破损", "pending_pick", "没有发出"),
        ("破损" + "啊" * 100, "done", "最多写 100 个字"),
    ],
)
def test_what_is_no_mishap_is_explained(
    desk: Desk, session: Session, cast: Cast, words: str, stage: str, said: str
) -> None:
    with pytest.raises(Refusal, match=said):
        say(desk, f"登记 {sent(session, stage=stage).tag} {words}", cast.xiaoli)
    assert cases(session) == []


def test_purchasing_has_no_business_with_it(desk: Desk, session: Session, cast: Cast) -> None:
    with pytest.raises(Refusal, match="客服、仓库"):
        say(desk, f"登记 {sent(session).tag} 破损", cast.zhaojie)


def test_a_platforms_reason_for_an_after_sale_is_one_matter(desk: Desk, session: Session, cast: Cast) -> None:
    order, other = sent(session, after_sale="卖家发错货"), sent(session, after_sale="不想要了")
    open_now = make_order(session, after_sale="卖家发错货")
    for _ in range(2):
        watch.arrived(desk, [order.id, other.id, open_now.id])
    (case,) = cases(session)
    assert (case.order_id, case.reason) == (order.id, "错发：卖家发错货（平台售后原因）")
    case.state = "dismissed"
    session.flush()
    watch.arrived(desk, [order.id])
    assert len(cases(session)) == 1
    order.after_sale = "商品破损"
    session.flush()
    watch.arrived(desk, [order.id])
    assert [case.evidence["what"] for case in cases(session)] == ["wrong", "damaged"]


def test_a_platforms_reason_is_added_to_what_is_known_and_opens_nothing_later(
    desk: Desk, session: Session, cast: Cast
) -> None:
    order = sent(session)
    say(desk, f"登记 {order.tag} 少件 1 个", cast.xiaoli)
    order.after_sale = "商品破损 请联系13800001234"
    session.flush()
    for _ in range(2):
        watch.arrived(desk, [order.id])
    (case,) = cases(session)
    assert case.reason == "少件 1 个（小李登记）；又商品破损 请联系138****1234（平台售后原因）"
    assert case.evidence["platform"] == ["商品破损 请联系138****1234"]
    assert verify(session, f"order:1:{order.external_id}")
    case.state = "solved"
    session.flush()
    watch.arrived(desk, [order.id])
    assert len(cases(session)) == 1


def test_of_several_reasons_in_one_text_each_is_heard_once(desk: Desk, session: Session, cast: Cast) -> None:
    order = sent(session, after_sale="卖家发错货")
    told = ("卖家发错货", "卖家发错货；不想要了", "商品破损；卖家发错货", "商品破损；卖家发错货")
    for words in told:
        order.after_sale = words
        session.flush()
        watch.arrived(desk, [order.id])
        session.refresh(order)
    (case,) = cases(session)
    assert case.reason == "错发：卖家发错货（平台售后原因）；又商品破损（平台售后原因）"
    assert case.evidence["platform"] == ["卖家发错货", "商品破损"]


def test_what_was_kept_as_one_text_is_known_again(desk: Desk, session: Session, cast: Cast) -> None:
    order = sent(session, after_sale="卖家发错货；商品破损")
    make_case(
        session, order, kind="wrong_goods", blocks=False, state="solved",
        evidence={"what": "wrong", "words": "", "platform": "卖家发错货；商品破损"},
    )  # fmt: skip
    watch.arrived(desk, [order.id])
    assert len(cases(session)) == 1


def test_a_customer_who_has_it_now_complains_of_nothing(desk: Desk, session: Session, cast: Cast) -> None:
    order = sent(session)
    with pytest.raises(Refusal, match="是哪一种"):
        say(desk, f"登记 {order.tag} 上次破损的已经收到补发了，谢谢", cast.xiaoli)
    assert cases(session) == []
