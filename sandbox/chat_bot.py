"""The smart bot 智能机器人 itself, whichever way the hub is connected (wecom.md section 5)."""

import secrets
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from sandbox.chat_blocks import Surface
from sandbox.chat_cards import check, stray_blocks
from sandbox.chat_content import READERS
from sandbox.chat_core import Chat
from sandbox.chat_errors import Refused
from sandbox.chat_limits import Limiter
from sandbox.chat_press import Press, remember
from sandbox.chat_store import Message
from sandbox.chat_wire import Outcome

STREAM_BYTES = 20480
STREAM_LIFE = timedelta(minutes=6)
SINGLE, GROUP = 1, 2
Frame = dict[str, Any]


@dataclass(frozen=True)
class Heard:
    """One message or event on its way to the hub."""

    who: str
    chat: str
    at: datetime
    body: Frame
    message: Message | None = None
    press: Press | None = None


class Line(Protocol):
    """The way to the hub: a long connection or a callback URL."""

    def online(self) -> bool | None: ...

    def carry(self, heard: Heard) -> Outcome: ...


class Bot:
    def __init__(self, chat: Chat) -> None:
        self.chat = chat
        self.store = chat.store
        self.settings = chat.state.company.bot
        self.group = chat.state.company.group
        self.clock = chat.state.clock
        self.limiter = Limiter(self.clock)
        self.line: Line | None = None
        self.protocol_errors: list[str] = []
        self.remarks: list[str] = []
        self._talked: set[str] = set()
        self._entered: set[tuple[str, str]] = set()
        self._task_ids: dict[str, str] = {}  # task_id -> the message that holds it
        self._lock = threading.RLock()
        chat.state.on_reset.append(self.forget)

    def forget(self) -> None:
        with self._lock:
            self.limiter.forget()
            self._talked.clear()
            self._entered.clear()
            self._task_ids.clear()
            self.protocol_errors.clear()
            self.remarks.clear()

    # what people do

    def say(self, who: str, chat: str, text: str, *, quote: Message | None = None) -> Outcome:
        message = self.store.add(chat, who, "text", {"content": text}, quote=quote.id if quote else "")
        if chat == self.store.group and f"@{self.settings.name}" not in text:
            return Outcome(True, "not_mentioned", why="没有 @ 机器人，它看不到这句话")
        body = self.head(who, chat) | {"msgtype": "text", "text": {"content": text}}
        if quote is not None:
            told = str(quote.body.get("content") or quote.body.get("main_title", {}).get("title", ""))
            body["quote"] = {"msgtype": "text", "text": {"content": told}}
        self._talked.add(chat)
        return self._carry(Heard(who, chat, self.clock.now(), body, message))

    def press(self, press: Press) -> Outcome:
        event: Frame = {
            "card_type": press.card["card_type"],
            "event_key": press.key,
            "task_id": press.task_id,
        }
        if press.chosen:
            items = [{"question_key": key, "option_ids": {"option_id": ids}} for key, ids in press.chosen.items()]
            event["selected_items"] = {"selected_item": items}
        told = {"eventtype": "template_card_event", "template_card_event": event}
        body = self.head(press.who, press.message.chat) | {"msgtype": "event", "event": told}
        remember(self.store, press)
        return self._carry(Heard(press.who, press.message.chat, self.clock.now(), body, press=press))

    def enter(self, who: str) -> Outcome:
        """Only the first entry of a day is told."""
        day = (who, self.clock.beijing().date().isoformat())
        if day in self._entered:
            return Outcome(True, "not_first", why="今天已经进入过")
        self._entered.add(day)
        body = self.head(who, f"bot:{who}") | {"msgtype": "event", "event": {"eventtype": "enter_chat"}}
        return self._carry(Heard(who, f"bot:{who}", self.clock.now(), body))

    def judge(self, who: str, message: Message, kind: int, words: str = "") -> Outcome:
        """Thumbs up (1), down (2), taken back (3) below an answer that asked for it."""
        told: Frame = {"id": str(message.body.get("feedback", "")), "type": kind, "content": words}
        event = {"eventtype": "feedback_event", "feedback_event": told}
        body = self.head(who, message.chat) | {"msgtype": "event", "event": event}
        return self._carry(Heard(who, message.chat, self.clock.now(), body))

    def send(self, who: str, kind: str, part: Frame) -> Outcome:
        """A picture, a film, a voice as its transcript, or what the platform may think of next: in a chat of one's own,
        for in groups people alone see it."""
        chat = f"bot:{who}"
        message = self.store.add(chat, who, "text", {"content": f"[{kind}]"})
        body = self.head(who, chat) | {"msgtype": kind, kind: part}
        return self.tell(Heard(who, chat, self.clock.now(), body, message))

    def tell(self, heard: Heard) -> Outcome:
        """What somebody sent that is no text."""
        self._talked.add(heard.chat)
        return self._carry(heard)

    def _carry(self, heard: Heard) -> Outcome:
        if self.line is None or self.line.online() is False:
            if heard.message is not None:
                self.store.add(heard.chat, "system", "system", {"content": "机器人不在线，没有收到这条消息"})
            return Outcome(False, "offline", why="机器人不在线")
        return self.line.carry(heard)

    def head(self, who: str, chat: str) -> Frame:
        single = chat != self.store.group
        head = {"msgid": secrets.token_hex(16), "aibotid": self.settings.bot_id}
        head |= {"chattype": "single"} if single else {"chatid": self.group.chatid, "chattype": "group"}
        return head | {"from": {"userid": self._shown_id(who)}, "create_time": self.chat.seconds()}

    def _shown_id(self, who: str) -> str:
        wecom: Any = self.chat.state.parts.get("wecom")
        return str(wecom.open_id(who)) if self.chat.switches.encrypted_userids and wecom else who

    def _plain_id(self, userid: str) -> str:
        wecom: Any = self.chat.state.parts.get("wecom")
        return str(wecom.plain_id(userid) or userid) if wecom else userid

    # what the hub makes it do

    def post(self, chat: str, kind: str, part: Any, *, quote: str = "") -> Message:
        """A new message of the bot; raises Refused for wrong content and above 30 a minute or 1000 an hour."""
        body = self.body_of(kind, part)
        if not self.limiter.take(chat):
            raise Refused(45009, "api freq out of limit: 30/min and 1000/h per chat")
        if kind != "template_card":
            return self.store.add(chat, "bot", kind, body, quote=quote)
        with self._lock:
            self.take_task_id(body, "")
            message = self.store.add(chat, "bot", kind, body, quote=quote)
            if body.get("task_id"):
                self._task_ids[body["task_id"]] = message.id
        return message

    def body_of(self, kind: str, part: Any) -> Frame:
        if not isinstance(part, dict):
            raise Refused(40058, f"invalid parameter: {kind}")
        if kind == "template_card":
            self.remarks.extend(f"{part.get('card_type')} does not show {block}" for block in stray_blocks(part))
            return check(part, Surface(bot=True))
        if kind in {"markdown", "text"}:
            return {"content": self.content_of(part)}
        return READERS[kind](part, self.store)

    def content_of(self, part: Frame) -> str:
        content = part.get("content")
        if not isinstance(content, str) or not content.strip():
            raise Refused(44004, "empty content")
        if len(content.encode()) > STREAM_BYTES:
            raise Refused(45002, f"content size out of limit: {STREAM_BYTES} bytes")
        return content

    def take_task_id(self, body: Frame, own: str) -> None:
        """Unique per bot; a card keeps its own."""
        holder = self._task_ids.get(body.get("task_id", ""))
        if body.get("task_id") and holder not in {None, own}:
            raise Refused(40058, "invalid parameter: template_card.task_id is used already by this bot")

    def hold_task_id(self, body: Frame, message: Message) -> None:
        with self._lock:
            self.take_task_id(body, message.id)
            if body.get("task_id"):
                self._task_ids[body["task_id"]] = message.id

    def update_card(self, press: Press, answer: Frame) -> Frame:
        """The answer to a press. Without `userids` everybody's copy changes; they count in groups only."""
        if answer.get("response_type") != "update_template_card":
            raise Refused(40008, "invalid message type: a press is answered by response_type update_template_card")
        card = check(answer.get("template_card"), Surface(bot=True, update=True))
        if card.get("task_id") != press.task_id:
            raise Refused(40058, "invalid parameter: template_card.task_id must equal that of the event")
        viewers: list[str] | None = None
        if "userids" in answer and press.message.chat == self.store.group:
            viewers = self._viewers(answer["userids"], press)
        kept = card if press.message.kind == "template_card" else press.message.body | {"template_card": card}
        self.store.replace(press.message, kept, viewers)
        return {"response_type": "update_template_card", "userids": viewers, "template_card": card}

    def _viewers(self, userids: Any, press: Press) -> list[str]:
        if not isinstance(userids, list):
            raise Refused(40031, "invalid userid list")
        present = {one.lower(): one for one in self.store.viewers(press.message.chat)}
        asked = [self._plain_id(str(one)).lower() for one in userids]
        return [present[one] for one in asked if one in present]

    def chat_named(self, chatid: str, chat_type: Any) -> str:
        """Where a push goes; raises Refused when nobody has talked to the bot there before."""
        person = self.store.people.get(self._plain_id(chatid).lower())
        if chat_type not in {0, SINGLE, GROUP}:
            raise Refused(40058, "invalid parameter: chat_type")
        if chatid == self.group.chatid and chat_type != SINGLE:
            chat = self.store.group
        elif person is not None and chat_type != GROUP:
            chat = f"bot:{person.userid}"
        else:
            raise Refused(40050, "invalid chatid")
        if chat not in self._talked:
            raise Refused(86003, "no user has messaged the bot in this chat")
        return chat

    def problem(self, what: str) -> None:
        self.protocol_errors.append(what)
