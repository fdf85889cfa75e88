from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers import cases, due, trail
from handlers.desk import Desk
from models import Case, Notification, Order, TrailRow
from models.case import short_code
from tests.cast import Cast
from tests.factories import make_case, make_order


def at(desk: Desk, moment: datetime) -> Desk:
    return replace(desk, now=moment)


def keys(session: Session) -> set[str]:
    return set(session.scalars(select(Notification.dedupe_key).where(Notification.purpose != "edit")))


def the_case(session: Session) -> Case:
    return session.scalars(select(Case).order_by(Case.id.desc()).execution_options(populate_existing=True)).first()  # type: ignore[return-value]


def stale_order(session: Session, desk: Desk, **changes: Any) -> Order:
    values: dict[str, Any] = {"stage_entered_at": desk.now - timedelta(minutes=121), **changes}
    return make_order(session, **values)


def test_nothing_due_is_nothing_done(desk: Desk, session: Session, cast: Cast) -> None:
    make_order(session, recheck_at=desk.now + timedelta(seconds=1))
    make_order(session, recheck_at=None)

    assert due.look(desk) == 0


def test_a_stale_order_is_found_told_and_not_looked_at_again(desk: Desk, session: Session, cast: Cast) -> None:
    stale_order(session, desk)

    assert due.look(desk) == 1
    assert due.look(desk) == 0

    case = the_case(session)
    assert case.kind == "stale_stage"
    assert keys(session) == {f"case:{case.id}:open:group"}


def test_at_most_so_many_at_once_and_the_oldest_first(desk: Desk, session: Session, cast: Cast) -> None:
    later = make_order(session, recheck_at=desk.now - timedelta(minutes=1))
    first = make_order(session, recheck_at=desk.now - timedelta(minutes=2))

    assert due.look(desk, limit=1) == 1

    session.refresh(first)
    session.refresh(later)
    assert first.recheck_at is not None
    assert later.recheck_at is not None
    assert first.recheck_at > desk.now > later.recheck_at


def test_unclaimed_for_an_hour_goes_to_the_supervisor(desk: Desk, session: Session, cast: Cast) -> None:
    order = stale_order(session, desk)
    due.look(desk)
    case = the_case(session)

    assert due.look(at(desk, desk.now + timedelta(minutes=59))) == 0
    assert due.look(at(desk, desk.now + timedelta(minutes=60))) == 1

    case = the_case(session)
    assert f"case:{case.id}:step1:staff:{cast.chenjie.staff_id}" in keys(session)
    assert (case.step, case.due_at, case.revision) == (2, None, 2)
    last = session.scalars(select(TrailRow).order_by(TrailRow.id.desc())).first()
    assert last is not None
    assert (last.actor, last.source, last.action, last.detail) == (
        "系统", "clock", "升级提醒", '{"待审核超时":"通知主管，归陈姐"}',
    )  # fmt: skip
    assert trail.verify(session, f"order:1:{order.external_id}")
    edit = f"case:{case.id}:edit:2"
    assert session.scalars(select(Notification.purpose).where(Notification.dedupe_key == edit)).all() == ["edit"]


def test_an_exception_climbs_from_the_group_to_the_role_to_the_supervisor(
    desk: Desk, session: Session, cast: Cast
) -> None:
    make_order(session, district="")
    due.look(desk)
    case = the_case(session)

    due.look(at(desk, desk.now + timedelta(minutes=15)))
    assert f"case:{case.id}:step1:staff:{cast.xiaoli.staff_id}" in keys(session)
    due.look(at(desk, desk.now + timedelta(minutes=135)))
    assert f"case:{case.id}:step2:staff:{cast.chenjie.staff_id}" in keys(session)
    assert due.look(at(desk, desk.now + timedelta(days=1))) <= 1, "the stale order, no fourth step"


def test_a_claim_silences_and_then_is_reminded_once_and_then_goes_up(desk: Desk, session: Session, cast: Cast) -> None:
    order = stale_order(session, desk)
    due.look(desk)
    case = the_case(session)
    cases.claim(desk, case.id, cast.xiaoli)

    due.look(at(desk, desk.now + timedelta(minutes=59)))
    assert keys(session) == {f"case:{case.id}:open:group"}
    promised = desk.now + timedelta(minutes=60)
    due.look(at(desk, promised))
    reminder = session.scalars(select(Notification).where(Notification.purpose == "text")).one()
    assert reminder.recipient == str(cast.xiaoli.staff_id)
    assert short_code(case.id) in reminder.body["text"]
    assert the_case(session).state == "claimed"
    assert due.look(at(desk, promised + timedelta(minutes=14))) == 0

    assert due.look(at(desk, promised + timedelta(minutes=15))) == 1

    case = the_case(session)
    assert (case.state, case.owner_id, case.claimed_until) == ("open", None, None)
    assert f"case:{case.id}:step1:staff:{cast.chenjie.staff_id}" in keys(session)
    assert due.look(at(desk, promised + timedelta(minutes=29))) == 0, "it may be claimed"
    assert due.look(at(desk, promised + timedelta(minutes=30))) == 1
    assert the_case(session).owner_id == cast.chenjie.staff_id
    assert trail.verify(session, f"order:1:{order.external_id}")


def test_a_claim_that_runs_out_after_the_last_step_still_reaches_the_supervisor(
    desk: Desk, session: Session, cast: Cast
) -> None:
    order = make_order(session, recheck_at=None)
    case = make_case(
        session, order, state="claimed", owner_id=cast.xiaoli.staff_id, claimed_until=desk.now, due_at=desk.now,
        steps=[{"after": 0, "tell": ["group"]}], step=1, evidence={"reminded": desk.now.isoformat()},
    )  # fmt: skip

    due.look(desk)

    assert f"case:{case.id}:step1:staff:{cast.chenjie.staff_id}" in keys(session)
    assert (the_case(session).owner_id, the_case(session).due_at) == (None, desk.now + timedelta(minutes=15))
    due.look(at(desk, desk.now + timedelta(minutes=15)))
    assert (the_case(session).owner_id, the_case(session).due_at) == (cast.chenjie.staff_id, None)


def test_the_policy_of_an_open_case_does_not_change_with_the_settings(desk: Desk, session: Session, cast: Cast) -> None:
    stale_order(session, desk)
    due.look(desk)
    stricter = desk.settings.model_copy(
        update={"stale": desk.settings.stale.model_copy(update={"supervisor_after_minutes": 5})}
    )

    assert due.look(Desk(session, desk.now + timedelta(minutes=30), stricter)) == 0


def test_a_matter_of_a_shop_climbs_too(desk: Desk, session: Session, cast: Cast) -> None:
    case = make_case(
        session, kind="shop_stopped", group_key="shop:1", role="supervisor", due_at=desk.now,
        steps=[{"after": 0, "tell": ["group"]}, {"after": 0, "tell": ["role"]}],
    )  # fmt: skip

    assert due.look(desk) == 1

    assert f"case:{case.id}:step1:staff:{cast.chenjie.staff_id}" in keys(session)
    assert trail.verify(session, f"case:{case.id}")


class TestGroups:
    def crowd(self, session: Session, desk: Desk, count: int) -> list[Order]:
        return [stale_order(session, desk) for _ in range(count)]

    def test_the_count_is_updated_in_silence(self, desk: Desk, session: Session, cast: Cast) -> None:
        orders = self.crowd(session, desk, 6)
        due.look(desk)
        orders[0].stage = "pending_pick"
        session.flush()

        due.look(desk)

        case = the_case(session)
        assert (case.evidence["count"], case.evidence["told"], case.reason) == (5, 6, "5 单在待审核停留超时")
        assert keys(session) == {f"case:{case.id}:open:group"}

    def test_five_times_as_many_are_told_again(self, desk: Desk, session: Session, cast: Cast) -> None:
        self.crowd(session, desk, 6)
        due.look(desk)
        self.crowd(session, desk, 24)

        due.look(desk)

        case = the_case(session)
        assert case.evidence["told"] == 30
        assert keys(session) == {f"case:{case.id}:open:group", f"case:{case.id}:count30:group"}
        assert trail.verify(session, f"case:{case.id}")

    def test_an_empty_group_ends_by_itself(self, desk: Desk, session: Session, cast: Cast) -> None:
        orders = self.crowd(session, desk, 6)
        due.look(desk)
        for order in orders:
            order.stage = "pending_pick"
        session.flush()

        due.look(desk)

        case = the_case(session)
        assert (case.state, case.solution) == ("solved", "都已处理")
        assert trail.verify(session, f"case:{case.id}")

    def test_an_unchanged_group_is_left_alone(self, desk: Desk, session: Session, cast: Cast) -> None:
        self.crowd(session, desk, 6)
        due.look(desk)
        revision = the_case(session).revision

        due.look(desk)

        assert the_case(session).revision == revision
