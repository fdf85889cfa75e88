"""等客户, 等采购, 等平台."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers import cases, commands, due, pressing, show, trail, watch
from handlers.desk import Desk, Refusal
from handlers.views import CaseView
from models import Case, Notification, Order
from models.beijing import BEIJING
from models.case import short_code
from models.case_life import Life, life_of
from tests.cast import Cast
from tests.factories import make_order, pressed, typed
from tests.handlers.duty.rota import at, is_away


def vague(desk: Desk, **changes: Any) -> tuple[Order, Case]:
    order = make_order(desk.session, district="", **changes)
    watch.watch(desk, [order.id])
    return order, desk.session.scalars(select(Case).where(Case.kind == "address_vague")).one()


def say(desk: Desk, case: Case, words: str, cast: Cast) -> CaseView:
    view = commands.run(desk, typed(f"{short_code(case.id)} {words}"), cast.xiaoli)
    desk.session.expire_all()
    assert isinstance(view, CaseView)
    return view


def notes(session: Session) -> list[Notification]:
    return list(session.scalars(select(Notification).where(Notification.purpose == "text").order_by(Notification.id)))


def test_it_waits_on_the_customer_for_two_hours_and_says_so(desk: Desk, session: Session, cast: Cast) -> None:
    order, case = vague(desk)

    view = say(desk, case, "等客户 2h", cast)

    assert view.note == "小李：等客户，到 12-22 12:00"
    assert (case.owner_id, case.waiting_on, life_of(case)) == (cast.xiaoli.staff_id, "customer", Life.WAITING)
    shown = show.show(desk, f"case:{case.id}", None)
    assert isinstance(shown, CaseView)
    assert (shown.note, shown.claimed_until) == ("等客户，到 12-22 12:00", desk.now + timedelta(hours=2))
    assert order.lock_reason, "the lock stays"
    assert trail.verify(session, f"order:1:{order.external_id}")


def test_until_a_moment_and_without_one_four_hours(desk: Desk, session: Session, cast: Cast) -> None:
    _, case = vague(desk)
    say(desk, case, "等平台", cast)
    assert (case.waiting_on, case.wake_at) == ("platform", desk.now + timedelta(hours=4))
    say(desk, case, "等采购 明天10点", cast)
    assert (case.waiting_on, case.wake_at) == ("purchasing", datetime(2025, 12, 23, 10, tzinfo=BEIJING))


def test_at_its_time_the_owner_is_told_once_with_what_was_left_of_the_promise(
    desk: Desk, session: Session, cast: Cast
) -> None:
    _, case = vague(desk)
    cases.claim(desk, case.id, cast.xiaoli, minutes=90)
    desk.now += timedelta(minutes=30)
    say(desk, case, "等客户 3h", cast)

    desk.now += timedelta(hours=3) - timedelta(seconds=1)
    due.look(desk)
    session.expire_all()
    assert life_of(case) is Life.WAITING
    desk.now += timedelta(seconds=1)
    due.look(desk)
    due.look(desk)
    session.expire_all()

    assert (life_of(case), case.waiting_on, case.wake_at) == (Life.CLAIMED, "", None)
    assert case.claimed_until == desk.now + timedelta(minutes=60), "the promise rested"
    told = [one for one in notes(session) if "等客户的时间到了" in one.body["text"]]
    assert [one.recipient for one in told] == [str(cast.xiaoli.staff_id)]
    assert short_code(case.id) in told[0].body["text"]


def test_never_past_the_platforms_deadline(desk: Desk, session: Session, cast: Cast) -> None:
    _, case = vague(desk, ship_by_at=desk.now + timedelta(hours=3))

    with pytest.raises(Refusal, match="平台发货时限是 12-22 13:00，最晚等到那时"):
        say(desk, case, "等客户 5h", cast)
    say(desk, case, "等客户", cast)

    assert case.wake_at is not None
    assert case.wake_at < desk.now + timedelta(hours=3)
    desk.now += timedelta(hours=4)
    with pytest.raises(Refusal, match="已经过了平台发货时限"):
        say(desk, case, "等客户 5h", cast)


@pytest.mark.parametrize(("words", "why"), [("等客户 很久", "不是时间"), ("等待", "等谁"), ("等客户 9点", "已经过了")])
def test_what_is_not_understood_changes_nothing(desk: Desk, session: Session, cast: Cast, words: str, why: str) -> None:
    _, case = vague(desk)
    with pytest.raises(Refusal, match=why):
        say(desk, case, words, cast)
    session.expire_all()
    assert case.state == "open"


def test_who_has_it_is_offered_to_wait_and_the_wait_ends_with_the_matter(
    desk: Desk, session: Session, cast: Cast
) -> None:
    order, case = vague(desk)
    cases.claim(desk, case.id, cast.xiaoli)
    view = show.show(desk, f"case:{case.id}", cast.xiaoli)
    assert isinstance(view, CaseView)
    offer = next(one for one in view.offers if one.action == "wait")
    assert offer.text == "等客户"

    pressing.press(desk, pressed("wait", offer.subject, revision=offer.revision, value=offer.value), cast.xiaoli)
    session.expire_all()
    assert life_of(case) is Life.WAITING
    say(desk, case, "完成", cast)
    assert (life_of(case), order.lock_reason) == (Life.SOLVED, "")
    desk.now += timedelta(hours=5)
    due.look(desk)
    assert not any("时间到了" in one.body["text"] for one in notes(session))


def test_an_absence_ends_the_wait(desk: Desk, session: Session, cast: Cast) -> None:
    _, case = vague(desk)
    say(desk, case, "等客户 3h", cast)
    is_away(session, cast.xiaoli, "12-22 11:00", "12-22 18:00", due_at=at("12-22 11:00"))

    desk.now = at("12-22 11:00")
    due.look(desk)
    session.expire_all()

    assert life_of(case) is Life.OPENED
    cases.claim(desk, case.id, cast.chenjie)
    session.expire_all()
    assert life_of(case) is Life.CLAIMED
