"""The stories orders tell: each changes the order it is given and plans what will happen to it later."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from sandbox.clock import BEIJING
from sandbox.world_goods import DOUYIN, EVERYWHERE, JD, MARKETS, PDD, PLATFORMS, TAOBAO, WXSHOP, sold_on
from sandbox.world_order import Order, Status
from sandbox.world_trade import PROMISE, add_line, order_id


class Stage(Protocol):
    """What a scene may ask of the world."""

    def moment(self) -> datetime: ...
    def later(self, at: datetime, action: Callable[[], None]) -> None: ...
    def edit(self, order_id: str, **changes: object) -> Order: ...
    def pay(self, order_id: str) -> Order: ...
    def cancel(self, order_id: str) -> Order: ...
    def ask_refund(self, order_id: str, line: int | None = None) -> Order: ...
    def close_refund(self, order_id: str, *, paid: bool) -> Order: ...
    def release(self, order_id: str) -> Order: ...
    def ship(self, order_id: str, company: str, waybill: str, *, line_ids: Sequence[str] | None = None) -> Order: ...
    def again(self, order: Order) -> Order: ...


Play = Callable[[Stage, Order, random.Random], None]

DELAYS = ("晚两天再发", "25号以后发货", "先不要发,等我通知", "出差不在家,下周一再发货吧")
NOTES = ("尽快发,谢谢", "颜色别发错了", "放门口快递柜", "麻烦包装结实一点", "要开发票,抬头:林晓雨")
COURIER = ("请发顺丰", "不要发邮政,发顺丰", "麻烦发京东快递")
GIFTS = ("送礼,不要放价格单", "送朋友的,帮写张贺卡:生日快乐", "送礼用,不要放小票")
RESHIPS = ("补发 漏发1只装", "换货:红色换蓝色,已登记", "漏发,补寄配件", "破损补发,原单已售后")
TESTS = ("测试单,勿发", "测试 请不要发货")
VAGUE_DETAILS = ("见备注", "电联", "3组", "村口")

# What somebody ships with by hand in the shop's own backend, as each platform then shows it.
SHOP_COURIER = {TAOBAO: "圆通速递", JD: "463", PDD: "圆通速递", DOUYIN: "圆通速递", WXSHOP: "圆通速递"}


def play(stage: Stage, order: Order, rng: random.Random) -> None:
    KINDS[order.kind].play(stage, order, rng)


def _plain(_stage: Stage, _order: Order, _rng: random.Random) -> None:
    """Nothing special: the most frequent story."""


def _after(stage: Stage, minutes: float, action: Callable[[], object]) -> None:
    stage.later(stage.moment() + timedelta(minutes=minutes), lambda: _do(action))


def _do(action: Callable[[], object]) -> None:
    action()


def _says(*texts: str) -> Play:
    def scene(_stage: Stage, order: Order, rng: random.Random) -> None:
        order.buyer_message = rng.choice(texts)

    return scene


def _multi_line(_stage: Stage, order: Order, rng: random.Random) -> None:
    others = [sku for sku in sold_on(order.platform) if sku != order.lines[0].sku]
    for sku in rng.sample(others, rng.choice((1, 1, 2, 3))):
        add_line(order, sku, rng.choice((1, 1, 2)))


def _big(_stage: Stage, order: Order, rng: random.Random) -> None:
    order.lines[0].quantity = rng.choice((12, 24, 50))
    order.buyer_message = "公司采购,请一次发齐"


def _reship_memo(_stage: Stage, order: Order, rng: random.Random) -> None:
    order.memo, order.flag = rng.choice(RESHIPS), 1
    for line in order.lines:
        line.price_fen = 1
    order.discount_fen = 0


def _refund(stage: Stage, order: Order, rng: random.Random) -> None:
    _after(stage, rng.randint(6, 40), lambda: stage.ask_refund(order.id))


def _refund_line(stage: Stage, order: Order, rng: random.Random) -> None:
    _multi_line(stage, order, rng)
    _after(stage, rng.randint(6, 40), lambda: stage.ask_refund(order.id, len(order.lines) - 1))


def _refund_withdrawn(stage: Stage, order: Order, rng: random.Random) -> None:
    asked = rng.randint(6, 30)
    _after(stage, asked, lambda: stage.ask_refund(order.id))
    _after(stage, asked + rng.randint(10, 30), lambda: stage.close_refund(order.id, paid=False))


def _refund_paid(stage: Stage, order: Order, rng: random.Random) -> None:
    asked = rng.randint(6, 30)
    _after(stage, asked, lambda: stage.ask_refund(order.id))
    _after(stage, asked + rng.randint(15, 60), lambda: stage.close_refund(order.id, paid=True))


def _unpaid(order: Order, status: Status) -> None:
    order.status = status
    order.confirmed_at = order.promise_at = None
    if status is not Status.GROUPING:
        order.paid_at = None


def _never_paid(_stage: Stage, order: Order, _rng: random.Random) -> None:
    _unpaid(order, Status.UNPAID)


def _cancel_unpaid(stage: Stage, order: Order, rng: random.Random) -> None:
    _unpaid(order, Status.UNPAID)
    _after(stage, rng.randint(15, 60), lambda: stage.cancel(order.id))


def _pay_later(stage: Stage, order: Order, rng: random.Random) -> None:
    _unpaid(order, Status.UNPAID)
    _after(stage, rng.randint(5, 45), lambda: stage.pay(order.id))


def _grouping(stage: Stage, order: Order, rng: random.Random) -> None:
    _unpaid(order, Status.GROUPING)
    _after(stage, rng.randint(10, 90), lambda: stage.pay(order.id))


def _presale(stage: Stage, order: Order, rng: random.Random) -> None:
    order.not_before = stage.moment() + timedelta(days=rng.choice((3, 5, 7)))
    order.promise_at = order.not_before + PROMISE
    order.promise_words = f"{order.not_before.astimezone(BEIJING):%Y-%m-%d} 前发货"


def _deposit(stage: Stage, order: Order, rng: random.Random) -> None:
    _presale(stage, order, rng)
    _unpaid(order, Status.DEPOSIT)
    order.trade_type = "step"
    order.deposit_fen = order.paid_fen // 10
    _after(stage, rng.randint(30, 120), lambda: stage.pay(order.id))


def _risk(stage: Stage, order: Order, rng: random.Random) -> None:
    order.risk = True
    _after(stage, rng.randint(15, 60), lambda: stage.release(order.id))


def _hold(stage: Stage, order: Order, rng: random.Random) -> None:
    order.hold = True
    _after(stage, rng.randint(60, 240), lambda: stage.release(order.id))


def _vague(_stage: Stage, order: Order, rng: random.Random) -> None:
    order.address = replace(order.address, district="", town="", detail=rng.choice(VAGUE_DETAILS))


def _address_edit(stage: Stage, order: Order, rng: random.Random) -> None:
    detail = f"{order.address.detail} (改){rng.randint(1, 99)} 号"
    _after(stage, rng.randint(8, 50), lambda: stage.edit(order.id, detail=detail, town="新城街道"))


def _memo_edit(stage: Stage, order: Order, rng: random.Random) -> None:
    memo = rng.choice(("已联系客户,明天再发", "客户要求加固包装", "改发顺丰,差价已补"))
    _after(stage, rng.randint(8, 50), lambda: stage.edit(order.id, memo=memo, flag=3))


def _flag_edit(stage: Stage, order: Order, rng: random.Random) -> None:
    flag = rng.choice((1, 2, 4))
    _after(stage, rng.randint(8, 50), lambda: stage.edit(order.id, flag=flag))


def _goods_changed(stage: Stage, order: Order, rng: random.Random) -> None:
    other = rng.choice([sku for sku in sold_on(order.platform) if sku != order.lines[0].sku])
    _after(stage, rng.randint(8, 50), lambda: stage.edit(order.id, sku=other.code))


def _duplicate(stage: Stage, order: Order, rng: random.Random) -> None:
    _after(stage, rng.randint(1, 8), lambda: stage.again(order))


def _lottery(_stage: Stage, order: Order, _rng: random.Random) -> None:
    order.lottery = True
    order.lines[0].price_fen = 1
    order.discount_fen = 0


def _ship_in_backend(stage: Stage, order: Order, rng: random.Random) -> None:
    if order.status is Status.TO_SHIP and not order.refunding:
        stage.ship(order.id, SHOP_COURIER[order.platform], f"YT{rng.randint(10**12, 10**13 - 1)}")


def _shipped(stage: Stage, order: Order, rng: random.Random) -> None:
    _after(stage, rng.randint(2, 20), lambda: _ship_in_backend(stage, order, rng))


def _shipped_elsewhere(stage: Stage, order: Order, rng: random.Random) -> None:
    _after(stage, rng.randint(40, 150), lambda: _ship_in_backend(stage, order, rng))


def _part_shipped(stage: Stage, order: Order, rng: random.Random) -> None:
    _multi_line(stage, order, rng)
    first, waybill = order.lines[0].id, f"YT{rng.randint(10**12, 10**13 - 1)}"
    _after(stage, rng.randint(20, 60), lambda: stage.ship(order.id, SHOP_COURIER[TAOBAO], waybill, line_ids=[first]))


def _after_sale(state: int) -> Play:
    """PDD keeps exchange and reship on the original order, which is shipped by then."""

    def scene(stage: Stage, order: Order, rng: random.Random) -> None:
        sent = rng.randint(2, 10)
        _after(stage, sent, lambda: _ship_in_backend(stage, order, rng))
        _after(stage, sent + rng.randint(20, 60), lambda: stage.edit(order.id, after_sales=state))

    return scene


def _split(stage: Stage, order: Order, _rng: random.Random) -> None:
    # The parent is never listed: only its children can be shipped.
    order.parent_id = order_id(JD, int(order.id[-6:]) + 900_000, stage.moment())
    stage.again(order).parent_id = order.parent_id


def _urged(stage: Stage, order: Order, rng: random.Random) -> None:
    _after(stage, rng.randint(20, 90), lambda: stage.edit(order.id, urged_at=stage.moment()))


def _unusual_type(_stage: Stage, order: Order, rng: random.Random) -> None:
    """Silently absent from Taobao's lists unless the caller names the type."""
    order.trade_type = rng.choice(("tmall_i18n", "o2o_offlinetrade"))


@dataclass(frozen=True, slots=True)
class Scene:
    play: Play
    at_opening: int  # cards in the first deck, of about 48
    later: int  # cards in every later deck of 160; plain orders fill it up
    platforms: tuple[str, ...] = MARKETS


KINDS: Mapping[str, Scene] = {
    "plain": Scene(_plain, 7, 0, EVERYWHERE),
    "multi_line": Scene(_multi_line, 3, 14, EVERYWHERE),
    "big": Scene(_big, 1, 2, EVERYWHERE),
    "note": Scene(_says(*NOTES), 1, 5),
    "delay": Scene(_says(*DELAYS), 2, 4),
    "courier": Scene(_says(*COURIER), 1, 3),
    "gift": Scene(_says(*GIFTS), 1, 3),
    "test_words": Scene(_says(*TESTS), 1, 1),
    "reship": Scene(_reship_memo, 1, 3, EVERYWHERE),
    "vague": Scene(_vague, 3, 5),
    "refund": Scene(_refund, 2, 3, EVERYWHERE),
    "refund_line": Scene(_refund_line, 1, 2, (TAOBAO, DOUYIN, WXSHOP)),
    "refund_withdrawn": Scene(_refund_withdrawn, 1, 1, EVERYWHERE),
    "refund_paid": Scene(_refund_paid, 1, 2, EVERYWHERE),
    "unpaid": Scene(_never_paid, 0, 1),
    "cancel_unpaid": Scene(_cancel_unpaid, 1, 2),
    "pay_later": Scene(_pay_later, 1, 3),
    "grouping": Scene(_grouping, 1, 2, (PDD, DOUYIN, WXSHOP)),
    "presale": Scene(_presale, 1, 2),
    "deposit": Scene(_deposit, 1, 1, (TAOBAO, PDD, DOUYIN)),
    "risk": Scene(_risk, 1, 3, (PDD, DOUYIN)),
    "hold": Scene(_hold, 1, 1, (*PLATFORMS, WXSHOP)),
    "address_edit": Scene(_address_edit, 1, 2),
    "memo_edit": Scene(_memo_edit, 1, 3, EVERYWHERE),
    "flag_edit": Scene(_flag_edit, 1, 2),
    "goods_changed": Scene(_goods_changed, 1, 1),
    "duplicate": Scene(_duplicate, 1, 2, EVERYWHERE),
    "lottery": Scene(_lottery, 1, 1, (PDD, DOUYIN, WXSHOP)),
    "shipped": Scene(_shipped, 2, 0),
    "shipped_elsewhere": Scene(_shipped_elsewhere, 1, 2),
    "part_shipped": Scene(_part_shipped, 1, 1, (TAOBAO, DOUYIN, WXSHOP)),
    "resend": Scene(_after_sale(32), 1, 1, (PDD, DOUYIN)),
    "exchange": Scene(_after_sale(14), 1, 1, (PDD, DOUYIN, WXSHOP)),
    "split": Scene(_split, 1, 1, (JD,)),
    "urged": Scene(_urged, 1, 2, (PDD,)),
    "unusual_type": Scene(_unusual_type, 1, 1, (TAOBAO,)),
}
