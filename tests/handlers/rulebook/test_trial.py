"""What the page of a dry run shows: orders that are here and those that left stand apart, each with its own
numbers."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from handlers.desk import Desk
from handlers.rulebook import dry_run, trial
from handlers.rulebook.store import Wish
from handlers.rulebook.trial import Part, TrialView
from models import Order
from tests.cast import Cast
from tests.factories import make_case, make_order, masked
from tests.handlers.rulebook.office import words

NEW = Wish("大额", "金额 > 1000")


def left(desk: Desk, session: Session, *, days: int, paid_fen: int = 300_000) -> Order:
    return make_order(session, stage="done", stage_entered_at=desk.now - timedelta(days=days), paid_fen=paid_fen)


def tags(part: Part) -> dict[str, list[str]]:
    return {what: [tag for _, tag in orders.shown] for what, orders in part.lists}


def adds_up(tried: TrialView) -> None:
    """Every number on the page is that of the list below it, and the parts are all that was looked at."""
    for part in tried.parts:
        figures = dict(part.figures)
        for what, orders in part.lists:
            assert figures[what] == orders.number
            assert len(orders.shown) == min(orders.number, trial.SHOWN)
        assert max(figures.values()) <= part.looked
    assert sum(part.looked for part in tried.parts) == tried.looked


def test_orders_that_left_are_not_among_those_that_would_be_opened(desk: Desk, session: Session, cast: Cast) -> None:
    here, small = make_order(session, paid_fen=300_000), make_order(session, paid_fen=1_000)
    gone = [left(desk, session, days=3), left(desk, session, days=5)]
    left(desk, session, days=4, paid_fen=1_000)
    left(desk, session, days=9)

    tried = trial.begin(desk, cast.chenjie, NEW)

    now, past = tried.parts
    assert (now.title, past.title) == ("现在没发的 2 单", "近 7 天离开的 3 单")
    assert dict(now.figures) == {"会新开": 1, "会结束": 0, "命中": 1, "不能确定": 0}
    assert dict(past.figures) == {"会多开": 2, "会少开": 0, "命中": 2, "不能确定": 0}
    assert tags(now) == {"会新开": [here.tag]}
    assert tags(past) == {"会多开": [order.tag for order in gone]}
    assert "不会真开" in past.hint
    assert past.lines == ["这 3 单里平均每天约 0.3 单命中"]
    assert small.tag not in str(tried)
    adds_up(tried)


def test_what_would_end_and_what_would_not_have_been_stand_apart_too(desk: Desk, session: Session, cast: Cast) -> None:
    here, gone = make_order(session, paid_fen=1_000), left(desk, session, days=2, paid_fen=1_000)
    for order in (here, gone):
        make_case(session, order, kind="own_7")

    tried = trial.begin(desk, cast.chenjie, NEW, rule_id=7)

    assert [tags(part) for part in tried.parts] == [{"会结束": [here.tag]}, {"会少开": [gone.tag]}]
    adds_up(tried)


def test_more_than_fit_are_counted_in_both(
    desk: Desk, session: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trial, "SHOWN", 2)
    for _ in range(3):
        make_order(session, paid_fen=300_000)
        left(desk, session, days=1)
    tried = trial.begin(desk, cast.chenjie, NEW)
    assert [[orders.number for _, orders in part.lists] for part in tried.parts] == [[3], [3]]
    adds_up(tried)


def test_what_nobody_can_tell_is_counted_where_it_is(desk: Desk, session: Session, cast: Cast) -> None:
    for _ in range(2):
        make_order(session, receiver=masked())
    make_order(session, receiver=masked(), stage="done", stage_entered_at=desk.now - timedelta(days=1))

    tried = trial.begin(desk, cast.chenjie, Wish("村", "地址 包含 '紫金花'"))

    assert [dict(part.figures)["不能确定"] for part in tried.parts] == [2, 1]
    assert any("不能确定的 3 单（没发的 2 单、离开的 1 单；" in line for line in tried.lines)
    adds_up(tried)


def test_without_orders_that_left_there_is_one_part(desk: Desk, session: Session, cast: Cast) -> None:
    make_order(session)
    left(desk, session, days=1)
    (only,) = trial.begin(desk, cast.chenjie, Wish("久", "停留小时 > 0.1")).parts
    assert only.title == "现在没发的 1 单"
    tried = trial.begin(desk, cast.chenjie, Wish("久", "停留小时 > 0.1"))
    assert any("发走的订单没有回放" in line for line in tried.lines)


def test_a_long_one_ends_with_the_same_page(
    desk: Desk, session: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_order(session, paid_fen=300_000)
    left(desk, session, days=3)
    at_once = trial.begin(desk, cast.chenjie, NEW)
    monkeypatch.setattr(dry_run, "AT_ONCE", 0)
    run_id = trial.begin(desk, cast.chenjie, NEW).run_id
    while dry_run.go_on(desk, run_id):
        pass
    behind = trial.stands(desk, cast.chenjie, run_id)
    assert behind.parts == at_once.parts
    adds_up(behind)


def test_the_chat_keeps_them_apart_too(desk: Desk, session: Session, cast: Cast) -> None:
    here, gone = make_order(session, paid_fen=300_000), left(desk, session, days=3)
    told = words(desk, "预演 金额 > 1000", cast.chenjie)
    assert f"会新开：{here.tag}\n" in told
    assert f"已离开，当时会多开（不会真开）：{gone.tag}\n" in told
    assert "离开的 1 单里平均每天约 0.1 单命中" in told
