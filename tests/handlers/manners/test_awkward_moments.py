"""The manners where they are hard to keep: many at once, at the edge of a minute, with somebody who was faster."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from redis import Redis
from sqlalchemy.orm import Session

from bot.card import Card
from bot.cards import draw
from bot.pen import Pen
from config import Settings
from handlers import cases, commands, due, opening, owe, show, watch
from handlers.desk import Actor, Desk, Refusal
from handlers.duty import quiet
from handlers.duty.hours import Night
from handlers.manners import hold, silence
from handlers.matter import Opening
from models import Case, Notification, Role, Urgency
from tests.bot.scene import Desks, Scene
from tests.cast import Cast
from tests.factories import make_case, make_line, make_order, typed
from tests.handlers.duty.rota import at, is_away, when, works
from tests.handlers.manners.test_fifteen_rules import live, rows, said, tick, vague_of, wish


@pytest.fixture
def scene(desks: Desks, settings: Settings, redis: Redis, people: dict[str, int]) -> Scene:
    return Scene(desks, settings, redis, people)


@pytest.fixture
def evening(scene: Scene) -> Scene:
    """Everybody has gone home at 18:00."""
    with scene.open_desk() as desk:
        for staff_id in scene.people.values():
            works(desk.session, Actor("x", staff_id=staff_id), 9, 18)
    scene.now = at("12-22 19:00")
    return scene


def storm(scene: Scene, kind: str, orders: int = 6) -> None:
    """Many orders, one cause, in one look."""
    with scene.open_desk() as desk:
        made = [make_order(desk.session, recheck_at=None) for _ in range(orders)]
        opening.open_many(desk, [Opening(kind, "一样的", Role.SERVICE, order.id) for order in made])


def owed(scene: Scene) -> list[Notification]:
    return [row for row in scene.rows() if row.purpose == "card"]


def actor(scene: Scene, userid: str, role: Role) -> Actor:
    return Actor(userid, frozenset({role}), scene.people[userid], "wecom_app")


class TestManyAtOnce:
    def test_many_that_are_not_urgent_wait_for_the_digest_as_one_does(self, evening: Scene) -> None:
        storm(evening, "delay_request")
        evening.run()

        assert said(evening) == []
        assert {row.problem for row in owed(evening)} == {hold.DIGEST}

    def test_many_that_heal_by_themselves_are_given_the_time_as_well(self, scene: Scene) -> None:
        storm(scene, "order_gone")
        scene.run()
        assert said(scene) == []
        assert {row.problem for row in owed(scene)} == {hold.HEALING}

        scene.run(after=timedelta(minutes=3))
        assert len(said(scene)) == 1

    def test_whoever_muted_a_kind_is_not_told_of_many_of_it(self, scene: Scene) -> None:
        with scene.open_desk() as desk:
            commands.run(desk, typed("静音 地址模糊 今天", is_group=False), actor(scene, "xiaoli", Role.SERVICE))
        storm(scene, "address_vague")
        scene.now += timedelta(minutes=16)
        with scene.open_desk() as desk:
            due.look(desk)
        scene.run()

        assert [parcel.recipient for parcel in scene.app.parcels] == []
        assert "已静音「地址模糊」到 12-23 00:00" in {row.problem for row in owed(scene)}

    def test_fifty_that_come_near_their_deadline_together_are_one_alert_for_each(
        self, desk: Desk, session: Session, cast: Cast
    ) -> None:
        orders = vague_of(session, 50, ship_by_at=desk.now + timedelta(hours=30), stage_entered_at=desk.now)
        watch.watch(desk, [order.id for order in orders])
        for minutes in (30, 105, 26 * 60 - 1):  # the group's own ladder is over
            due.look(replace(desk, now=desk.now + timedelta(minutes=minutes)))
        before = len(rows(session))
        looks = [timedelta(hours=hours, minutes=minutes) for hours in (26, 29, 30) for minutes in range(4)]
        for after in looks:
            due.look(replace(desk, now=desk.now + after))

        alerts = [row for row in rows(session)[before:] if row.urgency == Urgency.ALERT]
        kinds = {row.subject: session.get_one(Case, int(row.subject[5:])).kind for row in alerts}
        assert set(kinds.values()) == {"cause_group"}, "no card for an order alone"
        assert max(Counter((row.recipient, row.subject) for row in alerts).values()) <= 3, "once for each tier"

    def test_a_storms_alert_breaks_through_the_night_as_one_case_would(
        self, desk: Desk, session: Session, cast: Cast
    ) -> None:
        night = when(desk, "12-23 02:00")
        orders = vague_of(session, 6, ship_by_at=at("12-23 03:00"), stage_entered_at=night.now, created_at=night.now)
        watch.watch(night, [order.id for order in orders])
        due.look(night)

        near = [row for row in rows(session) if row.urgency == Urgency.ALERT]
        assert {session.get_one(Case, int(row.subject[5:])).kind for row in near} == {"cause_group"}
        told = {row.recipient for row in near if row.channel == "staff" and quiet.hold(night, row) is None}
        assert len(told) <= 2, "whoever is on duty for that role, and nobody else"
        assert told

    def test_a_group_says_how_much_time_is_left(self, desk: Desk, session: Session, cast: Cast) -> None:
        orders = vague_of(session, 6, ship_by_at=desk.now + timedelta(hours=5), stage_entered_at=desk.now)
        stuck = [
            make_order(
                session,
                stage_entered_at=desk.now - timedelta(hours=3),
                ship_by_at=desk.now + timedelta(hours=7),
                lines=[make_line("QH-TEA-01")],
            )
            for _ in range(6)
        ]
        watch.watch(desk, [order.id for order in (*orders, *stuck)])

        titles = []
        for kind in ("cause_group", "stale_group"):
            (group,) = [one for one in live(session, kind) if "地址模糊" in one.reason or kind == "stale_group"]
            card = draw(show.show(desk, f"case:{group.id}", None), Pen.of(desk))
            assert isinstance(card, Card)
            titles.append(card.title)
        assert titles == ["多单地址模糊 · 6 单 · 剩 5 小时 · ¥828", "待审核超时 · 6 单 · 剩 7 小时 · ¥828"]


class TestNobodyCanAct:
    def test_what_is_for_this_shift_waits_until_somebody_of_it_is_back(self, evening: Scene) -> None:
        evening.now = at("12-22 06:30")
        with evening.open_desk() as desk:
            works(desk.session, Actor("x", staff_id=evening.people["xiaoli"]), 7, 8)
            quiet.set_night(desk, Night.of("05:00", "05:00", "05:00"), actor(evening, "chenjie", Role.SUPERVISOR))
        wish(evening, kind="address_vague")
        evening.run()
        assert said(evening) == []

        tick(evening, "12-22 07:02")
        assert len(said(evening)) == 1, "before the digest at nine"

    def test_an_owner_on_leave_cannot_act(self, evening: Scene) -> None:
        evening.now = at("12-22 10:00")
        with evening.open_desk() as desk:
            for userid in ("xiaoli", "chenjie", "laowang"):
                is_away(desk.session, Actor("x", staff_id=evening.people[userid]), "12-22 00:00", "12-23 00:00")
        wish(evening, owner_id=evening.people["xiaoli"])
        evening.run()

        assert said(evening) == []


class TestSomebodyHasIt:
    def test_what_somebody_claimed_meanwhile_is_told_to_nobody_else(self, scene: Scene) -> None:
        case = wish(scene, kind="address_vague")
        with scene.open_desk() as desk:
            owe.owe(desk, [owe.card(case.id, "step1", staff_id=scene.people["xiaoli"])])
            cases.claim(desk, case.id, actor(scene, "chenjie", Role.SUPERVISOR))
        scene.run()

        assert (said(scene), scene.app.parcels) == ([], [])
        assert {row.problem for row in owed(scene)} == {silence.WHY}

    def test_nor_does_the_morning_tell_of_it(self, scene: Scene) -> None:
        scene.now = at("12-22 22:05")
        found = [wish(scene, kind="address_vague") for _ in range(3)]
        with scene.open_desk() as desk:
            for case in found:
                owe.owe(desk, [owe.card(case.id, "step1", staff_id=scene.people["xiaoli"])])
        scene.run()
        with scene.open_desk() as desk:
            for case in found[:2]:
                cases.claim(desk, case.id, actor(scene, "chenjie", Role.SUPERVISOR))
            until = at("12-23 12:00")
            for case in found[:2]:
                kept = desk.session.get_one(Case, case.id, populate_existing=True)
                kept.claimed_until = kept.due_at = until
        tick(scene, "12-23 09:00")
        scene.run(after=timedelta(minutes=2))

        told = [parcel for parcel in scene.app.parcels if parcel.recipient == "xiaoli"]
        assert [type(parcel.drawing) for parcel in told] == [Card], "the third as its own card"
        assert len(said(scene)) == 1

    def test_back_in_the_pool_before_it_was_sent_it_is_told(self, scene: Scene) -> None:
        case = wish(scene, kind="address_vague")
        with scene.open_desk() as desk:
            chenjie = actor(scene, "chenjie", Role.SUPERVISOR)
            cases.claim(desk, case.id, chenjie)
            cases.release(desk, case.id, chenjie)
        scene.run()

        assert len(said(scene)) == 1


class TestAPromise:
    @pytest.mark.parametrize(("left", "promised"), [(30, 15), (70, 35), (180, 120), (3000, 120)])
    def test_one_without_words_runs_out_while_the_deadline_can_still_be_kept(
        self, desk: Desk, session: Session, cast: Cast, left: int, promised: int
    ) -> None:
        case = make_case(session, make_order(session, ship_by_at=desk.now + timedelta(minutes=left)))
        cases.claim(desk, case.id, cast.xiaoli)

        session.expire_all()
        assert case.claimed_until == case.due_at == desk.now + timedelta(minutes=promised)

    def test_after_the_deadline_it_is_as_long_as_its_kind_may_take(
        self, desk: Desk, session: Session, cast: Cast
    ) -> None:
        case = make_case(session, make_order(session, ship_by_at=desk.now))
        cases.claim(desk, case.id, cast.xiaoli)

        session.expire_all()
        assert case.claimed_until == desk.now + timedelta(hours=2)

    def test_of_a_group_it_cannot_be_later_than_the_nearest_deadline(
        self, desk: Desk, session: Session, cast: Cast
    ) -> None:
        orders = vague_of(session, 6, ship_by_at=desk.now + timedelta(hours=5), stage_entered_at=desk.now)
        watch.watch(desk, [order.id for order in orders])
        (group,) = live(session, "cause_group")

        with pytest.raises(Refusal, match="平台发货时限是 12-22 15:00，承诺的时间不能晚于它"):
            cases.claim(desk, group.id, cast.chenjie, 360)


class TestTheEdgeOfTheNight:
    @pytest.mark.parametrize(("ship_by", "told_at"), [("08:30", "07:30"), ("09:00", "08:00"), ("09:01", "08:01")])
    def test_a_penalty_that_strikes_while_the_morning_is_being_told_does_not_wait_for_it(
        self, desk: Desk, session: Session, cast: Cast, ship_by: str, told_at: str
    ) -> None:
        night = when(desk, "12-23 01:00")
        case = make_case(session, make_order(session, ship_by_at=at(f"12-23 {ship_by}")))
        owe.owe(night, [owe.card(case.id, "open")])

        (row,) = rows(session)
        assert quiet.hold(night, row) == at(f"12-23 {told_at}")
