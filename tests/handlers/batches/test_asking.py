"""What is asked before many orders are changed, and what is not asked."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from handlers.batches import choose
from handlers.batches.view import BatchView
from handlers.desk import Desk, Refusal
from handlers.views import OrderView, TextView
from models import Batch, BatchOrder, Order, TrailRow
from tests.cast import Cast
from tests.factories import make_case, make_line, make_order
from tests.handlers.batches.conftest import asked, press, say

pytestmark = pytest.mark.usefixtures("shops")


def stages(session: Session) -> dict[str, str]:
    return {row.tag: row.stage for row in session.scalars(select(Order))}


def test_all_are_counted_asked_once_and_done(desk: Desk, session: Session, cast: Cast) -> None:
    orders = [make_order(session, stage_entered_at=desk.now - timedelta(hours=number)) for number in range(1, 5)]

    view = asked(desk, "审核 全部", cast.xiaoli)

    assert (view.state, view.title, view.total, view.fen) == ("asked", "审核", 4, 4 * 13800)
    assert (view.oldest, view.oldest_at) == (orders[3].tag, orders[3].stage_entered_at)
    assert [offer.text for offer in view.offers] == ["确认", "取消"]
    assert set(stages(session).values()) == {"pending_review"}, "a question changes nothing"

    view = press(desk, view, "confirm", cast.xiaoli)

    assert (view.state, view.done, view.note) == ("done", 4, "小李已确认")
    assert set(stages(session).values()) == {"pending_pick"}
    rows = session.scalars(select(TrailRow)).all()
    assert [(row.actor, row.action) for row in rows] == [("小李", "审核")] * 4
    assert all(f'"批次":"{view.code}"' in row.detail for row in rows), "each has a row of its own"


def test_what_cannot_move_on_is_left_out_and_said(desk: Desk, session: Session, cast: Cast) -> None:
    clean = [make_order(session) for _ in range(3)]
    make_order(session, lock_reason="缺货：QH-CUP-RED 差 2 件")
    make_order(session, lock_reason="缺货：QH-CUP-BLU 差 1 件")
    make_order(session, refund="asked")
    make_order(session, hold="平台风控审核中")
    make_case(session, make_order(session), kind="unmerged", blocks=False)
    make_case(session, clean[0], kind="stale_stage", blocks=False)

    view = asked(desk, "审核 全部", cast.xiaoli)

    assert view.total == 3
    assert {one.why: one.orders for one in view.left} == {
        "已锁定": 2, "买家申请退款": 1, "平台暂不允许发货": 1, "有异常没处理": 1,
    }  # fmt: skip
    assert view.left[0].why == "已锁定"
    assert len(view.left[0].tags) == 2


def test_a_named_order_may_go_on_with_an_open_exception_that_forbids_nothing(
    desk: Desk, session: Session, cast: Cast
) -> None:
    orders = [make_order(session) for _ in range(3)]
    make_case(session, orders[0], kind="unmerged", blocks=False)

    view = asked(desk, "审核 " + " ".join(order.tag for order in orders), cast.xiaoli)

    assert (view.total, view.left, view.scope) == (3, (), "点名 3 单")


def test_one_or_two_that_are_named_are_done_at_once(desk: Desk, session: Session, cast: Cast) -> None:
    one, two, three = (make_order(session) for _ in range(3))

    view = say(desk, f"审核 {one.tag}", cast.xiaoli)
    assert isinstance(view, OrderView)
    view = say(desk, f"审核 {two.tag} {three.tag}", cast.xiaoli)
    assert isinstance(view, TextView)
    assert view.text.split("\n")[:3] == [
        "审核：办成 2 单", f"✓ {two.tag} 已到待配货", f"✓ {three.tag} 已到待配货",
    ]  # fmt: skip
    assert set(stages(session).values()) == {"pending_pick"}


def test_of_two_the_one_that_cannot_is_said_with_its_reason(desk: Desk, session: Session, cast: Cast) -> None:
    good, locked = make_order(session), make_order(session, lock_reason="缺货：差 1 件")

    view = say(desk, f"审核 {good.tag} {locked.tag}", cast.xiaoli)

    assert isinstance(view, TextView)
    assert view.text.split("\n")[:3] == [
        "审核：办成 1 单，1 单没有办成", f"✓ {good.tag} 已到待配货", f"✗ {locked.tag}：已锁定：缺货：差 1 件",
    ]  # fmt: skip


def test_a_shop_by_prefix_or_by_what_people_call_it(desk: Desk, session: Session, cast: Cast) -> None:
    for _ in range(3):
        make_order(session, shop_id=2, platform="jd")
    make_order(session)

    for words in ("审核 京东", "审核 JD", "审核 全部京东"):
        assert asked(desk, words, cast.xiaoli).total == 3, words
    assert asked(desk, "审核 淘宝 京东", cast.xiaoli).total == 4
    with pytest.raises(Refusal, match="没有店铺「XX」，可以写：TB（青禾淘宝店）、JD（青禾京东店）"):
        say(desk, "审核 XX", cast.xiaoli)
    with pytest.raises(Refusal, match="没有可以审核的单"):
        say(desk, "审核 拼多多", cast.xiaoli)


def test_a_range_is_of_the_latest_day_that_has_it(desk: Desk, session: Session, cast: Cast) -> None:
    for number in range(1, 6):
        make_order(session, tag=f"JD-20251221-{number:03d}", shop_id=2)
        make_order(session, tag=f"TB-20251222-{number:03d}")

    view = asked(desk, "审核 JD 002-020", cast.xiaoli)

    assert view.tags == tuple(f"JD-20251221-{number:03d}" for number in range(2, 6))
    assert (view.left[0].why, view.left[0].orders) == ("没有这个编号", 15)
    assert asked(desk, "审核 001-003", cast.xiaoli).tags[0] == "TB-20251222-001"
    assert asked(desk, "审核 JD-20251221-001-003", cast.xiaoli).total == 3


def test_a_range_that_two_shops_have_is_not_guessed(desk: Desk, session: Session, cast: Cast) -> None:
    for number in range(1, 4):
        make_order(session, tag=f"JD-20251222-{number:03d}", shop_id=2)
        make_order(session, tag=f"TB-20251222-{number:03d}")

    with pytest.raises(Refusal, match="JD、TB 都有 001-003，请写前缀，例如：JD 001-003"):
        say(desk, "审核 001-003", cast.xiaoli)
    with pytest.raises(Refusal, match="没有找到编号 JD 501-520 的订单"):
        say(desk, "审核 JD 501-520", cast.xiaoli)


def test_pasted_platform_numbers_are_found_in_one_go(desk: Desk, session: Session, cast: Cast) -> None:
    orders = [make_order(session) for _ in range(30)]
    pasted = "\n".join(order.external_id for order in orders) + "\n99999999999999999999"

    view = asked(desk, f"审核\n{pasted}", cast.xiaoli)

    assert view.total == 30
    assert [(one.why, one.tags) for one in view.left] == [("没有找到", ("99999999999999999999",))]


def test_the_same_order_named_twice_is_one(desk: Desk, session: Session, cast: Cast) -> None:
    orders = [make_order(session) for _ in range(3)]
    names = [order.tag for order in orders] + [orders[0].tag, orders[1].external_id]

    assert asked(desk, "审核 " + " ".join(names), cast.xiaoli).total == 3


def test_nothing_that_can_be_done_is_said_with_why(desk: Desk, session: Session, cast: Cast) -> None:
    for _ in range(3):
        make_order(session, refund="asked")

    with pytest.raises(Refusal, match="没有可以审核的单：买家申请退款 3 单"):
        say(desk, "审核 全部", cast.xiaoli)
    assert session.scalars(select(Batch)).all() == []


def test_of_more_than_five_hundred_the_most_pressing_are_done_first(desk: Desk, session: Session, cast: Cast) -> None:
    for number in range(501):
        make_order(session, ship_by_at=desk.now + timedelta(hours=600 - number))
    for _ in range(2):
        make_order(session, ship_by_at=None)

    view = asked(desk, "审核 全部", cast.xiaoli)
    assert view.total == 500
    ((why, orders, tags),) = [(one.why, one.orders, one.tags) for one in view.left]
    assert (why, orders) == ("一次最多 500 单，先办发货期限最近的，办完再发一次", 3)
    assert tags[0] == session.scalars(select(Order.tag).order_by(Order.id)).first()
    with pytest.raises(Refusal, match="一次最多 500 个"):
        say(desk, "审核 TB 1-600", cast.xiaoli)


def test_more_than_are_looked_at_are_not_passed_over_in_silence(
    desk: Desk, session: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choose, "_LOOKED_AT", 3)
    for _ in range(4):
        make_order(session)

    view = asked(desk, "审核 全部", cast.xiaoli)
    assert (view.total, view.scope) == (3, "全部（停留最久的 3 单，办完再发一次）")


def test_words_behind_the_numbers_are_not_guessed_at(desk: Desk, session: Session, cast: Cast) -> None:
    make_order(session)

    with pytest.raises(Refusal, match="「通过」看不懂，审核后面只写编号"):
        say(desk, "审核 全部 通过", cast.xiaoli)
    with pytest.raises(Refusal, match=r"请写上订单编号.*审核 全部"):
        say(desk, "审核", cast.xiaoli)


@pytest.mark.parametrize("line", ["审核 全部待审核的单", "审核全部的待审核订单", "审核所有的待审核"])
def test_the_stage_that_the_step_is_for_may_be_said(desk: Desk, session: Session, cast: Cast, line: str) -> None:
    make_order(session)

    assert asked(desk, line, cast.xiaoli).total == 1
    with pytest.raises(Refusal, match="「待发货」看不懂"):
        say(desk, "审核 全部待发货", cast.xiaoli)


@pytest.mark.parametrize("line", ["审核 TB 020-001", "审核 020 到 001", "审核 TB-20251222-020~001"])
def test_a_range_from_large_to_small_is_told_how(desk: Desk, cast: Cast, line: str) -> None:
    with pytest.raises(Refusal, match="范围请从小的写到大的"):
        say(desk, line, cast.xiaoli)


def test_a_bare_number_behind_a_range_is_of_the_same_shop(desk: Desk, session: Session, cast: Cast) -> None:
    for number in (1, 2, 6):
        make_order(session, tag=f"TB-20251222-{number:03d}")
        make_order(session, tag=f"JD-20251222-{number:03d}", shop_id=2, platform="jd")

    assert asked(desk, "审核 JD 001-002、006", cast.xiaoli).tags == (
        "JD-20251222-001", "JD-20251222-002", "JD-20251222-006",
    )  # fmt: skip


def test_only_whom_the_step_belongs_to_is_asked_and_may_say_yes(desk: Desk, session: Session, cast: Cast) -> None:
    for _ in range(3):
        make_order(session)

    with pytest.raises(Refusal, match="审核由客服操作，您是仓库；可以请小李处理"):
        say(desk, "审核 全部", cast.laowang)
    view = asked(desk, "审核 全部", cast.xiaoli)
    with pytest.raises(Refusal, match="审核由客服操作，您是仓库"):
        press(desk, view, "confirm", cast.laowang)
    with pytest.raises(Refusal, match="审核由客服操作，您是采购"):
        press(desk, view, "cancel", cast.zhaojie)
    assert press(desk, view, "confirm", cast.chenjie).done == 3


def test_each_order_is_shown_with_its_goods_its_money_and_until_when(desk: Desk, session: Session, cast: Cast) -> None:
    orders = [
        make_order(session, ship_by_at=desk.now + timedelta(hours=5), lines=[make_line(quantity=2)]) for _ in range(3)
    ]

    view = asked(desk, "审核 全部", cast.xiaoli)

    first = next(row for row in view.rows if row.tag == orders[0].tag)
    assert (first.goods, first.paid_fen, first.ship_by_at) == ("马克杯 红色 ×2", 13800, orders[0].ship_by_at)
    assert [row.tag for row in view.rows] == list(view.tags)


def test_few_can_be_ticked_one_by_one(desk: Desk, session: Session, cast: Cast) -> None:
    orders = [make_order(session) for _ in range(4)]
    view = asked(desk, "审核 全部", cast.xiaoli)
    assert view.ticks is not None
    assert [tag for _, tag in view.ticks.options] == [order.tag.replace("-20251222-", "-") for order in orders]
    assert len(view.ticks.ticked) == 4

    done = press(desk, view, "confirm", cast.xiaoli, orders=str(orders[1].id))

    assert (done.done, len(done.named), done.named[0]) == (1, 3, (orders[0].tag, "没有勾选"))
    assert orders[1].stage == "pending_pick"
    assert orders[0].stage == "pending_review"


def test_of_many_no_boxes_are_drawn(desk: Desk, session: Session, cast: Cast) -> None:
    for _ in range(21):
        make_order(session)

    view = asked(desk, "审核 全部", cast.xiaoli)

    assert view.ticks is None
    assert len(view.tags) == 8


def test_cancelled_it_changes_nothing_and_cannot_be_confirmed(desk: Desk, session: Session, cast: Cast) -> None:
    for _ in range(3):
        make_order(session)
    view = asked(desk, "审核 全部", cast.xiaoli)

    over = press(desk, view, "cancel", cast.xiaoli)
    assert (over.state, over.offers, over.note) == ("cancelled", (), "小李已取消")
    late = press(desk, view, "confirm", cast.chenjie)

    assert (late.state, late.note) == ("cancelled", "已由小李取消了")
    assert set(stages(session).values()) == {"pending_review"}


def test_a_question_of_ten_minutes_ago_is_asked_anew(desk: Desk, session: Session, cast: Cast) -> None:
    for _ in range(3):
        make_order(session)
    view = asked(desk, "审核 全部", cast.xiaoli)
    desk.now += timedelta(minutes=10)

    late = press(desk, view, "confirm", cast.xiaoli)

    assert (late.state, late.offers) == ("expired", ())
    assert (late.named, late.unnamed) == ((), 0), "nothing became of any of them"
    assert "超过 10 分钟，什么都没有动" in late.note
    assert set(stages(session).values()) == {"pending_review"}


def test_a_repeated_press_does_nothing_twice(desk: Desk, session: Session, cast: Cast) -> None:
    for _ in range(3):
        make_order(session)
    view = asked(desk, "审核 全部", cast.xiaoli)

    press(desk, view, "confirm", cast.xiaoli)
    again = press(desk, view, "confirm", cast.xiaoli)

    assert (again.state, again.note) == ("done", "已由小李处理完了")
    assert session.scalar(select(func.count(TrailRow.id))) == 3


def test_it_can_be_typed_by_its_number(desk: Desk, session: Session, cast: Cast) -> None:
    for _ in range(3):
        make_order(session)
    view = asked(desk, "审核 全部", cast.xiaoli, is_group=True)

    shown = say(desk, view.code, cast.xiaoli)
    assert isinstance(shown, BatchView)
    assert shown.state == "asked"
    done = say(desk, f"{view.code} 确认", cast.xiaoli)
    assert isinstance(done, BatchView)
    assert (done.state, done.done) == ("done", 3)
    back = say(desk, f"{view.code}撤销", cast.xiaoli)
    assert isinstance(back, BatchView)
    assert (back.state, back.undone) == ("undone", 3)
    with pytest.raises(Refusal, match="没有批99999"):
        say(desk, "批99999 确认", cast.xiaoli)
    with pytest.raises(Refusal, match="「随便」看不懂"):
        say(desk, f"{view.code} 随便", cast.xiaoli)
    with pytest.raises(Refusal, match="请写批次号"):
        say(desk, "批量", cast.xiaoli)


def test_the_goods_that_are_to_leave_later_are_not_picked_by_all(desk: Desk, session: Session, cast: Cast) -> None:
    later = desk.now + timedelta(days=3)
    orders = [make_order(session, stage="pending_pick") for _ in range(3)]
    held = make_order(session, stage="pending_pick", not_before_at=later)

    view = asked(desk, "配货 全部", cast.laowang)
    assert (view.total, [one.tags for one in view.left]) == (3, [(held.tag,)])
    named = asked(desk, "配货 " + " ".join(order.tag for order in [*orders, held]), cast.laowang)
    assert named.total == 4


def test_where_it_was_asked_is_where_its_result_goes(desk: Desk, session: Session, cast: Cast) -> None:
    for _ in range(3):
        make_order(session)

    asked(desk, "审核 全部", cast.xiaoli, is_group=True)
    asked(desk, "审核 全部", cast.xiaoli)

    assert session.scalars(select(Batch.place).order_by(Batch.id)).all() == ["group", "staff"]
    assert session.scalar(select(func.count()).select_from(BatchOrder)) == 6
