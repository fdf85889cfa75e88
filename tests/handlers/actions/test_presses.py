from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers import actions, commands, pressing, show, trail, watch
from handlers.desk import Actor, Desk, Job, Refusal
from handlers.incoming import Incoming
from handlers.kinds import kind_of
from handlers.views import CaseView, OrderListView, OrderView, TextView
from models import Case, Notification, Order, Role, TrailRow, WriteBack
from models.case import short_code
from tests.cast import Cast, Member, hire
from tests.factories import make_case, make_customer, make_order, pressed, typed


def vague(desk: Desk) -> tuple[Order, Case]:
    """An order with a vague address, as the rules find it."""
    order = make_order(desk.session, district="")
    watch.watch(desk, [order.id])
    return order, desk.session.scalars(select(Case).where(Case.order_id == order.id)).one()


def press_case(
    desk: Desk, case: Case, action: str, by: Actor, *, value: str = "", revision: int = 1, **selected: str
) -> CaseView:
    incoming = pressed(action, f"case:{case.id}", revision=revision, value=value, **selected)
    view = pressing.press(desk, incoming, by)
    assert isinstance(view, CaseView)
    desk.session.expire_all()
    return view


def told(session: Session) -> list[tuple[str, str, str]]:
    rows = session.scalars(select(Notification).where(Notification.purpose != "edit").order_by(Notification.id))
    return [(row.channel, row.recipient, row.purpose) for row in rows]


def test_a_button_that_nobody_knows_and_a_press_that_is_none(desk: Desk, cast: Cast) -> None:
    with pytest.raises(Refusal, match="不用了"):
        pressing.press(desk, pressed("explode", "order:1"), cast.chenjie)
    with pytest.raises(Refusal, match="不是一次按键"):
        pressing.press(desk, typed("审核"), cast.chenjie)
    with pytest.raises(Refusal, match="没有这个操作"):
        pressing.press(desk, pressed("claim", "order:1"), cast.chenjie)
    with pytest.raises(Refusal, match="没有找到这件事"):
        pressing.press(desk, pressed("claim", "case:999999"), cast.chenjie)


class TestStages:
    def test_approve_shows_the_new_stage_and_offers_to_take_it_back(
        self, desk: Desk, session: Session, cast: Cast
    ) -> None:
        order = make_order(session)

        view = pressing.press(desk, pressed("approve", f"order:{order.id}"), cast.xiaoli)

        assert isinstance(view, OrderView)
        assert (view.stage, view.revision) == ("pending_pick", 2)
        assert view.note == f"小李：{order.tag} 已到待配货"
        assert [(offer.text, offer.action, offer.revision) for offer in view.offers] == [
            ("刷新", "refresh", 2), ("撤销", "send_back", 2),
        ]  # fmt: skip

    def test_undo_brings_it_back(self, desk: Desk, session: Session, cast: Cast) -> None:
        order = make_order(session)
        pressing.press(desk, pressed("approve", f"order:{order.id}"), cast.xiaoli)

        view = pressing.press(desk, pressed("send_back", f"order:{order.id}", revision=2), cast.xiaoli)

        assert isinstance(view, OrderView)
        assert (view.stage, view.note) == ("pending_review", "小李已撤销，回到待审核")

    def test_the_second_of_two_sees_who_was_first_and_changes_nothing(
        self, desk: Desk, session: Session, cast: Cast
    ) -> None:
        order = make_order(session, stage="pending_pick")
        pressing.press(desk, pressed("pick", f"order:{order.id}"), cast.laowang)

        view = pressing.press(desk, pressed("pick", f"order:{order.id}"), cast.chenjie)

        assert isinstance(view, OrderView)
        assert (view.stage, view.revision) == ("pending_ship", 2)
        assert "已由老王处理" in view.note

    def test_a_press_on_a_stale_case_moves_its_order_and_settles_the_card(
        self, desk: Desk, session: Session, cast: Cast
    ) -> None:
        order = make_order(session, stage_entered_at=desk.now - timedelta(hours=3))
        watch.watch(desk, [order.id])
        case = session.scalars(select(Case)).one()

        view = press_case(desk, case, "approve", cast.xiaoli)

        assert (view.settled, view.note, view.stage) == (True, "小李已审核 12-22 10:00", "pending_pick")
        assert view.offers == ()
        late = press_case(desk, case, "approve", cast.chenjie)
        assert late.note == "小李已审核 12-22 10:00"

    def test_ship_asks_for_the_number_but_only_whoever_may_and_when_it_can(
        self, desk: Desk, session: Session, cast: Cast
    ) -> None:
        order = make_order(session, stage="pending_ship")

        view = pressing.press(desk, pressed("ship_ask", f"order:{order.id}"), cast.laowang)

        assert isinstance(view, TextView)
        assert f"发货 {order.tag} 快递公司 运单号" in view.text
        with pytest.raises(Refusal, match="发货由仓库操作"):
            pressing.press(desk, pressed("ship_ask", f"order:{order.id}"), cast.xiaoli)
        waiting = make_order(session, stage="pending_review")
        late = pressing.press(desk, pressed("ship_ask", f"order:{waiting.id}"), cast.laowang)
        assert isinstance(late, OrderView)
        assert "要先审核" in late.note


class TestClaims:
    def test_a_claim_carries_a_promised_time(self, desk: Desk, session: Session, cast: Cast) -> None:
        _, case = vague(desk)

        view = press_case(desk, case, "claim", cast.xiaoli)

        assert (view.state, view.owner, view.owner_userids["wecom"]) == ("claimed", "小李", "xiaoli")
        assert view.claimed_until == desk.now + timedelta(minutes=120)
        assert view.note == "小李已认领"
        assert (case.due_at, case.revision) == (view.claimed_until, 2)
        assert "释放" in [offer.text for offer in view.offers]

    def test_who_comes_second_sees_who_has_it(self, desk: Desk, session: Session, cast: Cast) -> None:
        _, case = vague(desk)
        press_case(desk, case, "claim", cast.xiaoli)

        other = replace(cast.xiaoli, name="小张", staff_id=cast.chenjie.staff_id)

        assert press_case(desk, case, "claim", other).note == "已由小李认领"
        assert press_case(desk, case, "claim", cast.xiaoli).note == "您已经认领"
        assert press_case(desk, case, "solve", other).note == "已由小李认领，可请小李处理或转交"
        assert case.state == "claimed"

    def test_released_it_is_anybodys_and_the_next_step_comes(self, desk: Desk, session: Session, cast: Cast) -> None:
        _, case = vague(desk)
        press_case(desk, case, "claim", cast.xiaoli)

        view = press_case(desk, case, "release", cast.xiaoli)

        assert (view.state, view.owner, view.note) == ("open", "", "小李放回待认领")
        assert case.due_at == case.opened_at + timedelta(minutes=15)

    def test_released_after_its_last_step_it_is_somebodys_again_before_long(
        self, desk: Desk, session: Session, cast: Cast
    ) -> None:
        case = make_case(session, make_order(session), state="claimed", owner_id=cast.xiaoli.staff_id)

        press_case(desk, case, "release", cast.xiaoli)

        assert (case.owner_id, case.due_at) == (None, desk.now + timedelta(minutes=kind_of(case.kind).claim_minutes))

    def test_another_role_may_not_claim(self, desk: Desk, cast: Cast) -> None:
        _, case = vague(desk)

        with pytest.raises(Refusal, match="认领由客服操作，您是仓库；可以请小李处理"):
            press_case(desk, case, "claim", cast.laowang)


class TestSolving:
    def test_solved_it_unlocks_the_order_and_tells_the_customer(self, desk: Desk, session: Session, cast: Cast) -> None:
        make_customer(session)
        order, case = vague(desk)

        view = press_case(desk, case, "solve", cast.xiaoli)

        assert (view.settled, view.note) == (True, "小李已确认 12-22 10:00")
        assert (order.lock_reason, case.solution, case.solved_by) == ("", "已确认", cast.xiaoli.staff_id)
        assert ("customer", "oCustomer1", "template") in told(session)
        assert trail.verify(session, f"order:1:{order.external_id}")
        watch.watch(desk, [order.id])
        assert len(session.scalars(select(Case)).all()) == 1, "the same finding is not raised again"

    def test_words_of_ones_own_are_kept(self, desk: Desk, cast: Cast) -> None:
        _, case = vague(desk)

        view = press_case(desk, case, "solve", cast.xiaoli, value="客户补了门牌 3 号，电话 13800001234")

        assert view.note.startswith("小李已处理：客户补了门牌 3 号")

    def test_a_stale_case_is_ended_by_the_step_and_not_by_hand(self, desk: Desk, session: Session, cast: Cast) -> None:
        case = make_case(session, make_order(session), kind="stale_stage", evidence={"stage": "pending_review"})

        with pytest.raises(Refusal, match="「待审核超时」处理好后会自动解除"):
            press_case(desk, case, "solve", cast.xiaoli)

    def test_what_is_over_stays_over(self, desk: Desk, cast: Cast) -> None:
        _, case = vague(desk)
        press_case(desk, case, "solve", cast.xiaoli)
        revision = case.revision

        view = press_case(desk, case, "solve", cast.chenjie)

        assert (view.note, case.revision) == ("小李已确认 12-22 10:00", revision)

    def test_ignored_with_a_reason(self, desk: Desk, session: Session, cast: Cast) -> None:
        make_customer(session)
        order, case = vague(desk)

        with pytest.raises(Refusal, match="请说明忽略的原因：误报"):
            press_case(desk, case, "dismiss", cast.xiaoli)
        view = press_case(desk, case, "dismiss", cast.xiaoli, reason="误报")

        assert (view.note, case.state, order.lock_reason) == ("小李已忽略：误报 12-22 10:00", "dismissed", "")
        assert "customer" not in {channel for channel, _, _ in told(session)}

    def test_a_matter_of_many_cannot_be_ignored(self, desk: Desk, session: Session, cast: Cast) -> None:
        case = make_case(session, kind="stale_group", group_key="pending_review", evidence={"stage": "pending_review"})

        with pytest.raises(Refusal, match="不能忽略"):
            press_case(desk, case, "dismiss", cast.chenjie, value="误报")

    def test_reopened_it_is_the_persons_who_said_so(self, desk: Desk, session: Session, cast: Cast) -> None:
        order, case = vague(desk)
        press_case(desk, case, "solve", cast.xiaoli)

        view = press_case(desk, case, "reopen", cast.xiaoli)

        assert (view.state, view.owner, case.solved_by) == ("claimed", "小李", None)
        assert order.lock_reason == "地址模糊：缺区县"
        assert press_case(desk, case, "reopen", cast.xiaoli).note == "这件事还在处理中，不用重开"
        shop = make_case(session, kind="shop_stopped", group_key="shop:1", state="solved")
        with pytest.raises(Refusal, match="不能重开"):
            press_case(desk, shop, "reopen", cast.chenjie)


class TestTransfer:
    def test_handed_over_the_other_hears_of_it(self, desk: Desk, session: Session, cast: Cast) -> None:
        _, case = vague(desk)

        view = press_case(desk, case, "transfer", cast.xiaoli, person=str(cast.chenjie.staff_id))

        assert (view.owner, view.state, view.note) == ("陈姐", "open", "小李转给陈姐")
        assert ("staff", str(cast.chenjie.staff_id), "card") in told(session)
        assert case.due_at == desk.now + timedelta(minutes=15)

    def test_nobody_is_told_of_the_own_act(self, desk: Desk, session: Session, cast: Cast) -> None:
        _, case = vague(desk)

        press_case(desk, case, "transfer", cast.xiaoli, person=str(cast.xiaoli.staff_id))

        assert {channel for channel, _, _ in told(session)} == {"group"}

    def test_without_a_choice_it_asks_for_one(self, desk: Desk, cast: Cast) -> None:
        _, case = vague(desk)

        assert press_case(desk, case, "transfer", cast.xiaoli).note == "先在下拉里选人，再按转交"

    def test_not_to_whom_the_matter_is_none_of_theirs_nor_to_nobody(self, desk: Desk, cast: Cast) -> None:
        _, case = vague(desk)

        with pytest.raises(Refusal, match="老王是仓库，这件事要客服处理"):
            press_case(desk, case, "transfer", cast.xiaoli, person=str(cast.laowang.staff_id))
        with pytest.raises(Refusal, match="不在名单里"):
            press_case(desk, case, "transfer", cast.xiaoli, person="0")


class TestDelay:
    def test_two_hours_of_quiet_that_everybody_sees(self, desk: Desk, cast: Cast) -> None:
        _, case = vague(desk)

        view = press_case(desk, case, "delay", cast.xiaoli, value="2h")

        assert case.due_at == desk.now + timedelta(hours=2)
        assert view.note == "小李延后到 12-22 12:00"
        again = press_case(desk, case, "refresh", cast.laowang)
        assert again.note == "小李已延后到 12-22 12:00"
        later = pressing.press(
            replace(desk, now=desk.now + timedelta(hours=3)), pressed("refresh", f"case:{case.id}"), cast.laowang
        )
        assert isinstance(later, CaseView)
        assert later.note == ""

    def test_a_claim_is_prolonged_with_it(self, desk: Desk, cast: Cast) -> None:
        _, case = vague(desk)
        press_case(desk, case, "claim", cast.xiaoli)

        press_case(desk, case, "delay", cast.xiaoli, value="2h")

        assert case.claimed_until == case.due_at == desk.now + timedelta(hours=2)

    def test_never_past_the_platforms_deadline(self, desk: Desk, session: Session, cast: Cast) -> None:
        order, case = vague(desk)
        order.ship_by_at = desk.now + timedelta(hours=1)
        session.flush()

        with pytest.raises(Refusal, match="平台发货时限是 12-22 11:00"):
            press_case(desk, case, "delay", cast.xiaoli, value="2h")

    def wish(self, desk: Desk, message: str) -> tuple[Order, Case]:
        order = make_order(desk.session, buyer_message=message, ship_by_at=desk.now + timedelta(days=9))
        watch.watch(desk, [order.id])
        return order, desk.session.scalars(select(Case).where(Case.order_id == order.id)).one()

    def test_the_wished_day_is_granted_with_one_press(self, desk: Desk, session: Session, cast: Cast) -> None:
        make_customer(session)
        order, case = self.wish(desk, "25号以后发货")

        view = press_case(desk, case, "delay", cast.xiaoli, value="accept")

        midnight = datetime(2025, 12, 24, 16, 0, tzinfo=UTC)
        assert (order.not_before_at, order.lock_reason) == (midnight, "")
        assert order.recheck_at == midnight + timedelta(minutes=120), "the clock follows"
        assert view.note == "小李已处理：已改到 12-25 发货 12-22 10:00"
        assert ("customer", "oCustomer1", "template") in told(session)

    def test_another_day_can_be_chosen(self, desk: Desk, cast: Cast) -> None:
        order, case = self.wish(desk, "先不要发,等我通知")

        assert press_case(desk, case, "delay", cast.xiaoli, value="accept").note == "先在下拉里选日期，再按改期"
        press_case(desk, case, "delay", cast.xiaoli, value="accept", date="2025-12-31")

        assert order.not_before_at == datetime(2025, 12, 30, 16, 0, tzinfo=UTC)

    def test_not_a_day_that_is_over_nor_one_that_is_none(self, desk: Desk, cast: Cast) -> None:
        _, case = self.wish(desk, "先不要发,等我通知")

        with pytest.raises(Refusal, match="12-22 已经到了"):
            press_case(desk, case, "delay", cast.xiaoli, value="accept", date="2025-12-22")
        with pytest.raises(Refusal, match="看不懂"):
            press_case(desk, case, "delay", cast.xiaoli, value="accept", date="bald")

    def test_only_a_wish_to_wait_can_be_granted(self, desk: Desk, cast: Cast) -> None:
        _, case = vague(desk)

        with pytest.raises(Refusal, match="只有「要求延后发货」可以改期"):
            press_case(desk, case, "delay", cast.xiaoli, value="accept", date="2025-12-31")


class TestRetry:
    def failed(self, session: Session, state: str) -> Case:
        order = make_order(session, stage="done")
        session.add(
            WriteBack(order_id=order.id, shop_id=1, kind="ship", body={}, state=state, created_at=order.stored_at)
        )
        return make_case(session, order, kind="writeback_fail", role="warehouse", blocks=False, reason="单号重复")

    def test_the_marketplace_is_told_once_more(self, desk: Desk, session: Session, cast: Cast) -> None:
        case = self.failed(session, "failed")

        view = press_case(desk, case, "retry", cast.laowang)

        row = session.scalars(select(WriteBack)).one()
        assert (row.state, row.next_try_at, view.note) == ("owed", desk.now, "老王已重试，结果稍后更新")
        assert (Job.WRITE_BACK, ()) in desk.later

    def test_what_is_confirmed_is_not_repeated(self, desk: Desk, session: Session, cast: Cast) -> None:
        case = self.failed(session, "confirmed")

        assert press_case(desk, case, "retry", cast.laowang).note == "没有需要回传的记录"
        with pytest.raises(Refusal, match="重试回传由仓库操作"):
            press_case(desk, case, "retry", cast.xiaoli)


def test_the_list_of_a_group_and_only_of_a_group(desk: Desk, session: Session, cast: Cast) -> None:
    old = desk.now - timedelta(hours=3)
    orders = [make_order(session, stage_entered_at=old - timedelta(minutes=number)) for number in range(12)]
    watch.watch(desk, [order.id for order in orders])
    case = session.scalars(select(Case)).one()

    view = pressing.press(desk, pressed("list", f"case:{case.id}"), cast.laowang)

    assert isinstance(view, OrderListView)
    assert (view.title, view.total, len(view.rows)) == ("待审核超时", 12, 12)
    assert view.rows[0].tag == orders[-1].tag, "the oldest first"
    assert all(row.stale for row in view.rows)
    _, single = vague(desk)
    with pytest.raises(Refusal, match="没有订单清单"):
        pressing.press(desk, pressed("list", f"case:{single.id}"), cast.laowang)


def test_refresh_changes_nothing(desk: Desk, session: Session, cast: Cast) -> None:
    _, case = vague(desk)
    before = session.scalars(select(Notification.id)).all()

    view = press_case(desk, case, "refresh", cast.laowang)

    assert view.revision == 1
    assert session.scalars(select(Notification.id)).all() == before


@pytest.mark.parametrize("action", sorted(set(actions.ACTIONS) - {"refresh", "list"}))
def test_no_action_believes_a_stranger(desk: Desk, session: Session, cast: Cast, action: str) -> None:
    """Promise 4: whatever is pressed, an actor without any role changes nothing."""
    order, case = vague(desk)
    nobody = Actor("路人", frozenset(), None, "wecom_bot")
    incoming: Incoming = pressed(action, f"case:{case.id}", value="accept", person="1", reason="误报")

    with pytest.raises(Refusal):
        pressing.press(desk, incoming, nobody)

    session.expire_all()
    assert (order.stage, case.state, case.revision) == ("pending_review", "open", 1)


class TestKind:
    """补发 and 换货 by words only: a person confirms."""

    def perhaps(self, session: Session, kind: str = "perhaps_reship") -> Order:
        return make_order(session, kind=kind, kind_evidence="备注提到“补发”")

    @pytest.mark.parametrize(
        ("suggested", "action", "words", "kind", "shown", "note"),
        [
            ("perhaps_reship", "confirm_kind", "确认补发", "reship", "补发", "小李确认是补发"),
            ("perhaps_reship", "deny_kind", "不是补发", "normal", "", "小李确认不是补发"),
            ("perhaps_exchange", "confirm_kind", "确认换货", "exchange", "换货", "小李确认是换货"),
            ("perhaps_exchange", "deny_kind", "不是换货", "normal", "", "小李确认不是换货"),
        ],
    )
    def test_the_answer_is_offered_written_and_told(
        self, desk: Desk, session: Session, cast: Cast, suggested: str, action: str, words: str, kind: str, shown: str,
        note: str,
    ) -> None:  # fmt: skip
        order = self.perhaps(session, suggested)
        before = show.show_order(desk, order.id, cast.xiaoli)
        offer = next(one for one in before.more if one.action == action)
        assert (offer.text, offer.value) == (words, suggested)

        view = pressing.press(desk, pressed(action, offer.subject, value=offer.value), cast.xiaoli)

        assert isinstance(view, OrderView)
        assert (view.kind, view.note, view.more, view.revision) == (shown, note, (), 2)
        assert view.kind_evidence == f"备注提到“补发”（人工确认：{shown or '普通订单'}）"
        session.expire_all()
        assert (order.kind, order.kind_by_person) == (kind, True)
        row = session.scalars(select(TrailRow)).one()
        assert (row.action, row.actor) == (words, "小李")
        assert trail.verify(session, f"order:1:{order.external_id}")
        owed = session.scalars(select(Notification)).one()
        assert (owed.purpose, owed.subject) == ("edit", f"order:{order.id}")

    def test_it_is_services_and_said_once(self, desk: Desk, session: Session, cast: Cast) -> None:
        order = self.perhaps(session)
        subject = f"order:{order.id}"
        assert show.show_order(desk, order.id, cast.laowang).more == ()
        for actor in (cast.laowang, cast.zhaojie):
            with pytest.raises(Refusal, match="确认补发或换货由客服操作"):
                pressing.press(desk, pressed("confirm_kind", subject), actor)
        pressing.press(desk, pressed("confirm_kind", subject), cast.chenjie)

        late = pressing.press(desk, pressed("deny_kind", subject, value="perhaps_reship"), cast.xiaoli)

        assert isinstance(late, OrderView)
        assert late.note == "这一单现在是补发，请再看一眼"
        session.expire_all()
        assert (order.kind, order.revision) == ("reship", 2)
        with pytest.raises(Refusal, match="没有找到这个订单"):
            pressing.press(desk, pressed("confirm_kind", "order:404"), cast.xiaoli)


class TestTakenFromAColleague:
    def test_what_a_colleague_claimed_is_not_handed_on_by_others(
        self, desk: Desk, session: Session, cast: Cast
    ) -> None:
        wangwu = hire(session, Member("王五", "wangwu", Role.SERVICE))
        _, case = vague(desk)
        press_case(desk, case, "claim", cast.xiaoli)

        view = press_case(desk, case, "transfer", wangwu, person=str(wangwu.staff_id))

        assert (view.owner, view.state) == ("小李", "claimed")
        assert view.note == "已由小李认领，可请小李处理或转交"

    @pytest.mark.parametrize("who", ["主管", "组长"])
    def test_a_supervisor_or_the_lead_may_and_who_had_it_hears(
        self, desk: Desk, session: Session, cast: Cast, who: str
    ) -> None:
        wangwu = hire(session, Member("王五", "wangwu", Role.SERVICE))
        commands.run(desk, typed("组长 客服 王五"), cast.chenjie)
        order, case = vague(desk)
        press_case(desk, case, "claim", cast.xiaoli)

        actor = cast.chenjie if who == "主管" else wangwu
        view = press_case(desk, case, "transfer", actor, person=str(wangwu.staff_id))

        assert (view.owner, view.state) == ("王五", "open")
        found = select(Notification).where(
            Notification.recipient == str(cast.xiaoli.staff_id), Notification.purpose == "text"
        )
        said = [row.body["text"] for row in session.scalars(found)]
        code = short_code(case.id)
        assert said == [f"{actor.name}把您手上的「地址模糊」{order.tag}（{code}）转给了王五，不用再处理"]
