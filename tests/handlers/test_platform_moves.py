"""What a platform shows as shipped against what left here; the rest of platform_moves.py is in test_watch.py."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers import shipping, trail, watch
from handlers.desk import Desk
from models import Case, Order, TrailRow, WriteBack
from tests.cast import Cast
from tests.factories import make_order

OURS = {"courier": "shunfeng", "waybill": "SF1234567890123"}


def gone(session: Session, *, shows: str, state: str = "owed", **changes: Any) -> tuple[Order, WriteBack]:
    """An order that left here, and that its platform shows as shipped with number `shows`."""
    order = make_order(session, **{"stage": "done", "effect": "shipped", "waybill": shows, **changes})
    row = WriteBack(
        order_id=order.id, shop_id=1, kind="ship", body=OURS, state=state, created_at=order.stored_at,
        next_try_at=order.stored_at if state == "owed" else None,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return order, row


def look(desk: Desk, session: Session, order: Order) -> None:
    watch.watch(desk, [order.id])
    session.expire_all()
    assert trail.verify(session, f"order:1:{order.external_id}")


def matters(session: Session) -> list[Case]:
    return list(session.scalars(select(Case).order_by(Case.id)))


@pytest.mark.parametrize("state", ["owed", "failed"])
def test_our_number_on_the_platform_settles_what_was_owed(desk: Desk, session: Session, cast: Cast, state: str) -> None:
    order, row = gone(session, shows=" sf1234567890123", state=state)
    shipping.write_back_failed(desk, row.id, "网络超时")

    look(desk, session, order)

    assert (row.state, row.next_try_at, row.confirmed_at) == ("confirmed", None, desk.now)
    assert [(case.kind, case.state) for case in matters(session)] == [("writeback_fail", "solved")]
    assert "回传成功" in session.scalars(select(TrailRow.action)).all()


def test_one_of_several_parcels_is_enough(desk: Desk, session: Session, cast: Cast) -> None:
    order, row = gone(session, shows="YT1,SF1234567890123")
    look(desk, session, order)
    assert (row.state, matters(session)) == ("confirmed", [])


@pytest.mark.parametrize("state", ["owed", "failed"])
def test_another_number_is_a_matter_with_both_and_is_told_no_more(
    desk: Desk, session: Session, cast: Cast, state: str
) -> None:
    order, row = gone(session, shows="YT9999999999999", state=state)
    shipping.write_back_failed(desk, row.id, "网络超时")

    look(desk, session, order)

    failed, elsewhere = matters(session)
    assert (failed.kind, failed.state) == ("writeback_fail", "solved")
    assert (elsewhere.kind, elsewhere.state) == ("shipped_on_platform", "open")
    assert "YT9999999999999" in elsewhere.reason
    assert "顺丰速运 SF1234567890123" in elsewhere.reason
    assert (row.state, row.next_try_at) == ("elsewhere", None)


def test_a_matter_that_a_person_settled_is_not_raised_again(desk: Desk, session: Session, cast: Cast) -> None:
    order, _ = gone(session, shows="YT9999999999999")
    look(desk, session, order)
    (case,) = matters(session)
    case.state = "solved"
    session.flush()

    look(desk, session, order)

    assert len(matters(session)) == 1


def test_a_number_that_was_corrected_on_the_platform_later_alarms_nobody(
    desk: Desk, session: Session, cast: Cast
) -> None:
    order, row = gone(session, shows="YT9999999999999", state="confirmed")
    look(desk, session, order)
    assert (row.state, matters(session)) == ("confirmed", [])


def test_a_shipment_without_a_number_decides_nothing(desk: Desk, session: Session, cast: Cast) -> None:
    order, row = gone(session, shows="")
    look(desk, session, order)
    assert (row.state, matters(session)) == ("owed", [])


def test_a_memo_that_is_owed_is_no_shipment_of_ours(desk: Desk, session: Session, cast: Cast) -> None:
    order = make_order(session, stage="pending_pick", effect="shipped", waybill="YT1")
    shipping.owe_memo(desk, order.id, "加固", cast.xiaoli)

    look(desk, session, order)

    (case,) = matters(session)
    assert (case.kind, case.reason) == (
        "shipped_on_platform", "平台已发货，运单 YT1，那时中枢在待配货，已改为已完成：请核对，别重复发",
    )  # fmt: skip
