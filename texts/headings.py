"""What the headings of tables with orders mean: the words that are known, by field, and how they are compared."""

from __future__ import annotations

import re
from typing import Final

from models.narrow import NARROW

WORDS: Final[dict[str, str]] = {
    "number": "订单编号 订单号 主订单编号 平台订单号 网店订单号 平台单号 交易编号 原始单号 订单id 订单 单号",
    "status": "订单状态 交易状态 状态 发货状态",
    "name": (
        "收货人姓名 收件人姓名 收货人 收件人 收货人/提货人 收件人名称 客户姓名 顾客姓名 买家姓名 姓名 联系人 收货姓名"
    ),
    "phone": (
        "联系手机 收货人手机号 收货人手机 收件人手机 收件人手机号 收件人电话 收货人电话 收货电话 "
        "客户电话 手机号码 手机号 手机 联系电话 电话号码 收件人联系方式 联系方式 电话 固定电话"
    ),
    "address": (
        "修改后的收货地址 收货地址 收件地址 收件人地址 收货人地址 详细收货地址 客户地址 详细地址 收货详细地址 地址"
    ),
    "province": "收货省份 收货人省份 收件人省 收货省 省份 省",
    "city": "收货市 收货人城市 收货城市 收件人市 城市 市",
    "district": "收货区 收货人地区 收货区县 收件人区 区县 区/县 县区 县/区 区 县",
    "town": "收货镇 收货街道 收件人街道 街道/镇 乡镇 街道 镇",
    "goods": (
        "宝贝标题 商品名称 商品标题 产品名称 货品名称 宝贝名称 全部商品名称 选购商品 货品 商品 产品 品名 物品 标题"
    ),
    "spec": "商品规格 规格名称 宝贝规格 商品属性 销售属性 规格型号 颜色尺码 规格 款式 型号 颜色",
    "sku": (
        "商家编码-规格维度 商家编码-sku维度 商家编码 外部系统编号 商家sku 规格编码 sku编码 货号 "
        "商品编码 商家编码-商品维度 sku"
    ),
    "platform_sku": "样式id skuid 商品id 宝贝id",
    "line_number": "子订单编号 子订单号",
    "quantity": "宝贝总数量 商品数量 购买数量 订购数量 数量 件数 总数量",
    "price": "京东价 商品单价 单价 价格 商品价格 售价",
    "line_paid": "商品实付 小计 金额",
    "goods_total": "商品总价 买家应付货款 货款金额 商品金额 货款",
    "paid": (
        "用户实付金额 买家实际支付金额 买家实付金额 订单实付金额 应付金额 实付金额 实付款 实付 "
        "支付金额 订单金额 订单总价 总金额 总价 合计 收款 商家实收金额"
    ),
    "balance": "余额支付",
    "post": "买家应付邮费 运费金额 邮费 运费",
    "discount": "店铺优惠折扣 优惠金额 优惠",
    "created": "订单创建时间 买家下单时间 下单时间 创建时间 下单日期 订单日期 提交时间 日期 时间",
    "paid_at": "订单付款时间 买家付款时间 付款确认时间 付款时间 支付时间 订单成交时间 拼单成功时间 成交时间",
    "ship_by": "承诺发货时间 最晚发货时间",
    "shipped_at": "发货时间",
    "message": "买家留言 买家备注 客户留言 留言",
    "memo": "商家备注 卖家备注 客服备注 订单备注 备注 标旗备注 说明",
    "buyer": "买家会员名 买家昵称 下单帐号 下单账号 买家 用户名",
    "courier": "物流公司 快递公司 快递 承运商",
    "waybill": "物流单号 快递单号 运单号 物流运单号 快递号",
    "refund": "退款状态 售后状态",
    "order_type": "订单类型",
    "payment": "支付方式 付款方式",
    "under_review": "是否审核中",
}
"""Field → its headings, the one that counts first in front."""

PLACES: Final[dict[str, tuple[str, int]]] = {
    word: (field, place) for field, words in WORDS.items() for place, word in enumerate(words.split())
}
"""Heading, as it is compared → field and rank."""
_BRACKETS: Final = re.compile(r"[(\[【](?:元|件|个|必填|选填|可不填|单位[^)\]】]*)[)\]】]")
_DROPPED: Final = re.compile(r"[\s*:：\"'“”]")


def normal(name: str) -> str:
    """A heading as it is compared: half width, lower case, without blanks, stars and units."""
    return _DROPPED.sub("", _BRACKETS.sub("", name.translate(NARROW))).lower()


def field_of(name: str) -> str:
    """The field of a heading that everybody knows; "" for another."""
    return PLACES.get(normal(name), ("", 0))[0]
