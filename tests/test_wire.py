from __future__ import annotations

import json
import logging
import re
import runpy
import socket
import threading
import time
import types
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
import structlog
import structlog.testing
from redis import Redis
from sqlalchemy import select, text
from sqlalchemy.orm import Session, sessionmaker

import app
import embedded
import wire
from config import ConfigError, Settings
from handlers.desk import Job
from models import Lease
from tests.bot.test_callbacks import Hand, words
from wire import Clock, Hub, make_hub, make_vault


class TimeGateway(BaseHTTPRequestHandler):
    answer = json.dumps({"now": datetime(2030, 1, 1, tzinfo=UTC).timestamp()}).encode()

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.answer)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def gateway() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), TimeGateway)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/time"
    server.shutdown()
    server.server_close()
    thread.join()


def test_the_moment_is_the_machines_where_no_gateway_is_named() -> None:
    assert abs(Clock("").now() - datetime.now(UTC)) < timedelta(seconds=5)


def test_the_moment_comes_from_the_time_gateway(gateway: str) -> None:
    assert Clock(gateway).now().year == 2030


def test_a_silent_time_gateway_leaves_the_last_offset(gateway: str) -> None:
    clock = Clock(gateway)
    clock.now()
    clock._gateway, clock._looked_at = "http://127.0.0.1:1/time", float("-inf")
    assert clock.now().year == 2030


def look_again(clock: Clock, seconds: float) -> None:
    """As if it had looked `seconds` ago."""
    clock._looked_at -= seconds
    if clock._silent_since is not None:
        clock._silent_since -= seconds
    clock.now()


def test_a_time_gateway_that_is_only_starting_is_not_warned_of() -> None:
    clock = Clock("http://127.0.0.1:1/time")
    with structlog.testing.capture_logs() as said:
        clock.now()
        look_again(clock, 2)
        assert said == []
        look_again(clock, 40)
        look_again(clock, 2)
    assert [line["event"] for line in said] == ["time_gateway_silent"], "once, when it stays silent"


def test_a_time_gateway_that_stops_answering_is_warned_of_at_once(gateway: str) -> None:
    clock = Clock(gateway)
    clock.now()
    clock._gateway = "http://127.0.0.1:1/time"
    with structlog.testing.capture_logs() as said:
        look_again(clock, 2)
        look_again(clock, 2)
        clock._gateway = gateway
        look_again(clock, 2)
        clock._gateway = "http://127.0.0.1:1/time"
        look_again(clock, 2)
    assert len(said) == 2, "once for each silence"


@pytest.fixture
def hub(settings: Settings, engine: object, sessions: sessionmaker[Session], redis: Redis) -> Hub:
    return Hub(settings, engine, sessions, redis, Clock(""), remember)  # type: ignore[arg-type]


queued: list[tuple[Job, tuple[object, ...]]] = []


def remember(hub: Hub, job: Job, arguments: tuple[object, ...]) -> None:
    queued.append((job, arguments))


def test_a_desk_commits_and_then_queues_what_was_asked_for(hub: Hub) -> None:
    queued.clear()
    with hub.open_desk() as desk:
        desk.session.add(Lease(name="x", owner="y", until=desk.now))
        desk.ask_later(Job.DELIVER)
        desk.ask_later(Job.DELIVER)
        assert queued == []
    assert queued == [(Job.DELIVER, ())]
    with hub.sessions() as session:
        assert session.scalars(select(Lease.owner)).one() == "y"


def test_a_desk_that_fails_leaves_nothing_and_asks_for_nothing(hub: Hub) -> None:
    queued.clear()

    def fail() -> None:
        with hub.open_desk() as desk:
            desk.session.add(Lease(name="x", owner="y", until=desk.now))
            desk.ask_later(Job.DELIVER)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert queued == []
    with hub.sessions() as session:
        assert session.scalars(select(Lease)).all() == []


def test_a_hub_uses_outside_servers_where_they_are_named(settings: Settings, servers: tuple[str, str]) -> None:
    outside = settings.model_copy(update={"database_url": servers[0], "redis_url": servers[1]})
    hub = make_hub(outside, remember)
    with hub.engine.connect() as connection:
        assert connection.execute(text("SHOW timezone")).scalar_one() == "UTC"
    assert hub.redis.ping()
    hub.engine.dispose()


@pytest.fixture
def web(settings: Settings, servers: tuple[str, str]) -> Iterator[Hub]:
    """The hub as the web door makes it."""
    outside = settings.model_copy(update={"database_url": servers[0], "redis_url": servers[1]})
    hub = make_hub(outside, remember, wire.WEB)
    yield hub
    hub.engine.dispose()


def test_a_callback_that_finds_no_connection_is_refused_in_time(web: Hub) -> None:
    hand = Hand(app.create_app(web).test_client(), web.settings, web.now())
    with ExitStack() as stack:
        for _ in range(wire.WEB.connections):
            stack.enter_context(web.engine.connect())
        started = time.monotonic()
        answer = hand.post(words())
    assert answer.status_code == 503
    assert time.monotonic() - started < 2, "the platform asks again after that"


def test_the_web_door_does_not_wait_for_a_redis_that_hangs(settings: Settings, servers: tuple[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"redis://127.0.0.1:{silent.getsockname()[1]}"
        hub = make_hub(settings.model_copy(update={"database_url": servers[0], "redis_url": url}), remember, wire.WEB)
        started = time.monotonic()
        wire.enqueue(hub, Job.DELIVER, ())
        assert time.monotonic() - started < 1


def test_a_database_out_of_reach_is_given_up_soon(web: Hub) -> None:
    with web.engine.connect() as connection:
        assert connection.connection.driver_connection.info.get_parameters()["connect_timeout"] == "2"  # type: ignore[union-attr]


def test_all_processes_together_fit_into_one_postgres() -> None:
    procfile = (Path(wire.__file__).parent / "Procfile").read_text(encoding="utf-8")
    doors = set(re.findall(r"^(\w+):", procfile, re.MULTILINE)) - {"web", "sandbox"}
    workers = 2  # gunicorn.conf.py
    assert workers * wire.WEB.connections + len(doors) * wire.BACKGROUND.connections <= 97  # 3 are for the superuser


def test_a_platform_that_nobody_has_written_is_refused_at_the_start(settings: Settings) -> None:
    shop = settings.shops[1].model_copy(update={"platform": "taoboa"})
    wrong = settings.model_copy(update={"shops": (settings.shops[0], shop)})
    with pytest.raises(
        ConfigError, match=r'^第 2 个 \[\[shops\]\] 的 platform = "taoboa"：应为 taobao、jd、pdd、.+ 中的一个$'
    ):
        make_hub(wrong, remember)


def test_a_wrong_hub_toml_ends_a_door_with_a_plain_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HUB_CONFIG", str(tmp_path / "hub.toml"))
    wire.hub.cache_clear()
    with pytest.raises(SystemExit) as ended:
        wire.hub()
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert "hub.example.toml" in said
    assert "Traceback" not in said


def test_gunicorn_stops_where_its_workers_cannot_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_CONFIG", str(tmp_path / "hub.toml"))
    wire.hub.cache_clear()
    conf = runpy.run_path(str(Path(wire.__file__).parent / "gunicorn.conf.py"))
    with pytest.raises(SystemExit) as ended:
        conf["post_fork"](types.SimpleNamespace(WORKER_BOOT_ERROR=3), None)
    assert ended.value.code == 3, "with any other code a new worker would follow, for ever"


def test_a_hub_starts_embedded_servers_where_none_are_named(settings: Settings, tmp_path: Path) -> None:
    inside = settings.model_copy(update={"hub": settings.hub.model_copy(update={"var": str(tmp_path)})})
    hub = make_hub(inside, remember)
    try:
        assert hub.redis.ping()
        with hub.engine.connect() as connection:
            assert connection.execute(text("SELECT 1")).scalar_one() == 1
    finally:
        hub.engine.dispose()
        hub.redis.shutdown(nosave=True)
        embedded.postgres(tmp_path).end()


def test_the_vault_is_made_of_the_configured_keys(settings: Settings) -> None:
    vault = make_vault(settings.security)
    assert vault.open(vault.seal(b"x", b"y"), b"y") == b"x"


def test_logs_are_json_lines(capsys: pytest.CaptureFixture[str]) -> None:
    wire.set_up_logs("INFO")
    assert logging.getLogger("websockets").level == logging.WARNING, "at DEBUG it logs whole frames"
    structlog.get_logger().info("pulled", shop="青禾")
    structlog.get_logger().debug("hidden")
    line = json.loads(capsys.readouterr().err.strip().splitlines()[-1])
    assert (line["event"], line["shop"]) == ("pulled", "青禾")
    logging.basicConfig(force=True)
    structlog.reset_defaults()
