"""The service account's decrypted XML: a customer's words or scan, what became of a message, what they allow."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from bot import xmltext
from bot.channels import held
from bot.crypto import BadEnvelope
from bot.phrases import printable
from handlers.incoming import Attached, Incoming

_QR: Final = "qrscene_"
_MANY: Final = 20  # notices in one event


@dataclass(frozen=True, slots=True)
class Delivered:
    """The end of messages, each with its msgid: `success`, `failed: user block`, `failed: system failed` …"""

    message_id: str
    ends: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Said:
    """`account` signs the reply. `followed`: the customer has just followed and said nothing yet; `scene`: what the
    code that they scanned carries."""

    incoming: Incoming
    account: str
    followed: bool = False
    scene: str = ""

    @property
    def message_id(self) -> str:
        return self.incoming.message_id


@dataclass(frozen=True, slots=True)
class Left:
    """A customer follows no more."""

    message_id: str
    openid: str


@dataclass(frozen=True, slots=True)
class Allowed:
    """Notices that a customer allows once more, or (False) does not want any longer, by template."""

    message_id: str
    openid: str
    templates: tuple[tuple[str, bool], ...]


Heard = Said | Delivered | Left | Allowed


def heard(message: bytes, now: datetime) -> Heard | None:
    """None for what needs no answer. Raises BadEnvelope."""
    tree = xmltext.parse(message)
    kind, event = xmltext.text(tree, "MsgType"), xmltext.text(tree, "Event")
    if kind == "text":
        return Said(_incoming(tree, now), xmltext.text(tree, "ToUserName"))
    if kind == "image" and (media_id := xmltext.text(tree, "MediaId")):
        shown = replace(_incoming(tree, now), text="", pictures=(Attached(held.WEIXIN + media_id, ""),))
        return Said(shown, xmltext.text(tree, "ToUserName"))
    return _event(tree, event, now) if kind == "event" else None


def _event(tree: Mapping[str, Any], event: str, now: datetime) -> Heard | None:
    if event == "subscribe":
        scene = xmltext.text(tree, "EventKey").removeprefix(_QR)
        return Said(_incoming(tree, now), xmltext.text(tree, "ToUserName"), followed=True, scene=scene)
    if event == "SCAN":
        scene = xmltext.text(tree, "EventKey")
        return Said(_incoming(tree, now), xmltext.text(tree, "ToUserName"), scene=scene) if scene else None
    if event == "unsubscribe":
        return Left(_event_id(tree), _openid(tree))
    if event == "TEMPLATESENDJOBFINISH":
        status = " ".join(xmltext.text(tree, "Status").replace(":", ": ").split())
        return Delivered(_event_id(tree), ((xmltext.text(tree, "MsgID"), status),))
    return _of_notices(tree, event)


def _of_notices(tree: Mapping[str, Any], event: str) -> Heard | None:
    if event == "subscribe_msg_sent_event":
        return Delivered(_event_id(tree), tuple(_end(one) for one in _listed(tree, "SubscribeMsgSentEvent")))
    if event == "subscribe_msg_popup_event":
        taps = [(xmltext.text(one, "TemplateId"), _accepts(one)) for one in _listed(tree, "SubscribeMsgPopupEvent")]
        # A popup that was refused takes nothing away that was allowed before.
        return Allowed(_event_id(tree), _openid(tree), tuple(tap for tap in taps if tap[1]))
    if event == "subscribe_msg_change_event":
        taps = [(xmltext.text(one, "TemplateId"), _accepts(one)) for one in _listed(tree, "SubscribeMsgChangeEvent")]
        return Allowed(_event_id(tree), _openid(tree), tuple(tap for tap in taps if not tap[1]))
    return None


def _listed(tree: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """One entry, several or none: the platform's XML does not tell one from many."""
    held = tree.get(name)
    found = xmltext.as_list(held.get("List") if isinstance(held, dict) else None)
    return [one for one in found[:_MANY] if isinstance(one, dict)]


def _accepts(one: Mapping[str, Any]) -> bool:
    return xmltext.text(one, "SubscribeStatusString") == "accept"


def _end(one: Mapping[str, Any]) -> tuple[str, str]:
    code = xmltext.text(one, "ErrorCode")
    why = xmltext.text(one, "ErrorStatus")
    return xmltext.text(one, "MsgID"), "success" if code == "0" else f"failed: {why or code}"


def _incoming(tree: Mapping[str, Any], now: datetime) -> Incoming:
    openid = _openid(tree)
    return Incoming(
        channel="wechat_oa",
        message_id=xmltext.text(tree, "MsgId") or _event_id(tree),
        sender=openid,
        chat=openid,
        is_group=False,
        at=_moment(tree, now),
        text=printable(xmltext.text(tree, "Content")),
    )


def _openid(tree: Mapping[str, Any]) -> str:
    openid = xmltext.text(tree, "FromUserName")  # case counts here
    if not openid:
        raise BadEnvelope("nobody sent it")
    return openid


def _event_id(tree: Mapping[str, Any]) -> str:
    """Events have no id: all that tells two apart is taken."""
    parts = [
        xmltext.text(tree, name) for name in ("FromUserName", "CreateTime", "Event", "EventKey", "MsgID", "Status")
    ]
    parts += [repr(tree[name]) for name in sorted(tree) if name.startswith("SubscribeMsg")]
    return "e" + hashlib.blake2b("\n".join(parts).encode(), digest_size=16).hexdigest()


def _moment(tree: Mapping[str, Any], now: datetime) -> datetime:
    text = xmltext.text(tree, "CreateTime")
    return datetime.fromtimestamp(int(text), UTC) if text.isdecimal() and len(text) <= 11 else now
