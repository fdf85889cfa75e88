"""One account at 快递100. The only place that knows its protocol (reference sheet 15.1)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

import requests

from config import Courier as CourierSettings
from ingest.budget import SECOND, Limit
from ingest.canonical import read_json
from ingest.courier.kuaidi100.errors import (
    KNOWN_ALREADY,
    NOTHING_YET,
    QUERY,
    QUERY_REFUSED,
    SUBSCRIBE,
    SUBSCRIBE_REFUSED,
    error_of,
)
from ingest.courier.kuaidi100.parse import slug_of, tracked
from ingest.courier.kuaidi100.signing import sign_query
from ingest.courier.source import Ask, TrackRefused
from ingest.gate import Gate, Party
from ingest.http import TIMEOUTS, Wire, transient
from ingest.means import Means
from ingest.snapshot import Unreadable
from models.parcel import Tracked

QUERY_PATH: Final = "/poll/query.do"
SUBSCRIBE_PATH: Final = "/poll"
DETECT_PATH: Final = "/autonumber/auto"
_PARTY: Final = Party("kuaidi100", "快递查询接口")
_LIMITS: Final = (Limit(1, SECOND, QUERY_PATH), Limit(20, SECOND, SUBSCRIBE_PATH))
_LONGEST: Final = 32
_WANTS_PHONE: Final = ("shunfeng",)


class Kuaidi100:
    """Implements ingest.courier.source.Tracker."""

    kind = "kuaidi100"

    def __init__(self, settings: CourierSettings, callback: str, means: Means) -> None:
        self._settings, self._callback = settings, callback
        gate = Gate(_PARTY, means.redis, means.now, app=settings.customer, limits=_LIMITS)
        self._queries = Wire(settings.gateway + QUERY_PATH, gate)
        self._subscriptions = Wire(settings.gateway + SUBSCRIBE_PATH, gate)

    def subscribe(self, ask: Ask) -> None:
        _check(ask)
        wishes = {
            "callbackurl": self._callback,
            "salt": self._settings.salt,
            "resultv2": "4",
            "autoCom": "0",
            "interCom": "0",
            "phone": ask.phone_tail,
        }
        param = {"company": ask.courier, "number": ask.waybill, "from": "", "to": "", "key": self._settings.key}
        form = {"schema": "json", "param": _json({**param, "parameters": wishes})}
        with self._subscriptions.asking(SUBSCRIBE_PATH):
            reply = self._subscriptions.post(form)
            if not _says_yes(reply) and _code(reply) != KNOWN_ALREADY:
                raise error_of(reply, SUBSCRIBE, SUBSCRIBE_REFUSED)

    def query(self, ask: Ask) -> Tracked | None:
        _check(ask)
        if ask.courier in _WANTS_PHONE and not ask.phone_tail:
            raise TrackRefused(QUERY_REFUSED[408])
        param = _json({"com": ask.courier, "num": ask.waybill, "phone": ask.phone_tail, "resultv2": "4"})
        sign = sign_query(param, self._settings.key, self._settings.customer)
        with self._queries.asking(QUERY_PATH):
            reply = self._queries.post({"customer": self._settings.customer, "sign": sign, "param": param})
            if reply.get("message") != "ok" or "state" not in reply:
                if _code(reply) == NOTHING_YET:
                    return None
                raise error_of(reply, QUERY, QUERY_REFUSED)
        try:
            return tracked(reply)
        except Unreadable as error:
            raise TrackRefused(f"快递100 的轨迹看不懂：{error}") from None

    def detect(self, waybill: str) -> list[str]:
        asked = {"num": waybill, "key": self._settings.key}
        try:
            address = self._settings.detect_gateway + DETECT_PATH
            answer = requests.get(address, params=asked, timeout=TIMEOUTS, allow_redirects=False)
            found: Any = read_json(answer.content)
        except (requests.RequestException, ValueError) as error:
            raise transient("detect", type(error).__name__) from None
        if not isinstance(found, list):
            raise transient("detect", "no list")
        slugs = [slug_of(str(row.get("comCode", ""))) for row in found if isinstance(row, dict)]
        return [slug for slug in dict.fromkeys(slugs) if slug]


def _check(ask: Ask) -> None:
    if not slug_of(ask.courier) or ask.courier == "other":
        raise TrackRefused("不知道是哪家快递，查不到轨迹")
    if len(ask.waybill) > _LONGEST:
        raise TrackRefused(f"运单号超过 {_LONGEST} 位，查不到轨迹")


def _json(value: Mapping[str, Any]) -> str:
    """Written once: what is signed is what is sent."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _says_yes(reply: Mapping[str, Any]) -> bool:
    return reply.get("result") in (True, "true") and _code(reply) == 200


def _code(reply: Mapping[str, Any]) -> int:
    code = str(reply.get("returnCode", ""))
    return int(code) if code.isdecimal() else 0
