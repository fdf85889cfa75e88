from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session, sessionmaker

import models.erp
from config import Erp, Settings
from ingest.breaker import Breaker, Failure
from models import Case, JobRun
from operators.hub import prepare
from wire import Clock, Hub, enqueue
from workers import outages


@pytest.fixture
def hub(settings: Settings, engine: Engine, sessions: sessionmaker[Session], redis: Redis) -> Hub:
    hub = Hub(settings, engine, sessions, redis, Clock(""), enqueue)
    prepare(hub)
    return hub


def states(hub: Hub) -> list[str]:
    with hub.sessions() as session:
        return list(session.scalars(select(Case.state).where(Case.kind == "upstream_down")))


def test_what_the_breakers_know_becomes_a_matter_and_ends(hub: Hub) -> None:
    breaker, now = Breaker(hub.redis, "顺丰接口"), datetime.now(UTC).timestamp()
    for _ in range(5):
        breaker.failed("sf/routes", Failure("A1001", "错误码 A1001"), now)
    outages.tell(hub)
    with hub.sessions() as session:
        reason = session.scalars(select(Case.reason)).one()
    assert reason == "顺丰接口故障：10 分钟内 5 次失败（错误码 A1001，失败率 100%），自动重试中"
    breaker.worked("sf/routes", now)
    outages.tell(hub)
    assert states(hub) == ["solved"]


def test_without_redis_nothing_is_known_and_nothing_ends(hub: Hub) -> None:
    for _ in range(5):
        Breaker(hub.redis, "顺丰接口").failed("sf", Failure("network", "网络超时"), datetime.now(UTC).timestamp())
    outages.tell(hub)
    outages.tell(replace(hub, redis=Redis(host="127.0.0.1", port=1, retry=Retry(NoBackoff(), 0))))
    assert states(hub) == ["open"]


def test_an_erp_that_nobody_reads_is_a_matter_unless_the_hub_was_off(hub: Hub) -> None:
    erp = Erp(slug="jst", kind="jushuitan", name="聚水潭", gateway="http://127.0.0.1:1", app_key="k", app_secret="s")
    here = replace(hub, settings=hub.settings.model_copy(update={"erp": (erp,)}))
    now = datetime.now(UTC)
    with hub.sessions() as session:
        session.add(models.erp.Erp(slug="jst", read_at=now - timedelta(hours=5)))
        session.add(JobRun(job="look", planned_at=now, started_at=now))
        session.commit()
    outages.tell(here)
    assert matters(hub) == []
    with hub.sessions() as session:
        session.add(JobRun(job="look", planned_at=now - timedelta(minutes=40), started_at=now))
        session.commit()
    for _ in range(2):
        outages.tell(here)
    assert matters(hub) == ["聚水潭已 5 小时没有读到：库存和发货状态可能不准，请检查后台任务和 ERP 接口"]


def matters(hub: Hub) -> list[str]:
    with hub.sessions() as session:
        return list(session.scalars(select(Case.reason).where(Case.kind == "erp_stopped")))
