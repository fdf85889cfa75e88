"""What the hub needs of a courier interface."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from models.parcel import Tracked


@dataclass(frozen=True, slots=True)
class Ask:
    """A parcel by our courier's slug and its number. `phone_tail`: the receiver's last four digits, which some couriers
    want to hear first; "" where they cannot be seen."""

    courier: str
    waybill: str
    phone_tail: str = ""


class TrackRefused(Exception):
    """Nothing can be told of this parcel for a reason that a repeat does not change. Chinese text. `perhaps_all`: where
    many hear it one after the other, it is not the parcel but what the account may."""

    def __init__(self, why: str, *, perhaps_all: bool = False) -> None:
        super().__init__(why)
        self.perhaps_all = perhaps_all


class NotGenuine(Exception):
    """A push that does not bear the right signature."""


class Tracker(Protocol):
    """One account at a courier interface. Sister folders `ingest/courier/<kind>/` each hold one."""

    kind: str

    def subscribe(self, ask: Ask) -> None:
        """Have it told by itself from now on; once more does no harm. Raises TrackRefused or PlatformError."""
        ...

    def query(self, ask: Ask) -> Tracked | None:
        """What is known now, None for nothing yet. Not oftener than every half hour for one parcel. Raises
        TrackRefused or PlatformError."""
        ...

    def detect(self, waybill: str) -> list[str]:
        """Our slugs of the couriers whose number it might be, the likeliest first: a guess. Raises PlatformError."""
        ...
