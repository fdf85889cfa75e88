"""WeChat Shop's events (reference sheet 7), encrypted as an official account's are: token, timestamp and nonce signed
with the ciphertext, AES with the EncodingAESKey, in XML or JSON as the console was told. Plain events are refused."""

from __future__ import annotations

import base64
import binascii
import hashlib
import struct
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring
from wechatpy.crypto import PrpCrypto
from wechatpy.exceptions import InvalidAppIdException

from config import Shop
from ingest.pushing import Answer, Arrived, Message, Untrusted, check, check_time, message, same_bytes, tree_of

EVENTS: Final = ("channels_ec_order_", "channels_ec_aftersale_")
_RETRIES: Final = timedelta(hours=5)  # an event comes again for more than three hours, perhaps under its old time
_BROKEN: Final = (InvalidAppIdException, binascii.Error, struct.error, ValueError, IndexError)


class WxshopPush:
    """Implements ingest.pushing.Push."""

    accepted = Answer(b"success", mimetype="text/plain")
    refused = Answer(b"", 403, "text/plain")

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._crypto = PrpCrypto(base64.b64decode(f"{shop.push_aes_key}="))

    def messages(self, arrived: Arrived) -> list[Message]:
        sealed = str(_tree(arrived.body).get("Encrypt") or "")
        self._check(arrived, "msg_signature", sealed)
        try:
            text = str(self._crypto.decrypt(sealed, self._shop.app_key))
        except _BROKEN:
            raise Untrusted("does not open") from None
        told = _tree(text.encode())
        event = told.get("Event")
        known = isinstance(event, str) and event.startswith(EVENTS)
        return [message(event, _number(told) if known else "", same_bytes(told) if told else text.encode())]

    def echo(self, arrived: Arrived) -> Answer | None:
        """In both forms that the console uses: a plain text, or one that is sealed like an event."""
        given = arrived.query.get("echostr", "")
        if "msg_signature" not in arrived.query:
            self._check(arrived, "signature")
            return Answer(given.encode(), mimetype="text/plain")
        self._check(arrived, "msg_signature", given)
        try:
            return Answer(str(self._crypto.decrypt(given, self._shop.app_key)).encode(), mimetype="text/plain")
        except _BROKEN:
            raise Untrusted("does not open") from None

    def _check(self, arrived: Arrived, name: str, *sealed: str) -> None:
        query = arrived.query
        parts = sorted((self._shop.push_token, query.get("timestamp", ""), query.get("nonce", ""), *sealed))
        check(query.get(name, ""), hashlib.sha1("".join(parts).encode("utf-8", "replace")).hexdigest())
        seconds = query.get("timestamp", "")
        known = seconds.isascii() and seconds.isdecimal() and len(seconds) <= 11
        check_time(datetime.fromtimestamp(int(seconds), UTC) if known else None, arrived.now, _RETRIES)


def _number(told: Mapping[str, Any]) -> Any:
    """`order_id` of the one part that has it: order_info, finder_shop_aftersale_status_update …"""
    parts = (part for part in told.values() if isinstance(part, Mapping))
    return next((part["order_id"] for part in parts if part.get("order_id")), "")


def _tree(body: bytes) -> dict[str, Any]:
    """JSON, or the children of XML's root; an empty one for whatever else, an encoding that nobody knows included."""
    if body.lstrip().startswith(b"{"):
        return tree_of(body)
    try:
        return {child.tag: _value(child) for child in fromstring(body)}
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        return {}


def _value(element: Element) -> str | dict[str, str]:
    inside = {child.tag: child.text or "" for child in element}
    return inside or element.text or ""
