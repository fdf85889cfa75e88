"""未送达 and 重发消息: what was lost is seen with its cause, and sent again once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers import commands
from handlers.desk import Actor, Desk, Job, Refusal
from handlers.views import TextView
from models import Notification, TrailRow
from models.case import short_code
from tests.cast import Cast
from tests.factories import NOW, make_case, make_order, typed
from tests.handlers.letters.letterbox import failed, letter


def say(desk: Desk, line: str, by: Actor) -> str:
    view = commands.run(desk, typed(line, is_group=False), by)
    assert isinstance(view, TextView)
    assert view.private, "to the asker alone"
    desk.session.expire_all()
    return view.text


def test_where_all_arrived_it_says_so(desk: Desk, session: Session, cast: Cast) -> None:
    letter(session, state="sent", sent_at=NOW)
    assert say(desk, "未送达", cast.chenjie) == "近 7 天的消息都送到了"


def test_it_is_listed_by_cause_with_whom_and_what(desk: Desk, session: Session, cast: Cast) -> None:
    case = make_case(session, make_order(session))
    to_card = failed(
        session, purpose="card", subject=f"case:{case.id}", recipient=str(cast.xiaoli.staff_id), body={}
    )  # fmt: skip
    failed(session, "消息内容太长", channel="group", recipient="", body={"text": "长" * 99})
    letter(session, state="unsure", problem="平台没有应答", channel="customer", recipient="oCustomer1",
           purpose="template", subject=f"case:{case.id}")  # fmt: skip
    said = say(desk, "未送达", cast.chenjie)
    assert "未送达 3 条" in said
    assert f"#{to_card.id} 12-22 10:00 给小李：「地址模糊 " in said
    assert short_code(case.id) in said
    assert "给企业微信群：“长长" in said
    assert "不确定是否送达：平台没有应答" in said
    assert "oCustomer1" not in said
    assert f"重发消息 {to_card.id}" in said


def test_what_is_private_is_not_shown(desk: Desk, session: Session, cast: Cast) -> None:
    failed(session, body={"sealed": "abc"})
    failed(session, body={"text": "电话 13812341234"})
    said = say(desk, "未送达", cast.chenjie)
    assert "私密内容" in said
    assert "13812341234" not in said


def test_many_of_one_cause_are_counted_and_what_was_dropped_too(desk: Desk, session: Session, cast: Cast) -> None:
    for _ in range(9):
        failed(session)
    for _ in range(2):
        letter(session, state="dropped", problem="发出前已处理完", purpose="card")
    letter(session, state="dropped", problem="没有可更新的卡片", purpose="edit")
    failed(session, "很久以前", created_at=NOW - timedelta(days=8))
    said = say(desk, "未送达", cast.chenjie)
    assert "（9 条）" in said
    assert "还有 6 条" in said
    assert "发出前已处理完：2 条" in said
    assert "没有可更新的卡片" not in said
    assert "很久以前" not in said


def test_only_a_supervisor_may(desk: Desk, session: Session, cast: Cast) -> None:
    row = failed(session)
    for line in ("未送达", f"重发消息 {row.id}"):
        with pytest.raises(Refusal, match="由主管操作"):
            commands.run(desk, typed(line), cast.xiaoli)


def test_one_is_sent_again_and_the_trail_says_by_whom(desk: Desk, session: Session, cast: Cast) -> None:
    row = failed(session, recipient=str(cast.xiaoli.staff_id), carried_by="wecom_app", msgid="")
    assert f"正在重发 #{row.id}：给小李的“今天到货”" in say(desk, f"重发消息 #{row.id}", cast.chenjie)
    assert (row.state, row.tries, row.problem, row.carried_by) == ("owed", 0, "", "")
    assert (row.next_try_at, row.again_at, row.created_at) == (desk.now, desk.now, NOW)
    assert (Job.DELIVER, ()) in desk.later
    (step,) = session.scalars(select(TrailRow).where(TrailRow.subject == f"letter:{row.id}"))
    assert (step.actor, step.action) == ("陈姐", "重发")
    assert "正在重发 1 条" in say(desk, "未送达", cast.chenjie), "not arrived yet"
    with pytest.raises(Refusal, match=f"#{row.id} 正在发送"):
        say(desk, f"重发消息 {row.id}", cast.chenjie)
    row.state = "sent"
    session.flush()
    assert "都送到了" in say(desk, "未送达", cast.chenjie)
    with pytest.raises(Refusal, match="没有丢"):
        say(desk, f"重发消息 {row.id}", cast.chenjie)


def test_all_of_a_cause_are_counted_first_then_sent(desk: Desk, session: Session, cast: Cast) -> None:
    alike = [failed(session) for _ in range(4)]
    other = failed(session, "内容太长")
    said = say(desk, f"重发消息 {alike[1].id} 同类", cast.chenjie)
    assert "共 4 条" in said
    assert f"重发消息 {alike[1].id} 同类 确认" in said
    assert {row.state for row in alike} == {"failed"}, "asked once, nothing done yet"
    assert "4 条" in say(desk, f"重发消息 {alike[1].id} 同类 确认", cast.chenjie)
    assert {row.state for row in alike} == {"owed"}
    assert other.state == "failed"
    assert "正在重发" in say(desk, "重发消息 全部", cast.chenjie)
    assert other.state == "owed"


def test_of_what_perhaps_arrived_it_warns(desk: Desk, session: Session, cast: Cast) -> None:
    rows = [letter(session, state="unsure", problem="平台没有应答") for _ in range(3)]
    assert "两次" in say(desk, f"重发消息 {rows[0].id} 同类", cast.chenjie)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("重发消息 999", "没有 #999"),
        ("重发消息", "看编号"),
        ("重发消息 那条", "看编号"),
        ("重发消息 全部", "没有未送达"),
    ],
)
def test_what_cannot_be_sent_again_is_said(desk: Desk, cast: Cast, line: str, words: str) -> None:
    with pytest.raises(Refusal, match=words):
        say(desk, line, cast.chenjie)


def test_what_is_too_old_is_not_sent_again(desk: Desk, session: Session, cast: Cast) -> None:
    row = failed(session, created_at=NOW - timedelta(days=8))
    with pytest.raises(Refusal, match="超过 7 天"):
        say(desk, f"重发消息 {row.id}", cast.chenjie)
    assert session.get_one(Notification, row.id).state == "failed"


def test_a_summary_that_was_dropped_can_be_had_all_the_same(desk: Desk, session: Session, cast: Cast) -> None:
    row = letter(session, state="dropped", problem="消息太多", unsaid=True)
    say(desk, f"重发消息 {row.id}", cast.chenjie)
    assert (row.state, row.unsaid) == ("owed", False)
