"""拦截: the warehouse is asked to stop what it has in its hands, and says whether it could."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers import commands, due, pressing, show, trail
from handlers.desk import Desk, Refusal
from handlers.duty import quiet
from handlers.views import CaseView, OrderView, TextView
from models import Case, Notification, Order, Role, TrailRow
from models.case import short_code
from tests.cast import Cast, Member, hire
from tests.factories import make_order, pressed, typed
from tests.handlers.batches.conftest import say, shops
from tests.handlers.duty.rota import is_away, when, works

__all__ = ["shops"]
pytestmark = pytest.mark.usefixtures("shops")


def intercepted(desk: Desk, session: Session, cast: Cast, stage: str = "pending_ship") -> tuple[Order, Case]:
    order = make_order(session, stage=stage)
    view = say(desk, f"拦截 {order.tag} 客户要退款", cast.xiaoli)
    assert isinstance(view, OrderView)
    assert view.lock_reason == "拦截：客户要退款"
    return order, session.scalars(select(Case).where(Case.kind == "intercept")).one()


def told(session: Session, case: Case) -> list[tuple[str, str]]:
    rows = session.scalars(
        select(Notification).where(Notification.purpose == "card", Notification.subject == f"case:{case.id}")
    )
    return [(row.channel, row.recipient) for row in rows]


def note_to(session: Session, staff_id: int | None) -> str:
    rows = session.scalars(
        select(Notification).where(Notification.purpose == "text", Notification.recipient == str(staff_id))
    )
    return " ".join(row.body["text"] for row in rows)


def test_it_is_locked_and_the_warehouses_lead_alone_hears_at_once(desk: Desk, session: Session, cast: Cast) -> None:
    hire(session, Member("老赵", "laozhao", Role.WAREHOUSE))
    commands.run(desk, typed("组长 仓库 老王"), cast.chenjie)
    order, case = intercepted(desk, session, cast)

    assert (case.role, case.blocks) == ("warehouse", True)
    assert told(session, case) == [("staff", str(cast.laowang.staff_id))]
    card = show.show(desk, f"case:{case.id}", cast.laowang)
    assert isinstance(card, CaseView)
    assert [offer.text for offer in card.offers][:2] == ["拦住", "没拦住"]
    assert card.severity == "P1"
    with pytest.raises(Refusal, match="已锁定，不能发货：拦截：客户要退款"):
        say(desk, f"发货 {order.tag} 顺丰 SF1234567890123", cast.laowang)


def test_after_two_minutes_without_a_claim_the_supervisor_hears(desk: Desk, session: Session, cast: Cast) -> None:
    _, case = intercepted(desk, session, cast)
    desk.now += timedelta(minutes=1, seconds=59)
    due.look(desk)
    assert ("staff", str(cast.chenjie.staff_id)) not in told(session, case)
    desk.now += timedelta(seconds=1)
    due.look(desk)
    assert ("staff", str(cast.chenjie.staff_id)) in told(session, case)


def test_a_claim_is_no_answer(desk: Desk, session: Session, cast: Cast) -> None:
    _, claimed = intercepted(desk, session, cast)
    pressing.press(desk, pressed("claim", f"case:{claimed.id}", revision=claimed.revision), cast.laowang)
    desk.now += timedelta(minutes=5)
    due.look(desk)
    assert ("staff", str(cast.chenjie.staff_id)) in told(session, claimed)


def test_an_answer_silences_the_supervisors_call(desk: Desk, session: Session, cast: Cast) -> None:
    _, case = intercepted(desk, session, cast)
    commands.run(desk, typed(f"{short_code(case.id)} 拦住"), cast.laowang)
    desk.now += timedelta(minutes=5)
    due.look(desk)
    assert ("staff", str(cast.chenjie.staff_id)) not in told(session, case)


def test_stopped_it_stays_locked_until_somebody_decides(desk: Desk, session: Session, cast: Cast) -> None:
    order, case = intercepted(desk, session, cast)

    pressing.press(desk, pressed("stopped", f"case:{case.id}", revision=case.revision), cast.laowang)
    session.expire_all()

    assert (case.state, case.solution) == ("solved", "拦住了")
    assert order.lock_reason == "人工锁定：拦住了，等处理：客户要退款"
    assert note_to(session, cast.xiaoli.staff_id).startswith(f"{order.tag} 拦住了（老王），已锁定")
    say(desk, f"解锁 {order.tag} 客户又要了", cast.xiaoli)
    assert order.lock_reason == ""
    assert trail.verify(session, f"order:1:{order.external_id}")


def test_missed_it_says_what_can_still_be_done(desk: Desk, session: Session, cast: Cast) -> None:
    order, case = intercepted(desk, session, cast)

    commands.run(desk, typed(f"{short_code(case.id)} 没拦住"), cast.laowang)
    session.expire_all()

    assert (case.state, case.solution, order.lock_reason) == ("solved", "没拦住", "")
    words = note_to(session, cast.xiaoli.staff_id)
    assert "没拦住（老王），包裹已经出去" in words
    assert f"发货 {order.tag} 快递 运单号" in words


def test_done_alone_is_no_answer(desk: Desk, session: Session, cast: Cast) -> None:
    order, case = intercepted(desk, session, cast)
    code = short_code(case.id)

    with pytest.raises(Refusal, match=f"「拦截」请回复结果：{code} 拦住 / 没拦住"):
        commands.run(desk, typed(f"{code} 完成"), cast.laowang)
    with pytest.raises(Refusal, match="处理由仓库操作，您是客服"):
        commands.run(desk, typed(f"{code} 拦住"), cast.xiaoli)
    assert order.lock_reason == "拦截：客户要退款"


def test_it_is_asked_for_once(desk: Desk, session: Session, cast: Cast) -> None:
    order, _ = intercepted(desk, session, cast)
    with pytest.raises(Refusal, match="已经在拦截，结果出来会告诉您"):
        say(desk, f"拦截 {order.tag} 快点", cast.chenjie)
    view = say(desk, "撤销", cast.xiaoli)
    assert view == TextView("您刚发的拦截不能撤销，请让仓库回复结果，再解锁")


@pytest.mark.parametrize(
    ("stage", "words"),
    [
        ("pending_review", "还没有审核，仓库没有动，锁住就行，请发：锁定 {tag} 客户要退款"),
        ("cancelled", "{tag} 现在是已取消，不用拦截"),
        ("unpaid", "{tag} 现在是待付款，不用拦截"),
    ],
)
def test_where_there_is_nothing_to_stop_it_says_what_to_do(
    desk: Desk, session: Session, cast: Cast, stage: str, words: str
) -> None:
    order = make_order(session, stage=stage)
    with pytest.raises(Refusal, match=words.format(tag=order.tag)):
        say(desk, f"拦截 {order.tag} 客户要退款", cast.xiaoli)


def test_a_parcel_that_left_is_said_to_have_left_and_how_to_go_on(desk: Desk, session: Session, cast: Cast) -> None:
    order = make_order(session, stage="done", waybill="SF1234567890123", courier="shunfeng", shipped_at=desk.now)

    with pytest.raises(Refusal) as refused:
        say(desk, f"拦截 {order.tag} 客户要退款", cast.xiaoli)

    parcel = "顺丰速运 SF1234567890123，12-22 10:00"
    assert str(refused.value).startswith(f"{order.tag} 已经发出（{parcel}），仓库拦不住了。可以：")
    assert "请客户拒收" in str(refused.value)
    assert session.scalars(select(TrailRow)).all() == []


def test_it_needs_a_reason_and_is_for_service(desk: Desk, session: Session, cast: Cast) -> None:
    order = make_order(session, stage="pending_pick")
    with pytest.raises(Refusal, match=r"为什么拦截？请发：拦截 .* 原因"):
        say(desk, f"拦截 {order.tag}", cast.xiaoli)
    with pytest.raises(Refusal, match="拦截由客服操作，您是采购"):
        say(desk, f"拦截 {order.tag} 缺货", cast.zhaojie)


def test_what_was_stopped_is_not_freed_with_all_the_others(desk: Desk, session: Session, cast: Cast) -> None:
    order, case = intercepted(desk, session, cast)
    commands.run(desk, typed(f"{short_code(case.id)} 拦住"), cast.laowang)
    desk.session.expire_all()

    with pytest.raises(Refusal, match="是拦下来的：处理好以后请点名解锁"):
        say(desk, "解锁 全部", cast.xiaoli)
    say(desk, f"解锁 {order.tag}", cast.xiaoli)

    assert order.lock_reason == ""


def asked(desk: Desk, session: Session, cast: Cast, **changes: object) -> str:
    order = make_order(session, stage="pending_ship", **changes)  # type: ignore[arg-type]
    view = say(desk, f"拦截 {order.tag} 客户要退款", cast.xiaoli)
    assert isinstance(view, OrderView)
    return view.note


def test_the_answer_names_who_hears_now_and_who_next(desk: Desk, session: Session, cast: Cast) -> None:
    assert asked(desk, session, cast) == ("小李：已锁定，已通知仓库老王，2 分钟没有回复结果就找主管陈姐；结果会告诉您")


def test_at_night_the_answer_says_that_nobody_hears_before_the_morning(
    desk: Desk, session: Session, cast: Cast
) -> None:
    night = when(desk, "12-22 23:30")
    assert asked(night, session, cast) == (
        "小李：已锁定，系统里不能发货。现在没有人收得到：主管陈姐 12-23 09:00、仓库老王 12-23 09:00 才收到，"
        "包裹马上要走的请直接打电话；结果会告诉您"
    )
    held = [row for row in session.scalars(select(Notification).where(Notification.channel == "staff"))
            if row.recipient == str(cast.laowang.staff_id)]  # fmt: skip
    assert held, "as it is"
    assert all(quiet.hold(night, row) is not None for row in held)


def test_a_supervisor_on_the_night_shift_hears_in_the_warehouses_place(
    desk: Desk, session: Session, cast: Cast
) -> None:
    works(session, cast.chenjie, 20, 30)
    assert asked(when(desk, "12-22 23:30"), session, cast) == (
        "小李：已锁定，系统里不能发货。已通知主管陈姐，仓库老王 12-23 09:00 才收到，"
        "包裹马上要走的请直接打电话；结果会告诉您"
    )


def test_where_the_penalty_is_near_it_breaks_through_and_the_answer_knows(
    desk: Desk, session: Session, cast: Cast
) -> None:
    night = when(desk, "12-22 23:30")
    said = asked(night, session, cast, ship_by_at=night.now + timedelta(minutes=30))
    assert said.startswith("小李：已锁定，系统里不能发货。已通知主管陈姐，仓库老王 12-23 09:00 才收到")


def test_who_is_away_is_said_to_hear_when_back(desk: Desk, session: Session, cast: Cast) -> None:
    is_away(session, cast.chenjie, "12-22 09:00", "12-24 18:00", state="begun")
    assert asked(desk, session, cast) == ("小李：已锁定，已通知仓库老王，主管陈姐 12-24 18:00 才收到；结果会告诉您")
