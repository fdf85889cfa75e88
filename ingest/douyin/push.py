"""Douyin's pushes: the message push, a list of messages under `event-sign`, and calls of the SPI kind (reference sheet
6, vector D5). What the tags mean is not confirmed: whatever names an order is a reason to read it."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import parse_qsl

from config import Shop
from ingest.beijing import moment
from ingest.canonical import read_json
from ingest.pushing import Answer, Arrived, Message, answer, check, check_time, message, same_bytes, tree_of
from ingest.snapshot import Unreadable

_FORM: Final = "application/x-www-form-urlencoded"
_NUMBERS: Final = ("p_id", "shop_order_id", "order_id")  # of the order; `s_ids` are its lines


class DouyinPush:
    """Implements ingest.pushing.Push."""

    accepted = answer({"code": 0, "msg": "success"})
    refused = answer({"code": 40003, "msg": "isv.signature-invalid"})

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    def messages(self, arrived: Arrived) -> list[Message]:
        if "event-sign" in arrived.headers:
            return self._pushed(arrived)
        return [self._called(arrived)]

    def echo(self, arrived: Arrived) -> Answer | None:
        return None

    def _pushed(self, arrived: Arrived) -> list[Message]:
        """The signature covers no time: an old message that somebody sends again is known by its id, and a read."""
        key, secret = self._shop.app_key.encode(), self._shop.app_secret.encode()
        check(arrived.headers["event-sign"].lower(), hashlib.md5(key + arrived.body + secret).hexdigest())
        try:
            told = read_json(arrived.body)
        except ValueError:
            told = []
        found = [one for one in (told if isinstance(told, list) else [told]) if isinstance(one, dict)]
        return [_message(one) for one in found] or [message("?", "", arrived.body)]

    def _called(self, arrived: Arrived) -> Message:
        params = {**arrived.query, **_form(arrived)}
        body = params.get("param_json") or arrived.body.decode("utf-8", "replace")
        named = {"app_key": self._shop.app_key, "param_json": body, "timestamp": params.get("timestamp", "")}
        check(params.get("sign", "").lower(), _signature(named, self._shop.app_secret, params.get("sign_method", "")))
        check_time(_signed_at(named["timestamp"]), arrived.now)
        told = tree_of(body)
        return message(params.get("method") or "spi", _number(told), same_bytes({**told, "at": named["timestamp"]}))


def _message(told: Mapping[str, Any]) -> Message:
    tag, inside = told.get("tag"), told.get("data")
    content = inside if isinstance(inside, dict) else tree_of(inside) if isinstance(inside, str) else {}
    mark = told.get("msg_id")
    # The platform's trial of the address is tag 0 with id 0, each time.
    known = mark if str(tag) != "0" else None
    return message(tag, _number(content), same_bytes(dict(told)), known)


def _number(told: Mapping[str, Any]) -> Any:
    return next((told[name] for name in _NUMBERS if told.get(name)), "")


def _signature(named: Mapping[str, str], secret: str, method: str) -> str:
    """`sign_method` is 2 or hmac-sha256; MD5, which the platform is giving up, where it names another or none."""
    text = secret + "".join(f"{name}{value}" for name, value in named.items()) + secret
    if method in ("2", "hmac-sha256"):
        return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
    return hashlib.md5(text.encode()).hexdigest()


def _signed_at(text: str) -> datetime | None:
    if text.isascii() and text.isdecimal() and len(text) <= 11:
        return datetime.fromtimestamp(int(text), UTC)
    try:
        return moment(text, "时间戳")
    except Unreadable:
        return None


def _form(arrived: Arrived) -> dict[str, str]:
    if not arrived.headers.get("content-type", "").startswith(_FORM):
        return {}
    return dict(parse_qsl(arrived.body.decode("utf-8", "replace"), keep_blank_values=True))
