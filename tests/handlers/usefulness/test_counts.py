"""What people said, counted by kind and week."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from handlers import cases, commands
from handlers.desk import Desk
from handlers.manners import weekly
from handlers.usefulness import counts
from handlers.usefulness.counts import Count
from models.case import short_code
from tests.cast import Cast
from tests.factories import make_case, make_order, typed
from tests.handlers.duty.rota import at, when
from tests.handlers.usefulness.alerts import judged, told


def the_month(desk: Desk) -> list[Count]:
    return counts.between(desk, desk.now - timedelta(days=28), desk.now)


def test_alerts_words_and_acts_are_counted(desk: Desk, session: Session, cast: Cast) -> None:
    found = told(session, 5)
    judged(session, found[:2], cast.xiaoli, useful=False)
    judged(session, found[2:3], cast.xiaoli, useful=True)
    found[3].claimed_at = desk.now
    found[4].solved_by = cast.xiaoli.staff_id
    session.flush()

    assert the_month(desk) == [Count("remark_changed", 5, useful=1, wrong=2, acted=2)]


def test_where_people_disagree_the_more_frequent_word_counts(desk: Desk, session: Session, cast: Cast) -> None:
    first, second = told(session, 2)
    for actor, useful in ((cast.xiaoli, True), (cast.laowang, False), (cast.chenjie, False)):
        judged(session, [first], actor, useful=useful)
    judged(session, [second], cast.xiaoli, useful=True)
    judged(session, [second], cast.laowang, useful=False)

    assert the_month(desk) == [Count("remark_changed", 2, useful=0, wrong=1)]


def test_who_ends_it_as_a_false_alarm_has_said_so_once(desk: Desk, session: Session, cast: Cast) -> None:
    made = make_case(session, make_order(session, recheck_at=None), opened_at=at("12-19 10:00"))
    judged(session, [made], cast.xiaoli, useful=False)
    judged(session, [made], cast.laowang, useful=True)
    cases.dismiss(when(desk, "12-19 11:00"), made.id, cast.xiaoli, "误报")

    assert the_month(desk) == [Count("address_vague", 1, useful=0, wrong=0, acted=1)], "one word against one"


@pytest.mark.parametrize("words", ["强制 误报", "强制 误报，送过的", "忽略 误报，地址没问题", "忽略 误报"])
def test_a_false_alarm_that_locks_is_one_however_it_was_ended(
    desk: Desk, session: Session, cast: Cast, words: str
) -> None:
    case = make_case(session, make_order(session, recheck_at=None), opened_at=desk.now - timedelta(days=1))
    judged(session, [case], cast.xiaoli, useful=False)
    commands.run(desk, typed(f"{short_code(case.id)} {words}"), cast.xiaoli)

    assert the_month(desk) == [Count("address_vague", 1, useful=0, wrong=1, acted=1)]
    found = weekly.week(desk, date(2025, 12, 15), date(2025, 12, 21))
    assert (found.useless, found.wrong) == (1, 1)


def test_what_was_passed_or_put_aside_for_another_reason_is_no_false_alarm(
    desk: Desk, session: Session, cast: Cast
) -> None:
    for words in ("强制 客户急用，不是误报", "忽略 不是误报，已另行处理", "完成 误报"):
        case = make_case(session, make_order(session, recheck_at=None), opened_at=desk.now - timedelta(days=1))
        commands.run(desk, typed(f"{short_code(case.id)} {words}"), cast.xiaoli)

    assert the_month(desk) == [Count("address_vague", 3, useful=0, wrong=0, acted=3)]


def test_a_false_alarm_that_a_second_person_agreed_to_is_one(desk: Desk, session: Session, cast: Cast) -> None:
    case = make_case(
        session, make_order(session, recheck_at=None), kind="finance_review", role="service",
        opened_at=desk.now - timedelta(days=1), evidence={"mark": "x"},
    )  # fmt: skip
    commands.run(desk, typed(f"{short_code(case.id)} 强制 误报"), cast.xiaoli)
    commands.run(desk, typed(f"{short_code(case.id)} 同意放行"), cast.chenjie)

    assert the_month(desk) == [Count("finance_review", 1, useful=0, wrong=1, acted=1)]


def test_each_stage_is_a_kind_of_its_own_and_groups_are_none(desk: Desk, session: Session, cast: Cast) -> None:
    for stage in ("pending_review", "pending_review", "pending_pick"):
        told(session, 1, kind="stale_stage", evidence={"stage": stage})
    make_case(session, kind="stale_group", group_key="pending_ship", opened_at=desk.now - timedelta(days=1))
    told(session, 1, evidence={"group": "short_stock:A"})
    told(session, 1, kind="hold_until")

    assert {one.about: one.alerts for one in the_month(desk)} == {
        "stale_stage:pending_review": 2, "stale_stage:pending_pick": 1,
    }  # fmt: skip


def test_weeks_begin_on_monday_in_beijing(desk: Desk, session: Session, cast: Cast) -> None:
    for words in ("12-14 23:59", "12-15 00:00", "12-21 23:59"):
        told(session, 1, opened_at=at(words))

    found = counts.by_week(desk, at("12-01 00:00"), at("12-22 00:00"))

    assert {week: [one.alerts for one in of] for week, of in found.items()} == {
        date(2025, 12, 8): [1], date(2025, 12, 15): [2],
    }  # fmt: skip


def test_the_weekly_report_tells_what_people_said(desk: Desk, session: Session, cast: Cast) -> None:
    found = told(session, 3, opened_at=at("12-17 10:00"))
    judged(session, found[:2], cast.xiaoli, useful=False)
    judged(session, found[2:], cast.xiaoli, useful=True)

    said = weekly.told(desk, weekly.week(desk, date(2025, 12, 15), date(2025, 12, 21)))

    assert said.splitlines()[-1] == "大家的评价：审核后备注变化 有用 1、误报 2"
