"""What stands before every call to a far party: is it down, did it tell us to wait, is there budget left? One question
to Redis, whose answer all workers share. A Redis that does not answer opens the gate: what the party itself refuses is
obeyed anyway.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import structlog
from redis import Redis
from redis.exceptions import RedisError

from config import Shop
from ingest import budget
from ingest.breaker import LUA as CIRCUITS
from ingest.breaker import Breaker, Failure, circuits
from ingest.budget import Limit, limits_of
from ingest.means import Means
from ingest.source import Action, PlatformError, Resolution, Whose

log = structlog.get_logger()

SHORT_SECONDS: Final = 2.0  # what a caller waits for itself
WAITS: Final = {Action.WAIT: 60.0, Action.PAUSE: 600.0}
"""Seconds to leave a platform alone where it names no time."""
_TURNS: Final = 4  # of waiting, before somebody else always was quicker
_DEAF_SECONDS: Final = 30.0  # for which a Redis that did not answer is not asked again

_ASK: Final = f"""
{budget.LUA}
{CIRCUITS}
local a, now, wait, probes = cjson.decode(ARGV[1]), tonumber(ARGV[2]), 0, {{}}
for _, key in ipairs(a.holds) do
    wait = math.max(wait, tonumber(redis.call('GET', key) or '0') - now)
end
if wait > 0 then return {{'hold', tostring(wait)}} end
for _, name in ipairs(a.circuits) do
    local closed, mine = circuit(name, now)
    wait = math.max(wait, closed)
    if mine then probes[#probes + 1] = name end
end
if wait > 0 then return {{'down', tostring(wait)}} end
for _, window in ipairs(a.windows) do wait = math.max(wait, left(window, now)) end
if wait > 0 then return {{'budget', tostring(wait)}} end
for name in string.gmatch(ARGV[3], '%S+') do worked(name) end
for _, window in ipairs(a.windows) do spend(window, now) end
for _, name in ipairs(a.circuits) do called(name, now) end
for _, name in ipairs(probes) do probing(name, now) end
return {{'go', unpack(probes)}}
"""
# What was told for longer stands: another worker's shorter word does not end it.
_HOLD: Final = """
local till = tonumber(ARGV[1])
if till > tonumber(redis.call('GET', KEYS[1]) or '0') then redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2]) end
"""
_SAID: Final = {
    "hold": "{}要求稍后再调用，到时自动继续",
    "down": "{}故障，自动重试中",
    "budget": "{}的调用额度暂时用完，到时自动继续",
}


@dataclass(frozen=True, slots=True)
class Party:
    """Who is called. `title` is what people call it: 淘宝接口."""

    name: str
    title: str


@dataclass(frozen=True, slots=True)
class Pass:
    """Leave to make one call. `probes`: the open circuits that this call looks at."""

    method: str
    probes: tuple[str, ...] = ()


class Gate:
    """The gate before one party for one application; `app` is its key there. Budgets and told waits are the
    application's, whichever shop or worker calls; a failure is the party's."""

    def __init__(  # what a gate stands on, each by its name
        self,
        party: Party,
        redis: Redis,
        now: Callable[[], datetime],
        *,
        app: str = "",
        limits: Sequence[Limit] = (),
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._party, self._now, self._sleep = party, now, sleep
        self._app, self._limits = f"{party.name}:{app}", limits
        self._breaker = Breaker(redis, party.title)
        self._ask, self._hold_till = redis.register_script(_ASK), redis.register_script(_HOLD)
        self._questions: dict[str, str] = {}
        self._deaf_until = 0.0
        self._worked: set[str] = set()  # circuits whose last call worked, to be told with the next question

    def enter(self, method: str) -> Pass:
        """Leave to call `method`; a short wait is waited for. Raises PlatformError: WAIT, with the seconds."""
        for _ in range(_TURNS):
            said, *rest = self._asked(method)
            if said == "go":
                return Pass(method, tuple(rest))
            seconds = float(rest[0])
            if seconds > SHORT_SECONDS:
                break
            self._sleep(seconds + random.uniform(0.0, seconds / 4))  # not everybody at once
        raise self._closed(said, seconds)

    def unreached(self, error: PlatformError, why: str) -> PlatformError:
        """A call did not come through: the party's own circuit. The error to raise."""
        return self._failed(self._party.name, Failure(error.code, why), error)

    def refused(self, taken: Pass, error: PlatformError, why: str) -> PlatformError:
        """The party was reached and did not do it. What may be gone the next time is the method's failure; a no is an
        answer. The error to raise."""
        own, *of_method = circuits(self._party.name, taken.method)
        if error.resolution.action is Action.RETRY:
            if of_method:
                self._close(taken, own)
                self._worked.add(own)
            return self._failed(of_method[0] if of_method else own, Failure(error.code, why), error)
        self.worked(taken)
        if error.resolution.action in WAITS:
            self._hold(taken.method, error)
        return error

    def worked(self, taken: Pass) -> None:
        self._worked.update(circuits(self._party.name, taken.method))
        for circuit in taken.probes:
            self._close(taken, circuit)

    def _closed(self, said: str, seconds: float) -> PlatformError:
        text = _SAID[said].format(self._party.title)
        return PlatformError(Resolution(Action.WAIT, Whose.PLATFORM, text), said, "not called", max(seconds, 1.0))

    def _asked(self, method: str) -> list[str]:
        now = self._now().timestamp()
        if now < self._deaf_until:
            return ["go"]
        try:
            told = self._ask(args=[self._question(method), now, " ".join(self._worked)])
        except RedisError as error:
            self._deaf(now, error)
            return ["go"]
        if told[0] == b"go":
            self._worked.clear()
        return [part.decode() for part in told]

    def _question(self, method: str) -> str:
        if method not in self._questions:
            self._questions[method] = json.dumps({
                "holds": [self._hold_key(), self._hold_key(method)],
                "circuits": circuits(self._party.name, method),
                "windows": budget.windows(self._app, self._limits, method),
            })  # fmt: skip
        return self._questions[method]

    def _hold_key(self, method: str = "*") -> str:
        return f"hub:hold:{self._app}:{method}"

    def _hold(self, method: str, error: PlatformError) -> None:
        """What one worker was told all obey: a throttle is the method's, a ban or a used-up quota the application's."""
        action, now = error.resolution.action, self._now().timestamp()
        seconds = error.wait_seconds or WAITS[action]
        key = self._hold_key() if action is Action.PAUSE or not method else self._hold_key(method)
        said = [f"{now + seconds:.3f}", str(int(seconds * 1000) + 1000)]
        self._tell(lambda: self._hold_till(keys=[key], args=said))

    def _failed(self, name: str, failure: Failure, error: PlatformError) -> PlatformError:
        self._worked.discard(name)
        open_for = self._tell(lambda: self._breaker.failed(name, failure, self._now().timestamp()))
        return self._closed("down", float(open_for)) if open_for else error

    def _close(self, taken: Pass, name: str) -> None:
        if name in taken.probes:
            self._tell(lambda: self._breaker.worked(name, self._now().timestamp()))

    def _tell(self, tell: Callable[[], Any]) -> Any:
        now = self._now().timestamp()
        if now < self._deaf_until:
            return None
        try:
            return tell()
        except RedisError as error:
            self._deaf(now, error)
            return None

    def _deaf(self, now: float, error: RedisError) -> None:
        self._deaf_until = now + _DEAF_SECONDS
        log.warning("gate_without_redis", party=self._party.name, error=type(error).__name__)


def gate_of(party: Party, shop: Shop, means: Means, declared: Sequence[Limit] = ()) -> Gate:
    """The gate of a shop's source."""
    return Gate(party, means.redis, means.now, app=shop.app_key, limits=limits_of(shop, declared))
