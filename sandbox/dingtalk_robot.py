"""The robot of the application: sends, recalls, tells who has read, hands out files (dingtalk.md 2.1)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from sandbox.chat_store import Message
from sandbox.dingtalk_cards import Cards
from sandbox.dingtalk_core import Core, Json
from sandbox.dingtalk_errors import missing, wrong
from sandbox.dingtalk_msgkeys import message
from sandbox.dingtalk_talk import Talk

MOST_USERS = 20
MOST_KEYS = 20
DAY_SECONDS = 86_400


@dataclass(frozen=True)
class Sent:
    """One call's messages, by its processQueryKey. `conversation` is empty for 1:1."""

    at: float
    conversation: str
    copies: dict[str, Message]


class Robot:
    def __init__(self, core: Core, talk: Talk, cards: Cards) -> None:
        self._core = core
        self._talk = talk
        self._cards = cards
        self.sent: dict[str, Sent] = {}
        core.chat.state.on_reset.append(self.sent.clear)

    # sending

    def send_to_people(self, body: Json) -> Json:
        core = self._core
        self._check_robot(body)
        users = body.get("userIds")
        if not isinstance(users, list) or not users:
            raise missing("userIds")
        if len(users) > MOST_USERS:
            raise wrong("invalidParameter.userIds.overMax", f"userIds 最多 {MOST_USERS} 个")
        kind, shown = message(core, body)
        known = {str(one): core.userid_of(one) for one in users}
        lost = [one for one, userid in known.items() if userid is None]
        if len(lost) == len(known):
            raise wrong("staffId.notExisted", "userIds 中没有本企业的员工")
        people = {one: userid for one, userid in known.items() if userid is not None}
        slowed = [one for one in people if core.switches.take("flow_control")]
        copies = {one: core.post(f"ding:{people[one]}", kind, shown) for one in people if one not in slowed}
        key = self._keep("", copies)
        return {"processQueryKey": key, "invalidStaffIdList": lost, "flowControlledStaffIdList": slowed}

    def send_to_group(self, body: Json) -> Json:
        core = self._core
        self._check_robot(body)
        chat = self._group(body)
        kind, shown = message(core, body)
        return {"processQueryKey": self._keep(core.settings.group, {"": core.post(chat, kind, shown)})}

    def _check_robot(self, body: Json) -> None:
        if not body.get("robotCode"):
            raise missing("robotCode")
        if body["robotCode"] != self._core.settings.app_key:
            raise wrong("invalidParameter.robotCode.auth", "robotCode 与 access_token 不属于同一应用")

    def _group(self, body: Json) -> str:
        core = self._core
        if not body.get("openConversationId"):
            raise missing("openConversationId")
        chat = core.chat_of(body["openConversationId"])
        if chat is None:
            raise wrong("invalid.openConversationId", "openConversationId 不合法")
        if not core.robot_in_group:
            raise wrong("resource.not.found", "机器人不在群内")
        return chat

    def _keep(self, conversation: str, copies: dict[str, Message]) -> str:
        key = secrets.token_urlsafe(30) + "+/="  # must be quoted in a URL
        self.sent[key] = Sent(self._core.clock.epoch(), conversation, copies)
        return key

    # recalling

    def recall_from_people(self, body: Json) -> Json:
        self._check_robot(body)
        return self._recall(body, "")

    def recall_from_group(self, body: Json) -> Json:
        self._check_robot(body)
        self._group(body)
        return self._recall(body, str(body["openConversationId"]))

    def _recall(self, body: Json, conversation: str) -> Json:
        keys = body.get("processQueryKeys")
        if not isinstance(keys, list) or not keys or len(keys) > MOST_KEYS:
            raise wrong("invalidParameter.processQueryKeys", f"processQueryKeys 应有 1 到 {MOST_KEYS} 个")
        done: list[str] = []
        failed: dict[str, str] = {}
        for key in map(str, keys):
            found = self.sent.get(key)
            if found is None or found.conversation != conversation:
                failed[key] = "processQueryKey 不存在"
            elif self._core.clock.epoch() - found.at > DAY_SECONDS:
                failed[key] = "超过 24 小时"
            else:
                self._take_back(found)
                done.append(key)
        return {"successResult": done, "failedResult": failed}

    def _take_back(self, sent: Sent) -> None:
        def gone(message: Message) -> None:
            message.recalled = True

        for copy in sent.copies.values():
            self._core.store.change(copy, gone)

    # who has read

    def read_status(self, query: Json) -> Json:
        self._check_robot(query)
        sent = self._sent(query, "")
        read = [self._read_line(staff, copy) for staff, copy in sent.copies.items()]
        return {"sendStatus": "SUCCESS", "messageReadInfoList": read}

    def _read_line(self, staff: str, copy: Message) -> Json:
        core = self._core
        userid = str(core.userid_of(staff))
        read = core.store.has_read(userid, copy)
        told = {"userId": staff, "name": core.store.person_name(userid), "readStatus": "READ" if read else "UNREAD"}
        return told | {"readTimestamp": core.milliseconds() if read else 0}

    def group_read_status(self, body: Json) -> Json:
        core = self._core
        self._check_robot(body)
        self._group(body)
        most = body.get("maxResults", 200)
        if not isinstance(most, int) or not 0 < most <= 200:
            raise wrong("invalidParameter.maxResults", "maxResults 应为 1 到 200")
        copy = self._sent(body, core.settings.group).copies[""]
        viewers = core.store.viewers(copy.chat)
        read = [core.staff_id(one) for one in viewers if core.store.has_read(one, copy)]
        first = int(body.get("nextToken") or 0)
        more = len(read) > first + most
        told = {"sendStatus": "SUCCESS", "readUserIds": read[first : first + most], "hasMore": more}
        return told | ({"nextToken": str(first + most)} if more else {})

    def _sent(self, body: Json, conversation: str) -> Sent:
        key = str(body.get("processQueryKey", ""))
        found = self.sent.get(key) or self._card(key)
        late = found is not None and self._core.clock.epoch() - found.at > DAY_SECONDS
        if found is None or late or found.conversation != conversation:
            raise wrong("invalidParameter.processQueryKey", "processQueryKey 不存在或已过期")
        return found

    def _card(self, carrier_id: str) -> Sent | None:
        """A delivered card, by its carrierId."""
        message = self._cards.shown_by(carrier_id)
        if message is None:
            return None
        who = message.chat.partition(":")[2]
        staff = self._core.staff_id(who) if who else ""
        return Sent(message.at.timestamp(), "" if who else self._core.settings.group, {staff: message})

    # files that people sent

    def download(self, body: Json) -> Json:
        self._check_robot(body)
        code: Any = body.get("downloadCode")
        if not code:
            raise missing("downloadCode")
        found = self._talk.downloads.get(str(code))
        if found is None or found.ends <= self._core.clock.epoch():
            raise wrong("invalidParameter.robotCode.downloadCode", "downloadCode 不合法或已过期")
        return {"downloadUrl": self._core.chat.public(f"/dingtalk/files/{code}?signature={secrets.token_hex(8)}")}
