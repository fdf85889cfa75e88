"""拆单先发: what is here leaves now, what is short leaves later, and the order stays open until it has."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session, sessionmaker

from config import Settings
from handlers import commands, pressing, show, stages, stock
from handlers.batches.view import BatchView
from handlers.desk import Actor, Desk, Refusal
from handlers.shortage import matters
from handlers.views import CaseView, OrderView, TextView, View
from handlers.waybill import Shipment
from ingest.snapshot import Effect, LineSnapshot, OrderSnapshot
from ingest.store import Batch, Item, store
from models import Case, Notification, Order, OrderLine, Stock, TrailRow, WaitingLine, WriteBack
from models.case import short_code
from models.couriers import BY_NAME
from models.stages import Verb
from tests.cast import Cast, hire_all
from tests.factories import make_customer, make_line, make_order, make_stock, pressed, typed
from tests.handlers.shortage.test_matters import cases, look_at
from tests.handlers.test_concurrency import Two

SKU, PLATE = "QH-CUP-RED", "PLATE"
FIRST, SECOND = "YT1234567890123", "YT1234567890999"


@pytest.fixture
def two(sessions: sessionmaker[Session], settings: Settings, now: datetime) -> Two:
    return Two(sessions, settings, now)


def with_plate(session: Session, **changes: object) -> Order:
    lines = [make_line(SKU), make_line(PLATE, platform_sku="P-2", title="盘子", spec="白色")]
    return make_order(session, lines=lines, **changes)  # type: ignore[arg-type]


@pytest.fixture
def order(desk: Desk, session: Session, cast: Cast) -> Order:
    """Short of the red cup; its plate is there."""
    make_stock(session, SKU, 0)
    make_stock(session, PLATE, 9)
    order = with_plate(session, ship_by_at=desk.now + timedelta(hours=20))
    look_at(desk, [order])
    return order


def say(desk: Desk, words: str, actor: Actor) -> View:
    view = commands.run(desk, typed(words), actor)
    desk.session.expire_all()
    return view


def ask(desk: Desk, what: str, actor: Actor, *orders: Order) -> BatchView:
    code = short_code(cases(desk.session)[0].id)
    asked = say(desk, " ".join([f"{code} {what}", *(order.tag for order in orders)]), actor)
    assert isinstance(asked, BatchView)
    return asked


def decide(desk: Desk, what: str, actor: Actor, *orders: Order) -> BatchView:
    done = say(desk, f"{ask(desk, what, actor, *orders).code} 确认", actor)
    assert isinstance(done, BatchView)
    return done


def step(desk: Desk, order: Order, actor: Actor, *verbs: Verb, waybill: str = "") -> None:
    for verb in verbs:
        stages.move(desk, f"order:{order.id}", verb, actor)
    if waybill:
        shipment = Shipment(BY_NAME["yuantong"], waybill, fits=True)
        stages.move(desk, f"order:{order.id}", Verb.SHIP, actor, shipment=shipment)
    desk.session.expire_all()


def partings(session: Session, order: Order) -> list[str]:
    found = select(OrderLine.parting).where(OrderLine.order_id == order.id).order_by(OrderLine.position)
    return list(session.scalars(found))


def parcels_told(session: Session, order: Order) -> list[tuple[str, list[str]]]:
    wanted = select(WriteBack).where(WriteBack.order_id == order.id, WriteBack.kind == "ship")
    found = session.scalars(wanted.order_by(WriteBack.id))
    return [(row.body["waybill"], row.body.get("lines", [])) for row in found]


def on_hand(session: Session, sku: str) -> int:
    session.expire_all()
    return session.get_one(Stock, sku).on_hand


def test_what_is_here_leaves_now_and_the_rest_is_owed_until_it_left_too(
    desk: Desk, session: Session, cast: Cast, order: Order
) -> None:
    make_customer(session)
    decide(desk, "拆单先发", cast.xiaoli)
    assert (partings(session, order), order.lock_reason) == (["later", ""], "")
    assert len(cases(session)) == 1, "purchasing is still asked for the cup"

    step(desk, order, cast.chenjie, Verb.APPROVE, Verb.PICK, waybill=FIRST)
    assert (order.stage, order.shipped_at, order.waybill) == ("pending_review", None, FIRST)
    assert partings(session, order) == ["", "gone"]
    assert parcels_told(session, order) == [(FIRST, ["1"])]
    assert (on_hand(session, PLATE), on_hand(session, SKU)) == (8, 0)
    told = session.scalars(select(Notification).where(Notification.channel == "customer")).all()
    assert [one.body["values"]["goods"] for one in told if one.body["template"] == "shipped"] == ["先发 盘子 白色"]

    look_at(desk, [order])
    assert "缺货：马克杯" in order.lock_reason, "what is left waits for its goods"
    with pytest.raises(Refusal, match="已锁定"):
        stages.move(desk, f"order:{order.id}", Verb.APPROVE, cast.chenjie)
    stock.add(desk, SKU, 1)
    look_at(desk, [order])
    assert order.lock_reason == ""
    step(desk, order, cast.chenjie, Verb.APPROVE, Verb.PICK, waybill=SECOND)

    assert (order.stage, order.waybill) == ("done", f"{FIRST},{SECOND}")
    assert parcels_told(session, order) == [(FIRST, ["1"]), (SECOND, [])]
    assert (on_hand(session, PLATE), on_hand(session, SKU)) == (8, 0)
    shipped = select(Notification).where(Notification.dedupe_key.like("%shipped%customer"))
    told = session.scalars(shipped.order_by(Notification.id)).all()
    assert [one.body["values"]["goods"] for one in told] == ["先发 盘子 白色", "马克杯 红色"]
    actions = session.scalars(select(TrailRow.action).where(TrailRow.subject.like("order:%")).order_by(TrailRow.id))
    assert [one for one in actions if "发" in one] == ["缺货拆单先发", "部分发货", "发货"]


def test_the_card_says_what_comes_now_and_what_later(desk: Desk, session: Session, cast: Cast, order: Order) -> None:
    decide(desk, "拆单先发", cast.xiaoli)
    view = show.show(desk, f"order:{order.id}", cast.xiaoli)
    assert isinstance(view, OrderView)
    assert view.related == ("拆单：先发 盘子 白色，马克杯 红色 到货后补发",)
    assert [line.refund for line in view.lines] == ["到货后补发", ""]

    step(desk, order, cast.chenjie, Verb.APPROVE, Verb.PICK)
    sent = say(desk, f"发货 {order.tag} 圆通 {FIRST}", cast.laowang)

    assert isinstance(sent, OrderView)
    assert sent.note == f"老王已先发一部分，其余到货后再审核、补发：圆通速递 {FIRST}，正在回传平台"
    assert sent.related == ("拆单：已先发 盘子 白色，还要补发 马克杯 红色",)
    assert "拆单发出的包裹不能撤销" in str(say(desk, "撤销", cast.laowang))


def test_the_rest_keeps_its_place_and_takes_nothing_from_who_comes_before_it(
    desk: Desk, session: Session, cast: Cast, order: Order
) -> None:
    sooner = make_order(session, lines=[make_line(SKU)], ship_by_at=desk.now + timedelta(hours=9))
    later = make_order(session, lines=[make_line(SKU)], ship_by_at=desk.now + timedelta(hours=40))
    look_at(desk, [sooner, later])
    decide(desk, "拆单先发", cast.xiaoli, order)
    step(desk, order, cast.chenjie, Verb.APPROVE)
    rows = {row.order_id: (row.place, row.later) for row in session.scalars(
        select(WaitingLine).where(WaitingLine.sku == SKU))}  # fmt: skip
    assert rows == {order.id: (1, True), sooner.id: (1, False), later.id: (1, False)}
    plate = session.get_one(WaitingLine, (order.id, PLATE))
    assert (plate.place, plate.later) == (0, False)

    stock.add(desk, SKU, 1)
    look_at(desk, [order, sooner, later])
    assert [bool(one.lock_reason) for one in (sooner, later)] == [False, True]
    stock.add(desk, SKU, 1)
    look_at(desk, [order, sooner, later])
    assert [bool(one.lock_reason) for one in (sooner, later)] == [False, True], "the second piece is the rest's"


def test_of_two_that_leave_later_one_may_come_before_the_audit(desk: Desk, session: Session, cast: Cast) -> None:
    for sku, pieces in ((SKU, 0), ("B", 0), (PLATE, 3)):
        make_stock(session, sku, pieces)
    order = make_order(session, lines=[make_line(SKU), make_line("B"), make_line(PLATE)])
    look_at(desk, [order])
    decide(desk, "拆单先发", cast.xiaoli)
    stock.add(desk, "B", 5)

    step(desk, order, cast.chenjie, Verb.APPROVE)

    assert order.stage == "pending_pick"


def test_goods_that_are_to_leave_first_and_run_out_hold_it_up_again(
    desk: Desk, session: Session, cast: Cast, order: Order
) -> None:
    decide(desk, "拆单先发", cast.xiaoli)
    stock.count(desk, PLATE, 0)
    with pytest.raises(Refusal, match="缺货：盘子 白色（PLATE）要 1 件，只剩 0 件"):
        stages.move(desk, f"order:{order.id}", Verb.APPROVE, cast.chenjie)
    look_at(desk, [order])
    assert "PLATE" in order.lock_reason


def test_where_a_platform_takes_whole_orders_only_it_is_not_offered_and_says_what_to_do(
    desk: Desk, session: Session, cast: Cast, order: Order
) -> None:
    whole = with_plate(session, platform="pdd")
    look_at(desk, [whole])

    asked = ask(desk, "拆单先发", cast.xiaoli)

    assert asked.total == 1
    (left,) = asked.left
    assert left.why == "拼多多的订单只能整单发货：请等货到齐一起发，或和买家商量退掉缺的商品，其余照常发"
    with pytest.raises(Refusal, match="只能整单发货"):
        say(desk, f"{short_code(cases(session)[0].id)} 拆单先发 {whole.tag}", cast.xiaoli)
    order.platform = "jd"
    session.flush()
    look_at(desk, [order])
    matters.refresh(desk)
    session.expire_all()
    view = show.show(desk, f"case:{cases(session)[0].id}", cast.xiaoli)
    assert isinstance(view, CaseView)
    assert "拆单先发" not in [one.text for one in view.offers], "nobody could"
    assert any("只能整单发货" in line for line in view.lines)


def test_it_is_taken_back_within_the_minute_and_stays_where_the_order_went_on(
    desk: Desk, session: Session, cast: Cast, order: Order
) -> None:
    decide(desk, "拆单先发", cast.xiaoli)
    say(desk, "撤销", cast.xiaoli)
    assert partings(session, order) == ["", ""]
    assert "缺货" in order.lock_reason

    decide(desk, "拆单先发", cast.xiaoli)
    step(desk, order, cast.chenjie, Verb.APPROVE)
    back = say(desk, "撤销", cast.xiaoli)
    assert isinstance(back, BatchView) or "之后又审核" in str(back)
    assert (partings(session, order), order.stage) == (["later", ""], "pending_pick")


def test_waiting_after_all_joins_them_again(desk: Desk, session: Session, cast: Cast, order: Order) -> None:
    decide(desk, "拆单先发", cast.xiaoli)
    with pytest.raises(Refusal, match="已经定了拆单先发"):
        decide(desk, "拆单先发", cast.zhaojie)

    decide(desk, "等货", cast.zhaojie)

    assert partings(session, order) == ["", ""]
    assert "缺货" in order.lock_reason


def test_reading_the_order_anew_changes_nothing_of_it(desk: Desk, session: Session, cast: Cast, order: Order) -> None:
    decide(desk, "拆单先发", cast.xiaoli)
    step(desk, order, cast.chenjie, Verb.APPROVE, Verb.PICK, waybill=FIRST)

    def told(number: int, *, left: bool) -> OrderSnapshot:
        lines = (LineSnapshot("0", SKU, "4900000000001", "马克杯", 1, 6900, 6900, "红色"),
                 LineSnapshot("1", PLATE, "P-2", "盘子", 1, 6900, 6900, "白色", shipped=left))  # fmt: skip
        return OrderSnapshot(
            order.external_id, Effect.ADMIT, "部分发货", order.created_at, desk.now + timedelta(seconds=number), lines,
            13800, paid_at=order.paid_at, waybill=FIRST if left else "",
        )  # fmt: skip

    for number, left in enumerate((False, True)):
        item = Item(order.external_id, b"%d" % number, told(number, left=left))
        assert store(session, Batch(1, "taobao", "TB", [item]), desk.now).changed == [order.id]
        look_at(desk, [order])
        assert partings(session, order) == ["", "gone"]
        assert [row.sku for row in session.scalars(select(WaitingLine))] == [SKU]
        assert (order.stage, order.waybill) == ("pending_review", FIRST)


def test_the_second_parcel_has_a_number_of_its_own_and_is_not_part_of_a_pasted_list(
    desk: Desk, session: Session, cast: Cast, order: Order
) -> None:
    other = make_order(session, lines=[make_line(PLATE)], stage="pending_ship")
    decide(desk, "拆单先发", cast.xiaoli)
    step(desk, order, cast.chenjie, Verb.APPROVE, Verb.PICK)
    done = say(desk, f"发货\n{order.tag} 圆通 {FIRST}\n{other.tag} 圆通 {SECOND}", cast.laowang)
    assert isinstance(done, TextView)
    assert f"✗ {order.tag}：拆单的：请单独发货，一次发一包" in done.text
    assert f"✓ {other.tag} 已发货" in done.text

    step(desk, order, cast.chenjie, waybill=FIRST)
    stock.add(desk, SKU, 1)
    look_at(desk, [order])
    step(desk, order, cast.chenjie, Verb.APPROVE, Verb.PICK)
    with pytest.raises(Refusal, match="是先发的那一包"):
        step(desk, order, cast.chenjie, waybill=FIRST)


def test_a_platform_that_takes_the_first_parcel_for_all_is_looked_into(
    desk: Desk, session: Session, cast: Cast, order: Order
) -> None:
    decide(desk, "拆单先发", cast.xiaoli)
    step(desk, order, cast.chenjie, Verb.APPROVE, Verb.PICK, waybill=FIRST)
    session.execute(text("UPDATE orders SET effect = 'shipped' WHERE id = :id"), {"id": order.id})

    look_at(desk, [order])

    assert order.stage == "done"
    (one,) = cases(session, "shipped_on_platform")
    assert one.reason.startswith("平台显示全部已发货，这里先发了一包，其余的还没有发")


def paid_back(desk: Desk, order: Order, sku: str, refund: str = "part") -> None:
    """On the platform; then the order is looked at."""
    line = desk.session.scalars(select(OrderLine).where(OrderLine.order_id == order.id, OrderLine.sku == sku)).one()
    line.refund, order.refund = "refunded", refund
    look_at(desk, [order])


def test_an_order_of_which_the_rest_is_paid_back_has_left_with_its_first_parcel(
    desk: Desk, session: Session, cast: Cast, order: Order
) -> None:
    make_customer(session)
    decide(desk, "拆单先发", cast.xiaoli)
    step(desk, order, cast.chenjie, Verb.APPROVE, Verb.PICK, waybill=FIRST)
    left_at = desk.now
    desk.now += timedelta(hours=3)

    paid_back(desk, order, SKU)

    assert (order.stage, order.shipped_at, order.waybill) == ("done", left_at, FIRST)
    live = select(Case.kind).where(Case.order_id == order.id, Case.state.in_(("open", "claimed")))
    assert session.scalars(live).all() == []
    assert parcels_told(session, order) == [(FIRST, ["1"])], "nothing is told twice, and no second parcel"
    told = session.scalars(select(Notification).where(Notification.channel == "customer")).all()
    assert len([one for one in told if one.body["template"] == "shipped"]) == 1
    with pytest.raises(Refusal, match="现在是已完成"):
        stages.move(desk, f"order:{order.id}", Verb.APPROVE, cast.chenjie)
    moved = session.scalars(select(TrailRow.detail).where(TrailRow.action == "平台推进")).one()
    assert "剩下的商品都已退款" in moved


def test_a_second_parcel_with_nothing_in_it_is_refused(desk: Desk, session: Session, cast: Cast, order: Order) -> None:
    decide(desk, "拆单先发", cast.xiaoli)
    step(desk, order, cast.chenjie, Verb.APPROVE, Verb.PICK, waybill=FIRST)
    stock.add(desk, SKU, 1)
    look_at(desk, [order])
    step(desk, order, cast.chenjie, Verb.APPROVE, Verb.PICK)
    session.execute(text("UPDATE order_lines SET refund = 'refunded' WHERE sku = :sku"), {"sku": SKU})

    with pytest.raises(Refusal, match="先发的已发出，其余都已退款，没有要发的了"):
        step(desk, order, cast.chenjie, waybill=SECOND)
    assert len(parcels_told(session, order)) == 1


def test_of_what_was_paid_back_only_what_is_still_here_is_kept_here(desk: Desk, session: Session, cast: Cast) -> None:
    for sku, pieces in ((SKU, 0), ("LID", 0), (PLATE, 3)):
        make_stock(session, sku, pieces)
    lines = [make_line(SKU), make_line("LID", title="杯盖", spec=""), make_line(PLATE, title="盘子", spec="")]
    order = make_order(session, lines=lines, ship_by_at=desk.now + timedelta(hours=20))
    look_at(desk, [order])
    decide(desk, "拆单先发", cast.xiaoli)
    step(desk, order, cast.chenjie, Verb.APPROVE, Verb.PICK, waybill=FIRST)

    paid_back(desk, order, SKU)

    (case,) = cases(session, "refund_part")
    assert case.reason == "马克杯×1 已退款，只发 杯盖×1，赠品和快递请一并核对"


@pytest.mark.parametrize("_again", range(3))
def test_of_two_who_choose_at_once_one_wins(
    two: Two, sessions: sessionmaker[Session], settings: Settings, now: datetime, _again: int
) -> None:
    with sessions() as session:
        cast = hire_all(session)
        make_stock(session, SKU, 0)
        make_stock(session, PLATE, 9)
        order = with_plate(session)
        desk = Desk(session, now, settings)
        look_at(desk, [order])
        asked = [ask(desk, what, who) for what, who in (("拆单先发", cast.xiaoli), ("退款", cast.zhaojie))]
        order_id = order.id
        session.commit()

    def yes(batch: BatchView, actor: Actor) -> object:
        return lambda desk: pressing.press(
            desk, pressed("batch_confirm", f"batch:{batch.batch_id}", revision=batch.revision), actor
        )

    two.at_once(*(yes(one, who) for one, who in zip(asked, (cast.xiaoli, cast.zhaojie), strict=True)))  # type: ignore[arg-type]

    with sessions() as session:
        found = partings(session, session.get_one(Order, order_id))
        assert found in (["later", ""], ["refund", ""])
        said = session.scalars(select(TrailRow.action).where(TrailRow.action.like("缺货%"))).all()
        assert said == ["缺货拆单先发" if found[0] == "later" else "缺货退款"]
        live = session.scalars(select(Case.kind).where(Case.state == "open", Case.order_id == order_id)).all()
        assert set(live) == {"short_stock" if found[0] == "later" else "refund_wait"}
