from __future__ import annotations

import pytest
from redis import Redis
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from config import ConfigError
from running import outside


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:pa/ss@host:5432/orders?password=secret",
        "postgresql://me:p@ss@host:5432/orders",
        "redis://:pa?ss@host:5432/orders",
    ],
)
def test_a_place_is_told_without_the_password(url: str) -> None:
    assert outside.place(url) == "host:5432/orders"


def test_servers_that_answer_are_fine(servers: tuple[str, str]) -> None:
    outside.look_at_database(servers[0].replace("postgresql://", "postgresql+psycopg://"), wanted_empty=False)
    outside.look_at_redis(servers[1], wanted_empty=False)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://me:secret@127.0.0.1:1/orders", "那里没有服务器在运行"),
        ("postgresql://me:secret@127.0.0.1:secret/orders", "用不了数据库"),
    ],
)
def test_a_database_that_cannot_be_used_says_why_and_what_to_do(url: str, said: str) -> None:
    with pytest.raises(ConfigError, match=rf"^DATABASE_URL：.*{said}") as caught:
        outside.look_at_database(url, wanted_empty=True)
    assert "me:secret" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_database_that_is_not_there_is_told_apart(servers: tuple[str, str]) -> None:
    with pytest.raises(ConfigError, match="没有这个库"):
        outside.look_at_database(servers[0].replace("/postgres?", "/nowhere?"), wanted_empty=True)


@pytest.mark.parametrize(
    "url", ["redis://:secret@127.0.0.1:1/0", "redis://:secret@127.0.0.1:port/0", "unix:///no.sock"]
)
def test_a_redis_that_cannot_be_used_says_what_to_do(url: str) -> None:
    with pytest.raises(ConfigError, match=r"^REDIS_URL：用不了 Redis") as caught:
        outside.look_at_redis(url, wanted_empty=True)
    assert "secret" not in str(caught.value)


def test_a_demo_does_not_mix_with_orders_that_are_there(servers: tuple[str, str], engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("CREATE SCHEMA other"))
        connection.execute(text("CREATE TABLE other.orders (id int)"))
    url = servers[0] + "&options=-csearch_path%3Dother"
    try:
        outside.look_at_database(url, wanted_empty=True)
        with engine.begin() as connection:
            connection.execute(text("INSERT INTO other.orders VALUES (1)"))
        outside.look_at_database(url, wanted_empty=False)
        with pytest.raises(ConfigError, match=r"已有订单.*请换一个空库"):
            outside.look_at_database(url, wanted_empty=True)
    finally:
        with engine.begin() as connection:
            connection.execute(text("DROP SCHEMA other CASCADE"))


def test_a_demo_does_not_stumble_over_what_a_redis_remembers(servers: tuple[str, str], redis: Redis) -> None:
    redis.set("seen", 1)
    outside.look_at_redis(servers[1], wanted_empty=False)
    with pytest.raises(ConfigError, match=r"已有内容.*请换一个空的库号"):
        outside.look_at_redis(servers[1], wanted_empty=True)


def test_a_database_without_tables_is_empty(session: Session, servers: tuple[str, str]) -> None:
    outside.look_at_database(servers[0].replace("/postgres?", "/template1?"), wanted_empty=True)
