"""What every subject needs: embedded servers in a temporary folder, scratch databases, alternating pairs, the table."""

from __future__ import annotations

import gc
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from unicodedata import east_asian_width

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session, sessionmaker

import embedded
import handlers.shops
import handlers.staffing
import handlers.stock
from config import Settings, Time, load
from models.schema import upgrade
from models.session import make_engine, make_sessions
from models.vault import Vault
from wire import Hub, TakesJobs, make_hub, make_vault

ROOT: Final = Path(__file__).resolve().parent.parent
NOW: Final = datetime(2025, 12, 22, 2, 0, tzinfo=UTC)  # Monday, 10:00 in Beijing


@dataclass(frozen=True)
class Figure:
    """One line of the table. `values` are the ratios of the pairs, or plain values where the bar is an absolute."""

    bar: int
    what: str
    ours: str
    yardstick: str
    values: Sequence[float]
    limit: float
    at_least: bool
    unit: str = "×"

    @property
    def middle(self) -> float:
        return statistics.median(self.values)

    @property
    def met(self) -> bool:
        return self.middle >= self.limit if self.at_least else self.middle <= self.limit

    def cells(self) -> tuple[str, ...]:
        spread = f" ({_number(min(self.values))}–{_number(max(self.values))})" if len(self.values) > 1 else ""
        wanted = f"{'≥' if self.at_least else '≤'} {self.limit:g} {self.unit}"
        return (
            str(self.bar), self.what, self.ours, self.yardstick, f"{_number(self.middle)} {self.unit}{spread}",
            wanted, "met" if self.met else "MISSED",
        )  # fmt: skip


HEADS: Final = ("bar", "what", "ours", "yardstick", "measured", "wanted", "")


def table(figures: Sequence[Figure]) -> str:
    """A markdown table that also lines up on a terminal."""
    rows = [HEADS, *(figure.cells() for figure in figures)]
    widths = [max(_width(row[column]) for row in rows) for column in range(len(HEADS))]
    lines = ["| " + " | ".join(_padded(cell, width) for cell, width in zip(row, widths, strict=True)) + " |"
             for row in rows]  # fmt: skip
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def _width(cell: str) -> int:
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in cell)


def _padded(cell: str, width: int) -> str:
    return cell + " " * (width - _width(cell))


def _number(value: float) -> str:
    if value >= 100:
        return f"{value:.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def per_second(count: int, seconds: Sequence[float]) -> str:
    """A speed as people read it: three digits, the median of several runs."""
    return f"{float(f'{count / statistics.median(seconds):.3g}'):,.0f}/s"


def milliseconds(seconds: Sequence[float]) -> str:
    return f"{_number(statistics.median(seconds) * 1000)} ms"


@dataclass(frozen=True)
class Pairs:
    """Seconds of both sides, pair by pair."""

    ours: list[float]
    theirs: list[float]

    @property
    def slower(self) -> list[float]:
        """Ours over theirs, for bars on time."""
        return [mine / other for mine, other in zip(self.ours, self.theirs, strict=True)]

    @property
    def faster(self) -> list[float]:
        """Theirs over ours, for bars on speed."""
        return [other / mine for mine, other in zip(self.ours, self.theirs, strict=True)]


Run = Callable[[], float]
"""Does the work once and returns the seconds that count, so that it can prepare and clean up outside of them."""


def pairs(ours: Run, theirs: Run, times: int = 5) -> Pairs:
    """Alternate, changing who goes first: a neighbour's load then falls on both alike."""
    seconds: dict[Run, list[float]] = {ours: [], theirs: []}
    for turn in range(times):
        for run in (ours, theirs) if turn % 2 else (theirs, ours):
            gc.collect()
            seconds[run].append(run())
    return Pairs(seconds[ours], seconds[theirs])


@contextmanager
def stopwatch() -> Iterator[list[float]]:
    """`with stopwatch() as taken: …`, then `taken[0]` is seconds."""
    taken: list[float] = []
    started = time.perf_counter()
    yield taken
    taken.append(time.perf_counter() - started)


def settings() -> Settings:
    """The demo's hub (three shops, four people, all channels) with this machine's clock, the bot by callback."""
    demo = load(ROOT / "hub.demo.toml")
    assert demo.bot is not None
    bot = demo.bot.model_copy(update={"mode": "callback"})
    return demo.model_copy(update={"time": Time(), "bot": bot})


def hub_on(database_url: str, redis_url: str, queue: TakesJobs = lambda *_: None, **changes: object) -> Hub:
    """A hub whose settings differ from `settings()` by `changes`."""
    urls = {"database_url": database_url, "redis_url": redis_url}
    return make_hub(settings().model_copy(update={**urls, **changes}), queue)


@dataclass
class Bench:
    """Servers of this run, started when first asked for, stopped and removed at the end."""

    quick: bool
    folder: Path
    full: bool = False
    _servers: dict[str, embedded.Server] = field(default_factory=dict)
    _engines: dict[str, Engine] = field(default_factory=dict)

    @property
    def vault(self) -> Vault:
        return make_vault(settings().security)

    @property
    def million(self) -> int:
        return 100_000 if self.quick else 1_000_000

    @property
    def postgres_url(self) -> str:
        return self._server("postgres", embedded.postgres).url

    @property
    def redis_url(self) -> str:
        return self._server("redis", embedded.redis).url

    def url(self, database: str) -> str:
        return self.engine(database).url.set(drivername="postgresql").render_as_string(hide_password=False)

    def engine(self, database: str) -> Engine:
        """An engine on `database` of this run, made and migrated when first asked for."""
        if database not in self._engines:
            server = make_engine(self.postgres_url)
            with server.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text(f"CREATE DATABASE {database}"))
            url = server.url.set(database=database).render_as_string(hide_password=False)
            server.dispose()
            self._engines[database] = make_engine(url, pool_size=20)
            upgrade(self._engines[database])
        return self._engines[database]

    def sessions(self, database: str) -> sessionmaker[Session]:
        return make_sessions(self.engine(database), self.vault)

    @property
    def back_fill(self) -> int:
        return 1_000_000 if self.full else 30_000 if self.quick else 100_000

    def has(self, database: str) -> bool:
        return database in self._engines

    def hub(self, database: str, queue: TakesJobs = lambda *_: None, **changes: object) -> Hub:
        """What a door has in hand, on `database`, with the shops, people and stock of the settings in it."""
        hub = hub_on(self.url(database), self.redis_url, queue, **changes)
        with hub.open_desk() as desk:
            handlers.shops.sync_shops(desk)
            handlers.staffing.seed(desk)
            handlers.stock.seed_stock(desk)
        return hub

    def drop(self, database: str) -> None:
        """Gives a big database's disk back before the end."""
        self._engines.pop(database).dispose()
        server = make_engine(self.postgres_url)
        with server.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text(f"DROP DATABASE {database} WITH (FORCE)"))
        server.dispose()

    def stop(self) -> None:
        for engine in self._engines.values():
            engine.dispose()
        for server in reversed(self._servers.values()):
            server.stop()

    def _server(self, name: str, start: Callable[[Path], embedded.Server]) -> embedded.Server:
        if name not in self._servers:
            self._servers[name] = start(self.folder)
        return self._servers[name]


@contextmanager
def opened(*, quick: bool, full: bool = False) -> Iterator[Bench]:
    gc.freeze()  # as a worker does before its first job
    folder = Path(tempfile.mkdtemp(prefix="hub-bench-"))
    bench = Bench(quick, folder, full)
    try:
        yield bench
    finally:
        bench.stop()
        shutil.rmtree(folder, ignore_errors=True)


def autocommitted(engine: Engine, *statements: str) -> None:
    """Statements that must not stand in a transaction: VACUUM, ALTER SYSTEM …"""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def count(engine: Engine, query: str, **values: Any) -> int:
    with engine.connect() as connection:
        return int(connection.execute(text(query), values).scalar_one())
