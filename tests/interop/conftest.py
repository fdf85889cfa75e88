"""What other people's clients talk to: the sandbox on real sockets, and the hub's own web door."""

from __future__ import annotations

from tests.bot.conftest import _no_greeting, desks, now, people, town

__all__ = ["_no_greeting", "desks", "now", "people", "town"]
