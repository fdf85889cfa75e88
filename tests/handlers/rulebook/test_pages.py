from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from handlers import commands, login
from handlers.desk import Actor, Desk, Late, Refusal
from handlers.rulebook import hints, pages, trial
from handlers.rulebook.store import Wish
from handlers.views import TextView
from tests.cast import Cast
from tests.factories import make_order, typed
from tests.handlers.rulebook.office import look, press, rule

DOES: dict[str, Callable[[Desk, Actor, int], Any]] = {
    "listed": lambda desk, actor, rule_id: pages.listed(desk, actor),
    "one": pages.one,
    "now": pages.now,
    "make": lambda desk, actor, rule_id: pages.make(desk, actor, {"condition": "金额 > 1"}),
    "back": lambda desk, actor, rule_id: pages.back(desk, actor, (rule_id, 1), seen=1),
    "check": lambda desk, actor, rule_id: hints.check(desk, actor, "金额 > 1"),
    "words": lambda desk, actor, rule_id: hints.words(desk, actor, []),
    "begin": lambda desk, actor, rule_id: trial.begin(desk, actor, Wish("x", "金额 > 1")),
    "stands": lambda desk, actor, rule_id: trial.stands(desk, actor, 1),
}


@pytest.mark.parametrize("does", DOES)
def test_all_of_it_is_for_supervisors_alone(desk: Desk, cast: Cast, does: str) -> None:
    rule_id = rule(desk, "规则 新增 金额 > 5", cast.chenjie).rule_id
    for actor in (cast.xiaoli, cast.laowang, cast.zhaojie):
        with pytest.raises(Refusal, match="改规则由主管操作"):
            DOES[does](desk, actor, rule_id)


def test_a_rule_tells_how_many_cases_end_with_it(desk: Desk, session: Session, cast: Cast) -> None:
    make_order(session)
    view = rule(desk, "规则 新增 金额 > 5；标题 大额", cast.chenjie)
    press(desk, "rule_on", view, cast.chenjie)
    look(desk)
    page = pages.one(desk, cast.chenjie, view.rule_id)
    assert (page.state, page.number, page.open_cases, page.may_change) == ("on", 2, 1, True)
    assert [(kept.number, kept.holds, kept.may_return) for kept in page.kept] == [(2, True, False), (1, False, True)]
    assert ("条件", "金额 > 5") in page.kept[1].settings


def test_a_draft_that_is_over_can_not_be_changed_any_more(desk: Desk, session: Session, cast: Cast) -> None:
    view = rule(desk, "规则 新增 金额 > 5", cast.chenjie)
    press(desk, "rule_drop", view, cast.chenjie)
    page = pages.one(desk, cast.chenjie, view.rule_id)
    assert (page.may_change, page.view.over) == (False, "已取消")
    assert not any(kept.may_return for kept in page.kept)
    assert pages.listed(desk, cast.chenjie) == {}


def test_the_list_says_of_a_rule_that_it_is_over_or_has_not_begun(desk: Desk, cast: Cast) -> None:
    for days in ("到 12-23", "从 01-01"):
        press(desk, "rule_on", rule(desk, f"规则 新增 金额 > 5；{days}", cast.chenjie), cast.chenjie)
    assert [line.standing for line in pages.listed(desk, cast.chenjie)["on"]] == ["", "启用，2026-01-01 起"]
    desk.now += timedelta(days=5)
    over, _ = pages.listed(desk, cast.chenjie)["on"]
    assert (over.standing, over.period) == ("已过期", "至 12-23")
    assert ("到", "12-23") in pages.one(desk, cast.chenjie, over.rule_id).kept[0].settings


def test_what_was_changed_meanwhile_is_not_written_over(desk: Desk, cast: Cast) -> None:
    view = rule(desk, "规则 新增 金额 > 5", cast.chenjie)
    over = pages.now(desk, cast.chenjie, view.rule_id)
    pages.change(desk, cast.chenjie, over, {"title": "大额"})
    with pytest.raises(Late, match="刚被改过"):
        pages.change(desk, cast.chenjie, over, {"title": "小额"})
    with pytest.raises(Late, match="刚被改过"):
        pages.back(desk, cast.chenjie, (view.rule_id, 1), seen=over.revision)


def test_the_list_in_chat_leads_to_the_page_and_logs_nobody_in_from_a_group(desk: Desk, cast: Cast) -> None:
    page = f"[在网页上看和改]({login.link(desk, cast.chenjie)}&to=rules)"
    assert page in listed(desk, cast.chenjie, is_group=False)
    rule(desk, "规则 新增 金额 > 5", cast.chenjie)
    assert page in listed(desk, cast.chenjie, is_group=False)

    in_group = listed(desk, cast.chenjie, is_group=True)
    assert "(http://127.0.0.1:8780/rules)" in in_group
    assert "enter?t=" not in in_group


def listed(desk: Desk, actor: Actor, *, is_group: bool) -> str:
    view = commands.run(desk, replace(typed("规则", sender="chenjie"), is_group=is_group), actor)
    assert isinstance(view, TextView)
    return view.text
