"""What files said of orders, as it is kept sealed."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from handlers.desk import Desk
from models import Received
from models.vault import CannotOpen


@dataclass(slots=True)
class Brought:
    """`raw_id` and `at` are those of the first version of an order that a file brought; `body` is what its last
    says."""

    raw_id: int
    at: datetime
    body: Mapping[str, Any]


def brought(desk: Desk, file: Received, rows: Iterable[Any]) -> dict[str, Brought]:
    """Number → what came from this file. `rows`: of raw_payloads, in the order of their ids."""
    found: dict[str, Brought] = {}
    for row in rows:
        body = opened(desk, row.payload)
        if body.get("file") != file.id:
            continue
        first = found.setdefault(row.external_id, Brought(row.id, row.received_at, body))
        first.body = body
    return found


def opened(desk: Desk, payload: bytes) -> Mapping[str, Any]:
    """Empty where the key is gone."""
    try:
        body: Mapping[str, Any] = json.loads(zlib.decompress(desk.vault.open(bytes(payload), b"raw_payloads.payload")))
    except CannotOpen:
        return {}
    return body
