"""Where an order's parcels are, and what the ERP made of it: for its card and `查`."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from handlers.desk import Desk
from handlers.supply.parcel_news import last_word
from models.couriers import courier_name
from rules.facts import ParcelFacts

# Arms of the one statement that shows an order `o`; each is a look into an index.
WAY: Final = """
    (SELECT coalesce(jsonb_agg(jsonb_build_array(p.courier, p.waybill, p.state, p.shipped_at, p.last_event_at,
            p.last_text, p.problem) ORDER BY p.id), '[]') FROM parcels p WHERE p.order_id = o.id) AS parcels,
    (SELECT coalesce(jsonb_agg(jsonb_build_array(e.source, e.words) ORDER BY e.modified_at), '[]')
        FROM erp_orders e WHERE e.order_id = o.id) AS erp
"""


def parcels(row: Any) -> tuple[str, ...]:
    """The last word of each parcel."""
    return tuple(last_word(_facts(*parcel)) for parcel in row.parcels)


def _facts(courier: str, waybill: str, state: str, *rest: Any) -> ParcelFacts:
    shipped_at, last_event_at, last_text, problem = rest
    return ParcelFacts(
        courier_name(courier), waybill, state, datetime.fromisoformat(shipped_at),
        last_event_at=datetime.fromisoformat(last_event_at) if last_event_at else None, last_text=last_text,
        problem=problem,
    )  # fmt: skip


def erp(desk: Desk, row: Any) -> str:
    """聚水潭 异常：地址不详; the ERP's last word, of each part of the order where it was split there."""
    names = {one.slug: one.name for one in desk.settings.erp}
    said = dict.fromkeys(f"{names.get(source, source)} {words}".strip() for source, words in row.erp)
    return "；".join(said)
