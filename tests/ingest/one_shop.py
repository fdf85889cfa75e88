"""One shop of the hub on a marketplace without a wire."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from config import Pull
from ingest.engine import pull
from ingest.report import PullReport
from models import Cursor, Shop
from tests.ingest.fakes import FakeMarketplace

FIRST = Pull(first_hours=1)


class Bench:
    """One shop, its marketplace, a clock that stands still, and what was slept and watched."""

    def __init__(self, sessions: sessionmaker[Session], now: datetime) -> None:
        self.sessions, self.now = sessions, now
        self.marketplace = FakeMarketplace()
        self.slept: list[float] = []
        self.watched: list[int] = []
        self.heard: list[tuple[int, str]] = []
        self.ends: list[int] = []
        self.deaf = False
        with sessions() as session:
            session.add(Shop(id=1, slug="tb", platform="taobao", prefix="TB", name="青禾", ship_hours=48))
            session.commit()

    def pull(self, *, watch: Callable[[Session, Sequence[int]], None] | None = None, **limits: int) -> PullReport:
        return pull(
            self.sessions,
            1,
            self.marketplace,
            FIRST,
            now=lambda: self.now,
            watch=watch or (lambda _session, ids: self.watched.extend(ids)),
            stopped=self.hear_of_the_stop,
            sleep=self.slept.append,
            **limits,
        )

    def hear_of_the_stop(self, session: Session, shop_id: int) -> None:
        if self.deaf:
            raise RuntimeError("crashed while people were being told")
        self.heard.append((shop_id, session.get_one(Shop, shop_id).state))

    def hear_of_the_end(self, _session: Session, row_id: int) -> None:
        if self.deaf:
            raise RuntimeError("crashed while people were being told")
        self.ends.append(row_id)

    def shop(self) -> Shop:
        with self.sessions() as session:
            return session.get_one(Shop, 1)

    def synced_to(self) -> datetime | None:
        with self.sessions() as session:
            cursor = session.get(Cursor, (1, "fake.list"))
            return cursor.synced_to if cursor else None

    def count(self, what: Any) -> int:
        with self.sessions() as session:
            return session.scalar(select(func.count()).select_from(what)) or 0

    def ago(self, minutes: float) -> datetime:
        return self.now - timedelta(minutes=minutes)


def fail_at(bench: Bench, what: str, *errors: Exception) -> None:
    """The next calls of `what` raise these errors, one each."""
    left = list(errors)

    def plan(now_at: str) -> None:
        if now_at == what and left:
            raise left.pop(0)

    bench.marketplace.plan = plan
