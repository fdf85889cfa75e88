"""周报: every number in it is the number of rows that there are."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from handlers import cases, commands
from handlers.desk import Desk, Refusal
from handlers.manners import weekly
from handlers.views import TextView
from models import Case, Notification, Urgency
from tests.cast import Cast
from tests.factories import make_case, make_order, typed
from tests.handlers.duty.rota import at, when

MONDAY, SUNDAY = date(2025, 12, 15), date(2025, 12, 21)


def sent(session: Session, words: str, recipient: int | None, **changes: Any) -> None:
    """A card that went out then, to that person, or to the group."""
    number = session.query(Notification).count()
    values: dict[str, Any] = {
        "dedupe_key": f"k{number}", "channel": "staff" if recipient else "group", "recipient": str(recipient or ""),
        "purpose": "card", "subject": "case:1", "state": "sent", "urgency": Urgency.CARD, "next_try_at": at(words),
        "created_at": at(words), "sent_at": at(words), **changes,
    }  # fmt: skip
    session.add(Notification(**values))
    session.flush()


def opened(session: Session, words: str, **changes: Any) -> Case:
    return make_case(session, make_order(session, recheck_at=None), opened_at=at(words), **changes)


def the_week(desk: Desk) -> weekly.Week:
    return weekly.week(desk, MONDAY, SUNDAY)


def test_alerts_are_counted_by_person_and_day(desk: Desk, session: Session, cast: Cast) -> None:
    for words in ("12-15 00:00", "12-15 23:59", "12-16 10:00", "12-21 23:59"):
        sent(session, words, cast.xiaoli.staff_id)
    sent(session, "12-17 10:00", cast.laowang.staff_id)
    sent(session, "12-17 10:00", None)

    found = the_week(desk)

    assert found.people == (weekly.Listener("小李", 4, 2), weekly.Listener("老王", 1, 1))
    assert found.groups == (weekly.Listener("群", 1, 1),)
    assert "小李：平均 0.6 条，最多一天 2 条" in weekly.words(found)


def test_answers_changes_customers_and_other_weeks_are_no_alerts(desk: Desk, session: Session, cast: Cast) -> None:
    to = cast.xiaoli.staff_id
    sent(session, "12-14 23:59", to)
    sent(session, "12-22 00:00", to)
    sent(session, "12-17 10:00", to, urgency=Urgency.ANSWER)
    sent(session, "12-17 10:00", to, purpose="edit", urgency=Urgency.EDIT)
    sent(session, "12-17 10:00", None, channel="customer", purpose="card")
    sent(session, "12-17 10:00", to, state="owed", sent_at=None)

    assert the_week(desk).alerts == 0
    assert "没有发过" in weekly.words(the_week(desk))


def test_above_the_aim_it_says_what_to_do(desk: Desk, session: Session, cast: Cast) -> None:
    for number in range(141):
        sent(session, f"12-{15 + number % 7} 10:00", cast.xiaoli.staff_id)

    assert "小李：平均 20.1 条，最多一天 21 条，偏多，可以调「阈值」或「静音」" in weekly.words(the_week(desk))


def test_what_was_spared(desk: Desk, session: Session, cast: Cast) -> None:
    states = [
        ("merged", "并入汇总"), ("dropped", "发出前已处理完"), ("dropped", "发出前已处理完"),
        ("dropped", "已静音「缺货」到 12-22 12:00"), ("failed", "x"),
        ("dropped", "消息太多，额度留给紧急提醒，这条汇总没有发送"),
    ]  # fmt: skip
    for state, problem in states:
        sent(session, "12-17 10:00", cast.xiaoli.staff_id, state=state, problem=problem, sent_at=None)

    found = the_week(desk)

    assert (found.merged, found.healed, found.muted, found.crowded, found.failed) == (1, 2, 1, 1, 1)


def test_the_time_to_claim_is_the_first_claim(desk: Desk, session: Session, cast: Cast) -> None:
    for minutes in (10, 20, 30, 40, 100):
        case = opened(session, "12-17 10:00")
        cases.claim(replace(desk, now=at("12-17 10:00") + timedelta(minutes=minutes)), case.id, cast.xiaoli)
    session.expire_all()
    cases.release(when(desk, "12-17 13:00"), case.id, cast.xiaoli)
    cases.claim(when(desk, "12-17 14:00"), case.id, cast.xiaoli)

    found = the_week(desk)

    assert found.middle == timedelta(minutes=30)
    assert found.p90 == timedelta(minutes=76)
    assert "一半在 30 分钟内，九成在 1.3 小时内" in weekly.words(found)


def test_what_nobody_took_and_what_was_useless(desk: Desk, session: Session, cast: Cast) -> None:
    opened(session, "12-17 10:00")
    opened(session, "12-17 10:00", state="solved", solved_at=at("12-17 11:00"))  # by itself
    for reason in ("误报", "不再需要"):
        cases.dismiss(when(desk, "12-17 12:00"), opened(session, "12-17 10:00").id, cast.xiaoli, reason)
    opened(session, "12-17 10:00", evidence={"group": "short_stock:A"})  # told by its group
    opened(session, "12-17 10:00", kind="hold_until")  # never told
    opened(session, "12-14 10:00")

    found = the_week(desk)

    assert (found.opened, found.unclaimed, found.useless, found.wrong) == (4, 1, 2, 1)
    assert "4 件事：标为没用 2 件（50%，其中误报 1 件），至今没人认领 1 件" in weekly.words(found)


def test_the_command_is_for_supervisors_and_names_its_week(desk: Desk, session: Session, cast: Cast) -> None:
    view = commands.run(desk, typed("周报"), cast.chenjie)
    assert isinstance(view, TextView)
    assert view.text.startswith("**周报 12-15 至 12-21")
    this = commands.run(desk, typed("周报 本周"), cast.chenjie)
    assert isinstance(this, TextView)
    assert this.text.startswith("**周报 12-22 至 12-22")
    with pytest.raises(Refusal, match="周报由主管操作"):
        commands.run(desk, typed("周报"), cast.xiaoli)
    with pytest.raises(Refusal, match="看不懂"):
        commands.run(desk, typed("周报 去年"), cast.chenjie)
