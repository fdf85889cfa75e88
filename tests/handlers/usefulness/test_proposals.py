"""On Monday: what was mostly false, or left alone by all, is proposed to be told otherwise, three kinds at most."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers.desk import Desk, Refusal
from handlers.manners import weekly
from handlers.tuning import limits
from handlers.usefulness import deciding, proposals, show
from handlers.usefulness.counts import Count
from models import Advice, Notification
from tests.cast import Cast
from tests.handlers.duty.rota import when
from tests.handlers.rulebook.office import rule
from tests.handlers.usefulness.alerts import crowds, judged, told

STALE = "stale_stage:pending_review"


def about(desk: Desk) -> list[str]:
    return [one.about for one in proposals.candidates(desk)]


def stale(session: Session, count: int, **changes: Any) -> None:
    evidence = {"stage": "pending_review", "since": "2025-12-18T10:00:00+08:00"}
    told(session, count, kind="stale_stage", evidence=evidence, **changes)


def owed(session: Session, purpose: str = "card") -> list[Notification]:
    found = select(Notification).where(Notification.purpose == purpose).order_by(Notification.id)
    return list(session.scalars(found))


@pytest.mark.parametrize(
    ("alerts", "wrong", "acted", "poor"),
    [(10, 5, 3, True), (10, 4, 3, False), (9, 9, 3, False), (10, 0, 0, True), (10, 0, 1, False), (9, 0, 0, False)],
)
def test_ten_alerts_of_which_half_were_false_or_none_was_acted_on(
    alerts: int, wrong: int, acted: int, poor: bool
) -> None:
    assert proposals.is_poor(Count("address_vague", alerts, 0, wrong, acted)) is poor


def test_the_worst_three_are_proposed_once_to_each_supervisor_beside_the_report(
    desk: Desk, session: Session, cast: Cast
) -> None:
    for kind, count in (("remark_changed", 12), ("courier_promise", 11), ("urged", 10), ("invoice", 10)):
        judged(session, told(session, count, kind=kind)[: count - 4], cast.xiaoli, useful=False)
    for words in ("12-22 09:29", "12-22 09:30", "12-22 09:31", "12-24 10:00", "12-28 23:00"):
        weekly.look(when(desk, words))

    (report,) = owed(session, "text")
    cards = owed(session)
    advice = session.scalars(select(Advice).order_by(Advice.id)).all()
    assert (report.subject, len(cards)) == ("weekly", 3)
    assert {row.recipient for row in cards} == {str(cast.chenjie.staff_id)}
    assert [row.subject for row in cards] == [f"advice:{one.id}" for one in advice]
    assert [one.about for one in advice] == ["remark_changed", "courier_promise", "invoice"]
    assert session.scalars(select(Advice.week)).first() == report.created_at.date()


def test_a_week_without_anything_to_propose_has_its_report_alone(desk: Desk, session: Session, cast: Cast) -> None:
    told(session, 9)
    weekly.look(when(desk, "12-22 09:30"))

    assert (len(owed(session, "text")), owed(session)) == (1, [])


def test_of_a_stage_the_limit_is_proposed_as_well(desk: Desk, session: Session, cast: Cast) -> None:
    stale(session, 10)

    found = proposals.ways(desk, STALE)

    assert list(found) == ["limit", "quiet", "off"]
    assert found["limit"] == {
        "name": "pending_review_minutes", "value": 180, "before": 120, "now": 10, "then": 10,
    }  # fmt: skip
    assert (found["off"]["name"], found["off"]["now"], found["off"]["then"]) == (f"off:{STALE}", 10, 0)


@pytest.mark.parametrize(("minutes", "longer"), [(120, 180), (90, 150), (20, 30), (45, 90), (180, 270)])
def test_longer_is_half_as_long_again_in_half_hours(minutes: int, longer: int) -> None:
    assert proposals.longer(minutes) == longer


def test_what_locks_an_order_is_never_proposed_to_be_closed(desk: Desk, session: Session, cast: Cast) -> None:
    assert list(proposals.ways(desk, "address_vague")) == ["quiet"]
    assert list(proposals.ways(desk, "own_3")) == ["quiet"], "a rule of one's own is stopped by 规则 停"


def test_of_crowds_that_nobody_believed_every_way_can_be_gone(desk: Desk, session: Session, cast: Cast) -> None:
    """Ten cards of many stuck orders, and not one order told of by itself."""
    judged(session, crowds(session, 10), cast.laowang, useful=False)

    assert proposals.candidates(desk) == [Count("stale_stage:pending_pick", 10, wrong=10, acted=10)]
    weekly.look(desk)
    (advice,) = session.scalars(select(Advice))
    found = proposals.ways(desk, "stale_stage:pending_pick")

    assert {way: (run["now"], run["then"]) for way, run in found.items()} == {
        "limit": (10, 0), "quiet": (10, 0), "off": (10, 0),
    }  # fmt: skip
    for way in found:
        deciding.accept(desk, cast.chenjie, advice.id, way)
        deciding.take_back(desk, cast.chenjie, advice.id)


def test_of_many_vague_addresses_the_digests_are_proposed(desk: Desk, session: Session, cast: Cast) -> None:
    evidence = {"of": "address_vague", "count": 14, "told": 14}
    made = crowds(session, 10, kind="cause_group", group_key="address_vague:", evidence=evidence)
    judged(session, made, cast.xiaoli, useful=False)

    assert proposals.candidates(desk) == [Count("address_vague", 10, wrong=10)]
    assert list(proposals.ways(desk, "address_vague")) == ["quiet"]


def test_a_rule_of_ones_own_is_called_by_its_title_and_can_be_stopped(desk: Desk, session: Session, cast: Cast) -> None:
    made = rule(desk, "规则 新增 金额 > 1000；标题 大单", cast.chenjie)
    judged(session, told(session, 10, kind=f"own_{made.rule_id}"), cast.xiaoli, useful=False)
    weekly.look(desk)
    (advice,) = session.scalars(select(Advice))
    view = show.show(desk, advice.id, cast.chenjie)

    how = f"规则 停 {made.rule_id}"
    assert (view.title, view.lines[-1]) == (f"规则{made.rule_id}「大单」", f"要停用这条规则请发：{how}")
    assert show.listed(desk).splitlines()[1] == (
        f"- 建议{advice.id} 规则{made.rule_id}「大单」：10 件，误报 10 件，可选 只进日报，或发「{how}」停用"
    )
    with pytest.raises(Refusal, match=how):
        deciding.accept(desk, cast.chenjie, advice.id, "off")


def test_about_a_penalty_nothing_is_proposed(desk: Desk, session: Session, cast: Cast) -> None:
    told(session, 20, kind="deadline_near")

    assert proposals.ways(desk, "deadline_near") == {}
    assert about(desk) == []


def test_what_is_told_in_digests_or_closed_is_not_proposed_again(desk: Desk, session: Session, cast: Cast) -> None:
    told(session, 20)
    told(session, 20, kind="urged")
    limits.put(desk, cast.chenjie, "quiet:remark_changed", True)
    limits.put(desk, cast.chenjie, "off:urged", True)

    assert about(desk) == []


def test_a_decision_is_given_four_weeks(desk: Desk, session: Session, cast: Cast) -> None:
    told(session, 20)
    weekly.look(desk)
    (advice,) = session.scalars(select(Advice))
    deciding.keep(desk, cast.chenjie, advice.id)

    assert about(when(desk, "12-29 09:30")) == []
    later = when(desk, "12-22 10:00")
    later.now += timedelta(days=29)
    told(session, 20, opened_at=later.now - timedelta(days=1))
    assert about(later) == ["remark_changed"]


def test_the_list_names_what_waits(desk: Desk, session: Session, cast: Cast) -> None:
    assert show.listed(desk).startswith("没有等您决定的建议")
    stale(session, 10)
    weekly.look(desk)
    (advice,) = session.scalars(select(Advice))

    assert f"- 建议{advice.id} 待审核超时：10 件，误报 0 件，可选 改为 3h、只进日报、关闭" in show.listed(desk)
