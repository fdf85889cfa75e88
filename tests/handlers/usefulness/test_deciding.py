"""A proposal is accepted with one press, taken back within a minute, and stands in 阈值 like any other change."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers import commands, pressing
from handlers.desk import Actor, Desk, Refusal
from handlers.manners import weekly
from handlers.tuning import limits
from handlers.tuning.tuned import tuned
from handlers.usefulness.view import AdviceView
from handlers.views import TextView
from models import Advice, TrailRow, Tuning
from tests.cast import Cast
from tests.factories import pressed, typed
from tests.handlers.usefulness.alerts import told

STALE = "stale_stage:pending_review"


@pytest.fixture
def advice(desk: Desk, session: Session, cast: Cast) -> Advice:
    """About long stays before review: 12 alerts of which nobody took any."""
    evidence = {"stage": "pending_review", "since": "2025-12-18T10:00:00+08:00"}
    told(session, 12, kind="stale_stage", evidence=evidence)
    weekly.look(desk)
    return session.scalars(select(Advice)).one()


def press(desk: Desk, action: str, advice: Advice, actor: Actor) -> AdviceView:
    view = pressing.press(desk, pressed(action, f"advice:{advice.id}"), actor)
    assert isinstance(view, AdviceView)
    return view


def say(desk: Desk, words: str, actor: Actor) -> str:
    view = commands.run(desk, typed(words), actor)
    return view.text if isinstance(view, TextView) else view.note if isinstance(view, AdviceView) else ""


def labels(view: AdviceView) -> list[str]:
    return [offer.text for offer in view.offers]


def later(desk: Desk, seconds: int) -> Desk:
    return replace(desk, now=desk.now + timedelta(seconds=seconds))


def test_the_card_says_what_was_counted_and_what_each_way_leads_to(desk: Desk, cast: Cast, advice: Advice) -> None:
    view = commands.run(desk, typed(f"建议{advice.id}"), cast.chenjie)

    assert isinstance(view, AdviceView)
    assert (view.title, view.alerts, view.days, view.over) == ("待审核超时", 12, 28, "")
    assert view.said == "误报 0 件（0%），有用 0 件，有人处理 0 件"
    assert view.lines[0] == "改为 3h：12 次单独提醒 → 12 次"
    assert view.lines[1].startswith("只进日报：12 次单独提醒 → ")
    assert view.lines[2] == "关闭：12 次单独提醒 → 0 次，不再开这类异常"
    assert labels(view) == ["改为 3h", "只进日报", "关闭", "保持"]


def test_one_press_accepts_and_another_takes_it_back(desk: Desk, session: Session, cast: Cast, advice: Advice) -> None:
    view = press(desk, "advice_limit", advice, cast.chenjie)

    assert tuned(desk).stale.pending_review_minutes == 180
    assert (view.over, labels(view)) == ("陈姐已改：2 小时 → 3 小时 12-22 10:00", ["撤销"])
    assert "建议" in session.scalars(select(Tuning.reason)).one()

    view = press(later(desk, 60), "advice_undo", advice, cast.chenjie)

    assert tuned(desk).stale.pending_review_minutes == 120
    assert (view.note, view.over, labels(view)) == (
        "已撤销，和原来一样", "", ["改为 3h", "只进日报", "关闭", "保持"],
    )  # fmt: skip
    assert [row.action for row in session.scalars(select(TrailRow).order_by(TrailRow.id))] == ["改阈值", "撤销改阈值"]


def test_after_a_minute_the_history_takes_it_back(desk: Desk, cast: Cast, advice: Advice) -> None:
    press(desk, "advice_quiet", advice, cast.chenjie)
    with pytest.raises(Refusal, match="已超过 60 秒"):
        press(later(desk, 61), "advice_undo", advice, cast.chenjie)
    assert "- 只进日报：待审核超时" in say(later(desk, 61), "阈值", cast.chenjie)
    assert labels_of(later(desk, 61), advice, cast) == []

    assert say(later(desk, 61), "阈值 撤销", cast.chenjie) == "已撤销：待审核超时提醒 只进日报 → 单独发"
    assert "- 只进日报" not in say(later(desk, 61), "阈值", cast.chenjie)


def labels_of(desk: Desk, advice: Advice, cast: Cast) -> list[str]:
    view = commands.run(desk, typed(f"建议{advice.id}"), cast.chenjie)
    assert isinstance(view, AdviceView)
    return labels(view)


def test_taking_it_back_leaves_later_changes_alone(desk: Desk, cast: Cast, advice: Advice) -> None:
    press(desk, "advice_limit", advice, cast.chenjie)
    say(desk, "阈值 待配货 5h", cast.chenjie)

    press(later(desk, 30), "advice_undo", advice, cast.chenjie)

    now = tuned(desk).stale
    assert (now.pending_review_minutes, now.pending_pick_minutes) == (120, 300)


def test_two_who_press_decide_once(desk: Desk, session: Session, cast: Cast, advice: Advice) -> None:
    press(desk, "advice_off", advice, cast.chenjie)
    view = press(desk, "advice_limit", advice, cast.chenjie)

    assert view.note == "陈姐已经决定了"
    assert session.scalars(select(Tuning.name)).all() == [f"off:{STALE}"]


def test_keeping_changes_nothing_and_can_be_taken_back(
    desk: Desk, session: Session, cast: Cast, advice: Advice
) -> None:
    view = press(desk, "advice_keep", advice, cast.chenjie)
    assert (view.note, view.over) == ("好的，保持不变，4 周内不再提", "陈姐已决定保持不变 12-22 10:00")
    press(later(desk, 5), "advice_undo", advice, cast.chenjie)

    session.expire_all()
    assert (advice.state, session.scalars(select(Tuning)).all()) == ("open", [])
    assert press(desk, "advice_undo", advice, cast.chenjie).note == "还没有决定，不用撤销"


def test_what_was_set_otherwise_since_is_not_overwritten(desk: Desk, cast: Cast, advice: Advice) -> None:
    limits.put(desk, cast.chenjie, "pending_review_minutes", 300)

    with pytest.raises(Refusal, match="待审核之后改过了"):
        press(desk, "advice_limit", advice, cast.chenjie)


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("改为 3h", "pending_review_minutes"),
        ("改为", "pending_review_minutes"),
        ("改为 180 分钟", "pending_review_minutes"),
        ("只进日报", f"quiet:{STALE}"),
        ("关闭", f"off:{STALE}"),
    ],
)
def test_it_is_decided_in_words_too(
    desk: Desk, session: Session, cast: Cast, advice: Advice, words: str, name: str
) -> None:
    assert say(desk, f"建议{advice.id} {words}", cast.chenjie).startswith("马上生效")
    assert session.scalars(select(Tuning.name)).all() == [name]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("{} 改为 5h", "算的是「改为 3h」"),
        ("{} 随便", "看不懂，可以回复"),
        ("随便", "看不懂。请发"),
        ("9999", "没有这条建议"),
    ],
)
def test_what_makes_no_sense_says_what_to_write(
    desk: Desk, session: Session, cast: Cast, advice: Advice, words: str, why: str
) -> None:
    with pytest.raises(Refusal, match=why):
        say(desk, f"建议 {words.format(advice.id)}", cast.chenjie)
    assert session.scalars(select(Tuning)).all() == []


def test_only_a_supervisor_decides(desk: Desk, session: Session, cast: Cast, advice: Advice) -> None:
    """And whoever may not is told so in the words of what they pressed or typed."""
    pressed_words = {
        "advice_limit": "改时限", "advice_quiet": "只进日报", "advice_off": "关闭提醒", "advice_keep": "保持不变",
        "advice_undo": "撤销建议",
    }  # fmt: skip
    for action, words in pressed_words.items():
        with pytest.raises(Refusal, match=f"^{words}由主管操作，您是客服；可以请陈姐处理$"):
            press(desk, action, advice, cast.xiaoli)
    for typed_words in ("建议", f"建议{advice.id}", f"建议{advice.id} 只进日报"):
        with pytest.raises(Refusal, match=r"^提醒建议由主管操作，您是客服；可以请陈姐处理$"):
            say(desk, typed_words, cast.xiaoli)
    assert session.scalars(select(Tuning)).all() == []
    assert session.scalars(select(Advice.state)).all() == ["open"]
