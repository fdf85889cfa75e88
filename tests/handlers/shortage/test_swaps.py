"""换同款: proposed to the buyer, and done when they agree."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from config import Settings
from handlers import commands, show, stages
from handlers.desk import Actor, Desk, Refusal
from handlers.shortage import choices, swaps
from handlers.views import CaseView, OrderView, View
from ingest.snapshot import Effect, LineSnapshot, OrderSnapshot
from ingest.store import Batch, Item, store
from models import Notification, Order, OrderLine, TrailRow, WaitingLine, WriteBack
from models.case import short_code
from models.stages import Verb
from tests.cast import Cast, hire_all
from tests.factories import make_customer, make_line, make_order, make_stock, typed
from tests.handlers.shortage.test_matters import cases, look_at
from tests.handlers.shortage.test_parting import ask, decide, two
from tests.handlers.test_concurrency import Two, Work

__all__ = ["two"]

RED, BLUE = "QH-CUP-RED", "QH-CUP-BLUE"


def shelf(session: Session, blue: int) -> None:
    """No red cup, some blue ones, which cost six yuan more."""
    make_stock(session, RED, 0)
    make_stock(session, BLUE, blue)
    make_order(session, stage="done", lines=[make_line(BLUE, spec="蓝色", price_fen=7500)])


@pytest.fixture
def order(desk: Desk, session: Session, cast: Cast) -> Order:
    shelf(session, 5)
    make_customer(session)
    order = make_order(session, lines=[make_line(RED, quantity=2)])
    look_at(desk, [order])
    return order


def say(desk: Desk, words: str, actor: Actor) -> View:
    view = commands.run(desk, typed(words), actor)
    desk.session.expire_all()
    return view


def propose(desk: Desk, cast: Cast) -> str:
    """The code by which the buyer's answer is noted."""
    decide(desk, f"换同款 {BLUE}", cast.xiaoli)
    (own,) = cases(desk.session, "short_stock")
    return short_code(own.id)


def line_of(session: Session, order: Order) -> OrderLine:
    session.expire_all()
    return session.scalars(select(OrderLine).where(OrderLine.order_id == order.id)).one()


def test_the_question_shows_the_difference_and_nothing_changes_before_the_buyer_agrees(
    desk: Desk, session: Session, cast: Cast, order: Order
) -> None:
    asked = ask(desk, f"换同款 {BLUE}", cast.xiaoli)
    assert asked.doubts == ("每件差价 +6.00 元（按最近一单的标价），要补差价请和买家说好",)
    say(desk, f"{asked.code} 确认", cast.xiaoli)

    assert (line_of(session, order).sku, order.lock_reason[:2]) == (RED, "缺货")
    (own,) = cases(session, "short_stock")
    view = show.show(desk, f"case:{own.id}", cast.xiaoli)
    assert isinstance(view, CaseView)
    assert view.lines[0].endswith(f"定：换同款，换成 {BLUE}，等买家答复")
    assert [one.text for one in view.offers if one.action == "swap_answer"] == ["买家同意", "买家不同意"]


def test_when_the_buyer_agrees_other_goods_leave_and_the_platforms_line_stays_what_it_was(
    desk: Desk, session: Session, cast: Cast, order: Order
) -> None:
    view = say(desk, f"{propose(desk, cast)} 买家同意", cast.xiaoli)

    assert isinstance(view, CaseView)
    line = line_of(session, order)
    assert (line.sku, line.spec, line.platform_sku, line.swapped_from) == (BLUE, "蓝色", "4900000000001", RED)
    assert order.lock_reason == ""
    assert [(row.sku, row.pieces) for row in session.scalars(select(WaitingLine))] == [(BLUE, 2)]
    (memo,) = session.scalars(select(WriteBack).where(WriteBack.kind == "memo"))
    assert memo.line == f"换同款：{RED} → 马克杯 蓝色（{BLUE}），买家已同意"
    shown = show.show(desk, f"order:{order.id}", cast.xiaoli)
    assert isinstance(shown, OrderView)
    assert [(one.sku, one.refund) for one in shown.lines] == [(BLUE, f"代替 {RED}")]
    told = session.scalars(select(Notification.dedupe_key).where(Notification.channel == "customer")).all()
    assert not [one for one in told if "solved" in one], "the red cup has not come"
    stages.move(desk, f"order:{order.id}", Verb.APPROVE, cast.chenjie)
    look_at(desk, [order])
    assert cases(session, "goods_changed") == []


@pytest.mark.parametrize("platform_sku", ["4900000000001", ""])
def test_reading_the_order_anew_undoes_nothing_unless_the_platform_sells_something_else(
    desk: Desk, session: Session, cast: Cast, order: Order, platform_sku: str
) -> None:
    line_of(session, order).platform_sku = platform_sku
    session.flush()
    say(desk, f"{propose(desk, cast)} 买家同意", cast.xiaoli)
    stages.move(desk, f"order:{order.id}", Verb.APPROVE, cast.chenjie)

    def read(number: int, sku: str, platform_sku: str) -> None:
        line = LineSnapshot("0", sku, platform_sku, "马克杯", 2, 6900, 13800, "红色")
        at = desk.now + timedelta(seconds=number)
        told = OrderSnapshot(order.external_id, Effect.ADMIT, "等待卖家发货", order.created_at, at, (line,), 13800)
        item = Item(order.external_id, b"%d" % number, told)
        assert store(session, Batch(1, "taobao", "TB", [item]), desk.now).changed == [order.id]
        look_at(desk, [order])

    read(1, RED, platform_sku)
    assert (line_of(session, order).sku, line_of(session, order).spec) == (BLUE, "蓝色")
    assert cases(session, "goods_changed") == []

    read(2, "GREEN", "4900000000009")
    assert (line_of(session, order).sku, line_of(session, order).swapped_from) == ("GREEN", "")
    assert len(cases(session, "goods_changed")) == 1


def test_a_buyer_who_does_not_agree_leaves_the_order_short_and_undecided(
    desk: Desk, session: Session, cast: Cast, order: Order
) -> None:
    code = propose(desk, cast)
    view = say(desk, f"{code} 买家不同意", cast.xiaoli)

    assert isinstance(view, CaseView)
    assert view.note == "小李：买家不同意换，请改为等货、拆单先发或退款"
    assert (line_of(session, order).sku, order.lock_reason[:2]) == (RED, "缺货")
    again = say(desk, f"{code} 买家同意", cast.xiaoli)
    assert "没有等买家答复的换货" in getattr(again, "note", "")


def test_where_other_goods_are_still_short_the_answer_is_not_waited_for_any_more(
    desk: Desk, session: Session, cast: Cast
) -> None:
    shelf(session, 5)
    make_stock(session, "PLATE", 0)
    order = make_order(session, lines=[make_line(RED), make_line("PLATE", title="盘子", spec="白色")])
    look_at(desk, [order])
    (of_red,) = [one for one in cases(session) if one.group_key == RED]
    asked = say(desk, f"{short_code(of_red.id)} 换同款 {BLUE}", cast.xiaoli)
    say(desk, f"{asked.code} 确认", cast.xiaoli)  # type: ignore[union-attr]
    (own,) = cases(session, "short_stock")
    code = short_code(own.id)

    say(desk, f"{code} 买家同意", cast.xiaoli)

    assert "choice" not in cases(session, "short_stock")[0].evidence
    assert choices.words_now(desk, order.id) == ""
    late = say(desk, f"{code} 买家不同意", cast.xiaoli)
    assert "没有等买家答复的换货" in getattr(late, "note", "")
    say(desk, "撤销", cast.xiaoli)
    assert cases(session, "short_stock")[0].evidence["choice"]["what"] == "swap"


def test_goods_that_are_gone_by_then_are_not_promised(desk: Desk, session: Session, cast: Cast, order: Order) -> None:
    code = propose(desk, cast)
    make_order(session, lines=[make_line(BLUE, quantity=4)])

    with pytest.raises(Refusal, match=rf"（{BLUE}）只剩 1 件，要 2 件，不够换"):
        say(desk, f"{code} 买家同意", cast.xiaoli)
    assert line_of(session, order).sku == RED


def test_it_is_taken_back_within_the_minute(desk: Desk, session: Session, cast: Cast, order: Order) -> None:
    say(desk, f"{propose(desk, cast)} 买家同意", cast.xiaoli)
    say(desk, "撤销", cast.xiaoli)

    line = line_of(session, order)
    assert (line.sku, line.spec, line.swapped_from) == (RED, "红色", "")
    assert order.lock_reason.startswith("缺货")
    (own,) = cases(session, "short_stock")
    assert own.evidence["choice"]["what"] == "swap", "the buyer's answer is waited for again"
    assert session.scalars(select(WriteBack).where(WriteBack.kind == "memo")).all() == []
    actions = session.scalars(select(TrailRow.action).where(TrailRow.subject.like("order:%")).order_by(TrailRow.id))
    assert [one for one in actions if "换同款" in one] == ["缺货换同款", "换同款", "撤销换同款"]


@pytest.mark.parametrize("_again", range(3))
def test_of_two_buyers_who_agree_at_once_to_the_last_piece_one_gets_it(
    two: Two, sessions: sessionmaker[Session], settings: Settings, now: datetime, _again: int
) -> None:
    with sessions() as session:
        cast = hire_all(session)
        shelf(session, 1)
        orders = [make_order(session, lines=[make_line(RED)]) for _ in range(2)]
        desk = Desk(session, now, settings)
        look_at(desk, orders)
        decide(desk, f"换同款 {BLUE}", cast.xiaoli)
        ids = [one.id for one in cases(session, "short_stock")]
        session.commit()
    refused: list[str] = []

    def agree(case_id: int) -> Work:
        def work(desk: Desk) -> None:
            try:
                swaps.answer(desk, case_id, cast.xiaoli, agreed=True)
            except Refusal as refusal:
                refused.append(str(refusal))
                desk.session.rollback()

        return work

    two.at_once(*(agree(one) for one in ids))

    with sessions() as session:
        assert sorted(session.scalars(select(OrderLine.sku).where(OrderLine.spec != "蓝色"))) == [RED]
        assert len(refused) == 1


def test_an_answer_that_leaves_all_as_it_was_is_not_taken_back_and_nothing_older_is_either(
    desk: Desk, session: Session, cast: Cast, order: Order
) -> None:
    code = propose(desk, cast)
    say(replace(desk, now=desk.now + timedelta(seconds=5)), f"{code} 买家不同意", cast.xiaoli)

    with pytest.raises(Refusal, match="要换请再发一次换同款"):
        say(replace(desk, now=desk.now + timedelta(seconds=9)), "撤销", cast.xiaoli)
