"""A confirmed draft becomes a snapshot. What it is was said by a person, so no words of it are searched for hints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ingest.beijing import moment, required_moment
from ingest.fields import keys_of, text
from ingest.money import pieces, shares
from ingest.snapshot import Effect, Kind, LineSnapshot, OrderSnapshot, Unreadable
from ingest.source import Record
from models.draft import DraftContent, from_json

Row = Mapping[str, Any]
KINDS: Final = {"normal": Kind.NORMAL, "reship": Kind.RESHIP, "exchange": Kind.EXCHANGE}
_NO_ORIGINAL: Final = ("", "-")


def parse(record: Record) -> OrderSnapshot:
    """Raises Unreadable."""
    row = record.body
    content, kind = _content(row), KINDS.get(text(row.get("kind")))
    if kind is None:
        raise Unreadable(f"订单类型不认识：{text(row.get('kind'))[:40] or '空'}")
    if content.paid_fen is None:
        raise Unreadable("缺少金额")
    at = required_moment(row.get("at"), "确认时间")
    withdrawn_at = moment(row.get("withdrawn_at"), "作废时间")
    return OrderSnapshot(
        external_id=record.external_id,
        effect=Effect.CANCELLED if withdrawn_at else Effect.ADMIT,
        platform_status="已作废" if withdrawn_at else "已确认",
        created_at=at,
        modified_at=withdrawn_at or at,
        paid_at=at,
        lines=_lines(content),
        paid_fen=content.paid_fen,
        goods_fen=content.paid_fen,
        kind=kind,
        kind_evidence=content.evidence,
        original_id=content.original_number if content.original_number not in _NO_ORIGINAL else None,
        buyer_message="",
        seller_memo=content.remark,
        province=content.province,
        city=content.city,
        district=content.district,
        town=content.town,
        receiver=content.receiver,
        receiver_key=content.receiver_key,
    )


def _content(row: Row) -> DraftContent:
    known = {name: row[name] for name in DraftContent.__dataclass_fields__ if name in row}
    try:
        return from_json(known)
    except TypeError:
        raise Unreadable("记录的结构看不懂") from None


def _lines(content: DraftContent) -> tuple[LineSnapshot, ...]:
    """The price is one for all: it is divided among the pieces."""
    if not content.lines:
        raise Unreadable("缺少商品明细")
    assert content.paid_fen is not None
    counts = [pieces(line.quantity, "商品数量") for line in content.lines]
    paid = shares(content.paid_fen, counts)
    names = [line.sku or line.words for line in content.lines]
    keys = keys_of([("", name) for name in names])
    return tuple(
        LineSnapshot(
            line_key=keys[place],
            sku=line.sku,
            platform_sku=names[place],
            title=line.title or line.words,
            quantity=counts[place],
            price_fen=paid[place] // counts[place],
            paid_fen=paid[place],
            spec=line.spec,
        )
        for place, line in enumerate(content.lines)
    )
