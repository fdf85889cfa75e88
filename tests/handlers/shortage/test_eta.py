"""到货: purchasing answers when goods come."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers import commands, due
from handlers.desk import Actor, Desk, Refusal
from handlers.shortage import eta
from handlers.views import CaseView
from models import Notification, Stock, TrailRow
from models.beijing import BEIJING
from models.case import short_code
from tests.cast import Cast
from tests.factories import NOW, make_case, make_order, make_stock, typed
from tests.handlers.shortage.test_matters import cases, look_at, short_of, told

SKU = "QH-CUP-RED"


@pytest.fixture
def code(desk: Desk, session: Session, cast: Cast) -> str:
    make_stock(session, SKU, 0)
    look_at(desk, short_of(session, 2))
    return short_code(cases(session)[0].id)


def say(desk: Desk, words: str, actor: Actor) -> CaseView:
    view = commands.run(desk, typed(words), actor)
    assert isinstance(view, CaseView)
    desk.session.expire_all()
    return view


@pytest.mark.parametrize(
    ("words", "when"),
    [("12-28", "12-28 18:00"), ("12月28日", "12-28 18:00"), ("明天", "12-23 18:00"), ("3天", "12-25 18:00"),
     ("三天后", "12-25 18:00"), ("5天内到货", "12-27 18:00"), ("周五", "12-26 18:00"), ("28号左右", "12-28 18:00"),
     ("快了", None), ("", None), ("20", None)],
)  # fmt: skip
def test_days_are_read_as_people_write_them(words: str, when: str | None) -> None:
    at = eta.moment_in(words, NOW)

    assert (f"{at.astimezone(BEIJING):%m-%d %H:%M}" if at else None) == when


def test_it_stands_with_the_stock_on_the_card_and_on_the_orders(
    desk: Desk, session: Session, cast: Cast, code: str
) -> None:
    view = say(desk, f"{code} 到货 12-23 20件", cast.zhaojie)

    assert view.note == "赵姐答复：12-23 到货，20 件"
    assert view.reason.endswith("可用 0 件，在途 20 件，预计 12-23 到货")
    kept = session.get_one(Stock, SKU)
    assert (kept.incoming, kept.incoming_at) == (20, datetime(2025, 12, 23, 18, tzinfo=BEIJING))
    due.look(desk)
    session.expire_all()
    assert {one.reason for one in cases(session, "short_stock")} == {
        f"马克杯（{SKU}）要 2，可用 0，在途 20，预计 12-23 到"
    }
    subjects = {f"stock:{SKU}", f"case:{cases(session)[0].id}"}
    rows = session.scalars(select(TrailRow).where(TrailRow.action == "答复到货"))
    assert {row.subject for row in rows} == subjects


def test_too_late_for_the_first_deadline_is_urgent_and_asks_for_a_decision(
    desk: Desk, session: Session, cast: Cast, code: str
) -> None:
    before = len(told(session))

    view = say(desk, f"{code} 到货 3天", cast.zhaojie)

    assert "赶不上最早的发货期限，请尽快决定" in view.note
    assert view.severity == "P1"
    assert len(told(session)) == before + 3, "the group, purchasing and the supervisor hear it once more"


@pytest.mark.parametrize(
    ("words", "why"),
    [("到货", "什么时候到货？请写日期"), ("到货 快了", "「快了」不是日期。请写日期"), ("到货 2027-01-30", "太远了")],
)
def test_what_is_no_day_says_what_to_write(desk: Desk, cast: Cast, code: str, words: str, why: str) -> None:
    with pytest.raises(Refusal, match=why):
        say(desk, f"{code} {words}", cast.zhaojie)


def test_only_purchasing_answers_and_only_to_such_a_matter(desk: Desk, session: Session, cast: Cast, code: str) -> None:
    with pytest.raises(Refusal, match="答复到货时间由采购操作"):
        say(desk, f"{code} 到货 12-28", cast.xiaoli)
    other = make_case(session, make_order(session))
    with pytest.raises(Refusal, match="要对缺货货品的卡片说"):
        say(desk, f"{short_code(other.id)} 到货 12-28", cast.zhaojie)


def test_a_day_that_has_passed_is_asked_for_again(desk: Desk, session: Session, cast: Cast, code: str) -> None:
    say(desk, f"{code} 到货 明天", cast.zhaojie)
    desk.now += timedelta(hours=40)

    due.look(desk)

    (one,) = cases(session)
    assert one.reason.endswith("原定 12-23 到货，还没有到，请采购更新")


def test_when_the_day_comes_and_the_goods_have_not_purchasing_hears_once_more(
    desk: Desk, session: Session, cast: Cast, code: str
) -> None:
    say(desk, f"{code} 到货 明天", cast.zhaojie)
    desk.now += timedelta(hours=40)

    for _ in range(2):
        due.look(desk)

    news = session.scalars(select(Notification).where(Notification.dedupe_key.like("case:%:overdue%")))
    had_by = cases(session)[0].owner_id  # nobody claimed it in that time
    assert sorted(row.recipient for row in news) == sorted({str(cast.zhaojie.staff_id), str(had_by)})
    assert "再次提醒" in session.scalars(select(TrailRow.action)).all()
