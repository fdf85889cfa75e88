"""Times, goods and the hub's own words as people say them. Beijing time, always."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from models.beijing import BEIJING

PARTINGS: Final = {"later": "到货后补发", "gone": "已先发", "refund": "等退款"}
"""What people decided of a line (models/order.py)."""

REFUNDS: Final = {"asked": "买家申请退款", "part": "部分退款", "refunded": "已退款", "refused": "已拒绝退款"}

ORDER_KINDS: Final = {
    "normal": "",
    "presale": "预售",
    "reship": "补发",
    "exchange": "换货",
    "cod": "货到付款",
    "virtual": "虚拟",
    "pickup": "门店自提",
    "gift": "赠品",
    "lottery": "抽奖",
    "price_difference": "补差价",
    "repair": "售后维修",
    "distribution": "分销代发",
    "overseas": "直邮集运",
    "perhaps_reship": "疑似补发",
    "perhaps_exchange": "疑似换货",
}

FLAGS: Final = {0: "无旗", 1: "红旗", 2: "黄旗", 3: "绿旗", 4: "蓝旗", 5: "紫旗"}
"""Colours of a marketplace's memo, by the number that ingest/source.py gives them."""


def moment(at: datetime) -> str:
    """12-25 14:05"""
    return f"{at.astimezone(BEIJING):%m-%d %H:%M}"


def day(at: datetime) -> str:
    """12-25"""
    return f"{at.astimezone(BEIJING):%m-%d}"


def day_of(at: datetime) -> date:
    return at.astimezone(BEIJING).date()


def customer_time(at: datetime) -> str:
    """2025年12月25日 14:05, as template messages want it."""
    local = at.astimezone(BEIJING)
    return f"{local.year}年{local.month}月{local.day}日 {local:%H:%M}"


def goods(lines: list[tuple[str, str, int]]) -> str:
    """(title, spec, quantity) of each line in a few words."""
    if not lines:
        return ""
    title, spec, quantity = lines[0]
    words = f"{title} {spec}".strip() + (f" ×{quantity}" if quantity > 1 else "")
    return words if len(lines) == 1 else f"{words} 等 {sum(line[2] for line in lines)} 件"
