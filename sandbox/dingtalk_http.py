"""DingTalk without a long connection: it calls the hub's addresses (dingtalk.md 1.2, 3.3)."""

from __future__ import annotations

import json
from typing import Any

from sandbox.chat_wire import Outcome, Parcel, Reply
from sandbox.dingtalk_core import Core, Json, signature
from sandbox.dingtalk_errors import OldDeclined
from sandbox.dingtalk_webhook import shown


class HttpMode:
    def __init__(self, core: Core) -> None:
        self._core = core
        self._reached = False

    def online(self) -> bool | None:
        """None where nobody can know: an address is neither up nor down until it is called."""
        return True if self._reached else None

    def message(self, chat: str, body: Json) -> Outcome:
        """A robot message; what comes back may be a message for the same conversation. Told once."""
        core = self._core
        stamp = str(core.milliseconds())
        secret = core.settings.app_secret
        signed = {"timestamp": stamp, "sign": signature(secret, f"{stamp}\n{secret}")}
        parcel = _parcel(core.chat.hub(core.settings.robot_callback), body, signed)
        outcomes = [self._message_answer(chat, reply) for reply in core.chat.ding_wire.deliver(parcel, 1)]
        self._reached = not outcomes[0].why or outcomes[0].kind == "protocol_error"
        return outcomes[0]

    def card(self, url: str, secret: str, body: Json) -> list[Reply]:
        """A press on a card; the header is signed where a secret was registered."""
        stamp = str(self._core.milliseconds())
        signed = {"x-ddpaas-signature-timestamp": stamp, "x-ddpaas-signature": signature(secret, stamp)}
        parcel = _parcel(url, body, signed if secret else {}, self._core.switches.card_seconds)
        return list(self._core.chat.ding_wire.deliver(parcel, 1))

    def _message_answer(self, chat: str, reply: Reply) -> Outcome:
        if reply.why:
            return Outcome(False, "none", why=reply.why)
        try:
            answer = json_object(reply.raw)
        except ValueError as error:
            self._core.problem(f"answer to a robot message: {error}")
            return Outcome(True, "protocol_error", why=str(error))
        if not answer or answer.get("msgtype") == "empty":
            return Outcome(True, "empty")
        try:
            kind, shown_body = shown(self._core, answer)
        except OldDeclined as declined:
            self._core.problem(f"answer to a robot message: {declined}")
            return Outcome(True, "protocol_error", why=str(declined))
        self._core.quota.unit("answer of a robot message")
        self._core.post(chat, kind, shown_body)
        return Outcome(True, kind, answer)


def json_object(raw: bytes) -> Json:
    """The object in an answer, empty for an empty answer; ValueError for anything else."""
    if not raw.strip():
        return {}
    found: Any = json.loads(raw)
    if not isinstance(found, dict):
        raise ValueError("the answer is no JSON object")
    return found


def _parcel(url: str, body: Json, headers: dict[str, str], seconds: float = float("inf")) -> Parcel:
    raw = json.dumps(body, ensure_ascii=False).encode()
    return Parcel(url, {}, raw, "application/json; charset=utf-8", headers, seconds)
