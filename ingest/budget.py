"""How often an application may call a platform: windows that all workers count in together, in Redis.

A window slides in twentieths of its length; one that is touched counts whole, so a platform that counts to the
millisecond never finds more than we did.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from config import Shop

SECOND: Final = 1
MINUTE: Final = 60
DAY: Final = 86_400


@dataclass(frozen=True, slots=True)
class Limit:
    """`calls` in any `seconds`; of one `method`, or of the whole application where that is ""."""

    calls: int
    seconds: int
    method: str = ""


def limits_of(shop: Shop, declared: Sequence[Limit]) -> tuple[Limit, ...]:
    """What the source declares, but for the application what the settings say: only the console knows it for sure."""
    own = {SECOND: shop.calls_per_second, MINUTE: shop.calls_per_minute, DAY: shop.calls_per_day}
    said = [Limit(calls, seconds) for seconds, calls in own.items() if calls is not None]
    known = {limit.seconds for limit in said}
    return (*said, *(limit for limit in declared if limit.method or limit.seconds not in known))


def windows(app: str, limits: Sequence[Limit], method: str) -> list[dict[str, Any]]:
    """The windows that a call of `method` by `app` is counted in, as LUA wants them."""
    return [
        {"key": f"hub:budget:{app}:{limit.method or '*'}:{limit.seconds}", "calls": limit.calls, "span": limit.seconds}
        for limit in limits
        if limit.method in ("", method)
    ]


LUA: Final = """
local function slot_of(window, now)
    return math.floor(now * 20 / window.span)
end

local function left(window, now)
    local this = slot_of(window, now)
    local told, sum, oldest = redis.call('HGETALL', window.key), 0, this
    for i = 1, #told, 2 do
        local slot = tonumber(told[i])
        -- A slot ahead is another worker's whose clock is; one that is far ahead is of a clock that was put back.
        if slot < this - 20 or slot > this + 20 then
            redis.call('HDEL', window.key, told[i])
        else
            sum = sum + tonumber(told[i + 1])
            oldest = math.min(oldest, slot)
        end
    end
    if sum < window.calls then return 0 end
    return (oldest + 21) * window.span / 20 - now
end

local function spend(window, now)
    redis.call('HINCRBY', window.key, slot_of(window, now), 1)
    redis.call('EXPIRE', window.key, window.span * 2 + 60)
end
"""
"""`left(window, now)`: seconds until a call fits, 0 where one does; `spend` counts it."""
