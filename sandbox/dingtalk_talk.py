"""What people say to the robot, and the way of it to the hub: a Stream frame or a call (dingtalk.md 1.2-1.5)."""

from __future__ import annotations

import re
import secrets
import time
from dataclasses import dataclass
from typing import Any

from sandbox.chat_store import File, Message
from sandbox.chat_wire import Outcome
from sandbox.dingtalk_core import Core, Json
from sandbox.dingtalk_gateway import Gateway
from sandbox.dingtalk_http import HttpMode
from sandbox.dingtalk_link import BOT, CALLBACK

SINGLE, GROUP = "1", "2"
SESSION_MINUTES = 90
CODE_SECONDS = 3600.0  # of a download code; the pages name no figure
USED_UP = 20001


@dataclass(frozen=True)
class Session:
    """A sessionWebhook: the reply address of one conversation."""

    chat: str
    ends: float


@dataclass(frozen=True)
class Download:
    file: File
    ends: float


class Talk:
    def __init__(self, core: Core, gateway: Gateway, http: HttpMode) -> None:
        self._core = core
        self._gateway = gateway
        self._http = http
        self.sessions: dict[str, Session] = {}
        self.downloads: dict[str, Download] = {}
        core.chat.state.on_reset.append(self.expire)

    def expire(self) -> None:
        """End every reply address and download code."""
        self.sessions.clear()
        self.downloads.clear()

    # what people do

    def say(self, who: str, chat: str, text: str, *, quote: Message | None = None) -> Outcome:
        core = self._core
        message = core.store.add(chat, who, "text", {"content": text}, quote=quote.id if quote else "")
        mention = f"@{core.settings.name}"
        if chat == core.store.ding_group and mention not in text:
            return Outcome(True, "not_mentioned", why="没有 @ 机器人，它看不到这句话")
        content = text.replace(mention, "", 1) if chat == core.store.ding_group else text
        told: Json = {"content": content if not content.startswith(" ") else " " + content.strip()}
        told |= self._reply_to(quote) if quote else {}
        more: Json = {"originalMsgId": self._message_id(quote)} if quote else {}
        return self._tell(message, "text", {"text": told} | more, text)

    def send_file(self, who: str, chat: str, name: str, content: bytes) -> Outcome:
        """A picture or a file; in groups the robot is shown none that does not mention it."""
        core = self._core
        picture = name.lower().endswith((".png", ".jpg", ".jpeg", ".gif", ".bmp"))
        kind = "image" if picture else "file"
        kept = core.store.keep(name, kind, content, "image/*" if picture else "application/octet-stream")
        shown = {"media_id": kept.media_id, "name": name, "size": len(content)}
        message = core.store.add(chat, who, kind, shown)
        if chat == core.store.ding_group:
            return Outcome(True, "not_mentioned", why="群里的文件机器人看不到")
        part: Json = {"downloadCode": self.download_code(kept)}
        if not picture:
            part |= {"fileName": name, "spaceId": secrets.token_hex(5), "fileId": secrets.token_hex(6)}
        return self._tell(message, "picture" if picture else "file", {"content": part})

    def say_aloud(self, who: str, text: str, seconds: float = 3.0) -> Outcome:
        """A voice message, 1:1 alone; the platform writes down what it heard."""
        core = self._core
        kept = core.store.keep("voice.amr", "voice", b"#!AMR\n" + text.encode(), "audio/amr")
        chat = f"ding:{who}"
        shown = {"media_id": kept.media_id, "name": kept.name, "size": len(kept.content), "content": text}
        part = {"downloadCode": self.download_code(kept), "duration": int(seconds * 1000), "recognition": text}
        return self._tell(core.store.add(chat, who, "voice", shown), "audio", {"content": part})

    def download_code(self, file: File) -> str:
        code = secrets.token_urlsafe(48)
        self.downloads[code] = Download(file, self._core.clock.epoch() + CODE_SECONDS)
        return code

    def session_chat(self, session: str) -> str | None:
        found = self.sessions.get(session)
        return found.chat if found and found.ends > self._core.clock.epoch() else None

    # the message

    def _tell(self, message: Message, msgtype: str, part: Json, text: str = "") -> Outcome:
        head = self._head(message.sender, message.chat, text)
        body = head | {"msgtype": msgtype, "msgId": self._message_id(message)} | part
        if not self._core.quota.unit("robot message"):
            # A month's quota that is used up shows in the message itself: it has no content.
            for name in ("text", "content"):
                body.pop(name, None)
            body |= {"errorCode": USED_UP, "errorMessage": "企业当月的 Webhook&Stream 调用量已用完"}
        return self._core.chat.ding_line.carry(lambda: self._carry(message, body))

    def _carry(self, message: Message, body: Json) -> Outcome:
        started = time.monotonic()
        if self._core.settings.mode == "http":
            outcome = self._http.message(message.chat, body)
        else:
            outcome = self._stream(message, body)
        outcome.ms = round((time.monotonic() - started) * 1000)
        return outcome

    def _stream(self, message: Message, body: Json) -> Outcome:
        """The acknowledgement says that it arrived, and carries no answer."""
        switches = self._core.switches
        pushed = self._gateway.bring(BOT, body)
        if isinstance(pushed, Outcome):
            if pushed.kind == "offline":
                self._core.store.add(message.chat, "system", "system", {"content": "机器人不在线，没有收到这条消息"})
            return pushed
        self._gateway.push_again(pushed)
        if switches.take("duplicate_callbacks"):
            self._gateway.push(CALLBACK, BOT, body)
        pushed.answered.wait(switches.deadline_seconds)
        if pushed.ok:
            return Outcome(True, "ack")
        return Outcome(False, "none", why=f"code {pushed.code}" if pushed.code else "timeout")

    def _head(self, who: str, chat: str, text: str) -> Json:
        core, settings = self._core, self._core.settings
        in_group = chat == core.store.ding_group
        staff = core.staff_id(who)
        head: Json = {
            "conversationId": core.conversation_of(chat),
            "conversationType": GROUP if in_group else SINGLE,
            "chatbotCorpId": settings.corpid,
            "chatbotUserId": core.robot_sealed_id,
            "robotCode": settings.app_key,
            "senderId": core.sealed_id(staff),
            "senderNick": core.store.person_name(who),
            "senderCorpId": settings.corpid,
            "senderPlatform": "Android",
            "createAt": core.milliseconds(),
            "openThreadId": core.conversation_of(chat),
        }
        if not core.switches.unpublished:
            head |= {"senderStaffId": staff, "isAdmin": core.store.people[who.lower()].role == "主管"}
        if in_group:
            head |= {"conversationTitle": settings.group_name, "isInAtList": True, "atUsers": self._at_users(text)}
        return head | self._session(chat)

    def _at_users(self, text: str) -> list[Json]:
        core = self._core
        people = [one for one in core.store.company.people if re.search(rf"@{re.escape(one.name)}(?!\w)", text)]
        found = [{"dingtalkId": core.sealed_id(one.dingtalk), "staffId": one.dingtalk} for one in people]
        return [{"dingtalkId": core.robot_sealed_id}, *found]

    def _session(self, chat: str) -> Json:
        core = self._core
        session = secrets.token_hex(16)
        ends = core.clock.epoch() + SESSION_MINUTES * 60
        self.sessions[session] = Session(chat, ends)
        url = core.chat.public(f"/dingtalk/oapi/robot/sendBySession?session={session}")
        return {"sessionWebhook": url, "sessionWebhookExpiredTime": int(ends * 1000)}

    def _message_id(self, message: Message) -> str:
        """One id for a message, in every frame that tells of it."""
        return f"msg{self._core.born}{message.id}=="

    def _reply_to(self, quote: Message) -> Json:
        """What devices show of a reply [field]: the quoted text, of a card the texts that stand on it."""
        core = self._core
        told: Json
        if quote.kind == "ding_card":
            told = {"cardContent": {"elementType": "ROOT", "children": _elements(quote.body)}}
            kind = "interactiveCard"
        else:
            told, kind = {"content": str(quote.body.get("content") or quote.body.get("title", ""))}, "text"
        sender = core.store.people.get(quote.sender.lower())
        replied = {
            "msgId": self._message_id(quote),
            "msgType": kind,
            "createdAt": int(quote.at.timestamp() * 1000),
            "senderId": core.sealed_id(sender.dingtalk) if sender else core.robot_sealed_id,
            "content": told,
        }
        return {"isReplyMsg": True, "repliedMsg": replied}


def _elements(body: Json) -> list[Json]:
    texts: list[Any] = [body.get(name) for name in ("title", "subtitle", "quote", "markdown", "body", "code")]
    texts += [f"{one['label']} {one['value']}" for one in body.get("fields", [])]
    return [{"elementType": "TEXT", "value": text, "children": []} for text in texts if text]
