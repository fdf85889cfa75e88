"""The service account's decrypted XML: a customer's words, or what became of a template message."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot import xmltext
from bot.crypto import BadEnvelope
from bot.phrases import printable
from handlers.incoming import Incoming


@dataclass(frozen=True, slots=True)
class Delivered:
    """The end of one template message: `success`, `failed:user block`, `failed: system failed`."""

    message_id: str
    msgid: str
    status: str


@dataclass(frozen=True, slots=True)
class Said:
    """`account` signs the reply. `followed`: the customer has just followed and said nothing yet."""

    incoming: Incoming
    account: str
    followed: bool = False


def heard(message: bytes, now: datetime) -> Said | Delivered | None:
    """None for what needs no answer. Raises BadEnvelope."""
    tree = xmltext.parse(message)
    kind, event = xmltext.text(tree, "MsgType"), xmltext.text(tree, "Event")
    if kind == "text":
        return Said(_incoming(tree, now), xmltext.text(tree, "ToUserName"))
    if kind == "event" and event == "subscribe":
        return Said(_incoming(tree, now), xmltext.text(tree, "ToUserName"), followed=True)
    if kind == "event" and event == "TEMPLATESENDJOBFINISH":
        status = " ".join(xmltext.text(tree, "Status").replace(":", ": ").split())
        return Delivered(_event_id(tree), xmltext.text(tree, "MsgID"), status)
    return None


def _incoming(tree: Mapping[str, Any], now: datetime) -> Incoming:
    openid = xmltext.text(tree, "FromUserName")  # case counts here
    if not openid:
        raise BadEnvelope("nobody sent it")
    return Incoming(
        channel="wechat_oa",
        message_id=xmltext.text(tree, "MsgId") or _event_id(tree),
        sender=openid,
        chat=openid,
        is_group=False,
        at=_moment(tree, now),
        text=printable(xmltext.text(tree, "Content")),
    )


def _event_id(tree: Mapping[str, Any]) -> str:
    parts = (xmltext.text(tree, name) for name in ("FromUserName", "CreateTime", "Event", "MsgID", "Status"))
    return "e" + hashlib.blake2b("\n".join(parts).encode(), digest_size=16).hexdigest()


def _moment(tree: Mapping[str, Any], now: datetime) -> datetime:
    text = xmltext.text(tree, "CreateTime")
    return datetime.fromtimestamp(int(text), UTC) if text.isdecimal() and len(text) <= 11 else now
