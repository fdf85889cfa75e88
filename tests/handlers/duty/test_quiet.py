"""Manner 8: who is off shift is left in peace, and told all at once in the morning."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers import owe
from handlers.desk import Actor, Desk
from handlers.duty import quiet
from handlers.duty.hours import Night
from models import Case, Notification, TrailRow, Urgency
from models.case import short_code
from tests.cast import Cast
from tests.factories import make_case, make_order
from tests.handlers.duty.rota import at, is_away, when, works

NIGHT = "12-22 23:00"
NINE = at("12-23 09:00")


def owed(desk: Desk, message: owe.Owed) -> Notification:
    owe.owe(desk, [message])
    found = select(Notification).where(Notification.dedupe_key == message.key)
    return desk.session.scalars(found.execution_options(populate_existing=True)).one()


def card_for(desk: Desk, who: Actor, case: Case, occasion: str = "open") -> Notification:
    return owed(desk, owe.card(case.id, occasion, staff_id=who.staff_id))


def group_card(desk: Desk, case: Case) -> Notification:
    return owed(desk, owe.card(case.id, "open"))


def keep_back(desk: Desk, *rows: Notification) -> None:
    """As the deliverer does."""
    for row in rows:
        until = quiet.hold(desk, row)
        assert until is not None
        row.next_try_at, row.problem = until, quiet.WHY
    desk.session.flush()


def a_case(session: Session, desk: Desk, left: timedelta | None = timedelta(hours=40), **changes: Any) -> Case:
    """A case of an order whose platform wants it shipped in `left`."""
    return make_case(session, make_order(session, ship_by_at=left and desk.now + left), **changes)


def states(session: Session) -> dict[str, tuple[str, str]]:
    session.expire_all()
    return {row.dedupe_key: (row.state, row.problem) for row in session.scalars(select(Notification))}


def summaries(session: Session) -> list[Notification]:
    return list(
        session.scalars(select(Notification).where(Notification.subject == "morning").order_by(Notification.id))
    )


class TestHold:
    def test_what_comes_at_night_waits_for_nine(self, desk: Desk, session: Session, cast: Cast) -> None:
        night = when(desk, NIGHT)
        case = a_case(session, night)

        assert quiet.hold(night, card_for(night, cast.xiaoli, case)) == NINE + quiet.GRACE
        assert quiet.hold(night, group_card(night, case)) == NINE + quiet.GRACE

    def test_by_day_nothing_waits(self, desk: Desk, session: Session, cast: Cast) -> None:
        case = a_case(session, desk)

        assert quiet.hold(desk, card_for(desk, cast.xiaoli, case)) is None
        assert quiet.hold(desk, group_card(desk, case)) is None

    def test_who_works_at_night_is_told_at_night(self, desk: Desk, session: Session, cast: Cast) -> None:
        works(session, cast.laowang, 22, 30)
        night = when(desk, NIGHT)

        assert quiet.hold(night, card_for(night, cast.laowang, a_case(session, night))) is None

    def test_after_a_shift_things_wait_for_the_next(self, desk: Desk, session: Session, cast: Cast) -> None:
        works(session, cast.xiaoli, 10, 18, weekdays=0b0011111)
        friday = when(desk, "12-26 18:00")

        assert quiet.hold(friday, card_for(friday, cast.xiaoli, a_case(session, friday))) == (
            at("12-29 10:00") + quiet.GRACE
        )

    def test_the_absent_are_left_in_peace(self, desk: Desk, session: Session, cast: Cast) -> None:
        is_away(session, cast.xiaoli, "12-22 00:00", "12-24 00:00")

        assert quiet.hold(desk, card_for(desk, cast.xiaoli, a_case(session, desk))) == at("12-24 09:00") + quiet.GRACE

    @pytest.mark.parametrize(
        "message",
        [
            owe.Owed("answer:wecom_app:m1", "staff", "card", "order:5", "1"),
            owe.Owed("private:wecom_bot:m1", "staff", "text", "private", "1", {"sealed": "…"}),
            owe.Owed("press:m1", "staff", "edit", "case:1"),
            owe.Owed("case:1:edit:2", "staff", "edit", "case:1"),
            owe.Owed("draft:3:made:staff:1", "staff", "card", "order:5", "1"),
            owe.Owed("received:3:done:20251222", "staff", "text", "received:3", "1", {"text": "导入完成"}),
            owe.Owed("backfill:3:done:staff:1", "staff", "text", "backfill:3", "1", {"text": "补拉完成"}),
            owe.Owed("proof:3:answer:staff:1", "staff", "text", "proof:20251221", "1", {"text": "对账一致"}),
            owe.Owed("batch:1:done", "staff", "card", "batch:1", "1"),
            owe.Owed("dry_run:4", "staff", "text", "dry_run:4", "1", {"text": "预演好了"}),
            owe.note("case:3:result", 1, "order:5", "拦住了"),
            owe.note("case:3:force2:decided", 1, "case:3", "同意"),
        ],
        ids=lambda message: message.key,
    )
    def test_what_somebody_asked_for_never_waits(self, desk: Desk, cast: Cast, message: owe.Owed) -> None:
        night = when(desk, NIGHT)

        assert quiet.hold(night, owed(night, message)) is None

    def test_customers_are_no_matter_of_the_companys_night(self, desk: Desk, cast: Cast) -> None:
        night = when(desk, NIGHT)

        assert quiet.hold(night, owed(night, owe.Owed("k", "customer", "template", "case:1", "oCustomer1"))) is None


class TestPenalty:
    def test_one_inside_the_night_wakes_the_one_on_duty_an_hour_before(
        self, desk: Desk, session: Session, cast: Cast
    ) -> None:
        works(session, cast.xiaoli, 9, 18)
        night = when(desk, NIGHT)
        case = a_case(session, night, timedelta(hours=4), role="service")
        strikes: datetime = night.now + timedelta(hours=4)

        for row in (card_for(night, cast.chenjie, case), group_card(night, case)):
            assert quiet.hold(night, row) == strikes - timedelta(hours=1)
            assert quiet.hold(when(desk, "12-23 02:00"), row) is None
        asleep = card_for(night, cast.xiaoli, case)
        assert quiet.hold(when(desk, "12-23 02:30"), asleep) == NINE + quiet.GRACE, "she is not on duty: the boss is"

    def test_one_that_struck_already_wakes_nobody(self, desk: Desk, session: Session, cast: Cast) -> None:
        night = when(desk, NIGHT)
        row = card_for(night, cast.chenjie, a_case(session, night, timedelta(minutes=-5)))

        assert quiet.hold(night, row) == NINE + quiet.GRACE

    def test_one_of_tomorrow_noon_wakes_nobody(self, desk: Desk, session: Session, cast: Cast) -> None:
        night = when(desk, NIGHT)
        row = card_for(night, cast.chenjie, a_case(session, night, timedelta(hours=13)))

        assert quiet.hold(night, row) == NINE + quiet.GRACE

    def test_an_urgent_matter_without_a_deadline_waits(self, desk: Desk, session: Session, cast: Cast) -> None:
        night = when(desk, NIGHT)
        case = make_case(session, kind="shop_stopped", role="supervisor", shop_id=1, group_key="tb", blocks=False)

        assert quiet.hold(night, card_for(night, cast.chenjie, case)) == NINE + quiet.GRACE

    def test_a_parcel_that_left_is_no_penalty(self, desk: Desk, session: Session, cast: Cast) -> None:
        night = when(desk, NIGHT)
        order = make_order(session, ship_by_at=night.now + timedelta(minutes=30), stage="done")
        row = card_for(night, cast.chenjie, make_case(session, order, kind="parcel_stuck"))

        assert quiet.hold(night, row) == NINE + quiet.GRACE


class TestRelease:
    def test_all_that_waited_is_one_text_in_the_morning(self, desk: Desk, session: Session, cast: Cast) -> None:
        night = when(desk, NIGHT)
        cases = [a_case(session, night, reason=f"缺区县 {number}") for number in range(3)]
        rows = [card_for(night, cast.xiaoli, case) for case in cases]
        rows.append(card_for(night, cast.xiaoli, cases[0], "step1"))
        keep_back(night, *rows)

        quiet.release(when(desk, "12-23 08:59"))
        assert summaries(session) == [], "nine is not yet"
        quiet.release(when(desk, "12-23 09:00"))

        (summary,) = summaries(session)
        assert (summary.channel, summary.recipient) == ("staff", str(cast.xiaoli.staff_id))
        assert summary.urgency == Urgency.CARD, "a summary of matters is no digest that may be dropped"
        said = str(summary.body["text"])
        assert "您休息时有 3 件事" in said
        assert all(f"`{short_code(case.id)}`" in said for case in cases)
        for row in rows:
            session.refresh(row)
            assert (row.state, row.merged_into) == ("merged", summary.id)
        assert quiet.hold(when(desk, NIGHT), summary) is None

        quiet.release(when(desk, "12-23 09:01"))
        assert len(summaries(session)) == 1

    def test_a_single_thing_keeps_its_own_card(self, desk: Desk, session: Session, cast: Cast) -> None:
        night = when(desk, NIGHT)
        case = a_case(session, night)
        first, second = card_for(night, cast.xiaoli, case), card_for(night, cast.xiaoli, case, "step1")
        keep_back(night, first, second)

        quiet.release(when(desk, "12-23 09:00"))

        assert summaries(session) == []
        session.refresh(first)
        session.refresh(second)
        assert (first.state, first.merged_into) == ("merged", second.id), "the same matter is one card"
        assert (second.state, second.next_try_at) == ("owed", NINE + quiet.GRACE)

    def test_what_ended_meanwhile_is_only_counted(self, desk: Desk, session: Session, cast: Cast) -> None:
        night = when(desk, NIGHT)
        cases = [a_case(session, night) for _ in range(3)]
        rows = [card_for(night, cast.xiaoli, case) for case in cases]
        keep_back(night, *rows)
        cases[0].state = "solved"
        session.flush()

        quiet.release(when(desk, "12-23 09:00"))

        assert "另有 1 件已经处理完" in str(summaries(session)[0].body["text"])
        assert states(session)[rows[0].dedupe_key] == ("dropped", "发出前已处理完")

    def test_each_person_hears_of_the_own_things_and_the_group_of_its(
        self, desk: Desk, session: Session, cast: Cast
    ) -> None:
        works(session, cast.laowang, 10, 18)
        night = when(desk, NIGHT)
        cases = [a_case(session, night) for _ in range(2)]
        for who in (cast.xiaoli, cast.laowang):
            keep_back(night, *(card_for(night, who, case) for case in cases))
        keep_back(night, *(group_card(night, case) for case in cases))

        quiet.release(when(desk, "12-23 09:00"))
        assert [(row.channel, row.recipient) for row in summaries(session)] == [
            ("staff", str(cast.xiaoli.staff_id)), ("group", "")
        ]  # fmt: skip
        quiet.release(when(desk, "12-23 10:00"))
        assert summaries(session)[2].recipient == str(cast.laowang.staff_id)

    def test_orders_and_plain_words_have_a_line_too(self, desk: Desk, session: Session, cast: Cast) -> None:
        night = when(desk, NIGHT)
        order = make_order(session)
        rows = [
            owed(night, owe.Owed(f"order:{order.id}:assigned2:staff:1", "staff", "card", f"order:{order.id}",
                                 str(cast.xiaoli.staff_id))),
            owed(night, owe.note("undelivered:x", cast.xiaoli.staff_id or 0, "answer", "有消息没能发给客户")),
        ]  # fmt: skip
        keep_back(night, *rows)

        quiet.release(when(desk, "12-23 09:00"))

        said = str(summaries(session)[0].body["text"])
        assert f"- {order.tag} 交给您了" in said
        assert "- 有消息没能发给客户" in said

    def test_a_card_of_another_kind_goes_out_by_itself(self, desk: Desk, session: Session, cast: Cast) -> None:
        night = when(desk, NIGHT)
        row = owed(night, owe.Owed("proof:20251221:card:group", "group", "card", "proof:20251221"))
        keep_back(night, row, *(group_card(night, a_case(session, night)) for _ in range(2)))

        quiet.release(when(desk, "12-23 09:00"))

        session.refresh(row)
        assert row.state == "owed"
        assert len(summaries(session)) == 1

    def test_a_long_night_is_cut_and_says_so(self, desk: Desk, session: Session, cast: Cast) -> None:
        night = when(desk, NIGHT)
        keep_back(night, *(card_for(night, cast.xiaoli, a_case(session, night)) for _ in range(23)))

        quiet.release(when(desk, "12-23 09:00"))

        assert "还有 3 件没有列出" in str(summaries(session)[0].body["text"])

    def test_other_hours_are_looked_at_anew(self, desk: Desk, session: Session, cast: Cast) -> None:
        night = when(desk, NIGHT)
        row = card_for(night, cast.xiaoli, a_case(session, night))
        keep_back(night, row)
        works(session, cast.xiaoli, 20, 26)

        quiet.look_again(night, cast.xiaoli.staff_id or 0)

        session.refresh(row)
        assert row.next_try_at == night.now
        assert quiet.hold(night, row) is None

    def test_a_company_that_gives_up_its_night_hears_what_waits(self, desk: Desk, session: Session, cast: Cast) -> None:
        night = when(desk, NIGHT)
        row = card_for(night, cast.xiaoli, a_case(session, night))
        keep_back(night, row)

        quiet.set_night(night, Night(0, 0, 0), cast.chenjie)

        session.refresh(row)
        assert row.next_try_at == night.now
        assert quiet.hold(night, row) is None
        said = session.scalars(select(TrailRow).where(TrailRow.subject == "company:night")).one()
        assert said.detail == '{"时间":["22:00–08:00，09:00 一起发","不设"]}'
