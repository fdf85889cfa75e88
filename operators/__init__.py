"""The operators' door: `flask …` in a terminal. It opens a desk, calls one room, and draws progress."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from typing import Final

import click

from wire import Hub

_GROUPS: Final = {"hub": "Set up and look after the hub.", "export": "Hand out what the hub holds."}


def commands(here: Hub) -> Sequence[click.Command]:
    """What the application's command line knows beside Flask's own."""
    return [_Group(here, name, short) for name, short in _GROUPS.items()]


class _Group(click.Group):
    """A group of commands in operators/<name>.py, imported when somebody asks: processes that serve stay small."""

    def __init__(self, here: Hub, name: str, short: str) -> None:
        super().__init__(name, help=short)
        self._make: Callable[[], click.Group] = lambda: importlib.import_module(f"operators.{name}").group(here)

    def list_commands(self, context: click.Context) -> list[str]:
        return self._make().list_commands(context)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        return self._make().get_command(context, name)
