"""How a trade stands before it is told of a shipment (reference sheet 3.5)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from ingest.fields import rows, text
from ingest.http import transient
from ingest.shipping import Standing
from ingest.snapshot import Effect, Unreadable
from ingest.taobao.parse import EFFECTS, REFUNDS, refund_of, shipped_line


def standing(trade: Mapping[str, Any]) -> Standing:
    status, lines = text(trade.get("status")), _lines(trade)
    effect = EFFECTS.get(status)
    waybills = tuple(number for line in lines if (number := text(line.get("invoice_no"))))
    if effect is Effect.SHIPPED:
        return Standing(shipped=True, waybills=waybills)
    if effect is Effect.CANCELLED:
        return Standing(shipped=False, refusal="淘宝订单已关闭，不能发货")
    if status == "PAID_FORBID_CONSIGN":
        return Standing(shipped=False, refusal="淘宝暂不允许这个订单发货")
    if effect is not Effect.ADMIT:
        return Standing(shipped=False, refusal="淘宝订单还没有付清，不能发货")
    refunds = [REFUNDS.get(text(line.get("refund_status")), "") for line in lines]
    if refund_of([refund for refund in refunds if refund != "refused"]) == "asked":
        return Standing(shipped=False, waybills=waybills, refusal="淘宝订单有商品退款中，请先处理退款")
    return Standing(shipped=False, waybills=waybills)


def unshipped(trade: Mapping[str, Any], named: Collection[str] = ()) -> list[str]:
    """Line ids still to ship of a trade of which a part has left, or leaves now (`named`); empty for one that is
    whole."""
    lines = _lines(trade)
    if not named and not any(shipped_line(line) for line in lines):
        return []
    return [
        number
        for line in lines
        if not shipped_line(line)
        and REFUNDS.get(text(line.get("refund_status"))) != "refunded"
        and ((number := text(line.get("oid"))) in named or not named)
    ]


def _lines(trade: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    orders = trade.get("orders")
    try:
        return rows(orders.get("order") if isinstance(orders, dict) else None, "商品明细")
    except Unreadable:
        raise transient("no-lines") from None
