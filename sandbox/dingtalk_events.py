"""Events of the company over the long connection: pushed until they are taken (dingtalk.md 1.5)."""

from __future__ import annotations

import secrets

from sandbox.dingtalk_core import Core, Json
from sandbox.dingtalk_gateway import Gateway
from sandbox.dingtalk_link import EVENT

SECONDS = 3.0
CONTACTS = ("user_", "org_", "label_")  # not counted


class Events:
    def __init__(self, core: Core, gateway: Gateway) -> None:
        self._core = core
        self._gateway = gateway

    def push(self, kind: str, told: Json) -> str:
        """ "SUCCESS", "LATER", "none" when nobody answered, "offline" when nobody subscribed."""
        core = self._core
        headers = {
            "eventType": kind,
            "eventId": secrets.token_hex(16),
            "eventBornTime": str(core.milliseconds()),
            "eventCorpId": core.settings.corpid,
            "eventUnifiedAppId": secrets.token_hex(16),
        }
        if not kind.startswith(CONTACTS):
            core.quota.unit("event")
        pushed = self._gateway.push(EVENT, "*", told, headers)
        if pushed is None:
            return "offline"
        self._gateway.push_again(pushed)
        pushed.answered.wait(min(SECONDS, core.switches.deadline_seconds))
        if pushed.ok:
            return "SUCCESS"
        return "LATER" if pushed.code == 200 else "none"
