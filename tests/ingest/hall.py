"""Workers before one party's gate; time moves by hand, and by what they sleep."""

from __future__ import annotations

from datetime import datetime, timedelta

from redis import Redis

from ingest.budget import Limit
from ingest.gate import Gate, Party
from ingest.http import Unreached
from ingest.source import Action, PlatformError, Resolution, Whose

SHIP = "taobao.logistics.offline.send"
READ = "taobao.trade.fullinfo.get"
TAOBAO = Party("taobao", "淘宝接口")


class Hall:
    """Workers before one party; time moves by hand, and by what they sleep."""

    def __init__(self, redis: Redis, now: datetime) -> None:
        self.redis, self.moment = redis, now
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.moment += timedelta(seconds=seconds)

    def pass_by(self, **span: float) -> None:
        self.moment += timedelta(**span)

    def worker(self, *limits: Limit, app: str = "12345678", party: Party = TAOBAO) -> Gate:
        return Gate(party, self.redis, lambda: self.moment, app=app, limits=limits, sleep=self.sleep)

    def call(self, gate: Gate, method: str = READ, error: PlatformError | None = None) -> PlatformError | None:
        """One call that ends so; what its caller gets raised."""
        leave = gate.enter(method)
        if error is None:
            gate.worked(leave)
            return None
        if isinstance(error, Unreached):
            return gate.unreached(error, error.why)
        return gate.refused(leave, error, f"错误码 {error.code}")

    def refused(self, gate: Gate, method: str = READ) -> PlatformError | None:
        try:
            gate.worked(gate.enter(method))
        except PlatformError as error:
            return error
        return None


def said(action: Action, code: str = "50001", seconds: float = 0) -> PlatformError:
    return PlatformError(Resolution(action, Whose.PLATFORM, "平台说的"), code, "no", seconds)


def lost() -> PlatformError:
    return Unreached("network", "ReadTimeout", "网络超时")
