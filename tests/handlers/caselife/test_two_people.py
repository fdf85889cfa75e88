"""What takes two people takes two, and who made a reship is not who lets it go."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers import commands, due, pressing, show, watch
from handlers.desk import Actor, Desk, Refusal
from handlers.kinds import kind_of
from handlers.views import CaseView
from models import Case, Draft, Notification, Order, Role
from models.case import short_code
from models.draft import number_of
from tests.cast import Cast, Member, hire
from tests.factories import make_case, make_order, make_shop, pressed, typed


@pytest.fixture
def linjie(session: Session, cast: Cast) -> Actor:
    """The other supervisor."""
    return hire(session, Member("林姐", "linjie", Role.SUPERVISOR))


def dear(desk: Desk) -> tuple[Order, Case]:
    """An order above the sum that somebody must have agreed to."""
    order = make_order(desk.session, paid_fen=900_000)
    watch.watch(desk, [order.id])
    return order, desk.session.scalars(select(Case).where(Case.kind == "finance_review")).one()


def say(desk: Desk, case: Case, words: str, actor: Actor) -> CaseView:
    view = commands.run(desk, typed(f"{short_code(case.id)} {words}"), actor)
    desk.session.expire_all()
    assert isinstance(view, CaseView)
    return view


def press(desk: Desk, case: Case, action: str, actor: Actor) -> CaseView:
    view = pressing.press(desk, pressed(action, f"case:{case.id}", revision=case.revision), actor)
    desk.session.expire_all()
    assert isinstance(view, CaseView)
    return view


def asked(session: Session, case: Case) -> list[str]:
    found = select(Notification.recipient).where(Notification.dedupe_key.like(f"case:{case.id}:force%"))
    return list(session.scalars(found.where(Notification.purpose == "card")))


class TestDone:
    def test_what_the_supervisor_decides_is_decided_by_one(self, desk: Desk, session: Session, cast: Cast) -> None:
        order, case = dear(desk)
        press(desk, case, "solve", cast.chenjie)
        assert (case.state, case.solution, order.lock_reason) == ("solved", "财审通过", "")


class TestTheOnlySupervisor:
    def test_any_colleague_is_the_second_pair_of_eyes(self, desk: Desk, session: Session, cast: Cast) -> None:
        order, case = dear(desk)

        view = say(desk, case, "强制 客户急用", cast.chenjie)

        assert view.note.startswith("陈姐申请强制通过，已请小李、老王、赵姐同意")
        theirs = show.show(desk, f"case:{case.id}", cast.xiaoli)
        assert isinstance(theirs, CaseView)
        assert [offer.text for offer in theirs.offers][:2] == ["同意放行", "不同意"]
        press(desk, case, "force_agree", cast.xiaoli)
        assert (case.state, order.lock_reason) == ("solved", "")

    def test_with_another_supervisor_it_is_not_the_colleagues(
        self, desk: Desk, session: Session, cast: Cast, linjie: Actor
    ) -> None:
        _, case = dear(desk)
        say(desk, case, "强制 客户急用", cast.chenjie)
        with pytest.raises(Refusal, match="强制通过由主管操作，您是客服"):
            say(desk, case, "同意放行", cast.xiaoli)
        assert case.state == "open"

    def test_whoever_works_here_alone_hears_who_could(self, desk: Desk, session: Session, cast: Cast) -> None:
        _, case = dear(desk)
        for one in (cast.xiaoli, cast.laowang, cast.zhaojie):
            commands.run(desk, typed(f"请假 {one.name} 今天 到 明天"), cast.chenjie)
        due.look(desk)
        with pytest.raises(Refusal, match="请管理员把另一位也登记为主管"):
            say(desk, case, "强制 客户急用", cast.chenjie)


class TestMadeHere:
    def made(self, desk: Desk, kind: str, maker: Actor) -> tuple[Order, Case]:
        session = desk.session
        make_shop(session)
        draft = Draft(
            staff_id=maker.staff_id, shop_id=1, state="made", kind="reship", content=b"", created_at=desk.now,
            expires_at=desk.now,
        )  # fmt: skip
        session.add(draft)
        session.flush()
        order = make_order(session, external_id=number_of(draft.id), recheck_at=None)
        draft.order_id = order.id
        case = make_case(session, order, kind=kind, role=str(kind_of(kind).role), blocks=True, evidence={})
        return order, case

    def test_the_maker_does_not_let_it_go(self, desk: Desk, session: Session, cast: Cast, linjie: Actor) -> None:
        _, case = self.made(desk, "resend_check", cast.chenjie)

        how = rf"这一单是您自己下的，要另一位.*主管来确认.*请发：{short_code(case.id)} 强制"
        with pytest.raises(Refusal, match=how):
            say(desk, case, "完成", cast.chenjie)
        assert case.state == "open"
        say(desk, case, "完成", linjie)
        assert case.state == "solved"

    def test_that_the_goods_are_back_says_whoever_sees_it(self, desk: Desk, session: Session, cast: Cast) -> None:
        _, case = self.made(desk, "return_not_in", cast.xiaoli)
        say(desk, case, "退货已入库", cast.xiaoli)
        assert case.state == "solved"

    def test_the_only_supervisor_who_made_it_asks_a_colleague(self, desk: Desk, session: Session, cast: Cast) -> None:
        _, case = self.made(desk, "resend_check", cast.chenjie)
        say(desk, case, "强制 客户急用", cast.chenjie)
        say(desk, case, "同意放行", cast.xiaoli)
        assert case.solution == "强制通过：客户急用（陈姐申请，小李同意）"

    def test_what_a_colleague_made_is_looked_at_by_one_other(self, desk: Desk, session: Session, cast: Cast) -> None:
        _, case = self.made(desk, "resend_check", cast.xiaoli)
        say(desk, case, "完成", cast.chenjie)
        assert (case.state, case.solution) == ("solved", "同意补发")
