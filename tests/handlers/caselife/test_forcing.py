"""强制通过: never, by one person with a reason, or by one with a second who agrees."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session, sessionmaker

from config import Settings
from handlers import commands, due, show, trail, watch
from handlers.caselife import forcing
from handlers.desk import Actor, Desk, Refusal
from handlers.kinds import OTHERS, force_of, kind_of
from handlers.views import CaseView
from models import Case, ForceAsk, Notification, Order, TrailRow
from models.case import short_code
from rules import RULES
from tests.cast import Cast, hire_all
from tests.factories import make_case, make_customer, make_order, typed


def vague(desk: Desk) -> tuple[Order, Case]:
    order = make_order(desk.session, district="")
    watch.watch(desk, [order.id])
    return order, desk.session.scalars(select(Case).where(Case.kind == "address_vague")).one()


def finance(desk: Desk, cast: Cast) -> tuple[Order, Case]:
    order = make_order(desk.session, recheck_at=None)
    case = make_case(
        desk.session, order, kind="finance_review", role="service", reason="金额大", evidence={"mark": "x"}
    )
    return order, case


def say(desk: Desk, case: Case, words: str, actor: Actor) -> CaseView:
    view = commands.run(desk, typed(f"{short_code(case.id)} {words}"), actor)
    desk.session.expire_all()
    assert isinstance(view, CaseView)
    return view


def actions_of(session: Session) -> list[tuple[str, str]]:
    rows = session.scalars(select(TrailRow).order_by(TrailRow.id))
    return [(row.actor, row.action) for row in rows]


def test_every_blocking_kind_says_who_may_pass_it() -> None:
    without = {slug for slug in (*RULES, *OTHERS) if kind_of(slug).blocks and force_of(slug) not in ("N", "R", "A")}
    assert without == {"order_gone", "person_lock", "intercept", "receiver_changed"}, "these end by an answer"
    assert [slug for slug in RULES if force_of(slug) == "N"] == ["refund_preship", "refund_wait", "sku_unmapped"]


def test_one_person_passes_it_with_a_reason_and_it_is_not_raised_again(
    desk: Desk, session: Session, cast: Cast
) -> None:
    make_customer(session)
    order, case = vague(desk)

    view = say(desk, case, "强制 客户电话里说清楚了", cast.xiaoli)
    watch.watch(desk, [order.id])
    session.expire_all()

    assert (case.state, case.solution) == ("solved", "强制通过：客户电话里说清楚了")
    assert view.note.startswith("小李已处理：强制通过：客户电话里说清楚了")
    assert order.lock_reason == ""
    assert session.scalars(select(Case).where(Case.state == "open")).all() == []
    assert ("小李", "强制通过") in actions_of(session)
    customers = session.scalars(select(Notification).where(Notification.channel == "customer")).all()
    assert customers == [], "nothing was confirmed with the customer"
    assert trail.verify(session, f"order:1:{order.external_id}")


def test_without_a_reason_it_says_what_to_write(desk: Desk, session: Session, cast: Cast) -> None:
    _, case = vague(desk)
    assert say(desk, case, "强制通过", cast.xiaoli).note.endswith(f"请发：{short_code(case.id)} 强制 原因")
    assert case.state == "open"


@pytest.mark.parametrize(
    ("kind", "evidence", "why"),
    [
        ("refund_preship", {"mark": "asked:1"}, "请在平台同意退款"),
        ("contact_missing", {"mark": "姓名"}, "没有收件人姓名"),
        ("address_vague", {"mark": "x", "reasons": ["没有详细地址"]}, "没有能送到的地址"),
        ("person_lock", {"mark": "x"}, "请发：解锁"),
    ],
)
def test_what_nobody_passes_says_what_to_do_instead(
    desk: Desk, session: Session, cast: Cast, kind: str, evidence: dict[str, object], why: str
) -> None:
    case = make_case(session, make_order(session, recheck_at=None), kind=kind, evidence=evidence)
    with pytest.raises(Refusal, match=why):
        say(desk, case, "强制 客户急用", cast.chenjie)
    session.expire_all()
    assert case.state == "open"


def test_another_role_may_not(desk: Desk, session: Session, cast: Cast) -> None:
    _, case = vague(desk)
    with pytest.raises(Refusal, match="由客服操作"):
        say(desk, case, "强制 客户急用", cast.laowang)


def test_a_second_person_is_asked_and_agrees_and_both_are_on_the_trail(
    desk: Desk, session: Session, cast: Cast
) -> None:
    order, case = finance(desk, cast)

    view = say(desk, case, "强制 老客户", cast.xiaoli)

    assert "已请陈姐同意，12-22 12:00 前有效" in view.note
    assert case.state == "open"
    owed = session.scalars(select(Notification).where(Notification.dedupe_key.like("%:force%"))).all()
    assert [(one.channel, one.purpose, one.recipient) for one in owed] == [
        ("staff", "card", str(cast.chenjie.staff_id))
    ]
    card = show.show(desk, f"case:{case.id}", cast.chenjie)
    assert isinstance(card, CaseView)
    assert {"同意放行", "不同意"} <= {one.text for one in card.offers if one.style == "main"}
    assert card.note == "小李申请强制通过：老客户，等另一位同意，12-22 12:00 前有效"
    mine = show.show(desk, f"case:{case.id}", cast.xiaoli)
    everybodys = show.show(desk, f"case:{case.id}", None)
    for one in (mine, everybodys):
        assert isinstance(one, CaseView)
        assert "同意放行" not in {offer.text for offer in one.offers}

    with pytest.raises(Refusal, match="申请的人自己不能同意"):
        say(desk, case, "同意放行", cast.xiaoli)
    say(desk, case, "同意", cast.chenjie)

    assert (case.state, case.solution) == ("solved", "强制通过：老客户（小李申请，陈姐同意）")
    assert [one for one in actions_of(session) if "强制" in one[1]] == [
        ("小李", "申请强制通过"), ("陈姐", "同意强制通过"),
    ]  # fmt: skip
    assert session.scalars(select(ForceAsk.state)).all() == ["agreed"]
    told = session.scalars(select(Notification).where(Notification.purpose == "text")).one()
    assert (told.recipient, "陈姐同意强制通过" in told.body["text"]) == (str(cast.xiaoli.staff_id), True)
    assert trail.verify(session, f"order:1:{order.external_id}")


def test_a_second_person_says_no_with_why_and_it_can_be_asked_again(desk: Desk, session: Session, cast: Cast) -> None:
    _, case = finance(desk, cast)
    say(desk, case, "强制 老客户", cast.xiaoli)
    assert say(desk, case, "强制 还是老客户", cast.xiaoli).note.startswith("已经有人申请强制通过")

    say(desk, case, "不同意 先付款", cast.chenjie)

    assert case.state == "open"
    told = session.scalars(select(Notification).where(Notification.purpose == "text")).one()
    assert told.body["text"].endswith("陈姐不同意强制通过：先付款")
    assert "已请陈姐同意" in say(desk, case, "强制 付好了", cast.xiaoli).note


def test_nobody_answers_and_it_expires_and_the_asker_hears(desk: Desk, session: Session, cast: Cast) -> None:
    order, case = finance(desk, cast)
    say(desk, case, "强制 老客户", cast.xiaoli)
    before = case.revision
    desk.now += timedelta(hours=2)

    assert say(desk, case, "同意放行", cast.chenjie).note == "没有等人同意的强制通过，或者申请已经过期"
    due.look(desk)
    session.expire_all()

    assert session.scalars(select(ForceAsk.state)).all() == ["expired"]
    assert (case.state, case.revision > before) == ("open", True)
    texts = session.scalars(select(Notification).where(Notification.purpose == "text")).all()
    assert any("没有人同意，已过期" in one.body["text"] for one in texts)
    assert trail.verify(session, f"order:1:{order.external_id}")


def test_a_supervisor_asks_somebody_of_the_role(desk: Desk, session: Session, cast: Cast) -> None:
    _, case = finance(desk, cast)
    assert "已请小李同意" in say(desk, case, "强制 我担保", cast.chenjie).note


def test_a_case_that_ends_otherwise_takes_the_question_with_it(desk: Desk, session: Session, cast: Cast) -> None:
    _, case = finance(desk, cast)
    say(desk, case, "强制 老客户", cast.xiaoli)
    say(desk, case, "完成", cast.xiaoli)
    assert session.scalars(select(ForceAsk.state)).all() == ["gone"]


def test_a_case_that_ended_by_itself_takes_the_question_with_it_in_silence(
    desk: Desk, session: Session, cast: Cast
) -> None:
    _, case = finance(desk, cast)
    say(desk, case, "强制 老客户", cast.xiaoli)
    case.state = "solved"
    desk.now += timedelta(hours=2)
    due.look(desk)
    assert session.scalars(select(ForceAsk.state)).all() == ["gone"]
    texts = session.scalars(select(Notification).where(Notification.purpose == "text")).all()
    assert not any("没有人同意" in one.body["text"] for one in texts)


def test_the_clock_waits_for_nobody_who_holds_the_order(
    sessions: sessionmaker[Session], settings: Settings, now: datetime
) -> None:
    with sessions() as session:
        cast = hire_all(session)
        desk = Desk(session, now, settings)
        say(desk, finance(desk, cast)[1], "强制 老客户", cast.xiaoli)
        session.commit()
    with sessions() as holder, sessions() as session:
        holder.execute(text("SELECT id FROM orders FOR NO KEY UPDATE"))
        session.execute(text("SET LOCAL lock_timeout = '2s'"))
        forcing.look(Desk(session, now + timedelta(hours=2), settings))
        assert session.scalars(select(ForceAsk.state)).all() == ["asked"], "the next look has it"


@pytest.mark.parametrize(
    ("kind", "evidence", "said"),
    [
        ("price_low", {}, "要两个人同意才能放行，一个人不能忽略"),
        ("blacklist", {"entries": [3]}, "要两个人同意才能放行"),
        ("refund_preship", {}, "不能忽略：买家要退款"),
        ("address_vague", {"reasons": ["没有地址"]}, "不能忽略：没有能送到的地址"),
    ],
)
def test_what_one_person_may_not_pass_nobody_puts_aside_alone(
    desk: Desk, session: Session, cast: Cast, kind: str, evidence: dict[str, Any], said: str
) -> None:
    case = make_case(session, make_order(session), kind=kind, evidence=evidence, role=str(kind_of(kind).role))
    with pytest.raises(Refusal, match=said):
        commands.run(desk, typed(f"{short_code(case.id)} 忽略 误报"), cast.chenjie)
    view = show.show(desk, f"case:{case.id}", cast.chenjie)
    assert isinstance(view, CaseView)
    assert not [offer for offer in view.more if offer.text.startswith("忽略")]
