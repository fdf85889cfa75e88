from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from handlers import pressing, watch
from handlers.desk import Actor, Desk, Refusal
from handlers.incoming import Incoming, Press
from handlers.reports.view import BottleneckView
from tests.cast import Cast
from tests.factories import NOW, make_case
from tests.handlers.reports.scene import HOUR, open_shops, say, waiting

MINUTE = timedelta(minutes=1)


def asked(desk: Desk, by: Actor) -> BottleneckView:
    view = say(desk, "瓶颈", by)
    assert isinstance(view, BottleneckView)
    return view


def test_the_stage_in_which_most_waiting_was_is_named_first(desk: Desk, session: Session, cast: Cast) -> None:
    tb, jd = open_shops(session)
    for number in range(4):
        order = waiting(session, tb, stage_entered_at=NOW - 9 * HOUR)
        say(desk, f"审核 {order.tag}", cast.xiaoli, at=NOW - 9 * HOUR + 10 * MINUTE)
        say(desk, f"配货 {order.tag}", cast.laowang, at=NOW - 8 * HOUR + number * MINUTE)
    waiting(session, jd, "pending_ship", hours=40)
    waiting(session, jd, "pending_ship", hours=90, hold="平台风控审核中")
    waiting(session, tb, "pending_ship", hours=90, not_before_at=NOW + HOUR)

    view = asked(desk, cast.chenjie)

    review, pick, ship = view.stages
    assert (review.finished, review.waiting, review.median, review.p90) == (4, 0, 10 * MINUTE, 10 * MINUTE)
    assert (pick.finished, pick.median) == (4, 51.5 * MINUTE)
    assert (ship.title, ship.who, ship.finished, ship.waiting, ship.oldest_at) == (
        "待发货", "仓库", 0, 5, NOW - 40 * HOUR,
    )  # fmt: skip
    assert round(sum(stay.share for stay in view.stages), 6) == 1
    assert view.verdict.startswith(f"最近 7 天最堵的是待发货（仓库）：占全部等待的 {ship.share:.0%}")
    assert "其中青禾京东店占" in view.verdict
    assert [stay.title for stay in view.shops] == ["青禾京东店", "青禾淘宝店"]


def test_a_platforms_own_move_ends_a_stay_as_well(desk: Desk, session: Session, cast: Cast) -> None:
    tb, _ = open_shops(session)
    order = waiting(session, tb, stage_entered_at=NOW - 5 * HOUR)
    say(desk, f"审核 {order.tag}", cast.xiaoli, at=NOW - 4 * HOUR)
    order.effect = "shipped"
    session.flush()
    watch.watch(desk, [order.id])

    review, pick = asked(desk, cast.chenjie).stages

    assert (review.finished, review.median) == (1, HOUR)
    assert (pick.finished, pick.waiting, pick.median) == (1, 0, 4 * HOUR)


def test_what_is_older_than_a_week_does_not_count(desk: Desk, session: Session, cast: Cast) -> None:
    tb, _ = open_shops(session)
    order = waiting(session, tb, stage_entered_at=NOW - 250 * HOUR)
    say(desk, f"审核 {order.tag}", cast.xiaoli, at=NOW - 8 * 24 * HOUR)

    (pick,) = asked(desk, cast.chenjie).stages

    assert (pick.title, pick.finished, pick.waiting) == ("待配货", 0, 1)


def test_a_step_that_was_taken_back_is_no_way_on(desk: Desk, session: Session, cast: Cast) -> None:
    tb, _ = open_shops(session)
    order = waiting(session, tb, stage_entered_at=NOW - 2 * HOUR)
    say(desk, f"审核 {order.tag}", cast.xiaoli, at=NOW - 10 * MINUTE)
    press = Press("send_back", f"order:{order.id}", order.revision)
    incoming = Incoming("wecom_bot", "m-undo", "xiaoli", "wrDEMO01", True, NOW, press=press)
    pressing.press(Desk(session, NOW - 9.5 * MINUTE, desk.settings), incoming, cast.xiaoli)
    session.expire_all()

    (review,) = asked(desk, cast.chenjie).stages

    assert (review.finished, review.waiting, review.oldest_at) == (1, 1, NOW - 2 * HOUR)


def test_kinds_and_who_is_waited_for(desk: Desk, session: Session, cast: Cast) -> None:
    tb, _ = open_shops(session)
    for hours in (1, 3):
        make_case(
            session, waiting(session, tb), kind="short_stock", role="purchasing", opened_at=NOW - hours * HOUR,
        )  # fmt: skip
    make_case(
        session, waiting(session, tb), state="solved", opened_at=NOW - 3 * HOUR, solved_at=NOW - 2 * HOUR,
        solved_by=cast.xiaoli.staff_id,
    )  # fmt: skip
    make_case(session, waiting(session, tb), state="solved", opened_at=NOW - 400 * HOUR, solved_at=NOW - 200 * HOUR)
    make_case(session, waiting(session, tb), kind="stale_stage", blocks=False, opened_at=NOW - 9 * HOUR)

    view = asked(desk, cast.chenjie)

    assert [(stay.title, stay.who, stay.finished, stay.waiting, stay.median) for stay in view.kinds] == [
        ("缺货", "采购", 0, 2, 2 * HOUR), ("地址模糊", "客服", 1, 0, HOUR),
    ]  # fmt: skip
    assert view.waits == (("缺货，等采购", 2),)
    assert view.verdict.endswith("异常里最耗时的是缺货（采购）")


def test_nothing_to_judge_by_is_said(desk: Desk, cast: Cast) -> None:
    assert asked(desk, cast.chenjie).verdict == "最近 7 天没有订单走过流程，看不出瓶颈"


def test_it_is_the_supervisors_question(desk: Desk, cast: Cast) -> None:
    with pytest.raises(Refusal, match="瓶颈由主管操作"):
        say(desk, "瓶颈", cast.laowang)
