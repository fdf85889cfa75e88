"""What a column of a spreadsheet can mean: the words for it that people are shown and may answer with."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

FIELDS: Final[dict[str, tuple[str, ...]]] = {
    "number": ("单号", "订单号", "订单编号"),
    "name": ("收件人", "姓名", "收货人"),
    "phone": ("电话", "手机", "手机号"),
    "address": ("地址", "收货地址", "收货信息"),
    "province": ("省", "省份"),
    "city": ("市", "城市"),
    "district": ("区县", "区", "县"),
    "town": ("街道", "乡镇"),
    "goods": ("商品", "货品", "品名"),
    "spec": ("规格",),
    "sku": ("商家编码", "编码", "sku"),
    "quantity": ("数量", "件数"),
    "price": ("单价",),
    "line_paid": ("金额", "小计"),
    "paid": ("实付", "总金额", "订单金额"),
    "post": ("运费", "邮费"),
    "created": ("下单时间", "日期"),
    "paid_at": ("付款时间",),
    "status": ("状态", "订单状态"),
    "message": ("买家留言", "留言"),
    "memo": ("备注", "商家备注"),
    "buyer": ("买家", "买家昵称"),
    "courier": ("快递公司", "快递"),
    "waybill": ("快递单号", "运单号"),
}
"""Field → its words; the first is the one that is shown."""

SKIP: Final = "-"
"""The field of a column that somebody said to leave out."""

_NEEDED: Final = ("name", "phone", "address", "goods")
_IN_ADDRESS: Final = frozenset({"name", "phone"})


def title(field: str) -> str:
    return FIELDS[field][0]


def field_named(word: str) -> str | None:
    """The field that a person means by `word`; SKIP for 不用, 忽略; None for no field."""
    wanted = word.strip().lower()
    if wanted in ("不用", "忽略", "跳过", SKIP):
        return SKIP
    return next((field for field, words in FIELDS.items() if wanted in words), None)


def lacking(known: Collection[str], *, whole_address: bool = False) -> tuple[str, ...]:
    """The fields without which rows are no orders; a code names the goods too. `whole_address`: the address column
    names the person and the phone as well."""
    given = _IN_ADDRESS if whole_address and "address" in known else frozenset[str]()
    given |= {"goods"} if "sku" in known else frozenset[str]()
    return tuple(field for field in _NEEDED if field not in known and field not in given)
