"""A marketplace that needs no network: `ingest.engine.pull` reads it as it reads the real ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from bench import orders
from bench.harness import NOW, stopwatch
from config import Pull
from handlers import watch
from handlers.desk import Desk
from ingest.canonical import read_json
from ingest.engine import pull
from ingest.snapshot import OrderSnapshot
from ingest.source import Record, Windows
from ingest.taobao.parse import parse
from wire import Hub

PAGE: Final = 100
SHOP: Final = 1  # the row id of the first shop of the settings, which is on Taobao


class Pages:
    """Taobao's answers, as bytes, page by page. It decodes and parses like the client of the real platform."""

    platform = "taobao"
    api = "bench"
    windows = Windows(span=timedelta(days=2), overlap=timedelta(minutes=2), lag=timedelta(0))

    def __init__(self, bodies: Sequence[bytes]) -> None:
        self._bodies = bodies

    def measure_clock(self) -> float:
        return 0.0

    def records(self, start: datetime, end: datetime) -> Iterator[list[Record]]:
        for page in orders.chunks(self._bodies, PAGE):
            read = [read_json(body) for body in page]
            yield [Record(str(body["tid"]), body) for body in read]

    def parse(self, record: Record) -> OrderSnapshot:
        return parse(record)

    def detail(self, record: Record) -> Record:
        return record

    def refresh_session(self) -> bool:
        return False

    def ship(self, shipment: object) -> str:
        raise NotImplementedError


class Days(Pages):
    """The same for a back-fill: `each` orders were created on every day, and no page stands ready before it is asked
    for. `heard` hears how many there were so far."""

    needs, sweep_every, told = (), None, True
    windows = Windows(span=timedelta(days=1), overlap=timedelta(minutes=2), lag=timedelta(0))

    def __init__(self, each: int, heard: Callable[[int], None]) -> None:
        super().__init__(())
        self._each, self._heard, self._so_far = each, heard, 0

    def __call__(self, *_settings: object) -> Days:
        """It stands in the register of marketplaces, where factories do."""
        return self

    def created(self, _start: datetime, _end: datetime) -> Iterator[list[Record]]:
        self._heard(self._so_far)
        until = self._so_far + self._each
        while self._so_far < until:
            numbers = range(self._so_far, min(self._so_far + PAGE, until))
            self._bodies = [orders.canonical(orders.varied(number)) for number in numbers]
            yield from self.records(_start, _end)
            self._so_far = numbers.stop


def watcher(hub: Hub) -> Callable[[Session, Sequence[int]], None]:
    """All rules, cases and owed messages, as jobs.pull_shop has it done."""

    def run(session: Session, ids: Sequence[int]) -> None:
        watch.arrived(Desk(session=session, now=NOW, settings=hub.settings), ids)

    return run


def _never(_session: Session, shop_id: int) -> None:
    raise AssertionError(f"shop {shop_id} stopped")


def read(hub: Hub, bodies: Sequence[bytes], watch: Callable[[Session, Sequence[int]], None]) -> float:
    """Seconds that one pull of these records takes. Raises AssertionError where one of them was not taken."""
    with hub.sessions() as session:
        session.execute(text("DELETE FROM cursors"))
        session.commit()
    with stopwatch() as taken:
        report = pull(hub.sessions, SHOP, Pages(bodies), Pull(), now=lambda: NOW, watch=watch, stopped=_never)
    assert report.new + report.changed + report.unchanged == len(bodies), report
    return taken[0]
