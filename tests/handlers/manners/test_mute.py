"""静音 as it is typed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers import commands
from handlers.desk import Actor, Desk, Refusal
from handlers.manners import mute
from handlers.views import TextView
from models import Mute, TrailRow
from tests.cast import Cast
from tests.factories import make_case, make_order, typed
from tests.handlers.duty.rota import at, when


def say(desk: Desk, words: str, actor: Actor) -> str:
    view = commands.run(desk, typed(words, is_group=False), actor)
    assert isinstance(view, TextView)
    return view.text


@pytest.mark.parametrize(
    ("words", "until"),
    [
        ("2h", "12-22 12:00"), ("30分钟", "12-22 10:30"), ("半小时", "12-22 10:30"), ("1天", "12-23 10:00"),
        ("今天", "12-23 00:00"), ("明天", "12-24 00:00"), ("到 18:00", "12-22 18:00"), ("到18点半", "12-22 18:30"),
        ("到 明天 9点", "12-23 09:00"),
    ],
)  # fmt: skip
def test_it_lasts_as_long_as_is_said(desk: Desk, session: Session, cast: Cast, words: str, until: str) -> None:
    said = say(desk, f"静音 地址模糊 {words}", cast.xiaoli)

    assert said.startswith(f"「地址模糊」对您静音到 {until}")
    assert session.scalars(select(Mute.until_at)).all() == [at(until)]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("火星 2h", "没有「火星"), ("地址模糊", "静音多久"), ("地址模糊 很久", "看不懂"),
        ("地址模糊 到 9:00", "已经过去了"),
        ("地址模糊 8天", "最长静音 7 天"), ("地址模糊 到 25:00", "看不懂"), ("取消 缺货", "「缺货」没有静音"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_says_what_to_write(desk: Desk, cast: Cast, words: str, why: str) -> None:
    with pytest.raises(Refusal, match=why):
        say(desk, f"静音 {words}", cast.xiaoli)


def test_they_are_listed_to_their_person_and_taken_back(desk: Desk, session: Session, cast: Cast) -> None:
    assert "没有静音" in say(desk, "静音", cast.xiaoli)
    say(desk, "静音 地址模糊 2h", cast.xiaoli)
    say(desk, "静音 缺货 到 18:00", cast.xiaoli)
    listed = say(desk, "静音", cast.xiaoli)
    assert "- 地址模糊：到 12-22 12:00" in listed
    assert "- 缺货：到 12-22 18:00" in listed
    assert "没有静音" in say(desk, "静音", cast.laowang)

    assert "已取消静音「地址模糊」" in say(desk, "静音 取消 地址模糊", cast.xiaoli)
    assert [one.kind for one in mute.mine(desk, cast.xiaoli)] == ["shortage"]
    assert mute.mine(when(desk, "12-22 18:00"), cast.xiaoli) == []
    assert [row.action for row in session.scalars(select(TrailRow).order_by(TrailRow.id))] == [
        "静音", "静音", "取消静音",
    ]  # fmt: skip


def test_who_has_overdue_matters_of_that_kind_is_told_how_many(desk: Desk, session: Session, cast: Cast) -> None:
    late = {"owner_id": cast.xiaoli.staff_id, "state": "claimed", "claimed_until": desk.now - timedelta(minutes=1)}
    make_case(session, make_order(session), **late)

    assert "您手上有 1 件已经逾期，请先处理" in say(desk, "静音 地址模糊 2h", cast.xiaoli)
