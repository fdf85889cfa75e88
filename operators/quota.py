"""`flask hub quota`: what was used of DingTalk's monthly quota."""

from __future__ import annotations

import calendar
from datetime import datetime

import click
from redis.exceptions import RedisError

from bot import usage
from models.beijing import BEIJING
from wire import Hub


def command(here: Hub) -> click.Command:
    return click.Command("quota", callback=lambda: show(here), help="DingTalk's monthly quota: used and allowed.")


def show(here: Hub) -> None:
    if here.settings.dingtalk is None:
        raise click.ClickException("hub.toml has no [dingtalk]")
    try:
        with here.open_desk() as desk:
            found, now = usage.used(desk, here.redis, months=3), desk.now
    except RedisError as error:
        raise click.ClickException(f"Redis does not answer ({type(error).__name__})") from None
    for one in found:
        line = f"{one.month} {one.kind.value:6} {one.used:7,} of {one.most:7,}  {one.used * 100 / one.most:5.1f} %"
        click.echo(line + _forecast(one, now))


def _forecast(one: usage.Used, now: datetime) -> str:
    """Where this month leads at its pace so far."""
    if one.month != usage.month_of(now):
        return ""
    local = now.astimezone(BEIJING)
    days = calendar.monthrange(local.year, local.month)[1]
    gone = (local.day - 1 + local.hour / 24 + local.minute / 1440) / days
    return f"  (about {one.used / gone:,.0f} at the month's end)" if gone > 0 else ""
