"""大促: it begins and ends by itself, loosens what may be loosened, and says once what came of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers import board, commands, due, owe
from handlers.desk import Actor, Desk, Refusal
from handlers.duty import duty
from handlers.manners import hold
from handlers.tuning.tuned import tuned
from handlers.views import TextView
from models import Case, Notification
from tests.cast import Cast
from tests.factories import make_case, make_order, typed
from tests.handlers.duty.rota import at, when

PLAN = "大促 12-22 20:00 至 12-23 02:00 ×3"


def say(desk: Desk, words: str, actor: Actor) -> str:
    view = commands.run(desk, typed(words), actor)
    assert isinstance(view, TextView)
    return view.text


def told(session: Session) -> list[str]:
    found = select(Notification).where(Notification.subject.like("promo:%"), Notification.channel == "group")
    return [row.body["text"] for row in session.scalars(found)]


def test_it_is_planned_shown_and_named_on_the_board(desk: Desk, cast: Cast) -> None:
    said = say(desk, PLAN, cast.chenjie)

    assert said.startswith("大促已安排：12-22 20:00 至 12-23 02:00，停留时限 ×3")
    assert "还没有排班" in said
    assert "12-22 20:00 至 12-23 02:00" in say(desk, "大促", cast.xiaoli)
    assert board.board(desk, cast.xiaoli).note == "大促 12-22 20:00 开始"
    during = when(desk, "12-22 21:00")
    assert board.board(during, cast.xiaoli).note == "大促中，到 12-23 02:00，停留时限 ×3，不急的事汇总提醒"
    assert board.board(when(desk, "12-23 02:00"), cast.xiaoli).note == ""


def test_limits_grow_and_shrink_with_it(desk: Desk, session: Session, cast: Cast) -> None:
    say(desk, PLAN, cast.chenjie)
    hours = [tuned(when(desk, words)).stale.pending_review_minutes // 60 for words in ("12-22 19:59", "12-22 20:00")]
    assert hours == [2, 6]
    assert tuned(when(desk, "12-22 20:00")).window_minutes == 60
    assert tuned(when(desk, "12-23 02:00")).stale.pending_review_minutes == 120

    order = make_order(session, stage_entered_at=at("12-22 20:00"), ship_by_at=at("12-25 00:00"), recheck_at=None)
    during = when(desk, "12-22 23:00")
    from handlers import watch

    watch.watch(during, [order.id])
    assert session.scalars(select(Case)).all() == [], "three hours are fine now"
    over = when(desk, "12-23 02:01")
    due.look(over)
    due.look(over)
    assert [case.kind for case in session.scalars(select(Case))] == ["stale_stage"], "found again at its end"


def test_what_is_not_urgent_waits_for_the_digest(desk: Desk, session: Session, cast: Cast) -> None:
    say(desk, "大促 12-22 09:00 至 12-22 20:00", cast.chenjie)
    calm, urgent = (make_case(session, make_order(session), kind=kind) for kind in ("delay_request", "address_vague"))
    owe.owe(desk, [owe.card(calm.id, "open"), owe.card(urgent.id, "open")])
    roster = duty.roster(desk)

    held = [hold.hold(desk, row, roster) for row in session.scalars(select(Notification).order_by(Notification.id))]
    assert held[0] is not None
    assert held[0].until == at("12-22 14:00") + hold.GRACE
    assert held[1] is None


def test_it_ends_by_itself_and_says_so_once_with_true_numbers(desk: Desk, session: Session, cast: Cast) -> None:
    say(desk, PLAN, cast.chenjie)
    during: dict[str, Any] = {"created_at": at("12-22 21:00"), "recheck_at": None}
    make_order(session, **during, stage="done", shipped_at=at("12-22 23:00"))
    make_order(session, **during, stage="done", shipped_at=at("12-23 01:00"), ship_by_at=at("12-23 00:00"))
    order = make_order(session, **during)
    make_order(session, created_at=at("12-22 19:59"), recheck_at=None)
    make_case(session, order, opened_at=at("12-22 22:00"))
    for words in ("12-23 01:59", "12-23 02:00", "12-23 02:01"):
        due.look(when(desk, words))
        assert len(told(session)) == (words != "12-23 01:59")

    (words,) = told(session)
    assert "12-22 20:00 至 12-23 02:00：新增 3 单，发出 2 单，其中 1 单晚于平台期限" in words
    assert "异常新开 1 件，解决 0 件" in words
    assert "现在还有 2 单没发" in words


def test_it_can_be_ended_before(desk: Desk, session: Session, cast: Cast) -> None:
    say(desk, PLAN, cast.chenjie)
    during = when(desk, "12-22 21:00")
    assert "大促已关" in say(during, "大促 关", cast.chenjie)
    assert tuned(during).campaign is None
    assert len(told(session)) == 1
    with pytest.raises(Refusal, match="现在没有大促"):
        say(during, "大促 关", cast.chenjie)


def test_one_that_never_began_ends_without_a_word(desk: Desk, session: Session, cast: Cast) -> None:
    say(desk, PLAN, cast.chenjie)
    say(desk, "大促 关", cast.chenjie)

    assert told(session) == []


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("大促 明年", "大促 11-11 00:00 至"), ("大促 12-23 02:00 至 12-22 20:00", "大促|结束在开始前面"),
        ("大促 12-22 20:00 至 12-23 02:00 ×1", "倍数请写 2 到 10"), ("大促 12-22 20:00 至 12-23 02:00 好", "看不懂"),
        ("大促 12-23 至 01-20", "最长 15 天"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_says_what_to_write(desk: Desk, cast: Cast, words: str, why: str) -> None:
    with pytest.raises(Refusal, match=why):
        say(desk, words, cast.chenjie)


def test_there_is_one_at_a_time_and_only_a_supervisor_plans(desk: Desk, cast: Cast) -> None:
    with pytest.raises(Refusal, match="大促由主管操作"):
        say(desk, PLAN, cast.xiaoli)
    say(desk, PLAN, cast.chenjie)
    with pytest.raises(Refusal, match="已经有大促"):
        say(desk, "大促 12-24 20:00 至 12-25 02:00", cast.chenjie)


def test_the_look_asks_for_nothing_where_there_is_none(desk: Desk, session: Session, cast: Cast) -> None:
    due.look(desk)

    assert told(session) == []
    assert tuned(desk).campaign is None
    assert timedelta(minutes=tuned(desk).window_minutes) == timedelta(minutes=15)


class TestYear:
    """A day without a year is never silently one of next year."""

    @pytest.mark.parametrize("line", ["大促 12-12 00:00 至 12-13 02:00", "大促 12-12", "大促 12-12 至 12-19 ×3"])
    def test_what_is_over_is_refused_with_the_whole_date(self, desk: Desk, cast: Cast, line: str) -> None:
        with pytest.raises(Refusal, match=r"^12-12 今年的（2025-12-12）已经过去了，没有安排。要明年的请写全：2026"):
            say(when(desk, "12-20 10:00"), line, cast.chenjie)
        assert say(when(desk, "12-20 10:00"), "大促", cast.chenjie).startswith("现在没有大促")

    @pytest.mark.parametrize(
        ("line", "shown"),
        [
            ("大促 12-18 至 12-22", "12-18 00:00 至 12-23 00:00"),
            ("大促 12-19 20:00 至 12-20 20:00", "12-19 20:00 至 12-20 20:00"),
            ("大促 12-20", "12-20 00:00 至 12-21 00:00"),
        ],
    )
    def test_what_lasts_now_is_of_this_year(self, desk: Desk, cast: Cast, line: str, shown: str) -> None:
        now = when(desk, "12-20 10:00")

        assert shown in say(now, line, cast.chenjie)
        assert board.board(now, cast.xiaoli).note.startswith("大促中")

    def test_around_new_year_the_nearest_is_meant(self, desk: Desk, cast: Cast) -> None:
        december = when(desk, "12-28 10:00")
        assert "01-05 00:00 至 01-07 00:00" in say(december, "大促 01-05 至 01-06", cast.chenjie)
        say(december, "大促 关", cast.chenjie)

        january = replace(desk, now=at("12-31 10:00") + timedelta(days=1))
        assert "12-30 00:00 至 01-03 00:00" in say(january, "大促 12-30 至 01-02", cast.chenjie)
        assert board.board(january, cast.xiaoli).note.startswith("大促中，到 01-03")

    def test_with_its_year_it_may_be_far(self, desk: Desk, cast: Cast) -> None:
        assert "12-12 00:00" in say(when(desk, "12-20 10:00"), "大促 2026-12-12", cast.chenjie)

    def test_hours_of_today_that_are_over_are_refused_with_the_whole_date(self, desk: Desk, cast: Cast) -> None:
        with pytest.raises(Refusal, match=r"^2025-12-20 00:00 至 02:00 已经过去了，请写以后的时间$"):
            say(when(desk, "12-20 10:00"), "大促 12-20 00:00 至 02:00", cast.chenjie)
