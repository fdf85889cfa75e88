"""The facts of every order, as conditions name them. docs/rules.md shows this very table."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from models.beijing import BEIJING
from models.couriers import courier_name
from models.stages import OPEN, TITLES
from rules.facts import LineFacts, OrderFacts
from rules.language.catalogue import Field, as_is
from rules.language.sorts import Sort, Unknown
from rules.stale import starts_at

PLATFORMS: Final = {
    "taobao": "淘宝", "jd": "京东", "pdd": "拼多多", "douyin": "抖音", "wxshop": "微信小店", "wecom_pay": "对外收款",
    "mail": "邮件", "chat": "聊天", "sheet": "表格",
}  # fmt: skip
_ALSO: Final = {"天猫": "淘宝", "抖店": "抖音", "视频号": "微信小店", "PDD": "拼多多", "JD": "京东"}
REFUNDS: Final = {"": "无", "asked": "申请中", "part": "部分退款", "refunded": "已退款", "refused": "已拒绝"}
KINDS: Final = {
    "normal": "普通", "presale": "预售", "reship": "补发", "exchange": "换货", "cod": "货到付款", "virtual": "虚拟",
    "pickup": "门店自提", "gift": "赠品", "lottery": "抽奖", "price_difference": "补差价", "repair": "售后维修",
    "distribution": "分销代发", "overseas": "直邮集运", "perhaps_reship": "疑似补发", "perhaps_exchange": "疑似换货",
}  # fmt: skip
PROVINCES: Final = (
    "北京", "天津", "河北", "山西", "内蒙古", "辽宁", "吉林", "黑龙江", "上海", "江苏", "浙江", "安徽", "福建",
    "江西", "山东", "河南", "湖北", "湖南", "广东", "广西", "海南", "重庆", "四川", "贵州", "云南", "西藏", "陕西",
    "甘肃", "青海", "宁夏", "新疆", "台湾", "香港", "澳门", "海外",
)  # fmt: skip
"""As `province` says them; what else a platform writes for an address abroad is found by 包含."""
FLAGS: Final = {0: "无", 1: "红", 2: "黄", 3: "绿", 4: "蓝", 5: "紫"}
_FLAG_END: Final = re.compile(r"(?:色)?旗?$")
_CITY_END: Final = re.compile(r"(?<=..)(?:市|地区|盟)$")
_THREE: Final = ("内蒙古", "黑龙江")
_NO_REGION: Final = Unknown("平台没有给出收货地区")
_NO_LINES: Final = Unknown("订单没有明细")
_HOUR: Final = Decimal(3_600_000_000)  # microseconds


def province(name: str) -> str:
    """新疆维吾尔自治区 → 新疆; 浙江省 → 浙江."""
    return name[:3] if name.startswith(_THREE) else name[:2]


def _city(name: str) -> str:
    return _CITY_END.sub("", name)


def _platform(name: str) -> str:
    return _ALSO.get(name.upper(), PLATFORMS.get(name.lower(), name))


def _flag(name: str) -> str:
    return _FLAG_END.sub("", name) or name


def hours(span: timedelta) -> Decimal:
    return Decimal((span.days * 86_400 + span.seconds) * 1_000_000 + span.microseconds) / _HOUR


def wanted(facts: OrderFacts) -> list[LineFacts]:
    """What has to be sent or was: without what was refunded."""
    return [line for line in facts.lines if line.refund != "refunded"]


def pieces_of(facts: OrderFacts, sku: str) -> Decimal | Unknown:
    """How many of one SKU; unknown while goods stand in the order of which nobody knows the SKU."""
    lines = wanted(facts)
    if any(not line.sku for line in lines):
        return Unknown("有货品没有商家编码，数不清这个 SKU")
    return Decimal(sum(line.quantity for line in lines if line.sku.upper() == sku))


def _place(value: Callable[[OrderFacts], str], canon: Callable[[str], str]) -> Callable[[OrderFacts, datetime], Any]:
    def read(facts: OrderFacts, _now: datetime) -> str | Unknown:
        if facts.province or facts.city or facts.district:
            return canon(value(facts))
        return _NO_REGION

    return read


def _address(facts: OrderFacts, _now: datetime) -> str | Unknown:
    return facts.address_seen if facts.address_whole else Unknown("详细地址由平台隐藏")


def _skus(facts: OrderFacts, _now: datetime) -> frozenset[str] | Unknown:
    """With "" for goods whose SKU nobody knows."""
    return frozenset(line.sku.upper() for line in wanted(facts)) if facts.lines else _NO_LINES


def _of_lines(value: Callable[[list[LineFacts]], Any]) -> Callable[[OrderFacts, datetime], Any]:
    def read(facts: OrderFacts, _now: datetime) -> Any:
        return value(wanted(facts)) if facts.lines else _NO_LINES

    return read


def _enough(facts: OrderFacts, _now: datetime) -> bool | Unknown:
    """As the rule 缺货 counts."""
    lines = [line for line in wanted(facts) if not line.shipped]
    needed: dict[str, int] = {}
    for line in lines:
        needed[line.sku] = needed.get(line.sku, 0) + line.quantity
    known = [line for line in lines if line.on_hand is not None]
    if any((line.on_hand or 0) - line.waiting_ahead < needed[line.sku] for line in known):
        return False
    if not facts.lines or len(known) < len(lines):
        return Unknown("库存表里没有其中的货品")
    return True


def _since(clock: Callable[[OrderFacts], datetime | None], why: str) -> Callable[[OrderFacts, datetime], Any]:
    nobody = Unknown(why)

    def read(facts: OrderFacts, now: datetime) -> Decimal | Unknown:
        at = clock(facts)
        return hours(max(now - at, timedelta(0))) if at is not None else nobody

    return read


def _until(clock: Callable[[OrderFacts], datetime | None], why: str) -> Callable[[OrderFacts, datetime], Any]:
    nobody = Unknown(why)

    def read(facts: OrderFacts, now: datetime) -> Decimal | Unknown:
        at = clock(facts)
        return hours(at - now) if at is not None else nobody

    return read


def _stays_from(facts: OrderFacts) -> datetime:
    return starts_at(facts.stage_entered_at, facts.not_before_at)


def _paid_at(facts: OrderFacts) -> datetime | None:
    return facts.paid_at


def _created_at(facts: OrderFacts) -> datetime:
    return facts.created_at


def _ship_by_at(facts: OrderFacts) -> datetime | None:
    return facts.ship_by_at


def _yuan(fen: Callable[[OrderFacts], int]) -> Callable[[OrderFacts, datetime], Any]:
    return lambda facts, _now: Decimal(fen(facts)).scaleb(-2)


def _or_unknown(value: Callable[[OrderFacts], Any], why: str) -> Callable[[OrderFacts, datetime], Any]:
    nobody = Unknown(why)

    def read(facts: OrderFacts, _now: datetime) -> Any:
        found = value(facts)
        return nobody if found is None else found

    return read


_NUMBER, _TEXT = Sort.NUMBER, Sort.TEXT
_FIELDS: Final = (
    Field("渠道", _TEXT, "订单来自哪个平台", lambda f, _: PLATFORMS.get(f.platform, f.platform), "渠道 == '京东'",
          canon=_platform, choices=tuple(PLATFORMS.values()), sure=True),
    Field("店铺", _TEXT, "店铺的名称、前缀或代号", lambda f, _: f.shop, "店铺 == 'TB'", sure=True),
    Field("金额", _NUMBER, "实付金额，元", _yuan(lambda f: f.paid_fen), "金额 > 1000", sure=True),
    Field("货款", _NUMBER, "商品金额，元", _yuan(lambda f: f.goods_fen), "货款 >= 500", sure=True),
    Field("运费", _NUMBER, "买家付的运费，元", _yuan(lambda f: f.post_fen), "运费 > 0", sure=True),
    Field("优惠", _NUMBER, "优惠金额，元", _yuan(lambda f: f.discount_fen), "优惠 > 金额", sure=True),
    Field("省", _TEXT, "收货省份，写不写「省」「自治区」都行", _place(lambda f: f.province, province),
          "省 属于 ['新疆', '西藏']", canon=province, known=PROVINCES),
    Field("市", _TEXT, "收货城市，写不写「市」都行", _place(lambda f: f.city, _city), "市 == '杭州'", canon=_city),
    Field("区", _TEXT, "收货区县，写全称", _place(lambda f: f.district, as_is), "区 == '西湖区'"),
    Field("乡镇", _TEXT, "收货乡镇街道", _place(lambda f: f.town, as_is), "乡镇 包含 '镇'"),
    Field("地址", _TEXT, "详细地址；平台隐藏时不确定", _address, "地址 包含 '部队'", private=True),
    Field("买家留言", _TEXT, "买家写的话", lambda f, _: f.buyer_message, "买家留言 包含 '发票'", sure=True,
          private=True),
    Field("卖家备注", _TEXT, "平台上的卖家备注", lambda f, _: f.seller_memo, "卖家备注 包含 '急'", sure=True,
          private=True),
    Field("旗帜", _TEXT, "卖家备注的旗帜颜色", lambda f, _: FLAGS.get(f.seller_flag, "无"), "旗帜 == '红'",
          canon=_flag, choices=tuple(FLAGS.values()), sure=True),
    Field("SKU", Sort.SET, "订单里的商家编码，已退款的不算", _skus, "SKU 包含 'QH-MUG-01'", canon=str.upper),
    Field("商品", _TEXT, "商品标题，几样的都算", _of_lines(lambda lines: "；".join(o.title for o in lines)),
          "商品 包含 '马克杯'"),
    Field("规格", _TEXT, "商品规格，几样的都算", _of_lines(lambda lines: "；".join(o.spec for o in lines)),
          "规格 包含 '红色'"),
    Field("件数", _NUMBER, "一共几件，已退款的不算", _of_lines(lambda lines: Decimal(sum(o.quantity for o in lines))),
          "件数 >= 5"),
    Field("品种数", _NUMBER, "几种货品，已退款的不算",
          _of_lines(lambda lines: Decimal(len({o.sku or o.platform_sku or o.title for o in lines}))), "品种数 > 3"),
    Field("类型", _TEXT, "订单类型", lambda f, _: KINDS.get(f.kind, f.kind), "类型 == '补发'",
          choices=tuple(KINDS.values()), sure=True),
    Field("环节", _TEXT, "现在的环节", lambda f, _: TITLES[f.stage], "环节 == '待发货'",
          choices=tuple(TITLES[stage] for stage in OPEN), sure=True),
    Field("标记", Sort.SET, "规则打的标记", lambda f, _: f.marks, "标记 包含 '大额'", sure=True),
    Field("平台状态", _TEXT, "平台给的状态文字", lambda f, _: f.platform_status, "平台状态 包含 '等待'", sure=True),
    Field("限制发货", Sort.YESNO, "平台限制发货", lambda f, _: bool(f.hold), "限制发货", sure=True),
    Field("退款", _TEXT, "退款状态", lambda f, _: REFUNDS.get(f.refund, f.refund), "退款 == '申请中'",
          choices=tuple(REFUNDS.values()), sure=True),
    Field("快递", _TEXT, "已填的快递公司，没填是空的", lambda f, _: courier_name(f.courier) if f.courier else "",
          "快递 包含 '顺丰'", sure=True),
    Field("库存够", Sort.YESNO, "库存够发这个订单；没建库存的货品不确定", _enough, "非 库存够"),
    Field("有姓名", Sort.YESNO, "收货人姓名有没有", _or_unknown(lambda f: f.name_known, "平台不显示收货人姓名"),
          "非 有姓名"),
    Field("有电话", Sort.YESNO, "收货人电话有没有", _or_unknown(lambda f: f.phone_known, "平台不显示收货人电话"),
          "非 有电话"),
    Field("下单时间", Sort.MOMENT, "下单的时间", lambda f, _: f.created_at, "下单时间 >= '2025-12-20 08:00'",
          sure=True),
    Field("付款时间", Sort.MOMENT, "付款的时间", _or_unknown(_paid_at, "还没有付款时间"), "付款时间 < '2025-12-20'"),
    Field("最晚发货时间", Sort.MOMENT, "平台的发货时限", _or_unknown(_ship_by_at, "平台没有给出发货时限"),
          "最晚发货时间 < '2025-12-24 18:00'"),
    Field("下单星期", _NUMBER, "星期几下的单，1 到 7",
          lambda f, _: Decimal(f.created_at.astimezone(BEIJING).isoweekday()), "下单星期 属于 [6, 7]", sure=True,
          reach=(1, 7)),
    Field("下单小时", _NUMBER, "几点下的单，0 到 23",
          lambda f, _: Decimal(f.created_at.astimezone(BEIJING).hour), "下单小时 >= 22", sure=True,
          reach=(0, 23)),
    Field("停留小时", _NUMBER, "在现在的环节停了几小时；约好改期的从那天算", _since(_stays_from, ""), "停留小时 > 4",
          sure=True, clock=_stays_from),
    Field("下单后小时", _NUMBER, "下单到现在几小时", _since(_created_at, ""), "下单后小时 > 24", sure=True,
          clock=_created_at),
    Field("付款后小时", _NUMBER, "付款到现在几小时", _since(_paid_at, "还没有付款时间"), "付款后小时 > 24",
          clock=_paid_at),
    Field("剩余发货小时", _NUMBER, "到平台发货时限还有几小时，过了是负数",
          _until(_ship_by_at, "平台没有给出发货时限"), "剩余发货小时 < 6", clock=_ship_by_at, falls=True),
)  # fmt: skip
FIELDS: Final = {one.name: one for one in _FIELDS}
