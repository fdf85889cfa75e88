from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, func, select, text
from sqlalchemy.orm import Session

from handlers import trail, watch
from handlers.desk import Desk, Job
from models import Case, Notification, Order, Stock, TrailRow, WriteBack
from tests.cast import Cast
from tests.factories import make_case, make_customer, make_line, make_order, make_stock, masked


def look_at(desk: Desk, *orders: Order) -> list[Order]:
    desk.session.flush()
    ids = [order.id for order in orders]
    watch.watch(desk, ids)
    found = desk.session.scalars(
        select(Order).where(Order.id.in_(ids)).order_by(Order.id).execution_options(populate_existing=True)
    )
    return list(found)


def cases(session: Session) -> Sequence[Case]:
    return session.scalars(select(Case).order_by(Case.id).execution_options(populate_existing=True)).all()


def whole(session: Session, order: Order) -> bool:
    return trail.verify(session, f"order:{order.shop_id}:{order.external_id}")


def test_a_clean_order_gets_only_the_moment_of_its_next_look(desk: Desk, session: Session, cast: Cast) -> None:
    order = make_order(session)

    (order,) = look_at(desk, order)

    assert order.recheck_at == order.stage_entered_at + timedelta(minutes=120)
    assert (order.revision, order.lock_reason) == (1, "")
    assert cases(session) == []
    assert session.scalar(select(func.count(TrailRow.id))) == 0


def test_nothing_to_look_at_is_no_statement(desk: Desk) -> None:
    watch.watch(desk, [])
    watch.watch(desk, [123456])


def test_a_vague_address_opens_a_case_for_customer_service_and_locks_the_order(
    desk: Desk, session: Session, cast: Cast
) -> None:
    order = make_order(session, district="")

    (order,) = look_at(desk, order)

    (case,) = cases(session)
    assert (case.kind, case.role, case.reason, case.blocks) == ("address_vague", "service", "缺区县", True)
    assert case.due_at == desk.now + timedelta(minutes=15)
    assert [step["tell"] for step in case.steps] == [["group", "owner"], ["role"], ["supervisor"]]
    assert order.lock_reason == "地址模糊：缺区县"
    row = session.scalars(select(TrailRow)).one()
    assert (row.actor, row.action, row.detail) == ("系统", "异常", '{"地址模糊":"缺区县"}')
    assert whole(session, order)
    owed = session.scalars(select(Notification)).one()
    assert (owed.channel, owed.recipient, owed.purpose, owed.subject) == ("group", "", "card", f"case:{case.id}")
    assert owed.dedupe_key == f"case:{case.id}:open:group"
    assert (Job.DELIVER, ()) in desk.later


def test_looking_twice_changes_nothing(desk: Desk, session: Session, cast: Cast) -> None:
    order = make_order(session, district="")
    look_at(desk, order)

    (order,) = look_at(desk, order)

    assert len(cases(session)) == 1
    assert session.scalar(select(func.count(TrailRow.id))) == 1
    assert session.scalar(select(func.count(Notification.id))) == 1
    assert order.revision == 2


def test_an_address_that_was_completed_ends_the_case_unlocks_and_tells_the_customer(
    desk: Desk, session: Session, cast: Cast
) -> None:
    make_customer(session)
    order = make_order(session, district="")
    (order,) = look_at(desk, order)
    order.district = "西湖区"

    (order,) = look_at(desk, order)

    (case,) = cases(session)
    assert (case.state, case.solved_by, case.solution, case.due_at) == ("solved", None, "地址完整", None)
    assert order.lock_reason == ""
    told = session.scalars(select(Notification).where(Notification.channel == "customer")).one()
    assert told.body["template"] == "solved"
    assert told.body["values"] == {
        "number": order.external_id, "result": "地址已确认", "time": "2025年12月22日 10:00",
    }  # fmt: skip
    assert whole(session, order)


def test_unknown_is_not_fine_a_live_case_stays(desk: Desk, session: Session, cast: Cast) -> None:
    order = make_order(session, district="")
    (order,) = look_at(desk, order)
    order.receiver, order.province, order.city = desk.vault.seal_receiver(masked()), "", ""

    (order,) = look_at(desk, order)

    assert [case.state for case in cases(session)] == ["open"]
    assert order.lock_reason == "地址模糊：缺区县"


def test_a_receiver_that_cannot_be_opened_stops_nobody(desk: Desk, session: Session, cast: Cast) -> None:
    broken, other = make_order(session), make_order(session, district="")
    broken.receiver = b"\x01" + b"x" * 40

    look_at(desk, broken, other)

    assert [case.order_id for case in cases(session)] == [other.id]


def test_what_a_person_settled_is_not_raised_again_but_a_new_finding_is(
    desk: Desk, session: Session, cast: Cast
) -> None:
    order = make_order(session, district="")
    (order,) = look_at(desk, order)
    (case,) = cases(session)
    case.state, case.solved_by = "solved", cast.xiaoli.staff_id

    (order,) = look_at(desk, order)
    assert len(cases(session)) == 1
    assert order.lock_reason == ""

    order.city = ""
    (order,) = look_at(desk, order)
    assert [case.reason for case in cases(session)] == ["缺区县", "缺城市和区县"]


def test_a_reason_that_changes_is_the_same_case(desk: Desk, session: Session, cast: Cast) -> None:
    order = make_order(session, district="")
    (order,) = look_at(desk, order)
    order.city = ""

    (order,) = look_at(desk, order)

    (case,) = cases(session)
    assert (case.reason, case.revision, case.evidence["mark"]) == ("缺城市和区县", 2, "缺城市和区县")
    assert order.lock_reason == "地址模糊：缺城市和区县"
    assert f"case:{case.id}:edit:2" in session.scalars(select(Notification.dedupe_key)).all()
    assert whole(session, order)


def test_short_stock_locks_the_order_and_tells_purchasing(desk: Desk, session: Session, cast: Cast) -> None:
    make_stock(session, "QH-CUP-RED", 1)
    order = make_order(session, lines=[make_line(quantity=2)])

    (order,) = look_at(desk, order)

    own, of_sku = cases(session)
    assert (own.kind, own.role, own.order_id) == ("short_stock", "purchasing", order.id)
    assert (of_sku.kind, of_sku.role, of_sku.order_id) == ("shortage", "purchasing", None)
    assert order.lock_reason == "缺货：马克杯（QH-CUP-RED）要 2，可用 1"
    assert {row.subject for row in session.scalars(select(Notification))} == {f"case:{of_sku.id}"}
    told = {(row.channel, row.recipient) for row in session.scalars(select(Notification))}
    assert told == {("group", ""), ("staff", str(cast.zhaojie.staff_id))}


def test_who_paid_first_gets_the_last_pieces(desk: Desk, session: Session, cast: Cast) -> None:
    make_stock(session, "QH-CUP-RED", 3)
    first = make_order(session, lines=[make_line(quantity=2)], paid_at=desk.now - timedelta(hours=2))
    second = make_order(session, lines=[make_line(quantity=2)], paid_at=desk.now - timedelta(hours=1))
    refunded = make_line(quantity=9, refund="refunded")
    make_order(session, lines=[refunded], paid_at=desk.now - timedelta(hours=3))
    make_order(session, stage="done", lines=[make_line(quantity=9)], paid_at=desk.now - timedelta(hours=3))

    first, second = look_at(desk, first, second)

    assert first.lock_reason == ""
    assert second.lock_reason == "缺货：马克杯（QH-CUP-RED）要 2，可用 1"


def test_a_cancelled_order_frees_its_goods_for_the_next(desk: Desk, session: Session, cast: Cast) -> None:
    make_stock(session, "QH-CUP-RED", 1)
    first = make_order(session, paid_at=desk.now - timedelta(hours=2))
    second = make_order(session, paid_at=desk.now - timedelta(hours=1))
    first, second = look_at(desk, first, second)
    assert second.lock_reason
    first.effect = "cancelled"

    (first,) = look_at(desk, first)
    session.refresh(second)
    assert second.recheck_at == desk.now, "the clock looks at it at once"
    (second,) = look_at(desk, second)

    assert (first.stage, second.lock_reason) == ("cancelled", "")


def test_a_wish_to_wait_locks_until_its_day_and_then_frees_itself(desk: Desk, session: Session, cast: Cast) -> None:
    order = make_order(session, buyer_message="25号以后发货，电话13800001234")

    (order,) = look_at(desk, order)
    (case,) = cases(session)
    assert case.reason == "买家留言「25号以后发货」，12-25 起再发"
    assert case.evidence["until"] == "2025-12-25"
    christmas = datetime(2025, 12, 24, 16, 0, tzinfo=UTC)
    desk.now = christmas
    (order,) = look_at(desk, order)

    assert (cases(session)[0].state, order.lock_reason) == ("solved", "")


def test_a_refund_before_shipping_stops_the_order_and_its_end_releases_it(
    desk: Desk, session: Session, cast: Cast
) -> None:
    order = make_order(session, refund="asked")
    (order,) = look_at(desk, order)
    assert order.lock_reason == "发货前退款：买家发货前申请退款，先别发"
    order.refund = ""

    (order,) = look_at(desk, order)

    assert (order.lock_reason, cases(session)[0].solution) == ("", "没有退款")


def test_several_reasons_all_stand_in_the_lock(desk: Desk, session: Session, cast: Cast) -> None:
    order = make_order(session, refund="asked", district="")

    (order,) = look_at(desk, order)

    assert order.lock_reason == "发货前退款：买家发货前申请退款，先别发；地址模糊：缺区县"
    assert len(cases(session)) == 2
    assert whole(session, order)


def test_an_order_that_comes_late_is_already_stale(desk: Desk, session: Session, cast: Cast) -> None:
    order = make_order(session, stage_entered_at=desk.now - timedelta(hours=5))

    (order,) = look_at(desk, order)

    (case,) = cases(session)
    assert (case.kind, case.role, case.blocks) == ("stale_stage", "service", False)
    assert case.reason == "在待审核超过 2 小时"
    assert case.due_at == desk.now + timedelta(minutes=60)
    assert order.ship_by_at is not None
    assert order.recheck_at == order.ship_by_at - timedelta(hours=4), "what time alone changes next is the deadline"


def test_the_owner_hears_of_an_own_stale_order(desk: Desk, session: Session, cast: Cast) -> None:
    old = desk.now - timedelta(hours=5)
    owned = make_order(session, stage_entered_at=old, owner_id=cast.xiaoli.staff_id)
    wrong_role = make_order(session, stage_entered_at=old, owner_id=cast.laowang.staff_id)

    look_at(desk, owned, wrong_role)

    assert [case.owner_id for case in cases(session)] == [cast.xiaoli.staff_id, None]
    staff = session.scalars(select(Notification.recipient).where(Notification.channel == "staff")).all()
    assert staff == [str(cast.xiaoli.staff_id)]


@pytest.mark.parametrize(
    "changes", [{"hold": "风控"}, {"not_before_at": datetime(2025, 12, 25, tzinfo=UTC)}, {"stage": "unpaid"}]
)
def test_what_waits_with_good_reason_is_not_stale(
    desk: Desk, session: Session, cast: Cast, changes: dict[str, Any]
) -> None:
    old: dict[str, Any] = {"stage_entered_at": desk.now - timedelta(hours=50), "effect": "unpaid"}
    order = make_order(session, **{**old, **changes})

    look_at(desk, order)

    assert cases(session) == []


def test_a_stale_case_of_another_stage_is_another_matter(desk: Desk, session: Session, cast: Cast) -> None:
    order = make_order(session, stage_entered_at=desk.now - timedelta(hours=5))
    (order,) = look_at(desk, order)
    order.stage = "pending_pick"

    look_at(desk, order)

    first, second = cases(session)
    assert (first.state, first.solution) == ("solved", "已进入下一环节")
    assert (second.state, second.role) == ("open", "warehouse")


class TestPlatformMoves:
    def test_a_payment_admits_the_order_with_the_clock_of_its_payment(
        self, desk: Desk, session: Session, cast: Cast
    ) -> None:
        paid_at = desk.now - timedelta(minutes=30)
        order = make_order(session, stage="unpaid", effect="admit", paid_at=paid_at)

        (order,) = look_at(desk, order)

        assert (order.stage, order.stage_entered_at) == ("pending_review", paid_at)
        assert order.recheck_at == paid_at + timedelta(minutes=120)
        assert whole(session, order)

    def test_shipped_elsewhere_is_finished_and_flagged(self, desk: Desk, session: Session, cast: Cast) -> None:
        make_stock(session, "QH-CUP-RED", 5)
        make_customer(session)
        order = make_order(
            session, stage="pending_pick", effect="shipped", waybill="YT1", courier="yuantong",
            shipped_at=desk.now - timedelta(minutes=5),
        )  # fmt: skip

        (order,) = look_at(desk, order)

        (case,) = cases(session)
        assert (order.stage, case.kind, case.blocks) == ("done", "shipped_on_platform", False)
        assert case.reason == "平台已发货，运单 YT1，那时中枢在待配货，已改为已完成：请核对，别重复发"
        assert order.recheck_at is None
        assert session.scalars(select(Stock.on_hand)).one() == 4
        told = session.scalars(select(Notification).where(Notification.channel == "customer")).one()
        assert told.body["values"]["courier"] == "圆通速递"
        look_at(desk, order)
        assert cases(session)[0].state == "open", "no rule's case: a person ends it"

    def test_shipped_by_us_is_no_surprise(self, desk: Desk, session: Session, cast: Cast) -> None:
        order = make_order(session, stage="pending_ship", effect="shipped")
        session.add(WriteBack(order_id=order.id, shop_id=1, kind="ship", body={}, created_at=desk.now))

        (order,) = look_at(desk, order)

        assert (order.stage, cases(session)) == ("done", [])

    def test_an_order_that_ends_takes_its_cases_along(self, desk: Desk, session: Session, cast: Cast) -> None:
        order = make_order(session, district="", stage_entered_at=desk.now - timedelta(hours=5))
        (order,) = look_at(desk, order)
        assert len(cases(session)) == 2
        order.effect = "cancelled"

        (order,) = look_at(desk, order)

        assert {(case.state, case.solution) for case in cases(session)} == {("solved", "订单已取消")}
        assert (order.stage, order.lock_reason, order.recheck_at) == ("cancelled", "", None)
        customer = session.scalars(select(Notification).where(Notification.channel == "customer")).all()
        assert customer == []
        assert whole(session, order)

    def test_a_done_order_never_moves_back(self, desk: Desk, session: Session, cast: Cast) -> None:
        done = make_order(session, stage="done", effect="admit")
        cancelled = make_order(session, stage="cancelled", effect="shipped")

        done, cancelled = look_at(desk, done, cancelled)

        assert (done.stage, cancelled.stage) == ("done", "cancelled")


class TestManyAtOnce:
    def test_a_crowd_is_one_matter(self, desk: Desk, session: Session, cast: Cast) -> None:
        old = desk.now - timedelta(hours=3)
        orders = [make_order(session, stage="pending_ship", stage_entered_at=old) for _ in range(6)]

        look_at(desk, *orders)

        (case,) = cases(session)
        assert (case.kind, case.group_key, case.role, case.order_id) == (
            "stale_group",
            "pending_ship",
            "warehouse",
            None,
        )
        assert case.evidence == {"stage": "pending_ship", "count": 6, "told": 6}
        assert case.reason == "6 单在待发货停留超时"
        assert session.scalars(select(Notification.dedupe_key)).all() == [f"case:{case.id}:open:group"]
        assert trail.verify(session, f"case:{case.id}")

    def test_five_are_single_matters(self, desk: Desk, session: Session, cast: Cast) -> None:
        old = desk.now - timedelta(hours=3)
        look_at(desk, *(make_order(session, stage_entered_at=old) for _ in range(5)))

        assert [case.kind for case in cases(session)] == ["stale_stage"] * 5

    def test_the_sixth_gathers_the_five_that_nobody_claimed(self, desk: Desk, session: Session, cast: Cast) -> None:
        old = desk.now - timedelta(hours=3)
        first = [make_order(session, stage_entered_at=old) for _ in range(5)]
        look_at(desk, *first)
        claimed = cases(session)[0]
        claimed.state, claimed.owner_id = "claimed", cast.xiaoli.staff_id
        session.flush()

        look_at(desk, first[1], make_order(session, stage_entered_at=old))

        states = [(case.kind, case.state) for case in cases(session)]
        assert states == [
            ("stale_stage", "claimed"), *[("stale_stage", "solved")] * 4, ("stale_group", "open"),
        ]  # fmt: skip
        assert all(whole(session, order) for order in first)

    def test_a_newcomer_joins_a_live_group_in_silence(self, desk: Desk, session: Session, cast: Cast) -> None:
        old = desk.now - timedelta(hours=3)
        look_at(desk, *(make_order(session, stage_entered_at=old) for _ in range(6)))

        look_at(desk, make_order(session, stage_entered_at=old))

        assert [case.kind for case in cases(session)] == ["stale_group"]
        assert session.scalar(select(func.count(Notification.id))) == 1

    def test_the_number_of_statements_does_not_grow_with_the_orders(
        self, desk: Desk, session: Session, cast: Cast
    ) -> None:
        def statements(count: int) -> int:
            orders = [make_order(session, district="" if number % 5 == 0 else "西湖区") for number in range(count)]
            session.flush()
            seen: list[str] = []
            connection = session.connection()
            listener = lambda *arguments: seen.append(arguments[2])  # noqa: E731
            event.listen(connection, "before_cursor_execute", listener)
            watch.watch(desk, [order.id for order in orders])
            event.remove(connection, "before_cursor_execute", listener)
            return len(seen)

        statements(40)  # so many vague addresses are one matter more, which is opened once
        assert statements(80) == statements(40)


def test_the_card_of_an_order_is_brought_up_to_date(desk: Desk, session: Session, cast: Cast) -> None:
    order, quiet = make_order(session, district=""), make_order(session)
    for one in (order, quiet):
        session.execute(
            text(
                "INSERT INTO sent_cards (channel, recipient, task_id, subject, revision, sent_at) "
                "VALUES ('wecom_app', 'xiaoli', :subject, :subject, 1, now())"
            ),
            {"subject": f"order:{one.id}"},
        )

    look_at(desk, order, quiet)

    edits = session.scalars(select(Notification.dedupe_key).where(Notification.purpose == "edit")).all()
    assert edits == [f"order:{order.id}:edit:2"]


def test_a_case_without_its_rule_is_left_to_people(desk: Desk, session: Session, cast: Cast) -> None:
    order = make_order(session)
    make_case(session, order, kind="writeback_fail", blocks=False)

    look_at(replace(desk), order)

    assert cases(session)[0].state == "open"


def test_the_deadline_brings_in_the_warehouse_then_the_supervisor(desk: Desk, session: Session, cast: Cast) -> None:
    by = desk.now + timedelta(hours=3)
    order = make_order(session, ship_by_at=by)

    (order,) = look_at(desk, order)

    (case,) = cases(session)
    assert (case.kind, case.role, case.blocks) == ("deadline_near", "warehouse", False)
    assert [step["after"] for step in case.steps] == [0, 120, 180], "an hour before, and at the deadline"
    assert case.due_at == by - timedelta(hours=1)
    assert order.recheck_at is not None
    assert order.recheck_at <= by - timedelta(hours=1)
    told = session.scalars(select(Notification.recipient).where(Notification.subject == f"case:{case.id}")).all()
    assert set(told) >= {"", str(cast.laowang.staff_id)}
    later = replace(desk, now=by)
    look_at(later, order)
    case = next(one for one in cases(session) if one.kind == "deadline_near")
    assert case.reason.endswith("已经超时"), "the same matter, one tier up"


def test_what_changed_on_the_platform_after_the_approval_is_a_matter(desk: Desk, session: Session, cast: Cast) -> None:
    order = make_order(session, receiver_key="addr-1")
    session.execute(text("UPDATE orders SET stage = 'pending_pick' WHERE id = :id"), {"id": order.id})
    look_at(desk, order)
    assert cases(session) == []
    session.add(WriteBack(order_id=order.id, shop_id=1, kind="memo", line="已打包", body={}, created_at=desk.now))
    session.flush()
    changed = "UPDATE orders SET receiver_key = 'addr-2', seller_memo = '已打包' WHERE id = :id"
    session.execute(text(changed), {"id": order.id})

    (order,) = look_at(desk, order)

    assert [case.kind for case in cases(session)] == ["address_changed"], "what the hub wrote itself is no news"
    assert order.lock_reason.startswith("平台改地址：审核后买家在平台改了收件信息")
