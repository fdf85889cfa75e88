"""Customers of the service account: they send an order number, hear how it stands, and are told from then on."""

from __future__ import annotations

import hmac
import re
from typing import Any, Final

from sqlalchemy import Row, text

from handlers.desk import Desk
from handlers.parse import normal
from handlers.wording import day
from models.couriers import courier_name
from models.people import customer_key
from models.stages import Stage

_NUMBER: Final = re.compile(r"\d{6}-\d{15}|[A-Za-z0-9][A-Za-z0-9-]{7,39}")
_TAIL: Final = re.compile(r"(?<![A-Za-z0-9-])(\d{4})(?![A-Za-z0-9-])")
_HOW: Final = "请发送您的平台订单号，并加上收件手机号后 4 位，例如：1234567890123456789 5678"
_KNOWN: Final = (
    "您登记过的订单，发货和处理进度会在这里通知您。想看某一单现在的状态，请发：订单号 空格 手机号后 4 位。"
    "改地址、退款等请直接联系店铺客服，这里收不到"
)
_NOTHING: Final = "没有找到这个订单，或者手机号后 4 位不符。请核对后再发一次：订单号 空格 手机号后 4 位"

_ORDER: Final = text("""
    SELECT id, shop_id, buyer_key, stage, hold, refund, waybill, courier, not_before_at, phone_tail_hash
    FROM orders WHERE external_id = :number ORDER BY created_at DESC LIMIT 2
""")
_BIND: Final = text("""
    INSERT INTO customers (shop_id, buyer_key, openid, state, bound_at)
    VALUES (:shop_id, :buyer_key, :openid, 'following', :now)
    ON CONFLICT (shop_id, buyer_key) DO UPDATE SET openid = excluded.openid, state = 'following',
        bound_at = excluded.bound_at
""")
_STOP: Final = text("UPDATE customers SET state = 'unfollowed' WHERE openid = :openid AND state = 'following'")
_DELIVERED: Final = text("""
    UPDATE notifications SET state = :state, problem = :problem
    WHERE msgid = :msgid AND channel = 'customer' AND state IN ('sent', 'sending') RETURNING recipient
""")
_FOLLOWS: Final = text("SELECT EXISTS (SELECT FROM customers WHERE openid = :openid AND state = 'following')")
_REFUSED: Final = text("UPDATE customers SET state = 'refused' WHERE openid = :openid")


def hear(desk: Desk, openid: str, words: str) -> str:
    """Answer a customer. An order number with the receiver's last four digits binds that buyer to `openid`; where
    the platform does not tell who bought, that order."""
    line = normal(words)
    if line in ("退订", "取消通知", "TD"):
        desk.session.execute(_STOP, {"openid": openid})
        return "已停止通知。想再收到通知，请重新发送订单号"
    found = _NUMBER.search(line)
    if found is None:
        known = desk.session.execute(_FOLLOWS, {"openid": openid}).scalar_one()
        return _KNOWN if known else _HOW
    tail = _TAIL.search(line[: found.start()] + " " + line[found.end() :])
    orders = desk.session.execute(_ORDER, {"number": found.group()}).all()
    order = next((one for one in orders if _knows(desk, one, tail.group(1) if tail else "")), None)
    if order is None:
        # The same words for a wrong number and for wrong digits: nobody finds out numbers by trying.
        return _NOTHING if tail else f"{_HOW}（为保护隐私，需要手机号后 4 位）"
    key = customer_key(order.buyer_key, found.group())
    desk.session.execute(_BIND, {"shop_id": order.shop_id, "buyer_key": key, "openid": openid, "now": desk.now})
    return f"订单 {found.group()}：{_state(order, desk)}。之后的发货和处理进度会在这里通知您"


def _knows(desk: Desk, order: Row[Any], tail: str) -> bool:
    """Whether the asker knows the phone's end; where the platform hides it the number alone must do."""
    if order.phone_tail_hash is None:
        return True
    return bool(tail) and hmac.compare_digest(bytes(order.phone_tail_hash), desk.vault.lookup("tail", tail))


def _state(order: Row[Any], desk: Desk) -> str:
    stage = Stage(order.stage)
    if stage is Stage.DONE:
        number = f"，{courier_name(order.courier)} {order.waybill}" if order.waybill else ""
        return f"已发货{number}"
    if stage in (Stage.CANCELLED, Stage.UNPAID):
        return "已取消" if stage is Stage.CANCELLED else "还没有付款"
    if order.refund in ("asked", "refunded"):
        return "退款处理中"
    if order.not_before_at is not None and order.not_before_at > desk.now:
        return f"已安排在 {day(order.not_before_at)} 起发货"
    return "已收到，正在备货，发出后通知您"


def delivered(desk: Desk, msgid: str, status: str) -> None:
    """The platform's delivery event for a template message; a repeat changes nothing."""
    word = status.replace(" ", "").lower()
    state = "delivered" if word == "success" else "failed"
    values = {"state": state, "problem": "" if state == "delivered" else status[:200], "msgid": msgid}
    openid = desk.session.execute(_DELIVERED, values).scalar_one_or_none()
    if openid is not None and word.startswith("failed:userblock"):
        desk.session.execute(_REFUSED, {"openid": openid})
