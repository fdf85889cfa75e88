"""Who pushes. The door asks here which platform's messages it understands; kuaidi100, which pushes parcels and no
orders, has a door of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from config import Shop
from ingest.douyin.push import DouyinPush
from ingest.jd.push import JdPush
from ingest.pdd.push import PddPush
from ingest.pushing import Push
from ingest.taobao.push import TaobaoPush
from ingest.wxshop.push import WxshopPush

PUSHES: Final[dict[str, Callable[[Shop], Push]]] = {
    "taobao": TaobaoPush,
    "jd": JdPush,
    "pdd": PddPush,
    "douyin": DouyinPush,
    "wxshop": WxshopPush,
}

_ENCRYPTED: Final = frozenset({"wxshop"})


def push_of(shop: Shop) -> Push | None:
    """The shop's push; None where its platform pushes nothing, or the settings lack what its messages are sealed by."""
    sealed = shop.platform in _ENCRYPTED and not (shop.push_token and shop.push_aes_key)
    if sealed or shop.platform not in PUSHES or not shop.app_secret:
        return None
    return PUSHES[shop.platform](shop)
