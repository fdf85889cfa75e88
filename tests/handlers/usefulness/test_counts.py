"""What people said, counted by kind and week."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers import cases, commands
from handlers.desk import Desk
from handlers.manners import weekly
from handlers.usefulness import counts
from handlers.usefulness.counts import Count
from models import Case
from models.case import short_code
from tests.cast import Cast
from tests.factories import make_case, make_order, someone, typed
from tests.handlers.duty.rota import at, when
from tests.handlers.rulebook.office import look, rule
from tests.handlers.usefulness.alerts import crowds, judged, told


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


def test_each_stage_is_a_kind_of_its_own_and_what_tells_nobody_is_none(
    desk: Desk, session: Session, cast: Cast
) -> None:
    for stage in ("pending_review", "pending_review", "pending_pick"):
        told(session, 1, kind="stale_stage", evidence={"stage": stage})
    told(session, 1, evidence={"group": "remark_changed:"})
    told(session, 1, kind="hold_until")

    assert {one.about: one.alerts for one in the_month(desk)} == {
        "stale_stage:pending_review": 2, "stale_stage:pending_pick": 1,
    }  # fmt: skip


def test_a_matter_of_many_is_one_alert_of_what_it_is_about_with_what_was_said_of_it(
    desk: Desk, session: Session, cast: Cast
) -> None:
    """Twelve orders stuck, fourteen vague addresses: a card each, of which people say that it was none."""
    for _ in range(12):
        make_order(session, stage="pending_pick", stage_entered_at=desk.now - timedelta(hours=1, minutes=59))
    look(replace(desk, now=desk.now + timedelta(minutes=2)))
    for n in range(14):
        make_order(session, district="", receiver=someone(address="电联"), buyer_key=f"k{n}")
    look(replace(desk, now=desk.now + timedelta(minutes=4)))
    many = session.scalars(select(Case).where(Case.kind.in_(("stale_group", "cause_group"))).order_by(Case.id)).all()
    for group in many:
        for actor in (cast.laowang, cast.chenjie, cast.xiaoli):
            commands.run(desk, typed(f"{short_code(group.id)} 误报"), actor)

    tomorrow = replace(desk, now=desk.now + timedelta(days=1))

    assert [(group.kind, group.evidence["count"]) for group in many] == [("stale_group", 12), ("cause_group", 14)]
    assert the_month(tomorrow) == [Count("address_vague", 1, wrong=1), Count("stale_stage:pending_pick", 1, wrong=1)]
    assert counts.line(tomorrow, desk.now - timedelta(days=6), tomorrow.now) == (
        "大家的评价：地址模糊 有用 0、误报 1；待配货超时 有用 0、误报 1"
    )


def test_what_is_said_and_done_of_its_members_is_said_and_done_of_the_group(
    desk: Desk, session: Session, cast: Cast
) -> None:
    key, hour = "address_vague:", timedelta(hours=1)
    for began, ended in ((9, 8), (5, None)):
        over = desk.now - ended * hour if ended else None
        state: dict[str, Any] = {
            "opened_at": desk.now - began * hour,
            "solved_at": over,
            "state": "solved" if over else "open",
        }
        make_case(session, kind="cause_group", group_key=key, evidence={"of": "address_vague"}, **state)
        for _ in range(3):
            make_case(session, make_order(session, recheck_at=None), evidence={"group": key}, **state)
    first, second, *_ = session.scalars(
        select(Case).where(Case.kind == "address_vague", Case.state == "open").order_by(Case.id)
    )
    judged(session, [first], cast.laowang, useful=True)
    for one in (first, second):
        commands.run(desk, typed(f"{short_code(one.id)} 强制 误报"), cast.xiaoli)

    assert the_month(desk) == [Count("address_vague", 2, wrong=1, acted=1)], "the first group was left alone"


def test_a_crowd_that_is_worked_off_was_acted_on(desk: Desk, session: Session, cast: Cast) -> None:
    """Of a single one the step that ends it bears a name; many go on with their orders."""
    crowds(session, 2)
    crowds(session, 1, state="open", solution="", solved_at=None)

    assert the_month(desk) == [Count("stale_stage:pending_pick", 3, acted=2)]


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


def test_a_rule_of_ones_own_is_called_by_its_title(desk: Desk, session: Session, cast: Cast) -> None:
    made = rule(desk, "规则 新增 金额 > 1000；标题 大单", cast.chenjie)
    judged(
        session, told(session, 1, kind=f"own_{made.rule_id}", opened_at=at("12-17 10:00")), cast.xiaoli, useful=False
    )

    said = counts.line(desk, at("12-15 00:00"), at("12-22 00:00"))

    assert said == f"大家的评价：规则{made.rule_id}「大单」 有用 0、误报 1"
