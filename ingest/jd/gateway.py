"""Calls to JOS: signed, by its clock, with a token that is renewed in its last day (reference sheet 4.1, 4.2)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from config import Shop
from ingest.authorisation import Authorisation, Tokens
from ingest.fields import text
from ingest.gate import gate_of
from ingest.http import Wire, transient
from ingest.jd.errors import error_of, refusal_of, renewal_refused
from ingest.jd.limits import LIMITS, PARTY
from ingest.means import Means
from ingest.platform_clock import PlatformClock
from ingest.signing import wrapped_md5
from ingest.source import Action, PlatformError
from models.beijing import BEIJING

OAUTH: Final = "https://open-oauth.jd.com"
_IN_TIME: Final = timedelta(hours=24)  # earlier is refused, and so is later than the end
_TOLERANCE: Final = timedelta(minutes=6)


class Gateway:
    def __init__(self, shop: Shop, means: Means) -> None:
        self._shop = shop
        self._wire = Wire(shop.gateway, gate_of(PARTY, shop, means, LIMITS))
        self._oauth = Wire(f"{shop.oauth_gateway or OAUTH}/oauth2/refresh_token")
        self._clock = PlatformClock(means.now)
        self._authorisation = Authorisation(shop, means, _IN_TIME)

    def measure_clock(self, method: str, params: Mapping[str, str]) -> float:
        """JD has no call for its time: the Date of the reply to any call tells it.

        Where our time was accepted and Date is further off than JD would accept, Date is not JD's clock but that of
        something in between; then our time stands.
        """
        asked_at = self._clock.now()
        with self._wire.asking(method):
            error = _error_in(self._post(method, params))
        date = self._wire.date
        if error is not None and error.resolution.action is not Action.CLOCK:
            raise error
        if date is None or (error is None and abs(date - asked_at) > _TOLERANCE):
            return 0.0
        return self._clock.correct(date, asked_at)

    def now(self) -> datetime:
        return self._clock.now()

    def authorised_until(self) -> datetime | None:
        return self._authorisation.until()

    def refresh_session(self) -> bool:
        return self._authorisation.renew(self._ask)

    def root(self, method: str, params: Mapping[str, str], name: str = "") -> Mapping[str, Any]:
        """What stands under the reply's root; `name`: its own, where it is not made of the method's. Raises
        PlatformError."""
        with self._wire.asking(method):
            document = self._post(method, params)
            if (error := _error_in(document)) is not None:
                raise error
            name = name or method.replace(".", "_")
            # The platform's own spelling is "responce"; its pages announce the right one.
            root = document.get(f"{name}_responce") or document.get(f"{name}_response")
            if not isinstance(root, dict):
                raise transient("no-root", "neither the reply's root nor an error")
            if str(root.get("code", "0")) != "0":
                raise error_of(root)
        return root

    def result(self, method: str, params: Mapping[str, str], key: str) -> Mapping[str, Any]:
        """The named result of a call. Raises PlatformError; an outer code of "0" is no success yet."""
        result = self.root(method, params).get(key)
        if not isinstance(result, dict):
            raise transient("no-result")
        said = result["apiResult"] if isinstance(result.get("apiResult"), dict) else result
        if said.get("success") not in (True, "true"):
            raise refusal_of(said)
        return result

    def _post(self, method: str, params: Mapping[str, str]) -> dict[str, Any]:
        form = {
            "method": method,
            "access_token": self._authorisation.token(self._ask),
            "app_key": self._shop.app_key,
            "timestamp": self._clock.now().astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S.000%z"),
            "v": "2.0",
            # Written once: signature and body must see the same text.
            "360buy_param_json": json.dumps(params, ensure_ascii=False, sort_keys=True, separators=(",", ":")),
        }
        form["sign"] = wrapped_md5(form, self._shop.app_secret)
        return self._wire.post(form)

    def _ask(self, refresh_token: str) -> Tokens:
        form = {
            "app_key": self._shop.app_key,
            "app_secret": self._shop.app_secret,
            "grant_type": "refresh_token",
            "refresh_token": refresh_token,
        }
        try:
            given = self._oauth.post(form)
        except PlatformError as error:
            if error.code.startswith("http-4"):  # this host says no with a status
                raise renewal_refused(error.code) from None
            raise
        token, seconds = text(given.get("access_token")), text(given.get("expires_in"))
        if not token:
            raise renewal_refused(text(given.get("code")))
        ends_at = self._clock.now() + timedelta(seconds=int(seconds)) if seconds.isdecimal() else None
        return Tokens(token, text(given.get("refresh_token")) or refresh_token, ends_at)


def _error_in(document: Mapping[str, Any]) -> PlatformError | None:
    error = document.get("error_response")
    return error_of(error) if isinstance(error, dict) else None
