"""The bot's JSON, from a URL callback or a frame of the long connection, as an Incoming."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from bot.channels.wecom_app.parse import UNKNOWN
from bot.crypto import BadEnvelope
from bot.heard import Heard
from bot.payload import BadPayload, Payload
from bot.phrases import printable
from bot.xmltext import as_list
from config_chat import WecomBot
from handlers.incoming import Attached, Incoming, Press

Tree = Mapping[str, Any]
_PICTURE: Final = "图片里的字我看不懂，请把订单号或要办的事用文字发给我；表格请作为文件发来。"
_UNREAD: Final = {
    "image": _PICTURE,
    "mixed": _PICTURE,
    "video": "视频我看不懂，请把订单号或要办的事用文字发给我。",
    "voice": "没有听清，请再说一遍，或用文字发给我。",
    "file": "没有收到文件，请重新发一次。",
}
_KNOWN: Final = {"text", "stream", "event"}
_HALF_LETTERS: Final = re.compile("[\ud800-\udfff]")  # of an emoji that a client cut through: no text can hold them


@dataclass(frozen=True, slots=True)
class Refresh:
    """The platform asks for the rest of an answer that was not finished."""

    stream_id: str
    sender: str


def tree_of(message: bytes | str) -> dict[str, Any]:
    """Raises BadEnvelope for what is no JSON object."""
    try:
        found = json.loads(message)
    except (ValueError, RecursionError) as error:
        raise BadEnvelope("no JSON") from error
    if not isinstance(found, dict):
        raise BadEnvelope("no JSON object")
    return found


def event_type(body: Tree) -> str:
    """ "" for a message."""
    return _text(_child(body, "event"), "eventtype") if body.get("msgtype") == "event" else ""


def refresh(body: Tree) -> Refresh | None:
    """None for anything else."""
    if body.get("msgtype") != "stream":
        return None
    return Refresh(_text(_child(body, "stream"), "id"), _text(_child(body, "from"), "userid").lower())


@dataclass(frozen=True, slots=True)
class Feedback:
    """Somebody said that an answer was of use, or not; `kind`: the platform's 1 good, 2 bad, 3 withdrawn. `about`: what
    the answer was given with (render.begun)."""

    message_id: str
    kind: int
    about: str = ""


def feedback(body: Tree) -> Feedback | None:
    """None for anything else. Raises BadEnvelope for one that nobody could tell from its repeat."""
    if event_type(body) != "feedback_event":
        return None
    told, message_id = _child(_child(body, "event"), "feedback_event"), _text(body, "msgid")
    kind = told.get("type")
    if not message_id or not isinstance(kind, int):
        raise BadEnvelope("no feedback")
    return Feedback(message_id, kind, _text(told, "id").partition(".")[2])


def heard(body: Tree, settings: WecomBot, keys: Sequence[bytes], now: datetime) -> Heard | None:
    """None for what needs no answer. `keys`: by which buttons may be signed. Raises BadEnvelope."""
    found = _heard(body, settings, keys, now)
    if found is None:
        return None
    speaker = _child(body, "from")
    told = _text(speaker, "told") or _text(speaker, "userid")
    return replace(found, told=told, reply_address=_text(body, "response_url"))


def _heard(body: Tree, settings: WecomBot, keys: Sequence[bytes], now: datetime) -> Heard | None:
    event = event_type(body)
    if event == "template_card_event":
        return _press(body, keys, now)
    if event == "enter_chat":
        return Heard(_incoming(body, now, text="帮助"), welcome=True)
    if (attached := _attached(body, settings)) is not None:
        return Heard(_incoming(body, now, attached=attached))
    if event:
        return None
    said, pictures = _said(body), _pictures(body, settings)
    if pictures and not said:
        return Heard(_incoming(body, now, pictures=pictures))
    if not said:
        kind = _text(body, "msgtype")
        words = _UNREAD.get(kind, UNKNOWN if kind and kind not in _KNOWN else "")
        return Heard(_incoming(body, now), plain=words) if words else None
    text, quoted = _without_mention(said, settings.name), _said(_child(body, "quote"))
    return Heard(_incoming(body, now, text=text, quoted=quoted, pictures=pictures))


def _press(body: Tree, keys: Sequence[bytes], now: datetime) -> Heard:
    outer = _child(body, "event")
    event = outer.get("template_card_event")
    if not isinstance(event, dict):  # live events nest, the vendor's own types do not
        event = outer
    try:
        press = Payload.unpack(_text(event, "event_key"), *keys).press(_selected(event))
    except BadPayload:
        press = None
    return Heard(_incoming(body, now, press=press), task_id=_text(event, "task_id"), expired=press is None)


def _attached(body: Tree, settings: WecomBot) -> Attached | None:
    """A file comes with its address: over the long connection with a key of its own, else it is encrypted with the
    callback's (wecom.md 5.3). Its name comes with the file, where it comes at all."""
    file = _child(body, "file") if body.get("msgtype") == "file" else {}
    address = _text(file, "url")
    if not address:
        return None
    return Attached(address, _text(file, "aeskey") or settings.aes_key, printable(_text(file, "filename")).strip())


def _pictures(body: Tree, settings: WecomBot) -> tuple[Attached, ...]:
    """Those of the message, and those that it quotes; they come as files do."""
    quote = _child(body, "quote")
    images = [image for message in (body, quote) for image in _images(message)]
    found = ((_text(image, "url"), _text(image, "aeskey") or settings.aes_key) for image in images)
    return tuple(Attached(address, key) for address, key in found if address)


def _images(message: Tree) -> list[Tree]:
    kind = _text(message, "msgtype")
    parts = as_list(_child(message, "mixed").get("msg_item")) if kind == "mixed" else [message]
    return [_child(part, "image") for part in parts if isinstance(part, dict) and part.get("msgtype") == "image"]


def _incoming(  # what each kind of message has, each by its name
    body: Tree, now: datetime, *, text: str = "", quoted: str = "", press: Press | None = None,
    attached: Attached | None = None, pictures: tuple[Attached, ...] = (),
) -> Incoming:  # fmt: skip
    sender = _text(_child(body, "from"), "userid").lower()
    message_id = _text(body, "msgid")
    if not sender or not message_id:
        raise BadEnvelope("no sender or no msgid")
    is_group = body.get("chattype") == "group"
    return Incoming(
        channel="wecom_bot",
        message_id=message_id,
        sender=sender,
        chat=_text(body, "chatid") if is_group else sender,
        is_group=is_group,
        at=_moment(body, now),
        text=text,
        press=press,
        quoted=quoted,
        file=attached,
        pictures=pictures,
    )


def _said(body: Tree) -> str:
    """The words of a text, a transcribed voice, or the text parts of a mixed message."""
    kind = _text(body, "msgtype")
    if kind == "mixed":
        parts = as_list(_child(body, "mixed").get("msg_item"))
        return printable(" ".join(said for part in parts if isinstance(part, dict) and (said := _said(part))))
    return printable(_text(_child(body, kind), "content")).strip() if kind in {"text", "voice"} else ""


def _without_mention(said: str, name: str) -> str:
    return said.replace(f"@{name}", " ").replace("\u2005", " ").strip()  # clients put that space after a mention


def _selected(event: Tree) -> dict[str, tuple[str, ...]]:
    found = {}
    for item in as_list(_child(event, "selected_items").get("selected_item")):
        if isinstance(item, dict):
            ids = as_list(_child(item, "option_ids").get("option_id"))
            found[_text(item, "question_key")] = tuple(str(one) for one in ids)
    return found


def _moment(body: Tree, now: datetime) -> datetime:
    seconds = body.get("create_time")
    if isinstance(seconds, int) and 0 < seconds < 1 << 34:
        return datetime.fromtimestamp(seconds, UTC)
    return now


def _child(body: Tree, name: str) -> Tree:
    found = body.get(name)
    return found if isinstance(found, dict) else {}


def _text(body: Tree, name: str) -> str:
    found = body.get(name)
    return _HALF_LETTERS.sub("", found) if isinstance(found, str) else ""
