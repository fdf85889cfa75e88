from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from ingest.douyin.parse import FLAGS, STARS, parse
from ingest.snapshot import Effect, Kind, OrderSnapshot, Unreadable
from ingest.source import Record
from models.vault import Receiver
from tests.ingest.golden import record, row


def snapshot(event: str, **changes: Any) -> OrderSnapshot:
    return parse(record("douyin", event, **changes))


def at(epoch: int) -> datetime:
    return datetime.fromtimestamp(epoch, UTC)


def first_line(event: str, **changes: Any) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = row("douyin", event)["sku_order_list"]
    return [lines[0] | changes, *lines[1:]]


def after_sale(state: int, sort: int) -> dict[str, Any]:
    return {"after_sale_info": {"after_sale_status": state, "after_sale_type": sort, "refund_status": 1}}


def test_an_ordinary_order_tells_everything() -> None:
    order = snapshot("ordinary")
    assert (order.external_id, order.effect, order.platform_status) == ("6900000000000000001", Effect.ADMIT, "待发货")
    assert (order.paid_fen, order.goods_fen, order.post_fen, order.discount_fen) == (11800, 13800, 0, 2000)
    assert (order.created_at, order.modified_at) == (at(1772330292), at(1772331164))
    assert (order.paid_at, order.ship_by_at, order.not_before_at) == (at(1772330343), at(1772503143), None)
    assert (order.province, order.city, order.district, order.town) == ("浙江省", "杭州市", "西湖区", "三墩镇")
    assert (order.buyer_key, order.receiver_key) == ("1@#exampleBuyer", "#exampleAddress")
    assert (order.waybill, order.courier, order.kind, order.hold, order.refund) == ("", "", Kind.NORMAL, "", "")
    (line,) = order.lines
    assert (line.line_key, line.sku, line.platform_sku) == ("6900000000000000002", "QH-CUP-RED", "1700000000000001")
    assert (line.quantity, line.price_fen, line.paid_fen, line.spec) == (2, 6900, 11800, "红色")


def test_the_fewer_fields_of_the_sheet_are_enough() -> None:
    order = snapshot("sheet_sample")
    assert (order.paid_fen, order.goods_fen, order.discount_fen) == (11800, 13800, 2000)
    assert order.ship_by_at == at(1772503143), "the order's own, where its lines tell none"
    (line,) = order.lines
    assert (line.price_fen, line.paid_fen, line.shipped) == (6900, 11800, False)


def test_ciphertext_is_kept_as_it_came_beside_the_masks() -> None:
    assert snapshot("ordinary").receiver == Receiver(
        name_mask="郑*",
        phone_mask="1********34",
        address_mask="********",
        cipher={"post_receiver": "##exampleName##", "post_tel": "##examplePhone##", "detail": "##exampleDetail##"},
    )


def test_where_the_ciphertext_is_gone_nothing_is_said_so_that_what_was_kept_stays() -> None:
    assert snapshot("without_cipher").receiver.is_empty()


def test_memo_message_and_flag_are_told_by_the_list() -> None:
    order = snapshot("with_memo")
    assert (order.seller_memo, order.buyer_message, order.seller_flag) == ("加固包装", "颜色别发错了", 1)
    assert (snapshot("ordinary").seller_memo, snapshot("ordinary").seller_flag) == ("", 0)


def test_what_the_platform_does_not_tell_at_all_is_unknown_and_not_empty() -> None:
    body = row("douyin", "ordinary")
    del body["seller_words"], body["buyer_words"]
    order = parse(Record("1", body))
    assert (order.seller_memo, order.buyer_message) == (None, None)


def test_the_six_stars_are_our_six_flags() -> None:
    assert sorted(STARS) == [0, 1, 2, 3, 4, 5]
    assert sorted(STARS.values()) == ["0", "1", "2", "3", "4", "5"]
    assert all(STARS[flag] == star for star, flag in FLAGS.items())
    assert (STARS[0], STARS[1], STARS[3]) == ("0", "5", "3"), "grey is none, red is red, green is green"


def test_a_refund_of_one_line_marks_that_line_and_holds_the_order() -> None:
    order = snapshot("multi_line_refund")
    assert (order.effect, order.refund, order.hold) == (Effect.ADMIT, "asked", "有商品退款中")
    assert [line.refund for line in order.lines] == ["", "asked"]
    assert [line.paid_fen for line in order.lines] == [11800, 15900]
    assert (order.post_fen, sum(line.paid_fen for line in order.lines) + order.post_fen) == (50, order.paid_fen)


def test_a_refunded_line_leaves_the_rest_to_ship() -> None:
    order = snapshot("line_refunded")
    assert (order.effect, order.refund, order.hold) == (Effect.ADMIT, "part", "")
    assert order.ship_by_at == at(1772503143)


@pytest.mark.parametrize(
    ("state", "sort", "refund"),
    [
        (0, 0, ""), (6, 2, "asked"), (7, 0, "asked"), (11, 0, "asked"), (12, 2, "refunded"), (27, 2, "refused"),
        (28, 2, ""), (29, 0, "refused"), (51, 5, "refunded"), (53, 0, "refunded"), (6, 6, ""), (6, 3, ""), (8, 7, ""),
        (6, 8, ""), (99, 2, "asked"),
    ],
)  # fmt: skip
def test_each_after_sale_state_says_what_becomes_of_its_line(state: int, sort: int, refund: str) -> None:
    order = snapshot("ordinary", sku_order_list=first_line("ordinary", **after_sale(state, sort)))
    assert order.lines[0].refund == refund


def test_a_refused_refund_is_still_an_open_question_but_holds_nothing() -> None:
    order = snapshot("ordinary", sku_order_list=first_line("ordinary", **after_sale(27, 2)))
    assert (order.refund, order.hold) == ("asked", "")


@pytest.mark.parametrize(
    ("event", "effect", "status"),
    [
        ("unpaid", Effect.UNPAID, "待付款"),
        ("deposit_only", Effect.UNPAID, "待付尾款"),
        ("under_review", Effect.ADMIT, "已支付"),
        ("part_shipped", Effect.ADMIT, "部分发货"),
        ("shipped", Effect.SHIPPED, "已发货"),
        ("finished", Effect.SHIPPED, "已完成"),
        ("cancelled", Effect.CANCELLED, "已取消"),
        ("refunded_before_shipping", Effect.CANCELLED, "已取消,退款关闭"),
        ("refunded_after_shipping", Effect.SHIPPED, "已取消,退款关闭"),
    ],
)
def test_each_state_of_the_platform_has_its_effect(event: str, effect: Effect, status: str) -> None:
    order = snapshot(event)
    assert (order.effect, order.platform_status) == (effect, status)


def test_a_main_state_that_says_refunded_counts_before_the_order_state() -> None:
    assert snapshot("ordinary", main_status=21).effect is Effect.CANCELLED


def test_what_has_left_stays_shipped_whatever_its_main_state_says() -> None:
    assert snapshot("finished", main_status=39, ship_time=0).effect is Effect.SHIPPED


def test_refunded_after_shipping_has_the_refund_as_overlay() -> None:
    assert snapshot("refunded_after_shipping").refund == "refunded"


def test_an_order_that_is_paid_but_not_yet_to_ship_is_held() -> None:
    assert "暂不能发货" in snapshot("under_review").hold
    assert snapshot("ordinary").hold == ""


def test_of_a_part_shipped_order_the_promise_is_that_of_what_is_left() -> None:
    order = snapshot("part_shipped")
    assert [line.shipped for line in order.lines] == [True, False]
    assert order.ship_by_at == at(1772589543)
    assert (order.waybill, order.courier, order.shipped_at) == ("YT1234567890123", "yuantong", None)


def test_all_parcels_are_kept_and_the_first_couriers_name() -> None:
    order = snapshot("two_parcels")
    assert (order.waybill, order.courier) == ("YT1234567890123,78123456789012", "yuantong")
    assert order.shipped_at == at(1772350200)


@pytest.mark.parametrize(
    ("code", "name", "slug"),
    [
        ("debangwuliu", "德邦快递", "debangkuaidi"),
        ("brandnew", "飞毛腿", "飞毛腿"),
        ("brandnew", "", "brandnew"),
        ("jtexpress", "", "jtexpress"),
    ],
)
def test_a_courier_is_known_by_its_code_or_its_name(code: str, name: str, slug: str) -> None:
    parcel = {"tracking_no": "1", "company": code, "company_name": name}
    assert snapshot("shipped", logistics_info=[parcel]).courier == slug


def test_no_promise_is_no_date() -> None:
    lines = first_line("ordinary", exp_ship_time=0)
    assert snapshot("ordinary", exp_ship_time=0, sku_order_list=lines).ship_by_at is None
    assert snapshot("shipped").ship_by_at is None


def test_a_presale_waits_for_the_day_that_was_appointed_and_not_for_its_last() -> None:
    order = snapshot("presale")
    assert (order.kind, order.kind_evidence) == (Kind.PRESALE, "平台标为全款预售")
    assert (order.not_before_at, order.ship_by_at) == (at(1773072000), at(1773331200))
    assert snapshot("presale", appointment_ship_time=0).not_before_at is None


@pytest.mark.parametrize(
    ("event", "kind", "evidence"),
    [
        ("exchange", Kind.EXCHANGE, "平台售后类型 3（换货），状态 11"),
        ("reship", Kind.RESHIP, "平台售后类型 7（补寄），状态 8"),
        ("deposit_only", Kind.PRESALE, "平台交易类型为定金预售"),
        ("lottery", Kind.LOTTERY, "平台交易类型为抽奖"),
        ("gift", Kind.GIFT, "平台标为赠品"),
        ("virtual", Kind.VIRTUAL, "平台标为虚拟或券码订单"),
        ("cod", Kind.COD, "平台支付类型为货到付款"),
    ],
)
def test_special_orders_are_recognised_with_their_evidence(event: str, kind: Kind, evidence: str) -> None:
    order = snapshot(event)
    assert (order.kind, order.kind_evidence) == (kind, evidence)


def test_lines_tell_pickup_stepwise_shipping_and_gifts_of_deposits() -> None:
    def kind(**changes: Any) -> Kind:
        return snapshot("ordinary", sku_order_list=first_line("ordinary", **changes)).kind

    assert kind(receive_type=2) is Kind.PICKUP
    assert kind(pre_sale_type=2) is Kind.PRESALE
    assert kind(trade_type=102) is Kind.GIFT
    assert kind(given_product_type="FREE") is Kind.GIFT


def test_an_unpaid_order_is_no_cash_on_delivery_although_it_carries_the_same_number() -> None:
    assert snapshot("unpaid").kind is Kind.NORMAL


def test_an_exchange_that_failed_is_none() -> None:
    assert snapshot("exchange", sku_order_list=first_line("exchange", **after_sale(28, 3))).kind is Kind.NORMAL


def test_words_in_the_memo_only_suggest() -> None:
    assert snapshot("ordinary", seller_words="补发 漏发1只装").kind is Kind.PERHAPS_RESHIP
    assert snapshot("exchange", seller_words="补发").kind is Kind.EXCHANGE, "the platform's own state is better"


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ("absurd_price", "实付金额不合理：1000000000000"),
        ("price_in_words", "实付金额不是数字：一百一十八"),
        ("half_a_fen", r"实付金额不合理：11800\.5"),
        ("missing_updated", "缺少修改时间"),
        ("missing_lines", "缺少商品明细"),
        ("unknown_status", "平台状态不认识：77"),
    ],
)
def test_what_cannot_be_understood_says_why(event: str, said: str) -> None:
    with pytest.raises(Unreadable, match=said):
        snapshot(event)


def test_an_unknown_field_changes_nothing() -> None:
    assert snapshot("ordinary", brand_new_field={"x": [1]}) == snapshot("ordinary")


def test_numbers_may_come_as_text() -> None:
    as_text = {"order_status": "2", "main_status": "2", "pay_amount": "11800", "create_time": "1772330292"}
    assert snapshot("ordinary", **as_text) == snapshot("ordinary")
