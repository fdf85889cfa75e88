"""Shops: the rows of `hub.toml`'s shops, and the one matter that a stopped shop is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy import text

from handlers import opening, trail
from handlers.desk import SYSTEM, Actor, Desk, Job
from handlers.matter import Opening
from models import Role

SILENCE: Final = timedelta(minutes=30)  # three pulls in a row
_SYNC: Final = text("""
    INSERT INTO shops (slug, platform, prefix, name, ship_hours)
    VALUES (:slug, :platform, :prefix, :name, :ship_hours)
    ON CONFLICT (slug) DO UPDATE SET platform = excluded.platform, prefix = excluded.prefix, name = excluded.name,
        ship_hours = excluded.ship_hours, couriers = NULL
    WHERE (shops.platform, shops.prefix, shops.name, shops.ship_hours, NULL::text[])
        IS DISTINCT FROM (excluded.platform, excluded.prefix, excluded.name, excluded.ship_hours, shops.couriers)
""")
_COURIERS: Final = text("UPDATE shops SET couriers = :couriers WHERE id = :id")
_SHOP: Final = text("SELECT id, slug, name, state, problem FROM shops WHERE id = :id")
_TRIED: Final = text("UPDATE shops SET tried_at = :now WHERE id = :id")
_STOPPED: Final = text("""
    SELECT shop_id FROM cases WHERE kind = 'shop_stopped' AND order_id IS NULL AND state IN ('open', 'claimed')
""")
_RESUME: Final = text("""
    UPDATE shops SET state = 'working', problem = '', wait_until = NULL WHERE slug = :slug RETURNING id
""")
_SILENT: Final = text("""
    SELECT name, problem FROM shops s WHERE id = :id AND state = 'working'
        AND (SELECT max(moved_at) FROM cursors WHERE shop_id = s.id) <= :before
""")
_LIVE: Final = text("""
    SELECT id, reason FROM cases WHERE kind = 'shop_stopped' AND group_key = :key AND order_id IS NULL
        AND state IN ('open', 'claimed')
""")


def sync_shops(desk: Desk) -> None:
    """Make the shops that `hub.toml` names as it names them; how far each was read is not touched. Of which couriers
    their platforms can be told is asked anew by the next pull."""
    rows = [
        shop.model_dump(include={"slug", "platform", "prefix", "name", "ship_hours"}) for shop in desk.settings.shops
    ]
    if rows:
        desk.session.execute(_SYNC, rows)


def note_couriers(desk: Desk, shop_id: int, couriers: Sequence[str]) -> None:
    """Of these couriers, by their slugs, the shop's platform can be told."""
    desk.session.execute(_COURIERS, {"id": shop_id, "couriers": list(couriers)})


def tried(desk: Desk, shop_id: int) -> None:
    """A pull of the shop ended, whatever came of it: somebody is there who reads."""
    desk.session.execute(_TRIED, {"id": shop_id, "now": desk.now})


def told_of(desk: Desk) -> set[int]:
    """The shops of which people know already that they are not read."""
    return set(desk.session.execute(_STOPPED).scalars())


def stopped(desk: Desk, shop_id: int) -> None:
    """The shop is read no more until a person acts: one matter for the supervisors, told once."""
    shop = desk.session.execute(_SHOP, {"id": shop_id}).one()
    why = shop.problem or "原因不明"
    _tell(desk, shop_id, f"{shop.name}已停止同步：{why}。处理好后请发：恢复 {shop.slug}")


def unread(desk: Desk, shop_id: int) -> None:
    """The shop could not be read to the end. It is tried again by itself; where that lasts, people must know."""
    silent = {"id": shop_id, "before": desk.now - SILENCE}
    shop = desk.session.execute(_SILENT, silent).one_or_none()
    if shop is not None and desk.session.execute(_LIVE, {"key": f"shop:{shop_id}"}).first() is None:
        minutes = int(SILENCE.total_seconds() // 60)
        why = shop.problem or "平台没有应答"
        _tell(desk, shop_id, f"{shop.name}已超过 {minutes} 分钟没有同步成功：{why}。会继续自动重试")


def _tell(desk: Desk, shop_id: int, reason: str) -> None:
    live = desk.session.execute(_LIVE, {"key": f"shop:{shop_id}"})
    opening.change_many(desk, [(case.id, reason, {}) for case in live if case.reason != reason])
    made = Opening("shop_stopped", reason, Role.SUPERVISOR, shop_id=shop_id, group_key=f"shop:{shop_id}")
    for row in opening.open_many(desk, [made]):
        trail.write(desk, f"case:{row.id}", SYSTEM, action="异常", detail={"店铺停止同步": reason})


def resumed(desk: Desk, shop_id: int) -> None:
    """The shop is read again: the matter is over."""
    live = desk.session.execute(_LIVE, {"key": f"shop:{shop_id}"}).scalars()
    for row in opening.close_many(desk, [(case_id, "已恢复同步") for case_id in live]):
        trail.write(desk, f"case:{row.id}", SYSTEM, action="异常解除", detail={"店铺停止同步": "已恢复同步"})


def is_stopped(desk: Desk, shop_id: int) -> bool:
    return bool(desk.session.execute(_SHOP, {"id": shop_id}).one().state == "stopped")


def resume(desk: Desk, slug: str, actor: Actor = SYSTEM) -> bool:
    """A person says that the cause is gone: read it again. False when there is no such shop."""
    shop_id = desk.session.execute(_RESUME, {"slug": slug}).scalar_one_or_none()
    if shop_id is None:
        return False
    trail.write(desk, f"shop:{shop_id}", actor, action="恢复同步", detail={"店铺": slug})
    desk.ask_later(Job.PULL_SHOP, slug)
    return True
