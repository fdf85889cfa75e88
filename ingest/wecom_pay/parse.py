"""A bill becomes a snapshot. The only place that knows a bill's field names (WeCom reference sheet 9.4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from ingest.beijing import moment, required_moment
from ingest.checks import LONGEST
from ingest.fields import keys_of, receiver, rows, text
from ingest.kinds import by_words
from ingest.money import pieces, shares, whole_fen, whole_fen_or_zero
from ingest.snapshot import Effect, LineSnapshot, OrderSnapshot, Unreadable
from ingest.source import Record
from texts import regions

Row = Mapping[str, Any]

_REFUND_BILL: Final = "1"
_DONE, _WITH_REFUND = "1", "3"  # trade_state
_OPEN_REFUND: Final = frozenset({"0", "1", "4", "5"})  # asked, under way, gone wrong, waiting for a superior
_REFUNDED: Final = "2"


def is_refund(bill: Row) -> bool:
    return text(bill.get("bill_type")) == _REFUND_BILL


def parse(record: Record) -> OrderSnapshot:
    """Raises Unreadable."""
    bill = record.body
    if is_refund(bill):
        raise Unreadable("退款账单：找不到它对应的收款账单")
    paid_at = required_moment(bill.get("pay_time"), "付款时间")
    total = whole_fen(bill.get("total_fee"), "收款金额")
    refunds = rows(bill.get("refund_list"), "退款记录")
    refund = _refund(bill, refunds, total)
    region, address = _place(_contact(bill))
    kind, evidence = by_words(text(bill.get("remark")))
    return OrderSnapshot(
        external_id=record.external_id,
        effect=Effect.CANCELLED if refund == "refunded" else Effect.ADMIT,
        platform_status={"refunded": "已全额退款", "part": "已收款，部分退款", "asked": "已收款，退款处理中"}.get(
            refund, "已收款"
        ),
        created_at=paid_at,
        modified_at=_modified_at(paid_at, refunds),
        lines=_lines(bill, total, refund),
        paid_fen=total,
        goods_fen=total,
        paid_at=paid_at,
        kind=kind,
        kind_evidence=evidence,
        hold="有退款处理中" if refund == "asked" else "",
        refund=refund,
        buyer_key=text(bill.get("external_userid")),
        seller_memo=text(bill.get("remark")),
        province=region.province if region else "",
        city=region.city if region else "",
        district=region.district if region else "",
        town=region.town if region else "",
        receiver=receiver(
            name=text(_contact(bill).get("name")), phone=text(_contact(bill).get("phone")), address=address
        ),
    )


def _refund(bill: Row, refunds: Sequence[Row], total: int) -> str:
    """An open question first, then how much is refunded. Raises Unreadable for a state that nobody knows."""
    state = text(bill.get("trade_state"))
    if state not in (_DONE, _WITH_REFUND):
        raise Unreadable(f"平台状态不认识：{state[:40] or '空'}")
    if any(text(refund.get("refund_status")) in _OPEN_REFUND for refund in refunds):
        return "asked"
    paid_back = [refund for refund in refunds if text(refund.get("refund_status")) == _REFUNDED]
    refunded = sum(whole_fen(refund.get("refund_fee"), "退款金额") for refund in paid_back)
    if not refunds and state == _WITH_REFUND:
        refunded = whole_fen_or_zero(bill.get("total_refund_fee"), "退款总金额")
    if not refunded:
        return ""
    return "refunded" if refunded >= total else "part"


def _modified_at(paid_at: datetime, refunds: Sequence[Row]) -> datetime:
    """A bill tells no time of its last change; the requests for refunds tell theirs."""
    asked = [at for refund in refunds if (at := moment(refund.get("refund_reqtime"), "退款申请时间"))]
    return max([paid_at, *asked])


def _lines(bill: Row, total: int, refund: str) -> tuple[LineSnapshot, ...]:
    """What was sold has a description and a number of pieces, and no price: the sum is shared out by pieces.

    The description stands as the platform's code too, for nothing else names the goods: matched once, it is known.
    """
    sold = rows(bill.get("commodity_list"), "商品列表")
    if not sold:
        sold = [{"description": text(bill.get("remark")) or "对外收款（未写商品）"}]
    titles = [text(row.get("description")) or "未写商品" for row in sold]
    numbers = [pieces(row.get("amount") or 1, "商品数量") for row in sold]
    of_line = {"asked": "asked", "refunded": "refunded"}.get(refund, "")
    return tuple(
        LineSnapshot(
            line_key=key,
            sku="",
            platform_sku=title[:LONGEST],
            title=title,
            quantity=number,
            price_fen=paid // number,
            paid_fen=paid,
            refund=of_line,
        )
        for key, title, number, paid in zip(
            keys_of([("", "") for _ in sold]), titles, numbers, shares(total, numbers), strict=True
        )
    )


def _contact(bill: Row) -> Row:
    """Older copies of the interface call it payer_info."""
    found = bill.get("contact_info") or bill.get("payer_info") or {}
    if not isinstance(found, dict):
        raise Unreadable("联系人信息的结构看不懂")
    return found


def _place(contact: Row) -> tuple[regions.Region | None, str]:
    """The region that the address names, and the address without it."""
    address = text(contact.get("address")).strip()
    region = regions.find(address)
    if region is None:
        return None, address
    return region, (address[: region.start] + address[region.end :]).strip()
