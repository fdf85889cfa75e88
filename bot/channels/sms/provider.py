"""What every SMS provider is: it sends, reads receipts, and says what it allows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Report:
    """What became of one message; `msgid` as `send` gave it."""

    msgid: str
    arrived: bool
    why: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody wrote back. `number`: +86 and eleven figures."""

    number: str
    words: str


@dataclass(frozen=True, slots=True)
class Limits:
    """To one number: seconds between two messages of the same text, and messages a day."""

    pause_seconds: int
    per_day: int


class Provider(Protocol):
    def send(self, number: str, template: str, values: Mapping[str, str], key: str) -> str:
        """The message's id. `number`: +86 and eleven figures; `values`: "1" → the template's {1}. Raises SendError."""

    def receipts(self, body: bytes) -> list[Report]:
        """Raises ValueError for what is none."""

    def answers(self, body: bytes) -> list[Answer]:
        """What people wrote back, as the provider tells it. Raises ValueError for what is none."""

    def limits(self) -> Limits: ...
