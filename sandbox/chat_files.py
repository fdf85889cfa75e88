"""Files that people send to the bot: at an address that holds for five minutes, encrypted (wecom.md 5.3, 5.8)."""

import base64
import os
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from flask import Blueprint, Response

from sandbox.chat_bot import Bot, Heard
from sandbox.chat_crypto import BLOCK
from sandbox.chat_press import NotPossible
from sandbox.chat_store import Message
from sandbox.chat_wire import Outcome
from sandbox.faults import Kind, drop_connection

LIFE = timedelta(minutes=5)
MOST_BYTES = 100 << 20
PICTURES = (".jpg", ".jpeg", ".png")
FETCH = "aibot.file"


@dataclass(frozen=True)
class Sent:
    name: str
    sealed: bytes
    at: datetime


class SentFiles:
    """What people sent, by the secret part of its address."""

    def __init__(self, bot: Bot) -> None:
        self.bot = bot
        self._sent: dict[str, Sent] = {}
        bot.chat.state.on_reset.append(self._sent.clear)

    def send(self, who: str, chat: str, name: str, content: bytes) -> Outcome:
        """Into a chat of one's own; in groups the platform shows files to people only."""
        if not 0 < len(content) <= MOST_BYTES:
            raise NotPossible("文件是空的，或超过 100 MB")
        kind = "image" if name.lower().endswith(PICTURES) else "file"
        message = self._shown(who, chat, name, content)
        if chat == self.bot.store.group:
            return Outcome(True, "not_mentioned", why="群里的文件机器人看不到")
        body = self.bot.head(who, chat) | {"msgtype": kind, kind: self._address(name, content)}
        return self.bot.tell(Heard(who, chat, self.bot.clock.now(), body, message))

    def say_beside(self, who: str, chat: str, text: str, content: bytes) -> Outcome:
        """Words and a photograph in one message; in a group only where it mentions the bot."""
        message = self._shown(who, chat, "photo.jpg", content)
        if chat == self.bot.store.group and f"@{self.bot.settings.name}" not in text:
            return Outcome(True, "not_mentioned", why="没有 @ 机器人，它看不到这句话")
        parts = [
            {"msgtype": "text", "text": {"content": text}},
            {"msgtype": "image", "image": self._address("photo.jpg", content)},
        ]
        body = self.bot.head(who, chat) | {"msgtype": "mixed", "mixed": {"msg_item": parts}}
        return self.bot.tell(Heard(who, chat, self.bot.clock.now(), body, message))

    def _shown(self, who: str, chat: str, name: str, content: bytes) -> Message:
        picture = name.lower().endswith(PICTURES)
        kind, mimetype = ("image", "image/jpeg") if picture else ("file", "application/octet-stream")
        kept = self.bot.store.keep(name, kind, content, mimetype)
        shown = {"media_id": kept.media_id, "name": name, "size": len(content)}
        return self.bot.store.add(chat, who, kind, shown)

    def _address(self, name: str, content: bytes) -> dict[str, object]:
        """Over the long connection each file has a key of its own; a callback's is the EncodingAESKey."""
        own = self.bot.settings.mode == "stream"
        secret = os.urandom(32) if own else base64.b64decode(self.bot.settings.aes_key + "=")
        code = secrets.token_urlsafe(24)
        self._sent[code] = Sent(name, sealed(content, secret), self.bot.clock.now())
        file: dict[str, object] = {"url": self.bot.chat.public(f"/aibot/files/{code}")}
        if own:
            file["aeskey"] = base64.b64encode(secret).decode()
        return file

    def pages(self) -> Blueprint:
        pages = Blueprint("aibot_files", __name__)

        @pages.get("/aibot/files/<code>")
        def fetch(code: str) -> Response:
            fault = self.bot.chat.state.faults.take("aibot", FETCH)
            if fault is not None:
                return drop_connection() if fault.kind is Kind.CUT_CONNECTION else Response(status=500)
            sent = self._sent.get(code)
            if sent is None or self.bot.clock.now() - sent.at > LIFE:
                return Response(status=403)
            named = f"attachment; filename*=UTF-8''{quote(sent.name)}"
            return Response(sent.sealed, mimetype="application/octet-stream", headers={"Content-Disposition": named})

        return pages


def sealed(content: bytes, secret: bytes) -> bytes:
    pad = BLOCK - len(content) % BLOCK
    closer = Cipher(algorithms.AES(secret), modes.CBC(secret[:16])).encryptor()
    return closer.update(content + bytes([pad]) * pad) + closer.finalize()
