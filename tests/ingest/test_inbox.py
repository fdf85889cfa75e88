"""Orders that a platform pushed, read again: each once, none held up by another, the pull behind it all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from ingest import inbox
from ingest.inbox import Heard
from ingest.pushing import Message
from ingest.reading import Reading, alone
from ingest.source import Action, Record
from models import Order, Push, Shop
from tests.ingest.fakes import FakeMarketplace, failure


class Pushing(FakeMarketplace):
    def __init__(self) -> None:
        super().__init__()
        self.asked_for: list[str] = []

    def order(self, external_id: str) -> Record | None:
        self.asked_for.append(external_id)
        self.plan(f"order {external_id}")
        found = [row for row in self.rows if row["id"] == external_id]
        return Record(external_id, found[-1]) if found else None


class Post:
    def __init__(self, sessions: sessionmaker[Session], now: datetime) -> None:
        self.sessions, self.now, self.marketplace = sessions, now, Pushing()
        self.watched: list[int] = []
        with sessions() as session:
            session.add(Shop(id=1, slug="tb", platform="taobao", prefix="TB", name="青禾", ship_hours=48))
            session.commit()

    def push(self, number: str, mark: str = "", kind: str = "t") -> bool:
        with self.sessions() as session:
            said = inbox.keep(session, "tb", [Message(mark or number, kind, number, b"{}")], self.now)
            session.commit()
        return said

    def place(self, number: int, note: str = "") -> None:
        self.marketplace.add(number, self.now - timedelta(minutes=1), note=note)

    def read(self) -> Heard:
        def watch(_session: Session, ids: Sequence[int]) -> None:
            self.watched.extend(ids)

        reading = Reading(
            self.sessions, 1, self.marketplace, now=lambda: self.now, watch=watch, sleep=lambda _seconds: None
        )
        return inbox.read(reading)

    def orders(self) -> set[str]:
        with self.sessions() as session:
            return set(session.scalars(select(Order.external_id)))

    def left(self) -> list[str]:
        with self.sessions() as session:
            return list(session.scalars(select(Push.number).where(Push.done_at.is_(None)).order_by(Push.id)))

    def waiting(self) -> list[str]:
        with self.sessions() as session:
            return inbox.waiting(session)


@pytest.fixture
def post(sessions: sessionmaker[Session], now: datetime) -> Post:
    return Post(sessions, now)


def test_a_pushed_order_is_stored_and_watched(post: Post) -> None:
    post.place(1)
    assert post.push("1")
    assert post.waiting() == ["tb"]
    assert post.read() == Heard(read=1, changed=1)
    assert (post.orders(), len(post.watched), post.left(), post.waiting()) == ({"1"}, 1, [], [])


def test_many_messages_about_an_order_read_it_once(post: Post) -> None:
    post.place(1)
    for mark in "abc":
        post.push("1", mark)
    assert post.read() == Heard(read=1, changed=1)
    assert post.marketplace.asked_for == ["1"]


def test_the_same_message_again_is_not_read_again(post: Post) -> None:
    post.place(1)
    assert post.push("1", "a")
    post.read()
    assert not post.push("1", "a")
    assert post.read() == Heard()


def test_messages_out_of_order_end_in_what_the_platform_says_now(post: Post) -> None:
    post.place(1, "newest")
    post.push("1", "second")
    post.read()
    post.push("1", "first")
    assert post.read() == Heard(read=1, changed=0)


def test_hundreds_are_read_in_one_job(post: Post) -> None:
    for number in range(130):
        post.place(number)
        post.push(str(number))
    assert post.read() == Heard(read=130, changed=130)
    assert post.left() == []


def test_one_that_the_platform_does_not_know_or_tell_holds_up_no_other(post: Post) -> None:
    post.place(2)
    post.place(3)
    post.marketplace.plan = lambda what: _refuse(what == "order 2", Action.PARK)
    for number in ("1", "2", "3"):
        post.push(number)
    assert post.read() == Heard(read=1, changed=1)
    assert (post.orders(), post.left()) == ({"3"}, [])


@pytest.mark.parametrize("action", [Action.RETRY, Action.WAIT, Action.PAUSE, Action.STOP])
def test_a_platform_that_fails_leaves_the_rest_for_the_next_try(post: Post, action: Action) -> None:
    for number in (1, 2, 3):
        post.place(number)
        post.push(str(number))
    post.marketplace.plan = lambda what: _refuse(what == "order 2", action)
    heard = post.read()
    assert (heard.read, heard.problem) == (1, "平台出错（42）")
    assert (post.orders(), post.left(), post.waiting()) == ({"1"}, ["2", "3"], ["tb"])
    post.marketplace.plan = lambda _what: None
    assert post.read() == Heard(read=2, changed=2)


def _refuse(when: bool, action: Action) -> None:
    if when:
        raise failure(action)


def test_what_lay_for_an_hour_is_the_pulls(post: Post) -> None:
    post.push("1")
    post.now += timedelta(hours=1, seconds=1)
    post.push("2")
    post.place(2)
    post.read()
    assert (post.marketplace.asked_for, post.left()) == (["2"], [])


def test_a_stopped_shop_is_asked_nothing(post: Post) -> None:
    post.push("1")
    with post.sessions() as session:
        session.get_one(Shop, 1).state = "stopped"
        session.commit()
    assert post.read() == Heard()
    assert (post.marketplace.asked_for, post.left(), post.waiting()) == ([], ["1"], [])


def test_two_readers_do_not_read_the_same(post: Post) -> None:
    post.push("1")
    with alone(post.sessions, 4_070_010, 1):
        assert post.read().busy
    assert post.marketplace.asked_for == []


def test_kept_messages_are_forgotten_after_a_week(post: Post) -> None:
    post.push("1")
    for days, many in ((6, 1), (2, 0)):
        post.now += timedelta(days=days)
        with post.sessions() as session:
            inbox.forget(session, post.now)
            session.commit()
            assert len(session.scalars(select(Push)).all()) == many


def test_a_message_to_a_shop_that_is_not_prepared_is_not_kept(post: Post) -> None:
    with post.sessions() as session:
        assert not inbox.keep(session, "nobody", [Message("1", "t", "1", b"")], post.now)
