"""After-sales, which stand beside their order (reference sheet 7, 12). A number of pieces in after-sale says nothing of
its sort: an exchange is no refund."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from ingest.fields import text
from ingest.money import pieces
from ingest.snapshot import Kind

Row = Mapping[str, Any]
ProductId = tuple[str, str]

_KINDS: Final = {"EXCHANGE": (Kind.EXCHANGE, "换货"), "RESHIP": (Kind.RESHIP, "补寄")}
_OVER: Final = frozenset({
    "USER_CANCELD", "RETURN_CLOSED", "MERCHANT_FAIL", "MERCHANT_REFUND_RETRY_FAIL", "MERCHANT_REJECT_REFUND",
    "MERCHANT_REJECT_RETURN", "MERCHANT_REJECT_EXCHANGE", "MERCHANT_REJECT_RESHIP",
})  # fmt: skip
_REASONS: Final = {"SEND_WRONG_GOODS": "卖家发错货", "EMPTY_PACKAGE": "包裹为空", "QUALITY_ISSUE": "质量问题"}
_DONE: Final = frozenset({"MERCHANT_REFUND_SUCCESS", "MERCHANT_RETURN_SUCCESS", "MERCHANT_EXCHANGE_SUCCESS"})


def numbers_of(order: Row) -> list[str]:
    """The after-sales that an order names, as far as they can be read."""
    detail = order.get("aftersale_detail")
    listed = detail.get("aftersale_order_list") if isinstance(detail, dict) else None
    cases = [case for case in listed if isinstance(case, dict)] if isinstance(listed, list) else []
    named = [text(case.get("aftersale_order_id")) for case in cases]
    return [number for number in dict.fromkeys(named) if number]


def kind_of(cases: Sequence[Row]) -> tuple[Kind, str]:
    """Exchange or reship with the evidence in Chinese; NORMAL and "" where no after-sale is either."""
    for case in cases:
        sort, state = text(case.get("type")), text(case.get("status"))
        if sort in _KINDS and state not in _OVER:
            kind, words = _KINDS[sort]
            return kind, f"平台售后单 {text(case.get('after_sale_order_id'))[:40]} 为{words}"
    return Kind.NORMAL, ""


def reason_of(cases: Sequence[Row]) -> str:
    """Why, in the platform's words, of each that is not over for nothing; newer reasons have words alone."""
    live = [case for case in cases if text(case.get("status")) not in _OVER]
    words = [text(case.get("reason_text")) or _REASONS.get(text(case.get("reason")), "") for case in live]
    return "；".join(dict.fromkeys(one[:40] for one in words if one))


def open_exchanges(cases: Sequence[Row]) -> list[Row]:
    return [case for case in _exchanges(cases) if text(case.get("status")) not in _DONE | _OVER]


def done_exchanges(cases: Sequence[Row]) -> list[Row]:
    return [case for case in _exchanges(cases) if text(case.get("status")) in _DONE]


def pieces_in(cases: Sequence[Row]) -> Iterator[tuple[ProductId, int]]:
    """What these after-sales are about, and how many pieces of it. Raises Unreadable."""
    for case in cases:
        if isinstance(info := case.get("product_info"), dict):
            yield product_id(info), pieces(info.get("count") or 1, "售后数量")


def product_id(row: Row) -> ProductId:
    return text(row.get("product_id")), text(row.get("sku_id"))


def _exchanges(cases: Sequence[Row]) -> list[Row]:
    return [case for case in cases if text(case.get("type")) in _KINDS]
