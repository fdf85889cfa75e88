from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from ingest.pdd.parse import parse
from ingest.snapshot import Effect, Kind, OrderSnapshot, Unreadable
from models.beijing import BEIJING
from models.vault import Receiver
from tests.ingest.golden import record


def snapshot(event: str, **changes: Any) -> OrderSnapshot:
    return parse(record("pdd", event, **changes))


def test_an_ordinary_order_tells_everything() -> None:
    order = snapshot("ordinary")
    assert (order.external_id, order.effect, order.platform_status) == (
        "260301-000000000000001",
        Effect.ADMIT,
        "待发货",
    )
    assert (order.paid_fen, order.goods_fen, order.post_fen, order.discount_fen) == (11800, 13800, 0, 2000)
    assert order.created_at == datetime(2026, 3, 1, 9, 58, 12, tzinfo=BEIJING)
    assert order.paid_at == datetime(2026, 3, 1, 9, 59, 3, tzinfo=BEIJING), "the clock starts when the deal is made"
    assert order.modified_at == datetime(2026, 3, 1, 10, 12, 44, tzinfo=BEIJING)
    assert order.ship_by_at == datetime(2026, 3, 3, 9, 59, 3, tzinfo=BEIJING)
    assert (order.province, order.city, order.district, order.town) == ("浙江省", "杭州市", "西湖区", "")
    assert (order.buyer_key, order.receiver_key) == ("", "a1b2example")
    assert (order.waybill, order.courier) == ("", "")
    (line,) = order.lines
    assert (line.line_key, line.sku, line.platform_sku) == ("0-1200000000001", "QH-CUP-WHT", "1200000000001")
    assert (line.quantity, line.price_fen, line.paid_fen, line.spec) == (2, 6900, 11800, "白色")


def test_ciphertext_is_kept_as_it_came_beside_the_masks() -> None:
    assert snapshot("ordinary").receiver == Receiver(
        name_mask="郑*",
        phone_mask="1********34",
        address_mask="三墩镇****",
        cipher={
            "receiver_name": "~AgAAAAexampleName~0~",
            "contact_mobile": "$AgAAAAexamplePhone$0$",
            "receiver_address": "~AgAAAAexampleAddress~0~",
            "address": "~AgAAAAexampleWhole~0~",
        },
    )


@pytest.mark.parametrize("event", ["shipped", "cancelled", "under_review"])
def test_where_the_ciphertext_is_gone_nothing_is_said_so_that_what_was_kept_stays(event: str) -> None:
    assert snapshot(event).receiver.is_empty()


def test_a_refund_in_process_marks_the_lines_and_holds_the_order() -> None:
    order = snapshot("multi_line_refund")
    assert (order.effect, order.refund, order.hold) == (Effect.ADMIT, "asked", "退款处理中")
    assert order.platform_status == "待发货,售后处理中"
    assert [line.refund for line in order.lines] == ["asked", "asked"]
    assert [line.line_key for line in order.lines] == ["0-1200000000001", "1-1200000000007"]
    assert [line.paid_fen for line in order.lines] == [13800, 7900]
    assert order.post_fen == 50


def test_a_refused_refund_is_still_an_open_question() -> None:
    order = snapshot("multi_line_refund", after_sales_status=6)
    assert (order.refund, order.lines[0].refund) == ("asked", "refused")


def test_a_presale_waits_for_its_day() -> None:
    order = snapshot("presale")
    assert (order.kind, order.effect) == (Kind.PRESALE, Effect.ADMIT)
    assert order.not_before_at == datetime(2026, 3, 10, tzinfo=BEIJING)
    assert order.ship_by_at == datetime(2026, 3, 12, tzinfo=BEIJING)


def test_a_deposit_alone_is_unpaid() -> None:
    order = snapshot("deposit_only", confirm_status=1)
    assert (order.effect, order.platform_status, order.kind) == (Effect.UNPAID, "待付尾款", Kind.PRESALE)
    paid = {"step_trade_status": 2}
    assert snapshot("deposit_only", confirm_status=1, step_order_info=paid).effect is Effect.ADMIT


def test_a_group_that_fills_is_not_ours_to_work_on_yet() -> None:
    order = snapshot("unpaid")
    assert (order.effect, order.platform_status) == (Effect.UNPAID, "拼团中")
    assert snapshot("ordinary", confirm_status=0).platform_status == "未成交"


@pytest.mark.parametrize(("event", "status"), [("cancelled", "已取消,退款成功"), ("group_failed", "已取消,未成团")])
def test_refunded_before_shipping_or_a_failed_group_is_cancelled(event: str, status: str) -> None:
    order = snapshot(event)
    assert (order.effect, order.platform_status) == (Effect.CANCELLED, status)


def test_a_shipped_order_tells_courier_waybill_and_time() -> None:
    order = snapshot("shipped")
    assert (order.effect, order.courier, order.waybill) == (Effect.SHIPPED, "yuantong", "YT1234567890123")
    assert order.shipped_at == datetime(2026, 3, 1, 15, 30, tzinfo=BEIJING)
    assert order.lines[0].shipped


def test_refunded_after_shipping_stays_shipped_with_the_refund_as_overlay() -> None:
    order = snapshot("refunded_after_shipping")
    assert (order.effect, order.refund) == (Effect.SHIPPED, "refunded")


def test_a_reship_is_known_by_the_after_sale_state_and_its_parcels_are_kept() -> None:
    order = snapshot("reship")
    assert (order.kind, order.original_id) == (Kind.RESHIP, None)
    assert "补寄" in order.kind_evidence
    assert order.waybill == "YT1234567890123,YT1234567890999"
    assert snapshot("reship", after_sales_status=0).kind is Kind.RESHIP


@pytest.mark.parametrize("state", [14, 15, 16, 17, 18])
def test_an_exchange_is_known_by_the_after_sale_state(state: int) -> None:
    order = snapshot("exchange", after_sales_status=state)
    assert (order.kind, order.kind_evidence) == (Kind.EXCHANGE, f"平台售后状态 {state}（换货）")


def test_words_in_the_memo_only_suggest() -> None:
    assert snapshot("ordinary", remark="补发 漏发1只装").kind is Kind.PERHAPS_RESHIP
    assert snapshot("exchange", remark="补发").kind is Kind.EXCHANGE, "the platform's own state is better evidence"


def test_memo_message_and_flag_are_told_by_the_list() -> None:
    order = snapshot("with_memo")
    assert (order.seller_memo, order.buyer_message, order.seller_flag) == ("加固包装", "颜色别发错了", 1)
    assert snapshot("ordinary").seller_memo == ""


def test_what_the_platform_holds_is_said_with_its_reason() -> None:
    assert snapshot("under_review").hold == "平台风控审核中，暂不能发货"
    assert snapshot("under_review").platform_status == "待发货,风控审核中"
    assert snapshot("ship_hold").hold == "平台暂停发货"


def test_a_lottery_a_price_difference_and_a_gift_are_recognised() -> None:
    assert snapshot("lottery").kind is Kind.LOTTERY
    difference, gift = snapshot("price_difference"), snapshot("gift")
    assert (difference.kind, difference.original_id) == (Kind.PRICE_DIFFERENCE, "260301-000000000000001")
    assert (gift.kind, gift.original_id) == (Kind.GIFT, "260301-000000000000001")
    pickup = snapshot("ordinary", order_tag_list=[{"name": "self_contained", "value": 1}])
    assert pickup.kind is Kind.PICKUP


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ("absurd_price", "实付金额不合理：1E"),
        ("price_in_words", "实付金额不是数字：一百一十八"),
        ("missing_updated", "缺少修改时间"),
        ("missing_lines", "缺少商品明细"),
        ("unknown_status", "平台状态不认识：9"),
    ],
)
def test_what_cannot_be_understood_says_why(event: str, said: str) -> None:
    with pytest.raises(Unreadable, match=said):
        snapshot(event)


def test_an_unknown_field_changes_nothing() -> None:
    assert snapshot("ordinary", brand_new_field={"x": [1]}) == snapshot("ordinary")


def test_numbers_may_come_as_text() -> None:
    assert snapshot("ordinary", order_status="1", refund_status="1", pay_amount="118.00") == snapshot("ordinary")


def test_repairs_and_distribution_show_by_the_platforms_own_states() -> None:
    for state in (21, 27):
        repair = snapshot("ordinary", after_sales_status=state)
        assert (repair.kind, repair.kind_evidence) == (Kind.REPAIR, f"平台售后状态 {state}（维修）")
    sold_on = {"order_tag_list": [{"name": "distributional_sale", "value": 1}]}
    assert snapshot("ordinary", **sold_on).kind is Kind.DISTRIBUTION
    hinted = snapshot("ordinary", remark="漏发补寄", **sold_on)
    assert hinted.kind is Kind.PERHAPS_RESHIP, "what a person must confirm is not hidden behind a tag"


def test_when_the_buyer_urged_and_what_the_platform_promised_are_told() -> None:
    tags = [
        {"name": "has_sf_express_service", "value": 1},
        {"name": "free_sf", "value": 0},
        {"name": "new_tag", "value": 1},
    ]
    order = snapshot("ordinary", urge_shipping_time="2026-03-01 20:15:00", order_tag_list=tags)
    assert order.urged_at == datetime(2026, 3, 1, 20, 15, tzinfo=BEIJING)
    assert order.promised == "顺丰加价服务"
    bare = snapshot("ordinary")
    assert (bare.urged_at, bare.promised) == (None, "")
