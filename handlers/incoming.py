"""What comes in from people, whatever the platform: a text, or a press on a button."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Press:
    """A press on a card's button, menu entry or submit. `selected`: question key → chosen option ids."""

    action: str  # slug in handlers.actions.ACTIONS
    subject: str  # "case:12", "order:5"
    revision: int  # the revision that the person saw
    value: str = ""  # what the button carries beyond its action
    selected: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Attached:
    """A file or a picture that somebody sent. It lies at `address` for minutes only, encrypted with `key` (base64, ""
    for what is not); a media id holds for days."""

    address: str
    key: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Incoming:
    """`message_id` is the platform's id, by which a repeat is recognised; `chat` is the group's id, or the sender's."""

    channel: str
    message_id: str
    sender: str  # the platform's user id, lower case
    chat: str
    is_group: bool
    at: datetime
    text: str = ""
    press: Press | None = None
    quoted: str = ""
    file: Attached | None = None
    pictures: tuple[Attached, ...] = ()
