"""The world's orders become rows. Here stands who can be read; each folder beside this file is one marketplace."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

from config import Shop
from ingest.jd import Jd
from ingest.pdd import Pdd
from ingest.source import Marketplace
from ingest.taobao import Taobao

__all__ = ["MARKETPLACES", "Factory", "Marketplace", "UnknownMarketplace"]

Factory = Callable[[Shop, Callable[[], datetime]], Marketplace]
"""(the shop's settings, the moment by the platform's clock as far as known) → its client"""


class UnknownMarketplace(LookupError):
    """A platform that nobody has written. The text names the folder to add."""


class _Marketplaces(dict[str, Factory]):
    def __missing__(self, platform: str) -> Factory:
        raise UnknownMarketplace(
            f"no marketplace {platform!r}: add the folder ingest/{platform}/ and its line to MARKETPLACES in "
            f"ingest/__init__.py, or name one of {', '.join(self)}"
        )


MARKETPLACES: Final[dict[str, Factory]] = _Marketplaces(
    {
        "taobao": Taobao,
        "jd": Jd,
        "pdd": Pdd,
    }
)
