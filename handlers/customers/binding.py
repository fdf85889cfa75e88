"""Whose orders a customer hears of: bound by an order's number and the phone's end, or by scanning the order's code."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import trail
from handlers.desk import SYSTEM, Actor, Desk
from handlers.wording import day_of
from models.people import customer_key

MOST_MISSES: Final = 10
"""Of a day; after that an address finds out nothing more by trying."""
_SIGNED: Final = 16  # hexadecimal digits
_CUSTOMER: Final = Actor("客户", source="wechat_oa")

_BIND: Final = text("""
    INSERT INTO customers (shop_id, buyer_key, openid, state, bound_at)
    VALUES (:shop_id, :buyer_key, :openid, 'following', :now)
    ON CONFLICT (shop_id, buyer_key) DO UPDATE SET openid = excluded.openid, state = 'following',
        bound_at = excluded.bound_at
""")
_BIND_WAY: Final = text("""
    INSERT INTO customer_ways (shop_id, buyer_key, channel, address, bound_at)
    VALUES (:shop_id, :buyer_key, :channel, :address, :now)
    ON CONFLICT (shop_id, buyer_key, channel) DO UPDATE SET address = excluded.address, bound_at = excluded.bound_at,
        remaining = CASE WHEN customer_ways.address = excluded.address THEN customer_ways.remaining END,
        until_at = CASE WHEN customer_ways.address = excluded.address THEN customer_ways.until_at END
""")
_BOUND: Final = text("SELECT openid FROM customers WHERE shop_id = :shop_id AND buyer_key = :buyer_key")
_BOUND_WAY: Final = text("""
    SELECT address FROM customer_ways WHERE shop_id = :shop_id AND buyer_key = :buyer_key AND channel = :channel
""")
_FOLLOWS_AGAIN: Final = text("""
    UPDATE customers SET state = 'following' WHERE openid = :openid AND state = 'unfollowed'
""")
_LEAVES: Final = text("UPDATE customers SET state = 'unfollowed' WHERE openid = :openid AND state <> 'unfollowed'")
_OUT: Final = text("""
    INSERT INTO opt_outs (channel, address, at) VALUES (:channel, :address, :now) ON CONFLICT DO NOTHING
""")
_BACK: Final = text("DELETE FROM opt_outs WHERE channel = :channel AND address = :address RETURNING 1")
_IS_OUT: Final = text("SELECT EXISTS (SELECT FROM opt_outs WHERE channel = :channel AND address = :address)")
_FORGET: Final = text("""
    UPDATE notifications SET state = 'dropped', problem = '客户已退订'
    WHERE channel = 'customer' AND recipient = :address AND state = 'owed'
""")


def bind(desk: Desk, to: tuple[str, str], order: Row[Any], how: str) -> None:
    """The buyer of `order` (id, shop_id, external_id, buyer_key) is reached by `to`, a channel and an address
    there, from now on."""
    channel, address = to
    key = customer_key(order.buyer_key, order.external_id)
    values = {"shop_id": order.shop_id, "buyer_key": key, "now": desk.now}
    if channel == "wechat_oa":
        before = desk.session.execute(_BOUND, values).scalar_one_or_none()
        desk.session.execute(_BIND, {**values, "openid": address})
        if before == address:
            return
    else:
        desk.session.execute(_BIND_WAY, {**values, "channel": channel, "address": address})
    trail.write_order(desk, order.id, actor=_CUSTOMER, action="客户绑定", detail={"方式": how})


def bound_to(desk: Desk, order: Row[Any]) -> str:
    """The openid of the order's buyer, "" where nobody is bound."""
    key = customer_key(order.buyer_key, order.external_id)
    found = desk.session.execute(_BOUND, {"shop_id": order.shop_id, "buyer_key": key}).scalar_one_or_none()
    return found or ""


def is_anothers(desk: Desk, who: tuple[str, str], order: Row[Any]) -> bool:
    """Whether the order's buyer is reached by another address of that channel already."""
    channel, address = who
    key = customer_key(order.buyer_key, order.external_id)
    values = {"shop_id": order.shop_id, "buyer_key": key, "channel": channel}
    statement = _BOUND if channel == "wechat_oa" else _BOUND_WAY
    return desk.session.execute(statement, values).scalar_one_or_none() not in (None, "", address)


def follows(desk: Desk, openid: str) -> None:
    """They follow (again): what they had bound before works again."""
    desk.session.execute(_FOLLOWS_AGAIN, {"openid": openid})


def leaves(desk: Desk, openid: str) -> None:
    desk.session.execute(_LEAVES, {"openid": openid})


def opt_out(desk: Desk, channel: str, address: str) -> None:
    """Nothing more is sent, nor what waits."""
    desk.session.execute(_OUT, {"channel": channel, "address": address, "now": desk.now})
    desk.session.execute(_FORGET, {"address": address})


def opt_in(desk: Desk, channel: str, address: str) -> bool:
    """Whether they had been out."""
    return desk.session.execute(_BACK, {"channel": channel, "address": address}).first() is not None


def is_out(desk: Desk, channel: str, address: str) -> bool:
    return bool(desk.session.execute(_IS_OUT, {"channel": channel, "address": address}).scalar_one())


def scene(desk: Desk, order_id: int) -> str:
    """What an order's code carries, at most 64 characters: nobody else can make one."""
    return f"o.{order_id:x}.{_signature(desk, order_id)}"


def order_of(desk: Desk, scanned: str) -> int | None:
    """The order behind a scanned code, None for one that is not ours."""
    parts = scanned.removeprefix("qrscene_").split(".")
    if len(parts) != 3 or parts[0] != "o" or not 0 < len(parts[1]) <= 16:
        return None
    try:
        order_id = int(parts[1], 16)
    except ValueError:
        return None
    return order_id if hmac.compare_digest(parts[2].encode(), _signature(desk, order_id).encode()) else None


def _signature(desk: Desk, order_id: int) -> str:
    key = desk.settings.security.button_key.encode()
    return hmac.new(key, f"bind:{order_id}".encode(), hashlib.sha256).hexdigest()[:_SIGNED]


def code_made(desk: Desk, order_id: int, by: Actor = SYSTEM) -> None:
    """Somebody has an order's code to hand on."""
    trail.write_order(desk, order_id, actor=by, action="生成绑定码", detail={"有效": "30 天"})


_MISSED: Final = text("""
    INSERT INTO binding_misses (channel, address, day, misses) VALUES (:channel, :address, :day, 1)
    ON CONFLICT (channel, address, day) DO UPDATE SET misses = least(binding_misses.misses + 1, 1000)
""")
_FORGET_MISSES: Final = text("DELETE FROM binding_misses WHERE day < :day")
_MISSES: Final = text("""
    SELECT misses FROM binding_misses WHERE channel = :channel AND address = :address AND day = :day
""")


def missed(desk: Desk, channel: str, address: str) -> None:
    """They named an order that there is not, or did not know the end of its phone."""
    today = day_of(desk.now)
    desk.session.execute(_FORGET_MISSES, {"day": today})
    desk.session.execute(_MISSED, {"channel": channel, "address": address, "day": today})


def tried_enough(desk: Desk, channel: str, address: str) -> bool:
    values = {"channel": channel, "address": address, "day": day_of(desk.now)}
    return (desk.session.execute(_MISSES, values).scalar_one_or_none() or 0) >= MOST_MISSES
