"""The drop-down of a case's card, and what its buttons make of a pick."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers import commands, picks, pressing, show, watch
from handlers.actions.action import CaseState
from handlers.buttons import Choice
from handlers.desk import Actor, Desk, Refusal
from handlers.views import CaseView
from models import Case, Role
from models.beijing import BEIJING
from models.case import short_code
from models.stages import Stage
from tests.cast import Cast
from tests.factories import make_order, pressed, typed

NOON = datetime(2025, 12, 22, 4, tzinfo=UTC)
PEOPLE = ((1, "小李"), (2, "老王"))
TIMES = ["15 分钟内", "30 分钟内", "1 小时内"]


def state(kind: str = "address_vague", status: str = "open", **changes: object) -> CaseState:
    case = CaseState(12, 1, kind, Role.SERVICE, status, None, True, Stage.PENDING_REVIEW, False, {})
    return replace(case, **changes)  # type: ignore[arg-type]


def words(choice: Choice | None) -> list[str]:
    assert choice is not None
    return [text for _, text in choice.options]


def test_an_open_one_is_claimed_for_a_time_or_handed_on() -> None:
    choice = picks.of_case(state(), PEOPLE, NOON)

    assert words(choice) == ["不选", *TIMES, "转给小李", "转给老王"]
    assert choice is not None
    assert (choice.title, choice.options[0], choice.selected) == ("多久办好 / 转给谁", ("none", "不选"), "none")


def test_a_claimed_one_waits_until_a_time() -> None:
    choice = picks.of_case(state(status="claimed", owner_id=1), PEOPLE, NOON)

    assert words(choice) == ["不选", "2 小时后", "今天 18:00", "明天 10:00", "转给老王", "改等采购", "改等平台"]
    assert choice is not None
    assert (choice.title, choice.typed) == ("等到何时 / 转给谁", "等客户 2h")


def test_one_that_cannot_wait_is_handed_on_alone() -> None:
    choice = picks.of_case(state("intercept", "claimed"), PEOPLE, NOON)

    assert words(choice) == ["不选", "转给小李", "转给老王"]


def test_what_would_end_after_the_platforms_deadline_is_not_offered() -> None:
    def shown(status: str, **left: float) -> list[str]:
        return words(picks.of_case(state(status=status), PEOPLE[:1], NOON, NOON + timedelta(**left)))

    assert shown("open", minutes=40) == ["不选", *TIMES[:2], "转给小李"]
    assert shown("claimed", hours=7) == ["不选", "2 小时后", "今天 18:00", "转给小李", "改等采购", "改等平台"]
    assert shown("claimed", hours=-1) == ["不选", "转给小李"], "what is late waits for nobody"
    assert shown("open", hours=-1) == ["不选", *TIMES, "转给小李"]


def test_in_the_evening_six_oclock_is_over() -> None:
    evening = datetime(2025, 12, 22, 18, 0, tzinfo=BEIJING)

    assert words(picks.of_case(state(status="claimed"), (), evening))[:3] == ["不选", "2 小时后", "明天 10:00"]


def test_a_matter_of_many_is_claimed_for_a_time_and_when_it_is_nothing_is_left() -> None:
    assert words(picks.of_case(state("stale_group"), PEOPLE, NOON)) == ["不选", *TIMES]
    assert picks.of_case(state("stale_group", "claimed"), PEOPLE, NOON) is None


@pytest.mark.parametrize("kind", ["address_vague", "delay_request", "stale_group"])
@pytest.mark.parametrize("status", ["open", "claimed"])
@pytest.mark.parametrize("until", [None, "2025-12-28", "2025-11-01"])
def test_never_more_than_ten_and_no_two_alike(kind: str, status: str, until: str | None) -> None:
    crowd: Sequence[tuple[int, str]] = [(number, f"同事{number}") for number in range(40)]
    choice = picks.of_case(state(kind, status, evidence={"until": until} if until else {}), crowd, NOON)
    if choice is not None:
        assert len(choice.options) <= 10
        assert len({key for key, _ in choice.options}) == len(choice.options)
        assert choice.selected == choice.options[0][0], "what the platform chooses where nobody does"


# what is pressed


def vague(desk: Desk, **changes: Any) -> Case:
    order = make_order(desk.session, district="", **changes)
    watch.watch(desk, [order.id])
    return desk.session.scalars(select(Case).where(Case.kind == "address_vague")).one()


def press(desk: Desk, case: Case, action: str, by: Actor, *, value: str = "", pick: str = "none") -> CaseView:
    view = pressing.press(desk, pressed(action, f"case:{case.id}", value=value, pick=pick), by)
    desk.session.expire_all()
    assert isinstance(view, CaseView)
    return view


@pytest.mark.parametrize("minutes", [15, 30, 60])
def test_a_claim_promises_what_was_picked(desk: Desk, session: Session, cast: Cast, minutes: int) -> None:
    case = vague(desk)

    view = press(desk, case, "claim", cast.xiaoli, pick=f"minutes={minutes}")

    assert view.claimed_until == case.due_at == desk.now + timedelta(minutes=minutes)
    assert view.note == f"小李已认领，{minutes} 分钟内处理"


def test_a_pick_of_another_button_is_none(desk: Desk, session: Session, cast: Cast) -> None:
    case = vague(desk)

    assert press(desk, case, "transfer", cast.xiaoli, pick="minutes=15").note == "先在下拉里选人，再按转交"
    assert press(desk, case, "claim", cast.xiaoli, pick=f"person={cast.chenjie.staff_id}").note == "小李已认领"
    view = press(desk, case, "wait", cast.xiaoli, value="customer", pick="minutes=15")
    assert view.claimed_until == desk.now + timedelta(hours=4)


def test_a_wait_lasts_until_what_was_picked(desk: Desk, session: Session, cast: Cast) -> None:
    case = vague(desk)
    press(desk, case, "claim", cast.xiaoli)
    wakes = {"2h": desk.now + timedelta(hours=2), "18:00": datetime(2025, 12, 22, 18, tzinfo=BEIJING),
             "明天10:00": datetime(2025, 12, 23, 10, tzinfo=BEIJING)}  # fmt: skip
    for said, at in wakes.items():
        view = press(desk, case, "wait", cast.xiaoli, value="customer", pick=f"until={said}")
        assert (case.wake_at, case.waiting_on) == (at, "customer")
        assert view.choice is not None, "it can be made longer"


@pytest.mark.parametrize(("on", "said"), [("purchasing", "等采购"), ("platform", "等平台")])
def test_it_waits_on_somebody_else_where_that_was_picked(
    desk: Desk, session: Session, cast: Cast, on: str, said: str
) -> None:
    case = vague(desk)
    press(desk, case, "claim", cast.xiaoli)

    view = press(desk, case, "wait", cast.xiaoli, value="customer", pick=f"on={on}")

    assert (case.waiting_on, view.note) == (on, f"小李：{said}，到 12-22 14:00")
    with pytest.raises(Refusal, match="等谁？"):
        press(desk, case, "wait", cast.xiaoli, value="customer", pick="on=nobody")


def test_a_time_that_is_over_on_an_old_card_is_refused_with_what_to_do(
    desk: Desk, session: Session, cast: Cast
) -> None:
    case = vague(desk)
    press(desk, case, "claim", cast.xiaoli)
    desk.now += timedelta(hours=9)

    with pytest.raises(Refusal, match=r"「18:00」已经过了，请写 2h、30分钟"):
        press(desk, case, "wait", cast.xiaoli, value="customer", pick="until=18:00")


def test_a_promise_after_the_deadline_is_refused_whatever_the_card_showed(
    desk: Desk, session: Session, cast: Cast
) -> None:
    case = vague(desk, ship_by_at=desk.now + timedelta(minutes=40))

    with pytest.raises(Refusal, match="承诺的时间不能晚于它"):
        press(desk, case, "claim", cast.xiaoli, pick="minutes=60")
    assert case.state == "open"


def test_a_person_and_a_day_are_picked_as_ever(desk: Desk, session: Session, cast: Cast) -> None:
    case = vague(desk)
    press(desk, case, "transfer", cast.xiaoli, pick=f"person={cast.chenjie.staff_id}")
    assert case.owner_id == cast.chenjie.staff_id

    order = make_order(session, external_id="7777", buyer_message="28号以后发")
    watch.watch(desk, [order.id])
    wish = session.scalars(select(Case).where(Case.kind == "delay_request")).one()
    press(desk, wish, "delay", cast.xiaoli, value="accept", pick="date=2025-12-29")
    assert order.not_before_at == datetime(2025, 12, 29, tzinfo=BEIJING)


def test_what_the_card_says_to_type_does_the_same(desk: Desk, session: Session, cast: Cast) -> None:
    case = vague(desk)
    for until in (desk.now + timedelta(minutes=30), desk.now + timedelta(hours=2)):
        card = show.show(desk, f"case:{case.id}", cast.xiaoli)
        assert isinstance(card, CaseView)
        assert card.choice is not None
        commands.run(desk, typed(f"{short_code(case.id)} {card.choice.typed}"), cast.xiaoli)
        session.expire_all()
        assert case.claimed_until == until
