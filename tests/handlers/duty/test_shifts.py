from __future__ import annotations

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from handlers import people, trail
from handlers.desk import Desk, Refusal
from handlers.duty import duty, quiet, shifts
from handlers.duty.hours import DAY, Span
from handlers.duty.shifts import EVERY_DAY, Wish
from models import Notification, Role, Shift, TrailRow
from tests.cast import Cast
from tests.handlers.duty.rota import at, when

NINE_TO_SIX = (Span(540, 1080),)
WORKDAYS = 0b0011111


@pytest.mark.parametrize(
    ("words", "wish"),
    [
        ("09:00-18:00", Wish(NINE_TO_SIX, EVERY_DAY)),
        ("9-18", Wish(NINE_TO_SIX, EVERY_DAY)),
        ("9点到18点", Wish(NINE_TO_SIX, EVERY_DAY)),
        ("9点半至18:30", Wish((Span(570, 1110),), EVERY_DAY)),
        ("每天 9-12 14-18", Wish((Span(540, 720), Span(840, 1080)), EVERY_DAY)),
        ("周一至周五 9-18", Wish(NINE_TO_SIX, WORKDAYS)),
        ("周一到五 9-18", Wish(NINE_TO_SIX, WORKDAYS)),
        ("9-18 周一至周五", Wish(NINE_TO_SIX, WORKDAYS)),
        ("周1-5 9-18", Wish(NINE_TO_SIX, WORKDAYS)),
        ("星期六、日 10-16", Wish((Span(600, 960),), 0b1100000)),
        ("周六日 10-16", Wish((Span(600, 960),), 0b1100000)),
        ("周末 10-16", Wish((Span(600, 960),), 0b1100000)),
        ("周五至周一 9-18", Wish(NINE_TO_SIX, 0b1110001)),
        ("周日 休", Wish((), 0b1000000)),
        ("工作日 9-18", Wish(NINE_TO_SIX, workdays=True)),
        ("22:00-次日6:00", Wish((Span(1320, DAY + 360),), EVERY_DAY)),
        ("22-6", Wish((Span(1320, DAY + 360),), EVERY_DAY)),
        ("12-25 18-24", Wish((Span(1080, DAY),), day=date(2025, 12, 25))),
        ("12月25日 18:00-24:00", Wish((Span(1080, DAY),), day=date(2025, 12, 25))),
        ("明天 9-18", Wish(NINE_TO_SIX, day=date(2025, 12, 23))),
        ("1-1 休", Wish(day=date(2026, 1, 1))),
        ("5-1 休", Wish(day=date(2026, 5, 1))),
        ("0-24", Wish((Span(0, DAY),), EVERY_DAY)),
        ("默认", Wish(usual=True)),
    ],
)
def test_a_shift_is_read_as_people_write_it(desk: Desk, words: str, wish: Wish) -> None:
    assert shifts.read(words, desk) == wish


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("", "看不懂"),
        ("早班", "看不懂"),
        ("9-12 14-18", "是 09-12 这一天，还是几点到几点"),
        ("9-18 吃饭", "看不懂"),
        ("每天 9-12 13-15 16-18", "看不懂"),
        ("9-25", "不是几点几分"),
        ("9:70-18:00", "不是几点几分"),
        ("9-9", "开始和结束一样"),
        ("每天 9-13 12-18", "重叠"),
        ("周一至周五", "看不懂"),
        ("休", "看不懂"),
        ("工作日 休", "工作日不能整个"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_how_to_say_it(desk: Desk, words: str, why: str) -> None:
    with pytest.raises(Refusal, match=why):
        shifts.read(words, desk)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(words=st.text(st.sampled_from("周一三五日至-9:1 280点半休每天工作日默认次明"), max_size=20))
def test_no_words_break_it(desk: Desk, words: str) -> None:
    try:
        wish = shifts.read(words, desk)
    except Refusal:
        return
    assert wish.usual or wish.spans or wish.weekdays or wish.day


class TestKept:
    def say(self, desk: Desk, cast: Cast, words: str) -> str:
        person = next(one for one in people.staff(desk) if one.name == "小李")
        return shifts.keep(desk, cast.chenjie, person, shifts.read(words, desk))

    def test_a_shift_stands_until_another_is_set(self, desk: Desk, session: Session, cast: Cast) -> None:
        assert self.say(desk, cast, "9-18") == "每天 09:00–18:00"
        assert self.say(desk, cast, "周六日 10-16") == "周一至周五 09:00–18:00；周六日 10:00–16:00"
        assert self.say(desk, cast, "周日 休") == "周一至周五 09:00–18:00；周六 10:00–16:00"
        assert self.say(desk, cast, "12-25 18-24") == "周一至周五 09:00–18:00；周六 10:00–16:00；12-25 18:00–24:00"
        assert self.say(desk, cast, "12-25 休").endswith("；12-25 休")
        assert self.say(desk, cast, "22-6") == "每天 22:00–次日 06:00；12-25 休", "a single day outlives the week"
        assert self.say(desk, cast, "工作日 9-18") == "工作日 09:00–18:00；12-25 休"
        assert self.say(desk, cast, "默认") == "默认：每天 08:00–22:00"
        assert session.scalar(select(func.count(Shift.id))) == 0

    def test_said_twice_it_is_the_same(self, desk: Desk, session: Session, cast: Cast) -> None:
        for _ in range(2):
            self.say(desk, cast, "周一至周五 9-12 14-18")

        assert session.scalar(select(func.count(Shift.id))) == 2

    def test_a_day_off_in_the_week_leaves_the_others_as_they_were(self, desk: Desk, cast: Cast) -> None:
        assert self.say(desk, cast, "周日 休") == "周一至周六 08:00–22:00"

    def test_nobody_is_off_for_good(self, desk: Desk, cast: Cast) -> None:
        self.say(desk, cast, "周一 9-18")

        with pytest.raises(Refusal, match="一周都不上班了"):
            self.say(desk, cast, "周一 休")

    def test_it_holds_at_once_and_stands_in_the_trail(self, desk: Desk, session: Session, cast: Cast) -> None:
        self.say(desk, cast, "20-24")

        assert not duty.on_shift(desk, cast.xiaoli.staff_id or 0, at("12-22 10:00"))
        row = session.scalars(select(TrailRow).where(TrailRow.action == "排班")).one()
        assert (row.actor, row.subject) == ("陈姐", f"staff:{cast.xiaoli.staff_id}")
        assert "每天 20:00–24:00" in row.detail
        assert trail.verify(session, row.subject)

    def test_what_waits_for_somebody_is_looked_at_anew(self, desk: Desk, session: Session, cast: Cast) -> None:
        night = when(desk, "12-22 23:00")
        session.add(
            Notification(
                dedupe_key="case:1:open:staff:1", channel="staff", recipient=str(cast.xiaoli.staff_id), purpose="card",
                subject="case:1", next_try_at=at("12-23 09:01"), created_at=night.now, problem=quiet.WHY,
            )
        )  # fmt: skip
        session.flush()

        self.say(night, cast, "20-24")

        assert session.scalars(select(Notification.next_try_at)).one() == night.now

    def test_a_role_has_one_lead(self, desk: Desk, session: Session, cast: Cast) -> None:
        everybody = {one.name: one for one in people.staff(desk)}
        for name in ("小李", "老王"):
            shifts.lead(desk, cast.chenjie, Role.WAREHOUSE, everybody[name])
        assert duty.roster(desk).leads == {Role.WAREHOUSE: cast.laowang.staff_id}

        shifts.lead(desk, cast.chenjie, Role.WAREHOUSE, None)
        assert duty.roster(desk).leads == {}
        assert trail.verify(session, "role:warehouse")
