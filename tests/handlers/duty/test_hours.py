from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.duty.hours import DAY, Hours, Night, Span, is_workday
from models.beijing import BEIJING

NINE_TO_SIX = Span(9 * 60, 18 * 60)
WEEKDAYS = (*((NINE_TO_SIX,) for _ in range(5)), (), ())


def at(words: str) -> datetime:
    """12-22 10:00, in Beijing; the 22nd is a Monday."""
    return datetime.strptime(f"2025-{words}", "%Y-%m-%d %H:%M").replace(tzinfo=BEIJING)


@pytest.mark.parametrize(
    ("moment", "back"),
    [
        ("12-22 08:00", None),
        ("12-22 21:59", None),
        ("12-22 22:00", "12-23 09:00"),
        ("12-23 03:00", "12-23 09:00"),
        ("12-23 07:59", "12-23 09:00"),
    ],
)
def test_without_a_shift_the_night_is_quiet_and_told_at_nine(moment: str, back: str | None) -> None:
    hours = Hours()

    assert hours.on(at(moment)) is (back is None)
    if back is not None:
        assert hours.back_at(at(moment)) == at(back)


def test_a_weekly_shift_ends_on_friday_and_begins_on_monday() -> None:
    hours = Hours(week=WEEKDAYS)

    assert hours.until(at("12-26 17:59")) == at("12-26 18:00")
    assert not hours.on(at("12-26 18:00"))
    assert hours.back_at(at("12-26 18:00")) == at("12-29 09:00")
    assert not hours.on(at("12-27 10:00"))


def test_a_shift_past_midnight_belongs_to_the_day_it_begins() -> None:
    night = Span(22 * 60, DAY + 6 * 60)
    hours = Hours(week=((night,), *((),) * 6))

    assert hours.until(at("12-23 05:59")) == at("12-23 06:00")
    assert not hours.on(at("12-23 06:00"))
    assert not hours.on(at("12-22 05:00")), "Sunday night is free"
    assert hours.back_at(at("12-23 06:00")) == at("12-29 22:00")


def test_a_single_day_stands_instead_of_the_week() -> None:
    hours = Hours(week=WEEKDAYS, days={date(2025, 12, 25): (Span(18 * 60, DAY),), date(2025, 12, 24): ()})

    assert not hours.on(at("12-24 10:00"))
    assert not hours.on(at("12-25 10:00"))
    assert hours.on(at("12-25 23:59"))
    assert hours.back_at(at("12-23 18:00")) == at("12-25 18:00")


def test_a_single_day_of_somebody_without_a_shift_leaves_the_other_days_alone() -> None:
    hours = Hours(days={date(2025, 12, 22): (Span(18 * 60, DAY),)})

    assert hours.back_at(at("12-22 10:00")) == at("12-22 18:00")
    assert hours.on(at("12-23 08:00"))


def test_working_days_are_the_legal_ones() -> None:
    assert is_workday(date(2026, 2, 14)), "a Saturday that makes up for Spring Festival"
    assert not is_workday(date(2026, 10, 1))
    assert not is_workday(date(2026, 1, 10))
    hours = Hours(workdays=(NINE_TO_SIX,))
    assert hours.spans(date(2026, 2, 14)) == (NINE_TO_SIX,)
    assert hours.spans(date(2026, 10, 1)) == ()


def test_a_company_may_have_no_night() -> None:
    hours = Hours(Night(0, 0, 0))

    assert hours.on(at("12-22 03:00"))


def test_a_night_may_begin_after_midnight() -> None:
    hours = Hours(Night(60, 7 * 60, 8 * 60))

    assert hours.on(at("12-22 00:59"))
    assert not hours.on(at("12-22 01:00"))
    assert hours.on(at("12-22 07:00"))


def test_nobody_waits_for_a_shift_that_never_comes() -> None:
    assert Hours(week=((),) * 7).back_at(at("12-22 10:00")) is None


SPANS = st.lists(
    st.tuples(st.integers(0, DAY - 1), st.integers(1, DAY)).map(lambda one: Span(one[0], one[0] + one[1])), max_size=2
).map(lambda found: tuple(sorted(found)))
WEEKS = st.tuples(*[SPANS] * 7)
MOMENTS = st.integers(0, 14 * DAY).map(lambda minutes: at("12-22 00:00") + timedelta(minutes=minutes))


@given(week=WEEKS | st.none(), moment=MOMENTS)
def test_whoever_is_off_is_back_at_the_first_moment_of_a_shift(
    week: tuple[tuple[Span, ...], ...] | None, moment: datetime
) -> None:
    hours = Hours(week=week)
    back = hours.back_at(moment)

    if back is None:
        assert week is not None
        assert not any(week)
        return
    assert back > moment
    assert hours.on(back)
    if not hours.on(moment) and week is not None:
        minutes = int((back - moment).total_seconds()) // 60
        assert not any(hours.on(moment + timedelta(minutes=one)) for one in range(0, minutes, 7))
