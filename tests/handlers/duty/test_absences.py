"""请假: what lies with somebody who is away is not forgotten, and comes back if they are here after all."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers import cases, commands, due, opening, owning, people, pressing, trail, watch
from handlers.desk import Actor, Desk, Refusal
from handlers.duty import duty
from handlers.duty.view import AbsenceView
from handlers.matter import Told
from models import Absence, Case, Notification, Order, Role, TrailRow
from models.case import short_code
from tests.cast import Cast, Member, hire
from tests.factories import make_case, make_order, pressed, typed
from tests.handlers.duty.rota import is_away, when


def say(desk: Desk, text: str, actor: Actor) -> AbsenceView:
    view = commands.run(desk, typed(text), actor)
    assert isinstance(view, AbsenceView)
    return view


def press(desk: Desk, absence_id: int, actor: Actor) -> AbsenceView:
    view = pressing.press(desk, pressed("end_absence", f"absence:{absence_id}"), actor)
    assert isinstance(view, AbsenceView)
    return view


def fresh(session: Session, case: Case) -> Case:
    session.refresh(case)
    return case


def mine(session: Session, desk: Desk, who: Actor, **changes: object) -> Case:
    """A case that somebody has claimed."""
    until = desk.now + timedelta(hours=2)
    values = {"state": "claimed", "owner_id": who.staff_id, "claimed_until": until, "due_at": until}
    return make_case(session, make_order(session, recheck_at=None), **{**values, **changes})


def told(session: Session, who: Actor) -> list[str]:
    found = select(Notification).where(Notification.recipient == str(who.staff_id), Notification.purpose == "text")
    return [str(row.body["text"]) for row in session.scalars(found.order_by(Notification.id))]


class TestBegin:
    def test_what_one_has_goes_back_to_the_pool_and_the_role_hears(
        self, desk: Desk, session: Session, cast: Cast
    ) -> None:
        wangwu = hire(session, Member("王五", "wangwu", Role.SERVICE))
        case, order = mine(session, desk, cast.xiaoli), make_order(session, owner_id=cast.xiaoli.staff_id)

        view = say(desk, "请假 今天 至 12-23 孩子生病", cast.xiaoli)

        assert (view.period, view.reason, view.begun, view.total) == ("12-22 至 12-23", "孩子生病", True, 2)
        fresh(session, case)
        session.refresh(order)
        assert (case.state, case.owner_id, case.claimed_until) == ("open", None, None)
        assert case.due_at == desk.now + timedelta(minutes=15), "it goes up if nobody claims it"
        assert order.owner_id is None
        assert told(session, wangwu) == [
            f"小李请假（12-22 至 12-23），放回待认领，请认领：{short_code(case.id)} 地址模糊 "
            f"{session.get_one(Order, case.order_id or 0).tag}"
        ]
        for found in session.scalars(select(Order)):
            assert trail.verify(session, trail.order_subject(found.shop_id, found.external_id))
        assert session.scalars(select(TrailRow.action)).all().count("请假转出") == 2

    def test_a_deputy_gets_what_fits_the_role(self, desk: Desk, session: Session, cast: Cast) -> None:
        wangwu = hire(session, Member("王五", "wangwu", Role.SERVICE))
        fits, misfit = mine(session, desk, cast.xiaoli), mine(session, desk, cast.xiaoli, role="supervisor")
        order = make_order(session, owner_id=cast.xiaoli.staff_id)

        view = say(desk, "请假 小李 今天 交给 王五", cast.chenjie)

        assert (view.deputy, view.total) == ("王五", 3)
        assert (fresh(session, fits).owner_id, fits.state) == (wangwu.staff_id, "open"), "a promise is one's own"
        assert fresh(session, misfit).owner_id is None
        session.refresh(order)
        assert order.owner_id == wangwu.staff_id
        (words,) = told(session, wangwu)
        assert words.startswith("小李请假（12-22），请您代办：")

    def test_one_of_tomorrow_begins_tomorrow(self, desk: Desk, session: Session, cast: Cast) -> None:
        case = mine(session, desk, cast.xiaoli, claimed_until=None, due_at=None)
        view = say(desk, "请假 明天", cast.xiaoli)
        assert (view.begun, view.total, fresh(session, case).owner_id) == (False, 0, cast.xiaoli.staff_id)
        assert duty.absent(desk, desk.now) == set()

        due.look(when(desk, "12-22 23:59"))
        assert fresh(session, case).owner_id == cast.xiaoli.staff_id
        due.look(when(desk, "12-23 00:00"))
        assert fresh(session, case).owner_id is None
        absence = session.scalars(select(Absence)).one()
        assert (absence.state, absence.revision) == ("begun", 2)

        due.look(when(desk, "12-24 00:00"))
        session.refresh(absence)
        assert (absence.state, absence.due_at) == ("over", None)

    def test_a_clock_that_stood_still_begins_nothing_that_is_over(
        self, desk: Desk, session: Session, cast: Cast
    ) -> None:
        case = mine(session, desk, cast.xiaoli, claimed_until=None, due_at=None)
        say(desk, "请假 明天", cast.xiaoli)

        due.look(when(desk, "12-25 10:00"))

        assert fresh(session, case).owner_id == cast.xiaoli.staff_id
        assert session.scalars(select(Absence.state)).one() == "over"

    def test_a_deputy_who_is_away_by_then_gets_nothing(self, desk: Desk, session: Session, cast: Cast) -> None:
        wangwu = hire(session, Member("王五", "wangwu", Role.SERVICE))
        case = mine(session, desk, cast.xiaoli, claimed_until=None, due_at=None)
        say(desk, "请假 明天 交给 王五", cast.xiaoli)
        is_away(session, wangwu, "12-22 20:00", "12-24 00:00")

        due.look(when(desk, "12-23 00:00"))

        assert fresh(session, case).owner_id is None

    def test_what_was_put_off_stays_put_off(self, desk: Desk, session: Session, cast: Cast) -> None:
        case = mine(session, desk, cast.xiaoli)
        cases.snooze(desk, case.id, cast.xiaoli)

        say(desk, "请假 今天", cast.xiaoli)

        assert fresh(session, case).due_at == desk.now + cases.SNOOZE

    def test_the_supervisors_hear_and_not_the_one_who_asked(self, desk: Desk, session: Session, cast: Cast) -> None:
        view = say(desk, "请假 明天", cast.xiaoli)
        cards = select(Notification.recipient).where(Notification.subject == f"absence:{view.absence_id}")

        assert session.scalars(cards).all() == [str(cast.chenjie.staff_id)]


class TestNeverAssigned:
    def test_nobody_is_given_what_they_cannot_do_now(self, desk: Desk, session: Session, cast: Cast) -> None:
        wangwu = hire(session, Member("王五", "wangwu", Role.SERVICE))
        is_away(session, wangwu, "12-22 00:00", "12-24 00:00")
        case = mine(session, desk, cast.xiaoli)
        person = next(one for one in people.staff(desk) if one.name == "王五")
        why = "王五请假（12-22 至 12-23），现在不能交给王五；可以交给：小李、老王、赵姐、陈姐"

        with pytest.raises(Refusal, match=why):
            cases.transfer(desk, case.id, cast.xiaoli, person)
        with pytest.raises(Refusal, match=why):
            owning.assign(desk, make_order(session).id, person, cast.chenjie)
        with pytest.raises(Refusal, match=why):
            commands.run(desk, typed("交接 王五"), cast.xiaoli)

    def test_the_absent_are_not_in_the_list_to_choose_from(self, desk: Desk, session: Session, cast: Cast) -> None:
        wangwu = hire(session, Member("王五", "wangwu", Role.SERVICE))
        case = mine(session, desk, cast.xiaoli)
        view = pressing.press(desk, pressed("refresh", f"case:{case.id}"), cast.xiaoli)
        assert "王五" in str(view.choice)  # type: ignore[union-attr]

        is_away(session, wangwu, "12-22 00:00", "12-24 00:00")
        view = pressing.press(desk, pressed("refresh", f"case:{case.id}"), cast.xiaoli)
        assert "王五" not in str(view.choice)  # type: ignore[union-attr]

    def test_a_case_of_an_order_whose_owner_is_away_is_the_pools(
        self, desk: Desk, session: Session, cast: Cast
    ) -> None:
        is_away(session, cast.xiaoli, "12-22 00:00", "12-24 00:00")
        order = make_order(session, district="", owner_id=cast.xiaoli.staff_id)

        watch.watch(desk, [order.id])

        assert session.scalars(select(Case.owner_id)).one() is None

    def test_of_a_role_only_those_who_are_there_hear(self, desk: Desk, session: Session, cast: Cast) -> None:
        is_away(session, cast.xiaoli, "12-22 00:00", "12-24 00:00")
        wangwu = hire(session, Member("王五", "wangwu", Role.SERVICE))

        def recipients(*targets: str) -> set[str]:
            told = Told(1, Role.SERVICE, cast.xiaoli.staff_id, targets, "step1")
            return {card.recipient for card in opening.cards(desk, [told])}

        assert recipients("role") == {str(wangwu.staff_id)}
        assert recipients("owner") == {str(wangwu.staff_id)}, "of whom is away the role hears instead"
        is_away(session, wangwu, "12-22 00:00", "12-24 00:00")
        assert recipients("role") == {str(cast.chenjie.staff_id)}
        is_away(session, cast.chenjie, "12-22 00:00", "12-24 00:00")
        assert recipients("supervisor") == {str(cast.chenjie.staff_id)}, "no matter is nobody's"

    def test_whom_to_ask_is_somebody_who_is_there(self, desk: Desk, session: Session, cast: Cast) -> None:
        is_away(session, cast.laowang, "12-22 00:00", "12-24 00:00")

        assert people.anyone(desk, frozenset({Role.WAREHOUSE})) == "陈姐"


class TestBack:
    def test_what_nobody_touched_comes_back_with_its_promise(self, desk: Desk, session: Session, cast: Cast) -> None:
        untouched, claimed = mine(session, desk, cast.xiaoli), mine(session, desk, cast.xiaoli)
        order = make_order(session, owner_id=cast.xiaoli.staff_id)
        view = say(desk, "请假 今天", cast.xiaoli)
        wangwu = hire(session, Member("王五", "wangwu", Role.SERVICE))
        cases.claim(desk, claimed.id, wangwu)

        view = press(desk, view.absence_id, cast.xiaoli)

        assert (view.state, view.note) == ("已销假", "小李已销假，还回 2 件，1 件已有别人接手，没有动")
        assert view.offers == ()
        assert (fresh(session, untouched).state, untouched.owner_id) == ("claimed", cast.xiaoli.staff_id)
        assert untouched.claimed_until == untouched.due_at == desk.now + timedelta(hours=2)
        assert fresh(session, claimed).owner_id == wangwu.staff_id
        session.refresh(order)
        assert order.owner_id == cast.xiaoli.staff_id
        assert duty.absent(desk, desk.now) == set()
        for found in session.scalars(select(Order)):
            assert trail.verify(session, trail.order_subject(found.shop_id, found.external_id))

    def test_a_promise_that_is_over_comes_back_as_something_to_claim(
        self, desk: Desk, session: Session, cast: Cast
    ) -> None:
        case = mine(session, desk, cast.xiaoli)
        view = say(desk, "请假 今天", cast.xiaoli)
        case.due_at = None
        session.flush()

        press(when(desk, "12-22 15:00"), view.absence_id, cast.xiaoli)

        assert (fresh(session, case).state, case.owner_id) == ("open", cast.xiaoli.staff_id)

    def test_typed_it_is_the_same_and_before_it_began_nothing_moves(
        self, desk: Desk, session: Session, cast: Cast
    ) -> None:
        say(desk, "请假 小李 明天", cast.chenjie)

        view = say(desk, "销假 小李", cast.chenjie)
        assert (view.state, view.note) == ("已销假", "陈姐已销假")
        say(desk, "请假 明天", cast.xiaoli)
        assert say(desk, "请假 取消", cast.xiaoli).state == "已销假"
        with pytest.raises(Refusal, match="小李没有请假"):
            say(desk, "销假", cast.xiaoli)

    def test_a_press_that_comes_too_late_changes_nothing(self, desk: Desk, session: Session, cast: Cast) -> None:
        view = say(desk, "请假 明天", cast.xiaoli)
        press(desk, view.absence_id, cast.xiaoli)

        again = press(desk, view.absence_id, cast.xiaoli)

        assert again.note == "这次请假已经结束"
        assert session.scalars(select(TrailRow.action)).all().count("销假") == 1


class TestCode:
    """请假5 销假: by the code that the card shows."""

    @pytest.mark.parametrize("line", ["{code} 销假", "{code}销假", "{code} 取消", "销假 {number}", "回"])
    def test_a_later_absence_is_taken_back_by_its_code(self, desk: Desk, cast: Cast, line: str) -> None:
        first, second = say(desk, "请假 明天", cast.xiaoli), say(desk, "请假 12-30", cast.xiaoli)
        quoted = f"订单中枢 · {second.code}\n小李请假 12-30" if line == "回" else ""
        line = "销假" if line == "回" else line.format(code=second.code, number=second.absence_id)

        view = commands.run(desk, typed(line, quoted=quoted), cast.xiaoli)

        assert isinstance(view, AbsenceView)
        assert (view.absence_id, view.state, view.note) == (second.absence_id, "已销假", "小李已销假")
        assert say(desk, first.code, cast.xiaoli).state == ""

    def test_after_its_end_the_code_still_shows_it_and_changes_nothing(
        self, desk: Desk, session: Session, cast: Cast
    ) -> None:
        code = say(desk, "请假 明天", cast.xiaoli).code
        say(desk, f"{code} 销假", cast.xiaoli)

        again = say(desk, f"{code} 销假", cast.xiaoli)

        assert (again.state, again.note) == ("已销假", "这次请假已经结束")
        assert session.scalars(select(TrailRow.action)).all().count("销假") == 1

    def test_only_the_person_and_a_supervisor_end_it(self, desk: Desk, cast: Cast) -> None:
        code = say(desk, "请假 明天", cast.xiaoli).code

        with pytest.raises(Refusal, match="给别人请假请主管操作"):
            say(desk, f"{code} 销假", cast.laowang)
        assert say(desk, f"{code} 销假", cast.chenjie).note == "陈姐已销假"
        with pytest.raises(Refusal, match="没有请假999，请看卡片上的编号"):
            say(desk, "请假999 销假", cast.xiaoli)

    @pytest.mark.parametrize("line", ["请假 25号", "请假25号", "请假 12-25 3天", "请假 25号 销假公司年会"])
    def test_a_day_is_no_code(self, desk: Desk, cast: Cast, line: str) -> None:
        assert say(desk, line, cast.xiaoli).period.startswith("12-25")


@pytest.mark.parametrize(
    ("line", "who", "why"),
    [
        ("请假", "小李", "没有看懂哪天请假"),
        ("请假 小王 明天", "陈姐", "没有叫「小王」的同事；原因请写在日期后面"),
        ("请假 老王 明天", "小李", "给别人请假请主管操作"),
        ("请假 明天 交给 小李", "小李", "不能交给本人"),
        ("请假 明天 交给 张三", "小李", "没有叫「张三」的同事，可以交给：小李"),
        ("请假 12-21", "小李", "最长一年|没有看懂|已经过去"),
        ("销假 老王", "陈姐", "老王没有请假"),
    ],
)
def test_what_cannot_be_is_refused(desk: Desk, cast: Cast, line: str, who: str, why: str) -> None:
    actor = next(one for one in cast if one.name == who)
    if line == "请假 12-21":
        line = "请假 2025-12-21"
    with pytest.raises(Refusal, match=why):
        say(desk, line, actor)


def test_two_absences_of_one_person_do_not_overlap(desk: Desk, cast: Cast) -> None:
    say(desk, "请假 12-25 至 12-27", cast.xiaoli)

    with pytest.raises(Refusal, match="小李 12-25 至 12-27 已经请假了，要改请先发：销假 小李"):
        say(desk, "请假 12-27", cast.xiaoli)
    say(desk, "请假 12-28", cast.xiaoli)


def test_a_deputy_must_be_there(desk: Desk, cast: Cast) -> None:
    say(desk, "请假 12-25", cast.laowang)

    with pytest.raises(Refusal, match="老王 12-25 也请假，请换一位同事"):
        say(desk, "请假 12-24 至 12-26 交给 老王", cast.xiaoli)


@pytest.mark.parametrize(
    ("line", "reason", "deputy"),
    [
        ("请假 明天 请医生看牙", "请医生看牙", ""),
        ("请假 明天 由老王代办", "", "老王"),
        ("请假 明天 看牙，交给老王", "看牙", "老王"),
        ("请假 交给 老王 明天 看牙", "看牙", "老王"),
    ],
)
def test_who_stands_in_is_told_from_why(desk: Desk, cast: Cast, line: str, reason: str, deputy: str) -> None:
    view = say(desk, line, cast.xiaoli)

    assert (view.reason, view.deputy) == (reason, deputy)
