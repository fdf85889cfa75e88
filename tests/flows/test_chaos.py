"""Promise 1 under everything at once: whatever is cut, killed, restarted or changed meanwhile, the hub ends with
exactly the platforms' orders, and every shipment is told once. Every run chooses its seed and prints it.

Once is enough here, as in test_push.py, test_reading_completely.py and all flows that are marked `no_chat`: they are
about what comes from marketplaces and goes back to them, and end with rows; nobody looks at a chat, which only gives
the commands."""

from __future__ import annotations

import os
import random
import secrets
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest
from redis.exceptions import RedisError
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

import app
import embedded
import handlers.shops
import jobs
from config import Settings
from models import WriteBack
from models.beijing import day_start
from models.schema import upgrade
from models.session import make_engine, make_sessions
from models.sources import is_told
from sandbox.company import load_company
from sandbox.faults import Fault, Faults, Kind
from tests.flows.house import SHOPS as THREE
from tests.flows.house import Ground, House, open_house
from tests.flows.test_nothing_lost import Every, Meddler, assert_nothing_lost, fill
from tests.ingest.shops import settings_of
from tests.waiting import eventually
from wire import make_vault
from workers import completeness

ROOT = Path(app.__file__).parent
SHOPS = THREE | {"dy": "douyin", "wx": "wxshop", "pay": "wecom_pay"}
TOLD = [platform for platform in SHOPS.values() if is_told(platform)]
YESTERDAY = date(2025, 12, 21)
MOST_STEPS = 2000
MOST_CUTS = 16  # a proof of a day has a list for each half hour, one like the other
ROUNDS = 14
BROKEN = (SQLAlchemyError, psycopg.Error, RedisError)
"""What a job dies of when a server goes away under it; the clock asks for the next one."""


@pytest.fixture
def chance() -> random.Random:
    """Chosen anew in every run; pytest shows the seed of a run that failed."""
    seed = secrets.randbits(32)
    print(f"seed {seed}")
    return random.Random(seed)


def shops() -> list[dict[str, Any]]:
    """One shop on each of the marketplaces, as hub.toml names it."""
    company, found = load_company(), []
    for slug, platform in SHOPS.items():
        made = settings_of(platform, company, "http://sandbox").model_dump(exclude_defaults=True)
        found.append(made | {"slug": slug, "gateway": made["gateway"].replace("http://sandbox", "{sandbox}")})
    return found


@pytest.fixture
def office(ground: Ground) -> Iterator[House]:
    with open_house(ground, online=False, pull={"first_hours": 4}, shops=shops()) as opened:
        yield opened


# a worker that dies


Die = Callable[[int, str], str]
"""(step, job and its arguments) → "killed", "broke", or "done " and what it returned"""


@contextmanager
def mortal(house: House, folder: Path) -> Iterator[Die]:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.flows.mortal"],
        cwd=ROOT, env=os.environ | house.write_config(folder), text=True, stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    ) as worker:  # fmt: skip
        assert worker.stdin is not None
        assert worker.stdout is not None
        asks, tells = worker.stdin, worker.stdout

        def die(step: int, job: str) -> str:
            asks.write(f"{step} {job}\n")
            asks.flush()
            return tells.readline().strip()

        yield die
        asks.close()


@pytest.mark.parametrize("slug", list(SHOPS))
def test_a_worker_killed_at_every_step_in_turn_loses_and_doubles_nothing(
    ground: Ground, chance: random.Random, tmp_path: Path, slug: str
) -> None:
    with open_house(ground, online=False, pull={"first_hours": 1}, shops=shops()) as office:
        for _ in range(6):
            office.order_in(SHOPS[slug], ago_seconds=chance.randint(900, 3000))
        step = die_at_every_step(office, chance, tmp_path, slug)
        assert step > 20, "a pull has more steps than that"
        assert_nothing_lost(office)
        assert office.cases("shop_stopped") == []


def die_at_every_step(office: House, chance: random.Random, folder: Path, slug: str) -> int:
    """Kill the worker at step 1, 2, 3 … of a pull until one comes through; at which that was."""
    step = 1
    with mortal(office, folder) as die:
        while not (said := die(step, f"pull_shop {slug}")).startswith("done") or "busy=True" in said:
            assert said != "broke"
            step += said == "killed"  # the database may take a moment to notice that the one before is dead
            if chance.random() < 0.2:  # the world goes on meanwhile
                office.order_in(SHOPS[slug], ago_seconds=0)
            assert step < MOST_STEPS
    return step


# calls that are cut


@pytest.mark.parametrize("kind", [Kind.CUT_CONNECTION, Kind.LOSE_REPLY])
@pytest.mark.parametrize("slug", list(SHOPS))
def test_a_connection_that_is_cut_at_every_call_in_turn_loses_nothing(
    office: House, chance: random.Random, slug: str, kind: Kind
) -> None:
    office.pull(SHOPS[slug])
    for work in (partial(jobs.pull_shop, slug), partial(completeness.prove_now, office.hub, slug, YESTERDAY)):
        number = 1
        while cut_at(office, chance, slug, number=number, kind=kind, work=work):
            number += 1
        assert number > 2, "the lists at least"
    assert completeness.prove_now(office.hub, slug, YESTERDAY).state == "green"
    assert_nothing_lost(office)


def cut_at(
    office: House, chance: random.Random, slug: str, *, number: int, kind: Kind, work: Callable[[], object]
) -> bool:
    """Whether `work` came to its call of this number, which was cut. Each time there is something new to read, and
    something of yesterday that no list of changes shows."""
    seconds = chance.randint(120, 20 * 3600)  # an order is made up to 90 s before it is paid: on that same day
    yesterday = day_start(YESTERDAY) + timedelta(seconds=seconds)
    office.order_in(SHOPS[slug], ago_seconds=0)
    office.order_in(SHOPS[slug], ago_seconds=(office.hub.now() - yesterday).total_seconds())
    office.move(minutes=61)  # the clock is measured once an hour
    faults = Every(kind, lambda call: call == number)
    office.state.faults = faults
    work()
    office.state.faults = Faults()

    return faults.calls >= number and number < MOST_CUTS


# everything at once


@dataclass
class Servers:
    """PostgreSQL and Valkey of one test alone, which may be restarted under those who use them."""

    var: Path
    postgres: embedded.Server = field(init=False)
    redis: embedded.Server = field(init=False)

    def __post_init__(self) -> None:
        self.postgres, self.redis = embedded.postgres(self.var), embedded.redis(self.var)

    def restart_postgres(self) -> None:
        self.postgres.end()
        self.postgres = embedded.postgres(self.var)

    def restart_redis(self) -> None:
        self.redis.end()
        self.redis = embedded.redis(self.var)


@pytest.fixture
def fragile(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Ground, Servers]]:
    with tempfile.TemporaryDirectory(prefix="hub-chaos-") as folder:
        servers = Servers(Path(folder))
        engine = make_engine(servers.postgres.url)
        upgrade(engine)
        urls = (servers.postgres.url, servers.redis.url)
        yield Ground(urls, engine, make_sessions(engine, make_vault(settings.security)), monkeypatch), servers
        engine.dispose()
        servers.postgres.end()
        servers.redis.end()


CALAMITIES = (
    Kind.CUT_CONNECTION, Kind.HTTP_500, Kind.NOT_JSON, Kind.THROTTLE, Kind.EXPIRE_TOKEN, Kind.LOSE_REPLY, Kind.SHIFT,
)  # fmt: skip


class Calamities(Faults):
    """Whatever can happen to a call, each with its own small chance, `sure` for sure; at one call a server restarts."""

    def __init__(self, chance: random.Random, sure: Kind, restart: Callable[[], None]) -> None:
        super().__init__()
        self.chance, self.sure, self.restart = chance, {sure}, restart
        self.calls, self.restart_at, self.happened = 0, chance.randint(1, 12), list[str]()

    def take(self, platform: str, method: str, kinds: Collection[Kind] = tuple(Kind)) -> Fault | None:
        self.calls += 1
        if self.calls == self.restart_at:
            self.happened.append(self.restart.__name__)
            self.restart()
        possible = sorted(set(CALAMITIES).intersection(kinds))
        due = sorted(self.sure.intersection(kinds))
        if not possible or (not due and self.chance.random() > 0.12):
            return None
        kind = due[0] if due else self.chance.choice(possible)
        self.sure.discard(kind)
        self.happened.append(kind.value)
        return Fault(kind, seconds=self.chance.randint(1, 90))


def test_everything_at_once_ends_with_exactly_the_platforms_orders(
    fragile: tuple[Ground, Servers], chance: random.Random, tmp_path: Path
) -> None:
    ground, servers = fragile
    with open_house(ground, online=False, pull={"first_hours": 4}, shops=shops()) as office:
        fill(office, chance, 60, SHOPS.values())
        shipped = ship_some(office, chance)
        meddler, quiet = Meddler(office, chance), office.world.note_call
        office.world.note_call = meddler  # type: ignore[method-assign]
        happened: list[str] = []
        with mortal(office, tmp_path) as die:
            for number in range(ROUNDS):
                restart = (servers.restart_postgres, servers.restart_redis)[number % 2]
                storm = Calamities(chance, CALAMITIES[number % len(CALAMITIES)], restart)
                happened += weather(office, storm, die)
        print(f"{len(happened)} calamities: {Counter(happened)}")
        assert {*map(str, CALAMITIES), "restart_postgres", "restart_redis", "killed"} <= set(happened)
        office.world.note_call = quiet  # type: ignore[method-assign]
        recover(office)
        assert_nothing_lost(office)
        assert_told_once(office, shipped)


def ship_some(office: House, chance: random.Random) -> dict[str, str]:
    """Orders that left the house while their platforms answer nothing: number → waybill, owed to the platform."""
    waybills = {}
    for platform in TOLD:
        order = office.arrived(platform)
        office.ask("xiaoli", f"审核 {order.tag}")
        office.ask("laowang", f"配货 {order.tag}")
        office.state.faults = Every(Kind.CUT_CONNECTION, lambda _: True)
        waybills[order.external_id] = f"SF{chance.randint(10**12, 10**13 - 1)}"
        office.ask("laowang", f"发货 {order.tag} 顺丰 {waybills[order.external_id]}")
        office.state.faults = Faults()
    return waybills


def weather(office: House, storm: Calamities, die: Die) -> list[str]:
    """One round: every shop pulled, everything due looked at and told, with calamities; what happened."""
    chance, happened = storm.chance, list[str]()
    office.state.faults = storm
    jobs_of_round: list[Callable[[], object]] = [partial(jobs.pull_shop, slug) for slug in SHOPS]
    jobs_of_round += [jobs.look, jobs.write_back, partial(completeness.tend_shop, chance.choice(list(SHOPS)))]
    jobs_of_round.append(partial(completeness.prove_now, office.hub, chance.choice(list(SHOPS)), YESTERDAY))
    chance.shuffle(jobs_of_round)
    for job in jobs_of_round:
        try:
            job()
        except BROKEN as error:
            happened.append(type(error).__name__)
    if die(chance.randint(1, 60), f"pull_shop {chance.choice(list(SHOPS))}") == "killed":
        happened.append("killed")
    office.state.faults = Faults()
    eventually(partial(resumed, office), "no shop can be resumed")
    office.move(minutes=chance.randint(5, 20))
    return happened + storm.happened


def resumed(office: House) -> bool:
    """Somebody renews what has ended."""
    try:
        with office.hub.open_desk() as desk:
            for slug in SHOPS:
                handlers.shops.resume(desk, slug)
    except BROKEN:
        return False
    return True


def recover(office: House) -> None:
    for _ in range(4):
        office.move(minutes=15)
        eventually(partial(looked, office), "it does not recover")


def looked(office: House) -> bool:
    try:
        office.pull()
        jobs.look()
        jobs.write_back()
    except BROKEN:
        return False
    return True


def assert_told_once(office: House, waybills: dict[str, str]) -> None:
    """By us, and only where nobody was quicker: somebody may have shipped or cancelled it on the platform."""
    with office.hub.sessions() as session:
        rows = session.scalars(select(WriteBack)).all()
        assert {row.state for row in rows} <= {"confirmed", "failed", "elsewhere"}, "nothing is owed for ever"
    for number, waybill in waybills.items():
        told = [one for one in office.world.shipments if one.order_id == number]
        order = office.world.find(number)
        assert order is not None
        assert [one.waybill for one in told] in ([], [waybill]), "told twice"
        if order.status.value == "shipped" and order.waybill == waybill:
            assert told, "the platform has it from us"
