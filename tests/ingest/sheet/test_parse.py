from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from ingest.beijing import beijing_text
from ingest.sheet.headings import Kind, find_heading
from ingest.sheet.parse import parse
from ingest.sheet.rows import Entry, entries
from ingest.sheet.table import read_table
from ingest.snapshot import Effect, OrderSnapshot, Unreadable
from ingest.snapshot import Kind as OrderKind
from ingest.source import MADE_UP, Record
from models.vault import Receiver
from tests.ingest.sheet.books import JD, LI, MANUAL, PDD, TAOBAO, TAOBAO_GOODS, WANG, merged, row, text, xlsx

NOW = datetime(2025, 12, 22, 2, 0, tzinfo=UTC)


def read(content: bytes) -> list[Entry]:
    table = read_table(content)
    heading = find_heading(table)
    assert heading is not None
    return entries(table, heading)


def snapshot(entry: Entry, **added: Any) -> OrderSnapshot:
    return parse(Record(entry.external_id, {**entry.body, "at": beijing_text(NOW), **added}))


def only(content: bytes) -> OrderSnapshot:
    (entry,) = read(content)
    return snapshot(entry)


def beijing(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type,misc]


# -- hand-made tables


def test_a_hand_made_row_becomes_an_order() -> None:
    order = only(xlsx(MANUAL, WANG))
    assert order.receiver == Receiver(name="王小明", phone="13800001234", address="紫金花路88号3幢1201")
    assert (order.province, order.city, order.district, order.town) == ("浙江省", "杭州市", "西湖区", "三墩镇")
    (line,) = order.lines
    assert (line.title, line.quantity, line.price_fen, line.paid_fen) == ("马克杯 红色", 2, 6900, 13800)
    assert (order.paid_fen, order.seller_memo, order.effect) == (13800, "加固包装", Effect.ADMIT)
    assert (order.created_at, order.paid_at, order.modified_at) == (NOW, NOW, NOW)


def test_a_row_without_a_number_is_known_again_by_what_it_says_wherever_it_stands() -> None:
    first, second = read(xlsx(MANUAL, WANG, LI))
    assert (first.by_content, first.rows, second.rows) == (True, [2], [3])
    (elsewhere,) = read(text(("单", "", "", "", "", "", ""), MANUAL, LI))
    assert elsewhere.external_id == second.external_id
    changed = [*WANG[:6], "改了备注"]
    assert read(xlsx(MANUAL, changed))[0].external_id == first.external_id, "a memo makes no other order"
    twice = read(xlsx(MANUAL, WANG, WANG))
    assert twice[0].external_id != twice[1].external_id, "two equal rows of one table are two orders"
    assert twice[0].external_id == first.external_id


def test_running_numbers_that_begin_anew_in_each_table_are_no_order_numbers() -> None:
    monday = read(xlsx(("单号", *MANUAL), (1, *WANG)))
    tuesday = read(xlsx(("单号", *MANUAL), (1, *LI)))
    assert monday[0].external_id != tuesday[0].external_id


def test_rows_of_one_number_are_one_order_even_apart() -> None:
    headings = ("订单号", *MANUAL)
    found = read(
        xlsx(headings, ("CH20251222001", *WANG), ("CH20251222002", *LI), ("CH20251222001", *WANG[:3], "碗", 1, 20, ""))
    )
    assert [entry.external_id for entry in found] == ["CH20251222001", "CH20251222002"]
    order = snapshot(found[0])
    assert [(line.title, line.quantity) for line in order.lines] == [("马克杯 红色", 2), ("碗", 1)]
    assert (order.paid_fen, found[0].rows) == (15800, [2, 4])


def test_merged_cells_join_the_goods_below_to_the_order_above() -> None:
    rows = (MANUAL, WANG, ("", "", "", "碗", 1, 20, ""), LI)
    found = read(merged(*rows, cells=("A2:A3", "B2:B3", "C2:C3")))
    assert [entry.rows for entry in found] == [[2, 3], [4]]
    assert [line.title for line in snapshot(found[0]).lines] == ["马克杯 红色", "碗"]


def test_one_number_for_two_people_is_refused() -> None:
    headings = ("订单号", *MANUAL)
    (entry,) = read(xlsx(headings, ("CH20251222001", *WANG), ("CH20251222001", *LI)))
    with pytest.raises(Unreadable, match="同一个单号下的收件人不一样"):
        snapshot(entry)


def test_goods_with_their_pieces_in_one_cell_are_lines() -> None:
    order = only(xlsx(MANUAL[:4], [*WANG[:3], "马克杯×2，碗 1个+方巾*3"]))
    assert [(line.title, line.quantity) for line in order.lines] == [("马克杯", 2), ("碗", 1), ("方巾", 3)]


def test_full_width_digits_and_signs_are_read() -> None:
    order = only(
        xlsx(MANUAL, ("王小明", "１３８００００１２３４", WANG[2], "马克杯", "２", "￥１，３８０．５０元", ""))
    )
    assert (order.receiver.phone, order.lines[0].quantity, order.paid_fen) == ("13800001234", 2, 138050)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("2025-12-21 09:58:12", beijing(2025, 12, 21, 1, 58, 12)),
        ("2025/12/1 9:05", beijing(2025, 12, 1, 1, 5)),
        ("2025年12月21日", beijing(2025, 12, 20, 16)),
        ("12月21日", beijing(2025, 12, 20, 16)),
        ("12-25", beijing(2024, 12, 24, 16)),
        ("46012.5", beijing(2025, 12, 21, 4)),
        (46012, beijing(2025, 12, 20, 16)),
        (datetime(2025, 12, 21, 12, 0), beijing(2025, 12, 21, 4)),  # noqa: DTZ001  # a cell knows no zone
    ],
)
def test_dates_come_as_text_as_cells_and_as_day_numbers(said: object, expected: datetime) -> None:
    assert only(xlsx((*MANUAL, "下单时间"), (*WANG, said))).created_at == expected


@pytest.mark.parametrize(
    ("at", "said", "reason"),
    [
        (1, "1380000123", "电话不是 11 位（现在 10 位）"),
        (1, "1.38E+10", "电话已被表格截断"),
        (1, "", "电话空着"),
        (0, "", "收件人空着"),
        (3, "", "没有商品"),
        (4, "两个", "数量不是整数：两个"),
        (5, "面议", "金额不是金额：面议"),
    ],
)
def test_a_bad_row_says_what_is_wrong_with_it_and_shows_nobody(at: int, said: str, reason: str) -> None:
    values = list(WANG)
    values[at] = said
    (entry,) = read(xlsx(MANUAL, values))
    with pytest.raises(Unreadable) as caught:
        snapshot(entry)
    assert reason in str(caught.value)
    assert "1380000" not in str(caught.value)


@pytest.mark.parametrize("at", [4, 5, 7, 8])
def test_a_column_that_slipped_shows_nobodys_phone_or_address(at: int) -> None:
    for slipped in ("13800001234", "1380000123456789", WANG[2]):
        values = [*WANG, "", ""]
        values[at] = slipped
        for entry in read(text((*MANUAL, "下单时间", "状态"), values)):
            with pytest.raises(Unreadable) as caught:
                snapshot(entry)
            assert str(slipped)[:8] not in str(caught.value)


def test_a_number_that_the_table_cut_off_is_refused() -> None:
    (by_cell,) = read(xlsx(("订单号", *MANUAL), (2918000111222333444, *WANG)))
    assert by_cell.external_id.startswith(MADE_UP)
    with pytest.raises(Unreadable, match="单号已被表格截断"):
        snapshot(by_cell)
    zeros = read(text(("订单号", *MANUAL), ("2918000111222330000", *WANG), ("2918000111222440000", *LI)))
    for entry in zeros:
        with pytest.raises(Unreadable, match="单号已被表格截断"):
            snapshot(entry)


def test_one_number_that_happens_to_end_in_zeros_is_taken() -> None:
    numbers = ("2918000111222330000", "2918000111222334455", "2918000111222334466")
    for entry in read(text(("订单号", *MANUAL), *((number, *WANG) for number in numbers))):
        assert snapshot(entry).external_id in numbers


def test_a_waybill_means_that_it_has_left_and_a_state_that_nobody_knows_is_refused() -> None:
    order = only(xlsx((*MANUAL, "快递单号", "快递"), (*WANG, "YT1234567890123", "圆通")))
    assert (order.effect, order.waybill, order.courier) == (Effect.SHIPPED, "YT1234567890123", "yuantong")
    (entry,) = read(xlsx((*MANUAL, "状态"), (*WANG, "玄学")))
    with pytest.raises(Unreadable, match="状态不认识：玄学"):
        snapshot(entry)


def test_totals_and_repeated_headings_are_no_orders() -> None:
    assert len(read(xlsx(MANUAL, WANG, MANUAL, LI, ("合计", "", "", "", 3, 177.9, "")))) == 2


def test_a_memo_of_a_reship_only_suggests_one() -> None:
    assert only(xlsx(MANUAL, [*WANG[:6], "补发：上次漏了"])).kind is OrderKind.PERHAPS_RESHIP


# -- exports of the marketplaces


def taobao(**changes: Any) -> list[Any]:
    said: dict[str, Any] = {
        "订单编号": '="2918000111222333444"', "买家会员名": "tb青禾1", "买家应付货款": "138.00", "买家应付邮费": "0.00",
        "总金额": "138.00", "买家实际支付金额": "138.00", "订单状态": "买家已付款，等待卖家发货", "买家留言": "尽快发",
        "收货人姓名": "王小明", "收货地址": "浙江省 杭州市 西湖区 三墩镇 紫金花路88号3幢1201(310030)",
        "联系手机": "'13800001234", "订单创建时间": "2025-12-22 09:40:00", "订单付款时间": "2025-12-22 09:41:00",
        "宝贝标题": "马克杯，小碗", "宝贝总数量": "3",
    }  # fmt: skip
    return row(TAOBAO, **{**said, **changes})


def goods(**changes: Any) -> list[Any]:
    said: dict[str, Any] = {
        "订单编号": '="2918000111222333444"', "标题": "马克杯", "价格": "49.00", "购买数量": "2",
        "商家编码": "QH-CUP-RED",
        "商品属性": "颜色：红色", "订单状态": "买家已付款，等待卖家发货", "买家应付货款": "98.00",
        "买家实际支付金额": "98.00",
        "退款状态": "没有申请退款", "订单创建时间": "2025-12-22 09:40:00", "订单付款时间": "2025-12-22 09:41:00",
    }  # fmt: skip
    return row(TAOBAO_GOODS, **{**said, **changes})


GOODS = (
    goods(),
    goods(标题="小碗", 价格="40.00", 购买数量="1", 商家编码="QH-BOWL-4", 商品属性="4 寸", 买家实际支付金额="40.00"),
)


@pytest.mark.parametrize("hidden", ["t**9", "t*", "小＊＊明"])
def test_a_buyers_name_with_hidden_letters_tells_nobody_apart(hidden: str) -> None:
    order = only(text(TAOBAO, taobao(买家会员名=hidden), encoding="gbk"))
    assert (order.buyer_key, order.receiver.phone) == ("", "13800001234")


def test_taobaos_order_report_is_read() -> None:
    content = text(TAOBAO, taobao(), encoding="gbk")
    heading = find_heading(read_table(content))
    assert heading is not None
    assert heading.kind is Kind.TAOBAO
    order = only(content)
    assert (order.external_id, order.buyer_key, order.buyer_message) == ("2918000111222333444", "tb青禾1", "尽快发")
    assert (order.receiver.phone, order.district, order.paid_fen) == ("13800001234", "西湖区", 13800)
    assert (order.created_at, order.paid_at) == (beijing(2025, 12, 22, 1, 40), beijing(2025, 12, 22, 1, 41))
    assert order.platform_status == "买家已付款，等待卖家发货"


def test_taobaos_two_reports_tell_one_order_together() -> None:
    (order_half,), (goods_half,) = read(text(TAOBAO, taobao())), read(text(TAOBAO_GOODS, *GOODS))
    assert order_half.external_id == goods_half.external_id
    for one, other in ((order_half, goods_half), (goods_half, order_half)):
        order = snapshot(one, other=other.body)
        assert [(line.sku, line.quantity, line.paid_fen) for line in order.lines] == [
            ("QH-CUP-RED", 2, 9800), ("QH-BOWL-4", 1, 4000),
        ]  # fmt: skip
        assert (order.paid_fen, order.receiver.name, order.city) == (13800, "王小明", "杭州市")


def test_taobaos_goods_report_alone_names_nobody_and_is_read_all_the_same() -> None:
    order = only(text(TAOBAO_GOODS, *GOODS))
    assert order.receiver.is_empty()
    assert (order.paid_fen, len(order.lines), order.seller_memo) == (13800, 2, None)


def test_a_newer_report_with_person_and_phone_in_the_address_is_read() -> None:
    cell = "王小明，86-13800001234，浙江省 杭州市 西湖区 三墩镇 紫金花路88号"
    headings = ("订单编号", "总金额", "收货地址", "订单创建时间", "商品标题")
    order = only(text(headings, ("2918000111222333444", "138", cell, "2025-12-22 09:40:00", "马克杯")))
    assert order.receiver == Receiver(name="王小明", phone="13800001234", address="紫金花路88号")
    assert order.district == "西湖区"


def test_jds_export_joins_the_rows_of_an_order() -> None:
    said: dict[str, Any] = {
        "订单号": "299001112223", "商品ID": "100012", "商品名称": "马克杯", "订购数量": "2",
        "下单时间": "2025-12-22 09:40:00",
        "京东价": "49.00", "订单金额": "138.00", "余额支付": "38.00", "应付金额": "100.00", "订单状态": "等待出库",
        "下单帐号": "jd_qinghe", "客户姓名": "王小明", "客户地址": "浙江杭州市西湖区三墩镇紫金花路88号",
        "联系电话": "13800001234",
        "订单备注": "尽快发", "商家备注": "加固", "运费金额": "0", "付款确认时间": "2025-12-22 09:41:00",
        "货号": "QH-CUP-RED",
    }  # fmt: skip
    bowl = said | {"商品ID": "100013", "商品名称": "小碗", "订购数量": "1", "京东价": "40.00", "货号": "QH-BOWL-4"}
    order = only(xlsx(JD, row(JD, **said), row(JD, **bowl)))
    assert [(line.sku, line.platform_sku, line.price_fen) for line in order.lines] == [
        ("QH-CUP-RED", "100012", 4900), ("QH-BOWL-4", "100013", 4000),
    ]  # fmt: skip
    assert (order.paid_fen, order.buyer_message, order.seller_memo) == (13800, "尽快发", "加固")
    assert (order.province, order.city, order.district) == ("浙江省", "杭州市", "西湖区")


def test_jds_masked_phone_stays_a_mask_and_a_locked_order_is_held() -> None:
    said = {
        "订单号": "299001112223", "商品名称": "马克杯", "订购数量": "1", "下单时间": "2025-12-22 09:40:00",
        "京东价": "49.00",
        "应付金额": "49", "订单状态": "(锁定)等待出库", "客户姓名": "王**", "客户地址": "浙江杭州市西湖区***",
        "联系电话": "1******1234",
    }  # fmt: skip
    order = only(xlsx(JD, row(JD, **said)))
    assert (order.receiver.phone_mask, order.receiver.phone, order.hold) == ("1******1234", "", "平台标为锁定")


@pytest.mark.parametrize(
    ("status", "after_sales", "effect", "refund"),
    [
        ("待发货", "无售后或售后取消", Effect.ADMIT, ""),
        ("待发货", "售后处理中", Effect.ADMIT, "asked"),
        ("未发货，退款成功", "退款成功", Effect.CANCELLED, "refunded"),
        ("已发货，待收货", "无售后或售后取消", Effect.SHIPPED, ""),
        ("已取消", "", Effect.CANCELLED, ""),
    ],
)
def test_pinduoduos_export_is_read(status: str, after_sales: str, effect: Effect, refund: str) -> None:
    said = {
        "商品": "马克杯", "订单号": "251222-123456789012345", "订单状态": status, "商品总价": "98.00", "邮费": "0.00",
        "用户实付金额": "90.00", "商家实收金额": "95.00", "商品数量": "2", "支付时间": "2025-12-22 09:41:00",
        "收货人": "王小明",
        "手机": "13800001234", "省": "浙江省", "市": "杭州市", "区": "西湖区", "街道": "三墩镇",
        "详细地址": "紫金花路88号",
        "承诺发货时间": "2025-12-24 09:41:00", "商品规格": "红色", "样式ID": "778899",
        "商家编码-规格维度": "QH-CUP-RED",
        "售后状态": after_sales,
    }  # fmt: skip
    order = only(text(PDD, row(PDD, **said), encoding="utf-8-sig"))
    assert (order.external_id, order.effect, order.refund) == ("251222-123456789012345", effect, refund)
    assert (order.paid_fen, order.goods_fen, order.lines[0].sku) == (9000, 9800, "QH-CUP-RED")
    assert (order.district, order.town, order.receiver.address) == ("西湖区", "三墩镇", "紫金花路88号")
    assert order.ship_by_at == beijing(2025, 12, 24, 1, 41)


def test_nothing_is_nothing_though_taobaos_export_writes_null() -> None:
    headings = (*TAOBAO, "修改后的收货地址", "异常信息")
    for null in ("null", "NULL", "'null", '="null"'):
        order = only(text(headings, [*taobao(买家留言=null, 订单备注=null, 联系电话=null), null, null]))
        assert (order.district, order.receiver.address) == ("西湖区", "紫金花路88号3幢1201(310030)")
        assert (order.buyer_message, order.seller_memo, order.receiver.phone) == (None, None, "13800001234")


def test_a_sign_before_the_waybill_is_no_part_of_it() -> None:
    sent = taobao(订单状态="卖家已发货，等待买家确认", 物流单号="No:YT1234567890123", 物流公司="圆通速递")
    assert only(text(TAOBAO, sent)).waybill == "YT1234567890123"


def test_jds_order_paid_at_the_door_is_one() -> None:
    said = {
        "订单号": "299001112223", "商品名称": "马克杯", "订购数量": "1", "下单时间": "2025-12-22 09:40:00",
        "应付金额": "49", "订单状态": "等待出库", "支付方式": "货到付款", "客户姓名": "王小明",
        "客户地址": "浙江杭州市西湖区三墩镇紫金花路88号", "联系电话": "13800001234",
    }  # fmt: skip
    order = only(xlsx(JD, row(JD, **said)))
    assert (order.kind, order.kind_evidence) == (OrderKind.COD, "表格里的支付方式为货到付款")
    assert order.paid_at is None
    assert only(xlsx(JD, row(JD, **{**said, "支付方式": "在线支付"}))).kind is OrderKind.NORMAL


@pytest.mark.parametrize(("said", "hold"), [("是", "平台正在审核"), ("否", ""), ("", "")])
def test_pinduoduos_order_under_review_is_held(said: str, hold: str) -> None:
    values = {
        "商品": "马克杯", "订单号": "251222-123456789012345", "订单状态": "待发货", "用户实付金额": "90.00",
        "商家实收金额": "95.00", "商品数量": "2", "支付时间": "2025-12-22 09:41:00", "收货人": "王小明",
        "手机": "13800001234", "省": "浙江省", "市": "杭州市", "区": "西湖区", "详细地址": "紫金花路88号",
    }  # fmt: skip
    assert only(text((*PDD, "是否审核中"), [*row(PDD, **values), said])).hold == hold
