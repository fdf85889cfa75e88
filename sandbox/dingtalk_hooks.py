"""The two webhooks: a custom robot in the group, and the reply address of a message (dingtalk.md 1.4, 2.3)."""

from __future__ import annotations

import threading

from flask import Blueprint, Response, request

from sandbox.chat_limits import Limiter
from sandbox.dingtalk_core import Core, Json, signature
from sandbox.dingtalk_errors import OldDeclined
from sandbox.dingtalk_old import answering
from sandbox.dingtalk_talk import Talk
from sandbox.dingtalk_webhook import shown
from sandbox.signing import same

MOST_BYTES = 20_000
BLOCKED_SECONDS = 600
SKEW_SECONDS = 3600
PER_MINUTE = 20


class Hooks:
    def __init__(self, core: Core, talk: Talk) -> None:
        self._core = core
        self._talk = talk
        self._rate = Limiter(core.clock, windows=((60.0, PER_MINUTE),))
        self._blocked_until = 0.0
        self._seen: dict[str, float] = {}
        self._lock = threading.Lock()
        core.chat.state.on_reset.append(self.forget)

    def forget(self) -> None:
        with self._lock:
            self._rate.forget()
            self._blocked_until = 0.0
            self._seen.clear()

    def custom(self) -> Json:
        """A group's custom robot; `msgUuid` makes a message that is sent twice stand there once."""
        core = self._core
        if request.args.get("access_token") != core.settings.hook_token:
            raise OldDeclined(400101, "access_token 不存在")
        self._check_signature()
        payload = _payload()
        kind, body = shown(core, payload)
        with self._lock:
            uuid = str(payload.get("msgUuid") or "")
            if uuid and uuid in self._seen:
                return {}
            self._take()
            if uuid:
                self._seen[uuid] = core.clock.epoch()
        core.quota.unit("custom robot")
        core.store.add(core.store.ding_group, "ding_hook", kind, body)
        return {}

    def by_session(self) -> Json:
        """The reply address of a conversation, in a group or 1:1."""
        core = self._core
        chat = self._talk.session_chat(request.args.get("session", ""))
        if chat is None:
            raise OldDeclined(300001, "session 不存在")
        kind, body = shown(core, _payload())
        if not self._rate.take(chat):
            raise OldDeclined(410100, "发送速度太快而限流")
        core.quota.unit("session webhook")
        core.post(chat, kind, body)
        return {}

    def _check_signature(self) -> None:
        core = self._core
        stamp, sign = (request.args.get(name, "") for name in ("timestamp", "sign"))
        if not stamp.isdigit() or abs(int(stamp) / 1000 - core.clock.epoch()) > SKEW_SECONDS:
            raise OldDeclined(310000, "invalid timestamp")
        secret = core.settings.hook_secret
        if not same(sign, signature(secret, f"{stamp}\n{secret}")):
            raise OldDeclined(310000, "sign not match")

    def _take(self) -> None:
        """20 a minute; whoever sends more is blocked for ten minutes."""
        now = self._core.clock.epoch()
        if now < self._blocked_until:
            raise OldDeclined(410100, "发送速度太快而限流")
        if not self._rate.take("custom robot"):
            self._blocked_until = now + BLOCKED_SECONDS
            raise OldDeclined(410100, "发送速度太快而限流")


def _payload() -> Json:
    if not (request.content_type or "").startswith("application/json"):
        raise OldDeclined(43004, "无效的HTTP HEADER Content-Type")
    raw = request.get_data()
    if len(raw) > MOST_BYTES:
        raise OldDeclined(460101, f"message too long, exceed {MOST_BYTES} bytes")
    found = request.get_json(silent=True)
    if not isinstance(found, dict):
        raise OldDeclined(40035, "缺少参数 json")
    return found


def routes(pages: Blueprint, hooks: Hooks) -> None:
    @pages.post("/dingtalk/oapi/robot/send")
    def send() -> Response:
        return answering(hooks.custom)

    @pages.post("/dingtalk/oapi/robot/sendBySession")
    def send_by_session() -> Response:
        return answering(hooks.by_session)
