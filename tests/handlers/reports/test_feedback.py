"""反馈: what people said of answers, by command, and only of the last days."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from handlers import commands
from handlers.desk import Desk, Refusal
from handlers.reports import feedback
from handlers.views import TextView
from tests.cast import Cast
from tests.factories import typed
from tests.handlers.duty.rota import when


def say(desk: Desk, line: str, cast: Cast) -> str:
    view = commands.run(desk, typed(line), cast.chenjie)
    assert isinstance(view, TextView)
    return view.text


def judge(desk: Desk, verdict: str, *names: str) -> None:
    for name in names:
        feedback.keep(desk, verdict, name)


def test_where_nobody_said_anything_that_is_said(desk: Desk, cast: Cast) -> None:
    assert say(desk, "反馈", cast) == "\n".join(
        f"**最近 {days} 天**：还没有人点过有用、没用（在企业微信机器人的回答下面点）" for days in (7, 30)
    )


def test_it_counts_by_command_the_worst_first_and_tells_a_week_from_a_month(desk: Desk, cast: Cast) -> None:
    judge(when(desk, "12-16 00:30"), "有用", "看板", "看板", "查")
    judge(when(desk, "12-22 09:00"), "没用", "查")
    judge(when(desk, "12-22 09:00"), "收回", "")
    judge(when(desk, "12-15 23:30"), "没用", "看板", "看板")
    judge(when(desk, "11-22 23:30"), "没用", "超时")

    rest = "- 其他的话：有用 0，没用 0"
    week = f"**最近 7 天**：有用 3，没用 1，收回 1\n- 查：有用 1，没用 1\n- 看板：有用 2，没用 0\n{rest}"
    month = f"**最近 30 天**：有用 3，没用 3，收回 1\n- 看板：有用 2，没用 2\n- 查：有用 1，没用 1\n{rest}"
    assert say(desk, "反馈", cast) == f"{week}\n{month}"
    assert (
        say(desk, "反馈 7天", cast)
        == say(desk, "反馈 最近7天", cast)
        == say(desk, "最近7天的反馈", cast).split("\n>")[0]
    )
    assert say(desk, "反馈 30", cast) == month


def test_what_was_counted_before_it_was_told_apart_is_left_out(desk: Desk, cast: Cast) -> None:
    desk.session.execute(text("INSERT INTO usage VALUES ('wecom_bot', '2025-12', '有用', 9)"))

    assert "有用 9" not in say(desk, "反馈", cast)


def test_it_is_the_supervisors(desk: Desk, cast: Cast) -> None:
    with pytest.raises(Refusal, match="反馈由主管操作"):
        commands.run(desk, typed("反馈"), cast.xiaoli)
    with pytest.raises(Refusal, match="「去年」看不懂。请发：反馈，或 反馈 7天、反馈 30天"):
        say(desk, "反馈 去年", cast)


def test_it_is_counted_by_the_day_of_beijing(desk: Desk) -> None:
    judge(desk, "有用", "看板")

    assert feedback.counts(desk, 1) == {"看板": {"有用": 1}}
    assert feedback.counts(when(desk, "12-23 00:30"), 1) == {}
    assert feedback.counts(when(desk, "12-23 00:30"), 2) == {"看板": {"有用": 1}}
