"""The operators' door: `flask …` in a terminal. It opens a desk, calls one room, and draws progress."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from typing import Any, Final

import click

from wire import Hub

_GROUPS: Final = {"hub": "Set up and look after the hub.", "export": "Hand out what the hub holds."}
# These look at texts alone, without settings or a database.
_TEXTS: Final = {"judge": "What the rules make of texts, one a line."}
_READING: Final = {
    "shops": "Every shop: state, read up to, last proof, what is wrong.",
    "pull": "Read these shops, or all, up to now.",
    "backfill": "Read again what was created from FIRST to LAST (Beijing days).",
    "proof": "Compare a day of these shops, or all, with their platforms.",
}
_CHAT: Final = {"chat": "The conversation with the hub, here in the terminal, as one of the staff."}


def commands(here: Hub) -> Sequence[click.Command]:
    """What the application's command line knows beside Flask's own. Each is loaded when somebody calls it: processes
    that serve stay small."""
    groups = [_Group(here, name, short) for name, short in (_GROUPS | _TEXTS).items()]
    reading = [_Single(here, "operators.reading", name, short) for name, short in _READING.items()]
    return [*groups, *reading, *(_Single(here, "operators.chat", name, short) for name, short in _CHAT.items())]


def needs_no_hub(words: Sequence[str]) -> bool:
    """Whether a command line asks for nothing but texts to be looked at: that works before there is a `hub.toml`."""
    asked = [word for word in words if word in {*_GROUPS, *_READING, *_CHAT, *_TEXTS}]
    return asked[:1] != [] and asked[0] in _TEXTS


def commands_without_hub() -> Sequence[click.Command]:
    return [_Group(None, name, short) for name, short in _TEXTS.items()]


class _Group(click.Group):
    """The commands of operators/<name>.py."""

    def __init__(self, here: Hub | None, name: str, short: str) -> None:
        super().__init__(name, help=short)
        self._here, self._module = here, f"operators.{name}"

    def list_commands(self, context: click.Context) -> list[str]:
        return self._made().list_commands(context)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        return self._made().get_command(context, name)

    def _made(self) -> click.Group:
        made: click.Group = importlib.import_module(self._module).group(self._here)
        return made


class _Single(click.Command):
    """A command of one of our files: operators/reading.py needs all that a worker needs, operators/chat.py all that
    the web door needs."""

    def __init__(self, here: Hub, module: str, name: str, short: str) -> None:
        super().__init__(name, help=short)
        self._here, self._module = here, module

    def get_params(self, context: click.Context) -> list[click.Parameter]:
        return [*self._made().params, *super().get_params(context)]

    def invoke(self, context: click.Context) -> Any:
        return self._made().invoke(context)

    def _made(self) -> click.Command:
        made: Mapping[str, click.Command] = importlib.import_module(self._module).commands(self._here)
        return made[str(self.name)]
