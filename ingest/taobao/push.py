"""Taobao's messages over HTTP (reference sheet 3.7). The message is TMC's; over HTTP it comes signed as TOP signs every
call to a merchant's own address: MD5 over the parameters of query and form, those headers that `top-sign-list` names,
and a body that is no form."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl

from config import Shop
from ingest.beijing import moment
from ingest.pushing import Answer, Arrived, Message, Untrusted, answer, check, check_time, message, tree_of
from ingest.signing import joined
from ingest.snapshot import Unreadable

TOPICS: Final = ("taobao_trade_", "taobao_refund_")
_FORM: Final = "application/x-www-form-urlencoded"


class TaobaoPush:
    """Implements ingest.pushing.Push."""

    accepted = answer({"flag": "success", "code": "0", "message": "ok"})
    refused = answer({"flag": "failure", "sub_code": "sign-check-failure", "sub_message": "Illegal request"})

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    def messages(self, arrived: Arrived) -> list[Message]:
        form = _form(arrived)
        self._check({**_signed_headers(arrived), **arrived.query, **form}, b"" if form else arrived.body, arrived)
        told = form or tree_of(arrived.body)
        found = told.get("messages")
        return [_message(one, arrived.body) for one in (found if isinstance(found, list) else [told])]

    def echo(self, arrived: Arrived) -> Answer | None:
        return None

    def _check(self, params: Mapping[str, str], body: bytes, arrived: Arrived) -> None:
        signed = {name: value for name, value in params.items() if name != "sign"}
        secret = self._shop.app_secret.encode()
        expected = hashlib.md5(secret + joined(signed).encode() + body + secret).hexdigest().upper()
        check(params.get("sign", ""), expected)
        try:
            signed_at = moment(params.get("timestamp"), "时间戳")
        except Unreadable:
            raise Untrusted("no time") from None
        check_time(signed_at, arrived.now)


def _message(told: Any, body: bytes) -> Message:
    said: Mapping[str, Any] = told if isinstance(told, Mapping) else {}
    topic, content = said.get("topic"), said.get("content")
    known = isinstance(topic, str) and topic.startswith(TOPICS)
    inside = content if isinstance(content, dict) else tree_of(content) if isinstance(content, str) else {}
    return message(topic, inside.get("tid") if known else "", body, said.get("id"))


def _form(arrived: Arrived) -> dict[str, str]:
    if not arrived.headers.get("content-type", "").startswith(_FORM):
        return {}
    return dict(parse_qsl(arrived.body.decode("utf-8", "replace"), keep_blank_values=True))


def _signed_headers(arrived: Arrived) -> dict[str, str]:
    named = [name.strip() for name in arrived.headers.get("top-sign-list", "").split(",") if name.strip()]
    return {name: arrived.headers.get(name.lower(), "") for name in named}
