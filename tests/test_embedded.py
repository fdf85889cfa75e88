from __future__ import annotations

from pathlib import Path

import psycopg
from redis import Redis

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


def test_postgres_starts_is_shared_and_stops(tmp_path: Path) -> None:
    first = embedded.postgres(tmp_path)
    second = embedded.postgres(tmp_path)
    second.stop()  # not ours to end
    with psycopg.connect(first.url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    first.stop()
    assert not (tmp_path / "postgres" / "postmaster.pid").exists()
