"""A press on a card that shows something else than there is now does nothing, and says what changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from handlers import cases, commands, opening, pressing, watch
from handlers.batches.view import BatchView
from handlers.desk import Actor, Desk
from handlers.views import CaseView, OrderView, View
from ingest.snapshot import LineSnapshot, OrderSnapshot
from ingest.store import Batch, Item, store
from models import Case, Order, WriteBack
from models.case import short_code
from models.stages import Stage
from tests.bot.test_cost import counted
from tests.cast import Cast
from tests.factories import make_order, pressed, typed
from tests.ingest.test_store import snapshot


def read(desk: Desk, made: OrderSnapshot) -> Order:
    """The platform tells of an order, and the hub looks at it."""
    raw = Item(made.external_id, repr(made).encode(), made)
    found = store(desk.session, Batch(1, "taobao", "TB", [raw]), desk.now)
    watch.arrived(desk, [*found.new, *found.changed])
    desk.session.expire_all()
    return desk.session.scalars(select(Order).where(Order.external_id == made.external_id)).one()


def press(desk: Desk, action: str, subject: str, revision: int, actor: Actor, **more: Any) -> View:
    view = pressing.press(desk, pressed(action, subject, revision=revision, **more), actor)
    desk.session.expire_all()
    return view


def later(made: OrderSnapshot, minutes: int = 5, **changes: Any) -> OrderSnapshot:
    return replace(made, modified_at=made.modified_at + timedelta(minutes=minutes), **changes)


def vague(desk: Desk) -> tuple[Order, Case]:
    order = make_order(desk.session, district="")
    watch.watch(desk, [order.id])
    return order, desk.session.scalars(select(Case).where(Case.kind == "address_vague")).one()


def another_finding(desk: Desk, order: Order, case: Case) -> None:
    order.district, order.receiver = "西湖区", None
    desk.session.flush()
    opening.change_many(desk, [(case.id, "没有门牌号", {"mark": "没有门牌号"})])
    desk.session.expire_all()


class TestCases:
    def test_another_finding_is_not_ended_by_a_press_on_the_old_card(self, desk: Desk, cast: Cast) -> None:
        order, case = vague(desk)
        was, shown = case.reason, case.revision
        another_finding(desk, order, case)

        for action in ("solve", "claim", "dismiss"):
            view = press(
                desk, action, f"case:{case.id}", shown, cast.xiaoli, value="误报" if action == "dismiss" else ""
            )

            assert isinstance(view, CaseView)
            assert view.note == f"没有动：「{was}」已变成「没有门牌号」，请看一眼再按"
            assert (case.state, view.reason, view.revision) == ("open", "没有门牌号", shown + 1)

        press(desk, "solve", f"case:{case.id}", shown + 1, cast.xiaoli)

        assert case.state == "solved"

    def test_what_people_did_since_is_no_other_finding(self, desk: Desk, cast: Cast) -> None:
        _, case = vague(desk)
        shown = case.revision
        press(desk, "claim", f"case:{case.id}", shown, cast.xiaoli)
        cases.snooze(desk, case.id, cast.xiaoli)
        desk.session.expire_all()
        assert case.revision > shown

        press(desk, "solve", f"case:{case.id}", shown, cast.xiaoli)

        assert case.state == "solved"

    def test_words_are_about_what_there_is_now_and_a_look_always_works(self, desk: Desk, cast: Cast) -> None:
        order, case = vague(desk)
        shown = case.revision
        another_finding(desk, order, case)

        view = press(desk, "refresh", f"case:{case.id}", shown, cast.xiaoli)
        assert isinstance(view, CaseView)
        assert view.note == ""
        press(desk, "solve", f"case:{case.id}", shown, cast.xiaoli)
        commands.run(desk, typed(f"{short_code(case.id)} 完成"), cast.xiaoli)
        desk.session.expire_all()

        assert case.state == "solved"


class TestOrders:
    def test_what_the_buyer_wrote_since_is_read_before_the_order_goes_on(self, desk: Desk, cast: Cast) -> None:
        made = snapshot()
        order = read(desk, made)
        shown = order.revision
        read(desk, later(made, buyer_message="换成蓝色，打 13800001234"))

        view = press(desk, "approve", f"order:{order.id}", shown, cast.xiaoli)

        assert isinstance(view, OrderView)
        assert view.note == f"没有动：{order.tag} 平台上有变化（留言：换成蓝色，打 138****1234），请看一眼再按"
        assert (order.stage, view.revision) == ("pending_review", order.revision)

    def test_other_goods_are_seen_too(self, desk: Desk, cast: Cast) -> None:
        made = snapshot()
        order = read(desk, made)
        shown = order.revision
        read(desk, later(made, lines=(LineSnapshot("1", "QH-CUP-BLU", "4900000000002", "马克杯", 2, 6900, 13800),)))

        view = press(desk, "approve", f"order:{order.id}", shown, cast.xiaoli)

        assert isinstance(view, OrderView)
        assert "平台上有变化（货品或其他内容）" in view.note
        assert order.stage == "pending_review"

        press(desk, "approve", f"order:{order.id}", view.revision, cast.xiaoli)
        assert order.stage == "pending_pick"

    def test_a_note_from_here_and_what_becomes_of_it_there_are_no_news(
        self, desk: Desk, session: Session, cast: Cast
    ) -> None:
        made = snapshot()
        order = read(desk, made)
        shown = order.revision
        commands.run(desk, typed(f"备注 {order.tag} 客户要红色"), cast.xiaoli)
        line = session.scalars(select(WriteBack.line)).one()
        read(desk, later(made, seller_memo=line))
        read(desk, later(made, 6, seller_memo=line, platform_status="等待发货"))
        assert order.revision >= shown + 3

        press(desk, "approve", f"order:{order.id}", shown, cast.xiaoli)

        assert order.stage == str(Stage.PENDING_PICK)

    def test_typed_it_is_about_the_order_as_it_is_now(self, desk: Desk, cast: Cast) -> None:
        made = snapshot()
        order = read(desk, made)
        read(desk, later(made, buyer_message="快点发呀"))

        commands.run(desk, typed(f"审核 {order.tag}"), cast.xiaoli)
        desk.session.expire_all()

        assert order.stage == "pending_pick"

    def test_a_press_on_the_newest_card_asks_the_database_no_more(
        self, desk: Desk, session: Session, cast: Cast, engine: Engine
    ) -> None:
        order = make_order(session)

        with counted(engine) as said:
            press(desk, "approve", f"order:{order.id}", order.revision, cast.xiaoli)

        assert order.stage == "pending_pick"
        assert not any("平台更新" in one and "ORDER BY id DESC LIMIT 5" in one for one in said)


class TestBatches:
    def confirmed(self, desk: Desk, view: View, by: Actor) -> BatchView:
        assert isinstance(view, BatchView)
        shown = press(desk, "batch_confirm", f"batch:{view.batch_id}", view.revision, by)
        assert isinstance(shown, BatchView)
        return shown

    def test_a_note_of_a_colleague_holds_nothing_up(self, desk: Desk, session: Session, cast: Cast) -> None:
        made = [snapshot(number, receiver_key=f"key-{number}") for number in range(1, 4)]
        orders = [read(desk, one) for one in made]
        desk.now += timedelta(minutes=1)
        tags = " ".join(order.tag for order in orders)
        view = commands.run(desk, typed(f"审核 {tags}", is_group=False), cast.xiaoli)
        desk.now += timedelta(minutes=1)
        commands.run(desk, typed(f"备注 {orders[0].tag} 客户要红色"), cast.chenjie)
        line = session.scalars(select(WriteBack.line)).one()
        read(desk, later(made[0], seller_memo=line))

        over = self.confirmed(desk, view, cast.xiaoli)

        assert (over.done, over.named) == (3, ())

    def test_what_changed_is_said(self, desk: Desk, cast: Cast) -> None:
        made = [snapshot(number, receiver_key=f"key-{number}") for number in range(1, 4)]
        orders = [read(desk, one) for one in made]
        desk.now += timedelta(minutes=1)
        tags = " ".join(order.tag for order in orders)
        view = commands.run(desk, typed(f"审核 {tags}", is_group=False), cast.xiaoli)
        desk.now += timedelta(minutes=1)
        read(desk, later(made[0], buyer_message="换成蓝色"))
        commands.run(desk, typed("字段 新增 礼盒 是否", is_group=False), cast.chenjie)
        commands.run(desk, typed(f"字段 {orders[1].tag} 礼盒 是", is_group=False), cast.chenjie)

        over = self.confirmed(desk, view, cast.xiaoli)

        assert over.done == 1
        assert dict(over.named) == {
            orders[0].tag: "问过以后又有变化（平台上留言：换成蓝色；有新的异常），请再看一眼",
            orders[1].tag: "问过以后又有变化（陈姐：填字段），请再看一眼",
        }
