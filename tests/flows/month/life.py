"""Lives through a month, hour by hour: the clock's jobs and the people's work, as they follow on each other."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import jobs
from sandbox.clock import BEIJING
from sandbox.month import Month, Plan
from tests.flows.house import House
from tests.flows.month.people import WHO
from tests.flows.month.staff import Staff
from workers import supply

OPENS, CLOSES = 9, 22
_HOURS = (3, 9, 11, 13, 15, 17, 19, 21)
"""When the clock's jobs run and people work: seldom, or a month would take long."""


@dataclass
class Lived:
    """What judgement is passed on."""

    house: House
    month: Month
    staff: Staff
    seconds: float = 0.0
    spent: dict[str, float] = field(default_factory=dict)


def live(house: House, made: Plan, say: Callable[[str], None] = lambda _words: None) -> Lived:
    """`say` hears how far it is."""
    month = Month(house.state, made)
    month.begin()
    lived = Lived(house, month, Staff(house, month))
    began = time.monotonic()
    _move_to(house, made, 0)
    lived.staff.write_rules()
    for day in range(made.days):
        for hour in _HOURS:
            before = time.monotonic()
            _move_to(house, made, day * 24 + hour)
            lived.spent["world"] = lived.spent.get("world", 0.0) + time.monotonic() - before
            _hour(lived, working=OPENS <= hour <= CLOSES)
        lived.staff.forget_old()
        jobs.tidy()
        lived.seconds = time.monotonic() - began
        say(_progress(lived, day))
    return lived


def _move_to(house: House, made: Plan, hours: int) -> None:
    at = made.start + timedelta(hours=hours, minutes=20)
    house.state.clock.move(max((at - house.state.clock.now()).total_seconds(), 0))
    house.world.advance()
    for key in house.hub.redis.scan_iter("*hub:pace*"):  # counted by the wall's clock
        house.hub.redis.delete(key)


def _hour(lived: Lived, *, working: bool) -> None:
    house, staff = lived.house, lived.staff
    turns: list[tuple[str, Callable[[], object]]] = [
        ("papers", staff.hand_in),
        ("track", supply.track_parcels),  # in life every minute: nobody may hear of what is late by our hours alone
        ("pull", lambda: _pull(lived)),
        ("look", house.look),
        ("tell", staff.tell_month),
    ]
    if working:
        turns += [
            ("matters", staff.work_on_matters),
            ("deliver", jobs.deliver),  # a buyer hears before the parcel is gone
            ("ship", staff.ship),
            ("tell", staff.tell_month),
            ("pick", lambda: staff.step("配货 全部", WHO["warehouse"])),
            ("tell", staff.tell_month),
            ("review", lambda: staff.step("审核 全部", WHO["service"])),
            ("tell", staff.tell_month),
        ]
    for name, turn in turns:
        began = time.monotonic()
        turn()
        lived.spent[name] = lived.spent.get(name, 0.0) + time.monotonic() - began


def _pull(lived: Lived) -> None:
    """The clock has every shop read; what fails is tried again within minutes."""
    lived.house.pull()
    for platform in lived.month.down():
        for _ in range(6):
            lived.house.move(minutes=1)
            lived.house.pull(platform)


def _progress(lived: Lived, day: int) -> str:
    now = lived.house.hub.now().astimezone(BEIJING)
    orders = len(lived.house.world.orders())
    live = len(lived.staff.live())
    return f"day {day + 1} ({now:%m-%d}): {orders} orders, {live} matters alive, {lived.seconds:.0f} s " + "、".join(
        f"{name} {seconds:.0f}" for name, seconds in lived.spent.items()
    )
