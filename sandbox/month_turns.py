"""What buyers wish for and what happens to their orders, turn by turn: what the stories of a month are made of."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sandbox import month_papers
from sandbox.month_goods import FLOORED
from sandbox.month_people import CLOSED
from sandbox.state import State
from sandbox.world_goods import JD, PDD, TAOBAO
from sandbox.world_scenes import SHOP_COURIER

if TYPE_CHECKING:
    from sandbox.month import Happening

Wishes = Callable[[random.Random, str], dict[str, Any]]


def says(*texts: str) -> Callable[[random.Random, str], dict[str, Any]]:
    return lambda rng, _platform: {"buyer_message": rng.choice(texts)}


def vague(rng: random.Random, _platform: str) -> dict[str, Any]:
    return {"district": "", "town": "", "detail": rng.choice(("见备注", "电联", "3组", "村口小卖部"))}


def closed(_rng: random.Random, _platform: str) -> dict[str, Any]:
    province, city, district, town = CLOSED
    return {"province": province, "city": city, "district": district, "town": town, "detail": "浙江东路18号2单元301室"}


def dear(rng: random.Random, platform: str) -> dict[str, Any]:
    sku = {TAOBAO: "QH-BED-180", JD: "QH-BED-150", PDD: "QH-PILLOW-H"}[platform]
    return {"sku": sku, "quantity": rng.randint(40, 60)}


def cheap(rng: random.Random, _platform: str) -> dict[str, Any]:
    return {"sku": FLOORED, "price_fen": rng.choice((100, 169, 1690, 9900)), "discount_fen": 0}


def hurried(rng: random.Random, _platform: str) -> dict[str, Any]:
    return {"promise_in": timedelta(minutes=rng.randint(150, 230))}


def without_phone(_rng: random.Random, _platform: str) -> dict[str, Any]:
    return {"手机": ""}  # of an order on paper


def several_of_one(rng: random.Random, platform: str) -> dict[str, Any]:
    sku = {TAOBAO: "QH-CUP-RED", JD: "QH-CUP-BLU", PDD: "QH-BOWL-4"}[platform]
    return {"sku": sku, "quantity": rng.randint(2, 3)}


def with_gift(_rng: random.Random, _platform: str) -> dict[str, Any]:
    return {"lines": [("QH-CUP-RED", 1), ("QH-CUP-BLU", 1)], "discount_fen": 0}


def two_lines(rng: random.Random, _platform: str) -> dict[str, Any]:
    return {"lines": [("QH-BOWL-4", rng.randint(1, 2)), ("QH-TOWEL-GRY", 1)]}


# what happens


def moves(happening: Happening) -> None:
    happening.world.edit(happening.order, detail=f"文化路{happening.rng.randint(1, 99)}号2幢501室", town="新城街道")


def moves_soon(happening: Happening) -> None:
    happening.world.later(happening.world.moment() + timedelta(hours=1), lambda: moves(happening))


def remarks(happening: Happening) -> None:
    words = happening.rng.choice(("客户要求加固包装", "已联系客户，客户要求送货前打电话", "客户说换成礼盒装"))
    happening.world.edit(happening.order, memo=words, flag=3)


def swaps(happening: Happening) -> None:
    """For something else: nobody buys four different things at once."""
    wanted = {
        TAOBAO: ("QH-PLATE-8", "QH-CUP-RED", "QH-BOWL-6", "QH-CUP-WHT"),
        PDD: ("QH-BOX-L", "QH-BOWL-4", "QH-CUP-WHT", "QH-PILLOW-H"),
    }[happening.planted.platform]
    order = happening.world.find(happening.order)
    bought = {line.sku.code for line in order.lines} if order is not None else set()
    happening.world.edit(happening.order, sku=next(one for one in wanted if one not in bought))


def asks_back(happening: Happening) -> None:
    happening.world.ask_refund(happening.order)


def asks_back_later(happening: Happening) -> None:
    """Once the platform knows of the parcel, be it the next morning."""
    happening.world.later(happening.world.moment() + timedelta(hours=12), lambda: asks_back(happening))


def is_paid_back_or_not(happening: Happening) -> None:
    happening.world.close_refund(happening.order, paid=happening.rng.random() < 0.5)


def is_paid_back(happening: Happening) -> None:
    """The buyer asks on the platform, and has the money some hours later."""
    world = happening.world
    world.ask_refund(happening.order)

    def paid() -> None:
        world.close_refund(happening.order, paid=True)

    world.later(world.moment() + timedelta(hours=5), paid)


def is_handed_in(happening: Happening) -> None:
    """Somebody exports it by hand as well, and hands the table in."""
    order = happening.world.find(happening.order)
    if order is not None:
        happening.month.papers.append(month_papers.row_of(order))


def buys_again(happening: Happening) -> None:
    world = happening.world
    world.later(world.moment() + timedelta(hours=20), lambda: happening.month.buy_again(happening.planted))


def one_line_back(happening: Happening) -> None:
    happening.world.ask_refund(happening.order, 1)
    happening.world.close_refund(happening.order, paid=True)


def gift_stays(happening: Happening) -> None:
    happening.world.ask_refund(happening.order, 0)
    happening.world.close_refund(happening.order, paid=True)


def leaves_elsewhere(happening: Happening) -> None:
    courier, waybill = SHOP_COURIER[happening.planted.platform], f"YT{happening.rng.randint(5 * 10**12, 6 * 10**12)}"
    happening.world.ship(happening.order, courier, waybill)
    happening.month.left(happening.order, waybill)


def held(happening: Happening) -> None:
    happening.world.edit(happening.order, hold=True)


def let_go(happening: Happening) -> None:
    happening.world.edit(happening.order, hold=False)


def scanned(happening: Happening) -> None:
    happening.month.scan(happening.order, "【网点】已揽收", "1")
    happening.month.scan_later(happening.order, timedelta(hours=30), "已签收，签收人：本人", "3")


def on_again(happening: Happening) -> None:
    happening.month.scan(happening.order, "快件已更换包装，继续派送", "0")
    happening.month.scan_later(happening.order, timedelta(hours=8), "已签收，签收人：本人", "3")


def back_on_the_way(happening: Happening) -> None:
    happening.world.close_refund(happening.order, paid=False)
    happening.month.scan(happening.order, "【分拨中心】已发出，下一站派送网点", "0")
    happening.month.scan_later(happening.order, timedelta(hours=30), "已签收，签收人：本人", "3")


def goes_down(state: State, platform: str) -> None:
    state.faults.arm("http_500", platform, calls=10**6)


def comes_back(state: State, _platform: str) -> None:
    state.faults.clear()


def same_again(_rng: random.Random, platform: str) -> dict[str, Any]:
    return {"sku": {TAOBAO: "QH-CUP-RED", PDD: "QH-BOWL-4"}[platform], "quantity": 1}
