"""The recipes of CONTRIBUTING.md: a new thing is one file and one line. Here the line alone is given, for a day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers import actions, commands, pressing, show, watch
from handlers.actions.action import Action, Button, CaseState
from handlers.commands.command import Command, Request
from handlers.desk import Actor, Desk, Refusal
from handlers.incoming import Incoming
from handlers.permissions import Permit
from handlers.views import CaseView, HelpView, TextView, View
from models import Case, Role
from models.case import short_code
from rules import RULES
from rules.facts import OrderFacts
from rules.rule import Rule
from rules.verdict import Verdict
from tests.cast import Cast
from tests.factories import make_case, make_order, pressed, typed


@pytest.fixture(autouse=True)
def read_anew() -> Iterator[None]:
    """The names and words of a registry are gathered once in a process; here a registry changes."""
    for gathered in (commands.names, actions.words):
        gathered.cache_clear()
    yield
    for gathered in (commands.names, actions.words):
        gathered.cache_clear()


def _weigh(desk: Desk, request: Request, actor: Actor) -> View:
    return TextView(f"{request.rest} 称过了")


WEIGH = Command(("称重", "过磅"), "称重 编号", "给包裹称重", _weigh, permit=Permit("称重", frozenset({Role.WAREHOUSE})))


def test_a_command_is_read_allowed_helped_with_and_suggested(
    desk: Desk, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(commands.COMMANDS, "weigh", WEIGH)

    assert commands.run(desk, typed("称重 001"), cast.laowang) == TextView("001 称过了")
    with pytest.raises(Refusal, match="称重由仓库操作，您是客服；可以请老王处理"):
        commands.run(desk, typed("称重 001"), cast.xiaoli)
    with pytest.raises(Refusal, match="您是想说「称重」吗"):
        commands.run(desk, typed("成重 001"), cast.laowang)
    offered = {}
    for actor in cast:
        view = commands.run(desk, typed("帮助"), actor)
        assert isinstance(view, HelpView)
        offered[actor.name] = ("称重 编号", "给包裹称重") in [(one.usage, one.does) for one in view.commands]
    assert offered == {"小李": False, "老王": True, "赵姐": False, "陈姐": True}


@pytest.mark.parametrize("slug", commands.COMMANDS)
def test_every_command_explains_itself(slug: str) -> None:
    """In 帮助 and in docs/commands.md; its example is read as this very command."""
    command = commands.COMMANDS[slug]

    assert command.example, f"{slug}: give it an example, a whole line as somebody would type it"
    assert command.does
    assert not command.does.endswith("。")
    if slug != "draft":  # 确认 is an answer: only while a draft is open
        asked = commands.read(command.example)
        assert asked is not None, command.example
        assert asked.slug == slug


def test_no_two_commands_have_the_same_name() -> None:
    named = [(name, slug) for slug, command in commands.COMMANDS.items() for name in command.names]

    assert len({name for name, _ in named}) == len(named)
    for name, slug in named:
        asked = commands.read(name)
        assert asked is not None
        assert asked.slug == slug, name


def _call(desk: Desk, incoming: Incoming, actor: Actor) -> View:
    assert incoming.press is not None
    return TextView(f"{actor.name}已打电话{incoming.press.value}")


def _on_case(case: CaseState) -> tuple[Button, ...]:
    return (Button("打电话", "一次"),) if case.kind == "address_vague" else ()


CALL = Action(Permit("打电话", own_role=True), _call, words={"打电话": "一次", "电话": ""}, on_case=_on_case)


def test_a_button_is_offered_pressed_typed_and_refused(
    desk: Desk, session: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(actions.ACTIONS, "call", CALL)
    case = make_case(session, make_order(session))
    subject, code = f"case:{case.id}", short_code(case.id)

    offered = {}
    for actor in cast:
        view = show.show(desk, subject, actor)
        assert isinstance(view, CaseView)
        offered[actor.name] = "打电话" in [offer.text for offer in view.offers]
    assert offered == {"小李": True, "老王": False, "赵姐": False, "陈姐": True}
    assert pressing.press(desk, pressed("call", subject, value="一次"), cast.xiaoli) == TextView("小李已打电话一次")
    assert commands.run(desk, typed(f"{code} 打电话"), cast.xiaoli) == TextView("小李已打电话一次")
    with pytest.raises(Refusal, match="打电话由客服操作，您是仓库；可以请小李处理"):
        pressing.press(desk, pressed("call", subject), cast.laowang)


class Lonely(Rule):
    slug = "lonely"
    title = "只有一件"
    role = Role.WAREHOUSE
    severity = "P2"
    blocks = True
    claim_minutes = 5
    solve_minutes = 30
    solved = "已加赠品"

    def judge(self, facts: OrderFacts, now: datetime) -> Verdict:
        if len(facts.lines) == 1:
            return Verdict.hit("只有一件，加一份赠品", mark="1")
        return Verdict.miss()


def test_a_rule_opens_its_case_locks_the_order_and_is_solved(
    desk: Desk, session: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(RULES, "lonely", Lonely())
    order = make_order(session)

    watch.watch(desk, [order.id])

    session.expire_all()
    case = session.scalars(select(Case)).one()
    assert (case.kind, case.role, case.blocks, order.lock_reason) == (
        "lonely", "warehouse", True, "只有一件：只有一件，加一份赠品",
    )  # fmt: skip
    assert [step["after"] for step in case.steps] == [0, 5, 35]
    view = show.show(desk, f"case:{case.id}", cast.laowang)
    assert isinstance(view, CaseView)
    assert (view.title, view.severity, view.offers[0].text) == ("只有一件", "P2", "已加赠品")
    pressing.press(desk, pressed("solve", f"case:{case.id}", revision=case.revision), cast.laowang)
    session.expire_all()
    assert (case.state, order.lock_reason) == ("solved", "")
