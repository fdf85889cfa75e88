"""Rows of a file that say something else of an order than what people are already working by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import text

from handlers.desk import Desk
from handlers.received.bodies import opened
from models import Received
from models.stages import TITLES, Stage

_ON_THE_WAY: Final = (Stage.PENDING_PICK, Stage.PENDING_SHIP, Stage.DONE)
_GOODS: Final = ("goods", "spec", "sku", "platform_sku")
_PLACE: Final = ("address", "province", "city", "district", "town")
_BEFORE: Final = text("""
    SELECT DISTINCT ON (external_id) external_id, payload FROM raw_payloads
    WHERE shop_id = :shop AND external_id = ANY(:ids) AND problem IS NULL
        AND NOT (received_at >= :since AND id >= ANY(:own)) ORDER BY external_id, id DESC
""")


def changes(desk: Desk, file: Received, orders: Mapping[str, Any], brought: Mapping[str, Any]) -> dict[int, str]:
    """Order id → what to look at, in Chinese. `orders`: number → the order as it stands; `brought`: number → what this
    file says of it, where that was stored."""
    on_the_way = [number for number in brought if Stage(orders[number].stage) in _ON_THE_WAY]
    before = _before(desk, file, on_the_way, [brought[number].id for number in on_the_way])
    found = {}
    for number in on_the_way:
        order, what = orders[number], _differences(before.get(number, {}), brought[number].body)
        if what:
            found[order.id] = f"{order.tag} 已到{TITLES[Stage(order.stage)]}，{'、'.join(what)}变了，请核对"
    return found


def _before(desk: Desk, file: Received, numbers: Sequence[str], own: Sequence[int]) -> dict[str, Mapping[str, Any]]:
    if not numbers:
        return {}
    asked = {"shop": file.shop_id, "ids": list(numbers), "since": file.received_at, "own": list(own)}
    return {row.external_id: opened(desk, row.payload) for row in desk.session.execute(_BEFORE, asked)}


def _differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Taobao's two reports tell half of an order each: halves are not compared with each other."""
    if before.get("kind") != now.get("kind"):
        return []
    pairs = {
        "数量": [_of_lines(body, ("quantity",)) for body in (before, now)],
        "商品": [_of_lines(body, _GOODS) for body in (before, now)],
        "收件人": [_said(body, ("name",)) for body in (before, now)],
        "电话": [_said(body, ("phone",)) for body in (before, now)],
        "地址": [_said(body, _PLACE) for body in (before, now)],
    }  # fmt: skip
    return [label for label, (old, new) in pairs.items() if old != new]


def _of_lines(body: Mapping[str, Any], names: Sequence[str]) -> list[str]:
    return sorted(_said(line, names) for line in body.get("lines", []))


def _said(body: Mapping[str, Any], names: Sequence[str]) -> str:
    return "\n".join("".join(str(body.get(name, "")).split()) for name in names)
