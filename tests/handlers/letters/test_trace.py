"""为什么没收到: every message has one of a few ends, and each is told with when and why."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from handlers import commands
from handlers.desk import Actor, Desk, Refusal
from handlers.views import TextView
from models.case import short_code
from tests.cast import Cast
from tests.factories import NOW, make_case, make_order, typed
from tests.handlers.letters.letterbox import failed, letter

LATER = NOW + timedelta(hours=3)


def say(desk: Desk, line: str, by: Actor) -> str:
    view = commands.run(desk, typed(line, is_group=False), by)
    assert isinstance(view, TextView)
    assert view.private
    return view.text


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"state": "sent", "sent_at": LATER, "carried_by": "wecom_app"}, "12-22 13:00 经企业微信应用发出"),
        ({"state": "delivered", "sent_at": LATER, "carried_by": "dingtalk"}, "经钉钉发出，已送达"),
        ({"state": "sent", "sent_at": LATER, "carried_by": "wecom_bot+text"}, "企业微信机器人（文字）"),
        (
            {"state": "sent", "sent_at": LATER, "carried_by": "wecom_app", "problem": "没有送达：laowang"},
            "没有送达：laowang",
        ),
        ({"next_try_at": LATER, "problem": "收件人休息，上班后一起发"}, "12-22 13:00 发送：收件人休息，上班后一起发"),
        ({"next_try_at": LATER, "problem": "发送太频繁，排队等候"}, "排队等候"),
        ({"state": "sending"}, "正在发送"),
        ({"state": "failed", "problem": "应用已停用"}, "没发成：应用已停用"),
        ({"state": "unsure", "problem": "平台没有应答"}, "不确定是否送达：平台没有应答"),
        ({"state": "dropped", "problem": "您关掉了这类提醒"}, "没有发：您关掉了这类提醒"),
    ],
)
def test_each_end_is_told(desk: Desk, session: Session, cast: Cast, row: dict[str, Any], words: str) -> None:
    case = make_case(session, make_order(session))
    letter(session, purpose="card", body={}, subject=f"case:{case.id}", recipient=str(cast.xiaoli.staff_id), **row)
    said = say(desk, f"为什么没收到 {short_code(case.id)}", cast.xiaoli)
    assert words in said
    assert "给小李 「地址模糊" in said


def test_what_was_merged_leads_to_the_one_that_carried_it(desk: Desk, session: Session, cast: Cast) -> None:
    case = make_case(session, make_order(session))
    carrier = letter(session, state="sent", sent_at=LATER, carried_by="wecom_app")
    letter(session, state="merged", merged_into=carrier.id, problem="合并到另一条消息里一起发",
           subject=f"case:{case.id}", recipient=str(cast.xiaoli.staff_id))  # fmt: skip
    said = say(desk, f"为什么没收到 {short_code(case.id)}", cast.xiaoli)
    assert f"合并到另一条消息里一起发（#{carrier.id}，12-22 13:00 已发出）" in said


def test_an_order_is_asked_about_with_all_its_matters(desk: Desk, session: Session, cast: Cast) -> None:
    order = make_order(session)
    case = make_case(session, order)
    for number, subject in enumerate((f"case:{case.id}", f"order:{order.id}", "case:99")):
        failed(session, f"原因 {number}", subject=subject)
    said = say(desk, f"为什么没收到 {order.tag}", cast.chenjie)
    assert "原因 0" in said
    assert "原因 1" in said
    assert "原因 2" not in said


def test_others_messages_are_a_supervisors_business_the_groups_are_everybodys(
    desk: Desk, session: Session, cast: Cast
) -> None:
    case = make_case(session, make_order(session))
    subject = f"case:{case.id}"
    failed(session, "给老王的", subject=subject, recipient=str(cast.laowang.staff_id))
    failed(session, "给群的", subject=subject, channel="group", recipient="")
    line = f"为什么没收到 {short_code(case.id)}"
    seen = say(desk, line, cast.xiaoli)
    assert ("给群的" in seen, "给老王的" in seen) == (True, False)
    seen = say(desk, line, cast.chenjie)
    assert ("给群的" in seen, "给老王的" in seen) == (True, True)


def test_who_was_not_meant_is_told_so(desk: Desk, session: Session, cast: Cast) -> None:
    made = (make_case(session, make_order(session)) for _ in range(9))
    case = next(one for one in made if not short_code(one.id).isdigit())  # digits alone are the end of a phone number
    assert "您不是负责人" in say(desk, f"为什么没收到 {short_code(case.id)}", cast.laowang)


def test_without_a_matter_it_is_about_the_own_last_days(desk: Desk, session: Session, cast: Cast) -> None:
    mine = {"recipient": str(cast.xiaoli.staff_id)}
    letter(session, state="sent", sent_at=NOW, body={"text": "到了的"}, **mine)
    failed(session, "没到", **mine)
    failed(session, "太久了", created_at=NOW - timedelta(days=3), **mine)
    failed(session, "别人的", recipient=str(cast.laowang.staff_id))
    said = say(desk, "为什么没收到", cast.xiaoli)
    assert said.index("没到") < said.index("到了的"), "what did not arrive comes first"
    assert "太久了" not in said
    assert "别人的" not in said
    assert "近 2 天没有" in say(desk, "没收到", cast.zhaojie)


def test_a_supervisor_may_ask_for_a_colleague(desk: Desk, session: Session, cast: Cast) -> None:
    failed(session, "应用已停用", recipient=str(cast.xiaoli.staff_id))
    assert "应用已停用" in say(desk, "为什么没收到 小李", cast.chenjie)
    assert "应用已停用" in say(desk, "为什么没收到 小李", cast.xiaoli), "of oneself everybody"
    with pytest.raises(Refusal, match="只有主管"):
        say(desk, "为什么没收到 小李", cast.laowang)


@pytest.mark.parametrize("line", ["为什么没收到 2345K", "为什么没收到 ！！"])
def test_what_names_nothing_is_refused_plainly(desk: Desk, cast: Cast, line: str) -> None:
    with pytest.raises(Refusal):
        say(desk, line, cast.chenjie)


def test_a_long_list_says_that_it_is_one(desk: Desk, session: Session, cast: Cast) -> None:
    for _ in range(15):
        failed(session, recipient=str(cast.xiaoli.staff_id))
    said = say(desk, "为什么没收到", cast.xiaoli)
    assert said.count("\n- ") == 12
    assert "最近 12 条" in said


@pytest.mark.parametrize("line", ["没收到消息", "为什么没收到提醒？", "没收到通知吗"])
def test_the_message_itself_names_nothing(desk: Desk, cast: Cast, line: str) -> None:
    assert "近 2 天没有要发给您的消息" in say(desk, line, cast.xiaoli)
