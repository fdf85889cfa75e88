"""Real PostgreSQL and Redis for every test, started once per run from the embedded wheels (or the ones named by
TEST_DATABASE_URL and TEST_REDIS_URL), migrated to head."""

from __future__ import annotations

import base64
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from redis import Redis
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session, sessionmaker

import embedded
from config import Settings, parse
from handlers.desk import Desk, Job
from models import Base, Vault
from models.schema import upgrade
from models.session import make_engine, make_sessions
from wire import make_vault

KEY = base64.b64encode(bytes(range(32))).decode()
OTHER_KEY = base64.b64encode(bytes(range(1, 33))).decode()


def settings_document() -> dict[str, object]:
    """A small valid hub.toml as a dict; tests change what they are about."""
    return {
        "security": {
            "data_keys": {"1": KEY},
            "data_key_id": 1,
            "lookup_key": OTHER_KEY,
            "trail_key": OTHER_KEY,
            "button_key": OTHER_KEY,
        },
        "shops": [
            shop("tb", "taobao", "TB", "青禾淘宝店"),
            shop("jd", "jd", "JD", "青禾京东店"),
            shop("pdd", "pdd", "PDD", "青禾拼多多店"),
        ],
        "checks": {"many_orders": 0},  # one buyer buys all of a test's orders (factories.py)
        "wecom": {
            "gateway": "http://127.0.0.1:1/qyapi",
            "corpid": "wwdemo00000000001",
            "agentid": 1000042,
            "secret": "app-secret",
            "token": "DemoToken2024",
            "aes_key": "OrderAssistantDemoAesKey0123456789ABCDEFGHI",
        },
        "bot": {
            "mode": "stream",
            "gateway": "ws://127.0.0.1:1/aibot/ws",
            "bot_id": "AIB-DEMO",
            "secret": "bot-secret",
            "name": "订单助手",
            "token": "DemoBotToken2024",
            "aes_key": "OrderAssistantBotAesKeyz0123456789ABCDEFGHI",
            "group": "wrDEMO01",
            "push_group_cards": True,
        },
        "weixin": {
            "gateway": "http://127.0.0.1:1/weixin",
            "appid": "wxdemo0000000001",
            "secret": "oa-secret",
            "token": "DemoWeixinToken",
            "aes_key": "OrderAssistantOaAesKeyzz0123456789ABCDEFGHI",
            "templates": {
                "shipped": {
                    "id": "tmpl-shipped-0001",
                    "keys": {
                        "number": "character_string1",
                        "goods": "thing2",
                        "courier": "thing3",
                        "waybill": "character_string4",
                        "time": "time5",
                    },
                },
                "solved": {
                    "id": "tmpl-solved-0001",
                    "keys": {"number": "character_string1", "result": "phrase2", "time": "time3"},
                },
            },
        },
        "staff": [
            {"name": "小李", "roles": ["service"], "wecom": "xiaoli"},
            {"name": "老王", "roles": ["warehouse"], "wecom": "laowang"},
            {"name": "赵姐", "roles": ["purchasing"], "wecom": "zhaojie"},
            {"name": "陈姐", "roles": ["supervisor"], "wecom": "chenjie"},
        ],
    }


def shop(slug: str, platform: str, prefix: str, name: str) -> dict[str, object]:
    return {
        "slug": slug,
        "platform": platform,
        "prefix": prefix,
        "name": name,
        "gateway": "http://127.0.0.1:1/gateway",
        "app_key": "12345678",
        "app_secret": "shop-secret",
        "token": "shop-token",
    }


@pytest.fixture
def settings() -> Settings:
    return parse(settings_document())


@pytest.fixture
def now() -> datetime:
    """Monday 2025-12-22, 10:00 in Beijing."""
    return datetime(2025, 12, 22, 2, 0, tzinfo=UTC)


@pytest.fixture
def vault(settings: Settings) -> Vault:
    return make_vault(settings.security)


@pytest.fixture(scope="session")
def servers() -> Iterator[tuple[str, str]]:
    """Addresses of PostgreSQL and Redis for this run."""
    outside = os.environ.get("TEST_DATABASE_URL"), os.environ.get("TEST_REDIS_URL")
    if outside[0] and outside[1]:
        yield outside[0], outside[1]
        return
    with tempfile.TemporaryDirectory(prefix="hub-test-") as folder:
        postgres, redis = embedded.postgres(Path(folder)), embedded.redis(Path(folder))
        _hurry(postgres.url)
        yield postgres.url, redis.url
        postgres.stop()
        redis.stop()


def _hurry(database_url: str) -> None:
    """What stands in a test's database need not survive the machine."""
    engine = make_engine(database_url)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for setting in ("fsync = off", "full_page_writes = off", "checkpoint_timeout = '1h'", "jit = off"):
            connection.execute(text(f"ALTER SYSTEM SET {setting}"))
        connection.execute(text("SELECT pg_reload_conf()"))
    engine.dispose()


@pytest.fixture(scope="session")
def engine(servers: tuple[str, str]) -> Iterator[Engine]:
    engine = make_engine(servers[0], pool_size=20)
    upgrade(engine)
    yield engine
    engine.dispose()


# No rollback takes a sequence back: without this a matter's code, or a shop's number, would hang on which tests ran
# before.
_FROM_ONE = text(
    "SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false) FROM pg_sequences "
    "WHERE schemaname = current_schema() AND last_value IS NOT NULL"
)


@pytest.fixture
def session(engine: Engine, vault: Vault) -> Iterator[Session]:
    """A session whose every write, committed or not, is gone after the test."""
    with engine.connect() as connection:
        transaction = connection.begin()
        connection.execute(_FROM_ONE)
        with Session(
            connection, join_transaction_mode="create_savepoint", expire_on_commit=False, info={"vault": vault}
        ) as session:
            yield session
        transaction.rollback()


@pytest.fixture
def sessions(engine: Engine, vault: Vault) -> Iterator[sessionmaker[Session]]:
    """Sessions that really commit; all tables are emptied after the test."""
    with engine.begin() as connection:
        connection.execute(_FROM_ONE)
    yield make_sessions(engine, vault)
    with engine.begin() as connection:
        for statement in _EMPTY:
            connection.execute(text(statement))


_TABLES = [table.name for table in Base.metadata.sorted_tables]
_EMPTY = (
    "SET LOCAL lock_timeout = '10s'",  # a session left open fails its test, not the run
    f"LOCK TABLE {', '.join(_TABLES)} IN ACCESS EXCLUSIVE MODE",
    # A TRUNCATE makes the files of every table, index and sequence anew: 30 ms, and 200 where the disk is busy.
    "; ".join(f"DELETE FROM {name}" for name in [*reversed(_TABLES), "sku_needs"]),  # whose rows follow the others'
)


@pytest.fixture
def redis(servers: tuple[str, str]) -> Iterator[Redis]:
    client = Redis.from_url(servers[1])
    yield client
    client.flushall()
    client.close()


@pytest.fixture
def desk(session: Session, settings: Settings, now: datetime) -> Desk:
    return Desk(session=session, now=now, settings=settings)


@pytest.fixture
def asked() -> list[tuple[Job, tuple[object, ...]]]:
    """What desks of `open_desk` asked for after their commits."""
    return []


@pytest.fixture
def open_desk(
    sessions: sessionmaker[Session], settings: Settings, now: datetime, asked: list[tuple[Job, tuple[object, ...]]]
) -> Callable[[], AbstractContextManager[Desk]]:
    """The committing desk of a door, at the fixed moment `now`."""

    @contextmanager
    def opened() -> Iterator[Desk]:
        with sessions() as session:
            desk = Desk(session=session, now=now, settings=settings)
            yield desk
            session.commit()
        asked.extend(desk.later)

    return opened


SKIPS = Path(__file__).with_name("allowed_skips.txt")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Nothing is skipped silently: a skip that allowed_skips.txt does not name fails the run."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    assert reporter is not None
    lines = [line for line in SKIPS.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    allowed = {line.split("\t")[0] for line in lines}
    silent = [report.nodeid for report in reporter.stats.get("skipped", []) if report.nodeid not in allowed]
    if silent:
        reporter.write_line(f"skipped without a listed reason: {', '.join(silent)}", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
