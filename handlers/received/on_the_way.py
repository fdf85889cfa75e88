"""Rows of a file that say something else of an order than what people are already working by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import text

from handlers.desk import Desk
from handlers.received.bodies import Brought, opened
from models import Received
from models.stages import TITLES, Stage

_ON_THE_WAY: Final = (Stage.PENDING_PICK, Stage.PENDING_SHIP, Stage.DONE)
_GOODS: Final = ("goods", "spec", "sku", "platform_sku")
_PLACE: Final = ("address", "province", "city", "district", "town")
_BEFORE: Final = text("""
    SELECT x.number, b.payload FROM unnest(cast(:numbers AS text[]), cast(:own AS bigint[])) AS x (number, id)
        CROSS JOIN LATERAL (SELECT r.payload FROM raw_payloads r WHERE r.shop_id = :shop AND r.external_id = x.number
            AND r.id < x.id AND r.problem IS NULL ORDER BY r.id DESC LIMIT 1) b
""")


def changes(
    desk: Desk, file: Received, orders: Mapping[str, Any], brought: Mapping[str, Brought]
) -> dict[int, str]:  # fmt: skip
    """Order id → what to look at, in Chinese. `orders`: number → the order as it stands; `brought`: number → what this
    file says of it, where that was stored."""
    on_the_way = [number for number in brought if Stage(orders[number].stage) in _ON_THE_WAY]
    before = _before(desk, file, on_the_way, [brought[number].raw_id for number in on_the_way])
    found = {}
    for number in on_the_way:
        order, what = orders[number], _differences(before.get(number, {}), brought[number].body)
        if what:
            found[order.id] = f"{order.tag} {_stands(Stage(order.stage))}，{'、'.join(what)}变了，请核对"
    return found


def _stands(stage: Stage) -> str:
    return TITLES[stage] if stage is Stage.DONE else f"已到{TITLES[stage]}"


def _before(desk: Desk, file: Received, numbers: Sequence[str], own: Sequence[int]) -> dict[str, Mapping[str, Any]]:
    if not numbers:
        return {}
    asked = {"shop": file.shop_id, "numbers": list(numbers), "own": list(own)}
    return {row.number: opened(desk, row.payload) for row in desk.session.execute(_BEFORE, asked)}


def _differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Taobao's two reports tell half of an order each: halves are not compared with each other."""
    if before.get("kind") != now.get("kind"):
        return []
    old, new = _compared(before), _compared(now)
    return [label for label, said in new.items() if said != old[label]]


def _compared(body: Mapping[str, Any]) -> dict[str, object]:
    lines = body.get("lines", [])
    return {
        "数量": sorted(_said(line, ("quantity",)) for line in lines),
        "商品": sorted(_said(line, _GOODS) for line in lines),
        "收件人": _said(body, ("name",)),
        "电话": _said(body, ("phone",)),
        "地址": _said(body, _PLACE),
    }  # fmt: skip


def _said(body: Mapping[str, Any], names: Sequence[str]) -> str:
    return "\n".join("".join(str(body.get(name, "")).split()) for name in names)
