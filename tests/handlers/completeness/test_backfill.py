"""补拉: asked for in chat, refused in plain words, and its end is told to whoever asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from handlers import commands, shops, trail
from handlers.completeness import backfill
from handlers.desk import Desk, Job, Refusal
from handlers.views import TextView
from models import Backfill, Notification, Shop
from models.beijing import day_start
from tests.cast import Cast
from tests.factories import typed


@pytest.fixture(autouse=True)
def _three_shops(desk: Desk) -> None:
    shops.sync_shops(desk)


def said(desk: Desk, cast: Cast, line: str) -> str:
    view = commands.run(desk, typed(line, sender="chenjie"), cast.chenjie)
    assert isinstance(view, TextView)
    return view.text


def only(session: Session) -> Backfill:
    return session.scalars(select(Backfill).execution_options(populate_existing=True)).one()


@pytest.mark.parametrize(
    "line",
    [
        "补拉 tb 12-01 12-03",
        "补拉 TB 12-01 12-03",
        "补拉 青禾淘宝店 2025-12-01 2025-12-03",
        "补拉 淘宝 12月1日 到 12月3日",
        "补拉 tb 12-01~12-03",
        "补拉 tb 12-01至12-03",
        "补拉 tb 12月1日到12月3日",
    ],
)
def test_a_period_is_read_again(desk: Desk, session: Session, cast: Cast, line: str) -> None:
    answer = said(desk, cast, line)
    row = only(session)
    assert (row.start_at, row.end_at, row.done_to) == (
        day_start(date(2025, 12, 1)), day_start(date(2025, 12, 4)), day_start(date(2025, 12, 1)),
    )  # fmt: skip
    assert (row.state, row.asked_by) == ("running", cast.chenjie.staff_id)
    assert "已开始补拉：青禾淘宝店 12-01 至 12-03，共 3 天" in answer
    assert desk.later == [(Job.BACKFILL, (row.id,))]
    assert trail.verify(session, f"shop:{row.shop_id}")


def test_one_day_and_today(desk: Desk, session: Session, cast: Cast) -> None:
    assert "青禾京东店 12-21，共 1 天" in said(desk, cast, "补拉 jd 昨天")
    session.execute(update(Backfill).values(state="done", ended_at=desk.now))
    said(desk, cast, "补拉 jd 昨天 今天")
    ends = session.scalars(select(Backfill.end_at).order_by(Backfill.id)).all()
    assert ends == [day_start(date(2025, 12, 22)), desk.now], "no further than now"


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("补拉 tb 12-01 12-25", "2025-12-25 还没有到，最晚可以写今天"),
        ("补拉 tb 明天", "2025-12-23 还没有到，最晚可以写今天"),
        ("补拉 tb 昨天到明天", "2025-12-23 还没有到，最晚可以写今天"),
        ("补拉 tb 12-03 12-01", "起始日期在截止日期后面，请先写早的，再写晚的"),
        ("补拉 tb 2025-09-01 2025-09-02", "只给看最近 90 天的订单，最早可以从 2025-09-24 开始"),
        ("补拉 pdd 2025-09-23", "青禾拼多多店所在的平台只给看最近 90 天"),
        ("补拉 jd 2023-12-01", "只给看最近 730 天"),
        ("补拉 tb", "没有看懂日期。请发：补拉 店铺 起 止"),
        ("补拉 昨天", "没有看懂日期"),
        ("补拉 tb 上周", "没有看懂日期"),
        ("补拉 唯品会 昨天", "没有店铺「唯品会」，可以是：青禾淘宝店（tb）、青禾京东店（jd）、青禾拼多多店（pdd）"),
        ("补拉 青禾 昨天", "「青禾」有几家店"),
    ],
)
def test_what_cannot_be_read_is_refused_in_plain_words(
    desk: Desk, session: Session, cast: Cast, line: str, why: str
) -> None:
    with pytest.raises(Refusal) as refusal:
        said(desk, cast, line)
    assert why in str(refusal.value)
    assert session.scalars(select(Backfill)).all() == []


def test_the_oldest_day_that_is_shown_can_be_asked_for(desk: Desk, session: Session, cast: Cast) -> None:
    said(desk, cast, "补拉 tb 2025-09-24")
    assert only(session).start_at >= desk.now - timedelta(days=90)


def test_only_a_supervisor_may(desk: Desk, cast: Cast) -> None:
    with pytest.raises(Refusal, match="补拉由主管操作，您是客服；可以请陈姐处理"):
        commands.run(desk, typed("补拉 tb 昨天"), cast.xiaoli)


def test_a_period_that_is_being_read_is_not_read_twice(desk: Desk, session: Session, cast: Cast) -> None:
    said(desk, cast, "补拉 tb 12-01 12-10")
    session.execute(update(Backfill).values(done_to=day_start(date(2025, 12, 6)), new=2, unchanged=40))
    answer = said(desk, cast, "补拉 tb 12-02 12-03")
    assert "这段时间已经在补拉了" in answer
    assert "已完成 50%，补回 2 单，核对无变化 40 单" in answer
    assert only(session).state == "running"


def test_progress_can_be_asked_for(desk: Desk, session: Session, cast: Cast) -> None:
    assert "还没有补拉过" in said(desk, cast, "补拉")
    said(desk, cast, "补拉 tb 12-01 12-04")
    session.execute(update(Backfill).values(done_to=day_start(date(2025, 12, 2)), problem="接口限流（7）"))
    assert "… 青禾淘宝店 12-01 至 12-04：已完成 25%" in said(desk, cast, "补拉")
    assert "停在：接口限流（7）" in said(desk, cast, "补拉")
    session.execute(update(Backfill).values(state="done", ended_at=desk.now))
    assert "✓ 青禾淘宝店 12-01 至 12-04：没有漏单" in said(desk, cast, "补拉")


def test_the_asker_hears_of_the_end_once(desk: Desk, session: Session, cast: Cast) -> None:
    said(desk, cast, "补拉 tb 12-01 12-03")
    session.execute(update(Backfill).values(state="done", new=3, changed=1, unchanged=40, unreadable=2))
    for _ in range(2):
        backfill.ended(desk, only(session).id)
    told = session.scalars(select(Notification)).one()
    assert (told.channel, told.recipient) == ("staff", str(cast.chenjie.staff_id))
    assert told.body["text"] == (
        "补拉完成：青禾淘宝店 12-01 至 12-03，补回 3 单，更新 1 单，核对无变化 40 单，有 2 条读不懂，已原样保留"
    )


def test_one_that_stands_is_said_once_a_day(desk: Desk, session: Session, cast: Cast) -> None:
    said(desk, cast, "补拉 tb 12-01 12-03")
    session.execute(update(Backfill).values(problem="店铺授权已过期，请重新授权（27）"))
    for _ in range(3):
        backfill.stands(desk, only(session).id)
    told = session.scalars(select(Notification)).one()
    assert "补拉停住了：青禾淘宝店 12-01 至 12-03，店铺授权已过期，请重新授权（27）" in told.body["text"]
    assert "恢复后自动继续" in told.body["text"]


def test_what_the_command_line_asked_for_is_told_to_nobody(desk: Desk, session: Session, cast: Cast) -> None:
    shop = session.scalars(select(Shop).where(Shop.slug == "tb")).one()
    session.add(Backfill(shop_id=shop.id, start_at=desk.now, end_at=desk.now, done_to=desk.now, asked_at=desk.now))
    session.flush()
    backfill.ended(desk, only(session).id)
    assert session.scalars(select(Notification)).all() == []


def test_two_that_reach_up_to_now_are_one(desk: Desk, session: Session, cast: Cast) -> None:
    said(desk, cast, "补拉 tb 今天")
    again = replace(desk, now=desk.now + timedelta(minutes=3))
    assert "已经在补拉了" in said(again, cast, "补拉 tb 今天")
    assert only(session)
