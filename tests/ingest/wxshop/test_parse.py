from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from ingest.snapshot import Effect, Kind, OrderSnapshot, Unreadable
from ingest.source import Record
from ingest.wxshop.parse import EFFECTS, STATES, parse
from models.beijing import BEIJING
from models.vault import Receiver
from tests.ingest.golden import record, row


def snapshot(event: str, **changes: Any) -> OrderSnapshot:
    return parse(record("wxshop", event, **changes))


def test_an_ordinary_order_tells_everything() -> None:
    order = snapshot("ordinary")
    assert (order.external_id, order.effect, order.platform_status) == ("3725020335455738368", Effect.ADMIT, "待发货")
    assert (order.paid_fen, order.goods_fen, order.post_fen, order.discount_fen) == (11800, 13800, 0, 2000)
    assert order.created_at == datetime(2026, 3, 1, 9, 58, 12, tzinfo=BEIJING)
    assert order.paid_at == datetime(2026, 3, 1, 9, 59, 3, tzinfo=BEIJING)
    assert order.modified_at == datetime(2026, 3, 1, 10, 12, 44, tzinfo=BEIJING)
    assert order.ship_by_at == datetime(2026, 3, 3, 9, 59, 3, tzinfo=BEIJING)
    assert (order.not_before_at, order.shipped_at, order.hold, order.refund) == (None, None, "", "")
    assert (order.buyer_message, order.seller_memo, order.seller_flag) == ("尽快发", "", 0)
    assert (order.province, order.city, order.district, order.town) == ("浙江省", "杭州市", "西湖区", "")
    assert (order.buyer_key, order.receiver_key) == ("oExampleBuyer0000000000001", "5f1e2example")
    assert (order.kind, order.kind_evidence, order.original_id) == (Kind.NORMAL, "", None)
    (line,) = order.lines
    assert (line.line_key, line.sku, line.platform_sku) == ("3725020335455738368_001", "QH-CUP-RED", "2831441781")
    assert (line.quantity, line.price_fen, line.paid_fen, line.spec) == (2, 6900, 11800, "红色 380ml")


def test_the_receiver_is_masked_and_the_waybill_code_is_kept_as_it_came() -> None:
    assert snapshot("ordinary").receiver == Receiver(
        name_mask="张**", phone_mask="138****5678", address_mask="三墩镇****",
        cipher={"ewaybill_order_code": "EWB-example-code"},
    )  # fmt: skip


def test_a_house_number_belongs_to_the_address_which_stays_as_it_came() -> None:
    body = row("wxshop", "ordinary")
    body["order_detail"]["delivery_info"]["address_info"] |= {
        "detail_info": "滨江路 1 号, 东门",
        "house_number": "3-201",
    }
    assert parse(Record("1", body)).receiver.address == "滨江路 1 号, 东门 3-201"


def test_a_virtual_number_is_never_taken_for_the_buyers_phone() -> None:
    found = snapshot("virtual_number").receiver
    assert (found.phone, found.phone_mask) == ("", "")
    assert found.cipher["virtual_phone"] == "18400913965-7576"


@pytest.mark.parametrize(
    ("event", "effect", "words"),
    [
        ("unpaid", Effect.UNPAID, "待付款"),
        ("gift_pending", Effect.UNPAID, "礼物待收下"),
        ("grouping", Effect.UNPAID, "凑团中"),
        ("part_shipped", Effect.ADMIT, "部分发货"),
        ("shipped", Effect.SHIPPED, "待收货"),
        ("done", Effect.SHIPPED, "已完成"),
        ("cancelled_unpaid", Effect.CANCELLED, "未付款，已取消"),
        ("refunded", Effect.CANCELLED, "全部退款，已取消"),
        ("closed_after_sale", Effect.CANCELLED, "售后完成，已取消"),
    ],
)
def test_each_state_has_its_effect_and_its_words(event: str, effect: Effect, words: str) -> None:
    order = snapshot(event)
    assert (order.effect, order.platform_status) == (effect, words)


def test_every_state_has_words() -> None:
    assert EFFECTS.keys() == STATES.keys()


def test_what_has_left_stays_shipped_when_all_of_it_is_refunded() -> None:
    order = snapshot("refunded_after_shipping")
    assert (order.effect, order.refund) == (Effect.SHIPPED, "refunded")
    assert order.shipped_at == datetime(2026, 3, 1, 12, 40, tzinfo=BEIJING)
    assert (order.waybill, order.courier) == ("YT1234567890123", "yuantong")


def test_one_line_in_after_sale_holds_the_order_and_is_named() -> None:
    order = snapshot("multi_line_refund")
    assert (order.effect, order.hold, order.refund) == (Effect.ADMIT, "有商品售后中", "asked")
    assert [line.refund for line in order.lines] == ["", "asked"]
    assert sum(line.paid_fen for line in order.lines) == order.paid_fen == 17700


@pytest.mark.parametrize(
    ("event", "kind", "evidence"),
    [
        ("exchange", Kind.EXCHANGE, "平台售后单 2000000000000001 为换货"),
        ("exchange_done", Kind.EXCHANGE, "平台售后单 2000000000000001 为换货"),
        ("exchange_refused", Kind.NORMAL, ""),
        ("return_asked", Kind.NORMAL, ""),
    ],
)
def test_an_exchange_is_told_by_its_after_sale(event: str, kind: Kind, evidence: str) -> None:
    order = snapshot(event)
    assert (order.kind, order.kind_evidence) == (kind, evidence)


@pytest.mark.parametrize("event", ["exchange", "exchange_done", "exchange_refused"])
def test_pieces_in_an_exchange_are_no_refund(event: str) -> None:
    order = snapshot(event)
    assert (order.effect, order.refund, order.lines[0].refund) == (Effect.SHIPPED, "", "")


def test_pieces_on_their_way_back_are_a_refund_that_is_asked_for() -> None:
    order = snapshot("return_asked")
    assert (order.refund, order.lines[0].refund) == ("asked", "asked")


def test_without_their_after_sales_pieces_count_as_asked_back() -> None:
    """Unknown is not fine: the sort of the after-sale could not be read."""
    assert snapshot("exchange", after_sales=[]).refund == "asked"


def test_an_open_case_is_seen_even_where_no_line_shows_it() -> None:
    assert snapshot("ordinary", aftersale_detail={"on_aftersale_order_cnt": 1}).refund == "asked"


def test_some_refunded_pieces_of_a_line_leave_the_rest_to_be_shipped() -> None:
    order = snapshot("part_refunded")
    assert (order.effect, order.refund, order.hold) == (Effect.ADMIT, "part", "")
    assert (order.lines[0].refund, order.lines[0].quantity, order.lines[0].shipped) == ("", 2, False)


def test_of_a_part_shipped_order_the_rest_has_the_deadline() -> None:
    order = snapshot("part_shipped")
    assert [line.shipped for line in order.lines] == [True, False]
    assert order.ship_by_at == datetime(2026, 3, 2, 9, 59, 3, tzinfo=BEIJING)
    assert order.shipped_at == datetime(2026, 3, 1, 12, 40, tzinfo=BEIJING)


def test_a_gift_of_the_same_product_is_still_here_when_only_one_of_both_has_left() -> None:
    body = row("wxshop", "part_shipped")
    bought = body["order_detail"]["product_infos"][0]
    body["order_detail"]["product_infos"][1] = bought | {
        "product_unique_id": "gift",
        "is_free_gift": 1,
        "real_price": 0,
    }
    assert [line.shipped for line in parse(Record("1", body)).lines] == [True, False]
    body["order_detail"]["delivery_info"]["delivery_product_info"][0]["product_infos"][0]["product_cnt"] = 4
    assert [line.shipped for line in parse(Record("1", body)).lines] == [True, True]


def test_a_presale_ships_by_its_promise_and_of_two_promises_the_shorter_counts() -> None:
    order = snapshot("presale")
    assert (order.kind, order.kind_evidence, order.not_before_at) == (Kind.PRESALE, "平台标为全款预售", None)
    assert order.ship_by_at == datetime(2026, 3, 16, 9, 59, 3, tzinfo=BEIJING)
    body = row("wxshop", "presale")
    body["order_detail"]["product_infos"][0]["delivery_deadline"] = 1772416743
    assert parse(Record("1", body)).ship_by_at == datetime(2026, 3, 2, 9, 59, 3, tzinfo=BEIJING)


@pytest.mark.parametrize(
    ("event", "hold"),
    [
        ("address_under_review", "买家申请修改收货地址，平台审核中"),
        ("sku_change_asked", "买家申请发货前换款，等待商家处理"),
    ],
)
def test_what_the_buyer_asks_to_change_holds_the_order(event: str, hold: str) -> None:
    assert snapshot(event).hold == hold


@pytest.mark.parametrize(
    ("event", "kind", "evidence"),
    [
        ("without_courier", Kind.VIRTUAL, "平台标为无需物流的订单"),
        ("lottery", Kind.LOTTERY, "平台支付方式为抽奖商品"),
        ("reship_memo", Kind.PERHAPS_RESHIP, "备注提到“补发”"),
    ],
)
def test_special_kinds_come_with_their_evidence(event: str, kind: Kind, evidence: str) -> None:
    order = snapshot(event)
    assert (order.kind, order.kind_evidence) == (kind, evidence)


def test_postage_that_was_changed_counts_as_changed() -> None:
    order = snapshot("changed_freight")
    assert (order.paid_fen, order.post_fen, order.discount_fen) == (12300, 500, 2000)


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        ("unknown_status", "平台状态不认识：77"),
        ("missing_lines", "缺少商品明细"),
        ("absurd_price", "实付金额不合理"),
        ("missing_updated", "缺少修改时间"),
    ],
)
def test_what_cannot_be_read_says_why(event: str, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason):
        snapshot(event)


def test_an_order_that_is_listed_but_not_shown_says_so() -> None:
    with pytest.raises(Unreadable, match="不让读取"):
        parse(Record("1", {"order_id": "1"}))


def test_the_lines_of_one_sku_without_their_own_numbers_are_kept_apart() -> None:
    body = row("wxshop", "ordinary")
    products = body["order_detail"]["product_infos"]
    products.append({name: value for name, value in products[0].items() if name != "product_unique_id"})
    products[0] = products[1]
    assert [line.line_key for line in parse(Record("1", body)).lines] == ["0-2831441781", "1-2831441781"]


@pytest.mark.parametrize(
    ("event", "why"),
    [
        ("exchange", "卖家发错货"), ("return_asked", "卖家发错货"), ("exchange_refused", ""),
        ("multi_line_refund", "不想要了"), ("ordinary", ""),
    ],
)  # fmt: skip
def test_why_something_is_asked_back_is_told_in_the_platforms_words(event: str, why: str) -> None:
    assert snapshot(event).after_sale == why


def test_an_older_reason_has_no_words_of_its_own() -> None:
    told = row("wxshop", "return_asked")
    cases = [case | {"reason": "EMPTY_PACKAGE", "reason_text": ""} for case in told["after_sales"]]
    assert snapshot("return_asked", after_sales=cases).after_sale == "包裹为空"
