"""消息推送 of a group (wecom.md 6.2): whoever knows its key may write there; nothing comes back."""

import base64
import binascii
import hashlib
import hmac
from typing import Any

from sandbox.chat_app import App
from sandbox.chat_blocks import Surface
from sandbox.chat_cards import NOTICES, check
from sandbox.chat_content import content_of
from sandbox.chat_errors import Refused, invalid
from sandbox.chat_limits import Limiter
from sandbox.chat_store import File

Body = dict[str, Any]
BYTES = {"text": 2048, "markdown": 4096, "markdown_v2": 4096}
PICTURE_BYTES = 2 << 20
PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")
STATES = {"": 0, "removed": 93000, "disabled": 93004, "outside": 93008}
UPLOADS = {"file": 20 << 20, "voice": 2 << 20}


class Hook:
    """`state`: "" works; removed from the group, disabled by an administrator, or outside (not in the group)."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.store = app.store
        self.key = app.chat.state.company.wecom_hook.key
        self.state = ""
        self._limiter = Limiter(app.clock, windows=((60.0, 20),))
        self._own: set[str] = set()  # the media ids of its own uploads
        app.chat.state.on_reset.append(self.forget)

    def forget(self) -> None:
        self.state = ""
        self._limiter.forget()
        self._own.clear()

    def check(self, key: str) -> None:
        if not hmac.compare_digest(key.encode(), self.key.encode()):
            raise Refused(93000, "invalid webhook url")
        if code := STATES[self.state]:
            raise Refused(code, f"robot is {self.state}")

    def send(self, key: str, payload: Body) -> Body:
        self.check(key)
        kind = str(payload.get("msgtype"))
        readers = {
            "text": self._words,
            "markdown": self._words,
            "markdown_v2": self._words,
            "image": self._image,
            "news": self._news,
            "file": self._file,
            "voice": self._file,
            "template_card": self._card,
        }
        part = payload.get(kind)
        if kind not in readers:
            raise Refused(40008, f"invalid message type: {kind!r}")
        if not isinstance(part, dict):
            raise invalid(kind, "is missing")
        body = readers[kind](kind, part)
        if not self._limiter.take("hook"):
            raise Refused(45009, "api freq out of limit")
        self.store.add(self.store.group, "hook", kind, body)
        return {"errcode": 0, "errmsg": "ok"}

    def keep(self, kind: str, name: str, content: bytes) -> File:
        if kind not in UPLOADS:
            raise Refused(40004, "invalid media type")
        if len(content) > UPLOADS[kind]:
            raise Refused(45001, "media size out of limit")
        kept = self.store.keep(name, kind, content, "application/octet-stream")
        self._own.add(kept.media_id)
        return kept

    def _words(self, kind: str, part: Body) -> Body:
        content = part.get("content")
        if not isinstance(content, str) or not content.strip():
            raise Refused(44004, "empty content")
        if len(content.encode()) > BYTES[kind]:
            raise invalid(f"{kind}.content", f"exceed max length {BYTES[kind]}")
        called = {name: part[name] for name in ("mentioned_list", "mentioned_mobile_list") if name in part}
        for name, value in called.items():
            if kind != "text":
                raise invalid(name, "is known to text alone")
            if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
                raise invalid(name, "must be an array of strings")
        return {"content": content} | called

    def _image(self, _: str, part: Body) -> Body:
        try:
            content = base64.b64decode(str(part.get("base64", "")), validate=True)
        except (binascii.Error, ValueError):
            raise invalid("image.base64") from None
        if not content or len(content) > PICTURE_BYTES:
            raise Refused(40009, "invalid image size")
        if not content.startswith(PICTURES):
            raise Refused(40005, "invalid file type")
        if hashlib.md5(content, usedforsecurity=False).hexdigest() != part.get("md5"):
            raise invalid("image.md5", "does not match")
        kept = self.store.keep("image", "image", content, "image/png")
        return {"media_id": kept.media_id, "name": kept.name, "size": len(content)}

    def _news(self, _: str, part: Body) -> Body:
        return content_of({"msgtype": "news", "news": part}, self.store, Surface())

    def _file(self, kind: str, part: Body) -> Body:
        if part.get("media_id") not in self._own:
            raise Refused(40007, "invalid media_id: not of this webhook's upload")
        return content_of({"msgtype": kind, kind: part}, self.store, Surface())

    def _card(self, _: str, part: Body) -> Body:
        if part.get("card_type") not in NOTICES:
            raise invalid("template_card.card_type", "only text_notice and news_notice")
        for stray in ("task_id", "action_menu"):
            if stray in part:
                raise invalid(f"template_card.{stray}", "is not known here")
        for entry in part.get("horizontal_content_list") or []:
            if isinstance(entry, dict) and entry.get("type") == 2 and entry.get("media_id") not in self._own:
                raise Refused(40007, "invalid media_id: not of this webhook's upload")
        return check(part, Surface())
