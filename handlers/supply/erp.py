"""What ERPs make of orders: shipped there is shipped here; what they hold or gave up is shown; and what no platform
learns of in time the hub tells itself."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, text

from config import Erp
from handlers import opening, owe, platform_moves, shipping, stock, trail, watch
from handlers.desk import SYSTEM, Actor, Desk
from handlers.matter import Opening
from handlers.wording import customer_time, goods
from models import Role
from models.couriers import courier_name
from models.sources import is_told
from models.stages import MOVES, TITLES, Stage, Verb


@dataclass(frozen=True, slots=True)
class Told:
    """One order of an ERP, as ingest/erp/source.py says."""

    number: str
    shop: str
    orders: tuple[str, ...]
    state: str
    words: str
    modified_at: datetime
    courier: str = ""
    waybill: str = ""
    shipped_at: datetime | None = None


_SHOPS: Final = text("SELECT id, slug FROM shops")
_FIND: Final = text("""
    SELECT o.id, o.shop_id, o.external_id, o.tag, o.stage, o.effect, o.waybill, o.buyer_key, o.trail_hash
    FROM orders o WHERE o.external_id = ANY(:numbers) AND (:every OR o.shop_id = ANY(:shops))
    ORDER BY o.id FOR NO KEY UPDATE
""")
_GONE: Final = text("""
    DELETE FROM erp_orders e USING unnest(cast(:ids AS bigint[]), cast(:numbers AS text[])) AS x(id, number)
    WHERE e.order_id = x.id AND e.source = :source AND e.number = x.number
""")
_TOLD: Final = text("""
    INSERT INTO erp_orders (order_id, source, number, state, words, courier, waybill, shipped_at, modified_at)
    SELECT DISTINCT ON (order_id, number) order_id, :source, number, state, words, courier, waybill, shipped_at,
        modified_at
    FROM jsonb_to_recordset(cast(:rows AS jsonb)) AS x(order_id bigint, number text, state text, words text,
        courier text, waybill text, shipped_at timestamptz, modified_at timestamptz)
    ORDER BY order_id, number, modified_at DESC
    ON CONFLICT (order_id, source, number) DO UPDATE SET state = excluded.state, words = excluded.words,
        courier = excluded.courier, waybill = excluded.waybill, shipped_at = excluded.shipped_at,
        modified_at = excluded.modified_at
    WHERE erp_orders.modified_at <= excluded.modified_at
""")
_PARTS: Final = text("""
    SELECT order_id, state, courier, waybill, shipped_at FROM erp_orders
    WHERE order_id = ANY(:ids) AND source = :source ORDER BY order_id, shipped_at, number
""")
_FINISH: Final = text("""
    UPDATE orders o SET stage = 'done', stage_entered_at = x.at, shipped_at = coalesce(o.shipped_at, x.at),
        waybill = x.waybill, courier = x.courier, trail_hash = decode(x.head, 'hex'), revision = o.revision + 1
    FROM jsonb_to_recordset(cast(:rows AS jsonb)) AS x(id bigint, at timestamptz, waybill text, courier text, head text)
    WHERE o.id = x.id
""")
_OWE_AT: Final = text("UPDATE erp_orders SET owe_at = :at WHERE order_id = ANY(:ids) AND source = :source")
_LINES: Final = text("""
    SELECT order_id, title, spec, quantity FROM order_lines WHERE order_id = ANY(:ids) ORDER BY order_id, position
""")
_LATE: Final = text("""
    SELECT o.id, o.platform, o.courier, o.waybill, o.effect, o.stage FROM orders o
    WHERE o.id IN (SELECT order_id FROM erp_orders WHERE owe_at <= :now ORDER BY owe_at LIMIT :n)
    ORDER BY o.id FOR NO KEY UPDATE
""")
_OWED: Final = text("UPDATE erp_orders SET owe_at = NULL WHERE order_id = ANY(:ids) AND owe_at <= :now")


def take_in(desk: Desk, erp: Erp, told: Sequence[Told]) -> None:
    """Keep what the ERP tells, and move what it shipped. Orders that the hub does not know are another's."""
    found = _orders(desk, erp, told)
    if not found:
        return
    _keep(desk, erp, told, found)
    parts: dict[int, list[Row[Any]]] = defaultdict(list)
    for row in desk.session.execute(_PARTS, {"ids": sorted(found), "source": erp.slug}):
        parts[row.order_id].append(row)
    shipped = {order_id: parcel for order_id, rows in parts.items() if (parcel := _parcel(rows)) is not None}
    open_ones = {id_: found[id_] for id_ in shipped if (Stage(found[id_].stage), Verb.ERP_SHIPPED) in MOVES}
    _finish(desk, erp, open_ones, shipped)
    _warn(desk, erp, [found[id_] for id_ in shipped if id_ not in open_ones], shipped)


@dataclass(frozen=True, slots=True)
class Parcel:
    """How an order left, all its parts together."""

    courier: str
    waybill: str
    at: datetime | None


def _parcel(parts: Sequence[Row[Any]]) -> Parcel | None:
    """None while a part of the order has not left; what the ERP cancelled is no part any more."""
    live = [part for part in parts if part.state != "cancelled"]
    if not live or any(part.state != "shipped" for part in live):
        return None
    waybills = ",".join(dict.fromkeys(part.waybill for part in live if part.waybill))
    courier = next((part.courier for part in live if part.courier), "")
    return Parcel(courier, waybills, max((part.shipped_at for part in live if part.shipped_at), default=None))


def _orders(desk: Desk, erp: Erp, told: Sequence[Told]) -> dict[int, Row[Any]]:
    """The hub's orders that are meant, by id, locked: by number, and by shop where the settings say which is which."""
    numbers = sorted({number for one in told for number in one.orders})
    if not numbers:
        return {}
    shops = _shops(desk, erp)
    asked = {"numbers": numbers, "every": not erp.shops, "shops": sorted(shops)}
    allowed = {(number, one.shop) for one in told for number in one.orders}
    return {
        row.id: row
        for row in desk.session.execute(_FIND, asked)
        if not erp.shops or (row.external_id, shops[row.shop_id]) in allowed
    }


def _shops(desk: Desk, erp: Erp) -> dict[int, str]:
    """Id of each shop that the ERP serves → its number there."""
    return {row.id: erp.shops[row.slug] for row in desk.session.execute(_SHOPS) if row.slug in erp.shops}


def _keep(desk: Desk, erp: Erp, told: Sequence[Told], found: Mapping[int, Row[Any]]) -> None:
    shops = _shops(desk, erp)
    ids: dict[tuple[str, str], list[int]] = defaultdict(list)
    for row in found.values():
        ids[row.external_id, shops.get(row.shop_id, "")].append(row.id)
    meant = [
        (order_id, one) for one in told for number in one.orders
        for order_id in ids.get((number, one.shop if erp.shops else ""), ())
    ]  # fmt: skip
    gone = [(order_id, one.number) for order_id, one in meant if one.state == "gone"]
    if gone:
        columns = {"ids": [order_id for order_id, _ in gone], "numbers": [number for _, number in gone]}
        desk.session.execute(_GONE, {**columns, "source": erp.slug})
    rows = [_as_row(order_id, one) for order_id, one in meant if one.state != "gone"]
    if rows:
        desk.session.execute(_TOLD, {"rows": json.dumps(rows, ensure_ascii=False), "source": erp.slug})


def _as_row(order_id: int, one: Told) -> dict[str, Any]:
    return {
        "order_id": order_id, "number": one.number, "state": str(one.state), "words": one.words,
        "courier": one.courier, "waybill": one.waybill, "modified_at": one.modified_at.isoformat(),
        "shipped_at": one.shipped_at.isoformat() if one.shipped_at else None,
    }  # fmt: skip


def _finish(desk: Desk, erp: Erp, orders: Mapping[int, Row[Any]], parcels: Mapping[int, Parcel]) -> None:
    """Shipped there, whatever stood in its way here: done, with its waybill. The ERP tells the platform itself."""
    if not orders:
        return
    actor = Actor(name=erp.name, source="erp")
    rows, notes = [], []
    for order_id, order in sorted(orders.items()):
        parcel = parcels[order_id]
        detail = {
            "环节": [TITLES[Stage(order.stage)], TITLES[Stage.DONE]],
            "快递": courier_name(parcel.courier), "运单": parcel.waybill,
        }  # fmt: skip
        subject = trail.order_subject(order.shop_id, order.external_id)
        note = trail.row(desk, subject, bytes(order.trail_hash), actor=actor, action="ERP 发货", detail=detail)
        notes.append(note)
        left_at = (parcel.at or desk.now).isoformat()
        rows.append({"id": order_id, "at": left_at, "waybill": parcel.waybill, "courier": parcel.courier,
                     "head": note.hash.hex()})  # fmt: skip
    desk.session.execute(_FINISH, {"rows": json.dumps(rows, ensure_ascii=False)})
    trail.insert(desk, notes)
    stock.take(desk, sorted(orders))
    untold = [order_id for order_id, order in orders.items() if order.effect != "shipped"]
    if untold:
        at = desk.now + timedelta(minutes=erp.write_back_after_minutes)
        desk.session.execute(_OWE_AT, {"ids": untold, "source": erp.slug, "at": at})
    _tell_customers(desk, orders, parcels)
    watch.watch(desk, sorted(orders))
    owe.order_edits(desk, sorted(orders))


def _tell_customers(desk: Desk, orders: Mapping[int, Row[Any]], parcels: Mapping[int, Parcel]) -> None:
    lines: dict[int, list[tuple[str, str, int]]] = defaultdict(list)
    for row in desk.session.execute(_LINES, {"ids": sorted(orders)}):
        lines[row.order_id].append((row.title, row.spec, row.quantity))
    messages = []
    for order_id, order in orders.items():
        parcel = parcels[order_id]
        values = {
            "number": order.external_id, "goods": goods(lines[order_id]), "courier": courier_name(parcel.courier),
            "waybill": parcel.waybill, "time": customer_time(parcel.at or desk.now),
        }  # fmt: skip
        messages.append(platform_moves.shipped_message(order_id, order.shop_id, order.buyer_key, values))
    owe.owe_customers(desk, messages)


def _warn(desk: Desk, erp: Erp, orders: Sequence[Row[Any]], parcels: Mapping[int, Parcel]) -> None:
    """The ERP shipped what was cancelled here, or what left here with another number: somebody must look at once."""
    openings = [
        Opening("erp_conflict", f"{erp.name}{why}", Role.SERVICE, order.id)
        for order in orders
        if (why := _conflict(order, parcels[order.id]))
    ]
    reasons = {made.order_id: made.reason for made in openings}
    for row in opening.open_many(desk, openings):
        trail.write_order(
            desk, row.order_id, actor=Actor(name=erp.name, source="erp"), action="异常",
            detail={"ERP 与平台不一致": reasons[row.order_id]},
        )  # fmt: skip


def _conflict(order: Row[Any], parcel: Parcel) -> str:
    number = f"{courier_name(parcel.courier)} {parcel.waybill}".strip() or "没有单号"
    if order.stage == Stage.CANCELLED:
        return f"已发货（{number}），但订单已取消：请马上拦截"
    ours, theirs = _numbers(order.waybill), _numbers(parcel.waybill)
    if order.stage == Stage.DONE and ours and theirs and not ours & theirs:
        return f"发货的运单是 {number}，平台上是 {order.waybill}：请核对，别发了两件"
    return ""


def _numbers(waybills: str) -> set[str]:
    return {number.strip().upper() for number in waybills.split(",") if number.strip()}


def owe_late(desk: Desk, limit: int = 500) -> int:
    """What an ERP shipped long enough ago and no platform knows of: the hub owes it to the platform. How many."""
    rows = list(desk.session.execute(_LATE, {"now": desk.now, "n": limit}))
    if not rows:
        return 0
    late = [row for row in rows if row.effect != "shipped" and row.stage == Stage.DONE and is_told(row.platform)]
    for row in late:
        shipping.owe_write_back(desk, row.id, {"courier": row.courier, "waybill": row.waybill})
        trail.write_order(
            desk, row.id, actor=SYSTEM, action="待回传", detail={"原因": "ERP 没有回传到平台，由中枢回传"}
        )
    desk.session.execute(_OWED, {"ids": [row.id for row in rows], "now": desk.now})
    return len(late)
