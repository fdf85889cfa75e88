"""What is clean passes by itself; people see the rest."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from config_orders import AutoPass
from handlers import watch
from handlers.desk import Desk
from handlers.reports.daily import daily
from handlers.wording import day_of
from models import Order, TrailRow
from tests.cast import Cast
from tests.factories import make_case, make_line, make_order, make_stock, masked, someone


@pytest.fixture
def passing(desk: Desk) -> Desk:
    return replace(desk, settings=desk.settings.model_copy(update={"autopass": AutoPass(on=True)}))


def clean(session: Session, **changes: Any) -> Order:
    if not session.info.get("stocked"):
        make_stock(session, "QH-CUP-RED", 99)
        session.info["stocked"] = True
    return make_order(session, **changes)


def stage_of(desk: Desk, order: Order) -> str:
    watch.watch(desk, [order.id])
    desk.session.refresh(order)
    return order.stage


def test_a_clean_order_passes_ten_minutes_after_payment_and_leaves_a_trail(
    passing: Desk, session: Session, cast: Cast
) -> None:
    order = clean(session, paid_at=passing.now - timedelta(minutes=9))

    assert stage_of(passing, order) == "pending_review", "buyers change their minds"
    assert order.recheck_at == passing.now + timedelta(minutes=1)
    later = replace(passing, now=passing.now + timedelta(minutes=1))
    assert stage_of(later, order) == "pending_pick"
    assert order.stage_entered_at == later.now
    assert order.recheck_at == later.now + timedelta(hours=2)
    rows = session.query(TrailRow).filter(TrailRow.action == "自动审核").all()
    assert [row.actor for row in rows] == ["系统"]
    view = daily(later, day_of(later.now))
    assert (view.passed_alone, view.passed) == (1, 1)


def test_nothing_passes_until_somebody_switches_it_on(desk: Desk, session: Session, cast: Cast) -> None:
    assert stage_of(desk, clean(session)) == "pending_review"


@pytest.mark.parametrize(
    "changes",
    [
        {"buyer_message": "好的"},
        {"seller_memo": "老客户"},
        {"seller_flag": 1},
        {"district": ""},
        {"refund": "asked"},
        {"hold": "风控审核"},
        {"kind": "presale"},
        {"lines": [make_line(quantity=100)]},
        {"lines": [make_line(sku="QH-UNKNOWN")]},
        {"receiver": masked()},
        {"paid_fen": 500_001},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_whatever_is_said_found_or_unknown_waits_for_a_person(
    passing: Desk, session: Session, cast: Cast, changes: dict[str, Any]
) -> None:
    if "lines" in changes:
        changes = {"lines": [make_line(sku=line.sku, quantity=line.quantity) for line in changes["lines"]]}

    assert stage_of(passing, clean(session, **changes)) == "pending_review"


def test_a_live_matter_keeps_it_and_that_it_waited_does_not(passing: Desk, session: Session, cast: Cast) -> None:
    kept, waited = clean(session), clean(session, stage_entered_at=passing.now - timedelta(hours=5))
    make_case(session, order_id=kept.id, kind="person_lock", blocks=True)

    assert stage_of(passing, kept) == "pending_review"
    assert stage_of(passing, waited) == "pending_pick"


def test_at_night_it_waits_for_the_window(passing: Desk, session: Session, cast: Cast) -> None:
    night = replace(passing, now=passing.now.replace(hour=15))  # 23:00 in Beijing
    order = clean(session)

    assert stage_of(night, order) == "pending_review"
    assert order.recheck_at is not None
    assert order.recheck_at <= night.now + timedelta(hours=9)
    morning = replace(passing, now=night.now + timedelta(hours=9))
    assert stage_of(morning, order) == "pending_pick"


def test_hidden_addresses_pass_only_where_the_company_says_so(passing: Desk, session: Session, cast: Cast) -> None:
    wanted = passing.settings.model_copy(update={"autopass": AutoPass(on=True, hidden_address=True)})

    assert stage_of(replace(passing, settings=wanted), clean(session, receiver=masked())) == "pending_pick"


def test_what_was_put_right_passes_in_the_same_look(passing: Desk, session: Session, cast: Cast) -> None:
    order = clean(session, receiver=someone(address="电联"))
    assert stage_of(passing, order) == "pending_review"
    order.receiver = passing.vault.seal_receiver(someone(address="紫金花路88号3幢1201"))
    session.flush()

    assert stage_of(passing, order) == "pending_pick"
