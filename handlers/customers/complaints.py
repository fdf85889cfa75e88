"""What customers write of goods that came wrong, broken or not at all: their order's matter for after-sales, and an
honest answer."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import Row, text

from handlers.desk import SYSTEM, Desk
from handlers.mishaps import registering
from handlers.mishaps.registering import Report
from models.stages import Stage
from rules.said import shown
from texts import mishaps

CUSTOMER: Final = replace(SYSTEM, name="客户", roles=frozenset())
_PHONE: Final = re.compile(r"(86)?1[3-9]\d{9}")
# The newest that left of whoever is bound to this address.
_LEFT: Final = text("""
    SELECT o.id, o.external_id, o.stage FROM (
        SELECT shop_id, buyer_key FROM customers WHERE :channel = 'wechat_oa' AND openid = :address
        UNION SELECT shop_id, buyer_key FROM customer_ways WHERE channel = :channel AND address = :address
    ) c JOIN orders o ON o.shop_id = c.shop_id AND (
        (o.buyer_key = c.buyer_key AND o.buyer_key <> '')
        OR (c.buyer_key LIKE 'order:%' AND o.external_id = substring(c.buyer_key FROM 7)))
    WHERE o.stage = 'done' AND o.created_at > cast(:now AS timestamptz) - interval '30 days'
    ORDER BY o.created_at DESC LIMIT 1
""")


def is_one(words: str) -> bool:
    return bool(mishaps.what(words))


def is_a_phone(number: str) -> bool:
    """What people leave with a complaint, and is no order."""
    return _PHONE.fullmatch(number.replace("-", "")) is not None


def heard(desk: Desk, channel: str, address: str, words: str) -> str:
    """What to answer; "" where it is no complaint, or nothing of theirs has left."""
    if not is_one(words):
        return ""
    values = {"channel": channel, "address": address, "now": desk.now}
    order = desk.session.execute(_LEFT, values).one_or_none()
    return "" if order is None else of_order(desk, order, words)


def of_order(desk: Desk, order: Row[Any], words: str) -> str:
    """The same of an order (id, external_id, stage) that was named; "" where it has not left."""
    what = mishaps.what(words)
    if not what or order.stage != Stage.DONE:
        return ""
    report = Report(f"{mishaps.TITLES[what]}：{shown(words)}", "customer")
    registering.register(desk, order.id, report, CUSTOMER)
    return (
        f"订单 …{order.external_id[-4:]} 的问题已转给售后，会尽快处理。有照片请发给店铺客服；"
        "不是这一单，请发：订单号 手机号后 4 位 哪里不对"
    )
