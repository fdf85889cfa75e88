"""Group chats that the app made itself (wecom.md 6.1): it alone writes there, and hears nothing of what is said."""

import re
import secrets
import threading
from dataclasses import dataclass, field
from typing import Any

from sandbox.chat_app import App
from sandbox.chat_blocks import Surface
from sandbox.chat_content import content_of
from sandbox.chat_errors import Refused, invalid
from sandbox.chat_limits import Limiter

Answer = dict[str, Any]
OK: Answer = {"errcode": 0, "errmsg": "ok"}
CHAT_ID = re.compile(r"[0-9a-zA-Z]{1,32}")
KINDS = {"text", "image", "voice", "video", "file", "textcard", "news", "markdown"}  # no template card
NAME_LENGTH = 50
MEMBERS = range(2, 2001)
PERSON_TIMES = 20_000  # a minute


@dataclass
class AppChat:
    chatid: str
    name: str
    owner: str
    members: list[str] = field(default_factory=list)

    @property
    def chat(self) -> str:
        return f"appchat:{self.chatid}"


class AppChats:
    """`whole_company`: the app's visible range is the root department, without which none of this is allowed."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.store = app.store
        self.whole_company = True
        self.chats: dict[str, AppChat] = {}
        clock = app.clock
        self._to_member = Limiter(clock, windows=((60.0, 200), (86400.0, 10_000)))
        self._person_times = Limiter(clock, windows=((60.0, PERSON_TIMES),))
        self._made = Limiter(clock, windows=((86400.0, 1000),))
        self._changed = Limiter(clock, windows=((3600.0, 1000),))
        self._lock = threading.RLock()
        app.chat.state.on_reset.append(self.forget)

    def forget(self) -> None:
        with self._lock:
            self.whole_company = True
            for one in self.chats.values():
                self.store.members.pop(one.chat, None)
            self.chats.clear()
            for limiter in (self._to_member, self._person_times, self._made, self._changed):
                limiter.forget()

    def create(self, payload: Answer) -> Answer:
        self._check_range()
        members = self._people(payload.get("userlist"), "userlist")
        if len(members) not in MEMBERS:
            raise Refused(86006, "invalid chat member list size")
        owner = self._owner(payload, members) or secrets.choice(members)
        chatid = payload.get("chatid") or secrets.token_hex(16)
        if not isinstance(chatid, str) or not CHAT_ID.fullmatch(chatid):
            raise Refused(86001, "invalid chatid")
        with self._lock:
            if chatid in self.chats:
                raise Refused(86215, "chatid exists already")
            _take(self._made)
            made = AppChat(chatid, _name(payload), owner, members)
            self.chats[chatid] = made
            self.store.members[made.chat] = made.members
        return OK | {"chatid": chatid}

    def update(self, payload: Answer) -> Answer:
        self._check_range()
        with self._lock:
            chat = self.find(payload.get("chatid"))
            gone = set(self._people(payload.get("del_user_list", []), "del_user_list"))
            new = self._people(payload.get("add_user_list", []), "add_user_list")
            members = [one for one in dict.fromkeys([*chat.members, *new]) if one not in gone]
            if len(members) not in MEMBERS:
                raise Refused(86006, "invalid chat member list size")
            owner = self._owner(payload, members) or chat.owner
            _take(self._changed)
            chat.members[:] = members
            chat.owner = owner if owner in members else members[0]
            chat.name = _name(payload) or chat.name
        return dict(OK)

    def get(self, chatid: str) -> Answer:
        self._check_range()
        chat = self.find(chatid)
        told = {"chatid": chat.chatid, "name": chat.name, "owner": chat.owner, "userlist": list(chat.members)}
        return OK | {"chat_info": told, "chat_type": 0}

    def send(self, payload: Answer) -> Answer:
        self._check_range()
        kind = payload.get("msgtype")
        if kind not in KINDS:
            raise Refused(40008, f"invalid message type: {kind!r}")
        chat = self.find(payload.get("chatid"))
        if payload.get("safe", 0) not in (0, 1):
            raise invalid("safe")
        called = payload[kind].get("mentioned_list", []) if isinstance(payload.get(kind), dict) else []
        if not isinstance(called, list) or not all(isinstance(one, str) for one in called):
            raise invalid("mentioned_list", "must be an array of userids")
        body = content_of(payload, self.store, Surface())
        with self._lock:
            for _ in chat.members:
                _take(self._person_times, "all")
            reached = frozenset(one for one in chat.members if self._to_member.take(one))
        if dropped := [one for one in chat.members if one not in reached]:
            self.app.dropped += [{"userid": one, "payload": payload, "at": self.app.clock.now()} for one in dropped]
        self.store.add(chat.chat, "app", str(kind), body | ({"mentioned_list": called} if called else {}), only=reached)
        return dict(OK)

    def find(self, chatid: Any) -> AppChat:
        chat = self.chats.get(str(chatid))
        if chat is None:
            raise Refused(40050, "chatid does not exist, or is no chat of this app")
        return chat

    def _check_range(self) -> None:
        if not self.whole_company:
            raise Refused(60011, "no privilege to access/modify contact/party/agent")

    def _people(self, asked: Any, field_name: str) -> list[str]:
        if not isinstance(asked, list):
            raise invalid(field_name, "must be an array of userids")
        known = self.store.people
        if lost := [one for one in asked if not isinstance(one, str) or one.lower() not in known]:
            raise Refused(86216, f"invalid chat member: {lost[0]}")
        return list(dict.fromkeys(known[one.lower()].userid for one in asked))

    def _owner(self, payload: Answer, members: list[str]) -> str:
        asked = str(payload.get("owner") or "")
        if asked and asked not in members:
            raise invalid("owner", "is not among the members")
        return asked


def _name(payload: Answer) -> str:
    return str(payload.get("name") or "")[:NAME_LENGTH]


def _take(limiter: Limiter, key: str = "corp") -> None:
    if not limiter.take(key):
        raise Refused(45009, "api freq out of limit")
