"""Spreadsheets as people hand them in."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

from openpyxl import Workbook

Row = Sequence[Any]

MANUAL: Row = ("收件人", "电话", "地址", "商品", "数量", "金额", "备注")
WANG: Row = ("王小明", "13800001234", "浙江省杭州市西湖区三墩镇紫金花路88号3幢1201", "马克杯 红色", 2, 138, "加固包装")
LI: Row = ("李静怡", "13900005678", "上海市浦东新区张江镇祖冲之路 100 号", "方巾 灰色", 1, "¥39.90", "")

TAOBAO: Row = (
    "订单编号", "买家会员名", "买家支付宝账号", "买家应付货款", "买家应付邮费", "总金额", "买家实际支付金额",
    "订单状态",
    "买家留言", "收货人姓名", "收货地址 ", "运送方式", "联系电话 ", "联系手机", "订单创建时间", "订单付款时间 ",
    "宝贝标题 ",
    "宝贝种类 ", "物流单号 ", "物流公司", "订单备注", "宝贝总数量",
)  # fmt: skip
TAOBAO_GOODS: Row = (
    "订单编号", "标题", "价格", "购买数量", "外部系统编号", "商品属性", "套餐信息", "备注", "订单状态", "商家编码",
    "买家应付货款", "买家实际支付金额", "退款状态", "订单创建时间", "订单付款时间",
)  # fmt: skip
JD: Row = (
    "订单号", "商品ID", "商品名称", "订购数量", "支付方式", "下单时间", "京东价", "订单金额", "结算金额", "余额支付",
    "应付金额", "订单状态", "订单类型", "下单帐号", "客户姓名", "客户地址", "联系电话", "订单备注", "商家备注",
    "运费金额", "付款确认时间", "货号",
)  # fmt: skip
PDD: Row = (
    "商品", "订单号", "订单状态", "商品总价(元)", "邮费(元)", "店铺优惠折扣(元)", "用户实付金额(元)",
    "商家实收金额(元)",
    "商品数量(件)", "支付时间", "收货人", "手机", "省", "市", "区", "街道", "详细地址", "承诺发货时间", "商品id",
    "商品规格",
    "样式ID", "商家编码-规格维度", "买家留言", "商家备注", "售后状态", "快递单号", "快递公司",
)  # fmt: skip


def xlsx(*rows: Row, sheets: Sequence[str] = ("Sheet1",)) -> bytes:
    book = Workbook()
    book.active.title = sheets[0]  # type: ignore[union-attr]
    for name in sheets[1:]:
        book.create_sheet(name)
    for row in rows:
        book.worksheets[-1].append(list(row))
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def merged(*rows: Row, cells: Sequence[str]) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    for area in cells:
        sheet.merge_cells(area)
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def text(*rows: Row, comma: str = ",", encoding: str = "utf-8") -> bytes:
    kept = io.StringIO()
    csv.writer(kept, delimiter=comma).writerows(rows)
    return kept.getvalue().encode(encoding)


def row(headings: Row, **said: Any) -> list[Any]:
    """A row under `headings`; a heading with brackets is named without them."""
    plain = [str(name).strip().split("(")[0] for name in headings]
    assert said.keys() <= set(plain), said.keys() - set(plain)
    return [said.get(name, "") for name in plain]
