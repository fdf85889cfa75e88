"""Calls to Douyin's open platform: signed, by its clock, with a token that is renewed once when it is refused
(reference sheet 6)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from config import Shop
from ingest.douyin.access import AccessToken
from ingest.douyin.errors import error_of
from ingest.douyin.limits import LIMITS, PARTY
from ingest.douyin.signing import param_json, sign
from ingest.gate import gate_of
from ingest.http import Wire, transient
from ingest.means import Means
from ingest.platform_clock import PlatformClock
from ingest.source import Action, PlatformError

_SUCCESS: Final = "10000"
_TOLERANCE: Final = timedelta(minutes=10)


class Gateway:
    def __init__(self, shop: Shop, means: Means) -> None:
        self._shop = shop
        self._wire = Wire(shop.gateway, gate_of(PARTY, shop, means, LIMITS))
        self._clock = PlatformClock(means.now)
        self._token = AccessToken(shop, means.redis, self._ask, self._epoch)

    def now(self) -> datetime:
        return self._clock.now()

    def measure_clock(self, method: str, params: Mapping[str, Any]) -> float:
        """By the Date of the reply to this call, for the platform has no call for its time.

        Where our time was accepted and Date is further off than the platform would accept, Date is not its clock but
        that of something in between; then our time stands.
        """
        asked_at, refused = self._clock.now(), False
        try:
            self.call(method, params)
        except PlatformError as error:
            if error.resolution.action is not Action.CLOCK:
                raise
            refused = True
        date = self._wire.date
        if date is None or (not refused and abs(date - asked_at) > _TOLERANCE):
            return 0.0
        return self._clock.correct(date, asked_at)

    def refresh_session(self) -> bool:
        """Whether the platform gives another token than the one that is in use. Raises PlatformError where a later try
        may succeed."""
        try:
            before = self._token.get()
            return self._token.renew(before) != before
        except PlatformError as error:
            if error.resolution.action is Action.STOP:
                return False
            raise

    def call(self, method: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
        """What stands under `data`. Raises PlatformError."""
        token = self._token.get()
        try:
            return self._ask(method, params, token)
        except PlatformError as error:
            if error.resolution.action is not Action.REFRESH:
                raise
        return self._ask(method, params, self._token.renew(token))

    def _ask(self, method: str, params: Mapping[str, Any], token: str = "") -> Mapping[str, Any]:
        """One call, without a token where none is given."""
        body = param_json(params)
        signed = {
            "app_key": self._shop.app_key,
            "method": method,
            "param_json": body,
            "timestamp": str(self._epoch()),
            "v": "2",
        }
        query = {**signed, "sign": sign(signed, self._shop.app_secret), "sign_method": "hmac-sha256"}
        del query["param_json"]  # it is the body
        if token:
            query["access_token"] = token
        with self._wire.asking(method):
            document = self._wire.post_json("/" + method.replace(".", "/"), query, body.encode())
            if "code" not in document:
                raise transient("no-code", "neither success nor an error")
            if str(document["code"]) != _SUCCESS:
                raise error_of(document)
        told = document.get("data")
        return told if isinstance(told, dict) else {"data": told}

    def _epoch(self) -> int:
        return int(self._clock.now().timestamp())
