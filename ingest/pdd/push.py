"""Pinduoduo's messages over HTTP: the frame of its message channel (reference sheet 5.7) as whoever holds that long
connection hands it on, signed as every call to Pinduoduo is, over the query and the body."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from config import Shop
from ingest.pushing import Answer, Arrived, Message, answer, check, check_time, message, same_bytes, tree_of
from ingest.signing import wrapped_md5

TOPICS: Final = ("pdd_trade_", "pdd_refund_", "pdd_chat_OrderPromise")


class PddPush:
    """Implements ingest.pushing.Push."""

    accepted = answer({"success": True})
    refused = answer({"error_response": {"error_code": 20004, "error_msg": "签名sign校验失败"}})

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    def messages(self, arrived: Arrived) -> list[Message]:
        signed = {name: value for name, value in arrived.query.items() if name != "sign"}
        signed["body"] = arrived.body.decode("utf-8", "replace")
        check(arrived.query.get("sign", ""), wrapped_md5(signed, self._shop.app_secret))
        check_time(_signed_at(arrived.query.get("timestamp", "")), arrived.now)
        told = tree_of(arrived.body).get("message")
        return [_message(told if isinstance(told, dict) else {}, arrived.body)]

    def echo(self, arrived: Arrived) -> Answer | None:
        return None


def _message(told: dict[str, Any], body: bytes) -> Message:
    """A frame's own id and time change when it is sent again: the message inside is what makes it the same."""
    topic, content = told.get("type"), told.get("content")
    known = isinstance(topic, str) and topic.startswith(TOPICS)
    inside = tree_of(content) if isinstance(content, str) else {}
    number = inside.get("tid") or inside.get("order_sn")
    return message(topic, number if known else "", same_bytes(told) if told else body)


def _signed_at(seconds: str) -> datetime | None:
    if not (seconds.isascii() and seconds.isdecimal() and len(seconds) <= 11):
        return None
    return datetime.fromtimestamp(int(seconds), UTC)
