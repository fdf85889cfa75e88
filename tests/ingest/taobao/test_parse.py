from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import pytest

from ingest.snapshot import Effect, Kind, OrderSnapshot, Unreadable
from ingest.source import Record
from ingest.taobao.parse import EFFECTS, REFUNDS, parse
from models.beijing import BEIJING
from models.vault import Receiver
from tests.ingest.golden import record, row


def snapshot(event: str, **changes: Any) -> OrderSnapshot:
    return parse(record("taobao", event, **changes))


def beijing(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=BEIJING)  # type: ignore[arg-type,misc]


def test_an_ordinary_trade_tells_everything() -> None:
    order = snapshot("ordinary")
    assert (order.external_id, order.effect, order.platform_status) == (
        "2607000000000000001",
        Effect.ADMIT,
        "等待卖家发货",
    )
    assert (order.paid_fen, order.goods_fen, order.post_fen, order.discount_fen) == (11800, 11800, 0, 0)
    assert order.created_at == beijing(2026, 3, 1, 9, 58, 12)
    assert order.paid_at == beijing(2026, 3, 1, 9, 59, 3)
    assert order.modified_at == beijing(2026, 3, 1, 10, 12, 44)
    assert order.ship_by_at == beijing(2026, 3, 3, 9, 59, 3)
    assert (order.kind, order.hold, order.refund, order.original_id) == (Kind.NORMAL, "", "", None)
    assert (order.province, order.city, order.district, order.town) == ("浙江省", "杭州市", "西湖区", "三墩镇")
    assert (order.buyer_key, order.receiver_key) == ("AAExampleBuyer1", "1exampleOaidOfShen0001")
    (line,) = order.lines
    assert (line.line_key, line.sku, line.platform_sku) == ("2607000000000000001", "QH-BOWL-4", "4900000000004")
    assert (line.quantity, line.price_fen, line.paid_fen) == (2, 5900, 11800)
    assert (line.spec, line.refund, line.shipped) == ("颜色分类:4只装", "", False)


def test_masks_stay_masks_and_the_oaid_stays_as_it_came() -> None:
    assert snapshot("ordinary").receiver == Receiver(
        name_mask="沈**", phone_mask="*******5678", address_mask="***", cipher={"oaid": "1exampleOaidOfShen0001"}
    )


def test_plain_text_is_taken_where_the_platform_gives_it() -> None:
    order = snapshot("ordinary", receiver_name="沈小满", receiver_mobile="13857105678", receiver_address="紫金花路")
    assert (order.receiver.name, order.receiver.phone, order.receiver.address) == (
        "沈小满",
        "13857105678",
        "紫金花路",
    )


def test_a_list_does_not_tell_the_memo_and_says_whether_there_is_a_message() -> None:
    assert snapshot("ordinary").seller_memo is None
    assert snapshot("ordinary").buyer_message == ""
    assert snapshot("ordinary", has_buyer_message=True).buyer_message is None


def test_the_full_trade_tells_memo_message_and_flag() -> None:
    order = snapshot("with_memo")
    assert (order.seller_memo, order.buyer_message, order.seller_flag) == ("已催付，改发顺丰", "尽快发,谢谢", 3)


def test_one_refunding_line_is_an_overlay_of_that_line_and_holds_the_order() -> None:
    order = snapshot("multi_line_refund")
    assert [line.refund for line in order.lines] == ["", "asked"]
    assert [line.line_key for line in order.lines] == ["2607000000000000002", "2607000000000000003"]
    assert [line.paid_fen for line in order.lines] == [5900, 5900]
    assert (order.refund, order.hold, order.effect) == ("asked", "有商品退款中", Effect.ADMIT)
    assert (order.paid_fen, order.goods_fen, order.post_fen, order.discount_fen) == (12300, 13800, 500, 2000)


def test_a_paid_up_presale_waits_for_its_day() -> None:
    order = snapshot("presale")
    assert (order.effect, order.kind) == (Effect.ADMIT, Kind.PRESALE)
    assert "预售" in order.kind_evidence
    assert order.not_before_at == order.ship_by_at == beijing(2026, 3, 10)


def test_a_promise_in_words_is_no_date() -> None:
    assert snapshot("presale", send_time=None).ship_by_at is None


def test_a_presale_without_deposit_steps_is_known_by_its_promise() -> None:
    assert snapshot("ordinary", send_time="2026-03-10 00:00:00").kind is Kind.PRESALE


@pytest.mark.parametrize("event", ["unpaid", "deposit_only"])
def test_what_is_not_fully_paid_is_unpaid(event: str) -> None:
    order = snapshot(event)
    assert (order.effect, order.paid_at) == (Effect.UNPAID, None)


def test_a_step_trade_ships_only_when_both_parts_are_paid() -> None:
    for step in ("FRONT_NOPAID_FINAL_NOPAID", "FRONT_PAID_FINAL_NOPAID", "FRONT_PAID_FRONT_FORFEITED", None):
        assert snapshot("presale", step_trade_status=step).effect is Effect.UNPAID


def test_a_trade_closed_before_payment_is_cancelled() -> None:
    assert snapshot("cancelled").effect is Effect.CANCELLED


def test_a_trade_closed_after_it_left_stays_shipped_with_the_refund_as_overlay() -> None:
    order = snapshot("closed_after_shipping")
    assert (order.effect, order.refund) == (Effect.SHIPPED, "refunded")
    assert order.lines[0].shipped


def test_a_shipped_trade_tells_courier_waybill_and_time() -> None:
    order = snapshot("shipped")
    assert (order.effect, order.courier, order.waybill) == (Effect.SHIPPED, "yuantong", "YT1234567890123")
    assert order.shipped_at == beijing(2026, 3, 1, 15, 30)
    assert order.ship_by_at is None
    assert order.lines[0].shipped


def test_of_a_part_shipped_trade_the_rest_is_still_to_ship_until_the_end_of_its_day() -> None:
    order = snapshot("part_shipped")
    assert order.effect is Effect.ADMIT
    assert [line.shipped for line in order.lines] == [True, False]
    assert (order.waybill, order.courier) == ("78000000000001", "zhongtong")
    assert order.ship_by_at == beijing(2026, 3, 4, 23, 59, 59)


def test_words_in_the_memo_only_suggest_a_reship() -> None:
    order = snapshot("reship_memo")
    assert (order.kind, order.kind_evidence) == (Kind.PERHAPS_RESHIP, "备注提到“补发”")


def test_what_the_platform_holds_is_said_with_its_reason() -> None:
    assert snapshot("held").hold == "拼团未成，暂不发货"
    assert snapshot("held", trade_attr="").hold == "平台禁止发货"
    assert snapshot("held", trade_attr="{broken").hold == "平台禁止发货"
    assert snapshot("ordinary", top_hold="1").hold == "平台暂停发货"


def test_cash_on_delivery_and_other_types_are_recognised_and_one_line_may_come_without_its_list() -> None:
    assert snapshot("cod").kind is Kind.COD
    assert len(snapshot("cod").lines) == 1


@pytest.mark.parametrize(
    ("event", "kind", "evidence"),
    [
        ("distribution", Kind.DISTRIBUTION, "平台订单类型为分销"),
        ("supermarket_cod", Kind.COD, "平台订单类型为货到付款"),
        ("no_shipping", Kind.VIRTUAL, "平台标为无需物流的订单"),
    ],
)
def test_the_platforms_own_type_says_what_it_is(event: str, kind: Kind, evidence: str) -> None:
    order = snapshot(event)
    assert (order.kind, order.kind_evidence, order.effect) == (kind, evidence, Effect.ADMIT)


def test_a_distributed_trade_that_may_be_a_reship_is_asked_about_first() -> None:
    assert snapshot("distribution", seller_memo="破损补发").kind is Kind.PERHAPS_RESHIP


def test_what_is_shipped_like_anything_else_is_nothing_special() -> None:
    for said in (False, "false", None):
        assert snapshot("no_shipping", no_shipping=said).kind is Kind.NORMAL
    assert snapshot("ordinary", type="eticket").kind is Kind.VIRTUAL
    assert snapshot("ordinary", shipping_type="virtual").kind is Kind.VIRTUAL
    assert snapshot("ordinary", type="o2o_offlinetrade").kind is Kind.PICKUP
    assert snapshot("ordinary", type="tmall_i18n").kind is Kind.OVERSEAS


def test_a_county_run_by_its_province_has_no_city() -> None:
    order = snapshot("county_without_city")
    assert (order.city, order.district) == ("", "济源市")


def test_without_an_allocated_sum_the_single_lines_payment_loses_the_postage() -> None:
    trade = row("taobao", "ordinary") | {"post_fee": "6.00", "payment": "124.00"}
    trade["orders"]["order"][0] |= {"payment": "124.00", "divide_order_fee": None}
    assert parse(Record("1", trade)).lines[0].paid_fen == 11800


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ("absurd_price", "实付金额不合理：-1.00"),
        ("missing_modified", "缺少修改时间"),
        ("missing_lines", "缺少商品明细"),
        ("unknown_status", "平台状态不认识：TRADE_ON_THE_MOON"),
    ],
)
def test_what_cannot_be_understood_says_why(event: str, said: str) -> None:
    with pytest.raises(Unreadable, match=said):
        snapshot(event)


def test_an_unknown_field_changes_nothing() -> None:
    assert snapshot("ordinary", brand_new_field={"x": [1]}) == snapshot("ordinary")


@pytest.mark.parametrize("status", list(EFFECTS))
def test_every_documented_state_has_an_effect(status: str) -> None:
    order = snapshot("ordinary", status=status)
    assert order.effect is EFFECTS[status]
    assert re.fullmatch(r"[\u4e00-\u9fa5，]+", order.platform_status), "people read it"


def test_every_documented_refund_state_is_told_apart() -> None:
    assert set(REFUNDS.values()) == {"asked", "refused", "refunded"}
    trade = row("taobao", "ordinary")
    for state in ("NO_REFUND", "CLOSED"):
        trade["orders"]["order"][0]["refund_status"] = state
        assert parse(Record("1", trade)).refund == ""
    trade["orders"]["order"][0]["refund_status"] = "SELLER_REFUSE_BUYER"
    refused = parse(Record("1", trade))
    assert (refused.lines[0].refund, refused.refund, refused.hold) == ("refused", "asked", "")
