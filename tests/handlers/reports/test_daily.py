from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from statistics import median

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from config_orders import AutoPass
from handlers import watch
from handlers.desk import Desk, Refusal
from handlers.reports.view import DailyView
from models import Order, TagCounter
from models.case import short_code
from tests.cast import Cast
from tests.factories import NOW, make_case, make_order, make_stock
from tests.handlers.reports.scene import HOUR, open_shops, say, waiting
from tests.handlers.rulebook.office import change, look, rule

MINUTE = timedelta(minutes=1)
YESTERDAY = NOW - 24 * HOUR


def asked(desk: Desk, cast: Cast, text: str = "日报", at: datetime = NOW) -> DailyView:
    view = say(desk, text, cast.chenjie, at=at)
    assert isinstance(view, DailyView)
    return view


@pytest.fixture
def day(desk: Desk, session: Session, cast: Cast) -> list[Order]:
    """Yesterday one order was reviewed; today three are, two of them leave, and a case is solved."""
    tb, jd = open_shops(session)
    session.add_all([TagCounter(prefix=prefix, day=day, last=last) for prefix, day, last in (
        ("TB", "20251222", 12), ("JD", "20251222", 3), ("TB", "20251221", 99))])  # fmt: skip
    old = waiting(session, tb, stage_entered_at=YESTERDAY - HOUR)
    say(desk, f"审核 {old.tag}", cast.xiaoli, at=YESTERDAY)
    orders = [
        waiting(session, shop, stage_entered_at=NOW - minutes * MINUTE, ship_by_at=deadline, paid_fen=10_000)
        for shop, minutes, deadline in ((tb, 30, NOW + 9 * HOUR), (tb, 50, NOW + HOUR), (jd, 90, NOW + 48 * HOUR))
    ]
    case = make_case(session, orders[2], opened_at=NOW - 40 * MINUTE)
    say(desk, f"{short_code(case.id)} 已确认", cast.xiaoli)
    for order in orders:
        say(desk, f"审核 {order.tag}", cast.xiaoli)
    for order, at in zip(orders[:2], (NOW + HOUR, NOW + 2 * HOUR), strict=True):
        say(desk, f"配货 {order.tag}", cast.laowang, at=at)
        say(desk, f"发货 {order.tag} 顺丰 SF123456789012{order.id % 10}", cast.laowang, at=at)
    return orders


def test_what_came_left_and_was_late(desk: Desk, session: Session, cast: Cast, day: list[Order]) -> None:
    view = asked(desk, cast, at=NOW + 3 * HOUR)

    done = session.scalars(select(Order).where(Order.stage == "done")).all()
    assert (view.day, view.new, view.shipped, view.shipped_fen) == (date(2025, 12, 22), 15, len(done), 20_000)
    assert view.shipped_late == sum(order.shipped_at > order.ship_by_at for order in done) == 1  # type: ignore[operator]
    assert view.shops == (("青禾淘宝店", 12, 2), ("青禾京东店", 3, 0))
    still = session.scalars(select(Order).where(Order.stage.in_(("pending_review", "pending_pick")))).all()
    assert view.open_orders == len(still) == 2
    assert (view.stale, view.open_late) == (2, 0)  # the old one, and the third one after three hours


def test_how_fast_it_went(desk: Desk, cast: Cast, day: list[Order]) -> None:
    view = asked(desk, cast, at=NOW + 3 * HOUR)

    assert view.review == median([30, 50, 90]) * MINUTE
    assert (view.opened, view.solved, view.by_itself, view.solve) == (1, 1, 0, 40 * MINUTE)
    assert view.kinds == (("地址模糊", 1),)


def test_who_did_what(desk: Desk, cast: Cast, day: list[Order]) -> None:
    people = {person.name: dict(person.done) for person in asked(desk, cast, at=NOW + 3 * HOUR).people}

    assert people["小李"]["审核"] == 3
    assert people["小李"]["处理异常"] == 1
    assert people["老王"] == {"配货": 2, "发货": 2}


def test_a_day_that_is_over_is_told_apart(desk: Desk, cast: Cast, day: list[Order]) -> None:
    for words in ("日报 昨天", "日报 12-21", "日报 2025-12-21"):
        view = asked(desk, cast, words)

        assert (view.day, view.new, view.shipped, view.open_orders) == (date(2025, 12, 21), 99, 0, None)
        assert [(person.name, person.done) for person in view.people] == [("小李", (("审核", 1),))]
        assert view.review == HOUR


def test_what_the_system_solved_is_counted_apart(desk: Desk, session: Session, cast: Cast) -> None:
    tb, _ = open_shops(session)
    for by in (None, None, cast.xiaoli.staff_id):
        make_case(session, waiting(session, tb), state="solved", solved_at=NOW, solved_by=by, opened_at=NOW - HOUR)
    make_case(session, waiting(session, tb), state="solved", solved_at=NOW - 24 * HOUR, opened_at=NOW - 25 * HOUR)

    view = asked(desk, cast)

    assert (view.opened, view.solved, view.by_itself) == (3, 3, 2)


def test_a_quiet_day_has_no_medians(desk: Desk, cast: Cast) -> None:
    view = asked(desk, cast)

    assert (view.new, view.shipped, view.review, view.solve, view.people) == (0, 0, None, None, ())


def test_of_what_left_review_it_says_how_many_orders_passed_by_themselves(
    desk: Desk, session: Session, cast: Cast
) -> None:
    """An audit that was taken back is none, and of several of one order the last counts."""
    passing = replace(desk, settings=desk.settings.model_copy(update={"autopass": AutoPass(on=True)}))
    make_stock(session, "QH-CUP-RED", 99)
    alone = [make_order(session, buyer_key=f"a{n}") for n in range(3)]
    by_hand = make_order(session, buyer_key="b", buyer_message="好的")
    watch.watch(passing, [order.id for order in (*alone, by_hand)])
    for _ in range(3):
        say(passing, f"审核 {by_hand.tag}", cast.xiaoli)
        say(passing, "撤销", cast.xiaoli)
    assert share(passing, cast) == (3, 3)

    say(passing, f"审核 {by_hand.tag}", cast.xiaoli)
    assert share(passing, cast) == (3, 4)
    made = rule(passing, "规则 新增 买家留言 包含 '等等'；动作 转环节 待审核", cast.chenjie)
    rule(passing, f"规则 启 {made.rule_id}", cast.chenjie)
    change(session, alone[0], buyer_message="等等")
    look(passing)
    assert share(passing, cast) == (2, 3), "sent back, it waits for somebody"
    say(passing, f"审核 {alone[0].tag}", cast.xiaoli)
    assert share(passing, cast) == (2, 4)


def test_where_nothing_passes_by_itself_that_is_told_only_where_it_should(
    desk: Desk, session: Session, cast: Cast
) -> None:
    say(desk, f"审核 {make_order(session, stage_entered_at=NOW).tag}", cast.xiaoli)
    passing = replace(desk, settings=desk.settings.model_copy(update={"autopass": AutoPass(on=True)}))

    assert (share(desk, cast), share(passing, cast)) == ((None, 1), (0, 1))


def share(desk: Desk, cast: Cast) -> tuple[int | None, int]:
    view = asked(desk, cast)
    return view.passed_alone, view.passed


def test_who_may_ask_and_for_which_day(desk: Desk, cast: Cast) -> None:
    with pytest.raises(Refusal, match="日报由主管操作"):
        say(desk, "日报", cast.xiaoli)
    with pytest.raises(Refusal, match="12-23 还没有到"):
        say(desk, "日报 明天", cast.chenjie)
    with pytest.raises(Refusal, match="「随便」看不懂"):
        say(desk, "日报 随便", cast.chenjie)
