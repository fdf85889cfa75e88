"""The menu below the app's chat, made from the commands: a tap says what somebody would type (page 90231)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from bot.channels.sending import Body, SendError
from bot.channels.wecom_app.api import App
from handlers.commands.command import Command
from handlers.permissions import EVERYBODY

_MOST_BELOW: Final = 5
_KEY_BYTES: Final = 128
_NAME_BYTES: Final = 40
_FIRST: Final = ("board", "mine")  # what everybody asks for most stands alone
_LAST: Final = "help"
_NO_MENU: Final = 46003
_SHOWN: Final = ("type", "name", "key", "url")


def menu_of(commands: Mapping[str, Command], board: str) -> Body:
    """看板, 我的, and behind 更多 the other questions that need no words, 帮助, and the way to the board."""
    asked = {slug: command for slug, command in commands.items() if _stands_alone(command)}
    front = [_click(asked[slug]) for slug in _FIRST if slug in asked]
    others = [command for slug, command in asked.items() if slug not in (*_FIRST, _LAST)]
    last = [asked[_LAST]] if _LAST in asked else []
    below = [_click(command) for command in (*others[: _MOST_BELOW - 1 - len(last)], *last)]
    more = {"name": "更多", "sub_button": [*below, {"type": "view", "name": "打开看板", "url": board}]}
    return {"button": [*front, more]}


def put(app: App, menu: Body) -> bool:
    """Whether the app's menu had to be changed. Raises SendError."""
    agent = app.settings.agentid
    if _present(app) == _plain(menu["button"]):
        return False
    app.post("menu/create", menu, agentid=agent)
    return True


def _present(app: App) -> list[Body]:
    try:
        return _plain(app.get("menu/get", agentid=app.settings.agentid).get("button", []))
    except SendError as error:
        if error.code == _NO_MENU:
            return []
        raise


def _plain(buttons: list[Body]) -> list[Body]:
    """What can be seen of a menu: the platform gives it back with more than it was given."""
    found: list[dict[str, Any]] = []
    for button in buttons:
        below = _plain(button.get("sub_button") or [])
        seen = {name: button[name] for name in _SHOWN if button.get(name)}
        found.append({"name": seen.get("name"), "sub_button": below} if below else seen)
    return found


def _stands_alone(command: Command) -> bool:
    name = command.names[0] if command.names else ""
    fits = 0 < len(name.encode()) <= min(_KEY_BYTES, _NAME_BYTES)
    whole = command.usage == name or command.usage.startswith(f"{name} [")
    return fits and command.asks and whole and command.permit.roles == EVERYBODY


def _click(command: Command) -> Body:
    return {"type": "click", "name": command.names[0], "key": command.names[0]}
