"""By which of the month's two quotas an answer goes. The reply address is quick and can call people, but takes from
the same few units by which everything comes in; a paid call takes from the other, larger quota."""

from __future__ import annotations

import calendar
from datetime import datetime
from enum import StrEnum
from typing import Final

from redis.exceptions import RedisError

from bot.channels.dingtalk.quota import RESERVE, Kind, Quota
from config_chat import DingTalk
from models.beijing import BEIJING

SLACK: Final = 0.05  # of the month's quota: a busy day at its beginning is no reason to save


class Thrift(StrEnum):
    """What answers go easy on. UNITS: a text rather costs a call. CALLS: there are none left, so that a card is told in
    words by the reply address."""

    NOTHING = ""
    UNITS = "units"
    CALLS = "calls"


def thrift(quota: Quota, settings: DingTalk, now: datetime) -> Thrift:
    """Units are saved where they go faster than the month, and calls do not."""
    try:
        units = quota.used(Kind.UNITS) / settings.stream_per_month
        calls = quota.used(Kind.CALLS) / settings.calls_per_month
    except RedisError:
        return Thrift.NOTHING
    if calls >= 1 - RESERVE:
        return Thrift.CALLS
    return Thrift.UNITS if units > _gone(now) + SLACK and calls < units else Thrift.NOTHING


def _gone(now: datetime) -> float:
    """The part of Beijing's month that is over."""
    local = now.astimezone(BEIJING)
    days = calendar.monthrange(local.year, local.month)[1]
    return (local.day - 1 + local.hour / 24) / days
