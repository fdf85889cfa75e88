"""Interfaces that tell where parcels are. Each folder beside this file is one of them."""

from __future__ import annotations

from typing import Final, Protocol

from config import Courier as CourierSettings
from ingest.courier.kuaidi100 import Kuaidi100
from ingest.courier.source import Tracker
from ingest.means import Means

__all__ = ["TRACKERS", "Factory", "Tracker", "UnknownTracker"]


class Factory(Protocol):
    """(its settings, the address where it tells, what it may use) → its client."""

    def __call__(self, settings: CourierSettings, callback: str, means: Means, /) -> Tracker: ...


class UnknownTracker(LookupError):
    """A courier interface that nobody has written. The text names the folder to add."""


class _Trackers(dict[str, Factory]):
    def __missing__(self, kind: str) -> Factory:
        raise UnknownTracker(
            f"no courier interface {kind!r}: add the folder ingest/courier/{kind}/ and its line to TRACKERS in "
            f"ingest/courier/__init__.py, or name one of {', '.join(self)}"
        )


TRACKERS: Final[dict[str, Factory]] = _Trackers(
    {
        "kuaidi100": Kuaidi100,
    }
)
