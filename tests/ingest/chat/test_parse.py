from __future__ import annotations

from typing import Any

import pytest

from ingest.chat.parse import parse
from ingest.snapshot import Effect, Kind, Unreadable
from ingest.source import Record

BODY: dict[str, Any] = {
    "number": "CHAT00000001",
    "kind": "normal",
    "at": "2025-12-22 10:00:00",
    "receiver": {"name": "王小明", "phone": "18877771111-1234", "address": "文三路 1 号"},
    "province": "浙江省",
    "city": "杭州市",
    "district": "西湖区",
    "lines": [
        {"words": "红色马克杯", "quantity": 2, "sku": "QH-CUP-RED", "title": "马克杯", "spec": "红色"},
        {"words": "一样小东西", "quantity": 1, "kept": True},
    ],
    "paid_fen": 10000,
    "remark": "漏发的补一个",
    "by": "小李",
}


def of(**changes: Any) -> Record:
    return Record("CHAT00000001", {**BODY, **changes})


def test_what_a_person_said_is_what_it_is() -> None:
    order = parse(of())
    assert (order.kind, order.kind_evidence, order.original_id) == (Kind.NORMAL, "", None), "words are no evidence here"
    assert [(line.sku, line.title, line.quantity, line.paid_fen) for line in order.lines] == [
        ("QH-CUP-RED", "马克杯", 2, 6666), ("", "一样小东西", 1, 3334),
    ]  # fmt: skip
    assert order.receiver.phone == "18877771111-1234"
    assert (order.buyer_message, order.seller_memo) == ("", "漏发的补一个")


def test_a_reship_names_its_original() -> None:
    order = parse(
        of(kind="reship", original_number="301000000001", evidence="小李补发，原单 JD-20251220-001", paid_fen=0)
    )
    assert (order.kind, order.original_id, order.paid_fen) == (Kind.RESHIP, "301000000001", 0)
    assert "小李补发" in order.kind_evidence
    assert parse(of(kind="exchange", original_number="-")).original_id is None


def test_a_withdrawn_one_is_cancelled_and_newer() -> None:
    order = parse(of(withdrawn_at="2025-12-22 11:00:00"))
    assert order.effect is Effect.CANCELLED
    assert order.modified_at > order.created_at


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"kind": "moon"}, "类型不认识"),
        ({"paid_fen": None}, "缺少金额"),
        ({"lines": []}, "缺少商品明细"),
        ({"lines": [{"words": "杯", "quantity": 0}]}, "商品数量"),
        ({"lines": [{"no": "such"}]}, "看不懂"),
        ({"at": ""}, "确认时间"),
    ],
)
def test_what_cannot_be_an_order_says_why(changes: dict[str, Any], why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        parse(of(**changes))
