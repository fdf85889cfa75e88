from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import pytest

from ingest.jd.parse import EFFECTS, parse
from ingest.snapshot import Effect, Kind, OrderSnapshot, Unreadable
from ingest.source import Record
from models.beijing import BEIJING
from models.vault import Receiver
from tests.ingest.golden import record, row


def snapshot(event: str, **changes: Any) -> OrderSnapshot:
    return parse(record("jd", event, **changes))


def test_an_ordinary_order_tells_everything() -> None:
    order = snapshot("ordinary")
    assert (order.external_id, order.effect, order.platform_status) == (
        "301000000001",
        Effect.ADMIT,
        "等待出库",
    )
    assert (order.paid_fen, order.goods_fen, order.post_fen, order.discount_fen) == (11800, 13800, 0, 2000)
    assert order.created_at == datetime(2026, 3, 1, 9, 58, 12, tzinfo=BEIJING)
    assert order.paid_at == datetime(2026, 3, 1, 9, 59, 3, tzinfo=BEIJING)
    assert order.modified_at == datetime(2026, 3, 1, 10, 12, 44, tzinfo=BEIJING)
    assert (order.ship_by_at, order.not_before_at, order.shipped_at) == (None, None, None)
    assert (order.province, order.city, order.district, order.town) == ("浙江", "杭州市", "西湖区", "三墩镇")
    assert (order.buyer_key, order.receiver_key, order.original_id) == ("oExampleBuyer2", "", None)
    (line,) = order.lines
    assert (line.line_key, line.sku, line.platform_sku) == ("0-100000000001", "QH-CUP-RED", "100000000001")
    assert (line.quantity, line.price_fen, line.paid_fen) == (2, 6900, 11800)


def test_name_and_address_are_ciphertext_and_the_phone_is_a_mask() -> None:
    assert snapshot("ordinary").receiver == Receiver(
        phone_mask="138*******4",
        cipher={"name": "AAS/exampleCiphertextOfAName==", "address": "AAS/exampleCiphertextOfAnAddress=="},
    )


def test_a_locked_order_is_held_and_its_sum_is_divided_among_the_lines() -> None:
    order = snapshot("multi_line_locked")
    assert (order.effect, order.refund) == (Effect.ADMIT, "")
    assert order.hold == "平台锁定订单，可能有取消或退款申请"
    assert [line.paid_fen for line in order.lines] == [12466, 6234]
    assert sum(line.paid_fen for line in order.lines) == 18700
    assert order.post_fen == 600


def test_a_paused_order_is_held_with_the_platforms_reason() -> None:
    assert snapshot("paused").hold == "平台暂停发货：商家申请暂停"


def test_a_cancelled_order_is_cancelled() -> None:
    assert snapshot("cancelled").effect is Effect.CANCELLED


def test_a_shipped_order_tells_courier_and_waybill() -> None:
    order = snapshot("shipped")
    assert (order.effect, order.courier, order.waybill) == (Effect.SHIPPED, "yuantong", "YT1234567890123")
    assert order.lines[0].shipped


def test_two_parcels_keep_both_numbers() -> None:
    order = snapshot("two_parcels")
    assert (order.courier, order.waybill) == ("yuantong", "YT1234567890123,YT1234567890124")


def test_an_unknown_carrier_keeps_its_id() -> None:
    assert snapshot("shipped", logisticsId="99999").courier == "99999"


def test_words_in_the_memo_only_suggest_an_exchange() -> None:
    assert snapshot("exchange_memo").kind is Kind.PERHAPS_EXCHANGE


def test_an_after_sale_mark_only_suggests_too() -> None:
    order = snapshot("replacement")
    assert (order.kind, order.kind_evidence) == (Kind.PERHAPS_RESHIP, "平台售后标识 returnOrder=2")


def test_memo_and_message_are_told_by_the_list() -> None:
    order = snapshot("with_memo")
    assert (order.seller_memo, order.buyer_message) == ("客户要求加固包装", "尽快发")


def test_a_memo_that_was_not_asked_for_is_unknown() -> None:
    body = row("jd", "ordinary")
    del body["venderRemark"]
    assert parse(Record("1", body)).seller_memo is None


def test_a_wish_for_a_later_day_is_a_message_and_no_kind() -> None:
    order = snapshot("later_wish")
    assert (order.kind, order.buyer_message) == (Kind.NORMAL, "25号以后发货")


def test_only_a_split_child_names_its_parent() -> None:
    assert snapshot("split_child").original_id == "301000000080"
    for parent in ("0", "", None):
        assert snapshot("ordinary", parentOrderId=parent).original_id is None


def test_cash_on_delivery_is_recognised() -> None:
    order = snapshot("cod")
    assert (order.kind, order.paid_at) == (Kind.COD, None)


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ("absurd_price", "实付金额不合理"),
        ("absurd_quantity", "商品数量不合理：-2"),
        ("missing_created", "缺少下单时间"),
        ("missing_lines", "缺少商品明细"),
        ("unknown_state", "平台状态不认识：SOMEWHERE_ELSE"),
    ],
)
def test_what_cannot_be_understood_says_why(event: str, said: str) -> None:
    with pytest.raises(Unreadable, match=said):
        snapshot(event)


def test_an_unpaid_order_shows_its_goods_and_nothing_that_jd_does_not_tell() -> None:
    order = snapshot("not_paid")
    assert (order.external_id, order.effect, order.platform_status) == ("301000000021", Effect.UNPAID, "等待付款")
    assert order.created_at == order.modified_at == datetime(2026, 3, 1, 9, 58, 12, tzinfo=BEIJING)
    assert [(line.line_key, line.platform_sku, line.quantity) for line in order.lines] == [
        ("0-100000000001", "100000000001", 2),
        ("1-100000000002", "100000000002", 1),
    ]
    assert (order.paid_fen, order.paid_at, order.original_id, order.seller_memo) == (0, None, None, None)
    assert order.receiver == Receiver()


def test_the_lines_of_an_order_keep_their_keys_when_it_is_paid() -> None:
    paid = snapshot("ordinary").lines[0]
    unpaid = snapshot("not_paid", itemList=[{"skuId": int(paid.platform_sku), "skuName": "示例", "num": 1}]).lines[0]
    assert unpaid.line_key == paid.line_key


@pytest.mark.parametrize("wrong", [{"itemList": []}, {"orderCreated": "", "created": None}])
def test_an_unpaid_order_without_goods_or_moment_says_so(wrong: dict[str, Any]) -> None:
    with pytest.raises(Unreadable, match="缺少"):
        snapshot("not_paid", **wrong)


def test_an_unknown_field_changes_nothing() -> None:
    assert snapshot("ordinary", brandNewField={"x": [1]}) == snapshot("ordinary")


@pytest.mark.parametrize("state", list(EFFECTS))
def test_every_documented_state_has_an_effect(state: str) -> None:
    order = snapshot("ordinary", orderState=state)
    assert order.effect is EFFECTS[state]
    assert re.fullmatch(r"[\u4e00-\u9fa5，]+", order.platform_status), "people read it"
