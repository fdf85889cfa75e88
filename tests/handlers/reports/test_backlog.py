from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers.desk import Actor, Desk, Refusal
from handlers.reports.view import BacklogView
from models import Order
from models.case import short_code
from models.stages import OPEN, TITLES
from tests.cast import Cast
from tests.factories import make_case
from tests.handlers.reports.scene import open_shops, say, waiting


def asked(desk: Desk, text: str, by: Actor) -> BacklogView:
    view = say(desk, text, by)
    assert isinstance(view, BacklogView)
    return view


def test_every_stage_and_shop_adds_up_to_the_rows(desk: Desk, session: Session, cast: Cast) -> None:
    tb, jd = open_shops(session)
    for number in range(7):
        waiting(session, tb, hours=number, paid_fen=1000 + number)
    waiting(session, jd, "pending_ship", hours=5, paid_fen=30_000)
    waiting(session, jd, "pending_ship", hours=1, hold="平台风控审核中")
    waiting(session, tb, "done", hours=9)
    waiting(session, tb, "cancelled", hours=9)

    view = asked(desk, "积压", cast.laowang)

    rows = session.scalars(select(Order).where(Order.stage.in_(OPEN))).all()
    assert view.orders == len(rows) == 9
    for load, stage in zip(view.stages, OPEN, strict=True):
        mine = [row for row in rows if row.stage == stage]
        assert (load.title, load.orders, load.paid_fen) == (
            TITLES[stage], len(mine), sum(row.paid_fen for row in mine),
        )  # fmt: skip
        assert load.oldest_at == min((row.stage_entered_at for row in mine), default=None)
    assert [(load.title, load.orders, load.stale) for load in view.shops] == [
        ("青禾淘宝店", 7, 5),
        ("青禾京东店", 2, 1),
    ]
    assert view.stages[2].stale == 1  # what the platform holds does not get old
    oldest = sorted(rows, key=lambda row: (row.stage_entered_at, row.id))[:5]
    assert [row.tag for row in view.oldest] == [row.tag for row in oldest]


def test_one_stage_one_shop_or_both(desk: Desk, session: Session, cast: Cast) -> None:
    tb, jd = open_shops(session)
    waiting(session, tb)
    waiting(session, tb, "pending_ship")
    order = waiting(session, jd, "pending_ship", hours=3)
    case = make_case(session, order)

    for words, count, title in (
        ("积压 待发货", 2, "待发货"),
        ("积压 发货", 2, "待发货"),
        ("积压京东", 1, "青禾京东店"),
        ("积压 JD", 1, "青禾京东店"),
        ("积压 淘宝店 待审核", 1, "青禾淘宝店 待审核"),
        ("积压 待审核的青禾京东店", 0, "青禾京东店 待审核"),
    ):
        view = asked(desk, words, cast.chenjie)
        assert (view.orders, view.title) == (count, title), words
    assert asked(desk, "积压 京东", cast.chenjie).oldest[0].codes == (short_code(case.id),)


def test_a_word_that_names_nothing_is_asked_about(desk: Desk, session: Session, cast: Cast) -> None:
    open_shops(session)

    with pytest.raises(Refusal, match=r"「北极」看不懂。请发：积压.*店铺有：青禾淘宝店、青禾京东店"):
        say(desk, "积压 北极", cast.chenjie)


def test_nothing_lies_there(desk: Desk, cast: Cast) -> None:
    view = asked(desk, "积压", cast.xiaoli)

    assert (view.orders, view.shops, view.oldest) == (0, (), ())
