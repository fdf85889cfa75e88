"""No oversell: the last piece goes to one order, whoever presses, however many at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session, sessionmaker

from config import Settings
from config_orders import AutoPass
from handlers import commands, gather, pressing, stages, watch
from handlers.autopass import AutoPasses
from handlers.desk import Actor, Desk, Refusal
from handlers.platform_moves import Work as Looked
from handlers.shortage import claims
from handlers.views import TextView, View
from models import Case, Order, Stock
from models.case import short_code
from models.stages import Verb
from tests.cast import Cast, hire_all
from tests.factories import make_line, make_order, make_stock, pressed, typed
from tests.handlers.test_concurrency import Two, Work

SKU = "QH-CUP-RED"
HOUR = timedelta(hours=1)


@pytest.fixture
def two(sessions: sessionmaker[Session], settings: Settings, now: datetime) -> Two:
    return Two(sessions, settings, now)


def approving(subject: str, actor: Actor, said: list[str]) -> Work:
    def work(desk: Desk) -> View | None:
        try:
            return pressing.press(desk, pressed("approve", subject), actor)
        except Refusal as refusal:
            said.append(str(refusal))
            desk.session.rollback()
            return None

    return work


@pytest.mark.parametrize("_again", range(5))
@pytest.mark.parametrize("lines", [(SKU,), (SKU, "B"), ("B", SKU)], ids=str)
def test_of_two_audits_at_once_for_the_last_piece_one_is_refused_in_plain_words(
    two: Two, sessions: sessionmaker[Session], now: datetime, lines: tuple[str, ...], _again: int
) -> None:
    with sessions() as session:
        cast = hire_all(session)
        for sku in (SKU, "B"):
            make_stock(session, sku, 1)
        later = make_order(session, lines=[make_line(sku) for sku in lines], ship_by_at=now + 9 * HOUR)
        sooner = make_order(session, lines=[make_line(sku) for sku in reversed(lines)], ship_by_at=now + 8 * HOUR)
        ids = later.id, sooner.id  # nobody has looked at them yet: neither is locked
        session.commit()
    said: list[str] = []

    two.at_once(
        *(approving(f"order:{one}", who, said) for one, who in zip(ids, (cast.xiaoli, cast.chenjie), strict=True))
    )

    with sessions() as session:
        assert [session.get_one(Order, one).stage for one in ids] == ["pending_review", "pending_pick"]
    (why,) = said
    assert f"马克杯 红色（{SKU}）要 1 件，只剩 0 件，排在前面的" in why
    assert why.endswith("等到货后会自动放行")


@pytest.mark.parametrize("_again", range(5))
def test_a_deadline_that_changes_meanwhile_gives_the_piece_to_one_of_them_only(
    two: Two, sessions: sessionmaker[Session], now: datetime, _again: int
) -> None:
    with sessions() as session:
        cast = hire_all(session)
        make_stock(session, SKU, 1)
        ids = [make_order(session, ship_by_at=now + hours * HOUR).id for hours in (8, 9)]
        session.commit()
    said: list[str] = []

    def hurry(desk: Desk) -> None:
        desk.session.get_one(Order, ids[1], with_for_update=True).ship_by_at = now + HOUR

    two.at_once(hurry, *(approving(f"order:{one}", cast.xiaoli, said) for one in ids))

    with sessions() as session:
        went = [one for one in ids if session.get_one(Order, one).stage == "pending_pick"]
    assert len(went) <= 1
    assert len(said) == 2 - len(went)


def test_what_passed_its_audit_keeps_its_piece_from_a_more_urgent_one(desk: Desk, session: Session, cast: Cast) -> None:
    make_stock(session, SKU, 1)
    first = make_order(session, ship_by_at=desk.now + 9 * HOUR)
    stages.move(desk, f"order:{first.id}", Verb.APPROVE, cast.xiaoli)
    urgent = make_order(session, ship_by_at=desk.now + HOUR)

    with pytest.raises(Refusal, match=f"只剩 0 件，排在前面的 {first.tag} 等单先用"):
        stages.move(desk, f"order:{urgent.id}", Verb.APPROVE, cast.chenjie)

    watch.watch(desk, [first.id, urgent.id])
    session.expire_all()
    assert (first.lock_reason, "缺货" in urgent.lock_reason) == ("", True)


def test_a_batch_takes_as_many_as_there_are_and_says_which_are_left(desk: Desk, session: Session, cast: Cast) -> None:
    make_stock(session, SKU, 1)
    orders = [make_order(session, ship_by_at=desk.now + hours * HOUR) for hours in (9, 8)]

    view = commands.run(desk, typed(f"审核 {orders[0].tag} {orders[1].tag}"), cast.xiaoli)

    assert isinstance(view, TextView)
    session.expire_all()
    assert [order.stage for order in orders] == ["pending_review", "pending_pick"]
    assert f"✗ {orders[0].tag}：缺货：马克杯 红色（{SKU}）要 1 件，只剩 0 件" in view.text


def test_goods_of_which_there_is_enough_or_that_nobody_counts_hinder_nobody(desk: Desk, session: Session) -> None:
    make_stock(session, SKU, 2)
    orders = [make_order(session, lines=[make_line(), make_line("UNKNOWN")]) for _ in range(2)]

    assert claims.hinder(desk, [order.id for order in orders]) == {}


def test_what_a_person_said_is_there_may_go(desk: Desk, session: Session, cast: Cast) -> None:
    make_stock(session, SKU, 0)
    order = make_order(session)
    watch.watch(desk, [order.id])
    case = session.query(Case).filter_by(kind="short_stock").one()
    for words, who in (("强制 货在门口", cast.zhaojie), ("同意", cast.chenjie)):
        commands.run(desk, typed(f"{short_code(case.id)} {words}"), who)

    assert claims.hinder(desk, [order.id]) == {}
    stages.move(desk, f"order:{order.id}", Verb.APPROVE, cast.xiaoli)


@pytest.mark.parametrize("_again", range(5))
def test_what_passes_by_itself_does_not_take_what_an_audit_takes_at_the_same_moment(
    two: Two, sessions: sessionmaker[Session], now: datetime, _again: int
) -> None:
    with sessions() as session:
        cast = hire_all(session)
        make_stock(session, SKU, 1)
        ids = [make_order(session, ship_by_at=now + hours * HOUR).id for hours in (8, 9)]
        session.commit()
    said: list[str] = []

    def hurry(desk: Desk) -> None:
        desk.session.get_one(Order, ids[1], with_for_update=True).ship_by_at = now + HOUR

    def look(desk: Desk) -> None:
        settings = desk.settings.model_copy(update={"autopass": AutoPass(on=True)})
        watch.watch(replace(desk, settings=settings), [ids[0]])

    two.at_once(hurry, look, approving(f"order:{ids[1]}", cast.chenjie, said))

    with sessions() as session:
        went = [one for one in ids if session.get_one(Order, one).stage == "pending_pick"]
    assert len(went) <= 1


def test_of_a_batch_that_passes_by_itself_as_many_go_as_there_are_pieces(
    desk: Desk, session: Session, cast: Cast
) -> None:
    """The shelf is counted anew between the rules and the audit."""
    settings = desk.settings.model_copy(update={"autopass": AutoPass(on=True)})
    make_stock(session, SKU, 2)
    orders = [make_order(session, ship_by_at=desk.now + hours * HOUR) for hours in (9, 8)]
    passes = AutoPasses(replace(desk, settings=settings), [order.id for order in orders])
    works = [Looked.of(row) for row in gather.lock_orders(desk, [order.id for order in orders])]
    session.execute(update(Stock).values(on_hand=1))

    assert passes.take([(work, {}, ()) for work in works]) == {orders[1].id}
    assert [work.stage for work in works] == ["pending_review", "pending_pick"]


def test_an_order_that_is_parted_passes_by_itself_with_what_is_here(desk: Desk, session: Session) -> None:
    """What is to leave later holds up nothing, whoever lets the order pass."""
    make_stock(session, SKU, 0)
    make_stock(session, "PLATE", 1)
    order = make_order(session, lines=[make_line(SKU, parting="later"), make_line("PLATE")])
    settings = desk.settings.model_copy(update={"autopass": AutoPass(on=True)})
    passes = AutoPasses(replace(desk, settings=settings), [order.id])
    works = [Looked.of(row) for row in gather.lock_orders(desk, [order.id])]

    assert claims.hinder(desk, [order.id]) == {}
    assert passes.take([(work, {}, ()) for work in works]) == {order.id}
    session.execute(update(Stock).where(Stock.sku == "PLATE").values(on_hand=0))
    assert "（PLATE）要 1 件，只剩 0 件" in claims.hinder(desk, [order.id])[order.id]
