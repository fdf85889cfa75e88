"""Callbacks as WeCom sends them: signed, encrypted, each with an id and a nonce of its own."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from config import Settings
from sandbox.chat_crypto import Crypto

PEOPLE: Final = ("xiaoli", "laowang", "zhaojie", "chenjie")


@dataclass(frozen=True)
class Envelope:
    path: str
    query: dict[str, str]
    body: bytes

    def http(self) -> bytes:
        """As a reverse proxy passes it on: a connection for each request."""
        return (
            f"POST {self.path}?{urlencode(self.query)} HTTP/1.1\r\nHost: hub\r\nConnection: close\r\n"
            f"Content-Type: application/octet-stream\r\nContent-Length: {len(self.body)}\r\n\r\n"
        ).encode() + self.body


Maker = Callable[[Settings, str], Envelope]


def to_bot(settings: Settings, said: str) -> Envelope:
    """A message to the bot in the group: JSON."""
    assert settings.bot is not None
    message = {
        "msgid": secrets.token_hex(12), "aibotid": settings.bot.bot_id, "chatid": settings.bot.group,
        "chattype": "group", "from": {"userid": secrets.choice(PEOPLE)}, "msgtype": "text",
        "text": {"content": f"@{settings.bot.name} {said}"},
    }  # fmt: skip
    crypto = Crypto(settings.bot.token, settings.bot.aes_key, "")
    sealed = crypto.seal(json.dumps(message, ensure_ascii=False).encode(), int(time.time()))
    return Envelope("/wecom/bot", sealed.query, json.dumps({"encrypt": sealed.encrypt}).encode())


def to_app(settings: Settings, said: str) -> Envelope:
    """A message to the self-built app, 1:1: XML."""
    assert settings.wecom is not None
    corpid, number = settings.wecom.corpid, secrets.randbelow(1 << 60)
    message = (
        f"<xml><ToUserName><![CDATA[{corpid}]]></ToUserName><FromUserName><![CDATA[{secrets.choice(PEOPLE)}]]>"
        f"</FromUserName><CreateTime>{int(time.time())}</CreateTime><MsgType><![CDATA[text]]></MsgType>"
        f"<Content><![CDATA[{said}]]></Content><MsgId>{number}</MsgId>"
        f"<AgentID>{settings.wecom.agentid}</AgentID></xml>"
    )
    crypto = Crypto(settings.wecom.token, settings.wecom.aes_key, corpid)
    sealed = crypto.seal(message.encode(), int(time.time()))
    body = (
        f"<xml><ToUserName><![CDATA[{corpid}]]></ToUserName><Encrypt><![CDATA[{sealed.encrypt}]]></Encrypt>"
        f"<AgentID>{settings.wecom.agentid}</AgentID></xml>"
    )
    return Envelope("/wecom/app", sealed.query, body.encode())


def asking(make: Maker, settings: Settings, tags: Sequence[str], many: int) -> list[Envelope]:
    """`查` of one tag after the other."""
    return [make(settings, f"查 {tags[number % len(tags)]}") for number in range(many)]
