"""By which address an owed message to a customer may go on each way; "" where that way is closed."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from handlers.customers import whose
from models import Notification
from models.session import vault_of
from models.vault import CannotOpen, Vault, phone_digits

_REFUSES: Final = timedelta(days=30)  # nobody tells when a refusal is taken back: after that it is tried again
_MOBILE: Final = re.compile(r"1[3-9]\d{9}")
_VIRTUAL: Final = re.compile(r"(转|,|-|#|\s)\d{2,6}$")  # a platform's number with an extension takes no messages

_ORDER: Final = text(f"""
    SELECT o.id, whose.receiver, o.receiver AS typed FROM orders o CROSS JOIN LATERAL ({whose.ORDER}) whose
    WHERE o.id = :id
""")
_FOLLOWS: Final = text("""
    SELECT EXISTS (SELECT FROM customers WHERE openid = :openid AND state = 'following')
        AND NOT EXISTS (SELECT FROM refused_templates
            WHERE openid = :openid AND template_id = :template AND at > :since)
""")
_CREDIT: Final = text("""
    SELECT EXISTS (SELECT FROM customer_credits WHERE channel = :channel AND openid = :openid
        AND template_id = :template AND remaining > 0)
""")
_WAY: Final = text(f"""
    SELECT w.address FROM orders o CROSS JOIN LATERAL ({whose.KEYS}) known
        JOIN customer_ways w ON w.shop_id = known.shop_id AND w.buyer_key = known.buyer_key
    WHERE o.id = :id AND w.channel = :channel
        AND (w.remaining IS NULL OR w.remaining > 0) AND (w.until_at IS NULL OR w.until_at > :now)
        AND NOT EXISTS (SELECT FROM opt_outs x WHERE x.channel = w.channel AND x.address = w.address)
    ORDER BY known.rank LIMIT 1
""")
_ABOARD: Final = text(f"""
    SELECT o.id, whose.receiver, o.receiver AS typed FROM notifications n
    JOIN orders o ON o.id = cast(n.body ->> 'order' AS bigint) CROSS JOIN LATERAL ({whose.ORDER}) whose
    WHERE n.merged_into = :id
""")
_NO_SMS: Final = text("SELECT EXISTS (SELECT FROM opt_outs WHERE channel = 'sms' AND address = :address)")


def address(session: Session, row: Notification, channel: str, now: datetime) -> str:
    """`row` is owed to a customer; its body names the order. `channel`: a slug of the bot's channels. A way that
    belongs to one order is closed to a message that tells of others too, unless it is theirs as well: what concerns the
    one is not said to the other's people."""
    look = _WAYS.get(channel)
    if channel in _TEMPLATED and not _template(row, channel):
        return ""
    order_id = row.body.get("order")
    order = session.execute(_ORDER, {"id": order_id}).one_or_none() if isinstance(order_id, int) else None
    found = look(session, row, order, now) if look is not None else ""
    if found and look is not None and channel in _BY_ORDER and row.body.get("more"):
        aboard = session.execute(_ABOARD, {"id": row.id})
        return found if all(look(session, row, other, now) == found for other in aboard) else ""
    return found


def by_order(session: Session, row: Notification, order_id: int | None, now: datetime) -> tuple[str, ...]:
    """The addresses that an order has of its own, whoever follows the account."""
    order = session.execute(_ORDER, {"id": order_id}).one_or_none()
    return tuple(_WAYS[channel](session, row, order, now) for channel in _BY_ORDER)


def phone_person(vault: Vault, digits: str) -> str:
    """How a phone stands among receivers and opt-outs: never in clear."""
    return f"phone:{vault.lookup('phone', digits).hex()}"


def _official(session: Session, row: Notification, _order: Row[Any] | None, now: datetime) -> str:
    openid = row.recipient
    if ":" in openid:  # somebody who never bound at the account
        return ""
    values = {"openid": openid, "template": _template(row, "wechat_oa"), "since": now - _REFUSES}
    return openid if session.execute(_FOLLOWS, values).scalar_one() else ""


def _subscribed(session: Session, row: Notification, _order: Row[Any] | None, _now: datetime) -> str:
    values = {"channel": "wechat_subscribe", "openid": row.recipient, "template": _template(row, "wechat_subscribe")}
    return row.recipient if session.execute(_CREDIT, values).scalar_one() else ""


def _mini(session: Session, row: Notification, order: Row[Any] | None, now: datetime) -> str:
    openid = _way(session, order, "wechat_mini", now)
    values = {"channel": "wechat_mini", "openid": openid, "template": _template(row, "wechat_mini")}
    return openid if openid and session.execute(_CREDIT, values).scalar_one() else ""


def _kf(session: Session, _row: Notification, order: Row[Any] | None, now: datetime) -> str:
    return _way(session, order, "wecom_kf", now)


def _phone(session: Session, _row: Notification, order: Row[Any] | None, _now: datetime) -> str:
    """A mainland number that the hub sees in clear; a platform's own number or mask is none. Of what mends another
    order that one's, else what people typed for the new parcel."""
    numbers = (order.receiver, order.typed) if order is not None else ()
    return next((found for sealed in numbers if (found := _number(session, sealed))), "")


def _number(session: Session, sealed: bytes | None) -> str:
    if sealed is None:
        return ""
    try:
        phone = vault_of(session).open_receiver(sealed).phone
    except CannotOpen:
        return ""
    digits = phone_digits(phone)
    if not _MOBILE.fullmatch(digits) or _VIRTUAL.search(phone):
        return ""
    out = session.execute(_NO_SMS, {"address": phone_person(vault_of(session), digits)}).scalar_one()
    return "" if out else f"+86{digits}"


def _way(session: Session, order: Row[Any] | None, channel: str, now: datetime) -> str:
    if order is None:
        return ""
    values = {"id": order.id, "channel": channel, "now": now}
    return session.execute(_WAY, values).scalar_one_or_none() or ""


def _template(row: Notification, channel: str) -> str:
    return str(dict((row.body or {}).get("templates", {})).get(channel, ""))


_BY_ORDER: Final = ("wechat_mini", "wecom_kf", "sms")
_TEMPLATED: Final = ("wechat_oa", "wechat_subscribe", "wechat_mini", "sms")
_WAYS: Final[dict[str, Callable[[Session, Notification, Row[Any] | None, datetime], str]]] = {
    "wechat_oa": _official,
    "wechat_subscribe": _subscribed,
    "wechat_mini": _mini,
    "wecom_kf": _kf,
    "sms": _phone,
}
