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
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from rq import Queue, SimpleWorker
from sqlalchemy import delete, func, select

import app
import clock
import handlers.shops
import handlers.watch
import ingest.engine
import jobs
from handlers.desk import Desk
from models import Arrival, Backfill, Cursor, Notification, Order, Proof, RawPayload, Shop
from sandbox import world_jd_methods, world_pdd_methods, world_taobao_methods
from sandbox.faults import Fault, Faults, Kind
from sandbox.world_scenes import KINDS
from tests.flows.chats import DINGTALK, is_card, shown
from tests.flows.house import MORNING, SHOPS, Ground, House, no_chat, open_house
from tests.waiting import eventually
from workers import completeness

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
        kinds = ("plain", "plain", "multi_line", "vague", "note", "delay")
        kind = chance.choice([one for one in kinds if platform in KINDS[one].platforms])
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
            office.move(minutes=61)  # the clock is measured once an hour
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
    real = handlers.watch.arrived

    def dying(desk: Desk, ids: list[int]) -> None:
        real(desk, ids)
        raise Killed

    made = house.order_in("taobao", kind="vague", buyer="hero")
    fill(house, chance, 10, ["taobao"])
    monkeypatch.setattr(handlers.watch, "arrived", dying)
    for _ in range(3):
        with pytest.raises(Killed):
            house.pull("taobao")
    assert house.counts()["orders"] == house.counts()["cases"] == house.counts()["notifications"] == 0
    monkeypatch.setattr(handlers.watch, "arrived", real)
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
        told = [one for one in office.world.orders() if one.platform != "jd" or one.paid_at]  # of others JD is silent
        cancelled = [one.id for one in told if one.status.value == "cancelled" and one.id in stages]
        assert cancelled, "a day in which nobody cancels shows nothing"
        assert {stages[number] for number in cancelled} == {"cancelled"}


class Lacking(Faults):
    """Taobao's list of changes leaves these orders out for good; `broken` says of its list of created orders which
    call fails."""

    def __init__(self, *hidden: str, broken: Callable[[int], bool] = lambda _call: False) -> None:
        super().__init__()
        self.hidden, self.broken = list(hidden), broken
        self.calls = 0

    def take(self, platform: str, method: str, kinds: Collection[Kind] = tuple(Kind)) -> Fault | None:
        if Kind.HIDE in kinds and method == LISTS["taobao"]:
            return Fault(Kind.HIDE, order_id=self.hidden[0])
        if Kind.HTTP_500 in kinds and method == "taobao.trades.sold.get":
            self.calls += 1
            return Fault(Kind.HTTP_500) if self.broken(self.calls) else None
        return None


def work_off(house: House) -> None:
    """A worker does what is queued, and all that follows of it."""
    queues = [Queue(name, connection=house.hub.redis) for name in ("urgent", "pull")]
    SimpleWorker(queues, connection=jobs.patient(house.hub.redis)).work(burst=True, logging_level="ERROR")
    house.pause()
    house.work()


def till_night(house: House) -> None:
    """Three in the morning; the shops were read until then."""
    house.pull()
    house.move(hours=17)
    house.pull()


def told_to_all(house: House) -> str:
    """Where what is for the home group goes in a quiet house."""
    return "group" if house.edge is DINGTALK else "app:chenjie"


def till_morning(house: House) -> None:
    """Nobody is woken for a proof: what it found is told when the night is over."""
    assert house.said(told_to_all(house)) == []
    house.move(hours=6, minutes=5)
    house.work()


@pytest.fixture
def quiet(ground: Ground, chat: str) -> Iterator[House]:
    """Cards go where they can be edited without a press: on WeCom 1:1 through the app."""
    with open_house(ground, chat=chat, bot={"push_group_cards": False}, pull={"first_hours": 4}) as opened:
        yield opened


def test_an_order_that_no_list_of_changes_showed_is_found_by_night_read_and_the_card_turns_green(
    quiet: House,
) -> None:
    house = quiet
    lost, plain = house.order_in("taobao"), house.order_in("taobao")
    # It is asked once in the quiet night; the proof is told the count and the list, and no more.
    house.state.faults = Lacking(lost.id, broken=lambda call: call > 3)
    till_night(house)
    assert set(house.orders()) == {plain.id}, "the pull could not know"

    completeness.prove_all()
    work_off(house)
    till_morning(house)

    card = house.card(told_to_all(house), "对账 12-22")
    assert "1 店不一致" in shown(card, "chenjie")
    assert "✗ 青禾淘宝店 平台 2 系统 1" in shown(card, "chenjie")
    assert lost.id in shown(card, "chenjie")
    assert "✓ 青禾京东店 0 单" in shown(card, "chenjie")
    assert [case.state for case in house.cases("missing_order")] == ["open"]
    assert lost.id in shown(house.card("app:chenjie", "漏单"))

    house.state.faults = Lacking(lost.id)
    house.ask("chenjie", "对账 12-22")
    work_off(house)

    assert set(house.orders()) == {plain.id, lost.id}
    assert "3 店全部一致，补回 1 单" in shown(card, "chenjie"), "the same card, edited"
    assert "✓ 青禾淘宝店 2 单，补回 1 单" in shown(card, "chenjie")
    assert sum("对账 12-22：" in shown(one) for one in house.said(told_to_all(house)) if is_card(one)) == 1
    assert [case.state for case in house.cases("missing_order")] == ["solved"]
    answers = "\n".join(shown(one) for one in house.said("app:chenjie"))
    assert "青禾淘宝店 12-22 对账：✓ 一致，平台 2 单，系统 2 单，其中 1 单是补回的" in answers
    assert "12-22 ✓ 3 店一致，共 2 单，补回 1 单" in house.ask("chenjie", "对账 历史")
    assert house.complaints() == []


def test_a_proof_that_finds_and_reads_what_is_missing_wakes_nobody(quiet: House) -> None:
    house = quiet
    lost, plain = house.order_in("taobao"), house.order_in("taobao")
    house.state.faults = Lacking(lost.id)
    till_night(house)
    completeness.prove_all()
    work_off(house)
    assert set(house.orders()) == {lost.id, plain.id}
    assert house.cases("missing_order") == []
    till_morning(house)
    assert "3 店全部一致，补回 1 单" in shown(house.card(told_to_all(house), "对账 12-22"))


def test_a_puller_that_is_dead_is_told_once_and_its_return_too(quiet: House) -> None:
    office = quiet
    office.pull()
    for _ in range(3):
        office.move(hours=1)
        office.look()
    (case,) = office.cases("pull_stopped")
    assert "同步进程没有在运行：已 60 分钟没有读到任何店铺" in case.reason
    assert sum("同步进程没有在运行" in shown(one) for one in office.said("app:chenjie")) == 1
    health = app.create_app(office.hub).test_client().get("/healthz")
    assert (health.status_code, health.get_json()["pulls"]) == (200, "stale")
    office.pull()
    office.look()
    assert [one.state for one in office.cases("pull_stopped")] == ["solved"]


def test_a_list_of_changes_that_shows_nothing_is_told_by_day_and_its_orders_come(quiet: House) -> None:
    house = quiet
    house.arrived("taobao")
    lost = house.order_in("taobao", ago_seconds=30)
    house.state.faults = Lacking(lost.id)
    for _ in range(2):
        house.move(minutes=10)
        house.pull()
    house.look()
    assert lost.id in house.orders()
    assert [case.state for case in house.cases("sync_silent")] == ["open"]
    assert lost.id in shown(house.card("app:chenjie", "同步漏报"))
    house.state.faults = Faults()
    house.order_in("taobao", ago_seconds=30)
    house.move(minutes=10)
    house.pull()
    assert [case.state for case in house.cases("sync_silent")] == ["solved"]


@no_chat
def test_every_platform_s_day_is_proved_and_what_it_hid_comes_back(quiet: House, chance: random.Random) -> None:
    """The hub lost half of its orders of the day, as after a restored backup that was too old."""
    house = quiet
    fill(house, chance, 24)
    till_night(house)
    before = house.orders()
    with house.hub.sessions() as session:
        gone = session.scalars(select(Order.id).where(Order.id % 2 == 0)).all()
        session.execute(delete(Order).where(Order.id.in_(gone)))
        session.commit()
    assert len(house.orders()) < len(before)
    completeness.prove_all()
    work_off(house)
    assert house.orders() == before == house.visible()
    with house.hub.sessions() as session:
        proofs = session.scalars(select(Proof)).all()
    assert [proof.state for proof in proofs] == ["green"] * 3
    assert sum(len(proof.missing) for proof in proofs) == len(gone)


def test_a_back_fill_survives_its_worker_and_its_asker_hears_of_the_end(
    quiet: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = quiet
    made = [house.order_in("taobao", ago_seconds=hours * 3600) for hours in (5, 7, 9)]  # before the hub's first pull
    house.pull("taobao")
    synced = _cursor(house)
    assert house.orders() == {}
    monkeypatch.setattr(completeness, "PIECE", 3)

    answer = house.ask("chenjie", "补拉 青禾淘宝店 今天")
    assert "已开始补拉：青禾淘宝店 12-22，共 1 天" in answer
    house.hub.redis.flushdb()  # the job is lost with its worker …
    (backfill_id,) = _backfills(house)
    assert "3, windows=" in completeness.backfill(backfill_id)  # … as is what the next one had begun
    house.hub.redis.flushdb()
    assert "已完成" in house.ask("chenjie", "补拉")

    completeness.tend()
    work_off(house)

    assert set(house.orders()) == {one.id for one in made}
    said = "\n".join(shown(one) for one in house.said("app:chenjie"))
    assert said.count("补拉完成：青禾淘宝店 12-22，补回 3 单") == 1
    assert _cursor(house) == synced, "the pull's place is the pull's"
    assert "只给看最近 90 天的订单" in house.ask("chenjie", "补拉 tb 2025-01-01")
    assert "补拉由主管操作" in house.ask("xiaoli", "补拉 tb 昨天")


def _cursor(house: House) -> Any:
    with house.hub.sessions() as session:
        return session.scalars(
            select(Cursor.synced_to).join(Shop, Shop.id == Cursor.shop_id).where(Shop.slug == "tb")
        ).one()


def _backfills(house: House) -> list[int]:
    with house.hub.sessions() as session:
        return list(session.scalars(select(Backfill.id)))


@no_chat
def test_an_authorisation_that_ends_in_the_middle_stops_one_shop_which_resumes_days_later_without_a_gap(
    quiet: House, chance: random.Random, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = quiet
    _authorised_until(house, date(2025, 12, 23))
    completeness.tend_shop("tb")
    house.work()
    assert "授权 2 天后到期" in shown(house.card("app:chenjie", "授权到期"))
    fill(house, chance, 40)
    left, note_call = [2], house.world.note_call

    def ending(platform: str, method: str, params: Any, code: str) -> None:
        note_call(platform, method, params, code)
        left[0] -= method == "taobao.trade.fullinfo.get"
        if left[0] == 0:
            house.state.tokens["taobao"].expire()

    monkeypatch.setattr(house.world, "note_call", ending)
    house.pull()
    monkeypatch.setattr(house.world, "note_call", note_call)
    stood_at = _cursor(house)
    assert [case.state for case in house.cases("shop_stopped")] == ["open"]
    for _ in range(3):
        house.move(days=1)
        fill(house, chance, 20)
        house.pull()
        completeness.tend_shop("tb")
    listed = {platform for platform, _, _ in house.orders().values()}
    assert {"jd", "pdd"} <= listed, "the others go on"
    assert _cursor(house) == stood_at
    house.work()
    assert "已于 12-24 00:00 到期" in shown(house.card("app:chenjie", "授权到期"))

    tokens = house.state.tokens["taobao"]
    given = tokens.by_code(tokens.new_code())
    assert given is not None
    _authorised_until(house, date(2026, 12, 24), token=given.access)
    with house.hub.open_desk() as desk:
        assert handlers.shops.resume(desk, "tb")
    assert_nothing_lost(house)
    completeness.tend_shop("tb")
    assert {case.state for kind in ("shop_stopped", "auth_expiring") for case in house.cases(kind)} == {"solved"}


def _authorised_until(house: House, day: date, **changes: str) -> None:
    tb, *others = house.hub.settings.shops
    shops = (tb.model_copy(update={"authorised_until": day, **changes}), *others)
    house.hub = replace(house.hub, settings=house.hub.settings.model_copy(update={"shops": shops}))


@no_chat
def test_what_jd_shows_in_no_list_is_found_when_open_orders_are_read_one_by_one(quiet: House) -> None:
    house = quiet
    made = house.arrived("jd")
    house.world.edit(made.external_id, memo="请改发顺丰")
    house.move(minutes=50)
    house.pull("jd")
    completeness.tend_shop("jd")
    assert house.order(made.external_id).seller_memo == "", "it was read less than an hour ago"
    house.move(minutes=15)
    completeness.tend_shop("jd")
    assert house.order(made.external_id).seller_memo == "请改发顺丰"


def test_a_shop_that_falls_silent_at_a_busy_hour_is_heard_of_and_ends_by_itself(quiet: House) -> None:
    house = quiet
    house.arrived("taobao", ago_seconds=300)
    with house.hub.sessions() as session:
        tb = session.scalars(select(Shop.id).where(Shop.slug == "tb")).one()
        for number in range(2, 36 * 24):
            hour = MORNING.replace(minute=0) - timedelta(hours=number)
            session.merge(Arrival(shop_id=tb, hour=hour, orders=72, last_at=hour + timedelta(minutes=59)))
        session.commit()
    for _ in range(2):
        house.move(minutes=10)
        house.pull()
    house.look()
    assert not house.find_card("app:chenjie", "店铺静默"), "it may be a hiccup"
    house.move(minutes=3, seconds=1)
    house.work()
    card = house.card("app:chenjie", "店铺静默")
    assert "青禾淘宝店平时这个时候每 10 分钟约 12 单，已 25 分钟没有新单" in shown(card)
    house.order_in("taobao", ago_seconds=0)
    house.move(minutes=10)
    house.pull()
    house.look()
    assert [case.solution for case in house.cases("sync_silent")] == ["有新单了"]
