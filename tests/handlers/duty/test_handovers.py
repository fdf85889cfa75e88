"""交接: what lies with one person becomes another's when they say yes, and not before."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers import commands, due, pressing, show, trail
from handlers.desk import Actor, Desk, Refusal
from handlers.duty.view import HandoverView
from handlers.views import View
from models import Case, Handover, Notification, Order, Role, TrailRow
from models.case import short_code
from tests.cast import Cast, Member, hire
from tests.factories import make_case, make_order, pressed, typed
from tests.handlers.duty.rota import when, works


@pytest.fixture
def wangwu(session: Session, cast: Cast) -> Actor:
    """小李's colleague, who comes for the evening."""
    return hire(session, Member("王五", "wangwu", Role.SERVICE))


def say(desk: Desk, text: str, actor: Actor, *, is_group: bool = False) -> HandoverView:
    return shown(commands.run(desk, typed(text, is_group=is_group), actor))


def press(desk: Desk, action: str, handover_id: int, actor: Actor) -> HandoverView:
    return shown(pressing.press(desk, pressed(action, f"handover:{handover_id}"), actor))


def shown(view: View) -> HandoverView:
    assert isinstance(view, HandoverView)
    return view


def mine(session: Session, desk: Desk, who: Actor, **changes: object) -> Case:
    until = desk.now + timedelta(minutes=30)
    values = {"state": "claimed", "owner_id": who.staff_id, "claimed_until": until, "due_at": until}
    return make_case(session, make_order(session, recheck_at=None), **{**values, **changes})


def owned(session: Session, who: Actor) -> Order:
    return make_order(session, owner_id=who.staff_id, recheck_at=None)


def owners(session: Session, *rows: Case | Order) -> list[int | None]:
    for row in rows:
        session.refresh(row)
    return [row.owner_id for row in rows]


def told(session: Session, who: Actor) -> list[str]:
    found = select(Notification).where(Notification.recipient == str(who.staff_id), Notification.purpose == "text")
    return [str(row.body["text"]) for row in session.scalars(found.order_by(Notification.id))]


def test_until_it_is_accepted_it_stays_with_the_giver(desk: Desk, session: Session, cast: Cast, wangwu: Actor) -> None:
    case, order = mine(session, desk, cast.xiaoli), owned(session, cast.xiaoli)

    view = say(desk, "交接 王五", cast.xiaoli)

    assert (view.giver, view.taker, view.state, view.total) == ("小李", "王五", "", 2)
    assert any(short_code(case.id) in line for line in view.lines)
    assert [offer.text for offer in view.offers] == ["撤回交接"], "the giver may take it back"
    assert owners(session, case, order) == [cast.xiaoli.staff_id] * 2
    cards = session.scalars(select(Notification).where(Notification.subject == f"handover:{view.handover_id}")).all()
    assert [(row.purpose, row.recipient) for row in cards] == [("card", str(wangwu.staff_id))]
    theirs = shown(show.show(desk, f"handover:{view.handover_id}", wangwu))
    assert [offer.text for offer in theirs.offers] == ["接收", "拒绝"]


def test_accepted_it_is_the_takers_with_a_promise_of_their_own(
    desk: Desk, session: Session, cast: Cast, wangwu: Actor
) -> None:
    claimed, assigned = mine(session, desk, cast.xiaoli), mine(session, desk, cast.xiaoli, state="open")
    order = owned(session, cast.xiaoli)
    view = say(desk, "交接 王五", cast.xiaoli)

    view = press(desk, "take_over", view.handover_id, wangwu)

    assert (view.state, view.revision, view.offers) == ("王五已接收 3 件", 2, ())
    assert owners(session, claimed, assigned, order) == [wangwu.staff_id] * 3
    for case in (claimed, assigned):
        assert case.state == "claimed"
        assert case.due_at == case.claimed_until
        assert case.claimed_until is not None
        assert case.claimed_until >= desk.now + timedelta(hours=2), "his promise, not the rest of hers"
    assert told(session, cast.xiaoli) == ["王五已接收小李交接的 3 件"]
    rows = session.scalars(select(TrailRow).where(TrailRow.action == "交接")).all()
    assert sorted(row.detail for row in rows if row.subject.startswith("order:")) == [
        '{"地址模糊":"小李 → 王五"}', '{"地址模糊":"小李 → 王五"}', '{"负责人":"小李 → 王五"}'
    ]  # fmt: skip
    for found in session.scalars(select(Order)):
        assert trail.verify(session, trail.order_subject(found.shop_id, found.external_id))
    assert trail.verify(session, f"staff:{cast.xiaoli.staff_id}")


def test_what_ended_or_went_elsewhere_meanwhile_is_left(
    desk: Desk, session: Session, cast: Cast, wangwu: Actor
) -> None:
    ended, moved, kept = (mine(session, desk, cast.xiaoli) for _ in range(3))
    view = say(desk, "交接 王五", cast.xiaoli)
    ended.state, moved.owner_id = "solved", cast.chenjie.staff_id
    later = mine(session, desk, cast.xiaoli)

    view = press(desk, "take_over", view.handover_id, wangwu)

    assert view.state == "王五已接收 1 件"
    assert view.note == "王五已接收 1 件，2 件之前已经处理或转走"
    assert owners(session, kept, moved, later) == [wangwu.staff_id, cast.chenjie.staff_id, cast.xiaoli.staff_id]


def test_refused_it_stays_and_the_giver_hears_why(desk: Desk, session: Session, cast: Cast, wangwu: Actor) -> None:
    case = mine(session, desk, cast.xiaoli)
    say(desk, "交接 王五", cast.xiaoli)

    view = say(desk, "拒绝 今天已经排满", wangwu)

    assert view.state == "王五已拒绝：今天已经排满"
    assert owners(session, case) == [cast.xiaoli.staff_id]
    assert told(session, cast.xiaoli) == ["王五没有接收小李的交接：今天已经排满；1 件还在小李名下"]
    say(desk, "交接 陈姐", cast.xiaoli)


def test_what_only_begins_like_an_answer_is_none(desk: Desk, session: Session, cast: Cast, wangwu: Actor) -> None:
    mine(session, desk, cast.xiaoli)
    say(desk, "交接 王五", cast.xiaoli)

    for line, why in (("拒绝收货怎么办", "没有听懂"), ("接收不到消息", r"请写上编号或名字，例如：交接\d+ 接收")):
        with pytest.raises(Refusal, match=why):
            say(desk, line, wangwu)
    assert session.scalars(select(Handover.state)).one() == "offered"


def test_words_do_what_the_buttons_do(desk: Desk, session: Session, cast: Cast, wangwu: Actor) -> None:
    case = mine(session, desk, cast.xiaoli)
    say(desk, "交接 王五", cast.xiaoli)
    assert say(desk, "交接 撤回", cast.xiaoli).state == "已撤回"

    say(desk, "交接给王五", cast.xiaoli)
    assert say(desk, "撤回交接 王五", cast.xiaoli).state == "已撤回"
    say(desk, "交接给王五", cast.xiaoli)
    assert say(desk, "接收", wangwu).state == "王五已接收 1 件"
    assert owners(session, case) == [wangwu.staff_id]
    with pytest.raises(Refusal, match="没有等您接收的交接"):
        say(desk, "接收", wangwu)


def test_of_two_hand_overs_the_name_says_which(desk: Desk, session: Session, cast: Cast, wangwu: Actor) -> None:
    mine(session, desk, cast.xiaoli)
    mine(session, desk, cast.chenjie)
    say(desk, "交接 王五", cast.xiaoli)
    say(desk, "交接 王五", cast.chenjie)

    with pytest.raises(Refusal, match=r"有：小李（交接\d+）、陈姐（交接\d+），请写上编号或名字，例如：交接\d+ 接收"):
        say(desk, "接收", wangwu)
    assert say(desk, "拒绝 陈姐 太多了", wangwu).state == "王五已拒绝：太多了"
    assert say(desk, "接收 小李", wangwu).giver == "小李"


def test_a_supervisor_hands_over_for_others_and_the_taker_must_still_say_yes(
    desk: Desk, session: Session, cast: Cast, wangwu: Actor
) -> None:
    case = mine(session, desk, cast.xiaoli)

    view = say(desk, "交接 小李 → 王五", cast.chenjie, is_group=True)

    assert [offer.text for offer in view.offers] == ["接收", "拒绝", "撤回交接"], "many read it: the press is checked"
    with pytest.raises(Refusal, match="只有王五可以接收"):
        press(desk, "take_over", view.handover_id, cast.chenjie)
    with pytest.raises(Refusal, match="只有王五可以拒绝；不交了请小李发：撤回交接"):
        press(desk, "refuse_over", view.handover_id, cast.xiaoli)
    assert owners(session, case) == [cast.xiaoli.staff_id]
    press(desk, "take_over", view.handover_id, wangwu)
    assert told(session, cast.chenjie) == told(session, cast.xiaoli) == ["王五已接收小李交接的 1 件"]


def test_what_the_taker_may_not_do_stays_and_is_said(desk: Desk, session: Session, cast: Cast) -> None:
    fits, misfit = mine(session, desk, cast.xiaoli, role="warehouse"), mine(session, desk, cast.xiaoli)

    view = say(desk, "交接 老王", cast.xiaoli)

    assert (view.total, view.kept) == (1, 1)
    press(desk, "take_over", view.handover_id, cast.laowang)
    assert owners(session, fits, misfit) == [cast.laowang.staff_id, cast.xiaoli.staff_id]


def test_the_second_to_decide_sees_what_was_decided(desk: Desk, session: Session, cast: Cast, wangwu: Actor) -> None:
    case = mine(session, desk, cast.xiaoli)
    view = say(desk, "交接 王五", cast.xiaoli)
    press(desk, "take_over", view.handover_id, wangwu)

    late = press(desk, "keep_over", view.handover_id, cast.xiaoli)

    assert late.note == "这次交接王五已接收"
    assert owners(session, case) == [wangwu.staff_id]


class TestCode:
    """交接3 接收: by the code that the card shows."""

    @pytest.mark.parametrize("line", ["{code} 接收", "{code}接收", "{spaced}，接收", "{code} 同意", "回"])
    def test_it_is_accepted_by_its_code_also_where_several_wait(
        self, desk: Desk, session: Session, cast: Cast, wangwu: Actor, line: str
    ) -> None:
        case, other = mine(session, desk, cast.xiaoli), mine(session, desk, cast.chenjie)
        first, second = say(desk, "交接 王五", cast.xiaoli), say(desk, "交接 王五", cast.chenjie)
        quoted = ""
        if line == "回":
            line, quoted = "接收", f"订单中枢 · {second.code}\n交接 1 件：陈姐 → 王五\n{short_code(case.id)} 地址模糊"

        typed_line = line.format(code=second.code, spaced=second.code.replace("接", "接 "))
        view = shown(commands.run(desk, typed(typed_line, quoted=quoted), wangwu))

        assert (view.handover_id, view.note) == (second.handover_id, "王五已接收 1 件")
        assert owners(session, case, other) == [cast.xiaoli.staff_id, wangwu.staff_id]
        assert say(desk, first.code, wangwu).state == ""

    def test_it_is_refused_with_a_reason_and_taken_back(
        self, desk: Desk, session: Session, cast: Cast, wangwu: Actor
    ) -> None:
        mine(session, desk, cast.xiaoli)
        code = say(desk, "交接 王五", cast.xiaoli).code

        assert say(desk, f"{code} 拒绝 今天排满", wangwu).state == "王五已拒绝：今天排满"
        assert told(session, cast.xiaoli) == ["王五没有接收小李的交接：今天排满；1 件还在小李名下"]
        second = say(desk, "交接 王五", cast.xiaoli).code
        assert say(desk, f"{second} 撤回", cast.xiaoli).state == "已撤回"

    def test_after_its_end_the_code_still_says_what_became_of_it(
        self, desk: Desk, session: Session, cast: Cast, wangwu: Actor
    ) -> None:
        case = mine(session, desk, cast.xiaoli)
        code = say(desk, "交接 王五", cast.xiaoli).code
        say(desk, f"{code} 接收", wangwu)

        late = say(desk, f"{code} 拒绝", wangwu)

        assert (late.state, late.note) == ("王五已接收 1 件", "这次交接王五已接收")
        assert owners(session, case) == [wangwu.staff_id]
        assert say(desk, code, cast.laowang).state == "王五已接收 1 件"

    @pytest.mark.parametrize(
        ("line", "who", "why"),
        [
            ("{code} 接收", "小李", "这是交给王五的，只有王五可以接收"),
            ("{code} 撤回", "老王", "只有小李本人或主管可以撤回"),
            ("{code} 完成", "王五", "「完成」看不懂。可以回复：{code} 接收 / {code} 拒绝 原因 / {code} 撤回"),
            ("{code} 接收一半", "王五", "「接收一半」看不懂"),
            ("交接 999999999999 接收", "王五", "没有交接999999999999，请看卡片上的编号"),
        ],
    )
    def test_what_cannot_be_is_refused(
        self, desk: Desk, session: Session, cast: Cast, wangwu: Actor, line: str, who: str, why: str
    ) -> None:
        case = mine(session, desk, cast.xiaoli)
        code = say(desk, "交接 王五", cast.xiaoli).code
        actor = next(one for one in (*cast, wangwu) if one.name == who)

        with pytest.raises(Refusal, match=why.format(code=code)):
            say(desk, line.format(code=code), actor)
        assert owners(session, case) == [cast.xiaoli.staff_id]

    def test_a_verb_of_a_matter_under_its_card_ends_no_matter_that_it_lists(
        self, desk: Desk, session: Session, cast: Cast, wangwu: Actor
    ) -> None:
        case = mine(session, desk, cast.xiaoli)
        code = say(desk, "交接 王五", cast.xiaoli).code
        quoted = f"订单中枢 · {code}\n交接 1 件：小李 → 王五\n{short_code(case.id)} 地址模糊"

        with pytest.raises(Refusal, match=f"「完成」看不懂。可以回复：{code} 接收"):
            commands.run(desk, typed("完成", quoted=quoted), cast.xiaoli)
        session.refresh(case)
        assert case.state == "claimed"


class TestTime:
    def test_who_does_not_answer_is_reminded_once_and_then_it_ends(
        self, desk: Desk, session: Session, cast: Cast, wangwu: Actor
    ) -> None:
        case = mine(session, desk, cast.xiaoli, due_at=None)
        code = say(desk, "交接 王五", cast.xiaoli).code

        due.look(when(desk, "12-22 10:19"))
        assert told(session, wangwu) == []
        for moment in ("12-22 10:20", "12-22 10:30", "12-22 10:59"):
            due.look(when(desk, moment))
        assert told(session, wangwu) == [
            "小李交接给您的 1 件还没有接收，在那之前还在小李名下；12-22 11:00 前请回复："
            f"{code} 接收，或：{code} 拒绝 原因"
        ]
        due.look(when(desk, "12-22 11:00"))

        handover = session.scalars(select(Handover)).one()
        assert (handover.state, handover.due_at) == ("expired", None)
        assert owners(session, case) == [cast.xiaoli.staff_id]
        words = "王五没有接收小李的交接，1 件还在小李名下，请另找人或再交接一次"
        assert told(session, cast.xiaoli) == told(session, cast.chenjie) == [words]
        with pytest.raises(Refusal, match="没有等您接收的交接"):
            say(when(desk, "12-22 11:01"), "接收", wangwu)

    def test_the_time_runs_from_when_the_taker_is_there(
        self, desk: Desk, session: Session, cast: Cast, wangwu: Actor
    ) -> None:
        works(session, wangwu, 16, 24)
        mine(session, desk, cast.xiaoli)

        view = say(desk, "交接 王五", cast.xiaoli)

        assert view.expires_at == when(desk, "12-22 17:00").now
        assert view.note == "王五不在班上，12-22 16:00 上班后才会收到"


@pytest.mark.parametrize(
    ("line", "who", "why"),
    [
        ("交接", "小李", "交接给谁？"),
        ("交接 张三", "小李", "没有叫「张三」的同事，可以交接给"),
        ("交接 小李", "小李", "不能交接给本人"),
        ("交接 老王 → 王五", "小李", "替别人交接请主管操作"),
        ("交接 老王 → 王五", "陈姐", "老王手上没有可以交接的事"),
        ("交接 王五 老王 陈姐", "小李", "一次交接给一位"),
        ("交接 赵姐", "小李", "小李手上没有可以交接的事：1 件都不是赵姐的岗位能处理的"),
        ("撤回交接", "小李", "您没有等人接收的交接"),
    ],
)
def test_what_cannot_be_is_refused(
    desk: Desk, session: Session, cast: Cast, wangwu: Actor, line: str, who: str, why: str
) -> None:
    mine(session, desk, cast.xiaoli)
    with pytest.raises(Refusal, match=why):
        say(desk, line, next(one for one in cast if one.name == who))


def test_what_is_on_offer_is_not_offered_twice(desk: Desk, session: Session, cast: Cast, wangwu: Actor) -> None:
    mine(session, desk, cast.xiaoli)
    say(desk, "交接 王五", cast.xiaoli)

    with pytest.raises(Refusal, match="小李的事已经在等人接收，要换人请先发：撤回交接"):
        say(desk, "交接 陈姐", cast.xiaoli)


def test_who_went_on_leave_since_cannot_accept(desk: Desk, session: Session, cast: Cast, wangwu: Actor) -> None:
    case = mine(session, desk, cast.xiaoli)
    view = say(desk, "交接 王五", cast.xiaoli)
    commands.run(desk, typed("请假 今天 到 明天"), wangwu)

    with pytest.raises(Refusal, match=r"请假.*先发：销假"):
        press(desk, "take_over", view.handover_id, wangwu)
    assert owners(session, case) == [cast.xiaoli.staff_id]


def test_accepted_it_has_the_time_to_solve_that_somebody_set(
    desk: Desk, session: Session, cast: Cast, wangwu: Actor
) -> None:
    commands.run(desk, typed("阈值 地址模糊 处理 300"), cast.chenjie)
    case = mine(session, desk, cast.xiaoli)
    view = say(desk, "交接 王五", cast.xiaoli)
    press(desk, "take_over", view.handover_id, wangwu)
    session.refresh(case)
    assert case.claimed_until == desk.now + timedelta(minutes=300)
