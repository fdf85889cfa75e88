"""A dead feed is one case at once; true silence of customers is none."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from handlers import shops, trail
from handlers.completeness import gap, silence
from handlers.completeness.gap import Gap
from handlers.desk import Desk
from models import Arrival, Case, Cursor, Shop

OVERLAP = timedelta(minutes=5)


@pytest.fixture
def shop_id(desk: Desk, session: Session) -> int:
    """Connected ten days ago, read up to a minute ago."""
    shops.sync_shops(desk)
    shop = session.scalars(select(Shop.id).where(Shop.slug == "tb")).one()
    session.add(
        Cursor(
            shop_id=shop, api="list", synced_to=desk.now - timedelta(minutes=1), moved_at=desk.now,
            began_at=desk.now - timedelta(days=10),
        )
    )  # fmt: skip
    session.flush()
    return shop


def last_order(session: Session, desk: Desk, shop_id: int, minutes: float, *, an_hour: int = 1, weeks: int = 0) -> None:
    last = desk.now - timedelta(minutes=minutes)
    for number in range(max(1, weeks * 7 * 24)):
        hour = last.replace(minute=0) - timedelta(hours=number)
        session.add(Arrival(shop_id=shop_id, hour=hour, orders=an_hour, last_at=last if number == 0 else hour))
    session.flush()


def cases(session: Session) -> list[Case]:
    return list(session.scalars(select(Case).order_by(Case.id).execution_options(populate_existing=True)))


def test_in_the_first_weeks_an_empty_pull_by_day_is_a_question(desk: Desk, session: Session, shop_id: int) -> None:
    last_order(session, desk, shop_id, 25)
    found = gap.due(desk, shop_id, OVERLAP)
    read_to = desk.now - timedelta(minutes=1)
    assert found == Gap(desk.now - timedelta(minutes=25, seconds=-1), read_to - OVERLAP, read_to)
    gap.asked(desk, shop_id, found, [])
    assert gap.due(desk, shop_id, OVERLAP) is None, "it was asked just now"
    assert cases(session) == []


@pytest.mark.parametrize(("minutes", "hours"), [(10, 0), (25, 16)])
def test_a_moment_is_none_nor_is_the_night(
    desk: Desk, session: Session, shop_id: int, minutes: float, hours: int
) -> None:
    later = replace(desk, now=desk.now + timedelta(hours=hours))
    session.execute(update(Cursor).values(synced_to=later.now - timedelta(minutes=1)))
    last_order(session, later, shop_id, minutes)
    assert gap.due(later, shop_id, OVERLAP) is None


def test_where_the_usual_is_known_one_order_that_should_have_come_is_a_question(
    desk: Desk, session: Session, shop_id: int
) -> None:
    last_order(session, desk, shop_id, 13, an_hour=6, weeks=5)
    assert gap.due(desk, shop_id, OVERLAP) is not None, "1.2 orders are usual in twelve minutes"


def test_a_slow_shop_is_not_asked_again_and_again(desk: Desk, session: Session, shop_id: int) -> None:
    last_order(session, desk, shop_id, 25, weeks=5)
    assert gap.due(desk, shop_id, OVERLAP) is None


def test_a_shop_that_never_had_an_order_is_asked_too_for_a_day_at_most(
    desk: Desk, session: Session, shop_id: int
) -> None:
    found = gap.due(desk, shop_id, OVERLAP)
    assert found is not None
    assert found.end - found.start == timedelta(days=1)


@pytest.mark.parametrize("why", ["stopped", "sheet"])
def test_who_cannot_be_asked_is_not(desk: Desk, session: Session, shop_id: int, why: str) -> None:
    last_order(session, desk, shop_id, 25)
    session.execute(update(Shop).values(**({"state": why} if why == "stopped" else {"platform": why})))
    assert gap.due(desk, shop_id, OVERLAP) is None


def found(desk: Desk, shop_id: int, *numbers: str) -> None:
    read_to = desk.now - timedelta(minutes=1)
    gap.asked(desk, shop_id, Gap(read_to - timedelta(minutes=20), read_to - OVERLAP, read_to), numbers)


def test_a_dead_feed_is_one_case_that_ends_when_it_tells_again(desk: Desk, session: Session, shop_id: int) -> None:
    found(desk, shop_id, "7", "8")
    found(desk, shop_id, "9")
    (case,) = cases(session)
    assert (case.kind, case.role, case.shop_id, case.evidence["what"]) == ("sync_silent", "supervisor", shop_id, "feed")
    assert case.reason.startswith("青禾淘宝店的同步漏报：平台新下了 1 单（9），变更列表里一单都没有，已另行补拉")
    last_order(session, desk, shop_id, 0)  # what was back-filled
    silence.look(desk)
    assert cases(session)[0].state == "open"
    gap.heard(desk, shop_id)
    gap.heard(desk, shop_id)
    (case,) = cases(session)
    assert (case.state, case.solution) == ("solved", "同步已恢复正常")
    assert trail.verify(session, f"case:{case.id}")


def test_it_tells_more_than_the_statistics_where_those_spoke_first(
    desk: Desk, session: Session, shop_id: int
) -> None:  # fmt: skip
    last_order(session, desk, shop_id, 25, an_hour=72, weeks=5)
    silence.look(desk)
    found(desk, shop_id, "7")
    (case,) = cases(session)
    assert (case.evidence["what"], "同步漏报" in case.reason) == ("feed", True)


def test_what_a_person_settled_is_quiet_for_some_hours(desk: Desk, session: Session, shop_id: int) -> None:
    found(desk, shop_id, "7")
    session.execute(update(Case).values(state="solved", solved_at=desk.now))
    found(desk, shop_id, "8")
    assert len(cases(session)) == 1
    found(replace(desk, now=desk.now + timedelta(hours=5)), shop_id, "9")
    assert len(cases(session)) == 2


def test_the_statistics_say_that_the_platform_was_asked(desk: Desk, session: Session, shop_id: int) -> None:
    last_order(session, desk, shop_id, 40, an_hour=72, weeks=5)
    found(desk, shop_id)
    silence.look(desk)
    assert "已 40 分钟没有新单，平台也说没有。" in cases(session)[0].reason
