"""What a test or the demo can make go wrong between the platform and the hub; set by POST /control/chat."""

import threading
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Switches:
    """Of one platform. Yes/no switches also take a number: so many times, then off again."""

    duplicate_callbacks: int = 0
    drop_callbacks: int = 0
    reorder_callbacks: int = 0  # each waits until another one has gone before it
    hub_unreachable: int = 0
    delay_callbacks: float = 0.0  # seconds before each delivery
    slow_answers: float = 0.0  # seconds before each answer of the platform to the hub
    fail_calls: int = 0  # the platform answers the hub with HTTP 500 and has done nothing
    refuse_updates: int = 0  # the bot's platform is busy when a pressed card is to change
    block_customer: int = 0
    unfollow: int = 0
    encrypted_userids: int = 0
    group_card_push: int = 1
    greeting: int = 1
    deadline_seconds: float = 5.0  # how long the platform waits for the hub
    refresh_seconds: float = 1.0  # pause between two refreshes of a stream in callback mode
    card_seconds: float = 2.0  # how long DingTalk waits for the answer to a press
    redeliver_seconds: float = 20.0  # DingTalk pushes an unanswered message again after so long; 0 = never
    flow_control: int = 0  # so many receivers of DingTalk's robot are left out, and named in the answer
    unpublished: int = 0  # DingTalk's robot before its publication: messages name no staffId
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    def take(self, name: str) -> bool:
        """Whether the switch is on now; one that counts is counted down."""
        with self._lock:
            value = getattr(self, name)
            if value is True or value <= 0:
                return bool(value is True)
            setattr(self, name, value - 1)
            return True

    def check(self, wanted: dict[str, Any]) -> None:
        """Raises ValueError naming the first key that does not exist or does not fit."""
        known = self.as_dict()
        for name, value in wanted.items():
            if name not in known:
                raise ValueError(f"unknown switch {name}; there are {', '.join(known)}")
            if not isinstance(value, int | float) or value < 0:
                raise ValueError(f"{name} must be true, false or a number")

    def set(self, wanted: dict[str, Any]) -> None:
        """Raises ValueError as `check` does; then nothing is changed."""
        self.check(wanted)
        with self._lock:
            for name, value in wanted.items():
                setattr(self, name, value)

    def as_dict(self) -> dict[str, Any]:
        names = [name for name in self.__dataclass_fields__ if not name.startswith("_")]
        return {name: getattr(self, name) for name in names}
