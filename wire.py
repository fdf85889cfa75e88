"""Joins settings, database, Redis and the clock for the doors (app, jobs, clock, stream). Made once per process."""

from __future__ import annotations

import base64
import functools
import logging
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, Protocol

import requests
import structlog
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import Queue
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session, sessionmaker

import embedded
from complaint import named, shown
from config import ConfigError, Security, Settings, load
from handlers.desk import Desk, Job, OpenDesk
from ingest import MARKETPLACES
from ingest.courier import TRACKERS
from ingest.erp import ERPS
from models.session import make_engine, make_sessions
from models.vault import Vault

log = structlog.get_logger()
WAKE: Final = "hub:owed"  # pub/sub channel by which the stream door hears that something is owed
_LOOK_EVERY: Final = 1.0  # seconds between two looks at a time gateway
_SILENCE: Final = 30.0  # seconds that one may need to start
_ASKED: Final = "hub:asked:{}"
_QUICK: Final = text("SELECT set_config('statement_timeout', '1200ms', true)")
_FUNCTIONS: Final = {
    Job.PULL_SHOP: "jobs.pull_shop",
    Job.DELIVER: "jobs.deliver",
    Job.WRITE_BACK: "jobs.write_back",
    Job.READ_RECEIVED: "jobs.read_received",
    Job.BACKFILL: "workers.completeness.backfill",
    Job.PROVE: "workers.completeness.prove",
    Job.TEND_SHOP: "workers.completeness.tend_shop",
    Job.READ_PUSHED: "workers.pushed.read_pushed",
    Job.READ_ERP: "workers.supply.read_erp",
    Job.TRACK_PARCELS: "workers.supply.track_parcels",
    Job.RUN_BATCH: "workers.batches.run_batch",
    Job.TRY_RULE: "workers.rulebook.try_rule",
    Job.READ_TEMPLATES: "workers.customers.read_templates",
    Job.BIND_CODE: "workers.customers.bind_code",
    Job.READ_KF: "workers.customers.read_kf",
}
_QUEUES: Final = {
    Job.PULL_SHOP: "pull",
    Job.DELIVER: "urgent",
    Job.WRITE_BACK: "urgent",
    Job.READ_RECEIVED: "pull",
    Job.BACKFILL: "pull",
    Job.PROVE: "pull",
    Job.TEND_SHOP: "pull",
    Job.READ_PUSHED: "pull",
    Job.READ_ERP: "pull",
    Job.TRACK_PARCELS: "pull",
    Job.RUN_BATCH: "urgent",
    Job.TRY_RULE: "urgent",
    Job.READ_TEMPLATES: "urgent",
    Job.BIND_CODE: "urgent",
    Job.READ_KF: "urgent",
}


@dataclass(frozen=True, eq=False)
class Pace:
    """How many connections a process may hold, and how long it waits: for one of them, for a new one, for Redis, and
    for a lock (0: for ever)."""

    kept: int
    more: int
    wait_seconds: float
    connect_seconds: int
    redis: Mapping[str, Any]
    lock_ms: int = 0

    @property
    def connections(self) -> int:
        return self.kept + self.more


BACKGROUND: Final = Pace(5, 5, 10, 5, {"socket_timeout": 5, "socket_connect_timeout": 2})
WEB: Final = Pace(  # a callback has two seconds in all; 64 threads share what two workers and the others leave of 100
    25, 0, 1, 2, {"socket_timeout": 0.5, "socket_connect_timeout": 0.5, "retry": Retry(NoBackoff(), 0)}, lock_ms=700
)


class TakesJobs(Protocol):
    """Takes a job that a desk asked for, after its commit (`enqueue`)."""

    def __call__(self, hub: Hub, job: Job, arguments: tuple[object, ...]) -> None: ...


class Clock:
    """The moment: this machine's clock, or the one behind `time.gateway` (the sandbox's clock can be moved)."""

    def __init__(self, gateway: str) -> None:
        self._gateway = gateway
        self._offset = 0.0
        self._looked_at = float("-inf")
        self._answered = False
        self._silent_since: float | None = None
        self._warned = False

    def now(self) -> datetime:
        if self._gateway and time.monotonic() - self._looked_at > _LOOK_EVERY:
            self._look()
        return datetime.now(UTC) + timedelta(seconds=self._offset)

    def _look(self) -> None:
        self._looked_at = time.monotonic()
        try:
            answer = requests.get(self._gateway, timeout=1).json()
            self._offset = float(answer["now"]) - time.time()
        except (requests.RequestException, ValueError, KeyError):
            self._note_silence()  # the last offset stays
        else:
            self._answered, self._silent_since, self._warned = True, None, False

    def _note_silence(self) -> None:
        """Warn once: at once where it has answered before, else when it stays silent. It may be starting beside us."""
        since = self._silent_since = self._looked_at if self._silent_since is None else self._silent_since
        if not self._warned and (self._answered or self._looked_at - since >= _SILENCE):
            log.warning("time_gateway_silent", gateway=self._gateway)
            self._warned = True


@dataclass(frozen=True)
class Hub:
    """What a door has in hand."""

    settings: Settings
    engine: Engine
    sessions: sessionmaker[Session]
    redis: Redis
    clock: Clock
    queue: TakesJobs

    def now(self) -> datetime:
        return self.clock.now()

    @property
    def open_desk(self) -> OpenDesk:
        return self._open_desk

    @contextmanager
    def quick_desk(self) -> Iterator[Desk]:
        """A desk for whoever must have an answer within 2 s: no statement takes longer than it may, else it raises
        OperationalError."""
        with self.open_desk() as desk:
            desk.session.execute(_QUICK)
            yield desk

    @contextmanager
    def _open_desk(self) -> Iterator[Desk]:
        with self.sessions() as session:
            desk = Desk(session=session, now=self.now(), settings=self.settings)
            yield desk
            session.commit()
        for job, arguments in desk.later:
            self.queue(self, job, arguments)


def enqueue(hub: Hub, job: Job, arguments: tuple[object, ...]) -> None:
    """Queue `job` unless the same is queued already. A Redis that is down costs only time: the clock asks again."""
    name = "-".join((job, *map(str, arguments)))
    try:
        if job is Job.DELIVER:
            hub.redis.publish(WAKE, "")
        if hub.redis.set(_ASKED.format(name), 1, nx=True, ex=60):
            Queue(_QUEUES[job], connection=hub.redis).enqueue(
                _FUNCTIONS[job], *arguments, result_ttl=0, failure_ttl=3600, job_timeout=3600
            )
    except RedisError:
        log.warning("queue_unreachable", job=name)


def started(hub: Hub, job: Job, *arguments: object) -> None:
    """A job begins: from here on, what is asked for needs a job of its own."""
    hub.redis.delete(_ASKED.format("-".join((job, *map(str, arguments)))))


def make_vault(security: Security) -> Vault:
    keys = {number: base64.b64decode(key) for number, key in security.data_keys.items()}
    lookup, trail = base64.b64decode(security.lookup_key), base64.b64decode(security.trail_key)
    return Vault(keys, security.data_key_id, lookup, trail)


def set_up_logs(level: str) -> None:
    """JSON lines on standard error; Chinese as it is."""
    logging.basicConfig(stream=sys.stderr, level=level, format="%(message)s")
    for chatty in ("alembic", "apscheduler", "rq", "websockets", "wechatpy", "werkzeug"):  # frames hold what people say
        logging.getLogger(chatty).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def make_hub(settings: Settings, queue: TakesJobs, pace: Pace = BACKGROUND) -> Hub:
    """A hub on the settings' servers; on embedded ones where none is named. Raises ConfigError."""
    _check_platforms(settings)
    var = Path(settings.hub.var)
    database_url = settings.database_url or embedded.postgres(var).url
    redis_url = settings.redis_url or embedded.redis(var).url
    engine = make_engine(
        database_url, pool_size=pace.kept, max_overflow=pace.more,
        wait_seconds=pace.wait_seconds, connect_seconds=pace.connect_seconds, lock_ms=pace.lock_ms,
    )  # fmt: skip
    sessions = make_sessions(engine, make_vault(settings.security))
    redis = Redis.from_url(redis_url, **pace.redis)
    return Hub(settings, engine, sessions, redis, Clock(settings.time.gateway), queue)


def _check_platforms(settings: Settings) -> None:
    for number, shop in enumerate(settings.shops):
        if shop.platform not in MARKETPLACES:
            where, known = named(("shops", number, "platform")), "、".join(MARKETPLACES)
            raise ConfigError(f"{where} = {shown(shop.platform)}：应为 {known} 中的一个")
        for key in MARKETPLACES[shop.platform].needs:
            if not getattr(shop, key):
                where = named(("shops", number, key))
                raise ConfigError(f'{where}：没有写，platform = "{shop.platform}" 时必须有')
    _check_suppliers(settings)


def _check_suppliers(settings: Settings) -> None:
    """ERPs and the courier interface: known ones, with their keys, and shops that there are."""
    slugs = {shop.slug for shop in settings.shops}
    for number, erp in enumerate(settings.erp):
        if erp.kind not in ERPS:
            raise ConfigError(f"{named(('erp', number, 'kind'))} = {shown(erp.kind)}：应为 {'、'.join(ERPS)} 中的一个")
        for key in ERPS[erp.kind].needs:
            if not getattr(erp, key):
                raise ConfigError(f'{named(("erp", number, key))}：没有写，kind = "{erp.kind}" 时必须有')
        for slug in erp.shops:
            if slug not in slugs:
                where = named(("erp", number, "shops"))
                raise ConfigError(f"{where} = {shown(slug)}：没有这个店铺，应为 [[shops]] 里的 slug")
        if erp.slug in slugs:
            raise ConfigError(f"{named(('erp', number, 'slug'))} = {shown(erp.slug)}：和店铺重名了，请换一个")
    if settings.courier is not None and settings.courier.kind not in TRACKERS:
        where, known = named(("courier", "kind")), "、".join(TRACKERS)
        raise ConfigError(f"{where} = {shown(settings.courier.kind)}：应为 {known} 中的一个")


@functools.cache
def hub(pace: Pace = BACKGROUND) -> Hub:
    """This process's hub, from `hub.toml`. A wrong one ends the process, with a plain text instead of a traceback."""
    try:
        settings = load()
        set_up_logs(settings.hub.log_level)
        return make_hub(settings, enqueue, pace)
    except ConfigError as error:
        sys.stderr.write(f"配置有误，未启动：\n{error}\n")
        raise SystemExit(2) from None
