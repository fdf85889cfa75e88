"""Which of our goods a platform's SKU is: said once, kept, and applied to every order that comes.

A line that the shelf does not know is looked up here, one statement per batch and only where anything is mapped. What
is found is written into the line, so that stock, shortness and search see the merchant's SKU.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import opening, trail
from handlers.desk import SYSTEM, Actor, Desk, Refusal
from handlers.matter import Opening
from models import Role

KIND: Final = "sku_unmapped"

_APPLY: Final = text("""
    UPDATE order_lines l SET sku = found.sku FROM (
        SELECT DISTINCT ON (n.order_id, n.line_key) n.order_id, n.line_key, m.sku
        FROM unnest(cast(:ids AS bigint[]), cast(:keys AS text[]), cast(:platform_skus AS text[]))
            AS n(order_id, line_key, platform_sku)
            JOIN orders o ON o.id = n.order_id
            JOIN sku_map m ON m.platform = o.platform AND m.shop_id IN (0, o.shop_id)
                AND m.platform_sku = n.platform_sku
        ORDER BY n.order_id, n.line_key, m.shop_id DESC
    ) found
    WHERE l.order_id = found.order_id AND l.line_key = found.line_key AND l.sku <> found.sku
        AND l.swapped_from = '' RETURNING l.order_id
""")  # a shop's own mapping goes before the platform's

_ANY: Final = text("SELECT EXISTS (SELECT FROM sku_map)")
_CASES: Final = text("""
    SELECT id, shop_id, reason, evidence FROM cases
    WHERE kind = 'sku_unmapped' AND order_id IS NULL AND state IN ('open', 'claimed') ORDER BY id
""")
_MAPPED: Final = text("SELECT platform, shop_id, sku FROM sku_map WHERE platform_sku = :sku ORDER BY platform, shop_id")
_MAP: Final = text("""
    INSERT INTO sku_map (platform, shop_id, platform_sku, sku, mapped_by, mapped_at)
    VALUES (:platform, :shop_id, :platform_sku, :sku, :by, :now)
    ON CONFLICT (platform, shop_id, platform_sku) DO UPDATE SET sku = excluded.sku, mapped_by = excluded.mapped_by,
        mapped_at = excluded.mapped_at
""")
# Found by what its lines are called now, for no index knows platform SKUs; locked before their lines, as by everybody.
_ORDERS: Final = text("""
    SELECT o.id FROM orders o WHERE o.platform = :platform AND (:shop_id = 0 OR o.shop_id = :shop_id) AND o.id IN (
        SELECT w.order_id FROM waiting_lines w JOIN order_lines l ON l.order_id = w.order_id AND l.sku = w.sku
        WHERE w.sku = ANY(:called) AND l.platform_sku = :platform_sku
    ) ORDER BY o.id FOR NO KEY UPDATE OF o
""")
_RENAME: Final = text("""
    UPDATE order_lines SET sku = :sku WHERE order_id = ANY(:ids) AND platform_sku = :platform_sku AND NOT shipped
        AND sku <> :sku AND swapped_from = ''
""")
_SOON: Final = text("UPDATE orders SET recheck_at = :now WHERE id = ANY(:ids)")
_WAITING: Final = text("""
    SELECT c.id, count(DISTINCT w.order_id) AS orders
    FROM cases c JOIN waiting_lines w ON w.sku = c.evidence ->> 'sku'
        JOIN order_lines l ON l.order_id = w.order_id AND l.sku = w.sku
            AND l.platform_sku = c.evidence ->> 'platform_sku'
        JOIN orders o ON o.id = w.order_id AND o.shop_id = c.shop_id
    WHERE c.kind = 'sku_unmapped' AND c.order_id IS NULL AND c.state IN ('open', 'claimed')
        AND NOT EXISTS (SELECT FROM stock s WHERE s.sku = w.sku)
    GROUP BY c.id
""")


@dataclass(frozen=True, slots=True)
class Unmapped:
    """One platform SKU that an order needs and nobody knows. `code` is the merchant code that the listing has."""

    platform: str
    shop_id: int
    platform_sku: str
    code: str
    title: str

    @property
    def key(self) -> str:
        return f"{self.platform}:{self.shop_id}:{self.platform_sku}"


def apply(desk: Desk, lines: Mapping[int, Iterable[Row[Any]]]) -> bool:
    """Write what is mapped into lines that the shelf does not know; whether any line changed."""
    unknown = [
        (order_id, line.line_key, line.platform_sku)
        for order_id, rows in lines.items()
        for line in rows
        if line.on_hand is None and line.platform_sku and not line.shipped
    ]
    if not unknown or not desk.session.execute(_ANY).scalar_one():
        return False
    ids, keys, skus = zip(*unknown, strict=True)
    asked = {"ids": list(ids), "keys": list(keys), "platform_skus": list(skus)}
    return desk.session.execute(_APPLY, asked).first() is not None


def raise_many(desk: Desk, found: Iterable[Unmapped]) -> None:
    """One matter per platform SKU, however many orders need it."""
    wanted = {one.key: one for one in found}
    openings = [
        Opening(
            KIND, _reason(one.platform_sku, one.title, one.code), Role.SERVICE, shop_id=one.shop_id, group_key=one.key,
            evidence={"platform": one.platform, "platform_sku": one.platform_sku, "sku": one.code, "title": one.title},
        )
        for one in wanted.values()
    ]  # fmt: skip
    for row in opening.open_many(desk, openings):
        one = wanted[row.group_key]
        trail.write(desk, f"case:{row.id}", SYSTEM, action="异常", detail={"货品未匹配": one.platform_sku})


def put(desk: Desk, platform_sku: str, sku: str, actor: Actor, *, everywhere: bool = False) -> int:
    """`映射`: from now on this platform SKU is that one of ours; how many open orders that concerns. `everywhere`: in
    all shops of the platform. Raises Refusal for a platform SKU that nobody waits for and nobody has mapped."""
    scopes = _scopes(desk, platform_sku, everywhere=everywhere)
    if not scopes:
        raise Refusal(f"没有等待映射的平台 SKU「{platform_sku[:40]}」，请核对")
    concerned: set[int] = set()
    for platform, shop_id, called in sorted(scopes):
        row = {"platform": platform, "shop_id": shop_id, "platform_sku": platform_sku, "sku": sku}
        desk.session.execute(_MAP, {**row, "by": actor.name, "now": desk.now})
        concerned |= _rename(desk, row, called)
    detail = {"平台 SKU": platform_sku, "商家编码": sku, "订单": len(concerned)}
    trail.write(desk, f"sku_map:{platform_sku}", actor, action="映射", detail=detail)
    _close(desk, platform_sku, f"{actor.name}已映射到 {sku}", actor)
    return len(concerned)


def waiting(desk: Desk) -> list[str]:
    """What is to be mapped, in words."""
    return [row.reason for row in desk.session.execute(_CASES)]


def refresh(desk: Desk) -> None:
    """A matter that no open order waits for any more ends; the others say how many do."""
    live = list(desk.session.execute(_CASES))
    if not live:
        return
    waiting = {row.id: row.orders for row in desk.session.execute(_WAITING)}
    _end(desk, [row.id for row in live if row.id not in waiting], "没有订单再等它", SYSTEM)
    opening.change_many(desk, [
        (row.id, f"{_reason_of(row.evidence)}，{waiting[row.id]} 单在等", {"orders": waiting[row.id]})
        for row in live if row.id in waiting and row.evidence.get("orders") != waiting[row.id]
    ])  # fmt: skip


def _scopes(desk: Desk, platform_sku: str, *, everywhere: bool) -> set[tuple[str, int, str]]:
    """(platform, shop or 0, what its lines are called now) of what waits for it, else of what is mapped already."""
    found = {
        (row.evidence["platform"], row.shop_id, row.evidence.get("sku", ""))
        for row in desk.session.execute(_CASES)
        if row.evidence.get("platform_sku") == platform_sku
    }
    found = found or {
        (row.platform, row.shop_id, row.sku) for row in desk.session.execute(_MAPPED, {"sku": platform_sku})
    }
    return {(platform, 0 if everywhere else shop_id, called) for platform, shop_id, called in found}


def _rename(desk: Desk, row: Mapping[str, Any], called: str) -> set[int]:
    """Give the lines of open orders their SKU, and have the orders looked at again."""
    ids = list(desk.session.execute(_ORDERS, {**row, "called": [called]}).scalars())
    if ids:
        desk.session.execute(_RENAME, {**row, "ids": ids})
        desk.session.execute(_SOON, {"ids": ids, "now": desk.now})
    return set(ids)


def _close(desk: Desk, platform_sku: str, why: str, actor: Actor) -> None:
    live = desk.session.execute(_CASES)
    _end(desk, [row.id for row in live if row.evidence.get("platform_sku") == platform_sku], why, actor)


def _end(desk: Desk, case_ids: Sequence[int], why: str, actor: Actor) -> None:
    for row in opening.close_many(desk, [(case_id, why) for case_id in case_ids]):
        trail.write(desk, f"case:{row.id}", actor, action="异常解除", detail={"货品未匹配": why})


def _reason_of(evidence: Mapping[str, Any]) -> str:
    return _reason(evidence["platform_sku"], evidence.get("title", ""), evidence.get("sku", ""))


def _reason(platform_sku: str, title: str, code: str) -> str:
    why = f"商家编码 {code} 不在库存里" if code else "没有商家编码"
    return f"{title}（平台 SKU {platform_sku}）{why}，请发：映射 {platform_sku} 商家编码"
