"""A dry run's number is the number of alerts that the change then really leads to, on the same data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from handlers import groups, opening, stages, watch
from handlers.desk import Desk
from handlers.duty import duty
from handlers.manners import hold
from handlers.matter import Opening
from handlers.tuning import limits
from handlers.usefulness import dry_run
from handlers.usefulness.dry_run import DryRun
from models import Case, Notification, Role
from models.stages import Stage, Verb
from tests.cast import Cast
from tests.factories import make_order
from tests.handlers.duty.rota import at, when
from tests.handlers.usefulness.alerts import told

STAYS: Sequence[int | None] = (30, 119, 121, 150, 179, 181, 240, 600, None, 130, 200)
"""Minutes until each order was reviewed; None: it waits to this day."""


def lived(desk: Desk, cast: Cast, since: datetime) -> int:
    """Orders come every six hours, are looked at when their moment comes, and go on after their stay. How many alerts
    of a long stay there were."""
    ids, desk = [], replace(desk)
    for number, minutes in enumerate(STAYS):
        came = since + timedelta(hours=6 * number)
        desk.now = came
        order = make_order(desk.session, stage_entered_at=came, created_at=came, recheck_at=came, ship_by_at=None)
        ids.append(order.id)
        left = came + timedelta(minutes=minutes) if minutes is not None else None
        for after in range(0, 700, 10):
            if left is None or came + timedelta(minutes=after) < left:
                desk.now = came + timedelta(minutes=after)
                watch.watch(desk, [order.id])
        if left is not None:
            desk.now = left
            stages.move(desk, f"order:{order.id}", Verb.APPROVE, cast.xiaoli)
    found = select(func.count(Case.id)).where(Case.kind == "stale_stage", Case.order_id.in_(ids))
    return desk.session.scalars(found.where(Case.evidence["stage"].astext == "pending_review")).one()


def test_a_longer_limit_leads_to_what_was_reckoned(desk: Desk, cast: Cast) -> None:
    before = lived(desk, cast, at("12-01 08:00"))
    reckoned = dry_run.longer(when(desk, "12-05 08:00"), Stage.PENDING_REVIEW, 180)
    limits.put(when(desk, "12-06 08:00"), cast.chenjie, "pending_review_minutes", 180)

    after = lived(desk, cast, at("12-06 08:00"))

    assert (before, after) == (9, 5)
    assert reckoned == DryRun(before, after)


def crowded(desk: Desk, cast: Cast, since: datetime) -> int:
    """Every day seven orders come at once and wait together, each day longer, until they are reviewed. How many matters
    of many there were; none is told of by itself."""
    desk = replace(desk)
    for number, minutes in enumerate((130, 170, 190, 400)):
        came = since + timedelta(days=number)
        desk.now = came
        orders = [
            make_order(desk.session, stage_entered_at=came, created_at=came, recheck_at=came, ship_by_at=None)
            for _ in range(7)
        ]
        for after in range(0, minutes, 10):
            desk.now = came + timedelta(minutes=after)
            watch.watch(desk, [order.id for order in orders])
            groups.refresh(desk)
        desk.now = came + timedelta(minutes=minutes)
        for order in orders:
            stages.move(desk, f"order:{order.id}", Verb.APPROVE, cast.xiaoli)
        groups.refresh(desk)
    ended = since + timedelta(days=4)
    found = select(func.count(Case.id)).where(Case.opened_at >= since, Case.opened_at < ended)
    return desk.session.scalars(found.where(Case.kind.in_(("stale_group", "stale_stage")))).one()


def test_a_crowd_that_would_have_gone_by_then_is_reckoned_away(desk: Desk, cast: Cast) -> None:
    before = crowded(desk, cast, at("12-01 08:00"))
    reckoned = dry_run.longer(when(desk, "12-05 20:00"), Stage.PENDING_REVIEW, 180)
    limits.put(when(desk, "12-06 08:00"), cast.chenjie, "pending_review_minutes", 180)

    after = crowded(desk, cast, at("12-07 08:00"))

    assert (before, after) == (4, 2)
    assert reckoned == DryRun(before, after)


def test_a_crowd_waits_for_the_digest_and_stays_away_like_a_single_one(
    desk: Desk, session: Session, cast: Cast
) -> None:
    assert crowded(desk, cast, at("12-01 08:00")) == 4
    then = when(desk, "12-01 10:00")
    reckoned = [run(when(desk, "12-05 20:00"), "stale_stage", "pending_review")
                for run in (dry_run.only_digests, dry_run.closed)]  # fmt: skip
    limits.put(desk, cast.chenjie, "quiet:stale_stage:pending_review", True)
    case = session.scalars(select(Case).where(Case.kind == "stale_group").order_by(Case.id)).first()
    assert case is not None
    case.state = "open"
    session.flush()
    owed = session.scalars(select(Notification).where(Notification.subject == f"case:{case.id}")).all()

    held = [hold.hold(then, row, duty.roster(then)) for row in owed if row.purpose == "card"]

    assert {one is not None and one.why == hold.QUIET for one in held} == {True}
    limits.put(when(desk, "12-06 08:00"), cast.chenjie, "off:stale_stage:pending_review", True)
    assert (reckoned, crowded(desk, cast, at("12-07 08:00"))) == ([DryRun(4, 0)] * 2, 0)


def test_a_step_that_was_taken_back_was_no_way_on(desk: Desk, session: Session, cast: Cast) -> None:
    came = at("12-20 08:00")
    order = make_order(session, stage_entered_at=came, created_at=came, recheck_at=came, ship_by_at=None)
    watch.watch(when(desk, "12-20 10:00"), [order.id])
    moved = stages.move(when(desk, "12-20 10:10"), f"order:{order.id}", Verb.APPROVE, cast.xiaoli)
    stages.send_back(when(desk, "12-20 10:11"), f"order:{order.id}", cast.xiaoli, moved.revision)
    assert dry_run.longer(when(desk, "12-20 10:30"), Stage.PENDING_REVIEW, 180) == DryRun(1, 0)

    stages.move(when(desk, "12-20 12:00"), f"order:{order.id}", Verb.APPROVE, cast.xiaoli)

    assert dry_run.longer(desk, Stage.PENDING_REVIEW, 180) == DryRun(1, 1)
    assert dry_run.longer(desk, Stage.PENDING_REVIEW, 300) == DryRun(1, 0)


def test_alerts_of_other_stages_and_of_before_are_not_reckoned_with(desk: Desk, session: Session, cast: Cast) -> None:
    for opened, stage in (("12-20 10:00", "pending_pick"), ("11-20 10:00", "pending_review")):
        evidence = {"stage": stage, "since": at(opened).isoformat()}
        told(session, 1, kind="stale_stage", evidence=evidence, opened_at=at(opened))

    assert dry_run.longer(desk, Stage.PENDING_REVIEW, 180) == DryRun(0, 0)


def opened(desk: Desk, hours_left: Sequence[int]) -> list[Notification]:
    """Alerts of orders that must leave in so many hours; the cards that are owed for them in the group."""
    orders = [make_order(desk.session, recheck_at=None, ship_by_at=desk.now + timedelta(hours=n)) for n in hours_left]
    made = [Opening("remark_changed", f"备注变了 {one.id}", Role.WAREHOUSE, one.id) for one in orders]
    opening.open_many(desk, made)
    owed = select(Notification).where(Notification.channel == "group", Notification.purpose == "card")
    return list(desk.session.scalars(owed))


@pytest.mark.parametrize("moment", ["12-19 10:00", "12-19 15:00"])
def test_only_in_digests_leads_to_what_was_reckoned(desk: Desk, session: Session, cast: Cast, moment: str) -> None:
    owed = opened(when(desk, moment), (1, 4, 6, 17, 19, 20, 48))
    reckoned = dry_run.only_digests(desk, "remark_changed", "")
    limits.put(desk, cast.chenjie, "quiet:remark_changed", True)

    then = when(desk, moment)
    held = [hold.hold(then, row, duty.roster(then)) for row in owed]

    assert len(owed) == 7
    assert 0 < reckoned.then < 7
    assert reckoned == DryRun(7, sum(one is None or one.why != hold.QUIET for one in held))


def test_closed_leads_to_none(desk: Desk, session: Session, cast: Cast) -> None:
    lived(desk, cast, at("12-01 08:00"))
    assert dry_run.closed(when(desk, "12-05 08:00"), "stale_stage", "pending_review") == DryRun(9, 0)
    limits.put(when(desk, "12-06 08:00"), cast.chenjie, "off:stale_stage:pending_review", True)

    assert lived(desk, cast, at("12-06 08:00")) == 0
