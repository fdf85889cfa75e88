"""Small things that every ERP's client does alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

import structlog

from ingest.fields import text
from ingest.snapshot import Unreadable
from ingest.storable import storable_text
from models.couriers import find_courier

log = structlog.get_logger()
Row = Mapping[str, Any]
T = TypeVar("T")


def readable(rows: Iterable[Row], parse: Callable[[Row], T], unreadable: Callable[[], None]) -> list[T]:
    """What of the rows can be read; one that cannot is counted and logged, and holds up no other."""
    found = []
    for row in rows:
        try:
            found.append(storable_text(parse(row)))
        except Unreadable as error:
            unreadable()
            log.warning("erp_row_unreadable", problem=str(error))
    return found


def courier_slug(*names: Any) -> str:
    """Our courier by the first name that we know; else what the ERP calls it."""
    said = [name for value in names if (name := text(value).strip())]
    known = next((found.slug for name in said if (found := find_courier(name))), "")
    return known or (said[0] if said else "")
