"""映射: which of our goods a platform's SKU is; alone it lists those that nobody has mapped."""

from __future__ import annotations

from typing import Final

from handlers import stock
from handlers.commands.command import Command, Group, Request
from handlers.desk import Actor, Desk, Refusal
from handlers.permissions import Permit
from handlers.supply import sku_map
from handlers.views import TextView, View
from models import Role

MAP: Final = Permit("映射货品", frozenset({Role.SERVICE, Role.PURCHASING}))
CONFIRMED: Final = "确认"
EVERYWHERE: Final = "全部"
_HOW: Final = "请发：映射 平台SKU 商家编码；要在这个平台的所有店铺生效，后面加「全部」"


def run(desk: Desk, request: Request, actor: Actor) -> View:
    words = request.rest.split()
    marks = {word for word in words if word in (CONFIRMED, EVERYWHERE)}
    words = [word for word in words if word not in marks]
    if not words:
        return TextView(_listed(sku_map.waiting(desk)))
    if len(words) != 2:
        raise Refusal(f"看不懂。{_HOW}")
    platform_sku, wanted = words
    sku = known(desk, wanted, confirmed=CONFIRMED in marks, again=f"映射 {platform_sku} {wanted} {CONFIRMED}")
    many = sku_map.put(desk, platform_sku, sku, actor, everywhere=EVERYWHERE in marks)
    return TextView(mapped(actor, platform_sku, sku, many))


def known(desk: Desk, sku: str, *, confirmed: bool, again: str) -> str:
    """The SKU as the shelf writes it. One that nobody knows is more often mistyped than new."""
    found = stock.known(desk, sku)
    if found is None and not confirmed:
        raise Refusal(f"没有 SKU「{sku[:40]}」，请核对商家编码。确实是新货的话请发：\n{again}")
    return found or sku


def mapped(actor: Actor, platform_sku: str, sku: str, orders: int) -> str:
    rest = f"{orders} 单稍后自动重新核对" if orders else "现在没有订单在等它"
    return f"{actor.name}已映射：平台 SKU {platform_sku} → {sku}，{rest}；以后的订单自动匹配"


def _listed(found: list[str]) -> str:
    if not found:
        return f"没有等待映射的平台 SKU。{_HOW}"
    return "\n".join(["等待映射：", *(f"- {line}" for line in found), _HOW])


COMMAND = Command(
    ("映射", "匹配货品"),
    "映射 平台SKU 商家编码 [全部]",
    "平台 SKU 是哪个商家编码",
    run,
    MAP,
    group=Group.STEER,
    example="映射 4900000000001 QH-CUP-RED",
    brief="认货",
    more=(
        "说一次以后都认得；后面加「全部」在这个平台的所有店铺生效",
        "只发「映射」列出还没匹配的",
    ),
)
