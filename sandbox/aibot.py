"""The doors of the smart bot: /aibot/ws (long connection) and the response_url (callback mode)."""

import threading
from typing import Any

from flask import Blueprint, Flask, Response, jsonify, request
from flask_sock import Sock

from sandbox.chat_bot import Bot
from sandbox.chat_bot_hook import Hook
from sandbox.chat_bot_link import Link
from sandbox.chat_core import chat_of
from sandbox.chat_errors import Refused
from sandbox.chat_files import SentFiles
from sandbox.state import State

GREETER = "主管"
TRIES_TO_GREET = 60


class Aibot(Bot):
    """The bot with the line its mode asks for; `state.parts["aibot"]`."""

    def __init__(self, state: State) -> None:
        super().__init__(chat_of(state))
        self.link = Link(self)
        self.hook = Hook(self)
        self.files = SentFiles(self)
        self.line = self.link if self.settings.mode == "stream" else self.hook
        self._greeted = threading.Event()
        state.on_reset.append(self._greet_again)

    def verify_url(self) -> str:
        return self.hook.verify_url()

    def _greet_again(self) -> None:
        self._greeted.clear()
        if self.line is self.hook or self.link.online():
            self.chat.later(self.greet)

    def greet(self) -> None:
        """Somebody has to talk to the bot first, or it may not push into the group; once in the life of a sandbox."""
        if self._greeted.is_set() or not self.chat.switches.greeting:
            return
        self._greeted.set()
        people = self.store.company.people
        greeter = next((person for person in people if person.role == GREETER), people[0])
        for _ in range(TRIES_TO_GREET):
            if self.line is self.link or not self.verify_url():
                break
            if self.chat.closing.wait(1.0):  # in callback mode the hub may still be starting
                return
        self.say(greeter.userid, self.store.group, f"@{self.settings.name} 帮助")


def aibot_of(state: State) -> Aibot:
    part = state.parts["aibot"]
    if not isinstance(part, Aibot):
        raise TypeError("the aibot part is not registered")
    return part


def register(app: Flask, state: State) -> None:
    aibot = Aibot(state)
    state.parts["aibot"] = aibot
    pages = Blueprint("aibot", __name__)

    @pages.post("/aibot/response")
    def response_url() -> Response:
        try:
            body = request.get_json(force=True, silent=True)
            return jsonify(aibot.hook.respond(request.args.get("response_code", ""), body))
        except Refused as refused:
            return jsonify(refused.answer())

    app.register_blueprint(pages)
    app.register_blueprint(aibot.files.pages())
    _long_connection(app, aibot)
    if aibot.settings.mode != "stream":
        aibot.chat.later(aibot.greet)


def _long_connection(app: Flask, aibot: Aibot) -> None:
    def serve(socket: Any) -> None:
        aibot.link.serve(socket)

    Sock(app).route("/aibot/ws")(serve)

    aibot.link.on_online = lambda: aibot.chat.later(aibot.greet)
    aibot.chat.state.on_close.append(aibot.link.close)
