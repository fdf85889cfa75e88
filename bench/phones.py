"""The demo's people for `make smoke`: what they see and do on the phones of the sandbox."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final

import requests

HTTP: Final = requests.Session()
HTTP.trust_env = False
Json = dict[str, Any]


class Missing(Exception):
    """A step did not show what it had to."""


class Phones:
    """What people see and do, through the phones page's own addresses."""

    def __init__(self, sandbox: str) -> None:
        self.sandbox = sandbox

    def get(self, path: str, **query: str) -> Any:
        return HTTP.get(self.sandbox + path, params=query, timeout=20).json()

    def post(self, path: str, **body: Any) -> Any:
        answer = HTTP.post(self.sandbox + path, json=body, timeout=30)
        if not answer.ok:
            raise Missing(f"{path}: {answer.status_code} {answer.text[:200]}")
        return answer.json()

    def say(self, who: str, chat: str, text: str) -> Json:
        told: Json = self.post("/phones/api/say", who=who, chat=chat, text=text)
        if not told["answered"]:
            raise Missing(f"{who} said {text!r} and got no answer: {told['why']}")
        return told

    def messages(self, who: str, chat: str) -> list[Json]:
        found: list[Json] = self.get("/phones/api/state", who=who)["chats"][chat]["messages"]
        return found

    def newest(self, who: str, chat: str, *words: str) -> Json | None:
        """The newest message of the other side that shows all `words`."""
        for message in reversed(self.messages(who, chat)):
            if not message["mine"] and all(word in str(message.get("body")) for word in words):
                return message
        return None

    def press(self, who: str, message: Json, text: str) -> Json:
        """A button of WeCom's card or of DingTalk's, by what stands on it."""
        card = message["body"].get("template_card", message["body"])
        shown = card.get("button_list") or card.get("buttons", [])
        keys = [button["key"] for button in shown if text in button["text"]]
        if not keys:
            raise Missing(f"no button {text!r} on {card}")
        told: Json = self.post("/phones/api/press", who=who, message_id=message["id"], key=keys[0], selected={})
        if not told["answered"]:
            raise Missing(f"{who} pressed {text!r} and got no answer: {told['why']}")
        return told


def until(what: str, look: Callable[[], Any], seconds: float = 60) -> Any:
    """What `look` returns once it is something; raises Missing after `seconds`."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = look()
        if found:
            return found
        time.sleep(0.25)
    raise Missing(f"{what}: not seen within {seconds:.0f} s")
