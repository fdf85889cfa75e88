"""What the engine needs of a marketplace, and what a marketplace says when it cannot."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar, Final, Protocol

from ingest.snapshot import OrderSnapshot


class Action(StrEnum):
    """What to do about a platform's error (reference: error classes)."""

    RETRY = "retry"  # transient: back off and try again
    WAIT = "wait"  # throttled: wait the told time, keep the cursor
    PAUSE = "pause"  # long ban or degraded: pause this shop for minutes
    REFRESH = "refresh"  # refresh the session once where the platform allows it, else stop
    CLOCK = "clock"  # read the platform's time, correct once
    STOP = "stop"  # this shop stops until a person acts
    PARK = "park"  # this one item failed; shown, never repeated blindly


class Whose(StrEnum):
    PLATFORM = "platform"
    SHOP = "shop"
    ORDER = "order"
    US = "us"


@dataclass(frozen=True, slots=True)
class Resolution:
    action: Action
    whose: Whose
    text: str  # Chinese, for people


class PlatformError(Exception):
    """A call failed. `resolution` says what to do; `code` and `message` are the platform's words."""

    def __init__(self, resolution: Resolution, code: str, message: str, wait_seconds: float = 0) -> None:
        super().__init__(f"{code} {message}")
        self.resolution, self.code, self.message, self.wait_seconds = resolution, code, message, wait_seconds


@dataclass(frozen=True, slots=True)
class Windows:
    """How an incremental API wants to be asked (reference: sync design)."""

    span: timedelta
    overlap: timedelta
    lag: timedelta  # how far a window's end stays behind the platform's clock


MADE_UP: Final = "?"
"""Begins the number of a record whose own is missing or cannot be one: kept and shown under it, never an order."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record as it was received, before it is understood: a row of a list, or that row together with the reply to
    a detail call (`Marketplace.detail`)."""

    external_id: str
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Shipment:
    """What a marketplace is told when an order left: our courier slug ("shunfeng" …) and the waybill number. `lines`:
    the keys of the lines in this parcel, where others leave later; empty for all that has not left yet."""

    external_id: str
    courier: str
    waybill: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Memo:
    """What a marketplace is told to note on an order for the seller: one line that must stand in the memo, beside
    whatever stands there, and the flag (0 none, 1 red, 2 yellow, 3 green, 4 blue, 5 purple; None: leave it)."""

    external_id: str
    line: str
    flag: int | None = None


class WriteBackRefused(Exception):
    """The platform says no for a reason that a repeat does not change. Chinese text."""


class Marketplace(Protocol):
    """One shop on one marketplace, or one mailbox, one inbox of spreadsheets, one chat: whatever orders are read from.
    Sister folders `ingest/<platform>/` each hold one.

    `needs`: the keys of the shop's settings that must be filled. `sweep_every`: how often orders that are still open
    must be read again one by one, because changes of theirs do not show in `records`; None where all show.
    `told`: whether the platform is told of shipments and memos at all; where not, `ship` and `write_memo` are not
    called and nothing is owed.
    """

    platform: str
    api: str  # names the cursor
    windows: Windows
    needs: ClassVar[tuple[str, ...]]
    sweep_every: timedelta | None
    told: bool

    def measure_clock(self) -> float:
        """Platform time minus ours, seconds. Raises PlatformError."""
        ...

    def records(self, start: datetime, end: datetime) -> Iterator[list[Record]]:
        """All records modified in the closed window, page by page, last page first (drift-safe); repeats are
        possible, losses are not. Raises PlatformError; nothing of an unfinished window counts."""
        ...

    def created(self, start: datetime, end: datetime) -> Iterator[list[Record]]:
        """Like `records`, of what was *created* in the closed window, whatever became of it since: for back-fill and
        proof. Raises PlatformError."""
        ...

    def count_created(self, start: datetime, end: datetime) -> int | None:
        """How many orders the platform says were created in the closed window; None where it states no number.
        Raises PlatformError."""
        ...

    def order(self, external_id: str) -> Record | None:
        """One order as it stands now, in the shape in which `records` would tell it; None where the platform knows
        none by this number. Raises PlatformError."""
        ...

    def parse(self, record: Record) -> OrderSnapshot:
        """Raises Unreadable."""
        ...

    def detail(self, record: Record) -> Record:
        """The record with what only a detail call tells (memo …); the same record where the list tells all."""
        ...

    def ship(self, shipment: Shipment) -> str:
        """Tell the platform. Returns "confirmed" or "already" (the same number stood there); after a time-out the
        state is re-read before anything is repeated. Raises WriteBackRefused or PlatformError."""
        ...

    def write_memo(self, memo: Memo) -> str:
        """Read the seller's memo, add the line, write it back with the flag. Returns "confirmed" or "already" (both
        stood there); after a time-out it is read again before anything is repeated. Raises WriteBackRefused or
        PlatformError."""
        ...

    def refresh_session(self) -> bool:
        """Renew the authorisation where the platform allows it; False where it does not."""
        ...

    def authorised_until(self) -> datetime | None:
        """When the authorisation ends, as far as the platform tells or the settings say; None: unknown or never."""
        ...
