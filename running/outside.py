"""Outside servers (`DATABASE_URL`, `REDIS_URL`), looked at before the start: do they answer, are they empty?

What is said of them holds no password: neither the address as given nor the driver's own words are shown.
"""

from __future__ import annotations

from typing import Final

import psycopg
from redis import Redis
from redis.exceptions import RedisError

from config import ConfigError

_WAIT_SECONDS: Final = 5
_REASONS: Final = (  # a part of the driver's words → what to tell a person
    ("refused", "那里没有服务器在运行"),
    ("authentication", "用户名或密码不对"),
    ("password", "用户名或密码不对"),
    ("does not exist", "没有这个库或用户"),
    ("name resolution", "找不到这台主机"),
    ("not known", "找不到这台主机"),
    ("timeout", "没有应答"),
    ("timed out", "没有应答"),
    ("No such file", "那里没有服务器在运行"),
)


def place(url: str) -> str:
    """Where a server is, without user, password and options."""
    return url.partition("//")[2].rpartition("@")[2].partition("?")[0]


def look_at_database(url: str, *, wanted_empty: bool) -> None:
    """Raises ConfigError where no PostgreSQL answers, or where one has orders that a demo would mix with its own."""
    try:
        with psycopg.connect(_for_libpq(url), connect_timeout=_WAIT_SECONDS) as connection:
            table = connection.execute("SELECT to_regclass('orders')").fetchone()
            used = table != (None,) and connection.execute("SELECT 1 FROM orders LIMIT 1").fetchone() is not None
    except psycopg.Error as error:
        raise ConfigError(
            f"DATABASE_URL：用不了数据库 {place(url)}{_reason(error)}。请确认服务器在运行、地址和密码正确、库已建好；"
            "或去掉 DATABASE_URL，用自带的数据库。"
        ) from None
    if used and wanted_empty:
        raise ConfigError(
            f"DATABASE_URL：数据库 {place(url)} 里已有订单。演示每次从头开始，但不会清空别人的数据库："
            "请换一个空库，或去掉 DATABASE_URL，用自带的数据库。"
        )


def look_at_redis(url: str, *, wanted_empty: bool) -> None:
    """Raises ConfigError where no Redis answers, or where one holds what a demo would stumble over."""
    try:
        with Redis.from_url(url, socket_timeout=_WAIT_SECONDS, socket_connect_timeout=_WAIT_SECONDS) as client:
            used = bool(client.dbsize())
    except (RedisError, OSError, ValueError) as error:
        raise ConfigError(
            f"REDIS_URL：用不了 Redis {place(url)}{_reason(error)}。请确认服务器在运行、地址和密码正确；"
            "或去掉 REDIS_URL，用自带的 Redis。"
        ) from None
    if used and wanted_empty:
        raise ConfigError(
            f"REDIS_URL：Redis {place(url)} 里已有内容。演示每次从头开始，但不会清空别人的 Redis："
            "请换一个空的库号（地址末尾的数字），或去掉 REDIS_URL，用自带的 Redis。"
        )


def _for_libpq(url: str) -> str:
    return url.replace("postgresql+psycopg://", "postgresql://", 1)


def _reason(error: Exception) -> str:
    return next((f"（{said}）" for part, said in _REASONS if part in str(error)), "")
