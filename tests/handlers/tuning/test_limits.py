"""阈值: what is set holds at once, is written down, and can be taken back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from handlers import board, commands, due, opening, watch
from handlers.desk import Actor, Desk, Refusal
from handlers.duty import duty
from handlers.matter import Opening
from handlers.tuning.tuned import tuned
from handlers.views import TextView
from models import Case, Role, TrailRow, Tuning
from tests.cast import Cast
from tests.factories import make_case, make_order, typed


def say(desk: Desk, words: str, actor: Actor) -> str:
    view = commands.run(desk, typed(words), actor)
    assert isinstance(view, TextView)
    return view.text


def stale(session: Session) -> list[Case]:
    session.expire_all()
    return list(session.scalars(select(Case).where(Case.kind == "stale_stage", Case.state == "open")))


def test_it_shows_what_holds(desk: Desk, cast: Cast) -> None:
    shown = say(desk, "阈值", cast.xiaoli)

    assert "- 待审核：2 小时" in shown
    assert "- 合并数量：6 单" in shown
    assert "- 免打扰：22:00–08:00，09:00 一起发" in shown
    assert "认领 15 分、处理 2 小时：" in shown
    assert "地址模糊" in shown


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("待审核 3h", "待审核 2 小时 → 3 小时"),
        ("待配货 改成90分钟", "待配货 2 小时 → 90 分钟"),
        ("待发货 半小时", "待发货 2 小时 → 30 分钟"),
        ("升级主管 45", "升级主管 1 小时 → 45 分钟"),
        ("合并数量 10", "合并数量 6 单 → 10 单"),
        ("合并时间 30分", "合并时间 15 分钟 → 30 分钟"),
        ("地址模糊 认领 30", "地址模糊认领 15 分钟 → 30 分钟"),
        ("缺货 处理 6小时", "缺货处理 4 小时 → 6 小时"),
        ("免打扰 23:00-07:00", "免打扰 22:00–08:00，09:00 一起发 → 23:00–07:00，08:00 一起发"),
    ],
)
def test_what_is_set_is_said_and_holds(desk: Desk, cast: Cast, words: str, said: str) -> None:
    assert say(desk, f"阈值 {words}", cast.chenjie).startswith(said)
    assert said.rpartition(" → ")[2] in say(desk, "阈值", cast.xiaoli)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("待审核", "改成多少"), ("待审核 很久", "看不懂"), ("待审核 0", "请设在"), ("待审核 99999", "请设在"),
        ("待审核 2h", "没有改动"), ("火星 3h", "没有「火星"), ("地址模糊 30", "认领还是处理"), ("合并数量 1", "请设在"),
        ("合并数量 2h", "请写几单"), ("待审核 3单", "是时间"), ("免打扰 25:00-08:00", "请发"), ("撤销", "没有可以撤销"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_says_what_to_write(desk: Desk, session: Session, cast: Cast, words: str, why: str) -> None:
    with pytest.raises(Refusal, match=why):
        say(desk, f"阈值 {words}", cast.chenjie)
    assert session.scalars(select(Tuning)).all() == []


def test_only_a_supervisor_sets(desk: Desk, cast: Cast) -> None:
    with pytest.raises(Refusal, match="改阈值由主管操作"):
        say(desk, "阈值 待审核 3h", cast.xiaoli)


def test_it_is_written_down_and_taken_back_one_by_one(desk: Desk, session: Session, cast: Cast) -> None:
    say(desk, "阈值 待审核 3h 大促前放宽", cast.chenjie)
    say(desk, "阈值 待审核 4h", cast.chenjie)
    row = session.scalars(select(Tuning).order_by(Tuning.id)).first()
    assert row is not None
    assert (row.name, row.before, row.value, row.set_by, row.reason, row.set_at) == (
        "pending_review_minutes", 120, 180, "陈姐", "大促前放宽", desk.now,
    )  # fmt: skip
    assert [one.action for one in session.scalars(select(TrailRow))] == ["改阈值", "改阈值"]

    assert say(desk, "阈值 撤销", cast.chenjie) == "已撤销：待审核 4 小时 → 3 小时"
    assert say(desk, "阈值 撤销", cast.chenjie) == "已撤销：待审核 3 小时 → 2 小时"
    assert "已由陈姐撤销" in say(desk, "阈值", cast.chenjie)
    assert tuned(desk).stale.pending_review_minutes == 120


def test_a_night_is_taken_back_too(desk: Desk, cast: Cast) -> None:
    say(desk, "阈值 免打扰 关", cast.chenjie)
    assert duty.roster(desk).night.shown == "不设"
    say(desk, "阈值 撤销", cast.chenjie)
    assert duty.roster(desk).night.shown == "22:00–08:00，09:00 一起发"


def test_a_longer_limit_spares_the_order_a_shorter_one_finds_it(desk: Desk, session: Session, cast: Cast) -> None:
    order = make_order(session, stage_entered_at=desk.now - timedelta(hours=1))
    watch.watch(desk, [order.id])
    say(desk, "阈值 待审核 30分钟", cast.chenjie)
    due.look(desk)
    assert len(stale(session)) == 1
    assert board.board(desk, cast.chenjie).stages[0].stale == 1
    say(desk, "阈值 待审核 2h", cast.chenjie)
    watch.watch(desk, [order.id])
    assert stale(session) == []
    due.look(replace(desk, now=desk.now + timedelta(minutes=61)))
    assert len(stale(session)) == 1


def test_an_existing_case_keeps_its_policy(desk: Desk, session: Session, cast: Cast) -> None:
    opening.open_many(desk, [Opening("address_vague", "缺", Role.SERVICE, make_order(session).id)])
    say(desk, "阈值 地址模糊 认领 40", cast.chenjie)
    opening.open_many(desk, [Opening("address_vague", "缺", Role.SERVICE, make_order(session).id)])

    steps = [[step["after"] for step in case.steps] for case in session.scalars(select(Case).order_by(Case.id))]
    assert steps == [[0, 15, 135], [0, 40, 160]]


def test_a_claim_promises_what_is_set(desk: Desk, session: Session, cast: Cast) -> None:
    say(desk, "阈值 地址模糊 处理 3h", cast.chenjie)
    case = make_case(session, make_order(session, recheck_at=None))
    from handlers import cases

    cases.claim(desk, case.id, cast.xiaoli)
    session.expire_all()
    assert case.claimed_until == desk.now + timedelta(hours=3)


def test_it_is_read_once_in_a_transaction(desk: Desk, session: Session, cast: Cast) -> None:
    seen: list[str] = []
    listener = lambda *arguments: seen.append(arguments[2])  # noqa: E731
    orders = [make_order(session) for _ in range(10)]
    event.listen(session.connection(), "before_cursor_execute", listener)
    watch.watch(desk, [order.id for order in orders])
    board.board(desk, cast.chenjie)
    event.remove(session.connection(), "before_cursor_execute", listener)

    assert sum("FROM tunings" in one for one in seen) == 1
