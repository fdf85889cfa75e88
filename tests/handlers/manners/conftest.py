from __future__ import annotations

from tests.bot.conftest import desks, people

__all__ = ["desks", "people"]
