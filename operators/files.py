"""Exported orders as a file: JSON (one array), CSV (a row per line of goods), XLSX (a sheet of orders, one of goods).

Each is written while the orders are read, so that the memory does not grow with them.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import IO, Any, Final

from xlsxwriter import Workbook  # type: ignore[import-untyped]

from handlers.export import LINE, PERSONAL, PLAIN
from handlers.spreadsheet import harmless

Order = Mapping[str, Any]
Columns = Mapping[str, str]
"""Of an order → their titles, in the order in which they are written."""
Write = Callable[[Iterable[Order], IO[bytes], Columns], None]

_LINE_NAMES: Final = {"paid_fen": "line_paid_fen", "refund": "line_refund", "shipped": "line_shipped"}
_TITLES: Final = {
    "platform": "平台", "platform_number": "平台单号", "tag": "编号", "shop": "店铺代号", "shop_name": "店铺",
    "kind": "类型", "kind_evidence": "类型依据", "original_number": "原单号", "stage": "环节",
    "platform_status": "平台状态", "paid_fen": "实付（分）", "goods_fen": "货款（分）", "post_fen": "运费（分）",
    "discount_fen": "优惠（分）", "created_at": "下单时间", "paid_at": "付款时间", "modified_at": "平台修改时间",
    "ship_by_at": "最晚发货", "not_before_at": "最早发货", "shipped_at": "发货时间", "courier": "快递",
    "waybill": "运单号", "province": "省", "city": "市", "district": "区县", "town": "街道", "flags": "标记",
    "receiver_name": "收件人", "receiver_phone": "电话", "receiver_address": "详细地址", "buyer_message": "买家留言",
    "seller_memo": "卖家备注", "platform_line_id": "平台子单号", "sku": "商家编码", "platform_sku": "平台商品编码",
    "title": "商品", "spec": "规格", "quantity": "数量", "price_fen": "单价（分）", "line_paid_fen": "分摊实付（分）",
    "line_refund": "退款", "line_shipped": "已发货",
}  # fmt: skip
_MOST_ROWS: Final = 1_048_575  # of a sheet, below its header
_AS_IT_IS: Final = {
    "constant_memory": True, "strings_to_numbers": False, "strings_to_formulas": False, "strings_to_urls": False,
}  # fmt: skip


class TooMany(Exception):
    """More rows than a sheet holds."""


def write_json(orders: Iterable[Order], out: IO[bytes], _columns: Columns) -> None:
    out.write(b"[")
    for number, order in enumerate(orders):
        text = json.dumps(order, ensure_ascii=False, separators=(",", ":"))
        out.write((",\n" if number else "\n").encode() + text.encode())
    out.write(b"\n]\n")


def write_csv(orders: Iterable[Order], out: IO[bytes], columns: Columns) -> None:
    """UTF-8 with a mark, for Excel takes it for GBK without."""
    text = io.TextIOWrapper(out, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow([*columns, *_line_columns()])
    for order in orders:
        for line in order["lines"] or [{}]:
            writer.writerow(harmless([*_cells(order, list(columns)), *_cells(line, LINE)]))
    text.detach()


def write_xlsx(orders: Iterable[Order], out: IO[bytes], columns: Columns) -> None:
    """Numbers of orders and waybills stay text. Raises TooMany."""
    with Workbook(out, _AS_IT_IS) as book:
        heads, goods = book.add_worksheet("订单"), book.add_worksheet("商品")
        heads.write_row(0, 0, list(columns.values()))
        goods.write_row(0, 0, [_TITLES[name] for name in ("tag", "platform_number", *_line_columns())])
        row = 0
        for number, order in enumerate(orders, 1):
            heads.write_row(number, 0, _cells(order, list(columns)))
            for line in order["lines"]:
                row += 1
                goods.write_row(row, 0, [order["tag"], order["platform_number"], *_cells(line, LINE)])
            if max(row, number) >= _MOST_ROWS:
                raise TooMany


FORMATS: Final[dict[str, Write]] = {"json": write_json, "csv": write_csv, "xlsx": write_xlsx}


def columns(own: Columns, *, private: bool) -> Columns:
    """`own`: those of the company's own fields."""
    plain, personal = ({name: _TITLES[name] for name in names} for names in (PLAIN, PERSONAL))
    return {**plain, **own, **(personal if private else {})}


def _line_columns() -> Iterator[str]:
    return (_LINE_NAMES.get(name, name) for name in LINE)


def _cells(values: Mapping[str, Any], names: Sequence[str]) -> list[Any]:
    found = [values.get(name) for name in names]
    return [";".join(value) if isinstance(value, list) else value for value in found]
