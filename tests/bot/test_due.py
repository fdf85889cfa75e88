"""What is most urgent goes first, and what says the same goes once."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import Engine, event, select, text, update

from bot import due
from bot.card import Card, Text
from bot.channels.pace import Pace
from bot.channels.sending import Change, Parcel, Receipt, SendError
from config import Settings
from handlers import owe as owing
from handlers.owe import Owed, owe
from models import Case, Notification, SentCard, Urgency
from tests.bot.conftest import a_case, an_order
from tests.bot.samples import NOW
from tests.bot.scene import BUSY, Desks, Fake, Scene, keep_case, keep_sent


@pytest.fixture
def scene(desks: Desks, settings: Settings, redis: Redis, people: dict[str, int]) -> Scene:
    return Scene(desks, settings, redis, people)


def fill(scene: Scene, userid: str, number: int) -> None:
    """Somebody has had so many messages this minute."""
    for _ in range(number):
        Pace(scene.redis, "wecom_app").count(userid)


def said(scene: Scene) -> list[str]:
    return [parcel.drawing.markdown for parcel in scene.app.parcels if isinstance(parcel.drawing, Text)]


# the most urgent first


def test_the_more_urgent_goes_first_whatever_was_owed_before(scene: Scene) -> None:
    for urgency in reversed(Urgency):
        scene.owe(urgency=urgency, key=urgency.name, body={"text": urgency.name})
        scene.now += timedelta(seconds=1)
    scene.run()
    assert said(scene) == ["ALERT", "ANSWER", "CARD", "EDIT", "DIGEST"]


def test_of_the_same_urgency_the_oldest_goes_first(scene: Scene) -> None:
    for number in range(3):
        scene.owe(key=f"k{number}", body={"text": str(number)})
        scene.now += timedelta(seconds=1)
    scene.run()
    assert said(scene) == ["0", "1", "2"]


def test_an_alert_that_is_owed_in_the_middle_of_a_storm_goes_next(scene: Scene) -> None:
    class Interrupted(Fake):
        def send(self, parcel: Parcel) -> Receipt:
            if len(self.parcels) == 2:
                scene.owe(urgency=Urgency.ALERT, key="alert", body={"text": "马上超时"})
            return super().send(parcel)

    scene.app = Interrupted()
    scene.ways.senders["wecom_app"] = scene.app
    for number in range(10):
        scene.owe(key=f"k{number}", body={"text": str(number)})
    scene.run()
    assert said(scene)[2:4] == ["2", "马上超时"]


def test_a_storm_of_edits_does_not_hold_up_an_alert(scene: Scene) -> None:
    with scene.open_desk() as desk:
        for number in range(1, 41):
            order = an_order(desk.session, number)
            keep_sent(desk, f"order:{order.id}", number, revision=0)
            owe(desk, [owing.order_edit(order.id, 1)])
    scene.owe(urgency=Urgency.ALERT, key="alert", body={"text": "马上超时"})
    order_of: list[str] = []

    class Noted(Fake):
        def send(self, parcel: Parcel) -> Receipt:
            order_of.append("alert")
            return Receipt()

        def change(self, change: Change) -> None:
            order_of.append("edit")

    scene.ways.senders["wecom_app"] = Noted()
    report = scene.run()
    assert (report.sent, order_of[0], len(order_of)) == (41, "alert", 41)


def test_what_was_put_back_in_this_run_is_left_for_the_next(scene: Scene) -> None:
    scene.app.fails = [SendError(BUSY, 6000)]
    scene.owe(key="a", body={"text": "a"})
    scene.owe(key="b", body={"text": "b"})
    moments = iter([scene.now] + [scene.now + timedelta(minutes=n) for n in range(20)])
    scene.open_desk = _running_on(scene, moments)
    assert scene.run().waiting == 1
    assert said(scene) == ["a", "b"]


def _running_on(scene: Scene, moments):  # type: ignore[no-untyped-def]
    """Each desk is opened at a later moment."""
    opened = scene.open_desk

    def later():  # type: ignore[no-untyped-def]
        scene.now = next(moments)
        return opened()

    return later


def test_the_next_row_is_found_by_an_index(scene: Scene) -> None:
    with scene.open_desk() as desk:
        desk.session.execute(text("SET LOCAL enable_seqscan = off"))
        plan = "\n".join(
            desk.session.execute(
                text("""
                    EXPLAIN SELECT id FROM notifications
                    WHERE channel IN ('staff', 'group') AND state IN ('owed', 'sending') AND next_try_at <= now()
                    ORDER BY urgency, next_try_at, id LIMIT 1 FOR UPDATE SKIP LOCKED
                """)
            ).scalars()
        )
    assert "ix_notifications_due" in plan


# edits of one subject


def test_several_edits_of_one_card_are_one(scene: Scene) -> None:
    case = keep_case(scene, revision=5)
    with scene.open_desk() as desk:
        keep_sent(desk, f"case:{case.id}", 1)
        for revision in range(2, 6):
            owe(desk, [owing.edit(case.id, revision)])
    report = scene.run()
    assert (report.sent, report.merged, report.dropped) == (1, 3, 0)
    assert len(scene.app.changes) == 1
    first, *others = scene.rows()
    assert (first.state, {(row.state, row.merged_into) for row in others}) == ("sent", {("merged", first.id)})
    assert all(row.problem for row in others), "and it says why"


def test_edits_of_many_cards_are_one_each(scene: Scene) -> None:
    with scene.open_desk() as desk:
        for number in (1, 2, 3):
            order = an_order(desk.session, number, revision=3)
            keep_sent(desk, f"order:{order.id}", number)
            owe(desk, [owing.order_edit(order.id, revision) for revision in (2, 3)])
    report = scene.run()
    assert (report.sent, report.merged) == (3, 3)
    assert sorted(change.task_id for change in scene.app.changes) == ["t-1", "t-2", "t-3"]


def test_the_answer_to_a_press_is_not_merged_with_an_edit(scene: Scene) -> None:
    case = keep_case(scene, revision=2)
    subject = f"case:{case.id}"
    with scene.open_desk() as desk:
        keep_sent(desk, subject, 1)
        owe(desk, [owing.edit(case.id, 2), Owed("press:m", "staff", "edit", subject, body={"task_id": "t-9"})])
    report = scene.run()
    assert (report.sent, report.merged) == (2, 0)
    assert [change.task_id for change in scene.app.changes] == ["t-9", "t-1"], "who pressed waits for it"


def test_an_edit_that_waits_for_its_platform_takes_the_newer_one_along(scene: Scene) -> None:
    case = keep_case(scene, revision=2)
    with scene.open_desk() as desk:
        keep_sent(desk, f"case:{case.id}", 1)
        owe(desk, [owing.edit(case.id, 2)])
    scene.app.fails = [SendError(BUSY, 6000)]
    assert scene.run().waiting == 1
    with scene.open_desk() as desk:
        desk.session.execute(update(Case).values(revision=3))
        owe(desk, [owing.edit(case.id, 3)])
    report = scene.run(after=timedelta(seconds=2))
    assert (report.sent, report.merged) == (1, 1)
    with scene.open_desk() as desk:
        assert desk.session.scalars(select(SentCard.revision)).one() == 3


def test_two_deliverers_lose_no_edit(scene: Scene) -> None:
    with scene.open_desk() as desk:
        for number in range(1, 11):
            order = an_order(desk.session, number, revision=4)
            keep_sent(desk, f"order:{order.id}", number)
            owe(desk, [owing.order_edit(order.id, revision) for revision in (2, 3, 4)])
    threads = [threading.Thread(target=scene.run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with scene.open_desk() as desk:
        assert set(desk.session.scalars(select(SentCard.revision))) == {4}
        assert desk.session.scalar(select(Notification.id).where(Notification.state.in_(("owed", "sending")))) is None


# small texts


def test_small_texts_travel_together_where_the_channel_is_nearly_full(scene: Scene) -> None:
    fill(scene, "xiaoli", 18)
    for number in range(4):
        scene.owe(key=f"k{number}", body={"text": f"第 {number} 条"})
    report = scene.run()
    assert (report.sent, report.merged) == (1, 3)
    assert said(scene) == ["第 0 条\n\n第 1 条\n\n第 2 条\n\n第 3 条"]
    carrier, *others = scene.rows()
    assert {row.merged_into for row in others} == {carrier.id}


def test_what_rests_till_morning_does_not_travel_with_an_answer(scene: Scene) -> None:
    scene.now = scene.now.replace(hour=15, minute=30)  # 23:30 in Beijing
    fill(scene, "xiaoli", 18)
    scene.owe(key="answer:1", body={"text": "查到了"})
    scene.owe(key="wake:1", body={"text": "该看一看了"})
    scene.run()
    assert said(scene) == ["查到了"]
    assert [row.state for row in scene.rows()] == ["sent", "owed"]


def test_where_there_is_room_each_text_is_a_message(scene: Scene) -> None:
    fill(scene, "xiaoli", 17)
    for number in range(2):
        scene.owe(key=f"k{number}", recipient=str(scene.people["xiaoli" if number else "laowang"]))
    assert (scene.run().sent, len(scene.app.parcels)) == (2, 2)


def test_an_alert_stands_alone_and_nothing_private_is_mixed_in(scene: Scene) -> None:
    fill(scene, "xiaoli", 20)
    scene.owe(key="a", urgency=Urgency.ALERT, body={"text": "马上超时"})
    scene.owe(key="b", body={"text": "小事"})
    scene.owe(key="c", body={"text": "小事二"})
    scene.owe(key="d", recipient=str(scene.people["laowang"]), body={"text": "别人的"})
    scene.run()
    assert said(scene) == ["马上超时", "小事\n\n小事二", "别人的"]


def test_no_more_than_fits_travels_together(scene: Scene) -> None:
    fill(scene, "xiaoli", 18)
    for number in range(3):
        scene.owe(key=f"k{number}", body={"text": f"{number}" + "长" * 250})
    scene.run()
    assert [len(one.encode()) <= 1800 for one in said(scene)] == [True, True]
    assert "".join(said(scene)).count("长") == 750


def test_what_travels_together_is_sent_once_though_its_answer_is_lost(scene: Scene) -> None:
    fill(scene, "xiaoli", 18)
    for number in range(3):
        scene.owe(key=f"k{number}", body={"text": str(number)})
    scene.app.fails = [SendError(BUSY, unknown=True)]
    assert scene.run().waiting == 1
    scene.redis.flushall()
    assert scene.run(after=timedelta(seconds=2)).sent == 1
    first, second = scene.app.parcels
    assert (first.key, first.drawing) == (second.key, second.drawing)
    assert scene.states() == ["sent", "merged", "merged"]


def test_taking_names_what_became_of_the_one_before(scene: Scene) -> None:
    scene.owe()
    with scene.open_desk() as desk:
        taken = due.take(desk, ("staff",), ())
        assert taken is not None
        assert (taken.died, taken.due_at, taken.row.tries, taken.row.state) == (False, NOW, 1, "sending")
        assert due.take(desk, ("staff",), ()) is None
    scene.now += due.LEASE
    with scene.open_desk() as desk:
        again = due.take(desk, ("staff",), ())
        assert again is not None
        assert (again.died, again.row.tries) == (True, 2)
        assert due.take(desk, ("group",), ()) is None


def test_a_message_costs_few_statements(scene: Scene, engine: Engine) -> None:
    statements: list[str] = []
    for number in range(10):
        scene.owe(key=f"t{number}")
        with scene.open_desk() as desk:
            order = an_order(desk.session, number + 1, revision=2)
            keep_sent(desk, f"order:{order.id}", number)
            owe(desk, [owing.order_edit(order.id, 2)])

    def note(*call: Any) -> None:
        statements.append(call[2])

    event.listen(engine, "before_cursor_execute", note)
    report = scene.run()
    event.remove(engine, "before_cursor_execute", note)
    assert report.sent == 20
    assert len(statements) <= 10 * (8 + 9) + 6, "and a handful for the whole run"


def test_a_card_is_no_small_text(scene: Scene) -> None:
    fill(scene, "xiaoli", 18)
    with scene.open_desk() as desk:
        case = a_case(desk.session)
        owe(desk, [owing.card(case.id, "open", staff_id=scene.people["xiaoli"])])
    scene.owe(key="k")
    scene.run()
    assert [type(parcel.drawing) for parcel in scene.app.parcels] == [Text, Card]
