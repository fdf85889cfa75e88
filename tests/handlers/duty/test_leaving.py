"""The end of a shift: who still has matters is asked once to hand them over, and what nobody said yes to is free."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers import commands, due, pressing, show, trail
from handlers.desk import Actor, Desk
from handlers.duty.view import HandoverView
from models import Case, Handover, Notification, Role
from models.case import short_code
from tests.cast import Cast, Member, hire
from tests.factories import make_case, make_order, pressed, typed
from tests.handlers.duty.rota import at, when, works


@pytest.fixture
def wangwu(session: Session, cast: Cast) -> Actor:
    """小李's colleague, who comes for the evening."""
    made = hire(session, Member("王五", "wangwu", Role.SERVICE))
    works(session, cast.xiaoli, 9, 18)
    works(session, made, 18, 24)
    return made


def mine(session: Session, who: Actor, until: str = "12-23 10:00", **changes: object) -> Case:
    """Claimed for long, unless said otherwise."""
    values = {"state": "claimed", "owner_id": who.staff_id, "claimed_until": at(until), "due_at": at(until)}
    return make_case(session, make_order(session, recheck_at=None), **{**values, **changes})


def given(session: Session, who: Actor) -> Case:
    """Theirs, who have not said yes to it."""
    return mine(session, who, state="open", claimed_until=None, due_at=at("12-23 12:00"))


def cards(session: Session, who: Actor) -> list[str]:
    found = select(Notification.subject).where(
        Notification.recipient == str(who.staff_id), Notification.purpose == "card"
    )
    return list(session.scalars(found.order_by(Notification.id)))


def told(session: Session, who: Actor) -> list[str]:
    found = select(Notification).where(Notification.recipient == str(who.staff_id), Notification.purpose == "text")
    return [str(row.body["text"]) for row in session.scalars(found.order_by(Notification.id))]


def looked(desk: Desk, *moments: str) -> Desk:
    for moment in moments:
        desk = when(desk, moment)
        due.look(desk)
    desk.session.expire_all()
    return desk


def press(desk: Desk, action: str, row: Handover, actor: Actor) -> HandoverView:
    view = pressing.press(desk, pressed(action, f"handover:{row.id}", revision=row.revision), actor)
    desk.session.expire_all()
    assert isinstance(view, HandoverView)
    return view


def card(desk: Desk, row: Handover, actor: Actor) -> HandoverView:
    view = show.show(desk, f"handover:{row.id}", actor)
    assert isinstance(view, HandoverView)
    return view


def only(session: Session) -> Handover:
    return session.scalars(select(Handover)).one()


class TestAsked:
    def test_a_quarter_of_an_hour_before_the_end_with_a_card_that_offers_it_to_the_next(
        self, desk: Desk, session: Session, cast: Cast, wangwu: Actor
    ) -> None:
        case = mine(session, cast.xiaoli)

        looked(desk, "12-22 17:44")
        assert cards(session, cast.xiaoli) == []
        then = looked(desk, "12-22 17:45", "12-22 17:46", "12-22 17:59")

        row = only(session)
        assert cards(session, cast.xiaoli) == [f"handover:{row.id}"], "once"
        assert cards(session, wangwu) == [], "nothing was offered yet"
        view = card(then, row, cast.xiaoli)
        assert (view.giver, view.taker, view.total, view.asks) == ("小李", "王五", 1, True)
        assert [offer.text for offer in view.offers] == ["交接", "不交接"]
        assert any(short_code(case.id) in line for line in view.lines)

    def test_pressed_it_is_offered_and_the_next_accepts(
        self, desk: Desk, session: Session, cast: Cast, wangwu: Actor
    ) -> None:
        case = mine(session, cast.xiaoli)
        then = looked(desk, "12-22 17:50")
        later = mine(session, cast.xiaoli)

        view = press(then, "offer_over", only(session), cast.xiaoli)

        assert (view.note, view.total, view.asks) == ("已请王五接收 2 件，接收前仍归您", 2, False)
        assert cards(session, wangwu) == [f"handover:{only(session).id}"]
        assert only(session).expires_at == at("12-22 19:00"), "an hour from when he is there"
        press(when(desk, "12-22 18:05"), "take_over", only(session), wangwu)
        session.expire_all()
        assert {case.owner_id, later.owner_id} == {wangwu.staff_id}
        assert trail.verify(session, f"staff:{cast.xiaoli.staff_id}")

    @pytest.mark.parametrize("line", ["{code} 交接", "{code} 交出", "{code}交接"])
    def test_words_do_what_the_button_does(
        self, desk: Desk, session: Session, cast: Cast, wangwu: Actor, line: str
    ) -> None:
        mine(session, cast.xiaoli)
        then = looked(desk, "12-22 17:50")
        code = f"交接{only(session).id}"
        view = commands.run(then, typed(line.format(code=code)), cast.xiaoli)
        assert isinstance(view, HandoverView)
        assert view.note.startswith("已请王五接收")

    def test_who_does_not_want_to_keeps_it_and_is_asked_no_more(
        self, desk: Desk, session: Session, cast: Cast, wangwu: Actor
    ) -> None:
        case = mine(session, cast.xiaoli)
        then = looked(desk, "12-22 17:50")
        assert press(then, "keep_over", only(session), cast.xiaoli).state == "没有交接"
        late = press(then, "offer_over", only(session), cast.xiaoli)
        assert late.note == "这次交接没有交接"
        looked(desk, "12-22 17:55", "12-22 18:01")
        session.refresh(case)
        assert (case.owner_id, len(cards(session, cast.xiaoli))) == (cast.xiaoli.staff_id, 1)

    def test_unanswered_it_is_over_when_the_shift_is(
        self, desk: Desk, session: Session, cast: Cast, wangwu: Actor
    ) -> None:
        case = mine(session, cast.xiaoli)
        looked(desk, "12-22 17:50", "12-22 18:00")
        assert only(session).state == "kept"
        session.refresh(case)
        assert (case.state, case.owner_id) == ("claimed", cast.xiaoli.staff_id), "she promised it"

    def test_not_who_has_nothing(self, desk: Desk, session: Session, cast: Cast, wangwu: Actor) -> None:
        mine(session, wangwu)
        looked(desk, "12-22 17:50")
        assert session.scalars(select(Handover)).all() == []

    def test_not_who_thought_of_it(self, desk: Desk, session: Session, cast: Cast, wangwu: Actor) -> None:
        mine(session, cast.xiaoli)
        commands.run(when(desk, "12-22 17:40"), typed("交接 王五"), cast.xiaoli)
        looked(desk, "12-22 17:50")
        assert only(session).state == "offered"
        assert cards(session, cast.xiaoli) == []

    def test_not_where_nobody_comes(self, desk: Desk, session: Session, cast: Cast, wangwu: Actor) -> None:
        mine(session, cast.xiaoli)
        for one in (wangwu, cast.chenjie):
            commands.run(when(desk, "12-22 09:30"), typed(f"请假 {one.name} 今天 到 明天"), cast.chenjie)
        looked(desk, "12-22 17:50")
        assert session.scalars(select(Handover)).all() == []

    def test_not_before_a_break_but_before_the_end(
        self, desk: Desk, session: Session, cast: Cast, wangwu: Actor
    ) -> None:
        works(session, cast.xiaoli, 20, 22)
        mine(session, cast.xiaoli)
        looked(desk, "12-22 17:50", "12-22 18:10")
        assert session.scalars(select(Handover)).all() == []
        looked(desk, "12-22 21:50")
        assert only(session).state == "proposed"

    def test_not_whoever_keeps_the_hours_of_all(self, desk: Desk, session: Session, cast: Cast, wangwu: Actor) -> None:
        commands.run(desk, typed("值班 小李 默认"), cast.chenjie)
        mine(session, cast.xiaoli)
        looked(desk, "12-22 17:50", "12-22 21:50")
        assert session.scalars(select(Handover)).all() == []

    @pytest.mark.parametrize(("minutes", "asked"), [(0, 0), (5, 0), (30, 1)])
    def test_how_long_before_is_a_setting(
        self, desk: Desk, session: Session, cast: Cast, wangwu: Actor, minutes: int, asked: int
    ) -> None:
        mine(session, cast.xiaoli)
        usual = desk.settings.assign
        other = desk.settings.model_copy(update={"assign": usual.model_copy(update={"hand_over_minutes": minutes})})
        looked(replace(desk, settings=other), "12-22 17:40")
        assert len(session.scalars(select(Handover)).all()) == asked

    def test_without_a_colleague_it_is_the_supervisor_who_is_there(
        self, desk: Desk, session: Session, cast: Cast
    ) -> None:
        works(session, cast.xiaoli, 9, 18)
        mine(session, cast.xiaoli)
        then = looked(desk, "12-22 17:50")
        assert card(then, only(session), cast.xiaoli).taker == "陈姐"


class TestNotTaken:
    def test_after_the_shift_it_is_the_pools(self, desk: Desk, session: Session, cast: Cast, wangwu: Actor) -> None:
        claimed, waiting = mine(session, cast.xiaoli), mine(session, cast.xiaoli, wake_at=at("12-23 10:00"))
        press(looked(desk, "12-22 17:50"), "offer_over", only(session), cast.xiaoli)

        then = looked(desk, "12-22 18:20", "12-22 19:00")

        assert only(session).state == "expired"
        assert (claimed.state, claimed.owner_id) == ("open", None)
        assert claimed.due_at == then.now + timedelta(minutes=15)
        assert (waiting.state, waiting.owner_id) == ("claimed", cast.xiaoli.staff_id)
        words = "王五没有接收小李的交接，小李已经下班，1 件放回待认领，其余 1 件还在小李名下"
        assert told(session, cast.chenjie) == [words]
        assert told(session, wangwu)[-1].startswith("小李下班了，王五没有接收交接，放回待认领，请认领：")


class TestSetFree:
    def test_what_was_never_claimed_is_free_when_its_owner_has_gone(
        self, desk: Desk, session: Session, cast: Cast, wangwu: Actor
    ) -> None:
        case, promised = given(session, cast.xiaoli), mine(session, cast.xiaoli)

        looked(desk, "12-22 17:59")
        assert case.owner_id == cast.xiaoli.staff_id
        then = looked(desk, "12-22 18:00")

        assert (case.state, case.owner_id, case.due_at) == ("open", None, then.now + timedelta(minutes=15))
        assert (promised.state, promised.owner_id) == ("claimed", cast.xiaoli.staff_id)
        assert told(session, wangwu)[0].startswith("小李下班了，放回待认领，请认领：")
        looked(desk, "12-22 18:01")
        assert len(told(session, wangwu)) == 1

    def test_a_day_off_frees_it_at_once(self, desk: Desk, session: Session, cast: Cast) -> None:
        case = given(session, cast.xiaoli)
        commands.run(desk, typed("值班 小李 今天 休"), cast.chenjie)
        session.expire_all()
        assert case.owner_id is None
        assert told(session, cast.laowang) == []

    def test_where_all_go_home_it_stays_for_the_morning(self, desk: Desk, session: Session, cast: Cast) -> None:
        everybody: Sequence[Actor] = list(cast)
        for one in everybody:
            works(session, one, 9, 18)
        case = given(session, cast.xiaoli)
        looked(desk, "12-22 17:50", "12-22 18:00", "12-22 18:20")
        assert case.owner_id == cast.xiaoli.staff_id

    def test_a_lock_of_hers_stays(self, desk: Desk, session: Session, cast: Cast, wangwu: Actor) -> None:
        lock = mine(session, cast.xiaoli, state="open", claimed_until=None, kind="person_lock")
        looked(desk, "12-22 18:00")
        assert lock.owner_id == cast.xiaoli.staff_id
