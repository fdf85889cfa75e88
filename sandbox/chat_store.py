"""What lies on the phones: people, conversations, messages, read marks, uploaded files. In memory, safe for threads."""

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sandbox.chat_errors import Refused
from sandbox.clock import Clock
from sandbox.company import Company

Body = dict[str, Any]
MEDIA_LIFE = timedelta(days=3)


@dataclass
class Message:
    """One bubble or card. `seq` orders the conversation; `version` grows with each change, so that pages can resume."""

    id: str
    seq: int
    version: int
    chat: str
    sender: str
    kind: str
    body: Body
    at: datetime
    copies: dict[str, Body] = field(default_factory=dict)  # what one viewer sees instead of `body`
    picked: dict[str, dict[str, list[str]]] = field(default_factory=dict)  # what a viewer last submitted
    quote: str = ""
    recalled: bool = False
    only: frozenset[str] | None = None  # who alone sees it, in a group

    def body_for(self, viewer: str) -> Body:
        return self.copies.get(viewer, self.body)

    def is_for(self, viewer: str) -> bool:
        return self.only is None or viewer in self.only


@dataclass(frozen=True)
class File:
    media_id: str
    name: str
    kind: str
    content: bytes
    mimetype: str
    at: datetime


class Store:
    def __init__(self, company: Company, clock: Clock, tell: Callable[[str, dict[str, object]], None]) -> None:
        self.company = company
        self.clock = clock
        self.changed = threading.Condition(threading.RLock())
        self.people = {person.userid.lower(): person for person in company.people}
        self.customers = {customer.openid: customer for customer in company.customers}
        self.messages: list[Message] = []
        self.files: dict[str, File] = {}
        self.members: dict[str, list[str]] = {}  # conversation → who is in it, of groups that an app made
        self._by_id: dict[str, Message] = {}
        self._read: dict[tuple[str, str], int] = {}
        self._version = 0
        self._made = 0
        self.day = 0  # counts resets, so that an open page knows it must start over
        self._tell = tell

    # conversations

    @property
    def group(self) -> str:
        return "group"

    @property
    def ding_group(self) -> str:
        return "dgroup"

    def viewers(self, chat: str) -> list[str]:
        if chat in {self.group, self.ding_group}:
            return [person.userid for person in self.company.people]
        return self.members.get(chat) or [chat.partition(":")[2]]

    def person_name(self, userid: str) -> str:
        person = self.people.get(userid.lower())
        return person.name if person else userid

    # messages

    def add(  # what there is to say of a message
        self,
        chat: str,
        sender: str,
        kind: str,
        body: Body,
        *,
        quote: str = "",
        only: frozenset[str] | None = None,
        copies: dict[str, Body] | None = None,
    ) -> Message:
        with self.changed:
            self._version += 1
            self._made += 1  # never starts again: an old id must not name a new message
            message = Message(f"m{self._made}", self._made, self._version, chat, sender, kind, body, self.clock.now())
            message.quote, message.only, message.copies = quote, only, copies or {}
            self.messages.append(message)
            self._by_id[message.id] = message
        self._announce(message)
        return message

    def change(self, message: Message, change: Callable[[Message], None]) -> None:
        with self.changed:
            change(message)
            self._version += 1
            message.version = self._version
        self._announce(message)

    def replace(self, message: Message, body: Body, viewers: list[str] | None) -> None:
        """The new body for some viewers' copies, or with None for everybody."""

        def change(found: Message) -> None:
            if viewers is None:
                found.body = body
                found.copies.clear()
            for viewer in viewers or []:
                found.copies[viewer] = body
                found.picked.pop(viewer, None)

        self.change(message, change)

    def get(self, message_id: str) -> Message | None:
        return self._by_id.get(message_id)

    def in_chat(self, chat: str) -> list[Message]:
        with self.changed:
            return [message for message in self.messages if message.chat == chat]

    def since(self, version: int) -> list[Message]:
        with self.changed:
            return [message for message in self.messages if message.version > version]

    @property
    def version(self) -> int:
        return self._version

    def forget(self) -> None:
        """A new day: empty phones."""
        with self.changed:
            self.messages.clear()
            self.files.clear()
            self._by_id.clear()
            self._read.clear()
            self._version += 1
            self.day += 1
            self.changed.notify_all()
        self._tell("chat.reset", {"day": self.day})

    # read marks

    def mark_read(self, viewer: str, chat: str, seq: int) -> None:
        with self.changed:
            key = (viewer, chat)
            self._read[key] = max(seq, self._read.get(key, 0))
        self._tell("chat.read", {"who": viewer, "chat": chat})

    def unread(self, viewer: str, chat: str) -> int:
        with self.changed:
            read = self._read.get((viewer, chat), 0)
            return sum(
                1
                for message in self.messages
                if message.chat == chat and message.seq > read and message.sender != viewer and message.is_for(viewer)
            )

    def has_read(self, viewer: str, message: Message) -> bool:
        with self.changed:
            return self._read.get((viewer, message.chat), 0) >= message.seq

    # files

    def held(self, media_id: str) -> File:
        """What a media store gives out: for three days."""
        kept = self.files.get(media_id)
        if kept is None or self.clock.now() - kept.at > MEDIA_LIFE:
            raise Refused(40007, "invalid media_id")
        return kept

    def keep(self, name: str, kind: str, content: bytes, mimetype: str, *, media_id: str = "") -> File:
        media_id = media_id or "MEDIA" + secrets.token_hex(16)
        kept = File(media_id, name, kind, content, mimetype, self.clock.now())
        self.files[kept.media_id] = kept
        return kept

    # waiting

    def wait(self, claim: Callable[[], Any], timeout: float = 5.0) -> Any:
        """The first true value of `claim`, asked again after every change; its last value when time runs out."""
        with self.changed:
            return self.changed.wait_for(claim, timeout)

    def _announce(self, message: Message) -> None:
        with self.changed:
            self.changed.notify_all()
        self._tell("chat", {"id": message.id, "chat": message.chat, "version": message.version})
