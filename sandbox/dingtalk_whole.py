"""DingTalk's stand-in with all its parts: what the addresses, the phones and the levers work with."""

from __future__ import annotations

from sandbox.chat_core import chat_of
from sandbox.dingtalk_cards import Cards
from sandbox.dingtalk_core import Core
from sandbox.dingtalk_directory import Directory
from sandbox.dingtalk_events import Events
from sandbox.dingtalk_gateway import Gateway
from sandbox.dingtalk_hooks import Hooks
from sandbox.dingtalk_http import HttpMode
from sandbox.dingtalk_login import Login
from sandbox.dingtalk_notices import Notices
from sandbox.dingtalk_press import Presses
from sandbox.dingtalk_robot import Robot
from sandbox.dingtalk_talk import Talk
from sandbox.state import State


class DingTalk(Core):
    """All of it together; `state.parts["dingtalk"]`."""

    def __init__(self, state: State) -> None:
        super().__init__(chat_of(state))
        self.gateway = Gateway(self)
        self.http = HttpMode(self)
        self.talk = Talk(self, self.gateway, self.http)
        self.cards = Cards(self)
        self.presses = Presses(self, self.cards, self.gateway, self.http)
        self.robot = Robot(self, self.talk, self.cards)
        self.hooks = Hooks(self, self.talk)
        self.notices = Notices(self)
        self.directory = Directory(self)
        self.login = Login(self)
        self.events = Events(self, self.gateway)

    def online(self) -> bool | None:
        return self.http.online() if self.settings.mode == "http" else self.gateway.online()


def dingtalk_of(state: State) -> DingTalk:
    part = state.parts["dingtalk"]
    if not isinstance(part, DingTalk):
        raise TypeError("the dingtalk part is not registered")
    return part
