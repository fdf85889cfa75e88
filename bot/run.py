"""What one run of delivery knows, learns and reports."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from bot import due
from bot.broken import Broken
from bot.card import Drawing, Text
from bot.channels.sending import Change, Enclosed, Form
from bot.ladder import Way, Ways
from bot.outage import Outage
from bot.room import Room
from bot.settle import Claim, Outcome
from handlers.desk import Desk
from handlers.duty import duty
from handlers.duty.duty import Roster


@dataclass(slots=True)
class Report:
    """How many rows ended how; `again_at` is the earliest moment at which one that was put back is due."""

    sent: int = 0
    waiting: int = 0
    failed: int = 0
    unsure: int = 0
    dropped: int = 0
    merged: int = 0
    again_at: datetime | None = None

    def count(self, outcome: Outcome, again_at: datetime | None) -> None:
        name = "waiting" if outcome.state == "owed" else outcome.state
        setattr(self, name, getattr(self, name) + 1)
        if again_at is not None:
            self.again_at = min(again_at, self.again_at or again_at)


@dataclass(slots=True)
class Task:
    """A claimed row with all that is needed to send it without the database. `instead`: what is said where a file
    cannot be sent."""

    claim: Claim
    drawing: Drawing | Form | Enclosed | None = None
    instead: Text | None = None
    ways: list[Way] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    tier: int = 0
    outcome: Outcome | None = None  # decided already: nothing is sent
    again_at: datetime | None = None


class Run:
    """What one run knows and learns on its way. `silent`: channels that gave no answer; each time-out would hold up all
    other work. `over`: nothing can be sent at the moment."""

    def __init__(self, ways: Ways, now: datetime) -> None:
        self.ways = ways
        self.report = Report()
        self.silent: set[str] = set()
        self.put_back: list[int] = []
        self.over = False
        self.edits_merged = False
        self.broken = Broken(ways.redis, now)
        self.outage = Outage(ways.redis, now)
        self.room = Room(ways.redis)
        self._untold: dict[tuple[str, str], int] | None = None
        self._roster: Roster | None = None

    def roster(self, desk: Desk) -> Roster:
        """Who is there, as it is when this run begins."""
        if self._roster is None:
            self._roster = duty.roster(desk)
        return self._roster

    def untold(self, desk: Desk, claim: Claim) -> int:
        """How many messages to the same receiver were dropped without a word."""
        if self._untold is None:
            self._untold = due.untold(desk)
        return self._untold.pop((claim.channel, claim.recipient), 0)

    def note(self, task: Task, outcome: Outcome, again_at: datetime | None) -> None:
        self.report.count(outcome, again_at)
        if outcome.state == "owed":
            self.put_back.append(task.claim.id)
