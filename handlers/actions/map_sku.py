"""映射 behind a case's short code: A7F2 映射 QH-CUP-RED."""

from __future__ import annotations

from handlers import cases, stock
from handlers.actions.action import Action, Meant, Said, Then, case_id, press_of
from handlers.desk import Actor, Desk, Refusal
from handlers.incoming import Incoming
from handlers.permissions import Permit
from handlers.supply import sku_map
from models import Role

MAP = Permit("映射货品", frozenset({Role.SERVICE, Role.PURCHASING}))


def press(desk: Desk, incoming: Incoming, actor: Actor) -> Then:
    pressed = press_of(incoming)
    matter = cases.take_up(desk, case_id(pressed), MAP, actor)
    if matter.case.kind != sku_map.KIND:
        raise Refusal("只有「货品未匹配」可以映射")
    platform_sku = matter.case.evidence["platform_sku"]
    sku = stock.known(desk, pressed.value)
    if sku is None:
        raise Refusal(
            f"没有 SKU「{pressed.value[:40]}」，请核对商家编码。确实是新货的话请发：\n"
            f"映射 {platform_sku} {pressed.value} 确认"
        )
    many = sku_map.put(desk, platform_sku, sku, actor)
    return Then(f"{actor.name}已映射到 {sku}，{many} 单稍后自动重新核对")


def _meant(_desk: Desk, said: Said) -> Meant:
    if len(said.rest.split()) != 1:
        raise Refusal(f"映射到哪个商家编码？请发：{said.code} 映射 商家编码")
    return said.rest, {}


ACTION = Action(MAP, press, words={"映射": ""}, meant=_meant)
