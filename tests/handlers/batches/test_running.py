"""Many orders at once, on a database that really commits: two people, a worker that dies, what changes meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta

import pytest
from sqlalchemy import event, func, select, text, update
from sqlalchemy.orm import Session, sessionmaker

from config import Settings
from handlers import commands, pressing, trail
from handlers.batches import running, undo
from handlers.batches.view import BatchView
from handlers.desk import Actor, Desk, Job
from handlers.views import View
from models import Batch, BatchOrder, Notification, Order, TrailRow
from tests.cast import Cast
from tests.factories import make_order, make_shop, pressed, typed
from tests.handlers.test_concurrency import Two, cast, stored, two

__all__ = ["cast", "two"]

OpenDesk = Callable[[], AbstractContextManager[Desk]]


@pytest.fixture(autouse=True)
def shop(sessions: sessionmaker[Session]) -> None:
    with sessions() as session:
        make_shop(session)
        session.commit()


def ask(open_desk: OpenDesk, words: str, by: Actor) -> BatchView:
    with open_desk() as desk:
        view = commands.run(desk, typed(words, is_group=False), by)
    assert isinstance(view, BatchView)
    return view


def pressing_it(view: BatchView, action: str, by: Actor) -> Callable[[Desk], View]:
    incoming = pressed(f"batch_{action}", f"batch:{view.batch_id}", revision=view.revision)
    return lambda desk: pressing.press(desk, incoming, by)


def press(open_desk: OpenDesk, view: BatchView, action: str, by: Actor) -> BatchView:
    with open_desk() as desk:
        shown = pressing_it(view, action, by)(desk)
    assert isinstance(shown, BatchView)
    return shown


def work(open_desk: OpenDesk, batch_id: int) -> int:
    """A worker, until nothing is left."""
    chunks = 0
    while True:
        with open_desk() as desk:
            more = running.go_on(desk, batch_id) or undo.go_on(desk, batch_id)
        chunks += 1
        if not more:
            return chunks


def seen(open_desk: OpenDesk, view: BatchView) -> BatchView:
    from handlers.batches import show

    with open_desk() as desk:
        return show.show(desk, view.batch_id, None)


def test_two_supervisors_confirm_at_once_and_one_sees_who_did(
    two: Two, open_desk: OpenDesk, sessions: sessionmaker[Session], cast: Cast
) -> None:
    stored(sessions, 20)
    view = ask(open_desk, "审核 全部", cast.xiaoli)

    shown = two.at_once(pressing_it(view, "confirm", cast.chenjie), pressing_it(view, "confirm", cast.xiaoli))

    notes = sorted(one.note for one in shown if isinstance(one, BatchView))
    assert notes in (sorted(["陈姐已确认", "已由陈姐处理完了"]), sorted(["小李已确认", "已由小李处理完了"]))
    with sessions() as session:
        assert session.scalar(select(func.count(TrailRow.id))) == 20
        for order in session.scalars(select(Order)):
            assert (order.stage, order.revision) == ("pending_pick", 2)
            assert trail.verify(session, f"order:1:{order.external_id}")


def test_four_hundred_are_asked_confirmed_and_done_in_time(
    open_desk: OpenDesk, sessions: sessionmaker[Session], cast: Cast, asked: list[tuple[Job, tuple[object, ...]]]
) -> None:
    stored(sessions, 400)
    took = {}

    def timed(what: str, work: Callable[[], object]) -> object:
        started = time.monotonic()
        result = work()
        took[what] = time.monotonic() - started
        return result

    view = timed("ask", lambda: ask(open_desk, "审核 全部", cast.xiaoli))
    assert isinstance(view, BatchView)
    assert (view.total, view.fen) == (400, 400 * 13800)
    shown = timed("confirm", lambda: press(open_desk, view, "confirm", cast.xiaoli))
    assert isinstance(shown, BatchView)
    assert (shown.state, shown.waiting) == ("running", 400)
    assert (Job.RUN_BATCH, (view.batch_id,)) in asked
    assert timed("work", lambda: work(open_desk, view.batch_id)) == 4

    over = seen(open_desk, view)
    assert (over.state, over.done, over.named) == ("done", 400, ())
    assert took["ask"] < 2, took
    assert took["confirm"] < 2, took
    with sessions() as session:
        assert session.scalar(select(func.count(TrailRow.id))) == 400
        told = session.scalars(select(Notification).where(Notification.purpose == "card")).all()
        assert [(row.channel, row.recipient, row.subject) for row in told] == [
            ("staff", str(cast.xiaoli.staff_id), f"batch:{view.batch_id}")
        ]


def test_a_worker_that_dies_in_the_middle_loses_nothing_and_does_nothing_twice(
    open_desk: OpenDesk, sessions: sessionmaker[Session], cast: Cast
) -> None:
    stored(sessions, 250)
    view = ask(open_desk, "审核 全部", cast.xiaoli)
    press(open_desk, view, "confirm", cast.xiaoli)
    with open_desk() as desk:
        assert running.go_on(desk, view.batch_id)
    with sessions() as session:  # the next one dies before its commit
        desk = Desk(session, datetime.now().astimezone(), open_desk_settings(open_desk))
        assert running.go_on(desk, view.batch_id)
        session.rollback()
    assert seen(open_desk, view).waiting == 150

    with open_desk() as desk:
        assert running.live(desk) == [view.batch_id], "the clock's look finds it"
    work(open_desk, view.batch_id)

    over = seen(open_desk, view)
    assert (over.state, over.done, over.waiting) == ("done", 250, 0)
    with open_desk() as desk:
        assert running.live(desk) == []
    with sessions() as session:
        assert session.scalar(select(func.count(TrailRow.id))) == 250
        assert set(session.scalars(select(Order.revision))) == {2}


def open_desk_settings(open_desk: OpenDesk) -> Settings:
    with open_desk() as desk:
        return desk.settings


def test_two_workers_at_one_batch_do_not_meet(
    two: Two, open_desk: OpenDesk, sessions: sessionmaker[Session], cast: Cast
) -> None:
    stored(sessions, 150)
    view = ask(open_desk, "审核 全部", cast.xiaoli)
    press(open_desk, view, "confirm", cast.xiaoli)

    two.at_once(*[lambda desk: int(running.go_on(desk, view.batch_id))] * 3)
    work(open_desk, view.batch_id)

    with sessions() as session:
        assert session.scalar(select(func.count(TrailRow.id))) == 150
        assert set(session.scalars(select(Order.revision))) == {2}


def test_what_is_refunded_or_changed_between_question_and_answer_is_left_and_named(
    open_desk: OpenDesk, sessions: sessionmaker[Session], cast: Cast
) -> None:
    ids = stored(sessions, 5)
    view = ask(open_desk, "审核 全部", cast.xiaoli)
    with sessions() as session:
        session.execute(update(Order).where(Order.id == ids[0]).values(refund="asked", revision=2))
        session.execute(update(Order).where(Order.id == ids[1]).values(seller_memo="先别发", revision=2))
        session.execute(update(Order).where(Order.id == ids[2]).values(stage="pending_pick", revision=2))
        session.commit()

    over = press(open_desk, view, "confirm", cast.xiaoli)

    with sessions() as session:
        tags = dict(session.execute(select(Order.id, Order.tag)).all())
    assert over.done == 2
    assert over.named == (
        (tags[ids[0]], "买家申请退款"),
        (tags[ids[1]], "问过以后又有变化，请再看一眼"),
        (tags[ids[2]], "现在是待配货"),
    )


def test_orders_that_somebody_holds_are_left_to_the_worker_and_nobody_waits(
    open_desk: OpenDesk, sessions: sessionmaker[Session], cast: Cast, asked: list[tuple[Job, tuple[object, ...]]]
) -> None:
    ids = stored(sessions, 5)
    view = ask(open_desk, "审核 全部", cast.xiaoli)
    with sessions() as holder:
        holder.execute(text("SELECT FROM orders WHERE id = :id FOR UPDATE"), {"id": ids[3]})
        shown = press(open_desk, view, "confirm", cast.xiaoli)
        assert (shown.state, shown.waiting, shown.done) == ("running", 5, 0)
        holder.rollback()

    assert (Job.RUN_BATCH, (view.batch_id,)) in asked
    work(open_desk, view.batch_id)
    assert seen(open_desk, view).done == 5


def test_a_running_batch_can_be_stopped_and_what_was_done_goes_back(
    open_desk: OpenDesk, sessions: sessionmaker[Session], cast: Cast
) -> None:
    stored(sessions, 250)
    view = ask(open_desk, "审核 全部", cast.xiaoli)
    press(open_desk, view, "confirm", cast.xiaoli)
    for _ in range(2):
        with open_desk() as desk:
            running.go_on(desk, view.batch_id)

    shown = press(open_desk, view, "undo", cast.xiaoli)
    assert (shown.state, shown.done, shown.waiting) == ("undoing", 200, 0)
    assert work(open_desk, view.batch_id) == 2

    over = seen(open_desk, view)
    assert (over.state, over.undone, over.done) == ("undone", 200, 0)
    with sessions() as session:
        assert set(session.scalars(select(Order.stage))) == {"pending_review"}
        states = session.execute(select(BatchOrder.state, func.count()).group_by(BatchOrder.state)).all()
        assert dict(states) == {"undone": 200, "skipped": 50}


def test_how_far_it_is_shows_now_and_then(
    sessions: sessionmaker[Session], settings: Settings, open_desk: OpenDesk, cast: Cast, now: datetime
) -> None:
    stored(sessions, 400)
    view = ask(open_desk, "审核 全部", cast.xiaoli)
    press(open_desk, view, "confirm", cast.xiaoli)
    for seconds in (1, 4, 5):
        with sessions() as session:
            assert running.go_on(Desk(session, now + timedelta(seconds=seconds), settings), view.batch_id)
            session.commit()
    with sessions() as session:
        keys = session.scalars(select(Notification.dedupe_key).where(Notification.purpose == "edit")).all()
        batch = session.get_one(Batch, view.batch_id)
    assert sorted(keys) == [f"batch:{view.batch_id}:edit:2", f"batch:{view.batch_id}:edit:3"]
    assert batch.revision == 3
    shown = seen(open_desk, view)
    assert (shown.total - shown.waiting, shown.total) == (300, 400)


def test_an_order_that_breaks_the_code_is_left_out_and_named(
    open_desk: OpenDesk, sessions: sessionmaker[Session], cast: Cast
) -> None:
    ids = stored(sessions, 120)
    view = ask(open_desk, "审核 全部", cast.xiaoli)
    press(open_desk, view, "confirm", cast.xiaoli)
    with open_desk() as desk:
        running.give_up(desk, view.batch_id)
    work(open_desk, view.batch_id)

    over = seen(open_desk, view)
    with sessions() as session:
        first = session.get_one(Order, ids[0])
    assert over.done == 119
    assert over.named == ((first.tag, "程序处理这一单时出错，没有动：请联系管理员"),)
    assert first.stage == "pending_review"


def test_what_was_done_a_month_ago_is_forgotten_here_and_known_to_the_trails(
    open_desk: OpenDesk, sessions: sessionmaker[Session], settings: Settings, cast: Cast, now: datetime
) -> None:
    from handlers.batches import store

    stored(sessions, 3)
    press(open_desk, ask(open_desk, "审核 全部", cast.xiaoli), "confirm", cast.xiaoli)
    with sessions() as session:
        store.forget(Desk(session, now + timedelta(days=31), settings))
        session.commit()
        assert session.scalars(select(Batch)).all() == []
        assert session.scalars(select(BatchOrder)).all() == []
        assert session.scalar(select(func.count(TrailRow.id))) == 3


def test_a_step_asks_the_database_as_often_for_thirty_as_for_ten(
    open_desk: OpenDesk, sessions: sessionmaker[Session], cast: Cast
) -> None:
    """So that people need not wait, though locks and days need a look at every order's rules."""

    def statements(orders: int) -> dict[str, int]:
        with sessions() as session:
            session.execute(text("DELETE FROM cases"))
            session.execute(text("UPDATE orders SET stage = 'done'"))
            for _ in range(orders):
                make_order(session)
            session.commit()
            engine = session.get_bind()
        found = {}
        for words in ("审核 全部", "备注 全部 加固", "锁定 全部 盘点", "解锁 全部", "延发 全部 2026-01-05 盘点"):
            view, seen = ask(open_desk, words, cast.chenjie), []  # type: ignore[var-annotated]
            listener: Callable[..., None] = lambda *call, seen=seen: seen.append(call[2])  # noqa: E731
            event.listen(engine, "before_cursor_execute", listener)
            over = press(open_desk, view, "confirm", cast.chenjie)
            event.remove(engine, "before_cursor_execute", listener)
            assert (over.state, over.done) == ("done", orders), words
            found[words] = len(seen)
        return found

    statements(3)
    assert statements(10) == statements(30)
