"""The world's orders become rows. Here stands who can be read; each folder beside this file is one marketplace."""

from __future__ import annotations

from typing import Final, Protocol

from config import Shop
from ingest.chat import Chat
from ingest.douyin import Douyin
from ingest.jd import Jd
from ingest.mail import Mail
from ingest.means import Means
from ingest.pdd import Pdd
from ingest.sheet import Sheet
from ingest.source import Marketplace
from ingest.taobao import Taobao
from ingest.wecom_pay import WecomPay
from ingest.wxshop import Wxshop

__all__ = ["MARKETPLACES", "Factory", "Marketplace", "UnknownMarketplace"]


class Factory(Protocol):
    """(the shop's settings, what it may use) → its client. `needs` and `told` as in Marketplace."""

    needs: tuple[str, ...]
    told: bool

    def __call__(self, shop: Shop, means: Means, /) -> Marketplace: ...


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
        "douyin": Douyin,
        "wxshop": Wxshop,
        "wecom_pay": WecomPay,
        "sheet": Sheet,
        "mail": Mail,
        "chat": Chat,
    }
)
