"""对账: one card a day for all shops, a case only where orders are still missing, and who may ask."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from handlers import commands, pressing, shops, show, trail
from handlers.completeness import proof
from handlers.completeness.view import ProofView
from handlers.desk import Desk, Job, Refusal
from handlers.views import CaseView, TextView
from models import Case, Cursor, Notification, Proof, RawPayload, SentCard, Shop
from models.beijing import day_start
from tests.cast import Cast
from tests.factories import pressed, typed

DAY = date(2025, 12, 21)


@pytest.fixture(autouse=True)
def _three_shops(desk: Desk) -> None:
    shops.sync_shops(desk)


def shop_id(session: Session, slug: str) -> int:
    return session.scalars(select(Shop.id).where(Shop.slug == slug)).one()


def proved(desk: Desk, session: Session, slug: str = "tb", day: date = DAY, **values: Any) -> Proof:
    row = Proof(**{
        "shop_id": shop_id(session, slug), "day": day, "state": "green", "platform_orders": 80, "hub_orders": 80,
        "missing": [], "still": [], "strangers": [], "reason": "", "proved_at": desk.now, **values,
    })  # fmt: skip
    session.add(row)
    session.flush()
    proof.written(desk, row.id)
    return row


def red(desk: Desk, session: Session, slug: str = "tb", **values: Any) -> Proof:
    wrong = {"state": "red", "hub_orders": 79, "missing": ["77"], "still": ["77"], "reason": "补拉后仍缺 1 单"}
    return proved(desk, session, slug, **{**wrong, **values})


def owed(session: Session, purpose: str) -> list[str]:
    found = select(Notification.dedupe_key).where(Notification.subject.like("proof:%"), Notification.purpose == purpose)
    return list(session.scalars(found.order_by(Notification.id)))


def cases(session: Session) -> list[Case]:
    return list(session.scalars(select(Case).order_by(Case.id).execution_options(populate_existing=True)))


def card(desk: Desk, cast: Cast) -> ProofView:
    view = show.show(desk, "proof:20251221", cast.chenjie)
    assert isinstance(view, ProofView)
    return view


def test_one_card_for_all_shops(desk: Desk, session: Session, cast: Cast) -> None:
    proofs = [proved(desk, session, slug).id for slug in ("tb", "jd")]
    proof.concluded(desk, DAY, proofs)
    assert owed(session, "card") == ["proof:20251221:card:group"]
    assert [(row.shop, row.state) for row in card(desk, cast).rows] == [
        ("青禾拼多多店", ""), ("青禾淘宝店", "green"), ("青禾京东店", "green"),
    ]  # fmt: skip
    assert cases(session) == []


def sent(session: Session, desk: Desk, code: str = "") -> None:
    """What is owed has gone out; with `code` the card can be edited."""
    session.execute(update(Notification).values(state="sent"))
    session.add(
        SentCard(
            channel="wecom_app", recipient="chenjie", task_id=f"t{code}", subject="proof:20251221", revision=1,
            response_code=code, response_expires_at=desk.now + timedelta(hours=72) if code else None, sent_at=desk.now,
        )
    )  # fmt: skip
    session.flush()


def test_a_proof_that_changes_something_edits_the_card(desk: Desk, session: Session, cast: Cast) -> None:
    proof.concluded(desk, DAY, [red(desk, session).id])
    first = card(desk, cast)
    sent(session, desk, "code")
    proof.concluded(desk, DAY, [proved(desk, session, missing=["77"]).id])
    assert (owed(session, "card"), owed(session, "edit")) == (
        ["proof:20251221:card:group"], ["proof:20251221:edit:2"],
    )  # fmt: skip
    again = card(desk, cast)
    assert again.revision > first.revision
    assert [(one.state, one.refilled) for one in again.rows if one.shop == "青禾淘宝店"] == [("green", 1)]


def test_where_no_card_can_be_edited_a_change_brings_another(desk: Desk, session: Session) -> None:
    proof.concluded(desk, DAY, [red(desk, session).id])
    sent(session, desk)
    proof.concluded(desk, DAY, [red(desk, session).id])
    assert len(owed(session, "card")) == 1, "the same again is no news"
    proof.concluded(desk, DAY, [proved(desk, session).id])
    assert owed(session, "card") == ["proof:20251221:card:group", "proof:20251221:card:group:3"]
    assert owed(session, "edit") == ["proof:20251221:edit:3"], "for chats whose cards always can be edited"


def test_a_card_that_has_not_gone_out_yet_is_drawn_when_it_does(desk: Desk, session: Session) -> None:
    proof.concluded(desk, DAY, [red(desk, session).id])
    proof.concluded(desk, DAY, [proved(desk, session).id])
    assert (len(owed(session, "card")), owed(session, "edit")) == (1, [])


def test_what_is_being_read_is_no_matter_for_people_yet(desk: Desk, session: Session, cast: Cast) -> None:
    row = proved(desk, session, state="filling", missing=["77"], still=["77"], reason="缺 1 单，正在补拉")
    assert cases(session) == []
    assert (card(desk, cast).rows[0].state, card(desk, cast).rows[0].still) == ("filling", ("77",))
    row.state, row.still, row.reason, row.revision = "green", [], "", 2
    session.flush()
    proof.written(desk, row.id)
    assert cases(session) == []


def test_a_proof_at_which_the_program_broke_is_unknown(desk: Desk, session: Session, cast: Cast) -> None:
    proof.concluded(desk, DAY, [proof.broke(desk, "jd", DAY)])
    (row,) = [row for row in card(desk, cast).rows if row.state]
    assert (row.shop, row.state, row.reason) == ("青禾京东店", "unknown", "程序出错，没有对完，请联系管理员")


def test_orders_that_stay_missing_are_a_matter_for_the_supervisor(desk: Desk, session: Session, cast: Cast) -> None:
    red(desk, session)
    (case,) = cases(session)
    assert (case.kind, case.role, case.state) == ("missing_order", "supervisor", "open")
    assert case.reason == "青禾淘宝店 12-21 补拉后仍缺 1 单：77"
    told = session.scalars(select(Notification).where(Notification.subject == f"case:{case.id}")).all()
    assert [(one.channel, one.recipient) for one in told] == [("staff", str(cast.chenjie.staff_id))]
    assert trail.verify(session, f"case:{case.id}")
    view = show.show(desk, f"case:{case.id}", cast.chenjie)
    assert isinstance(view, CaseView)
    assert (view.title, view.severity, view.shop) == ("漏单", "P1", "青禾淘宝店")
    assert [offer.action for offer in view.more] == ["useful", "false_alarm", "trail"]


def test_it_ends_too_where_only_another_difference_is_left(desk: Desk, session: Session) -> None:
    red(desk, session)
    red(desk, session, still=[], missing=[], strangers=["9"], platform_orders=79, hub_orders=80)
    assert [case.state for case in cases(session)] == ["solved"]


def test_it_ends_by_itself_when_nothing_is_missing_any_more(desk: Desk, session: Session) -> None:
    red(desk, session)
    red(desk, session, still=["77", "78"], missing=["77", "78"], reason="补拉后仍缺 2 单")
    (case,) = cases(session)
    assert case.reason.endswith("补拉后仍缺 2 单：77、78")
    proved(desk, session)
    (case,) = cases(session)
    assert (case.state, case.solution) == ("solved", "已补齐")


def test_what_a_person_ended_is_not_raised_again_for_the_same_orders(
    desk: Desk, session: Session, cast: Cast
) -> None:  # fmt: skip
    red(desk, session)
    (case,) = cases(session)
    pressing.press(desk, pressed("solve", f"case:{case.id}", revision=case.revision), cast.chenjie)
    red(desk, session)
    assert len(cases(session)) == 1
    red(desk, session, still=["77", "78"], missing=["77", "78"])
    assert [case.state for case in cases(session)] == ["solved", "open"], "another order is another matter"


def test_a_day_of_another_shop_is_another_matter(desk: Desk, session: Session) -> None:
    red(desk, session, "tb")
    red(desk, session, "jd")
    red(desk, session, "jd", day=DAY - timedelta(days=1))
    assert len(cases(session)) == 3


def test_orders_that_only_the_hub_has_and_unknown_days_are_shown_and_wake_nobody(
    desk: Desk, session: Session, cast: Cast
) -> None:
    red(desk, session, "tb", still=[], missing=[], strangers=["9"], platform_orders=79, hub_orders=80)
    proved(desk, session, "jd", state="unknown", platform_orders=None, hub_orders=None, reason="平台没有答完")
    assert cases(session) == []
    assert [(row.state, row.strangers) for row in card(desk, cast).rows][:2] == [("red", ("9",)), ("unknown", ())]


def test_a_difference_without_a_number_is_a_matter_too(desk: Desk, session: Session) -> None:
    red(desk, session, still=[], missing=[], reason="平台说有 80 单，列表给出 79 单，差 1 单说不出编号")
    assert [case.kind for case in cases(session)] == ["missing_order"]


def test_the_matter_says_when_a_record_cannot_be_read(desk: Desk, session: Session) -> None:
    session.add(
        RawPayload(
            shop_id=shop_id(session, "tb"), external_id="77", content_hash=b"1", payload=b"1", received_at=desk.now,
            problem="缺少金额",
        )
    )  # fmt: skip
    red(desk, session)
    assert cases(session)[0].reason.endswith("。有记录读不懂（缺少金额），请联系管理员")


def test_many_missing_orders_are_named_in_part(desk: Desk, session: Session) -> None:
    numbers = [str(number) for number in range(10, 30)]
    red(desk, session, still=numbers, missing=numbers, reason="补拉后仍缺 20 单")
    assert cases(session)[0].reason == "青禾淘宝店 12-21 补拉后仍缺 20 单：10、11、12、13、14 等 20 单"


def said(desk: Desk, cast: Cast, line: str) -> str:
    view = commands.run(desk, typed(line, sender="chenjie"), cast.chenjie)
    assert isinstance(view, TextView)
    return view.text


@pytest.mark.parametrize(
    ("line", "slugs", "day"),
    [
        ("对账", ["tb", "jd", "pdd"], "2025-12-21"),
        ("对账 tb", ["tb"], "2025-12-21"),
        ("对账 12-18", ["tb", "jd", "pdd"], "2025-12-18"),
        ("对账 青禾京东店 前天", ["jd"], "2025-12-20"),
    ],
)
def test_a_proof_is_asked_for_by_command(desk: Desk, cast: Cast, line: str, slugs: list[str], day: str) -> None:
    assert "已开始对账" in said(desk, cast, line)
    assert desk.later == [(Job.PROVE, (day, ",".join(slugs), cast.chenjie.staff_id))]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("对账 今天", "这一天还没有过完，最近可以对昨天的账"),
        ("对账 12-25", "这一天还没有过完"),
        ("对账 tb 明天", "这一天还没有过完"),
        ("对账 tb 12-01 12-03", "对账一次对一天，请逐天发，例如：对账 tb 12-03；要重新读取一段时间，请发：补拉"),
        ("对账 12-01至12-03", "对账一次对一天，请逐天发，例如：对账 12-03；"),
        ("对账 tb 2025-08-01", "只给看最近 90 天"),
        ("对账 唯品会", "没有店铺「唯品会」"),
    ],
)
def test_what_cannot_be_proved_is_refused(desk: Desk, cast: Cast, line: str, why: str) -> None:
    with pytest.raises(Refusal, match=why):
        said(desk, cast, line)
    assert desk.later == []


def test_only_a_supervisor_may(desk: Desk, session: Session, cast: Cast) -> None:
    with pytest.raises(Refusal, match="对账由主管操作"):
        commands.run(desk, typed("对账"), cast.xiaoli)
    proved(desk, session)
    with pytest.raises(Refusal, match="对账由主管操作"):
        pressing.press(desk, pressed("reprove", "proof:20251221"), cast.laowang)
    view = show.show(desk, "proof:20251221", cast.laowang)
    assert isinstance(view, ProofView)
    assert not view.may_again


def test_the_card_s_button_has_the_day_proved_again(desk: Desk, session: Session, cast: Cast) -> None:
    proved(desk, session)
    view = pressing.press(desk, pressed("reprove", "proof:20251221"), cast.chenjie)
    assert isinstance(view, ProofView)
    assert view.note == "陈姐已开始重新对账，逐店出结果后更新"
    assert desk.later == [(Job.PROVE, ("2025-12-21", "tb,jd,pdd", cast.chenjie.staff_id))]


@pytest.mark.parametrize("subject", ["case:1", "proof:20251399", "proof:1"])
def test_a_button_on_another_card_is_refused(desk: Desk, cast: Cast, subject: str) -> None:
    with pytest.raises(Refusal):
        pressing.press(desk, pressed("reprove", subject), cast.chenjie)


def test_the_order_commands_refuse_a_proof_s_card(desk: Desk, cast: Cast) -> None:
    with pytest.raises(Refusal, match="没有这个操作"):
        pressing.press(desk, pressed("approve", "proof:20251221"), cast.chenjie)


def test_whoever_asked_hears_what_came_of_it_but_not_before_it_came(desk: Desk, session: Session, cast: Cast) -> None:
    staff = cast.chenjie.staff_id
    assert staff is not None
    filling = proved(desk, session, state="filling", missing=["77"], still=["77"])
    proof.answer(desk, filling.id, staff)
    assert session.scalars(select(Notification).where(Notification.purpose == "text")).all() == []
    rows = [
        proved(desk, session, missing=["77"]),
        red(desk, session),
        proved(desk, session, state="unknown", platform_orders=None, hub_orders=None, reason="这一天还没有结束"),
    ]
    for row in rows:
        proof.answer(desk, row.id, staff)
    told = session.scalars(select(Notification).where(Notification.purpose == "text").order_by(Notification.id)).all()
    assert [one.body["text"] for one in told] == [
        "青禾淘宝店 12-21 对账：✓ 一致，平台 80 单，系统 80 单，其中 1 单是补回的",
        "青禾淘宝店 12-21 对账：✗ 平台 80 单，系统 79 单；补拉后仍缺 1 单",
        "青禾淘宝店 12-21 对账：? 没有对成：这一天还没有结束",
    ]


def test_the_night_proves_yesterday_and_what_was_not_green(desk: Desk, session: Session) -> None:
    red(desk, session, "tb", day=DAY - timedelta(days=2))
    proved(desk, session, "jd", day=DAY - timedelta(days=2))
    red(desk, session, "pdd", day=DAY - timedelta(days=3))
    proved(desk, session, "pdd", day=DAY - timedelta(days=3))
    red(desk, session, "jd", day=DAY - timedelta(days=8))
    session.add(Shop(slug="new", platform="jd", prefix="JD", name="新店", ship_hours=48))
    desk.later.clear()
    proof.nightly(desk)
    assert desk.later == [(Job.PROVE, ("2025-12-21", "tb,jd,pdd", 0)), (Job.PROVE, ("2025-12-19", "tb", 0))]


def read_since(session: Session, slug: str, began: date, hours: float = 0) -> None:
    """Pulled up to now, since so many hours into a Beijing day."""
    now = day_start(date(2025, 12, 22)) + timedelta(hours=3)
    session.add(
        Cursor(
            shop_id=shop_id(session, slug), api="list", synced_to=now, moved_at=now,
            began_at=day_start(began) + timedelta(hours=hours),
        )
    )  # fmt: skip
    session.flush()


def test_a_day_whose_night_was_lost_is_proved_the_next_night(desk: Desk, session: Session) -> None:
    read_since(session, "tb", DAY - timedelta(days=30))
    read_since(session, "jd", DAY - timedelta(days=3), hours=9)
    for ago in range(1, 9):
        if ago != 4:
            proved(desk, session, "tb", day=DAY - timedelta(days=ago))
    proved(desk, session, "jd", day=DAY - timedelta(days=2))
    proof.nightly(desk)
    assert desk.later == [
        (Job.PROVE, ("2025-12-21", "tb,jd", 0)), (Job.PROVE, ("2025-12-20", "jd", 0)),
        (Job.PROVE, ("2025-12-17", "tb", 0)),
    ], "of jd the day on which its first pull began was not whole"  # fmt: skip


def test_what_was_not_proved_by_noon_is_asked_for_again(desk: Desk, session: Session) -> None:
    read_since(session, "tb", DAY - timedelta(days=1))
    read_since(session, "jd", DAY)
    proved(desk, session, "jd", state="unknown", platform_orders=None, reason="平台没有答完")
    proof.ask_again(desk)
    assert desk.later == [(Job.PROVE, ("2025-12-21", "tb", 0)), (Job.PROVE, ("2025-12-20", "tb", 0))]


def test_a_card_that_a_killed_worker_did_not_owe_is_owed_once(desk: Desk, session: Session) -> None:
    read_since(session, "tb", DAY)
    proved(desk, session, "tb")
    proved(desk, session, "tb", day=DAY - timedelta(days=3))  # an operator looked at a day before the first pull
    for _ in range(2):
        proof.ask_again(desk)
    assert owed(session, "card") == ["proof:20251221:card:group"]
    assert Job.PROVE not in dict(desk.later)


def test_a_shop_that_is_still_being_read_for_the_first_time_is_not_proved_yet(desk: Desk, session: Session) -> None:
    for slug, hours in (("tb", -1), ("jd", 1)):
        at = day_start(date(2025, 12, 22)) + timedelta(hours=hours)
        session.add(Cursor(shop_id=shop_id(session, slug), api="list", synced_to=at, moved_at=at))
    session.flush()
    proof.nightly(desk)
    assert desk.later == [(Job.PROVE, ("2025-12-21", "jd", 0))]


def test_two_weeks_can_be_looked_back_on(desk: Desk, session: Session, cast: Cast) -> None:
    for slug in ("tb", "jd", "pdd"):
        proved(desk, session, slug)
    red(desk, session, "tb", day=DAY - timedelta(days=1))
    proved(desk, session, "jd", day=DAY - timedelta(days=1), missing=["1", "2"])
    proved(desk, session, "tb", day=DAY - timedelta(days=2), state="unknown", platform_orders=None, reason="没有应答")
    lines = said(desk, cast, "对账 历史").splitlines()
    assert lines[:5] == [
        "**最近 14 天对账**",
        "12-21 ✓ 3 店一致，共 240 单",
        "12-20 ✗ 青禾淘宝店：补拉后仍缺 1 单，补回 2 单",
        "12-19 ? 青禾淘宝店：没有应答",
        "12-18 没有对账",
    ]
    assert len(lines) == 15
