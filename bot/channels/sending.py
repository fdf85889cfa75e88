"""What every channel shares: what is sent, what comes back, and what an error asks of us."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Final, Protocol

from bot.card import Card, Drawing
from handlers.customers.filling import Filled


class Reaction(StrEnum):
    """What to do about an error code (wecom.md 7.2)."""

    REFRESH = "refresh"  # a new token, once, then the same call once more
    RETRY = "retry"  # back off and repeat
    WAIT = "wait"  # put back for a minute or more
    GIVE_UP = "give_up"
    ALERT = "alert"  # give up; the configuration needs a person
    PERSON = "person"  # this receiver cannot be reached on this channel
    USED = "used"  # the one-use code is gone: nothing to do any more


class Whose(StrEnum):
    PLATFORM = "platform"
    HUB = "hub"
    IT = "it"
    RECEIVER = "receiver"


@dataclass(frozen=True, slots=True)
class Resolution:
    """`text` is for people. `customer` is the state that a customer's binding takes."""

    reaction: Reaction
    whose: Whose
    text: str
    wait_seconds: int = 0
    customer: str = ""


UNREACHABLE: Final = Resolution(Reaction.RETRY, Whose.PLATFORM, "平台没有应答，稍后自动重试")
CANNOT_FILL: Final = Resolution(Reaction.GIVE_UP, Whose.HUB, "模板内容缺失或无法填写")
NO_TEMPLATE: Final = Resolution(Reaction.PERSON, Whose.RECEIVER, "没有为这件事选模板")
REDIS_AWAY: Final = Resolution(Reaction.WAIT, Whose.HUB, "缓存服务暂时不可用，稍后自动重试", wait_seconds=5)

_ENDS: Final = frozenset({Reaction.GIVE_UP, Reaction.ALERT, Reaction.PERSON, Reaction.USED})


class SendError(Exception):
    """A message did not go out. `permanent`: no retry helps. `unknown`: it may have gone out; only the very same
    message may be sent again. `other_way`: the next rung of the ladder may work. The text is for people."""

    def __init__(self, resolution: Resolution, code: int | str | None = None, *, unknown: bool = False) -> None:
        super().__init__(f"{resolution.text}（{code}）" if code else resolution.text)
        self.resolution = resolution
        self.code = code
        self.unknown = unknown

    @property
    def permanent(self) -> bool:
        return self.resolution.reaction in _ENDS

    @property
    def silence(self) -> bool:
        """The platform gave no answer at all."""
        return self.code is None and self.resolution.whose is Whose.PLATFORM

    @property
    def used_up(self) -> bool:
        return self.resolution.reaction is Reaction.USED


@contextmanager
def uploading() -> Iterator[None]:
    """Around an upload: whatever became of it, no message has gone out yet, so it may be tried again."""
    try:
        yield
    except SendError as error:
        if error.unknown:
            raise SendError(error.resolution, error.code) from None
        raise


@dataclass(frozen=True, slots=True)
class Form:
    """A message to a customer: our name of what happened and our names of its values. `filled`: channel → the
    platform's template with its checked values; `words`: for channels that take free words."""

    template: str
    values: Mapping[str, str] = field(default_factory=dict)
    link: str = ""
    filled: Mapping[str, Filled] = field(default_factory=dict)
    words: str = ""

    def on(self, channel: str) -> Filled:
        """Raises SendError where there is no template for that channel, or it cannot be filled."""
        found = self.filled.get(channel)
        if found is None:
            raise SendError(NO_TEMPLATE)
        if found.problem:
            raise SendError(replace(CANNOT_FILL, text=found.problem))
        return found


@dataclass(frozen=True, slots=True)
class Enclosed:
    """A file or a picture (by its name's ending) that goes into the chat as it is."""

    name: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Parcel:
    """One message on its way. `recipient`: the platform's id, several joined by a bar. The same `key` is the same
    message: platforms that can tell doubles apart are given it. `again`: an earlier try may have arrived. `urgent`: a
    deadline runs out, so that it may use what a channel keeps in reserve."""

    recipient: str
    drawing: Drawing | Form | Enclosed
    key: str
    is_group: bool = False
    again: bool = False
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class Receipt:
    """`response_code` allows one change of the card; `problem` names receivers that were left out."""

    msgid: str = ""
    response_code: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """What one sent card is to look like now; without `userids` for all who have it."""

    card: Card
    task_id: str
    response_code: str
    userids: tuple[str, ...] = ()
    channel: str = "wecom_app"


class Sender(Protocol):
    """A channel's `client.py`. Every method may raise SendError and nothing else."""

    def wait_seconds(self, recipient: str) -> float:
        """0 and one message counted, or how long the rate limit asks to wait, and nothing counted."""

    def send(self, parcel: Parcel) -> Receipt: ...

    def change(self, change: Change) -> None: ...


Body = dict[str, Any]
