"""Whose orders a customer hears of. An order's number or its code binds that order alone, for both can be read off a
parcel; with the end of its phone it is all that this buyer buys in the shop."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import trail
from handlers.customers import whose
from handlers.customers.events import EVENTS
from handlers.desk import SYSTEM, Actor, Desk
from handlers.wording import day_of
from models.people import customer_key

MOST_MISSES: Final = 10
"""Of a day; after that an address finds out nothing more by trying."""
_SIGNED: Final = 16  # hexadecimal digits
_CUSTOMER: Final = Actor("客户", source="wechat_oa")

_BIND: Final = text("""
    INSERT INTO customers (shop_id, buyer_key, openid, state, bound_at)
    VALUES (:shop_id, :buyer_key, :openid, :state, :now)
    ON CONFLICT (shop_id, buyer_key) DO UPDATE SET openid = excluded.openid, bound_at = excluded.bound_at,
        state = CASE WHEN :state = 'unfollowed' AND customers.openid = excluded.openid THEN customers.state
            ELSE excluded.state END
""")
_BIND_WAY: Final = text("""
    INSERT INTO customer_ways (shop_id, buyer_key, channel, address, bound_at)
    VALUES (:shop_id, :buyer_key, :channel, :address, :now)
    ON CONFLICT (shop_id, buyer_key, channel) DO UPDATE SET address = excluded.address, bound_at = excluded.bound_at,
        remaining = CASE WHEN customer_ways.address = excluded.address THEN customer_ways.remaining END,
        until_at = CASE WHEN customer_ways.address = excluded.address THEN customer_ways.until_at END
""")
_HELD: Final = text(f"""
    SELECT c.openid AS address, known.rank FROM orders o CROSS JOIN LATERAL ({whose.KEYS}) known
        JOIN customers c ON c.shop_id = known.shop_id AND c.buyer_key = known.buyer_key
    WHERE o.id = :id ORDER BY known.rank LIMIT 1
""")
_HELD_WAY: Final = text(f"""
    SELECT w.address, known.rank FROM orders o CROSS JOIN LATERAL ({whose.KEYS}) known
        JOIN customer_ways w ON w.shop_id = known.shop_id AND w.buyer_key = known.buyer_key
    WHERE o.id = :id AND w.channel = :channel ORDER BY known.rank LIMIT 1
""")
# Who knew a number alone gives way to whoever knows the phone.
_GIVE_WAY: Final = text("""
    DELETE FROM customers c USING orders o WHERE o.shop_id = :shop_id AND o.buyer_key = :buyer_key
        AND o.buyer_key <> '' AND c.shop_id = o.shop_id AND c.buyer_key = 'order:' || o.external_id
""")
_WAY_GIVES_WAY: Final = text("""
    DELETE FROM customer_ways w USING orders o WHERE o.shop_id = :shop_id AND o.buyer_key = :buyer_key
        AND o.buyer_key <> '' AND w.shop_id = o.shop_id AND w.buyer_key = 'order:' || o.external_id
        AND w.channel = :channel
""")
_FOLLOWS_AGAIN: Final = text("""
    UPDATE customers SET state = 'following' WHERE openid = :openid AND state <> 'following'
""")
_TAKES_ALL: Final = text("DELETE FROM refused_templates WHERE openid = :openid")
_FOLLOWS: Final = text("SELECT EXISTS (SELECT FROM customers WHERE openid = :openid AND state = 'following')")
_LEAVES: Final = text("UPDATE customers SET state = 'unfollowed' WHERE openid = :openid AND state <> 'unfollowed'")
_OUT: Final = text("""
    INSERT INTO opt_outs (channel, address, at) VALUES (:channel, :address, :now) ON CONFLICT DO NOTHING RETURNING 1
""")
_BACK: Final = text("DELETE FROM opt_outs WHERE channel = :channel AND address = :address RETURNING 1")
_IS_OUT: Final = text("SELECT EXISTS (SELECT FROM opt_outs WHERE channel = :channel AND address = :address)")
_WAITING: Final = text("""
    WITH waiting AS (SELECT id, body FROM notifications
        WHERE channel = 'customer' AND recipient IN (:address, :reached) AND state = 'owed')
    SELECT id, body ->> 'template' AS event, cast(body ->> 'order' AS bigint) AS order_id FROM waiting
    UNION ALL SELECT w.id, w.body ->> 'template', cast(m.body ->> 'order' AS bigint)
    FROM waiting w JOIN notifications m ON m.merged_into = w.id
""")
# Orders before messages, as everywhere.
_THERE: Final = text("SELECT id FROM orders WHERE id = ANY(:ids) ORDER BY id FOR NO KEY UPDATE")
_FORGET: Final = text("""
    UPDATE notifications SET state = 'dropped', problem = '客户已退订'
    WHERE id = ANY(:ids) AND state = 'owed' RETURNING id
""")


def bind(
    desk: Desk, to: tuple[str, str], order: Row[Any], how: str, *, whole: bool = False, follows: bool = True
) -> None:  # fmt: skip
    """`order` (id, shop_id, external_id, buyer_key) is told of by `to`, a channel and an address there, from now on.
    `whole`: they proved to be the buyer, so with it all that this buyer buys in the shop. `follows`: the account."""
    channel, address = to
    is_account, was_whole = channel == "wechat_oa", _is_whole(desk, channel, order)
    is_theirs = held_by(desk, channel, order) == address
    values = {"shop_id": order.shop_id, "buyer_key": customer_key(order.buyer_key, order.external_id)}
    values |= {"now": desk.now, "channel": channel, "address": address, "openid": address}
    if whole:
        desk.session.execute(_GIVE_WAY if is_account else _WAY_GIVES_WAY, values)
    elif not (is_theirs and was_whole):
        values["buyer_key"] = customer_key("", order.external_id)
    state = "following" if follows else "unfollowed"
    desk.session.execute(_BIND if is_account else _BIND_WAY, {**values, "state": state})
    if is_account and follows:
        desk.session.execute(_TAKES_ALL, values)
    if not is_theirs or (whole and not was_whole):
        scope = "买家的全部订单" if whole and order.buyer_key else "这一单"
        trail.write_order(desk, order.id, actor=_CUSTOMER, action="客户绑定", detail={"方式": how, "范围": scope})


def held_by(desk: Desk, channel: str, order: Row[Any]) -> str:
    """By which address of that channel the order is told of, "" for none."""
    held = _held(desk, channel, order)
    return held.address if held is not None else ""


def _is_whole(desk: Desk, channel: str, order: Row[Any]) -> bool:
    """Whether somebody proved to be the order's buyer there."""
    held = _held(desk, channel, order)
    return held is not None and held.rank == whose.WHOLE


def _held(desk: Desk, channel: str, order: Row[Any]) -> Row[Any] | None:
    """The nearest of those who are bound: address and rank (whose.KEYS)."""
    statement = _HELD if channel == "wechat_oa" else _HELD_WAY
    return desk.session.execute(statement, {"id": order.id, "channel": channel}).one_or_none()


def is_anothers(desk: Desk, who: tuple[str, str], order: Row[Any]) -> bool:
    """Whether the order is told of by another address of that channel already."""
    channel, address = who
    return held_by(desk, channel, order) not in ("", address)


def is_follower(desk: Desk, openid: str) -> bool:
    """Whether they follow the account, as far as is known."""
    return bool(desk.session.execute(_FOLLOWS, {"openid": openid}).scalar_one())


def follows(desk: Desk, openid: str) -> None:
    """They follow (again): what they had bound before works again."""
    desk.session.execute(_FOLLOWS_AGAIN, {"openid": openid})
    desk.session.execute(_TAKES_ALL, {"openid": openid})


def leaves(desk: Desk, openid: str) -> None:
    desk.session.execute(_LEAVES, {"openid": openid})


def opt_out(desk: Desk, channel: str, address: str) -> bool:
    """Nothing more is sent, nor what waits. Whether that is new."""
    new = desk.session.execute(_OUT, {"channel": channel, "address": address, "now": desk.now}).first() is not None
    _forget(desk, {"address": address, "reached": f"{channel}:{address}"})
    return new


def _forget(desk: Desk, whose: Mapping[str, str]) -> None:
    """What waits for them is not sent, as the trail of each of its orders says."""
    waiting = desk.session.execute(_WAITING, whose).all()
    if not waiting:
        return
    there = set(desk.session.execute(_THERE, {"ids": [row.order_id for row in waiting]}).scalars())
    gone = set(desk.session.execute(_FORGET, {"ids": [row.id for row in waiting]}).scalars())
    told = {(row.order_id, row.event) for row in waiting if row.id in gone and row.order_id in there}
    for order_id, event in sorted(told):
        title = EVENTS[event].title if event in EVENTS else "消息"
        trail.write_order(desk, order_id, actor=SYSTEM, action="客户通知", detail={title: "没有发送：客户已退订"})


def opt_in(desk: Desk, channel: str, address: str) -> bool:
    """Whether they had been out. They want to hear: what they refused before is tried again."""
    desk.session.execute(_TAKES_ALL, {"openid": address})
    return desk.session.execute(_BACK, {"channel": channel, "address": address}).first() is not None


def is_out(desk: Desk, channel: str, address: str) -> bool:
    return bool(desk.session.execute(_IS_OUT, {"channel": channel, "address": address}).scalar_one())


def scene(desk: Desk, order_id: int) -> str:
    """What an order's code carries, at most 64 characters: nobody else can make one."""
    return f"o.{order_id:x}.{_signature(desk.settings.security.button_key, order_id)}"


def order_of(desk: Desk, scanned: str) -> int | None:
    """The order behind a scanned code, None for one that is not ours."""
    parts = scanned.removeprefix("qrscene_").split(".")
    if len(parts) != 3 or parts[0] != "o" or not 0 < len(parts[1]) <= 16:
        return None
    try:
        order_id = int(parts[1], 16)
    except ValueError:
        return None
    ours = (_signature(key, order_id) for key in desk.settings.security.button_keys)
    return order_id if any(hmac.compare_digest(parts[2].encode(), one.encode()) for one in ours) else None


def _signature(key: str, order_id: int) -> str:
    return hmac.new(key.encode(), f"bind:{order_id}".encode(), hashlib.sha256).hexdigest()[:_SIGNED]


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
