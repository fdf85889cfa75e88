"""34: the same goods for the same door a few minutes apart, and what people answer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from config import parse
from handlers import commands, due, pressing, show, watch
from handlers.desk import Desk, Refusal
from handlers.related.twins import KIND
from handlers.trail import verify
from handlers.views import CaseView
from models import Case, Merge, MergeOrder, Order, Receiver
from models.case import short_code
from tests.cast import Cast
from tests.conftest import settings_document
from tests.factories import NOW, make_line, make_order, masked, pressed, someone, typed

AT = NOW - timedelta(minutes=30)


def one(session: Session, minutes: int = 0, **changes: Any) -> Order:
    """An order of one buyer for one door, so many minutes after the first."""
    values = {"receiver": masked(), "receiver_key": "1abc", "created_at": AT + timedelta(minutes=minutes)}
    return make_order(session, **{**values, **changes})


def cases(session: Session, kind: str = KIND) -> list[Case]:
    session.expire_all()
    return list(session.scalars(select(Case).where(Case.kind == kind).order_by(Case.id)))


def test_of_a_pair_the_later_one_waits_and_names_the_other(desk: Desk, session: Session, cast: Cast) -> None:
    first, second = one(session), one(session, 4)
    watch.arrived(desk, [first.id, second.id])

    (case,) = cases(session)
    assert (case.order_id, case.evidence["other"], case.role) == (second.id, first.id, "service")
    assert case.reason == f"与 {first.tag} 同一买家、同一地址，都买了马克杯，只隔 4 分钟：先问买家是不是拍重了"
    assert (first.lock_reason, second.lock_reason) == ("", f"疑似重复下单：{case.reason}")
    view = show.show(desk, f"case:{case.id}", cast.xiaoli)
    assert isinstance(view, CaseView)
    assert [offer.text for offer in view.offers][:3] == ["不是重复", "关闭这单", "认领"]
    assert cases(session, "unmerged") == []  # one question for a pair, not two


def test_whoever_is_stored_later_waits_whatever_came_first(desk: Desk, session: Session, cast: Cast) -> None:
    late = one(session, 4)
    watch.arrived(desk, [late.id])
    early = one(session)
    watch.arrived(desk, [early.id])
    watch.watch(desk, [late.id])
    (case,) = cases(session)
    assert case.order_id == early.id


@pytest.mark.parametrize(
    "changes",
    [
        {"minutes": 11},
        {"buyer_key": "buyer-2"},
        {"receiver_key": "1other"},
        {"shop_id": 2},
        {"kind": "reship"},
        {"kind": "perhaps_exchange"},
        {"kind": "gift"},
        {"stage": "done"},
        {"line": {"sku": "QH-BOWL-4", "platform_sku": "2"}},
        {"line": {"refund": "refunded"}},
    ],
    ids=str,
)
def test_what_is_no_double(desk: Desk, session: Session, cast: Cast, changes: dict[str, Any]) -> None:
    made = {name: value for name, value in changes.items() if name != "line"}
    if "line" in changes:
        made["lines"] = [make_line(**changes["line"])]
    orders = [one(session), one(session, **{"minutes": 4, **made})]
    watch.arrived(desk, [order.id for order in orders])
    assert cases(session) == []


def test_without_ids_one_phone_and_one_address_tell(desk: Desk, session: Session, cast: Cast) -> None:
    def typed_in(minutes: int, receiver: Receiver) -> Order:
        return one(session, minutes, receiver=receiver, receiver_key="", buyer_key="")

    orders = [typed_in(0, someone()), typed_in(3, someone()), typed_in(4, someone(address="文二路 9 号"))]
    watch.arrived(desk, [order.id for order in orders])
    assert [case.order_id for case in cases(session)] == [orders[1].id]


def test_where_a_platform_tells_the_address_alone_that_is_enough(desk: Desk, session: Session, cast: Cast) -> None:
    hidden = Receiver(name_mask="王*", phone_mask="1********34", address_mask="三墩镇****", cipher={"phone": "~x~"})
    orders = [one(session, minutes, receiver=hidden, buyer_key="") for minutes in (0, 2)]
    watch.arrived(desk, [order.id for order in orders])
    assert [case.order_id for case in cases(session)] == [orders[1].id]


def test_of_three_each_but_the_first_waits_once(desk: Desk, session: Session, cast: Cast) -> None:
    orders = [one(session, minutes) for minutes in (0, 2, 4)]
    for _ in range(2):
        watch.arrived(desk, [order.id for order in orders])
    assert [(case.order_id, case.evidence["other"]) for case in cases(session)] == [
        (orders[1].id, orders[0].id), (orders[2].id, orders[1].id),
    ]  # fmt: skip


def test_what_was_decided_about_together_before_is_not_asked_again(desk: Desk, session: Session, cast: Cast) -> None:
    first, second = one(session), one(session, 2)
    merge = Merge(key="k", state="together", changed_at=NOW)
    session.add(merge)
    session.flush()
    session.add_all([MergeOrder(order_id=order.id, merge_id=merge.id) for order in (first, second)])
    session.flush()
    watch.watch(desk, [first.id, second.id])
    assert cases(session) == []


def test_it_is_no_double_then_one_parcel_or_two_is_asked(desk: Desk, session: Session, cast: Cast) -> None:
    first, second = one(session), one(session, 2)
    watch.arrived(desk, [first.id, second.id])
    (case,) = cases(session)
    with pytest.raises(Refusal, match="客服"):
        commands.run(desk, typed(f"{short_code(case.id)} 不是重复"), cast.laowang)
    commands.run(desk, typed(f"{short_code(case.id)} 不是重复 买两个送人"), cast.xiaoli)

    (case,) = cases(session)
    assert (case.state, case.solution) == ("solved", "不是重复：买两个送人")
    assert second.lock_reason == ""
    (question,) = cases(session, "unmerged")
    assert question.evidence["tags"] == [first.tag, second.tag]
    watch.arrived(desk, [first.id, second.id])
    assert len(cases(session)) == 1
    assert verify(session, f"order:1:{second.external_id}")


def test_an_order_of_a_platform_stays_locked_until_that_closed_it(desk: Desk, session: Session, cast: Cast) -> None:
    first, second = one(session), one(session, 2)
    watch.arrived(desk, [first.id, second.id])
    (case,) = cases(session)
    view = pressing.press(desk, pressed("close_double", f"case:{case.id}"), cast.xiaoli)
    assert isinstance(view, CaseView)
    assert f"请在平台后台关闭 {second.tag}" in view.note
    (case,) = cases(session)
    assert (case.state, case.waiting_on, bool(second.lock_reason)) == ("claimed", "platform", True)
    second.effect = "cancelled"
    session.flush()
    watch.watch(desk, [second.id])
    (case,) = cases(session)
    assert (case.state, case.solution) == ("solved", "订单已取消")


def test_one_that_was_handed_in_is_closed_at_once(desk: Desk, session: Session, cast: Cast) -> None:
    same: dict[str, Any] = {"platform": "sheet", "receiver": someone(), "receiver_key": "", "buyer_key": ""}
    first, second = one(session, **same), one(session, 2, **same)
    watch.arrived(desk, [first.id, second.id])
    (case,) = cases(session)
    pressing.press(desk, pressed("close_double", f"case:{case.id}"), cast.xiaoli)
    session.expire_all()
    assert (first.stage, second.stage, cases(session)[0].state) == ("pending_review", "cancelled", "solved")
    assert verify(session, f"order:1:{second.external_id}")


def test_the_second_is_free_when_the_first_will_not_be_sent_but_not_when_it_left(
    desk: Desk, session: Session, cast: Cast
) -> None:
    first, second = one(session), one(session, 2)
    watch.arrived(desk, [first.id, second.id])
    first.stage = "done"
    session.flush()
    due.look(desk)
    assert cases(session)[0].state == "open"
    first.stage = "cancelled"
    session.flush()
    due.look(desk)
    (case,) = cases(session)
    assert (case.state, second.lock_reason) == ("solved", "")


def test_very_many_of_one_buyer_within_the_hour_are_asked_about(desk: Desk, session: Session, cast: Cast) -> None:
    desk.settings = parse(settings_document() | {"checks": {"many_orders": 10}})
    orders = [one(session, place, receiver_key=f"r{place}", recheck_at=None) for place in range(10)]
    watch.arrived(desk, [order.id for order in orders[:9]])
    assert cases(session) == []
    watch.arrived(desk, [orders[9].id])
    (case,) = cases(session)
    assert (case.order_id, case.reason) == (
        orders[9].id, "同一买家 1 小时内下了 10 单，疑似刷单或误拍，先和买家核对",
    )  # fmt: skip
