"""Calls to POP: signed, by its clock (reference sheet 5.1)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from config import Shop
from ingest.beijing import end_of_day
from ingest.gate import gate_of
from ingest.http import Wire, transient
from ingest.means import Means
from ingest.pdd.errors import error_of
from ingest.pdd.limits import LIMITS, PARTY
from ingest.platform_clock import PlatformClock
from ingest.signing import wrapped_md5

# Not to be derived from the method's name: the platform chose each by hand.
ROOTS: Final = {
    "pdd.time.get": "time_get_response",
    "pdd.order.number.list.increment.get": "order_sn_increment_get_response",
    "pdd.order.list.get": "order_list_get_response",
    "pdd.order.information.get": "order_info_get_response",
    "pdd.logistics.online.send": "logistics_online_send_response",
    "pdd.logistics.companies.get": "logistics_companies_get_response",
    "pdd.order.note.update": "response",
}
_NO_TOKEN: Final = frozenset({"pdd.time.get", "pdd.logistics.companies.get"})


class Gateway:
    def __init__(self, shop: Shop, means: Means) -> None:
        self._shop = shop
        self._wire = Wire(shop.gateway, gate_of(PARTY, shop, means, LIMITS))
        self._clock = PlatformClock(means.now)

    def measure_clock(self) -> float:
        return self._clock.measure(lambda: self.call("pdd.time.get", {}).get("time"), self._wire)

    def authorised_until(self) -> datetime | None:
        """By the settings: the platform tells it only to whoever is given a new authorisation."""
        return end_of_day(self._shop.authorised_until) if self._shop.authorised_until else None

    def call(self, method: str, params: Mapping[str, str]) -> Mapping[str, Any]:
        """What stands under the reply's root. Raises PlatformError."""
        form = {
            "type": method,
            "client_id": self._shop.app_key,
            "timestamp": str(int(self._clock.now().timestamp())),
            "data_type": "JSON",
            "version": "V1",
            **params,
        }
        if method not in _NO_TOKEN:
            form["access_token"] = self._shop.token
        form["sign"] = wrapped_md5(form, self._shop.app_secret)
        with self._wire.asking(method):
            document = self._wire.post(form)
            if isinstance(error := document.get("error_response"), dict):
                raise error_of(error)
            root = document.get(ROOTS[method])
            if not isinstance(root, dict):
                raise transient("no-root", "neither the reply's root nor an error")
        return root
