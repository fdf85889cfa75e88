"""What was sent, or will be, to mend an order stands with that order: in 进度, and on its page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from handlers.customers import hearing, journey, state
from handlers.desk import Desk
from tests.cast import Cast
from tests.factories import NOW, make_case, make_customer, someone
from tests.handlers.customers.test_whose import OPENID, SF, SOLD, cast, mends, sold

__all__ = ["cast"]  # a fixture


def progress(desk: Desk) -> str:
    return hearing.progress(desk, OPENID)


@pytest.mark.parametrize(
    ("kind", "changes", "words"),
    [
        ("reship", {"stage": "done", "courier": "shunfeng", "waybill": SF}, f"已补发：顺丰速运 {SF}"),
        ("exchange", {"stage": "done", "courier": "shunfeng", "waybill": SF}, f"已换货：顺丰速运 {SF}"),
        ("reship", {}, "补发：正在备货，预计 12-24 10:00 前发出"),
    ],
)
def test_the_answer_to_how_it_stands_names_it(
    desk: Desk, session: Session, cast: Cast, kind: str, changes: dict[str, Any], words: str
) -> None:
    make_customer(session)
    mends(session, sold(session, refund=""), kind, **changes)
    assert progress(desk) == f"订单 …7777（马克杯 红色）：已发货，韵达快递 YD1；{words}"


@pytest.mark.parametrize(
    ("kind", "case", "words"),
    [
        ("exchange", "return_not_in", "换货：等退货入库后发出"),
        ("reship", "resend_check", "补发：正在核对，核对好马上安排"),
    ],
)
def test_what_it_waits_for_is_said(desk: Desk, session: Session, cast: Cast, kind: str, case: str, words: str) -> None:
    make_customer(session)
    make_case(session, mends(session, sold(session), kind), kind=case)
    assert progress(desk).endswith(f"；{words}")


def test_one_that_was_taken_back_is_not_named(desk: Desk, session: Session, cast: Cast) -> None:
    make_customer(session)
    mends(session, sold(session), stage="cancelled")
    assert "补发" not in progress(desk)


def test_an_order_of_long_ago_is_shown_while_something_is_sent_for_it(desk: Desk, session: Session, cast: Cast) -> None:
    make_customer(session)
    original = sold(session, created_at=NOW - timedelta(days=40))
    assert progress(desk) == ""
    mends(session, original)
    assert "补发" in progress(desk)


def test_whoever_names_the_number_hears_of_it_too(desk: Desk, session: Session, cast: Cast) -> None:
    mends(session, sold(session, receiver=someone(phone="13800001234")))
    assert "补发：正在备货" in hearing.hear(desk, OPENID, f"{SOLD} 1234")


def test_the_page_shows_its_parcels_and_what_it_waits_for(desk: Desk, session: Session, cast: Cast) -> None:
    original = sold(session)
    mends(session, original, stage="done", courier="shunfeng", waybill=SF)
    make_case(session, mends(session, original, "exchange", number="CHAT00000002"), kind="return_not_in")

    found = journey.of(desk, state.order(desk, original.id))

    assert [(way.of, way.courier, way.waybill) for way in found.parcels] == [
        ("", "韵达快递", "YD1"), ("补发", "顺丰速运", SF),
    ]  # fmt: skip
    assert found.mends == ("换货：等退货入库后发出",)
    assert found.headline == "已发货"
