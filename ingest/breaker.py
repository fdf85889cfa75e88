"""Circuit breakers, shared by all workers in Redis: whether a far party is down, who looks whether it is back, and
what people are to know of it (docs/decisions/0008).

A circuit is a party ("taobao") or one method of it ("taobao/taobao.trade.fullinfo.get"). It opens after 5 equal
failures in 10 minutes with no success among them, or 5 of any kind that are more than half of the calls: one pull's own
four tries open nothing, nor does a line that loses a reply now and then. Then no calls are made for a while that
doubles with each try. One caller tries; when that works the circuit is closed and forgotten.
"""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from redis import Redis

WINDOW_MINUTES: Final = 10
FAILURES: Final = 5
COOL_SECONDS: Final = 30.0
LONGEST_SECONDS: Final = 600.0
PROBE_SECONDS: Final = 60.0  # a caller that has tried for so long is dead, and another may
_DOWN: Final = "hub:circuits"

LUA: Final = f"""
local KEEP, PROBE = 10800, {PROBE_SECONDS}

-- Seconds until a call may be made; whether this call is the one that looks whether the party is back.
local function circuit(name, now)
    local told = redis.call('HMGET', 'hub:circuit:' .. name, 'until', 'probe')
    if not told[1] then return 0, false end
    local wait = math.max(tonumber(told[1]), tonumber(told[2] or '0')) - now
    return math.max(wait, 0), wait <= 0
end

local function probing(name, now)
    redis.call('HSET', 'hub:circuit:' .. name, 'probe', string.format('%.3f', now + PROBE))
end

local function worked(name)
    redis.call('DEL', 'hub:streak:' .. name)
end

local function called(name, now)
    local key = 'hub:calls:' .. name .. ':' .. math.floor(now / 60)
    redis.call('INCR', key)
    redis.call('EXPIRE', key, 900)
end
"""
"""`circuit`, `probing`, `worked` and `called`, for the script that stands before every call (ingest/gate.py)."""

_FAILED: Final = """
local a = cjson.decode(ARGV[1])
local minute, calls, failures, same = math.floor(a.now / 60), 0, 0, 0
local key = 'hub:failures:' .. a.name .. ':' .. minute
redis.call('HINCRBY', key, a.code, 1)
redis.call('EXPIRE', key, 900)
for at = minute - a.window + 1, minute do
    calls = calls + tonumber(redis.call('GET', 'hub:calls:' .. a.name .. ':' .. at) or '0')
    local told = redis.call('HGETALL', 'hub:failures:' .. a.name .. ':' .. at)
    for i = 1, #told, 2 do failures = failures + tonumber(told[i + 1]) end
end
local streak = 'hub:streak:' .. a.name
if a.now - tonumber(redis.call('HGET', streak, '@') or '0') > a.window * 60 then
    redis.call('DEL', streak)
    redis.call('HSET', streak, '@', string.format('%.3f', a.now))
end
same = redis.call('HINCRBY', streak, a.code, 1)
redis.call('EXPIRE', streak, 900)
calls = math.max(calls, failures)
local circuit = 'hub:circuit:' .. a.name
local told = redis.call('HMGET', circuit, 'until', 'cool')
local cool = tonumber(told[2] or '0')
local storm = same >= a.failures or (failures >= a.failures and failures * 2 > calls)
if told[1] and tonumber(told[1]) <= a.now then
    cool = math.min(cool * 2, a.longest)
elseif told[1] then
    return tostring(tonumber(told[1]) - a.now)
elseif storm then
    cool = a.cool
    redis.call('HSET', circuit, 'since', string.format('%.3f', a.now))
else
    return '0'
end
redis.call('HDEL', circuit, 'probe')
redis.call('HSET', circuit, 'until', string.format('%.3f', a.now + cool * a.jitter), 'cool', cool, 'why', a.why,
    'title', a.title, 'failures', failures, 'calls', calls)
redis.call('EXPIRE', circuit, 10800)
redis.call('SADD', 'hub:circuits', a.name)
return tostring(cool * a.jitter)
"""

_WORKED: Final = """
local a = cjson.decode(ARGV[1])
local minute = math.floor(a.now / 60)
redis.call('DEL', 'hub:circuit:' .. a.name)
redis.call('SREM', 'hub:circuits', a.name)
redis.call('DEL', 'hub:streak:' .. a.name)
for at = minute - a.window, minute do
    redis.call('DEL', 'hub:calls:' .. a.name .. ':' .. at, 'hub:failures:' .. a.name .. ':' .. at)
end
return 0
"""


@dataclass(frozen=True, slots=True)
class Failure:
    """A call that failed for the party's sake: which kind of failure, and in a word for people."""

    code: str
    why: str


@dataclass(frozen=True, slots=True)
class Down:
    """An open circuit. Counts are of the 10 minutes before its last failure."""

    party: str  # "taobao"
    title: str  # "淘宝接口"
    why: str
    failures: int
    calls: int
    since: datetime

    @property
    def rate(self) -> float:
        return self.failures / self.calls if self.calls else 1.0


class Breaker:
    """The circuits of one party. Raises RedisError where Redis does not answer."""

    def __init__(self, redis: Redis, title: str) -> None:
        self._title = title
        self._failed, self._worked = redis.register_script(_FAILED), redis.register_script(_WORKED)

    def failed(self, name: str, failure: Failure, now: float) -> float:
        """Count a failure. Seconds for which the circuit is open, 0 where it is not."""
        said = {
            "name": name, "now": now, "code": failure.code, "why": failure.why, "title": self._title,
            "window": WINDOW_MINUTES, "failures": FAILURES, "cool": COOL_SECONDS, "longest": LONGEST_SECONDS,
            "jitter": random.uniform(0.75, 1.25),
        }  # fmt: skip
        return float(self._failed(args=[json.dumps(said, ensure_ascii=False)]))

    def worked(self, name: str, now: float) -> None:
        """The call that tried worked: closed, and what failed before counts no more."""
        self._worked(args=[json.dumps({"name": name, "now": now, "window": WINDOW_MINUTES})])


def circuits(party: str, method: str) -> list[str]:
    """The party's own circuit, for what its network does, and the method's, for what the party answers."""
    return [party, f"{party}/{method}"] if method else [party]


def downs(redis: Redis) -> list[Down]:
    """The parties that are down, each once: of several open circuits the figures of the one with the most failures.
    Raises RedisError."""
    found: dict[str, Down] = {}
    members: Any = redis.smembers(_DOWN)
    for name in sorted(member.decode() for member in members):
        told: Any = redis.hgetall(f"hub:circuit:{name}")
        if not told:  # nobody has called for hours
            redis.srem(_DOWN, name)
            continue
        down = _down(name.partition("/")[0], told)
        if down.party not in found or down.failures > found[down.party].failures:
            found[down.party] = down
    return list(found.values())


def _down(party: str, told: Mapping[bytes, bytes]) -> Down:
    said: dict[str, Any] = {key.decode(): value.decode() for key, value in told.items()}
    since = datetime.fromtimestamp(float(said["since"]), UTC)
    return Down(party, said["title"], said["why"], int(said["failures"]), int(said["calls"]), since)
