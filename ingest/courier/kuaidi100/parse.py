"""快递100's replies and pushes. The only place that knows its field names (reference sheet 15.1)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ingest.beijing import required_moment
from ingest.fields import rows, text
from ingest.snapshot import Unreadable
from ingest.storable import storable_text
from models.couriers import BY_NAME
from models.parcel import ARRIVED, Tracked, TrackLine

Row = Mapping[str, Any]

_STATES: Final = {
    "0": "moving",
    "1": "collected",
    "2": "problem",
    "3": "signed",
    "4": "returned",
    "5": "delivering",
    "6": "returning",
    "7": "forwarded",
    "8": "customs",
    "10": "customs",
    "11": "customs",
    "12": "customs",
    "13": "customs",
    "14": "refused",
}


def slug_of(company: str) -> str:
    """Our courier for one of theirs, "" where we have none: our slugs are theirs."""
    known = BY_NAME.get(company)
    return known.slug if known is not None and known.slug == company else ""


def tracked(result: Row, *, given_up: str = "", finished: bool = False) -> Tracked:
    """A reply to a query, or the `lastResult` of a push. Raises Unreadable."""
    waybill = text(result.get("nu"))
    if not waybill:
        raise Unreadable("没有运单号")
    lines = tuple(
        sorted((_line(row) for row in rows(result.get("data"), "轨迹")), key=lambda one: one.at, reverse=True)
    )
    state = _state(text(result.get("state")), bool(lines))
    closed = state in ARRIVED and (finished or text(result.get("ischeck")) == "1")
    return storable_text(Tracked(waybill, slug_of(text(result.get("com"))), state, lines, closed, given_up))


def _state(code: str, any_line: bool) -> str:
    """Without any line the state says nothing: 0 is also what an unknown parcel has. Finer ones (101, 301 …) begin
    like the coarse one that they belong to."""
    if not any_line:
        return "waiting"
    found = _STATES.get(code) or (_STATES.get(code[:1]) if len(code) > 2 else None)
    return found or "moving"


def _line(row: Row) -> TrackLine:
    at = required_moment(row.get("ftime") or row.get("time"), "轨迹时间")
    return TrackLine(at, text(row.get("context")).strip())
