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


def is_told(platform: str) -> bool:
    return platform not in UNTOLD
