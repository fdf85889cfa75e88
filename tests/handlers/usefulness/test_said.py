"""有用 and 误报: counted once for each person, and nothing else changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers import cases, commands, pressing, show
from handlers.desk import Actor, Desk, Refusal
from handlers.views import CaseView, TextView
from models import AlertWord, Case, Notification, TrailRow
from models.case import short_code
from models.trail import START
from tests.cast import Cast
from tests.factories import make_case, make_order, pressed, typed


def say(desk: Desk, words: str, actor: Actor) -> str:
    view = commands.run(desk, typed(words), actor)
    assert isinstance(view, TextView)
    return view.text


def words(session: Session) -> list[tuple[int | None, bool]]:
    session.expire_all()
    return [(one.staff_id, one.useful) for one in session.scalars(select(AlertWord).order_by(AlertWord.staff_id))]


@pytest.fixture
def case(session: Session) -> Case:
    return make_case(session, make_order(session, district=""))


def test_a_word_is_thanked_and_changes_nothing_but_one_row_of_the_trail(
    desk: Desk, session: Session, cast: Cast, case: Case
) -> None:
    assert say(desk, f"{short_code(case.id)} 有用", cast.xiaoli) == "谢谢，已记下：这条提醒有用"

    assert words(session) == [(cast.xiaoli.staff_id, True)]
    assert (case.state, case.revision, case.owner_id, case.due_at) == ("open", 1, None, None)
    assert session.scalars(select(Notification)).all() == []
    (row,) = session.scalars(select(TrailRow))
    assert (row.action, row.actor, row.subject.partition(":")[0]) == ("评价提醒", "小李", "order")
    assert session.scalars(select(TrailRow.hash)).one() != START


def test_a_false_alarm_says_how_the_matter_is_ended(desk: Desk, session: Session, cast: Cast, case: Case) -> None:
    code = short_code(case.id)

    assert say(desk, f"{code} 误报", cast.xiaoli) == (
        f"谢谢，已记下：这条提醒是误报。这件事还开着，要结束请发：{code} 忽略 误报"
    )
    session.expire_all()
    assert case.state == "open"


def test_the_newest_word_of_a_person_holds_and_others_have_their_own(
    desk: Desk, session: Session, cast: Cast, case: Case
) -> None:
    code = short_code(case.id)
    for said, actor in (("误报", cast.xiaoli), ("有用", cast.xiaoli), ("有用", cast.xiaoli), ("没用", cast.laowang)):
        say(desk, f"{code} {said}", actor)

    assert words(session) == [(cast.xiaoli.staff_id, True), (cast.laowang.staff_id, False)]
    assert len(session.scalars(select(TrailRow)).all()) == 3, "the same word again is no news"


def test_an_ended_alert_takes_the_word_and_stays_ended(desk: Desk, session: Session, cast: Cast, case: Case) -> None:
    cases.solve(desk, case.id, cast.xiaoli)
    session.expire_all()
    before = (case.state, case.revision, case.solved_at)

    assert say(replace(desk, now=desk.now + timedelta(days=3)), f"{short_code(case.id)} 误报", cast.laowang) == (
        "谢谢，已记下：这条提醒是误报"
    )
    assert words(session) == [(cast.laowang.staff_id, False)]
    assert (case.state, case.revision, case.solved_at) == before


def test_every_card_takes_the_word_by_a_press_while_it_lives_and_when_it_is_over(
    desk: Desk, session: Session, cast: Cast, case: Case
) -> None:
    many = make_case(session, kind="stale_group", group_key="pending_review", evidence={"stage": "pending_review"})
    full, crowd = show.show(desk, f"case:{case.id}", cast.xiaoli), show.show(desk, f"case:{many.id}", cast.xiaoli)
    cases.solve(desk, case.id, cast.xiaoli)
    session.expire_all()
    ended = show.show(desk, f"case:{case.id}", cast.xiaoli)

    assert isinstance(full, CaseView)
    assert isinstance(crowd, CaseView)
    assert isinstance(ended, CaseView)
    assert [offer.text for offer in full.more] == ["有用", "忽略：误报", "忽略：不再需要"]
    assert [offer.text for offer in crowd.more] == ["有用", "误报", "轨迹"]
    assert ([offer.text for offer in ended.after], ended.offers, ended.more) == (["有用", "误报", "轨迹"], (), ())


def test_a_press_says_the_same(desk: Desk, session: Session, cast: Cast, case: Case) -> None:
    view = pressing.press(desk, pressed("useful", f"case:{case.id}"), cast.xiaoli)

    assert view == TextView("谢谢，已记下：这条提醒有用")
    assert words(session) == [(cast.xiaoli.staff_id, True)]


def test_a_stranger_and_an_unknown_matter_are_refused(desk: Desk, session: Session, cast: Cast, case: Case) -> None:
    with pytest.raises(Refusal):
        pressing.press(desk, pressed("useful", f"case:{case.id}"), Actor("路人", frozenset(), None))
    with pytest.raises(Refusal, match="没有找到这件事"):
        pressing.press(desk, pressed("useful", "case:999999"), cast.xiaoli)
    assert words(session) == []


def test_a_matter_without_an_order_keeps_its_own_trail(desk: Desk, session: Session, cast: Cast) -> None:
    many = make_case(session, kind="stale_group", group_key="pending_review", evidence={"stage": "pending_review"})

    pressing.press(desk, pressed("false_alarm", f"case:{many.id}"), cast.laowang)

    assert [row.subject for row in session.scalars(select(TrailRow))] == [f"case:{many.id}"]
