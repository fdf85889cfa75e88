"""POST /control/chat: what goes wrong between the hub and the chat platforms, with the same names for each of them.

A body names switches (`sandbox/chat_switches.py`) and commands (below), and with `platform` = "wecom" or "dingtalk"
means that one alone; without it both. "wecom" stands for the app, the bot and the service account.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.aibot import Aibot
from sandbox.chat_core import Chat
from sandbox.dingtalk_control import Levers as DingLevers
from sandbox.dingtalk_whole import DingTalk
from sandbox.wecom import Wecom
from sandbox.weixin import Weixin

PLATFORMS = ("wecom", "dingtalk")


class ChatLevers:
    def __init__(self, chat: Chat, wecom: Wecom, aibot: Aibot, weixin: Weixin) -> None:
        self._chat = chat
        self._wecom = wecom
        self._aibot = aibot
        self._weixin = weixin

    def pull(self, body: dict[str, Any], dingtalk: DingTalk) -> None:
        """ValueError for what is not known; then nothing is changed."""
        wanted = dict(body)
        platform = wanted.pop("platform", "")
        if platform not in {"", *PLATFORMS}:
            raise ValueError(f"unknown platform {platform}; there are {', '.join(PLATFORMS)}")
        meant = [platform] if platform else list(PLATFORMS)
        commands = {"wecom": self._commands(), "dingtalk": _ding_commands(dingtalk)}
        given = {name: wanted.pop(name) for name in list(wanted) if name in commands["wecom"]}
        for one in meant:
            self._chat.switches_of[one].check(wanted)
        for one in meant:
            self._chat.switches_of[one].set(wanted)
            for name, value in given.items():
                if value:
                    commands[one][name]()
        for line in (self._chat.line, self._chat.ding_line):
            line.release()

    def _commands(self) -> dict[str, Callable[[], object]]:
        return {
            "expire_token": self._expire_tokens,
            "expire_codes": self._expire_codes,
            "expire_tickets": lambda: None,  # the bot's long connection has none
            "disconnect": self._aibot.link.close,
        }

    def _expire_tokens(self) -> None:
        self._wecom.tokens.expire()
        self._weixin.tokens.expire()

    def _expire_codes(self) -> None:
        """response_codes of cards, response_urls of the bot, login codes."""
        for code in self._wecom.codes.values():
            code.used = True
        for url in self._aibot.hook.urls.values():
            url.used = True
        self._wecom.expire_codes()


def _ding_commands(dingtalk: DingTalk) -> dict[str, Callable[[], object]]:
    levers = DingLevers(dingtalk)
    return {
        "expire_token": lambda: levers.expire_token(True),
        "expire_codes": lambda: levers.expire_codes(True),
        "expire_tickets": lambda: levers.expire_tickets(True),
        "disconnect": lambda: levers.disconnect(True),
    }
