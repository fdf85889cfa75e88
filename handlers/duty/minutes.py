"""The time that a claim promises, as people say it: 30, 30分钟, 1小时, 半小时."""

from __future__ import annotations

import re
from typing import Final

from handlers.desk import Refusal

LEAST: Final = 5
MOST: Final = 480
_HALF: Final = re.compile(r"半个?(?:小时|钟头?)(?:之?内)?")
_SAID: Final = re.compile(r"\+?(\d{1,4})\s*(?:(个?小时|个?钟头?|h)|分钟?|min|m)?(?:之?内)?", re.IGNORECASE)
_POLITE: Final = " ,，.。!！吧了啊哦哈呢"


def minutes_in(said: str) -> int | None:
    """None where nothing is said. Raises Refusal for what is no time, or one that nobody can promise."""
    words = said.strip(_POLITE)
    if not words:
        return None
    if _HALF.fullmatch(words):
        return 30
    found = _SAID.fullmatch(words)
    if found is None:
        raise Refusal(f"「{words[:20]}」不是多久，请写 15、30、60（分钟）或 2小时")
    minutes = int(found[1]) * (60 if found[2] else 1)
    if not LEAST <= minutes <= MOST:
        raise Refusal(f"请承诺 {LEAST} 分钟到 {MOST // 60} 小时之间的时间，更久的请先处理或转交")
    return minutes
