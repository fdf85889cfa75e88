"""What a buyer sees of an order: its goods, its steps with their times, its parcels, what is wrong, and what comes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from handlers import stages, trail
from handlers.customers import journey, matters, state
from handlers.customers.journey import Journey, Step
from handlers.desk import SYSTEM, Desk
from handlers.kinds import kind_of
from handlers.waybill import read as read_shipment
from models import Order, Parcel, ParcelEvent
from models.stages import Verb
from tests.cast import Cast, hire_all
from tests.factories import NOW, make_case, make_line, make_order, make_stock

SF = "SF1234567890123"


def looked(desk: Desk, order: Order) -> Journey:
    return journey.of(desk, state.order(desk, order.id))


def later(desk: Desk, **after: float) -> Desk:
    return Desk(desk.session, desk.now + timedelta(**after), desk.settings)


def marks(found: Journey) -> list[tuple[str, str]]:
    return [(step.title, step.mark) for step in found.steps]


def parcel(session: Session, order: Order, waybill: str = SF, **changes: Any) -> Parcel:
    values = {"order_id": order.id, "courier": "shunfeng", "waybill": waybill, "shipped_at": NOW, **changes}
    made = Parcel(**values)
    session.add(made)
    session.flush()
    return made


def scan(session: Session, of: Parcel, minutes: int, words: str) -> None:
    session.add(ParcelEvent(parcel_id=of.id, mark=words.encode(), at=NOW + timedelta(minutes=minutes), text=words))
    session.flush()


@pytest.fixture
def cast(session: Session) -> Cast:
    return hire_all(session)


def test_each_step_that_was_taken_has_its_time(desk: Desk, session: Session, cast: Cast) -> None:
    one = make_order(session)
    stages.move(desk, f"order:{one.id}", Verb.APPROVE, cast.xiaoli)
    stages.move(later(desk, minutes=5), f"order:{one.id}", Verb.PICK, cast.laowang)

    assert looked(desk, one).steps == (
        Step("下单", "done", one.created_at),
        Step("审核", "done", NOW),
        Step("配货", "done", NOW + timedelta(minutes=5)),
        Step("发货", "now", None),
        Step("签收", "next", None),
    )


def test_a_step_that_was_taken_back_is_not_shown_as_taken(desk: Desk, session: Session, cast: Cast) -> None:
    one = make_order(session)
    moved = stages.move(desk, f"order:{one.id}", Verb.APPROVE, cast.xiaoli)
    stages.send_back(later(desk, seconds=9), f"order:{one.id}", cast.xiaoli, moved.revision)

    assert looked(desk, one).steps[1] == Step("审核", "now", None)


def test_a_step_that_was_taken_back_leaves_the_one_before_its_time(desk: Desk, session: Session, cast: Cast) -> None:
    one = make_order(session)
    stages.move(desk, f"order:{one.id}", Verb.APPROVE, cast.xiaoli)
    picked = stages.move(later(desk, minutes=5), f"order:{one.id}", Verb.PICK, cast.laowang)
    stages.send_back(later(desk, minutes=5, seconds=9), f"order:{one.id}", cast.laowang, picked.revision)

    assert looked(desk, one).steps[1:3] == (Step("审核", "done", NOW), Step("配货", "now", None))


def test_what_the_platform_took_on_by_itself_has_no_times_of_ours(desk: Desk, session: Session) -> None:
    one = make_order(session, stage="done", shipped_at=NOW)
    trail.write_order(desk, one.id, actor=SYSTEM, action="平台推进", detail={"环节": ["待审核", "已完成"]})
    found = looked(desk, one).steps
    assert [step.at for step in found[1:4]] == [None, None, NOW]
    assert all(step.mark == "done" for step in found[:4])


def test_what_was_cancelled_shows_how_far_it_had_come(desk: Desk, session: Session, cast: Cast) -> None:
    one = make_order(session)
    stages.move(desk, f"order:{one.id}", Verb.APPROVE, cast.xiaoli)
    one.stage, one.stage_entered_at = "cancelled", NOW + timedelta(hours=1)
    session.flush()
    assert marks(looked(desk, one)) == [("下单", "done"), ("审核", "done"), ("已取消", "off")]
    assert looked(desk, one).steps[-1].at == NOW + timedelta(hours=1)


def test_what_left_waits_to_arrive(desk: Desk, session: Session, cast: Cast) -> None:
    one = make_order(session, stage="pending_ship")
    stages.move(desk, f"order:{one.id}", Verb.SHIP, cast.laowang, shipment=read_shipment(f"顺丰 {SF}"))

    found = looked(desk, one)

    assert (found.headline, marks(found)[3:]) == ("已发货", [("发货", "done"), ("签收", "now")])
    assert found.steps[3].at == NOW
    assert [(way.courier, way.waybill, way.stands) for way in found.parcels] == [("顺丰速运", SF, "")]


def test_the_last_lines_of_a_parcel_are_shown_the_newest_first(desk: Desk, session: Session) -> None:
    one = make_order(session, stage="done", courier="shunfeng", waybill=SF, shipped_at=NOW)
    on_its_way = parcel(session, one, state="moving")
    for minute in range(6):
        scan(session, on_its_way, minute, f"到达第 {minute} 站")

    found = looked(desk, one)

    (way,) = found.parcels
    assert found.headline == "已发货，运输中"
    assert [line for _, line in way.lines] == ["到达第 5 站", "到达第 4 站", "到达第 3 站"]


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("已签收，签收人：王小明，感谢使用", "已签收，签收人：王**，感谢使用"),
        ("已签收,签收人是【王小明】", "已签收,签收人是【王**】"),
        ("快件已签收，签收人: 本人", "快件已签收，签收人: 本人"),
        ("签收人：前台代收", "签收人：前台代收"),
        ("派件中，电话 13800001234", "派件中，电话 138****1234"),
    ],
)
def test_nobodys_name_or_number_stands_in_a_line(desk: Desk, session: Session, said: str, shown: str) -> None:
    one = make_order(session, stage="done", courier="shunfeng", waybill=SF, shipped_at=NOW)
    scan(session, parcel(session, one, state="signed"), 1, said)
    assert looked(desk, one).parcels[0].lines[0][1] == shown


def test_all_parcels_signed_is_signed_and_one_of_two_is_not(desk: Desk, session: Session) -> None:
    one = make_order(session, stage="done", courier="shunfeng", waybill=f"{SF},SF2", shipped_at=NOW)
    parcel(session, one, state="signed", last_event_at=NOW + timedelta(hours=9))
    second = parcel(session, one, "SF2", state="moving")

    found = looked(desk, one)
    assert (found.headline, found.steps[4].mark) == ("已发出 2 个包裹，1 个已签收", "now")

    second.state, second.last_event_at = "signed", NOW + timedelta(hours=10)
    session.flush()
    found = looked(desk, one)
    assert (found.headline, found.steps[4]) == ("已签收", Step("签收", "done", NOW + timedelta(hours=10)))
    assert found.hears == ""


def test_a_number_that_was_corrected_is_not_shown(desk: Desk, session: Session) -> None:
    one = make_order(session, stage="done", courier="shunfeng", waybill="SF2", shipped_at=NOW)
    parcel(session, one, closed=True)
    parcel(session, one, "SF2", state="moving")
    assert [way.waybill for way in looked(desk, one).parcels] == ["SF2"]


def test_of_what_nobody_follows_the_number_alone_is_shown(desk: Desk, session: Session) -> None:
    one = make_order(session, stage="done", courier="shunfeng", waybill=f"{SF}, SF2", shipped_at=NOW)
    found = looked(desk, one)
    assert [(way.waybill, way.stands, way.lines) for way in found.parcels] == [(SF, "", ()), ("SF2", "", ())]


def test_the_goods_say_their_numbers_and_what_became_of_them(desk: Desk, session: Session) -> None:
    lines = [
        make_line(quantity=2), make_line("QH-TEA", title="花茶", spec="", refund="refunded"),
        make_line("QH-POT", title="茶壶", spec="白", parting="later"), make_line("QH-MAT", title="杯垫", spec=""),
    ]  # fmt: skip
    one = make_order(session, lines=lines)
    make_case(session, one, kind="short_stock", evidence={"skus": ["QH-MAT"]})

    found = [(good.title, good.spec, good.pieces, good.note) for good in looked(desk, one).goods]

    assert found == [
        ("马克杯", "红色", 2, ""), ("花茶", "", 1, "已退款"), ("茶壶", "白", 1, "到货后补发"),
        ("杯垫", "", 1, "暂时缺货"),
    ]  # fmt: skip


def test_an_order_that_waits_for_goods_says_until_when(desk: Desk, session: Session) -> None:
    one = make_order(session)
    make_stock(session, "QH-CUP-RED", 0)
    make_case(session, one, kind="short_stock", evidence={"skus": ["QH-CUP-RED"]})
    found = looked(desk, one)
    assert found.headline == "部分商品暂时缺货，正在补货"
    assert found.comes == "到货后马上发出"
    assert found.hears == "最晚 12-24 10:00 有消息：已发出，或晚发的说明"


@pytest.mark.parametrize(
    ("changes", "headline", "last", "hears"),
    [
        ({"stage": "cancelled"}, "已取消", ("已取消", "off"), ""),
        ({"stage": "cancelled", "refund": "refunded"}, "已取消，已退款", ("已取消", "off"),
         "退款请以付款平台的到账通知为准"),
        ({"refund": "refunded"}, "已退款", ("已退款", "off"), "退款请以付款平台的到账通知为准"),
        ({"refund": "asked"}, "退款处理中", ("签收", "next"), "退款办好后，付款平台会通知您"),
        ({"stage": "done", "refund": "refunded"}, "已退款", ("已退款", "off"), "退款请以付款平台的到账通知为准"),
        ({"stage": "unpaid"}, "还没有付款", ("签收", "next"), ""),
    ],
)  # fmt: skip
def test_an_end_without_goods_is_said_as_one(
    desk: Desk, session: Session, changes: dict[str, Any], headline: str, last: tuple[str, str], hears: str
) -> None:
    found = looked(desk, make_order(session, **changes))
    assert (found.headline, marks(found)[-1], found.hears) == (headline, last, hears)


def test_the_day_of_a_refund_is_the_trails(desk: Desk, session: Session) -> None:
    one = make_order(session, refund="refunded")
    trail.write_order(desk, one.id, actor=SYSTEM, action="订单变化", detail={"退款": ["asked", "refunded"]})
    assert looked(desk, one).steps[-1] == Step("已退款", "off", NOW)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("address_vague", "收件地址还不完整"),
        ("wrong_goods", "您反映的收货问题"),
        ("parcel_stuck", "正在向快递查问"),
        ("blacklist", ""),
        ("person_lock", ""),
    ],
)
def test_what_is_wrong_is_said_in_the_customers_words(desk: Desk, session: Session, kind: str, words: str) -> None:
    one = make_order(session)
    make_case(session, one, kind=kind, reason="内部的话", evidence={})
    wrong = looked(desk, one).wrong
    assert len(wrong) == (1 if words else 0)
    assert all(words in said and "内部" not in said for said in wrong)


def test_what_is_settled_is_wrong_no_more(desk: Desk, session: Session) -> None:
    one = make_order(session)
    make_case(session, one, state="solved", solved_at=NOW)
    assert looked(desk, one).wrong == ()


def test_a_broken_promise_promises_nothing_new(desk: Desk, session: Session) -> None:
    one = make_order(session, ship_by_at=NOW - timedelta(hours=1))
    found = looked(desk, one)
    assert found.comes == "比承诺的时间晚了，我们正在加急，发出后马上通知您"
    assert found.hears == ""


def test_what_is_silent_to_customers_is_silent_here_too() -> None:
    assert not set(journey.WRONG) & set(matters.SILENT)
    assert all(kind_of(kind).title for kind in journey.WRONG)
