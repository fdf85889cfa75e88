"""A silent shop is one case with figures; it ends by itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from handlers import pressing, shops, silence, trail
from handlers.desk import Desk
from models import Arrival, Case, Cursor, Notification, Shop
from tests.cast import Cast
from tests.factories import pressed

SILENT = timedelta(minutes=25)


@pytest.fixture(autouse=True)
def _busy_shops(desk: Desk, session: Session) -> None:
    """Five weeks of 72 orders an hour; the last order came 25 minutes ago, the last pull was just now."""
    shops.sync_shops(desk)
    for shop in session.scalars(select(Shop.id)).all():
        learn(session, desk, shop)
        session.add(Cursor(shop_id=shop, api="list", synced_to=desk.now - timedelta(minutes=1), moved_at=desk.now))
    for slug in ("jd", "pdd"):
        hear(session, desk, slug, timedelta(minutes=1))
    session.flush()


def learn(session: Session, desk: Desk, shop: int, weeks: int = 5) -> None:
    last = desk.now - SILENT
    for number in range(weeks * 7 * 24):
        hour = last.replace(minute=0) - timedelta(hours=number)
        last_at = last if number == 0 else hour + timedelta(minutes=59)
        session.add(Arrival(shop_id=shop, hour=hour, orders=72, last_at=last_at))


def number(session: Session, slug: str) -> int:
    return session.scalars(select(Shop.id).where(Shop.slug == slug)).one()


def hear(session: Session, desk: Desk, slug: str, ago: timedelta) -> None:
    """A new order of so long ago."""
    at = desk.now - ago
    row = Arrival(shop_id=number(session, slug), hour=at.replace(minute=0, second=0), orders=1, last_at=at)
    session.merge(row)
    session.flush()


def live(session: Session) -> list[Case]:
    found = select(Case).where(Case.state.in_(("open", "claimed"))).order_by(Case.id)
    return list(session.scalars(found.execution_options(populate_existing=True)))


def test_a_silent_shop_is_told_once_with_figures(desk: Desk, session: Session, cast: Cast) -> None:
    for _ in range(3):
        silence.look(desk)
    (case,) = live(session)
    assert (case.kind, case.shop_id, case.role) == ("sync_silent", number(session, "tb"), "supervisor")
    assert case.reason.startswith("青禾淘宝店平时这个时候每 10 分钟约 12 单，已 25 分钟没有新单。")
    told = session.scalars(select(Notification).where(Notification.purpose == "card")).all()
    assert [one.recipient for one in told] == [str(cast.chenjie.staff_id)]
    assert trail.verify(session, f"case:{case.id}")


def test_it_ends_when_orders_come(desk: Desk, session: Session) -> None:
    silence.look(desk)
    (case,) = live(session)
    hear(session, desk, "tb", timedelta(minutes=2))
    silence.look(desk)
    session.expire_all()
    assert (case.state, case.solution, live(session)) == ("solved", "有新单了", [])


def test_what_a_person_ended_is_not_raised_again_for_the_same_silence(
    desk: Desk, session: Session, cast: Cast
) -> None:  # fmt: skip
    silence.look(desk)
    (case,) = live(session)
    pressing.press(desk, pressed("solve", f"case:{case.id}", revision=case.revision), cast.chenjie)
    silence.look(desk)
    assert live(session) == []
    hear(session, desk, "tb", SILENT - timedelta(minutes=1))
    silence.look(desk)
    assert len(live(session)) == 1, "an order came, and then nothing again"


def test_the_first_weeks_raise_no_alarm(desk: Desk, session: Session) -> None:
    tb = number(session, "tb")
    session.execute(delete(Arrival).where(Arrival.shop_id == tb))
    learn(session, desk, tb, weeks=3)
    session.flush()
    silence.look(desk)
    assert live(session) == []
    session.execute(delete(Arrival).where(Arrival.shop_id == tb))
    silence.look(desk)
    assert live(session) == [], "nor does a shop of which nothing is known"


@pytest.mark.parametrize("why", ["stopped", "waiting", "disabled"])
def test_a_shop_that_is_not_read_is_not_called_silent(desk: Desk, session: Session, why: str) -> None:
    tb = update(Shop).where(Shop.slug == "tb")
    if why == "stopped":
        session.execute(tb.values(state="stopped"))
    elif why == "waiting":
        session.execute(tb.values(wait_until=desk.now + timedelta(minutes=5)))
    else:
        first, *others = desk.settings.shops
        off = (first.model_copy(update={"enabled": False}), *others)
        desk = replace(desk, settings=desk.settings.model_copy(update={"shops": off}))
    silence.look(desk)
    assert live(session) == []


def stand(session: Session, desk: Desk, slug: str, minutes: float) -> None:
    moved = desk.now - timedelta(minutes=minutes)
    mine = update(Cursor).where(Cursor.shop_id == number(session, slug))
    session.execute(mine.values(moved_at=moved, synced_to=moved - timedelta(minutes=1)))


def test_a_cursor_that_stands_while_the_others_move_is_told_and_ends_when_it_moves(
    desk: Desk, session: Session
) -> None:  # fmt: skip
    hear(session, desk, "tb", timedelta(minutes=1))
    stand(session, desk, "jd", 29)
    silence.look(desk)
    assert live(session) == [], "a pull may take its time"
    stand(session, desk, "jd", 31)
    silence.look(desk)
    (case,) = live(session)
    assert (case.shop_id, case.evidence["what"]) == (number(session, "jd"), "cursor")
    assert case.reason.startswith("青禾京东店已 31 分钟没有读到平台数据，其他店铺正常。")
    stand(session, desk, "jd", 0)
    silence.look(desk)
    session.expire_all()
    assert (case.state, case.solution) == ("solved", "已恢复同步")


def test_a_shop_whose_pull_complains_is_told_of_once_and_not_here(desk: Desk, session: Session) -> None:
    hear(session, desk, "tb", timedelta(minutes=1))
    stand(session, desk, "jd", 31)
    session.execute(update(Shop).where(Shop.slug == "jd").values(problem="平台没有应答（network）"))
    silence.look(desk)
    assert live(session) == []


def test_where_all_stand_it_is_no_matter_of_one_shop(desk: Desk, session: Session) -> None:
    for slug in ("tb", "jd", "pdd"):
        stand(session, desk, slug, 90)
    silence.look(desk)
    assert live(session) == []


def test_what_is_older_than_anything_asked_for_is_forgotten(desk: Desk, session: Session) -> None:
    hear(session, desk, "tb", timedelta(days=61))
    hear(session, desk, "tb", timedelta(days=59))
    silence.forget(desk)
    oldest = session.scalars(select(Arrival.last_at).order_by(Arrival.hour)).first()
    assert oldest == desk.now - timedelta(days=59)
