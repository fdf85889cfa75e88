"""Times, money and codes of the platforms as people say them. Beijing time, always."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Final

BEIJING: Final = timezone(timedelta(hours=8), "Asia/Shanghai")

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
    "perhaps_reship": "疑似补发",
    "perhaps_exchange": "疑似换货",
}


def moment(at: datetime) -> str:
    """12-25 14:05"""
    return f"{at.astimezone(BEIJING):%m-%d %H:%M}"


def day(at: datetime) -> str:
    """12-25"""
    return f"{at.astimezone(BEIJING):%m-%d}"


def day_of(at: datetime) -> date:
    return at.astimezone(BEIJING).date()


def day_start(of: date) -> datetime:
    """Midnight in Beijing."""
    return datetime.combine(of, time(), BEIJING).astimezone(UTC)


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


PLATFORM_STATES: Final[dict[str, str]] = {
    "TRADE_NO_CREATE_PAY": "未创建支付",
    "WAIT_BUYER_PAY": "等待买家付款",
    "PAY_PENDING": "付款确认中",
    "WAIT_PRE_AUTH_CONFIRM": "等待预授权",
    "PAID_FORBID_CONSIGN": "已付款，暂不能发货",
    "WAIT_SELLER_SEND_GOODS": "等待卖家发货",
    "SELLER_CONSIGNED_PART": "部分发货",
    "WAIT_BUYER_CONFIRM_GOODS": "等待买家收货",
    "TRADE_BUYER_SIGNED": "买家已签收",
    "TRADE_FINISHED": "交易成功",
    "TRADE_CLOSED": "交易关闭",
    "TRADE_CLOSED_BY_TAOBAO": "交易被关闭",
    "WAIT_SELLER_STOCK_OUT": "等待出库",
    "WAIT_SELLER_DELIVERY": "等待发货",
    "WAIT_GOODS_RECEIVE_CONFIRM": "等待确认收货",
    "FINISHED_L": "完成",
    "TRADE_CANCELED": "取消",
    "LOCKED": "锁定",
    "PAUSE": "暂停",
    "POP_ORDER_PAUSE": "暂停",
}
"""Platforms' state codes as people say them; what is not here is shown as it is."""


def state_word(state: object) -> str:
    return PLATFORM_STATES.get(str(state), str(state))
