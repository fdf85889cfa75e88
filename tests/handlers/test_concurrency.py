"""Promise 2: two people at once, on a database that really commits."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from config import Settings
from handlers import commands, due, pressing, trail, watch
from handlers.desk import Actor, Desk, Refusal
from handlers.views import CaseView, OrderView, View
from models import Case, Notification, Order, TrailRow, WriteBack
from tests.cast import Cast, hire_all
from tests.factories import make_order, pressed, typed

Work = Callable[[Desk], View | int | None]


class Two:
    """Runs work in threads that start at the same moment, each in a transaction of its own."""

    def __init__(self, sessions: sessionmaker[Session], settings: Settings, now: datetime) -> None:
        self._sessions, self._settings, self._now = sessions, settings, now

    def at_once(self, *works: Work) -> list[View | int | None]:
        gate = threading.Barrier(len(works))
        results: list[View | int | None] = [None] * len(works)
        errors: list[BaseException] = []

        def run(number: int, work: Work) -> None:
            try:
                with self._sessions() as session:
                    desk = Desk(session, self._now, self._settings)
                    session.connection()
                    gate.wait(10)
                    results[number] = work(desk)
                    session.commit()
            except BaseException as error:  # noqa: BLE001
                errors.append(error)

        threads = [threading.Thread(target=run, args=(number, work)) for number, work in enumerate(works)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert errors == []
        return results

    def once(self, work: Work) -> View | int | None:
        return self.at_once(work)[0]


@pytest.fixture
def two(sessions: sessionmaker[Session], settings: Settings, now: datetime) -> Two:
    return Two(sessions, settings, now)


@pytest.fixture
def cast(sessions: sessionmaker[Session]) -> Cast:
    with sessions() as session:
        people = hire_all(session)
        session.commit()
    return people


def stored(sessions: sessionmaker[Session], count: int = 1, **changes: object) -> list[int]:
    with sessions() as session:
        ids = [make_order(session, **changes).id for _ in range(count)]  # type: ignore[arg-type]
        session.commit()
    return ids


def a_press(action: str, subject: str, actor: Actor) -> Work:
    return lambda desk: pressing.press(desk, pressed(action, subject), actor)


@pytest.mark.parametrize("_again", range(5))
def test_two_presses_at_once_move_once_and_the_slower_sees_who_did(
    two: Two, sessions: sessionmaker[Session], cast: Cast, _again: int
) -> None:
    (order_id,) = stored(sessions)
    subject = f"order:{order_id}"

    views = two.at_once(a_press("approve", subject, cast.xiaoli), a_press("approve", subject, cast.chenjie))

    notes = [view.note for view in views if isinstance(view, OrderView)]
    assert sum("已到待配货" in note for note in notes) == 1
    assert sum("已由小李处理" in note or "已由陈姐处理" in note for note in notes) == 1
    with sessions() as session:
        order = session.get_one(Order, order_id)
        assert (order.stage, order.revision) == ("pending_pick", 2)
        assert session.scalar(select(func.count(TrailRow.id))) == 1
        assert trail.verify(session, f"order:1:{order.external_id}")


def test_two_shipments_at_once_owe_one_write_back(two: Two, sessions: sessionmaker[Session], cast: Cast) -> None:
    (order_id,) = stored(sessions, stage="pending_ship", tag="TB-20251222-901")

    def shipping(number: str) -> Work:
        def work(desk: Desk) -> View | None:
            try:
                return commands.run(desk, typed(f"发货 TB-20251222-901 顺丰 {number}"), cast.laowang)
            except Refusal:
                return None

        return work

    views = two.at_once(shipping("SF1234567890123"), shipping("SF9999999999999"))

    assert sum(view is not None for view in views) == 1
    with sessions() as session:
        order = session.get_one(Order, order_id)
        assert session.scalars(select(WriteBack)).one().body["waybill"] == order.waybill


def test_a_note_said_again_while_it_is_being_told_waits_for_nobody(
    two: Two, sessions: sessionmaker[Session], cast: Cast
) -> None:
    (order_id,) = stored(sessions, tag="TB-20251222-902")
    two.once(lambda desk: commands.run(desk, typed("备注 902 加固"), cast.xiaoli))
    with sessions() as teller:  # it holds the row while the platform answers, and wants the order afterwards
        held = teller.scalars(select(WriteBack).with_for_update()).one()
        two.once(lambda desk: commands.run(desk, typed("备注 902 加固"), cast.xiaoli))
        two.once(lambda desk: commands.run(desk, typed("备注 902 红旗 轻放"), cast.xiaoli))
        held.state = "confirmed"
        teller.commit()
    with sessions() as session:
        assert [(row.line, row.state) for row in session.scalars(select(WriteBack).order_by(WriteBack.id))] == [
            ("加固", "confirmed"), ("轻放", "owed"),
        ]  # fmt: skip
        assert session.get_one(Order, order_id).revision == 4


def test_two_claims_at_once_have_one_owner(two: Two, sessions: sessionmaker[Session], cast: Cast) -> None:
    (order_id,) = stored(sessions, district="")
    two.once(lambda desk: watch.watch(desk, [order_id]))
    with sessions() as session:
        case_id = session.scalars(select(Case.id)).one()

    views = two.at_once(
        a_press("claim", f"case:{case_id}", cast.xiaoli), a_press("claim", f"case:{case_id}", cast.chenjie)
    )

    notes = sorted(view.note for view in views if isinstance(view, CaseView))
    with sessions() as session:
        owner = session.get_one(Case, case_id).owner_id
    name = "小李" if owner == cast.xiaoli.staff_id else "陈姐"
    assert notes == sorted([f"{name}已认领", f"已由{name}认领"])


def test_watching_from_two_sides_opens_one_case_and_keeps_the_chain(
    two: Two, sessions: sessionmaker[Session], cast: Cast
) -> None:
    ids = stored(sessions, 20, district="")

    two.at_once(lambda desk: watch.watch(desk, ids), lambda desk: watch.watch(desk, ids[::-1]))

    with sessions() as session:
        assert session.scalar(select(func.count(Case.id)).where(Case.order_id.is_not(None))) == 20
        assert session.scalar(select(func.count(Case.id)).where(Case.order_id.is_(None))) == 1, "told by one matter"
        assert session.scalar(select(func.count(Notification.id)).where(Notification.purpose == "card")) == 1
        for order in session.scalars(select(Order)):
            assert trail.verify(session, f"order:1:{order.external_id}")


def test_two_clocks_take_every_step_once(
    two: Two, sessions: sessionmaker[Session], cast: Cast, now: datetime, settings: Settings
) -> None:
    stored(sessions, 5, district="")
    two.once(due.look)
    later = Two(sessions, settings, now + timedelta(minutes=15))

    later.at_once(due.look, due.look, due.look)

    with sessions() as session:
        assert set(session.scalars(select(Case.step))) == {2}
        told = session.scalars(select(Notification.dedupe_key).where(Notification.channel == "staff")).all()
        assert len([key for key in told if "step1" in key]) == 5
        for order in session.scalars(select(Order)):
            assert trail.verify(session, f"order:1:{order.external_id}")


def test_pressing_while_the_clock_looks_loses_nothing(two: Two, sessions: sessionmaker[Session], cast: Cast) -> None:
    ids = stored(sessions, 8)

    two.at_once(
        due.look,
        *(a_press("approve", f"order:{order_id}", cast.xiaoli) for order_id in ids),
        lambda desk: watch.watch(desk, ids),
    )

    with sessions() as session:
        for order in session.scalars(select(Order)):
            assert order.stage == "pending_pick"
            assert trail.verify(session, f"order:1:{order.external_id}")


def test_crowds_found_from_two_sides_are_one_matter(
    two: Two, sessions: sessionmaker[Session], cast: Cast, now: datetime
) -> None:
    first = stored(sessions, 6, stage_entered_at=now - timedelta(hours=3))
    second = stored(sessions, 6, stage_entered_at=now - timedelta(hours=3))

    two.at_once(lambda desk: watch.watch(desk, first), lambda desk: watch.watch(desk, second))

    with sessions() as session:
        assert session.scalars(select(Case.kind)).all() == ["stale_group"]
