from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import psycopg
import pytest
from redis import Redis
from redis.exceptions import ConnectionError as RedisDown

import embedded


def test_redis_starts_keeps_its_data_and_is_shared(tmp_path: Path) -> None:
    first = embedded.redis(tmp_path)
    Redis.from_url(first.url).set("kept", "yes")
    second = embedded.redis(tmp_path)
    second.stop()  # not ours to end
    assert Redis.from_url(first.url).ping()
    first.stop()
    again = embedded.redis(tmp_path)
    try:
        assert Redis.from_url(again.url).get("kept") == b"yes"
    finally:
        again.stop()


def test_a_dead_socket_is_removed(tmp_path: Path) -> None:
    folder = tmp_path / "redis"
    folder.mkdir()
    (folder / "redis.sock").touch()
    server = embedded.redis(tmp_path)
    server.stop()


def test_a_long_path_gets_a_short_socket(tmp_path: Path) -> None:
    deep = tmp_path / ("long" * 20) / ("longer" * 10)
    server = embedded.redis(deep)
    try:
        assert len(server.url) < 110
        assert Redis.from_url(server.url).ping()
    finally:
        server.stop()


def test_a_valkey_that_does_not_start_names_its_log(tmp_path: Path) -> None:
    (tmp_path / "redis").mkdir()
    (tmp_path / "redis" / "appendonlydir").touch()
    with pytest.raises(embedded.CannotStart, match=r"Valkey.*/redis/log"):
        embedded.redis(tmp_path)


def test_a_postgres_that_does_not_start_says_why(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "PG_VERSION").write_text("3\n", encoding="utf-8")
    with pytest.raises(embedded.CannotStart, match="PostgreSQL") as caught:
        embedded.postgres(tmp_path)
    assert "\n" not in str(caught.value)


def test_a_folder_that_cannot_be_made_says_why(tmp_path: Path) -> None:
    (tmp_path / "var").touch()
    with pytest.raises(embedded.CannotStart, match=r"PostgreSQL.*var"):
        embedded.postgres(tmp_path / "var")
    with pytest.raises(embedded.CannotStart, match=r"Valkey.*var"):
        embedded.redis(tmp_path / "var")


def test_postgres_starts_is_shared_and_stops(tmp_path: Path) -> None:
    first = embedded.postgres(tmp_path)
    second = embedded.postgres(tmp_path)
    second.stop()  # not ours to end
    with psycopg.connect(first.url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    first.stop()
    assert not (tmp_path / "postgres" / "postmaster.pid").exists()


def test_what_a_killed_run_left_is_ended(tmp_path: Path) -> None:
    postgres, redis = embedded.postgres(tmp_path), embedded.redis(tmp_path)
    embedded.end_what_is_left(tmp_path)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(postgres.url)
    with pytest.raises(RedisDown):
        Redis.from_url(redis.url).ping()
    redis.stop()
    embedded.end_what_is_left(tmp_path)  # nothing is left


def test_a_number_that_is_another_programs_by_now_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "postmaster.pid").write_text(f"{os.getpid()}\n", encoding="utf-8")
    embedded.end_what_is_left(tmp_path)  # else a KeyboardInterrupt


def test_a_server_is_deaf_to_no_signal_that_waited_while_it_started(tmp_path: Path) -> None:
    server = embedded.postgres(tmp_path)
    assert signal.pthread_sigmask(signal.SIG_BLOCK, []) == set()
    pid = int((tmp_path / "postgres" / "postmaster.pid").read_text(encoding="utf-8").split("\n")[0])
    os.kill(pid, signal.SIGINT)
    for _ in range(400):
        if not (tmp_path / "postgres" / "postmaster.pid").exists():
            return
        time.sleep(0.025)
    server.stop()
    pytest.fail("PostgreSQL did not end")
