"""A database with people, senders that keep what they were given, and a clock that tests move."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from redis import Redis
from sqlalchemy import select

from bot.channels.sending import Change, Parcel, Reaction, Receipt, Resolution, SendError, Whose
from bot.deliver import Report, deliver
from bot.ladder import LADDER, Ways, ways
from config import Settings
from handlers.desk import Desk, OpenDesk
from handlers.owe import Owed, owe
from models import Case, Notification, SentCard
from tests.bot.conftest import a_case
from tests.bot.samples import NOW

Desks = Callable[..., OpenDesk]


class Fake:
    """A Sender that keeps what it was given; `fails` are raised one by one."""

    def __init__(self, *fails: BaseException | None, wait: float = 0.0) -> None:
        self.parcels: list[Parcel] = []
        self.changes: list[Change] = []
        self.fails = list(fails)
        self.wait = wait

    def wait_seconds(self, recipient: str) -> float:
        return self.wait

    def send(self, parcel: Parcel) -> Receipt:
        self.parcels.append(parcel)
        self._fail()
        return Receipt(f"msg-{len(self.parcels)}", f"code-{len(self.parcels)}")

    def change(self, change: Change) -> None:
        self.changes.append(change)
        self._fail()

    def _fail(self) -> None:
        error = self.fails.pop(0) if self.fails else None
        if error is not None:
            raise error


BUSY = Resolution(Reaction.RETRY, Whose.PLATFORM, "忙")
SLOW = Resolution(Reaction.WAIT, Whose.PLATFORM, "太快", wait_seconds=60)
GONE = Resolution(Reaction.PERSON, Whose.RECEIVER, "不在范围内", customer="unfollowed")
USED = Resolution(Reaction.USED, Whose.PLATFORM, "用过了")


class Scene:
    """A database with people, faked senders, and a clock that tests move."""

    def __init__(self, desks: Desks, settings: Settings, redis: Redis, people: dict[str, int]) -> None:
        self.now = NOW
        self.people = people
        self.desks = desks
        self.open_desk = desks(settings, lambda: self.now)
        self.ways: Ways = ways(settings, redis, home="worker")
        self.ways.channels = tuple(LADDER)
        self.redis = redis
        self.app, self.bot, self.official, self.ding = Fake(), Fake(), Fake(), Fake()
        self.ways.senders = {"wecom_app": self.app, "wecom_bot": self.bot, "wechat_oa": self.official}

    def owe(self, channel: str = "staff", purpose: str = "text", recipient: str = "", **more: Any) -> None:
        body, subject = more.get("body", {"text": "好"}), more.get("subject", "case:1")
        key = more.get("key", f"k{self.now.timestamp()}{purpose}{recipient}{channel}")
        if channel == "staff" and not recipient:
            recipient = str(self.people["xiaoli"])
        with self.open_desk() as desk:
            owe(desk, [Owed(key, channel, purpose, subject, recipient, body, more.get("urgency"))])

    def run(self, after: timedelta = timedelta()) -> Report:
        self.now += after
        return deliver(self.open_desk, self.ways, lambda: self.now)

    def row(self, number: int = 0) -> Notification:
        with self.open_desk() as desk:
            return list(desk.session.scalars(select(Notification).order_by(Notification.id)))[number]

    def states(self) -> list[str]:
        return [row.state for row in self.rows()]

    def rows(self) -> list[Notification]:
        with self.open_desk() as desk:
            return list(desk.session.scalars(select(Notification).order_by(Notification.id)))


LOST: Final = Resolution(Reaction.RETRY, Whose.PLATFORM, "没有应答")


def answer_lost() -> SendError:
    """The message may have arrived."""
    return SendError(LOST, unknown=True)


def keep_case(scene: Scene, **changes: Any) -> Case:
    with scene.open_desk() as desk:
        return a_case(desk.session, **changes)


def keep_sent(desk: Desk, subject: str, number: int, **changes: Any) -> None:
    values = {
        "channel": "wecom_app",
        "recipient": "xiaoli",
        "task_id": f"t-{number}",
        "subject": subject,
        "revision": 1,
        "response_code": f"code-{number}",
        "response_expires_at": NOW + timedelta(hours=1),
        "sent_at": NOW,
        **changes,
    }
    desk.session.add(SentCard(**values))
