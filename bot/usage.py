"""Keeps in the database what was used of DingTalk's monthly quota (counted in Redis, `bot/channels/dingtalk/quota.py`),
and tells the supervisors in time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import structlog
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import select, text

from bot.channels.dingtalk.quota import NAME, RESERVE, Kind, kept
from config import Settings
from config_chat import DingTalk
from handlers.desk import Desk, OpenDesk
from handlers.owe import note, owe
from handlers.people import staff, with_role
from models import Role, Urgency, Usage
from models.beijing import BEIJING

log = structlog.get_logger()
PLATFORM: Final = "dingtalk"
WARN: Final = 0.8
_MONTH: Final = "month"
_BUSY: Final = f"{NAME}:busy"
_BUSY_SECONDS: Final = 30
_NAMES: Final = {Kind.CALLS: "接口调用", Kind.UNITS: "Webhook 和 Stream"}
_MEASURES: Final = {Kind.CALLS: "次", Kind.UNITS: "条"}
_ADD: Final = text("""
    INSERT INTO usage (platform, month, kind, used)
    SELECT :platform, :month, kind, used FROM unnest(cast(:kinds AS text[]), cast(:used AS int[])) AS added (kind, used)
    ON CONFLICT (platform, month, kind) DO UPDATE SET used = usage.used + excluded.used
    RETURNING kind, used
""")


@dataclass(frozen=True, slots=True)
class Used:
    """How much of one kind, and how much the edition allows."""

    month: str
    kind: Kind
    used: int
    most: int


def keep(open_desk: OpenDesk, redis: Redis, settings: Settings, now: Callable[[], datetime]) -> None:
    """Put what was counted since the last time to the month's total. One process at a time; with Redis away it waits
    for the next time. Whoever dies between the commit and the last line counts something twice, never too little."""
    if settings.dingtalk is None:
        return
    try:
        if not redis.set(_BUSY, 1, nx=True, ex=_BUSY_SECONDS):
            return
        try:
            _keep(open_desk, redis, settings.dingtalk, month_of(now()))
        finally:
            redis.delete(_BUSY)
    except RedisError as error:
        log.warning("usage_not_kept", error=type(error).__name__)


def used(desk: Desk, redis: Redis, months: int = 1) -> list[Used]:
    """The last months with what is counted and not yet kept, newest first. Raises RedisError."""
    settings = desk.settings.dingtalk
    if settings is None:
        return []
    now, fresh = month_of(desk.now), _counted(redis)
    rows = desk.session.scalars(select(Usage).where(Usage.platform == PLATFORM, Usage.month <= now)).all()
    found = {(row.month, row.kind): row.used for row in rows}
    named = sorted({now, *(row.month for row in rows)}, reverse=True)[:months]
    return [
        Used(month, kind, found.get((month, kind.value), 0) + (fresh[kind] if month == now else 0), most)
        for month in named
        for kind, most in _most(settings).items()
    ]


def month_of(moment: datetime) -> str:
    """Beijing's, `2025-12`."""
    return f"{moment.astimezone(BEIJING):%Y-%m}"


def _most(settings: DingTalk) -> dict[Kind, int]:
    return {Kind.CALLS: settings.calls_per_month, Kind.UNITS: settings.stream_per_month}


def _counted(redis: Redis) -> dict[Kind, int]:
    parts = redis.hmget(NAME, [kind.value for kind in Kind])
    return {kind: int(part or 0) for kind, part in zip(Kind, parts, strict=True)}


def _keep(open_desk: OpenDesk, redis: Redis, settings: DingTalk, month: str) -> None:
    fresh = _counted(redis)
    if not any(fresh.values()) and redis.hget(NAME, _MONTH) == month.encode():
        return
    with open_desk() as desk:
        totals = _add(desk, month, fresh)
        _tell(desk, settings, month, (fresh, totals))
    with redis.pipeline() as pipeline:
        for kind in Kind:
            pipeline.hincrby(NAME, kind.value, -fresh[kind])
            pipeline.hset(NAME, kept(kind), totals[kind])
        pipeline.hset(NAME, _MONTH, month)
        pipeline.execute()


def _add(desk: Desk, month: str, fresh: Mapping[Kind, int]) -> dict[Kind, int]:
    values = {"platform": PLATFORM, "month": month, "kinds": [*fresh], "used": [*fresh.values()]}
    return {Kind(row.kind): row.used for row in desk.session.execute(_ADD, values)}


def _tell(desk: Desk, settings: DingTalk, month: str, counts: tuple[Mapping[Kind, int], Mapping[Kind, int]]) -> None:
    """The supervisors hear of each level once a month."""
    fresh, totals = counts
    for kind, most in _most(settings).items():
        passed = [level for level in (WARN, 1 - RESERVE) if totals[kind] - fresh[kind] < level * most <= totals[kind]]
        if passed:
            words = _words(Used(month, kind, totals[kind], most), last=passed[-1] > WARN)
            key = f"usage:{PLATFORM}:{month}:{kind}:{passed[-1]}"
            urgency = Urgency.ALERT if passed[-1] > WARN else None  # the last word must still get through
            told = (note(key, one.id, "usage", words) for one in with_role(staff(desk), Role.SUPERVISOR))
            owe(desk, [replace(one, urgency=urgency) for one in told])


def _words(found: Used, *, last: bool) -> str:
    share = f"{found.used * 100 // found.most}%（{found.used:,} / {found.most:,} {_MEASURES[found.kind]}）"
    head = f"本月钉钉的{_NAMES[found.kind]}额度已用 {share}"
    if not last:
        later = f"用到 {round((1 - RESERVE) * 100)}% 后，只有期限提醒还会用它"
        return f"{head}。{later}；可以请管理员在钉钉管理后台升级版本或买增量包。"
    return (
        f"{head}，从现在到月底只有期限提醒还会用它：卡片不再更新，其他消息改走不占额度的渠道，没有渠道的不再发送。"
        "请管理员在钉钉管理后台升级版本或买增量包，然后改 hub.toml 里 [dingtalk] 的额度。"
    )
