"""How a matter may end: by its own answer where it has one, never by a word behind 完成, never by 忽略 for 强制."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.orm import Session

from handlers import commands
from handlers.desk import Actor, Desk, Refusal
from handlers.holding import intercept
from handlers.kinds import OTHERS, kind_of
from handlers.views import CaseView
from models import Case
from models.case import short_code
from rules import RULES
from tests.cast import Cast
from tests.factories import make_case, make_order, typed

BY_HAND = ("完成了", "完成啦", "搞定了", "完成 谢谢", "完成，麻烦了", "已确认 客户说好了", "done thanks")
NEVER_BY_HAND = [slug for slug in (*RULES, *OTHERS) if not kind_of(slug).solved]


def say(desk: Desk, case: Case, words: str, actor: Actor) -> CaseView:
    view = commands.run(desk, typed(f"{short_code(case.id)} {words}"), actor)
    desk.session.expire_all()
    assert isinstance(view, CaseView)
    return view


@pytest.mark.parametrize("words", BY_HAND)
def test_an_intercept_ends_by_its_answer_and_by_no_word_behind_another(
    desk: Desk, session: Session, cast: Cast, words: str
) -> None:
    order = make_order(session, stage="pending_pick")
    case = session.get(Case, intercept.intercept(desk, order.id, cast.xiaoli, "客户要退款"))
    assert case is not None

    with pytest.raises(Refusal, match=f"「拦截」请回复结果：{short_code(case.id)} 拦住 / 没拦住"):
        say(desk, case, words, cast.laowang)

    session.expire_all()
    assert (case.state, order.lock_reason) == ("open", "拦截：客户要退款")


@pytest.mark.parametrize("kind", NEVER_BY_HAND)
def test_what_ends_by_itself_is_not_ended_by_words(desk: Desk, session: Session, cast: Cast, kind: str) -> None:
    case = make_case(session, make_order(session, recheck_at=None), kind=kind, role="supervisor", evidence={})

    with pytest.raises(Refusal, match=r"请回复结果|自动解除"):
        say(desk, case, "完成 都弄好了", cast.chenjie)

    session.expire_all()
    assert case.state == "open"


@pytest.mark.parametrize(
    ("words", "solution"),
    [
        ("完成了", "已确认"),
        ("搞定啦！", "已确认"),
        ("完成，谢谢", "已确认"),
        ("完成了哦", "已确认"),
        ("完成了 补了门牌", "补了门牌"),
        ("完成 了解过了，是 3 号楼", "了解过了,是 3 号楼"),
    ],
)
def test_a_polite_end_is_no_solution_of_its_own(
    desk: Desk, session: Session, cast: Cast, words: str, solution: str
) -> None:
    case = make_case(session, make_order(session, recheck_at=None))

    say(desk, case, words, cast.xiaoli)

    assert (case.state, case.solution) == ("solved", solution)


@pytest.mark.parametrize(
    ("kind", "evidence", "instead"),
    [
        ("contact_missing", {"mark": "姓名、电话"}, "请买家在平台补齐"),
        ("refund_preship", {"mark": "asked"}, "请在平台同意退款"),
        ("short_stock", {"mark": "x"}, "强制 误报"),
        ("return_not_in", {"mark": "x"}, "强制 误报"),
        ("price_low", {"mark": "x"}, "强制 误报"),
        ("intercept", {"mark": "x"}, "请回复：拦住 / 没拦住"),
        ("receiver_changed", {"mark": "x"}, "换好面单请回复：已换面单"),
        ("person_lock", {"mark": "x"}, "请发：解锁 编号"),
        ("order_gone", {"mark": "x"}, "核对好请回复：已核对"),
    ],
)
def test_what_is_not_passed_by_one_person_is_not_ignored_by_one(
    desk: Desk, session: Session, cast: Cast, kind: str, evidence: dict[str, Any], instead: str
) -> None:
    order = make_order(session, recheck_at=None, lock_reason="锁着")
    case = make_case(session, order, kind=kind, evidence=evidence)

    with pytest.raises(Refusal, match=instead):
        say(desk, case, "忽略 误报", cast.chenjie)

    session.expire_all()
    assert (case.state, order.lock_reason) == ("open", "锁着")
