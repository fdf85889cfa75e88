"""What goes wrong in a month: each story with the exception of the catalogue that it is, how it shows on the platform,
whose matter it must become, and what its buyer must hear."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal

from sandbox.month_people import CLOSED
from sandbox.state import State
from sandbox.world_goods import JD, PDD, TAOBAO
from sandbox.world_scenes import SHOP_COURIER

if TYPE_CHECKING:
    from sandbox.month import Happening

SERVICE, WAREHOUSE, PURCHASING, SUPERVISOR = "service", "warehouse", "purchasing", "supervisor"
Moment = Literal["pulled", "approved", "picked", "shipped", "taken", "opened"]
"""When something more happens: the order was read, moved on by people, or somebody has taken the matter up."""
Hears = Literal["solved", "order", "script", ""]
"""What the buyer must hear: of the matter's end, or what is newer; of the order (shipped, refunded), once the matter
is there; in the platform's own chat, for which people are shown the words; or nothing, by design."""
ALL, LOUD = (TAOBAO, JD, PDD), (TAOBAO, PDD)
"""JD's list tells of changes of state alone: what its buyers change is not seen until the order is read anew."""

SHORT = ("QH-CURTAIN-2", "QH-LAMP-NTR", "QH-BOARD-M")
"""Goods that run out: nobody without a story buys them."""
UNMAPPED = ("QH-KNIFE-3", "QH-HANGER-50", "QH-BOX-S", "QH-MAT-60", "QH-TISSUE-24")
"""Goods whose code stands in no stock list."""
FLOORED, FLOOR_YUAN = "QH-PAN-28", 120.0
"""Goods with a floor price, and that price."""
FINANCE_YUAN = 5000
LASTS = timedelta(hours=5)
"""So long an interface stays away."""


@dataclass(frozen=True, slots=True)
class Story:
    """`number`: the catalogue's. `with_it`: (kind, role) of matters that must come along, once each; `may`: kinds that
    may. `says`: what somebody of that role tells the hub then. `keep`: where people leave the order until the matter is
    taken up. `weight`: how often beside the others; 0 is not dealt but staged (sandbox/month.py). `of`: what the matter
    is about. `begins`, `ends`: of what no order tells, on a platform; it lasts for `LASTS`. `silent`: why the buyer
    hears nothing."""

    name: str
    number: int
    kind: str
    role: str
    how: str
    platforms: tuple[str, ...] = ALL
    wishes: Callable[[random.Random, str], dict[str, Any]] = field(default=lambda _rng, _platform: {})
    then: Mapping[Moment, Callable[[Happening], None]] = field(default_factory=dict)
    says: Mapping[Moment, str] = field(default_factory=dict)
    hears: Hears = "order"
    silent: str = ""
    with_it: tuple[tuple[str, str], ...] = ()
    may: tuple[str, ...] = ()
    keep: Literal["", "picked"] = ""
    weight: float = 1.0
    of: Literal["order", "sku", "buyers", "hub"] = "order"
    orders: int = 1
    begins: Callable[[State, str], None] | None = None
    ends: Callable[[State, str], None] | None = None


def _says(*texts: str) -> Callable[[random.Random, str], dict[str, Any]]:
    return lambda rng, _platform: {"buyer_message": rng.choice(texts)}


def _vague(rng: random.Random, _platform: str) -> dict[str, Any]:
    return {"district": "", "town": "", "detail": rng.choice(("见备注", "电联", "3组", "村口小卖部"))}


def _closed(_rng: random.Random, _platform: str) -> dict[str, Any]:
    province, city, district, town = CLOSED
    return {"province": province, "city": city, "district": district, "town": town, "detail": "浙江东路18号2单元301室"}


def _dear(rng: random.Random, platform: str) -> dict[str, Any]:
    sku = {TAOBAO: "QH-BED-180", JD: "QH-BED-150", PDD: "QH-PILLOW-H"}[platform]
    return {"sku": sku, "quantity": rng.randint(40, 60)}


def _cheap(rng: random.Random, _platform: str) -> dict[str, Any]:
    return {"sku": FLOORED, "price_fen": rng.choice((100, 169, 1690, 9900)), "discount_fen": 0}


def _hurried(rng: random.Random, _platform: str) -> dict[str, Any]:
    return {"promise_in": timedelta(minutes=rng.randint(150, 230))}


def _with_gift(_rng: random.Random, _platform: str) -> dict[str, Any]:
    return {"lines": [("QH-CUP-RED", 1), ("QH-CUP-BLU", 1)], "discount_fen": 0}


def _two_lines(rng: random.Random, _platform: str) -> dict[str, Any]:
    return {"lines": [("QH-BOWL-4", rng.randint(1, 2)), ("QH-TOWEL-GRY", 1)]}


# what happens


def _moves(happening: Happening) -> None:
    happening.world.edit(happening.order, detail=f"文化路{happening.rng.randint(1, 99)}号2幢501室", town="新城街道")


def _remarks(happening: Happening) -> None:
    words = happening.rng.choice(("客户要求加固包装", "已联系客户，客户要求送货前打电话", "客户说换成礼盒装"))
    happening.world.edit(happening.order, memo=words, flag=3)


def _swaps(happening: Happening) -> None:
    wanted = {TAOBAO: ("QH-PLATE-8", "QH-CUP-RED"), PDD: ("QH-BOX-L", "QH-BOWL-4")}[happening.planted.platform]
    order = happening.world.find(happening.order)
    bought = {line.sku.code for line in order.lines} if order is not None else set()
    happening.world.edit(happening.order, sku=next(one for one in wanted if one not in bought))


def _asks_back(happening: Happening) -> None:
    happening.world.ask_refund(happening.order)


def _asks_back_later(happening: Happening) -> None:
    """Once the platform knows of the parcel, be it the next morning."""
    happening.world.later(happening.world.moment() + timedelta(hours=12), lambda: _asks_back(happening))


def _is_paid_back_or_not(happening: Happening) -> None:
    happening.world.close_refund(happening.order, paid=happening.rng.random() < 0.5)


def _changes_mind(happening: Happening) -> None:
    happening.world.close_refund(happening.order, paid=False)


def _one_line_back(happening: Happening) -> None:
    happening.world.ask_refund(happening.order, 1)
    happening.world.close_refund(happening.order, paid=True)


def _gift_stays(happening: Happening) -> None:
    happening.world.ask_refund(happening.order, 0)
    happening.world.close_refund(happening.order, paid=True)


def _leaves_elsewhere(happening: Happening) -> None:
    courier, waybill = SHOP_COURIER[happening.planted.platform], f"YT{happening.rng.randint(5 * 10**12, 6 * 10**12)}"
    happening.world.ship(happening.order, courier, waybill)
    happening.month.left(happening.order, waybill)


def _held(happening: Happening) -> None:
    happening.world.edit(happening.order, hold=True)


def _let_go(happening: Happening) -> None:
    happening.world.edit(happening.order, hold=False)


def _scanned(happening: Happening) -> None:
    happening.month.scan(happening.order, "【网点】已揽收", "1")
    happening.month.scan_later(happening.order, timedelta(hours=30), "已签收，签收人：本人", "3")


def _on_again(happening: Happening) -> None:
    happening.month.scan(happening.order, "快件已更换包装，继续派送", "0")
    happening.month.scan_later(happening.order, timedelta(hours=8), "已签收，签收人：本人", "3")


def _back_on_the_way(happening: Happening) -> None:
    happening.world.close_refund(happening.order, paid=False)
    happening.month.scan(happening.order, "【分拨中心】已发出，下一站派送网点", "0")
    happening.month.scan_later(happening.order, timedelta(hours=30), "已签收，签收人：本人", "3")


def _goes_down(state: State, platform: str) -> None:
    state.faults.arm("http_500", platform, calls=10**6)


def _comes_back(state: State, _platform: str) -> None:
    state.faults.clear()


def _same_again(_rng: random.Random, platform: str) -> dict[str, Any]:
    return {"sku": {TAOBAO: "QH-CUP-RED", PDD: "QH-BOWL-4"}[platform], "quantity": 1}


INTERCEPT = (("intercept", WAREHOUSE),)

DEALT: tuple[Story, ...] = (
    Story("vague", 3, "address_vague", SERVICE, "没有区县，详细地址写「见备注」", wishes=_vague, hears="solved"),
    Story("closed_region", 6, "unreachable", SERVICE, "寄往停发地区", wishes=_closed, hears="solved"),
    Story("moved", 4, "address_changed", WAREHOUSE, "审核后买家在平台改地址", LOUD, then={"approved": _moves},
          hears="solved"),
    Story("moved_late", 4, "address_changed", WAREHOUSE, "配好货后买家在平台改地址", LOUD, then={"picked": _moves},
          hears="solved", with_it=INTERCEPT),
    Story("refund", 7, "refund_preship", SERVICE, "审核后买家申请退款", LOUD,
          then={"approved": _asks_back, "taken": _is_paid_back_or_not}),
    Story("refund_late", 7, "refund_preship", SERVICE, "配好货后买家申请退款", LOUD,
          then={"picked": _asks_back, "taken": _is_paid_back_or_not}, with_it=INTERCEPT),
    Story("refund_line", 8, "refund_part", SERVICE, "两样里退了一样", (TAOBAO,), _two_lines,
          then={"approved": _one_line_back}),
    Story("refund_way", 9, "refund_on_the_way", WAREHOUSE, "包裹在路上，买家申请退款", LOUD,
          then={"shipped": _asks_back_later, "taken": _back_on_the_way},
          silent="包裹已经发出，退款由平台告诉买家", hears=""),
    Story("message", 10, "message_todo", SERVICE, "留言要人看", wishes=_says(
        "送朋友的，帮写张贺卡：生日快乐", "放门口快递柜", "麻烦送货前打电话", "包装结实一点，上次碎了")),
    Story("remark", 11, "remark_changed", SERVICE, "审核后卖家备注变了", LOUD, then={"approved": _remarks}),
    Story("swapped", 12, "goods_changed", WAREHOUSE, "审核后平台换了货品", LOUD, then={"approved": _swaps}),
    Story("invoice", 13, "invoice", SERVICE, "留言要发票", wishes=_says(
        "要开发票，抬头：杭州青禾贸易有限公司", "麻烦开张普票", "请附发票，谢谢"), hears="solved"),
    Story("cheap", 17, "price_low", SUPERVISOR, "低于底价卖出", (TAOBAO, JD), _cheap),
    Story("dear", 18, "finance_review", SUPERVISOR, "超过财审金额", wishes=_dear),
    Story("gift", 19, "gift_alone", SERVICE, "主商品退了，只剩赠品", (TAOBAO,), _with_gift,
          then={"approved": _gift_stays}, with_it=(("refund_part", SERVICE),)),
    Story("elsewhere", 26, "shipped_on_platform", SERVICE, "有人在平台后台发了货", LOUD,
          then={"approved": _leaves_elsewhere}),
    Story("untold", 27, "writeback_fail", WAREHOUSE, "发出后平台不接受发货", (TAOBAO,),
          then={"shipped": _held, "taken": _let_go},
          silent="包裹发出时买家已收到通知，回传是店铺和平台之间的事", hears=""),
    Story("no_scan", 30, "no_pickup", WAREHOUSE, "发出一天没有揽收", LOUD, then={"taken": _scanned},
          silent="买家已收到发货通知，揽收是仓库和网点之间的事", hears=""),
    Story("stuck", 31, "parcel_stuck", SERVICE, "揽收后两天没有动静", LOUD, then={"taken": _on_again}, hears="script"),
    Story("undelivered", 31, "parcel_stuck", SERVICE, "派送失败", LOUD, then={"taken": _on_again}, hears="script"),
    Story("hurried", 32, "deadline_near", WAREHOUSE, "平台时限只剩几小时", (PDD,), _hurried),
    Story("urged", 33, "urged", WAREHOUSE, "留言催发货", wishes=_says(
        "什么时候能发货呀，催一下", "麻烦尽快发货，急用", "怎么还没发货")),
    Story("test", 34, "test_order", SERVICE, "留言写测试单", wishes=_says("测试单，勿发", "测试 请不要发货")),
    Story("courier", 35, "courier_promise", WAREHOUSE, "留言指定快递", wishes=_says(
        "请发顺丰", "不要发邮政，发顺丰", "麻烦发京东快递")),
    Story("later", 23, "delay_request", SERVICE, "留言要求晚些发", wishes=_says(
        "晚两天再发", "出差不在家，下周一再发货吧", "先不要发，等我通知"), hears="solved"),
    Story("forgotten", 40, "stale_stage", WAREHOUSE, "配好了没人发", keep="picked"),
    Story("run_out", 1, "short_stock", PURCHASING, "货架上没有了", (TAOBAO, JD, PDD), hears="solved",
          with_it=(("shortage", PURCHASING),), of="order", weight=0),
    Story("unknown_goods", 2, "sku_unmapped", SERVICE, "平台 SKU 在库存里没有", weight=0, of="sku", hears="",
          silent="匹配好当天就发，买家只需听到发货"),
    Story("locked", 0, "person_lock", SERVICE, "买家打电话来说先别发", says={"pulled": "锁定 {tag} 客户来电说先别发"}),
    Story("agreed", 23, "hold_until", SERVICE, "客服答应晚两天发", says={"pulled": "延发 {tag} 明天 客户出差"}),
    Story("two_orders", 14, "unmerged", SERVICE, "同一买家同一地址下了两单", LOUD, of="buyers", orders=2),
    Story("twice", 34, "bought_twice", SERVICE, "几分钟里拍了两次一样的", LOUD, _same_again,
          may=("unmerged",), orders=2),
    Story("interface", 29, "upstream_down", SUPERVISOR, "平台接口一直报错", (JD, PDD), of="hub", orders=0, hears="",
          silent="公司和平台之间的事", may=("shop_stopped", "writeback_fail"), weight=0, begins=_goes_down,
          ends=_comes_back),
)  # fmt: skip
STORIES: Mapping[str, Story] = {one.name: one for one in DEALT}

LEFT_OUT: Mapping[str, str] = {
    "contact_missing": "marketplaces give every order a name and a phone, if hidden ones",
    "refund_wait": "comes of a choice on the card of goods that are short; here purchasing always has them sent",
    "blacklist": "nobody is on the list when the month begins",
    "stale_group": "one by one: a group of them is what six forgotten orders at once are",
    "cause_group": "the telling of many cases at once; each of them is judged by itself",
    "return_not_in": "of exchanges, which people make in chat: no marketplace of the month shows one",
    "resend_check": "of reships, which people make in chat",
    "merge_addr_diff": "of a parcel for several orders whose address changes between two steps of one hour",
    "duplicate_order": "of spreadsheets and chats that hold an order twice: platforms number theirs",
    "wrong_goods": "of after-sales, whose reasons the month's platforms do not tell",
    "look_failed": "of code that breaks",
    "erp_conflict": "there is no ERP in the month",
    "erp_stopped": "there is no ERP in the month",
    "ship_jam": "of a warehouse whose queue stands for ten minutes: the month is lived in hours",
    "shop_stopped": "of an authorisation that a person must give anew, which no robot can",
    "order_gone": "platforms of the month forget no order",
    "pull_stopped": "of a worker that nobody started: the month starts it",
    "missing_order": "of the nightly proof, which reads the month once more",
    "auth_expiring": "of the tending between pulls, which the month does not run",
    "sync_silent": "needs four weeks of history before it says anything",
    "rule_ask": "of rules that the company writes itself",
    "receiver_changed": "of orders that the hub itself holds",
}
"""Kinds of which the month has no story, and why; each has flows of its own."""
