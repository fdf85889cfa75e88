"""What customers write of goods that came wrong, broken or not at all: their order's matter for after-sales, and an
honest answer."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import Row, text

from handlers.desk import SYSTEM, Desk, Refusal
from handlers.incoming import Attached
from handlers.mishaps import pictures, registering
from handlers.mishaps.registering import Report
from models.stages import Stage
from rules.said import shown
from texts import mishaps

CUSTOMER: Final = replace(SYSTEM, name="客户", roles=frozenset())
WHAT_PICTURE: Final = (
    "看不懂图片。收到的货不对，请先发：订单号 手机号后 4 位 哪里不对，再把照片发来，"
    "例如：1234567890123456789 5678 少了 1 个杯子"
)
_PHONE: Final = re.compile(r"(86)?1[3-9]\d{9}")
# The orders of whoever is bound to this address.
_THEIRS: Final = """
    SELECT o.id, o.external_id, o.stage, o.created_at FROM (
        SELECT shop_id, buyer_key FROM customers WHERE :channel = 'wechat_oa' AND openid = :address
        UNION SELECT shop_id, buyer_key FROM customer_ways WHERE channel = :channel AND address = :address
    ) c JOIN orders o ON o.shop_id = c.shop_id AND (
        (o.buyer_key = c.buyer_key AND o.buyer_key <> '')
        OR (c.buyer_key LIKE 'order:%' AND o.external_id = substring(c.buyer_key FROM 7)))
"""
_LEFT: Final = text(f"""
    {_THEIRS} WHERE o.stage = 'done' AND o.created_at > cast(:now AS timestamptz) - interval '30 days'
    ORDER BY o.created_at DESC LIMIT 1
""")
_TOLD: Final = text(f"""
    SELECT k.id, (SELECT max(r.received_at) FROM received r WHERE k.evidence -> 'pictures' @> to_jsonb(r.id)
        AND r.kind = 'picture' AND r.channel = :channel AND r.received_by IS NULL) AS last_at
    FROM ({_THEIRS}) o JOIN cases k ON k.order_id = o.id
    WHERE k.kind = :kind AND k.state IN ('open', 'claimed')
    ORDER BY coalesce(cast(k.evidence ->> 'told_at' AS timestamptz), k.opened_at) DESC, k.id DESC LIMIT 1
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
        f"订单 …{order.external_id[-4:]} 的问题已转给售后，会尽快处理。有照片请直接发到这里；"
        "不是这一单，请发：订单号 手机号后 4 位 哪里不对"
    )


def pictured(desk: Desk, who: tuple[str, str], sent: Attached) -> str:
    """A picture from `who` (channel, address) goes to what they complained of last, as long as that is open; what to
    answer, "" where they heard it just now."""
    channel, address = who
    values = {"channel": channel, "address": address, "kind": registering.KIND}
    matter = desk.session.execute(_TOLD, values).first()
    if matter is None:
        return WHAT_PICTURE
    try:
        pictures.attach(desk, matter.id, [sent], replace(CUSTOMER, source=channel))
    except Refusal:
        return "照片已经够多了，请把还想说的用文字发给店铺客服"
    heard_of_it = matter.last_at is not None and desk.now - matter.last_at < pictures.LINGER
    return "" if heard_of_it else "照片已收到，和您说的问题放在一起了，售后会尽快处理"
