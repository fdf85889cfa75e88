"""The app's decrypted XML as an Incoming."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from bot import xmltext
from bot.channels import held
from bot.crypto import BadEnvelope
from bot.heard import Heard
from bot.payload import BadPayload, Payload
from bot.phrases import printable
from handlers.incoming import Attached, Incoming, Press
from models.beijing import BEIJING

_GREETING: Final = "帮助"  # what is said to whoever opens the chat is what they would hear for this
_CARD_EVENTS: Final = {"template_card_event", "template_card_menu_event"}
_SCANS: Final = {"scancode_push", "scancode_waitmsg"}  # of a menu that somebody made in the console
_MENTION: Final = re.compile(r"^@\S+(\s+|$)")  # a line copied from the group
_TYPE: Final = "请把订单号或要办的事用文字发给我。"
_UNREAD: Final = {
    "image": f"图片里的字我看不懂，{_TYPE}",
    "voice": "语音我听不了，请用输入法的语音输入转成文字，或直接打字发给我。",
    "video": f"视频我看不懂，{_TYPE}",
    "location": f"位置我看不懂，{_TYPE}",
    "link": f"链接我打不开，{_TYPE}",
}
UNKNOWN: Final = f"这种消息我看不懂，{_TYPE}"
_EVENT_PARTS: Final = ("FromUserName", "CreateTime", "Event", "EventKey", "TaskId", "ResponseCode")


def heard(message: bytes, keys: Sequence[bytes]) -> Heard | None:
    """None for what needs no answer. `keys`: by which buttons may be signed. Raises BadEnvelope."""
    tree = xmltext.parse(message)
    kind = xmltext.text(tree, "MsgType")
    if kind == "text":
        found: Heard | None = Heard(_message(tree, _MENTION.sub("", xmltext.text(tree, "Content"))))
    elif kind == "event":
        found = _happened(tree, xmltext.text(tree, "Event"), keys)
    elif kind == "image" and (media_id := xmltext.text(tree, "MediaId")):
        found = Heard(replace(_message(tree, ""), pictures=(Attached(held.WECOM + media_id, ""),)))
    else:
        found = Heard(_message(tree, ""), plain=_UNREAD.get(kind, UNKNOWN)) if kind else None
    return replace(found, told=xmltext.text(tree, "FromUserName")) if found is not None else None


def _happened(tree: Mapping[str, Any], event: str, keys: Sequence[bytes]) -> Heard | None:
    if event == "enter_agent":
        return Heard(_entered(tree), welcome=True)
    if event == "click":  # a menu entry whose key is a command
        return Heard(_message(tree, xmltext.text(tree, "EventKey")))
    if event in _SCANS:
        return Heard(_message(tree, _scanned(tree)))
    if event in _CARD_EVENTS:
        return _pressed(tree, keys)
    return None


def _pressed(tree: Mapping[str, Any], keys: Sequence[bytes]) -> Heard:
    try:
        press = Payload.unpack(xmltext.text(tree, "EventKey"), *keys).press(_selected(tree))
    except BadPayload:
        press = None
    task_id, code = xmltext.text(tree, "TaskId"), xmltext.text(tree, "ResponseCode")
    return Heard(_message(tree, "", press), task_id, code, expired=press is None)


def _message(tree: Mapping[str, Any], text: str, press: Press | None = None) -> Incoming:
    sender = xmltext.text(tree, "FromUserName").lower()
    if not sender:
        raise BadEnvelope("nobody sent it")
    return Incoming(
        channel="wecom_app",
        message_id=xmltext.text(tree, "MsgId") or _event_id(tree),
        sender=sender,
        chat=sender,
        is_group=False,
        at=_moment(tree),
        text=printable(text),
        press=press,
    )


def _entered(tree: Mapping[str, Any]) -> Incoming:
    """Somebody opened the chat. It fires at every entry; the same id all day makes it one, and one greeting."""
    incoming = _message(tree, _GREETING)
    day = incoming.at.astimezone(BEIJING).date()
    return replace(incoming, message_id=f"enter:{incoming.sender}:{day}")


def _scanned(tree: Mapping[str, Any]) -> str:
    """What stands on a slip; before a bar code's stands its kind and a comma."""
    told = tree.get("ScanCodeInfo")
    return xmltext.text(told, "ScanResult").rpartition(",")[2] if isinstance(told, dict) else ""


def _event_id(tree: Mapping[str, Any]) -> str:
    """Events have no id; two may fall into one second, so all that tells them apart is taken."""
    parts = "\n".join(xmltext.text(tree, name) for name in _EVENT_PARTS)
    return "e" + hashlib.blake2b(parts.encode(), digest_size=16).hexdigest()


def _moment(tree: Mapping[str, Any]) -> datetime:
    try:
        return datetime.fromtimestamp(int(xmltext.text(tree, "CreateTime")), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise BadEnvelope("no CreateTime") from error


def _selected(tree: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    items = tree.get("SelectedItems")
    found = {}
    for item in xmltext.as_list(items.get("SelectedItem") if isinstance(items, dict) else None):
        if isinstance(item, dict):
            options = item.get("OptionIds")
            ids = xmltext.as_list(options.get("OptionId") if isinstance(options, dict) else None)
            found[xmltext.text(item, "QuestionKey")] = tuple(str(one) for one in ids)
    return found
