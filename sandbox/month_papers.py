"""Tables that colleagues hand in, in the words of Pinduoduo's own export: of orders that no interface brings, or that
one brings as well."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import datetime

from sandbox.clock import BEIJING
from sandbox.world_order import Order
from sandbox.world_people import Buyer

Row = Mapping[str, str | int]
"""The export's heading (without its unit) → what stands below it."""


def row_of(order: Order) -> Row:
    """An order as the back office exports it, with the receiver in clear."""
    line = order.lines[0]
    return {
        **_whose(order.buyer), "订单号": order.id, "商品": line.sku.title, "商品规格": line.sku.option,
        "商家编码-规格维度": line.sku.code, "商品数量": line.quantity, "用户实付金额": f"{order.paid_fen / 100:.2f}",
        "支付时间": _written(order.created_at),
    }  # fmt: skip


def made_up(rng: random.Random, buyer: Buyer, sku: tuple[str, str], at: datetime) -> Row:
    """An order of a shop that has no interface. `sku`: its title and our code."""
    return {
        **_whose(buyer), "订单号": f"{at.astimezone(BEIJING):%y%m%d}-{rng.randrange(10**14, 10**15)}",
        "商品": sku[0], "商家编码-规格维度": sku[1], "商品数量": 1, "用户实付金额": "59.00", "支付时间": _written(at),
    }  # fmt: skip


def _whose(buyer: Buyer) -> Row:
    place = buyer.address
    return {
        "订单状态": "待发货", "收货人": buyer.name, "手机": buyer.phone, "省": place.province, "市": place.city,
        "区": place.district, "街道": place.town, "详细地址": place.detail,
    }  # fmt: skip


def _written(at: datetime) -> str:
    return f"{at.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}"
