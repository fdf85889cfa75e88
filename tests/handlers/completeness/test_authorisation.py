from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from handlers import show, trail
from handlers.completeness import authorisation
from handlers.desk import Desk
from handlers.views import CaseView
from models import Case, Notification
from tests.cast import Cast
from tests.factories import make_shop


@pytest.fixture
def shop_id(session: Session) -> int:
    return make_shop(session).id


def cards(session: Session) -> list[str]:
    found = select(Notification.dedupe_key).where(Notification.purpose == "card").order_by(Notification.id)
    return list(session.scalars(found))


def only(session: Session) -> Case:
    return session.scalars(select(Case).execution_options(populate_existing=True)).one()


def test_the_owner_is_asked_seven_three_and_one_day_before_on_one_card(
    desk: Desk, session: Session, cast: Cast, shop_id: int
) -> None:
    until, told = desk.now + timedelta(days=9), []
    for hours in range(0, 10 * 24, 6):
        today = replace(desk, now=desk.now + timedelta(hours=hours))
        before = len(cards(session))
        authorisation.check(today, shop_id, until)
        if len(cards(session)) > before:
            told.append(((until - today.now) // timedelta(hours=1), only(session).reason))
    assert [hours for hours, _ in told] == [168, 72, 24, 0]
    assert [reason.split("。")[0] for _, reason in told] == [
        "青禾淘宝店的平台授权 7 天后到期（12-31 10:00）",
        "青禾淘宝店的平台授权 3 天后到期（12-31 10:00）",
        "青禾淘宝店的平台授权 1 天后到期（12-31 10:00）",
        "青禾淘宝店的平台授权已于 12-31 10:00 到期，新订单进不来",
    ]
    case = only(session)
    chen = cast.chenjie.staff_id
    assert cards(session) == [f"case:{case.id}:{step}:staff:{chen}" for step in ("open", "days3", "days1", "days0")]
    assert trail.verify(session, f"case:{case.id}")
    view = show.show(desk, f"case:{case.id}", None)
    assert isinstance(view, CaseView)
    assert (view.title, view.shop) == ("授权到期", "青禾淘宝店")
    assert [offer.action for offer in view.more] == ["useful", "false_alarm", "trail"]


def test_what_a_person_ended_comes_back_at_the_next_step_alone(
    desk: Desk, session: Session, cast: Cast, shop_id: int
) -> None:
    until, told = desk.now + timedelta(days=7), []
    for hours in range(0, 8 * 24, 6):
        today = replace(desk, now=desk.now + timedelta(hours=hours))
        before = len(cards(session))
        authorisation.check(today, shop_id, until)
        if len(cards(session)) > before:
            told.append((until - today.now) // timedelta(hours=1))
        session.execute(update(Case).where(Case.state == "open").values(state="solved"))
    assert told == [168, 72, 24, 0]
    authorisation.check(replace(desk, now=until), shop_id, until + timedelta(days=6))
    assert session.scalars(select(Case).where(Case.state == "open")).one(), "another end is another matter"


def test_a_renewed_authorisation_ends_it(desk: Desk, session: Session, cast: Cast, shop_id: int) -> None:
    authorisation.check(desk, shop_id, desk.now + timedelta(days=2))
    authorisation.check(desk, shop_id, desk.now + timedelta(days=365))
    case = only(session)
    assert (case.state, case.solution) == ("solved", "已续期到 12-22 10:00")
    authorisation.check(desk, shop_id, desk.now + timedelta(days=365))
    authorisation.check(desk, shop_id, desk.now + timedelta(days=6))
    states = session.scalars(select(Case.state).order_by(Case.id)).all()
    assert states == ["solved", "open"], "the next end is another matter"


def test_an_end_that_nobody_knows_worries_nobody(desk: Desk, session: Session, shop_id: int) -> None:
    authorisation.check(desk, shop_id, None)
    assert session.scalars(select(Case)).all() == []
    authorisation.check(desk, shop_id, desk.now + timedelta(days=1))
    authorisation.check(desk, shop_id, None)
    assert only(session).solution == "已续期"


def test_what_the_hub_renews_itself_is_no_matter_before_the_last_day(
    desk: Desk, session: Session, cast: Cast, shop_id: int
) -> None:
    authorisation.check(desk, shop_id, desk.now + timedelta(days=2), renews=True)
    assert session.scalars(select(Case)).all() == []
    authorisation.check(desk, shop_id, desk.now + timedelta(hours=20), renews=True)
    assert only(session).reason.startswith("青禾淘宝店的平台授权 1 天后到期")
