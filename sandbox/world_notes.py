"""What the world notes of those who call on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Shipment:
    """A write-back that was received; `company` is the courier as the API named it."""

    platform: str
    order_id: str
    company: str
    waybill: str
    at: datetime


@dataclass(frozen=True, slots=True)
class CallNote:
    platform: str
    method: str
    params: Mapping[str, str]
    code: str
    at: datetime
