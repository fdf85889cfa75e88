from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from handlers.desk import Desk
from handlers.reports.view import OverdueView
from models.case import short_code
from tests.cast import Cast
from tests.factories import NOW, make_case
from tests.handlers.reports.scene import HOUR, open_shops, say, waiting


def asked(desk: Desk, cast: Cast, text: str = "超时") -> OverdueView:
    view = say(desk, text, cast.laowang)
    assert isinstance(view, OverdueView)
    return view


def test_the_worst_comes_first_and_every_tier_is_counted(desk: Desk, session: Session, cast: Cast) -> None:
    tb, jd = open_shops(session)
    near = waiting(session, tb, ship_by_at=NOW + 3 * HOUR, paid_fen=300)
    over = waiting(session, jd, "pending_ship", ship_by_at=NOW - 2 * HOUR, paid_fen=100)
    stale = waiting(session, tb, hours=9, paid_fen=700)
    danger = waiting(session, jd, "pending_pick", ship_by_at=NOW + 0.5 * HOUR, paid_fen=200)
    warned = waiting(session, tb, ship_by_at=NOW + 11 * HOUR, paid_fen=400)
    waiting(session, tb, ship_by_at=NOW - HOUR, hold="平台风控审核中", hours=50)
    waiting(session, tb, hours=50, not_before_at=NOW + HOUR)
    waiting(session, tb, "done", ship_by_at=NOW - HOUR)
    waiting(session, tb, ship_by_at=None)
    case = make_case(session, over)

    view = asked(desk, cast)

    assert [row.tag for row in view.rows] == [order.tag for order in (over, danger, near, stale, warned)]
    assert [(tier.title, tier.orders, tier.paid_fen) for tier in view.tiers] == [
        ("已超", 1, 100), ("危险", 1, 200), ("紧急", 1, 300), ("预警", 1, 400),
    ]  # fmt: skip
    assert (view.total, view.stale, view.rows[0].codes) == (5, 1, (short_code(case.id),))


def test_a_moment_that_is_just_the_limit_belongs_to_the_worse_tier(desk: Desk, session: Session, cast: Cast) -> None:
    tb, _ = open_shops(session)
    for hours in (0, 1, 4, 12):
        waiting(session, tb, ship_by_at=NOW + hours * HOUR)
    waiting(session, tb, ship_by_at=NOW + 12 * HOUR + timedelta(seconds=1))

    assert [tier.orders for tier in asked(desk, cast).tiers] == [1, 1, 1, 1]


def test_more_than_a_page_is_counted_and_a_shop_can_be_asked_about(desk: Desk, session: Session, cast: Cast) -> None:
    tb, jd = open_shops(session)
    for number in range(14):
        waiting(session, tb, hours=5 + number)
    waiting(session, jd, "pending_ship", hours=30)

    view = asked(desk, cast)

    assert (view.total, len(view.rows)) == (15, 10)
    assert asked(desk, cast, "超时 京东").total == asked(desk, cast, "超时 待发货").total == 1


def test_cases_that_nobody_took_or_that_were_promised_are_late_too(desk: Desk, session: Session, cast: Cast) -> None:
    tb, _ = open_shops(session)
    one, two, three, four = (waiting(session, tb) for _ in range(4))
    untaken = make_case(session, one, opened_at=NOW - 20 * timedelta(minutes=1))  # 15 minutes to take it
    promised = make_case(
        session, two, state="claimed", owner_id=cast.xiaoli.staff_id, opened_at=NOW - 5 * HOUR,
        claimed_until=NOW - HOUR,
    )  # fmt: skip
    make_case(session, three, opened_at=NOW - timedelta(minutes=10))
    make_case(session, four, state="claimed", opened_at=NOW - 9 * HOUR, claimed_until=NOW + HOUR)
    make_case(session, four, kind="stale_stage", opened_at=NOW - 9 * HOUR)
    make_case(session, three, kind="short_stock", state="solved", opened_at=NOW - 9 * HOUR)

    view = asked(desk, cast)

    assert [(case.code, case.owner, case.claimed) for case in view.cases] == [
        (short_code(promised.id), "小李", True), (short_code(untaken.id), "客服", False),
    ]  # fmt: skip
    assert view.case_total == 2
    assert view.total == 0
