"""One-time notices that somebody allowed. The platform pushes only some of the taps, so it is counted as at least so
many; a refused one says that there is none."""

from __future__ import annotations

from typing import Final

from sqlalchemy import text

from handlers.desk import Desk

_MORE: Final = text("""
    INSERT INTO customer_credits (channel, openid, template_id, remaining, changed_at)
    VALUES (:channel, :openid, :template, 1, :now)
    ON CONFLICT (channel, openid, template_id)
    DO UPDATE SET remaining = least(customer_credits.remaining + 1, 1000), changed_at = :now
""")
_ONE: Final = text("""
    INSERT INTO customer_credits (channel, openid, template_id, remaining, changed_at)
    VALUES (:channel, :openid, :template, 1, :now)
    ON CONFLICT (channel, openid, template_id)
    DO UPDATE SET remaining = greatest(customer_credits.remaining, 1), changed_at = :now
""")
_NONE: Final = text("""
    UPDATE customer_credits SET remaining = 0, changed_at = :now
    WHERE channel = :channel AND openid = :openid AND template_id = :template
""")
_LEFT: Final = text("""
    SELECT remaining FROM customer_credits
    WHERE channel = :channel AND openid = :openid AND template_id = :template
""")


def allowed(desk: Desk, channel: str, openid: str, template: str, *, more: bool) -> None:
    """One notice more, or (not `more`) none any longer."""
    values = {"channel": channel, "openid": openid, "template": template, "now": desk.now}
    desk.session.execute(_MORE if more else _NONE, values)


def at_least_one(desk: Desk, channel: str, openid: str, template: str) -> None:
    """A page saw the tap, which the platform may push as well, or not."""
    values = {"channel": channel, "openid": openid, "template": template, "now": desk.now}
    desk.session.execute(_ONE, values)


def left(desk: Desk, channel: str, openid: str, template: str) -> int:
    values = {"channel": channel, "openid": openid, "template": template}
    return desk.session.execute(_LEFT, values).scalar_one_or_none() or 0
