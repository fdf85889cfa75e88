from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from ingest.snapshot import Effect, Kind, OrderSnapshot, Unreadable
from ingest.wecom_pay.parse import is_refund, parse
from models.beijing import BEIJING
from models.vault import Receiver
from tests.ingest.golden import record, row

PAID_AT = datetime(2026, 3, 1, 9, 59, 3, tzinfo=BEIJING)


def snapshot(event: str, **changes: Any) -> OrderSnapshot:
    return parse(record("wecom_pay", event, **changes))


def test_an_ordinary_bill_is_an_order_to_ship() -> None:
    order = snapshot("ordinary")
    assert (order.external_id, order.effect, order.platform_status) == (
        "4200002312202603010000000042",
        Effect.ADMIT,
        "已收款",
    )
    assert (order.paid_fen, order.goods_fen, order.post_fen, order.discount_fen) == (11800, 11800, 0, 0)
    assert order.created_at == order.paid_at == order.modified_at == PAID_AT
    assert (order.ship_by_at, order.hold, order.refund, order.kind) == (None, "", "", Kind.NORMAL)
    assert (order.seller_memo, order.buyer_message) == ("红色两只", None)
    assert order.buyer_key == "wmExampleCustomer000000000000001"
    assert (order.waybill, order.courier) == ("", "")


def test_what_was_sold_is_named_by_its_description_alone() -> None:
    (line,) = snapshot("ordinary").lines
    assert (line.sku, line.platform_sku, line.title) == (
        "",
        "青禾陶瓷马克杯 380ml 红色",
        "青禾陶瓷马克杯 380ml 红色",
    )
    assert (line.quantity, line.price_fen, line.paid_fen) == (2, 5900, 11800)


def test_the_sum_is_shared_out_by_pieces_and_stays_whole() -> None:
    order = snapshot("multi_line_refund")
    assert [(line.quantity, line.paid_fen) for line in order.lines] == [(2, 7866), (1, 3934)]
    assert sum(line.paid_fen for line in order.lines) == order.paid_fen
    assert len({line.line_key for line in order.lines}) == 2


@pytest.mark.parametrize(
    ("event", "title"), [("without_goods", "红色两只"), ("without_goods_or_remark", "对外收款（未写商品）")]
)
def test_a_bill_without_goods_is_one_piece_of_what_the_remark_says(event: str, title: str) -> None:
    (line,) = snapshot(event).lines
    assert (line.title, line.quantity, line.paid_fen) == (title, 1, 11800)


def test_the_payer_is_plain_and_the_address_gives_its_region() -> None:
    order = snapshot("ordinary")
    assert (order.province, order.city, order.district, order.town) == ("浙江省", "杭州市", "西湖区", "三墩镇")
    assert order.receiver == Receiver(name="张小雨", phone="13800005678", address="紫金花路 88 号 3 幢 1201")
    assert snapshot("older_names").receiver == order.receiver


def test_nothing_is_guessed_where_the_contact_does_not_tell() -> None:
    assert snapshot("without_contact").receiver.is_empty()
    order = snapshot("address_without_region")
    assert (order.province, order.district, order.receiver.address) == ("", "", "老地方")


@pytest.mark.parametrize(
    ("event", "effect", "refund", "words"),
    [
        ("part_refunded", Effect.ADMIT, "part", "已收款，部分退款"),
        ("refunded", Effect.CANCELLED, "refunded", "已全额退款"),
        ("refunded_in_two", Effect.CANCELLED, "refunded", "已全额退款"),
        ("refunded_without_list", Effect.CANCELLED, "refunded", "已全额退款"),
        ("multi_line_refund", Effect.ADMIT, "asked", "已收款，退款处理中"),
        ("refund_waits_for_superior", Effect.ADMIT, "asked", "已收款，退款处理中"),
        ("refund_went_wrong", Effect.ADMIT, "asked", "已收款，退款处理中"),
        ("refund_taken_back", Effect.ADMIT, "", "已收款"),
    ],
)
def test_refunds_are_an_overlay_until_all_is_paid_back(event: str, effect: Effect, refund: str, words: str) -> None:
    order = snapshot(event)
    assert (order.effect, order.refund, order.platform_status) == (effect, refund, words)
    assert order.hold == ("有退款处理中" if refund == "asked" else "")


def test_a_refund_moves_the_time_of_the_change() -> None:
    assert snapshot("refunded").modified_at == datetime(2026, 3, 1, 12, 40, tzinfo=BEIJING)
    assert snapshot("refunded_in_two").modified_at == datetime(2026, 3, 1, 15, 26, 40, tzinfo=BEIJING)
    assert snapshot("refunded").created_at == PAID_AT


def test_words_in_the_remark_suggest_a_reship() -> None:
    order = snapshot("reship_remark")
    assert (order.kind, order.kind_evidence) == (Kind.PERHAPS_RESHIP, "备注提到“补发”")


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        ("unknown_state", "平台状态不认识：9"),
        ("absurd_sum", "收款金额不合理"),
        ("missing_time", "缺少付款时间"),
        ("refund_bill", "找不到它对应的收款账单"),
    ],
)
def test_what_cannot_be_read_says_why(event: str, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason):
        snapshot(event)


def test_a_refunds_bill_is_told_from_a_payments() -> None:
    assert is_refund(row("wecom_pay", "refund_bill"))
    assert not is_refund(row("wecom_pay", "ordinary"))
    assert not is_refund(row("wecom_pay", "older_names")), "older copies know no bill_type"
