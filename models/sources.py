"""What must be known of a shop's source where no source may be asked: whether its platform is told of anything, and
whether what it is told can bear a flag."""

from __future__ import annotations

from typing import Final

UNTOLD: Final = frozenset({"sheet", "mail", "chat", "wecom_pay"})
"""Orders come from there, and nothing goes back: no shipments, no memos. The sources say so themselves (`told`)."""

FLAGLESS: Final = {"wxshop": "微信小店"}
"""Platforms whose memo has words and no flag, as people call them."""

UNTAKABLE: Final = {"pdd": "拼多多"}
"""Platforms whose flag can be set and not taken away."""

PARTED: Final = frozenset({"taobao", "douyin", "wxshop"})
"""Platforms that can be told of a parcel with some of an order's lines, and later of another with the rest."""

_WHOLE: Final = {
    "jd": "京东的订单只能整单发货：请等货到齐一起发，或在京东商家后台把订单拆成子单，子单会自动收进来，再分别发",
    "pdd": "拼多多的订单只能整单发货：请等货到齐一起发，或和买家商量退掉缺的商品，其余照常发",
}
_WHOLE_ELSEWHERE: Final = "这个平台的订单只能整单发货：请等货到齐一起发"

DELAY_REPORT: Final = {"wxshop": "微信小店的单请先在商家后台报备延迟发货"}
"""Where a seller can tell the platform beforehand that orders leave after their deadline, and how people put it."""


def is_told(platform: str) -> bool:
    return platform not in UNTOLD


def why_whole(platform: str) -> str:
    """Why its orders can only leave as a whole, and what to do instead; "" where some lines can leave first."""
    return "" if platform in PARTED or not is_told(platform) else _WHOLE.get(platform, _WHOLE_ELSEWHERE)
