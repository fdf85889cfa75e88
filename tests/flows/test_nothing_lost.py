"""Promise 1: no order is lost, whatever happens to pages, wires, processes and servers. Each flow ends with exactly
the platforms' orders in the hub."""

from __future__ import annotations

import os
import random
import secrets
import signal
import subprocess
import sys
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from rq import Queue, SimpleWorker
from sqlalchemy import func, select

import app
import clock
import handlers.watch
import ingest.engine
import jobs
from handlers.desk import Desk
from models import Notification, Order, RawPayload
from sandbox import world_jd_methods, world_pdd_methods, world_taobao_methods
from sandbox.faults import Fault, Faults, Kind
from tests.flows.house import SHOPS, Ground, House, eventually, open_house, shown

ROOT = Path(app.__file__).parent
LISTS = {
    "taobao": "taobao.trades.sold.increment.get",
    "jd": "jingdong.pop.order.enSearch",
    "pdd": "pdd.order.number.list.increment.get",
}


class Killed(BaseException):
    """Nobody catches it, as nobody catches the end of a process."""


class Every(Faults):
    """Hits calls by their number: those for which `hits` is true."""

    def __init__(self, kind: Kind, hits: Callable[[int], bool], seconds: float = 1.0) -> None:
        super().__init__()
        self.kind, self.hits, self.seconds = kind, hits, seconds
        self.calls = 0

    def take(self, platform: str, method: str, kinds: Collection[Kind] = tuple(Kind)) -> Fault | None:
        if Kind.CUT_CONNECTION not in kinds:  # asked twice in each call: before it is answered, and after
            return None
        self.calls += 1
        return Fault(self.kind, seconds=self.seconds) if self.hits(self.calls) else None


@pytest.fixture
def house(ground: Ground) -> Iterator[House]:
    """Opened on a day that has orders of hours ago: many windows to read."""
    with open_house(ground, pull={"first_hours": 4}) as opened:
        yield opened


@pytest.fixture
def office(ground: Ground) -> Iterator[House]:
    with open_house(ground, online=False, pull={"first_hours": 4}) as opened:
        yield opened


@pytest.fixture
def chance() -> random.Random:
    """Chosen anew in every run; pytest shows the seed of a run that failed."""
    seed = secrets.randbits(32)
    print(f"seed {seed}")
    return random.Random(seed)


def fill(house: House, chance: random.Random, many: int, platforms: Collection[str] = tuple(LISTS)) -> None:
    for _ in range(many):
        platform = chance.choice(sorted(platforms))
        kind = chance.choice(("plain", "plain", "multi_line", "vague", "note", "delay"))
        house.order_in(platform, kind=kind, ago_seconds=chance.randint(300, 3 * 3600))


def settle(house: House) -> None:
    """Nothing is wrong any more; time passes until every window that matters is closed, and the shops are read."""
    house.state.faults = Faults()
    house.move(minutes=30)
    house.pull()


def assert_nothing_lost(house: House) -> None:
    settle(house)
    assert house.orders() == house.visible()


class Meddler:
    """Changes the world each time a list was read: orders come, go, and are changed behind the reader's back."""

    def __init__(self, house: House, chance: random.Random) -> None:
        self.house, self.chance = house, chance
        self.done = 0
        self._busy = False
        self._note_call = house.world.note_call

    def __call__(self, platform: str, method: str, params: Any, code: str) -> None:
        self._note_call(platform, method, params, code)
        if method == LISTS.get(platform) and not self._busy and self.done < 150:
            self._busy = True
            for _ in range(self.chance.randint(0, 3)):
                self._meddle()
            self._busy = False

    def _meddle(self) -> None:
        world, chance = self.house.world, self.chance
        chosen = chance.choice(world.orders())
        self.done += 1
        match chance.randint(0, 5):
            case 0:
                world.add_order(chance.choice(sorted(LISTS)), ago_seconds=chance.choice((0, 0, 30)))
            case 1 if chosen.status.value == "to_ship" and not chosen.refunding:
                world.ship(chosen.id, "圆通速递", f"YT{chance.randint(10**12, 10**13 - 1)}")
            case 2 if chosen.status.value == "to_ship":
                world.cancel(chosen.id)
            case 3:
                world.ask_refund(chosen.id)
            case 4:
                world.edit(chosen.id, memo=f"改 {self.done}")
            case _:
                world.touch(chosen)


def test_rows_that_slip_to_other_pages_while_they_are_read_are_not_lost(
    office: House, chance: random.Random
) -> None:  # fmt: skip
    for platform, many in (("taobao", 120), ("jd", 210), ("pdd", 210)):
        for _ in range(many):
            office.order_in(platform, ago_seconds=chance.randint(420, 1500))
    for platform, method in LISTS.items():
        office.state.faults.arm("shift", platform, method, calls=1000)
    office.pull()
    office.move(minutes=2)
    office.pull()
    assert_nothing_lost(office)


def test_edits_between_pages_and_windows_are_not_lost(
    office: House, chance: random.Random, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(office, chance, 60)
    meddler = Meddler(office, chance)
    monkeypatch.setattr(office.world, "note_call", meddler)
    for _ in range(6):
        office.pull()
        office.move(minutes=chance.randint(1, 12))
    assert meddler.done > 20
    monkeypatch.undo()
    monkeypatch.setattr(jobs, "hub", lambda: office.hub)
    assert_nothing_lost(office)


@pytest.mark.parametrize("kind", [Kind.CUT_CONNECTION, Kind.HTTP_500, Kind.NOT_JSON])
def test_a_wire_that_breaks_at_each_call_in_turn_loses_nothing(
    office: House, chance: random.Random, kind: Kind
) -> None:  # fmt: skip
    for platform in LISTS:
        broken = 0
        while True:
            office.world.add_order(platform, ago_seconds=200)
            office.move(minutes=12)
            faults = Every(kind, lambda call, number=broken + 1: call == number)  # type: ignore[misc]
            office.state.faults = faults
            office.pull(platform)
            assert faults.calls > 0, "the shop is asked again"
            if faults.calls <= broken:
                break  # every call of a pull was broken once
            broken += 1
        assert broken >= 2, "the clock, a list and mostly details"
    assert_nothing_lost(office)


def test_a_wire_that_breaks_again_and_again_still_lets_the_shop_be_read(office: House, chance: random.Random) -> None:
    for _ in range(30):
        office.order_in("taobao", ago_seconds=chance.randint(420, 1500))
    office.state.faults = Every(Kind.CUT_CONNECTION, lambda call: call % 4 == 0)
    for _ in range(40):
        office.pull("taobao")
        if len(office.orders()) == 30:
            break
    assert len(office.orders()) == 30, "each try keeps what it got"
    assert_nothing_lost(office)


def test_a_throttled_shop_waits_as_told_and_goes_on_where_it_was(office: House, chance: random.Random) -> None:
    fill(office, chance, 30)
    for number in range(1, 4):
        for slug, platform in SHOPS.items():
            office.state.faults = Every(Kind.THROTTLE, lambda call, n=number: call == n, 30.0)  # type: ignore[misc]
            jobs.pull_shop(slug)
            office.state.faults = Faults()
            asked = len(office.world.calls)
            assert "waiting" in jobs.pull_shop(slug)
            assert len(office.world.calls) == asked, f"{platform} is left alone as long as it asked for"
            office.move(minutes=12)
    assert_nothing_lost(office)


def test_a_crash_while_a_batch_is_watched_stores_neither_orders_nor_cases(
    house: House, chance: random.Random, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = handlers.watch.watch

    def dying(desk: Desk, ids: list[int]) -> None:
        real(desk, ids)
        raise Killed

    made = house.order_in("taobao", kind="vague", buyer="hero")
    fill(house, chance, 10, ["taobao"])
    monkeypatch.setattr(handlers.watch, "watch", dying)
    for _ in range(3):
        with pytest.raises(Killed):
            house.pull("taobao")
    assert house.counts()["orders"] == house.counts()["cases"] == house.counts()["notifications"] == 0
    monkeypatch.setattr(handlers.watch, "watch", real)
    assert_nothing_lost(house)
    house.work()
    tag = house.order(made.id).tag
    assert sum(tag in shown(one) and "地址模糊" in shown(one) for one in house.said("group")) == 1
    with house.hub.sessions() as session:
        tags = sorted(session.scalars(select(Order.tag).where(Order.platform == "taobao")))
    assert tags == [f"TB-20251222-{number:03d}" for number in range(1, 12)], "and no number is skipped"


def test_a_crash_between_the_orders_and_the_cursor_repeats_a_window_and_doubles_nothing(
    house: House, chance: random.Random, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(house, chance, 20)
    house.pull("jd")
    real = ingest.engine._Pull._move_cursor
    left = [3]

    def dying(self: Any, synced_to: Any) -> None:
        left[0] -= 1
        if left[0] == 0:
            raise Killed
        real(self, synced_to)

    monkeypatch.setattr(ingest.engine._Pull, "_move_cursor", dying)
    deaths = 0
    for platform in ("taobao", "taobao", "pdd", "pdd"):
        try:
            house.pull(platform)
        except Killed:
            deaths, left[0] = deaths + 1, 3
    assert deaths >= 2
    monkeypatch.setattr(ingest.engine._Pull, "_move_cursor", real)
    assert_nothing_lost(house)
    house.work()
    with house.hub.sessions() as session:
        twice = select(Notification.subject).where(Notification.purpose == "card", Notification.channel == "group")
        assert not session.scalars(twice.group_by(Notification.subject).having(func.count() > 1)).all()
        for order in session.scalars(select(Order)).all():
            assert house.actions(order).count("收单") == 1


def test_records_that_cannot_be_read_are_kept_shown_and_stop_nobody(
    office: House, chance: random.Random, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(office, chance, 40)
    sick = {one.id for one in chance.sample(office.world.orders(), 9)}
    absurd: dict[str, Any] = {
        "payment": "一百", "orderPayment": "-1e9", "pay_amount": "NaN",
        "created": "昨天", "orderStartTime": "2025-13-45", "created_time": None,
    }  # fmt: skip

    def spoil(row: dict[str, Any], number: str) -> dict[str, Any]:
        return row | {name: value for name, value in absurd.items() if name in row} if number in sick else row

    for module, name in (
        (world_taobao_methods, "trade_row"),
        (world_jd_methods, "order_row"),
        (world_pdd_methods, "order_row"),
    ):
        real = getattr(module, name)
        monkeypatch.setattr(module, name, lambda order, *rest, real=real: spoil(real(order, *rest), order.id))
    settle(office)
    office.pull()  # a second reading keeps no second copy
    healthy = {number: what for number, what in office.visible().items() if number not in sick}
    assert office.orders() == healthy
    with office.hub.sessions() as session:
        kept = session.scalars(select(RawPayload).where(RawPayload.problem.is_not(None))).all()
    assert sorted(row.external_id for row in kept) == sorted(sick)
    told = app.create_app(office.hub).test_cli_runner().invoke(args=["hub", "unreadable"]).output
    assert all(number in told for number in sick)
    for number in list(sick):
        office.world.touch(office.world._orders[number])
    sick.clear()
    assert_nothing_lost(office)


def test_a_worker_killed_in_the_middle_of_a_pull_loses_nothing(
    office: House, chance: random.Random, tmp_path: Path
) -> None:
    for _ in range(60):
        office.order_in("taobao", ago_seconds=chance.randint(420, 3 * 3600))
    office.state.faults.arm("slow", "taobao", "taobao.trade.fullinfo.get", calls=1000, seconds=0.05)
    with office.hub.open_desk() as desk:
        desk.ask_later(handlers.desk.Job.PULL_SHOP, "tb")
    worker = subprocess.Popen(
        [sys.executable, "jobs.py", "pull"],
        cwd=ROOT, env=os.environ | office.write_config(tmp_path), start_new_session=True, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        eventually(lambda: 0 < len(office.orders()) < 60, "the worker does not begin", 60)
    finally:
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
    office.state.faults.clear()
    assert 0 < len(office.orders()) < 60, "it died in the middle"
    beat = next(one for one in clock.beats(office.hub.settings) if one.name == "pull-tb")
    assert clock.tick(office.hub, beat, office.hub.now()), "the next tick asks again"
    eventually(lambda: _worked(office) and len(office.orders()) == 60, "the dead worker's lock on the shop remains")
    assert_nothing_lost(office)


def _worked(house: House) -> bool:
    """Run the queued pulls; one more is asked for in case that shop was still taken."""
    queues = [Queue("pull", connection=house.hub.redis)]
    SimpleWorker(queues, connection=jobs.patient(house.hub.redis)).work(burst=True, logging_level="ERROR")
    if len(house.orders()) < 60:
        clock.enqueue_tick(house.hub.redis, "jobs.pull_shop", secrets.token_hex(4), "tb")
    return True


def test_a_redis_that_forgets_everything_costs_time_alone(house: House, chance: random.Random) -> None:
    made = house.order_in("taobao", kind="vague", buyer="hero")
    fill(house, chance, 12)
    for beat in clock.beats(house.hub.settings):
        assert clock.tick(house.hub, beat, house.hub.now())
    house.hub.redis.flushall()
    assert not house.orders()
    house.move(minutes=10)
    for beat in clock.beats(house.hub.settings):
        assert clock.tick(house.hub, beat, house.hub.now())
    queues = [Queue("pull", connection=house.hub.redis)]
    SimpleWorker(queues, connection=jobs.patient(house.hub.redis)).work(burst=True, logging_level="ERROR")
    house.hub.redis.flushall()  # what was asked for after the pulls is gone, and every token with it
    house.look()
    assert_nothing_lost(house)
    tag = house.order(made.id).tag
    assert sum(tag in shown(one) and "地址模糊" in shown(one) for one in house.said("group")) == 1


def test_a_whole_scripted_day_ends_with_exactly_the_platforms_orders(ground: Ground, chance: random.Random) -> None:
    day = {"orders_before": 45, "orders_a_minute": 0.4, "seed": chance.randint(1, 10**6)}
    with open_house(ground, online=False, pull={"first_hours": 7}) as office:  # the day opens with orders of 6 h
        assert requests.post(f"{office.sandbox}/control/reset", json=day, timeout=10).ok
        print(day)
        for _ in range(8):
            office.pull()
            office.look()
            office.move(minutes=25)
        office.world._coming.clear()  # the day is over: else the last orders lie in windows that are not closed yet
        assert_nothing_lost(office)
        with office.hub.sessions() as session:
            stages = {one.external_id: one.stage for one in session.scalars(select(Order))}
        cancelled = [one.id for one in office.world.orders() if one.status.value == "cancelled" and one.id in stages]
        assert cancelled, "a day in which nobody cancels shows nothing"
        assert {stages[number] for number in cancelled} == {"cancelled"}
