"""Calls to the platform's classic gateway (TOP): signed, by its clock, with a session that is renewed where it can be
(reference sheet 3.1, 3.2)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from config import Shop
from ingest.authorisation import Authorisation, Tokens
from ingest.beijing import beijing_text, moment
from ingest.canonical import read_json
from ingest.fields import text
from ingest.gate import gate_of
from ingest.http import Wire, transient
from ingest.means import Means
from ingest.platform_clock import PlatformClock
from ingest.snapshot import Unreadable
from ingest.taobao.errors import error_of
from ingest.taobao.limits import LIMITS, PARTY
from ingest.taobao.signing import sign

_REFRESH: Final = "taobao.top.auth.token.refresh"
_IN_TIME: Final = timedelta(days=1)


class Gateway:
    def __init__(self, shop: Shop, means: Means) -> None:
        self._shop = shop
        self._wire = Wire(shop.gateway, gate_of(PARTY, shop, means, LIMITS))
        self._clock = PlatformClock(means.now)
        self._authorisation = Authorisation(shop, means, _IN_TIME)

    def measure_clock(self) -> float:
        return self._clock.measure(lambda: self.call("taobao.time.get", {}, session=False).get("time"), self._wire)

    def authorised_until(self) -> datetime | None:
        return self._authorisation.until()

    def refresh_session(self) -> bool:
        """Only applications of the service market have a refresh token; a merchant's own session has a fixed end."""
        return self._authorisation.renew(self._ask)

    def call(self, method: str, params: Mapping[str, str], *, session: bool = True) -> Mapping[str, Any]:
        """What stands under the reply's root. Raises PlatformError."""
        form = {
            "method": method,
            "app_key": self._shop.app_key,
            "timestamp": beijing_text(self._clock.now()),
            "format": "json",
            "v": "2.0",
            "sign_method": "hmac-sha256",
            **params,
        }
        if session:
            form["session"] = self._authorisation.token(self._ask)
        form["sign"] = sign(form, self._shop.app_secret)
        with self._wire.asking(method):
            document = self._wire.post(form)
            if isinstance(error := document.get("error_response"), dict):
                raise error_of(error)
            root = document.get(method.removeprefix("taobao.").replace(".", "_") + "_response")
            if not isinstance(root, dict):
                raise transient("no-root", "neither the reply's root nor an error")
        return root

    def _ask(self, refresh_token: str) -> Tokens:
        """The reply's one value is a JSON text; its times are epoch milliseconds."""
        told = self.call(_REFRESH, {"refresh_token": refresh_token}, session=False).get("token_result")
        try:
            given = read_json(text(told).encode())
            token, ends_at = text(given["access_token"]), moment(given.get("expire_time"), "授权到期时间")
        except (ValueError, LookupError, TypeError, AttributeError, Unreadable):
            raise transient("no-token", "the renewal's reply has no token") from None
        return Tokens(token, text(given.get("refresh_token")) or refresh_token, ends_at)
