"""A month comes of its seed: the same one again, as shops know them, with a truth that can be kept."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from sandbox.clock import BEIJING, Clock
from sandbox.company import load_company
from sandbox.month import LEAST, STORIES, Month, plan
from sandbox.month_days import PEAK, moments
from sandbox.month_goods import APART
from sandbox.month_stories import DEALT
from sandbox.server import running

START = datetime(2025, 12, 22, 16, 0, tzinfo=UTC)  # midnight in Beijing


def test_a_seed_is_a_month_and_another_seed_another() -> None:
    first, again, other = plan(7, 2000, START), plan(7, 2000, START), plan(8, 2000, START)

    assert (first.clean, [(one.story.name, one.at) for one in first.planted]) == (
        again.clean, [(one.story.name, one.at) for one in again.planted]
    )  # fmt: skip
    assert first.clean != other.clean


@pytest.mark.parametrize(("orders", "days"), [(160, 5), (2000, 30), (20_000, 30)])
def test_it_has_the_orders_that_were_asked_for_and_every_story_several_times(orders: int, days: int) -> None:
    made = plan(3, orders, START, days=days)

    assert abs(made.orders - orders) <= 2
    told = Counter(one.story.name for one in made.planted)
    assert all(told[story.name] >= LEAST for story in DEALT)
    soon = START + timedelta(days=max(days - 4, 1))
    # What no order tells, and what lies about, is over within hours.
    quick = {"hub", "stage"}
    assert all(one.at < soon for one in made.planted if one.story.of not in quick), "each can still end"
    assert all(one.at < START + timedelta(days=days - 1) for one in made.planted)


def test_a_sale_has_four_times_the_orders_of_a_day_and_nights_have_few() -> None:

    came = moments(random.Random(5), 20_000, START)
    days = Counter(at.astimezone(BEIJING).date() for at in came)
    usual = sorted(days.values())[len(days) // 2]
    assert all(0.8 * PEAK < count / usual < 1.3 * PEAK for count in sorted(days.values())[-2:])
    assert sorted(days.values())[-3] < 2 * usual
    hours = Counter(at.astimezone(BEIJING).hour for at in came)
    assert hours[21] > 5 * hours[4]


def test_goods_that_run_out_run_out_anew_only_after_their_last_end() -> None:
    made = plan(11, 2000, START)

    for one in made.planted:
        if one.story.name == "run_out" and one.until is not None:
            assert one.until - one.at > timedelta(days=3)


def test_whoever_has_no_story_buys_what_is_there() -> None:
    clock = Clock(standing_at=START)
    quiet = {"orders_before": 0, "orders_a_minute": 0.0}
    with running(load_company(world=quiet), clock=clock) as (_, state):
        month = Month(state, plan(2, 200, START, days=2))
        month.begin()
        clock.move(timedelta(days=2).total_seconds())
        state.world.advance()

        clean = [one for one in state.world.orders() if one.id not in month.of]
        assert len(clean) == len(month.plan.clean)
        assert not {line.sku.code for one in clean for line in one.lines} & APART
        assert {number for one in month.plan.planted for number in one.orders} == set(month.of)


@pytest.mark.parametrize("days", [5, 6, 30])
def test_what_lies_about_together_comes_when_no_single_order_is_forgotten_any_more(days: int) -> None:
    made = plan(4, 400, START, days=days)
    at = {name: [one.at for one in made.planted if one.story.name == name] for name in ("forgotten", "left_lying")}

    assert max(at["forgotten"]) + timedelta(days=1) < min(at["left_lying"])
    first, second = at["left_lying"]
    assert second - first > timedelta(hours=20)


def test_what_comes_on_paper_waits_for_a_colleague_and_stands_on_no_platform() -> None:
    clock = Clock(standing_at=START)
    quiet = {"orders_before": 0, "orders_a_minute": 0.0}
    with running(load_company(world=quiet), clock=clock) as (_, state):
        month = Month(state, plan(6, 0, START, days=2, stories=[STORIES["on_paper"]]))
        month.begin()
        clock.move(timedelta(days=2).total_seconds())
        state.world.advance()

        assert [row["手机"] for row in month.papers] == ["", ""]
        assert {row["订单号"] for row in month.papers} == set(month.of)
        assert not state.world.orders()
