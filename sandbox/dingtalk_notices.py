"""Work notices 工作通知: into each person's own conversation, and dropped without a word (dingtalk.md section 6)."""

from __future__ import annotations

import itertools
import json
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sandbox.chat_store import Message
from sandbox.dingtalk_core import Core, Json
from sandbox.dingtalk_errors import OldDeclined
from sandbox.dingtalk_webhook import Shown, button

MOST_USERS = 100
MOST_BYTES = 2048
PER_DAY = 500
DAY_SECONDS = 86_400


@dataclass
class Task:
    at: float
    invalid: list[str]
    forbidden: list[str] = field(default_factory=list)
    copies: dict[str, Message] = field(default_factory=dict)


class Notices:
    def __init__(self, core: Core) -> None:
        self._core = core
        self._lock = threading.Lock()
        self._numbers = itertools.count(int(core.clock.epoch()))
        self._tasks: dict[int, Task] = {}
        self._sent: set[tuple[str, str, str]] = set()  # day, person, content
        self._counts: Counter[tuple[str, str]] = Counter()
        core.chat.state.on_reset.append(self.forget)

    def forget(self) -> None:
        with self._lock:
            for kept in (self._tasks, self._sent, self._counts):
                kept.clear()

    def send(self, body: Json) -> Json:
        """The answer is a success whether anybody got it or not."""
        core = self._core
        self._check_agent(body)
        staff = self._receivers(body)
        kind, shown = _message(core, body.get("msg"))
        text = json.dumps(body["msg"], sort_keys=True, ensure_ascii=False)
        people = {one: core.userid_of(one) for one in staff}
        task = Task(core.clock.epoch(), [one for one, userid in people.items() if userid is None])
        with self._lock:
            number = next(self._numbers)
            self._tasks[number] = task
            for one in (one for one, userid in people.items() if userid):
                if why := self._forbidden(one, text):
                    task.forbidden.append(one)
                    core.dropped.append({"userid": people[one], "why": why, "msg": body["msg"]})
        for one in (one for one, userid in people.items() if userid and one not in task.forbidden):
            task.copies[one] = core.store.add(f"notice:{people[one]}", "ding_notice", kind, shown)
        return {"task_id": number}

    def _forbidden(self, staff: str, text: str) -> str:
        """Why this person gets no more of it today; empty when it may go."""
        day = self._core.clock.beijing().date().isoformat()
        if (day, staff, text) in self._sent:
            return "the same content to the same person once a day"
        if self._counts[day, staff] >= PER_DAY:
            return f"{PER_DAY} notices to one person a day"
        self._sent.add((day, staff, text))
        self._counts[day, staff] += 1
        return ""

    def result(self, body: Json) -> Json:
        task = self._task(body, "task_id")
        read = [one for one, copy in task.copies.items() if self._core.store.has_read(_who(copy), copy)]
        return {
            "send_result": {
                "invalid_user_id_list": task.invalid,
                "forbidden_user_id_list": task.forbidden,
                "failed_user_id_list": [],
                "read_user_id_list": read,
                "unread_user_id_list": [one for one in task.copies if one not in read],
                "invalid_dept_id_list": [],
            }
        }

    def recall(self, body: Json) -> Json:
        def gone(message: Message) -> None:
            message.recalled = True

        for copy in self._task(body, "msg_task_id").copies.values():
            self._core.store.change(copy, gone)
        return {}

    def _task(self, body: Json, name: str) -> Task:
        self._check_agent(body)
        given = str(body.get(name, ""))
        task = self._tasks.get(int(given)) if given.isdigit() else None
        if task is None or self._core.clock.epoch() - task.at > DAY_SECONDS:
            raise OldDeclined(400002, f"参数错误: {name}")
        return task

    def _check_agent(self, body: Json) -> None:
        if str(body.get("agent_id", "")) != str(self._core.settings.agent_id):
            raise OldDeclined(400002, "参数错误: agent_id")

    def _receivers(self, body: Json) -> list[str]:
        if body.get("to_all_user") in {True, "true"}:
            return [person.dingtalk for person in self._core.store.company.people]
        given = body.get("userid_list")
        staff = [one.strip() for one in given.split(",") if one.strip()] if isinstance(given, str) else []
        if not staff:
            raise OldDeclined(40035, "缺少参数 userid_list，应为逗号分隔的字符串")
        if len(staff) > MOST_USERS:
            raise OldDeclined(40035, f"userid_list 最多 {MOST_USERS} 个")
        return list(dict.fromkeys(staff))


def _who(copy: Message) -> str:
    return copy.chat.partition(":")[2]


def _message(core: Core, msg: Any) -> Shown:
    """A notice has a format of its own, with other names than a webhook's."""
    if isinstance(msg, str):
        try:
            msg = json.loads(msg)
        except ValueError:
            msg = None
    if not isinstance(msg, dict):
        raise OldDeclined(40035, "缺少参数 msg")
    if len(json.dumps(msg, ensure_ascii=False).encode()) > MOST_BYTES:
        raise OldDeclined(40035, f"msg 超过 {MOST_BYTES} 字节")
    kind = str(msg.get("msgtype"))
    reader, part = READERS.get(kind), msg.get(kind)
    if reader is None or not isinstance(part, dict):
        raise OldDeclined(400105, f"不支持的消息类型: {kind}")
    return reader(core, part)


def _need(part: Json, *names: str) -> None:
    for name in names:
        if not isinstance(part.get(name), str) or not part[name].strip():
            raise OldDeclined(40035, f"缺少参数 {name}")


def _text(_: Core, part: Json) -> Shown:
    _need(part, "content")
    return "text", {"content": part["content"]}


def _markdown(_: Core, part: Json) -> Shown:
    _need(part, "title", "text")
    return "markdown", {"title": part["title"], "content": part["text"]}


def _link(_: Core, part: Json) -> Shown:
    _need(part, "title", "text", "messageUrl", "picUrl")
    shown = {"title": part["title"], "content": part["text"], "url": part["messageUrl"]}
    return "ding_link", shown | {"picture": part["picUrl"]}


def _action_card(_: Core, part: Json) -> Shown:
    _need(part, "title", "markdown")
    shown: Json = {"title": part["title"], "content": part["markdown"], "across": False}
    if part.get("single_title"):
        _need(part, "single_title", "single_url")
        return "ding_action", shown | {"buttons": [button(part["single_title"], part["single_url"])]}
    listed = part.get("btn_json_list")
    if not isinstance(listed, list) or not listed or part.get("btn_orientation") not in {"0", "1"}:
        raise OldDeclined(40035, "缺少参数 btn_json_list 或 btn_orientation")
    for one in listed:
        _need(one if isinstance(one, dict) else {}, "title", "action_url")
    buttons = [button(one["title"], one["action_url"]) for one in listed]
    return "ding_action", shown | {"buttons": buttons, "across": part["btn_orientation"] == "1"}


def _media(core: Core, part: Json) -> Json:
    _need(part, "media_id")
    kept = core.store.files.get(part["media_id"])
    if kept is None:
        raise OldDeclined(40007, "不合法的媒体文件id")
    return {"media_id": kept.media_id, "name": kept.name, "size": len(kept.content)}


READERS: dict[str, Callable[[Core, Json], Shown]] = {
    "text": _text,
    "markdown": _markdown,
    "link": _link,
    "action_card": _action_card,
    "image": lambda core, part: ("image", _media(core, part)),
    "file": lambda core, part: ("file", _media(core, part)),
}
