"""JD's messages over HTTP. Their form is not confirmed (reference sheet 4.6): they are taken as JD signs everything
else, a form whose one business parameter is a JSON text, and nothing less is believed."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from urllib.parse import parse_qsl

from config import Shop
from ingest.beijing import moment
from ingest.pushing import Answer, Arrived, Message, answer, check, check_time, message, same_bytes, tree_of
from ingest.signing import wrapped_md5
from ingest.snapshot import Unreadable

PARAMS: Final = "360buy_param_json"
NUMBERS: Final = ("orderId", "order_id")


class JdPush:
    """Implements ingest.pushing.Push."""

    accepted = answer({"code": "0"})
    refused = answer({"error_response": {"code": "12", "zh_desc": "无效签名", "en_desc": "Invalid Signature"}})

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    def messages(self, arrived: Arrived) -> list[Message]:
        form = dict(parse_qsl(arrived.body.decode("utf-8", "replace"), keep_blank_values=True))
        params = {**arrived.query, **form}
        signed = {name: value for name, value in params.items() if name != "sign"}
        check(params.get("sign", ""), wrapped_md5(signed, self._shop.app_secret))
        check_time(_signed_at(params.get("timestamp")), arrived.now)
        told = tree_of(params.get(PARAMS, ""))
        number = next((told[name] for name in NUMBERS if told.get(name)), "")
        # Whatever the topic: a message that names an order is a reason to read it.
        return [message(told.get("topic"), number, same_bytes(told), told.get("messageId"))]

    def echo(self, arrived: Arrived) -> Answer | None:
        return None


def _signed_at(text: Any) -> datetime | None:
    """JD writes `2021-05-07 09:20:39.683+0800`, or without millis and zone."""
    try:
        return datetime.strptime(str(text), "%Y-%m-%d %H:%M:%S.%f%z")
    except ValueError:
        pass
    try:
        return moment(text, "时间戳")
    except Unreadable:
        return None
