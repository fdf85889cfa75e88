"""What goes wrong in a month: each story with the exception of the catalogue that it is, how it shows on the platform,
whose matter it must become, and what its buyer must hear."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal

from sandbox import month_turns as turns
from sandbox.month_goods import ASKED_ABOUT
from sandbox.state import State
from sandbox.world_goods import JD, PDD, TAOBAO

if TYPE_CHECKING:
    from sandbox.month import Happening

SERVICE, WAREHOUSE, PURCHASING, SUPERVISOR = "service", "warehouse", "purchasing", "supervisor"
Moment = Literal["pulled", "approved", "picked", "shipped", "signed", "taken", "asked", "merged"]
"""When something more happens: the order was read, moved on by people, came to its buyer, somebody has taken the matter
up, has asked the buyer for what it needs, or puts the order into one parcel with another."""
Hears = Literal["solved", "order", "script", ""]
"""What the buyer must hear: of the matter's end, or what is newer; of the order (shipped, refunded), once the matter
is there; in the platform's own chat, for which people are shown the words; or nothing, by design."""
ALL, LOUD = (TAOBAO, JD, PDD), (TAOBAO, PDD)
"""JD's list tells of changes of state alone: what its buyers change is not seen until the order is read anew."""

LASTS = timedelta(hours=5)
"""So long an interface stays away."""


@dataclass(frozen=True, slots=True)
class Story:
    """`number`: the catalogue's. `with_it`: (kind, role) of matters that must come along, once each; `may`: kinds that
    may. `says`: what somebody of that role, or of the role `by`, tells the hub then. `rule`: what the company's rule
    book says of it, since the first morning. `on_paper`: the order comes in a table that a colleague hands in.
    `keep`: where people leave the order until the matter is taken up. `weight`: how often beside the others; 0 is not
    dealt but staged (sandbox/month_plan.py). `of`: what the matter is about. `begins`, `ends`: of what no order tells,
    on a platform; it lasts for `LASTS`. `silent`: why the buyer hears nothing."""

    name: str
    number: int
    kind: str
    role: str
    how: str
    platforms: tuple[str, ...] = ALL
    wishes: Callable[[random.Random, str], dict[str, Any]] = field(default=lambda _rng, _platform: {})
    then: Mapping[Moment, Callable[[Happening], None]] = field(default_factory=dict)
    says: Mapping[Moment, str] = field(default_factory=dict)
    by: str = ""
    rule: str = ""
    on_paper: bool = False
    hears: Hears = "order"
    silent: str = ""
    with_it: tuple[tuple[str, str], ...] = ()
    may: tuple[str, ...] = ()
    keep: Literal["", "picked"] = ""
    weight: float = 1.0
    of: Literal["order", "sku", "buyers", "stage", "hub"] = "order"
    orders: int = 1
    begins: Callable[[State, str], None] | None = None
    ends: Callable[[State, str], None] | None = None


INTERCEPT = (("intercept", WAREHOUSE),)

DEALT: tuple[Story, ...] = (
    Story("vague", 3, "address_vague", SERVICE, "没有区县，详细地址写「见备注」", wishes=turns.vague, hears="solved"),
    Story("closed_region", 6, "unreachable", SERVICE, "寄往停发地区", wishes=turns.closed, hears="solved"),
    Story("moved", 4, "address_changed", WAREHOUSE, "审核后买家在平台改地址", LOUD, then={"approved": turns.moves},
          hears="solved"),
    Story("moved_late", 4, "address_changed", WAREHOUSE, "配好货后买家在平台改地址", LOUD, then={"picked": turns.moves},
          hears="solved", with_it=INTERCEPT),
    Story("refund", 7, "refund_preship", SERVICE, "审核后买家申请退款", LOUD,
          then={"approved": turns.asks_back, "taken": turns.is_paid_back_or_not}),
    Story("refund_late", 7, "refund_preship", SERVICE, "配好货后买家申请退款", LOUD,
          then={"picked": turns.asks_back, "taken": turns.is_paid_back_or_not}, with_it=INTERCEPT),
    Story("refund_line", 8, "refund_part", SERVICE, "两样里退了一样", (TAOBAO,), turns.two_lines,
          then={"approved": turns.one_line_back}),
    Story("refund_way", 9, "refund_on_the_way", WAREHOUSE, "包裹在路上，买家申请退款", LOUD,
          then={"shipped": turns.asks_back_later, "taken": turns.back_on_the_way},
          silent="包裹已经发出，退款由平台告诉买家", hears=""),
    Story("message", 10, "message_todo", SERVICE, "留言要人看", wishes=turns.says(
        "送朋友的，帮写张贺卡：生日快乐", "放门口快递柜", "麻烦送货前打电话", "包装结实一点，上次碎了")),
    Story("remark", 11, "remark_changed", SERVICE, "审核后卖家备注变了", LOUD, then={"approved": turns.remarks}),
    Story("swapped", 12, "goods_changed", WAREHOUSE, "审核后平台换了货品", LOUD, then={"approved": turns.swaps}),
    Story("invoice", 13, "invoice", SERVICE, "留言要发票", wishes=turns.says(
        "要开发票，抬头：杭州青禾贸易有限公司", "麻烦开张普票", "请附发票，谢谢"), hears="solved"),
    Story("cheap", 17, "price_low", SUPERVISOR, "低于底价卖出", (TAOBAO, JD), turns.cheap),
    Story("dear", 18, "finance_review", SUPERVISOR, "超过财审金额", wishes=turns.dear),
    Story("gift", 19, "gift_alone", SERVICE, "主商品退了，只剩赠品", (TAOBAO,), turns.with_gift,
          then={"approved": turns.gift_stays}, with_it=(("refund_part", SERVICE),)),
    Story("elsewhere", 26, "shipped_on_platform", SERVICE, "有人在平台后台发了货", LOUD,
          then={"approved": turns.leaves_elsewhere}),
    Story("untold", 27, "writeback_fail", WAREHOUSE, "发出后平台不接受发货", (TAOBAO,),
          then={"shipped": turns.held, "taken": turns.let_go},
          silent="包裹发出时买家已收到通知，回传是店铺和平台之间的事", hears=""),
    Story("no_scan", 30, "no_pickup", WAREHOUSE, "发出一天没有揽收", LOUD, then={"taken": turns.scanned},
          silent="买家已收到发货通知，揽收是仓库和网点之间的事", hears=""),
    Story("stuck", 31, "parcel_stuck", SERVICE, "揽收后两天没有动静", LOUD, then={"taken": turns.on_again},
          hears="script"),
    Story("undelivered", 31, "parcel_stuck", SERVICE, "派送失败", LOUD, then={"taken": turns.on_again}, hears="script"),
    Story("hurried", 32, "deadline_near", WAREHOUSE, "平台时限只剩几小时", (PDD,), turns.hurried),
    Story("urged", 33, "urged", WAREHOUSE, "留言催发货", wishes=turns.says(
        "什么时候能发货呀，催一下", "麻烦尽快发货，急用", "怎么还没发货")),
    Story("test", 34, "test_order", SERVICE, "留言写测试单", wishes=turns.says("测试单，勿发", "测试 请不要发货")),
    Story("courier", 35, "courier_promise", WAREHOUSE, "留言指定快递", wishes=turns.says(
        "请发顺丰", "不要发邮政，发顺丰", "麻烦发京东快递")),
    Story("later", 23, "delay_request", SERVICE, "留言要求晚些发", wishes=turns.says(
        "晚两天再发", "出差不在家，下周一再发货吧", "先不要发，等我通知"), hears="solved"),
    Story("forgotten", 40, "stale_stage", WAREHOUSE, "配好了没人发", keep="picked"),
    Story("run_out", 1, "short_stock", PURCHASING, "货架上没有了", (TAOBAO, JD, PDD), hears="solved",
          with_it=(("shortage", PURCHASING),), of="order", weight=0),
    Story("unknown_goods", 2, "sku_unmapped", SERVICE, "平台 SKU 在库存里没有", weight=0, of="sku", hears="",
          silent="匹配好当天就发，买家只需听到发货"),
    Story("locked", 0, "person_lock", SERVICE, "买家打电话来说先别发", says={"pulled": "锁定 {tag} 客户来电说先别发"}),
    Story("agreed", 23, "hold_until", SERVICE, "客服答应晚两天发", says={"pulled": "延发 {tag} 明天 客户出差"}),
    Story("two_orders", 14, "unmerged", SERVICE, "同一买家同一地址下了两单", LOUD, of="buyers", orders=2),
    Story("parted", 15, "merge_addr_diff", SERVICE, "合了单，其中一单又改地址", LOUD, then={"merged": turns.moves_soon},
          with_it=(("unmerged", SERVICE),), may=("address_changed", "intercept"), orders=2),
    Story("twice", 34, "bought_twice", SERVICE, "几分钟里拍了两次一样的", LOUD, turns.same_again,
          may=("unmerged",), orders=2),
    Story("given_up", 8, "refund_wait", SERVICE, "缺货补不上，采购定了退款", LOUD, then={"asked": turns.is_paid_back},
          with_it=(("shortage", PURCHASING), ("short_stock", PURCHASING), ("refund_preship", SERVICE)), weight=0),
    Story("blacklisted", 20, "blacklist", SUPERVISOR, "上了黑名单的买家又来买", LOUD,
          then={"shipped": turns.buys_again}, says={"shipped": "黑名单 加 {tag} 原因 收到货后恶意退款"}),
    Story("asked_about", 0, "rule_ask", PURCHASING, "公司自己的规则：这款每单都问采购", (JD, PDD),
          lambda _rng, _platform: {"sku": ASKED_ABOUT},
          rule=f"SKU件数('{ASKED_ABOUT}') >= 1；标题 现做的水壶；不建单；动作 问采购 这款要现做，几天能好"),
    Story("wrong_goods", 36, "wrong_goods", SERVICE, "买家收到货，说少了或坏了", wishes=turns.several_of_one,
          says={"signed": "登记 {tag} 少件 1 个"}, hears="solved"),
    Story("sent_again", 25, "resend_check", SUPERVISOR, "补发的比买的还多", LOUD,
          lambda _rng, _platform: {"sku": "QH-BOWL-4"}, says={"signed": "补发 {tag} QH-BOWL-4 3 运输破损"}, by=SERVICE,
          hears="solved"),
    Story("exchanged", 24, "return_not_in", SERVICE, "买家要换一个颜色", LOUD,
          lambda _rng, _platform: {"sku": "QH-TOWEL-GRY"}, says={"signed": "换货 {tag} QH-TOWEL-PNK 1 颜色拍错"},
          hears="solved"),
    Story("on_paper", 5, "contact_missing", SERVICE, "补录的表格里没有电话", (PDD,), turns.without_phone,
          on_paper=True, hears="solved"),
    Story("corrected", 4, "receiver_changed", WAREHOUSE, "补录的单审核后，客服改了地址", (PDD,), on_paper=True,
          by=SERVICE, says={"approved": "改地址 {tag} 浙江省杭州市西湖区三墩镇振华路199号5幢2单元1101室"},
          hears="solved"),
    Story("handed_in", 34, "duplicate_order", SERVICE, "接口来的单又用表格交了一次", (PDD,),
          then={"pulled": turns.is_handed_in}),
    Story("left_lying", 40, "stale_group", WAREHOUSE, "六单一起忘在待发货", (TAOBAO,), keep="picked", weight=0,
          of="stage", orders=6, hears="", silent="逐单由发货通知"),
    Story("interface", 29, "upstream_down", SUPERVISOR, "平台接口一直报错", (JD, PDD), of="hub", orders=0, hears="",
          silent="公司和平台之间的事", may=("shop_stopped", "writeback_fail"), weight=0, begins=turns.goes_down,
          ends=turns.comes_back),
)  # fmt: skip
STORIES: Mapping[str, Story] = {one.name: one for one in DEALT}

LEFT_OUT: Mapping[str, str] = {
    "cause_group": "the telling of many cases at once; each of them is judged by itself",
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
}
"""Kinds of which the month has no story, and why; each has flows of its own."""
