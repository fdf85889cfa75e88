"""What all of DingTalk's stand-in shares: who is who, which conversation is which, tokens, quotas, complaints."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from typing import Any

from sandbox.chat_core import Chat
from sandbox.chat_store import Message
from sandbox.dingtalk_quota import Quota
from sandbox.dingtalk_tokens import AppTokens

Json = dict[str, Any]


class Core:
    """`staff` ids are DingTalk's userIds, `userid` is the sandbox's key of a person, which is WeCom's."""

    def __init__(self, chat: Chat) -> None:
        state = chat.state
        self.chat = chat
        self.store = chat.store
        self.clock = state.clock
        self.settings = state.company.dingtalk
        self.switches = chat.ding_switches
        self.tokens = AppTokens(state.clock)
        self.quota = Quota(self.settings, state.clock)
        self.protocol_errors: list[str] = []
        self.remarks: list[str] = []  # accepted, but not shown or not done as the sender may think
        self.dropped: list[Json] = []  # answered with success and never shown
        self.robot_in_group = True
        self.withheld: set[str] = set()  # permissions that the console has not granted
        self.inactive: set[str] = set()  # staff ids of people who never logged in
        self.born = f"{time.time_ns():x}"  # a sandbox started again must not repeat an id that the hub has heard
        self._by_staff = {person.dingtalk: person.userid for person in state.company.people}
        self._by_union = {self.union_id(staff): userid for staff, userid in self._by_staff.items()}
        state.on_reset.append(self.forget)

    def forget(self) -> None:
        self.tokens.expire()
        self.quota.forget()
        self.robot_in_group = True
        self.withheld.clear()
        self.inactive.clear()
        for noted in (self.protocol_errors, self.remarks, self.dropped):
            noted.clear()

    def problem(self, what: str) -> None:
        self.protocol_errors.append(what)

    def remark(self, what: str) -> None:
        self.remarks.append(what)

    def milliseconds(self) -> int:
        return int(self.clock.epoch() * 1000)

    # people

    def staff_id(self, userid: str) -> str:
        return self.store.people[userid.lower()].dingtalk

    def userid_of(self, given: Any, id_type: int = 1) -> str | None:
        """The person of a userId, or with 2 of a unionId."""
        return (self._by_union if id_type == 2 else self._by_staff).get(str(given))

    def union_id(self, staff: str) -> str:
        return base64.urlsafe_b64encode(hashlib.sha256(f"union:{staff}".encode()).digest())[:18].decode() + "iE"

    def sealed_id(self, staff: str) -> str:
        """`senderId` and the like: of no use in any interface."""
        return "$:LWCP_v1:$" + base64.b64encode(hashlib.sha256(f"lwcp:{staff}".encode()).digest()[:15]).decode()

    @property
    def robot_sealed_id(self) -> str:
        return self.sealed_id(self.settings.app_key)

    # conversations

    def conversation_of(self, chat: str) -> str:
        if chat == self.store.ding_group:
            return self.settings.group
        digest = hashlib.sha256(f"single:{chat}".encode()).digest()
        return "cid" + base64.b64encode(digest[:30]).decode() + "=="

    def chat_of(self, conversation: Any) -> str | None:
        """Only groups have an openConversationId that anything can be sent to."""
        return self.store.ding_group if conversation == self.settings.group else None

    def post(self, chat: str, kind: str, body: Json, *, quote: str = "") -> Message:
        return self.store.add(chat, "ding", kind, body, quote=quote)


def signature(key: str, text: str) -> str:
    return base64.b64encode(hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()).decode()
