"""确认, 完成, 好的: words that stand alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from handlers import commands
from handlers.batches.view import BatchView
from handlers.desk import Actor, Desk, Refusal
from handlers.views import TextView, View
from models.case import short_code
from tests.cast import Cast
from tests.factories import make_case, make_order, make_shop, typed


@pytest.fixture(autouse=True)
def orders(session: Session) -> None:
    make_shop(session, id=1, slug="tb")
    for _ in range(3):
        make_order(session)


def say(desk: Desk, text: str, by: Actor) -> View:
    view = commands.run(desk, typed(text, is_group=False), by)
    desk.session.expire_all()
    return view


def state(view: View) -> str:
    assert isinstance(view, BatchView), view
    return view.state


def test_a_bare_yes_answers_the_only_question_that_one_asked(desk: Desk, cast: Cast) -> None:
    say(desk, "审核 全部", cast.xiaoli)

    assert state(say(desk, "确认。", cast.xiaoli)) == "done"


def test_a_bare_no_ends_it(desk: Desk, cast: Cast) -> None:
    say(desk, "审核 全部", cast.xiaoli)

    assert state(say(desk, "算了", cast.xiaoli)) == "cancelled"


def test_of_two_questions_one_must_be_named(desk: Desk, cast: Cast) -> None:
    first = say(desk, "审核 全部", cast.xiaoli)
    second = say(desk, "审核 TB", cast.xiaoli)
    assert isinstance(first, BatchView)
    assert isinstance(second, BatchView)

    with pytest.raises(Refusal, match=f"{second.code} 审核 3 单、{first.code} 审核 3 单。.*{second.code} 确认"):
        say(desk, "确认", cast.xiaoli)


def test_what_may_be_small_talk_confirms_nothing_but_says_how(desk: Desk, cast: Cast) -> None:
    asked = say(desk, "审核 全部", cast.xiaoli)
    assert isinstance(asked, BatchView)

    with pytest.raises(Refusal, match=f"{asked.code} 确认"):
        say(desk, "好的", cast.xiaoli)
    assert isinstance(say(desk, "谢谢", cast.xiaoli), TextView)


def test_nobody_says_yes_for_another_or_to_what_is_over(desk: Desk, cast: Cast) -> None:
    say(desk, "审核 全部", cast.xiaoli)

    with pytest.raises(Refusal, match=r"没有您自己问的事。小李问的 (批\d+)（审核 3 单）请发：\1 确认"):
        say(desk, "确认", cast.chenjie)
    with pytest.raises(Refusal, match="没有等您确认的事"):
        say(desk, "确认", cast.laowang)
    with pytest.raises(Refusal, match=r"没有等您确认的事.*10 分钟"):
        say(replace(desk, now=desk.now + timedelta(minutes=11)), "确认", cast.xiaoli)


def test_a_verb_without_its_matter_is_answered_with_ones_own(desk: Desk, session: Session, cast: Cast) -> None:
    with pytest.raises(Refusal, match=r"完成哪一件？请写短码.*回复那张卡片"):
        say(desk, "完成", cast.xiaoli)
    mine = short_code(make_case(session, make_order(session), state="claimed", owner_id=cast.xiaoli.staff_id).id)

    with pytest.raises(Refusal, match=rf"您手上有 {mine} 地址模糊。请发：{mine} \+2h"):
        say(desk, "+2h", cast.xiaoli)


@pytest.mark.parametrize("line", ["好的", "收到！", "谢谢你", "OK", "您好", "辛苦了"])
def test_kind_words_get_a_kind_answer(desk: Desk, cast: Cast, line: str) -> None:
    assert isinstance(say(desk, line, cast.laowang), TextView)
