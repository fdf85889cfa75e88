"""Parcels on their way: followed, heard of, warned about, and made a matter of when they do not get on."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from config import Courier
from handlers import commands, due, show, stages, watch
from handlers.desk import Desk, Job
from handlers.supply import parcel_news, parcels
from handlers.views import TrailView
from handlers.waybill import read
from models import Case, Notification, Order, Parcel, ParcelEvent
from models.parcel import Tracked, TrackLine
from models.stages import Verb
from tests.cast import Cast
from tests.factories import make_order, masked, someone, typed

YT, SF = "YT1234567890123", "SF1234567890123"


@pytest.fixture
def desk(desk: Desk) -> Desk:
    """With a courier interface."""
    courier = Courier(key="k", customer="c", salt="saltsalt")
    desk.settings = desk.settings.model_copy(update={"courier": courier})
    return desk


def shipped(session: Session, desk: Desk, waybill: str = YT, **changes: Any) -> Order:
    values = {
        "stage": "done", "effect": "shipped", "waybill": waybill, "courier": "yuantong", "shipped_at": desk.now,
        "stage_entered_at": desk.now, "recheck_at": None,
    }  # fmt: skip
    order = make_order(session, **{**values, **changes})
    watch.watch(desk, [order.id])
    return order


def parcel(session: Session) -> Parcel:
    session.expire_all()
    return session.scalars(select(Parcel)).one()


def pass_time(desk: Desk, **span: float) -> None:
    desk.now += timedelta(**span)


def hear(desk: Desk, state: str, *lines: tuple[float, str], **more: Any) -> int:
    """Lines are (hours ago, text)."""
    rows = tuple(TrackLine(desk.now - timedelta(hours=ago), words) for ago, words in lines)
    return parcel_news.heard(desk, Tracked(YT, more.pop("courier", "yuantong"), state, rows, **more))


def live(session: Session) -> list[Case]:
    session.expire_all()
    return list(session.scalars(select(Case).where(Case.state.in_(("open", "claimed"))).order_by(Case.id)))


def notes(session: Session) -> list[str]:
    found = session.scalars(select(Notification).where(Notification.purpose == "text").order_by(Notification.id))
    return [one.body["text"] for one in found]


def test_what_left_is_followed_once_each_parcel_alone(desk: Desk, session: Session, cast: Cast) -> None:
    order = shipped(session, desk, f"{YT},{SF}")
    watch.watch(desk, [order.id])

    found = list(session.scalars(select(Parcel).order_by(Parcel.id)))
    assert [(one.waybill, one.subscribe_at) for one in found] == [(YT, desk.now), (SF, desk.now)]
    assert (Job.TRACK_PARCELS, ()) in desk.later


def test_shipping_in_chat_begins_it(desk: Desk, session: Session, cast: Cast) -> None:
    order = make_order(session, stage="pending_ship")
    stages.move(desk, f"order:{order.id}", Verb.SHIP, cast.laowang, shipment=read(f"圆通 {YT}"))
    assert parcel(session).courier == "yuantong"


def test_what_left_long_ago_or_without_an_interface_is_not_followed(desk: Desk, session: Session, cast: Cast) -> None:
    shipped(session, desk, shipped_at=desk.now - timedelta(days=8))
    desk.settings = desk.settings.model_copy(update={"courier": None})
    shipped(session, desk)
    assert session.scalars(select(Parcel)).all() == []


def test_a_number_that_was_replaced_is_not_followed_any_more(desk: Desk, session: Session, cast: Cast) -> None:
    order = shipped(session, desk)
    order.waybill = SF
    session.flush()
    watch.watch(desk, [order.id])
    session.expire_all()
    assert {one.waybill: one.closed for one in session.scalars(select(Parcel))} == {YT: True, SF: False}


def test_nobody_else_takes_what_is_being_asked_about(desk: Desk, session: Session, cast: Cast) -> None:
    shipped(session, desk, receiver=someone(phone="138 0000 1234"))
    (wanted,) = parcels.wanted(desk, "subscribe", 10)
    assert (wanted.waybill, wanted.courier, wanted.phone_tail) == (YT, "yuantong", "1234")
    assert parcels.wanted(desk, "subscribe", 10) == []
    parcels.subscribed(desk, wanted.parcel_id)
    assert (parcel(session).subscribed_at, parcel(session).subscribe_at) == (desk.now, None)


def test_no_more_are_taken_than_wanted_where_the_statistics_are_old(desk: Desk, session: Session, cast: Cast) -> None:
    """As on the first busy day: the planner takes the table for empty, and reads the due ones once per parcel."""
    shipped(session, desk, SF)
    session.execute(text("DELETE FROM parcels"))
    session.execute(text("ANALYZE parcels"))
    for one in range(6):
        shipped(session, desk, f"YT{one:013d}")
    assert [len(parcels.wanted(desk, "subscribe", 4)) for _ in range(3)] == [4, 2, 0]


def test_a_courier_is_asked_for_by_its_slug_however_the_platform_writes_it(
    desk: Desk, session: Session, cast: Cast
) -> None:
    shipped(session, desk, courier="圆通速递")
    assert parcels.wanted(desk, "query", 1) == []
    assert parcels.wanted(desk, "subscribe", 1)[0].courier == "yuantong"
    assert hear(desk, "collected", (0, "已揽收")) == 1


def test_the_last_digits_are_told_as_far_as_they_can_be_seen(desk: Desk, session: Session, cast: Cast) -> None:
    shipped(session, desk, receiver=masked())
    assert parcels.wanted(desk, "subscribe", 1)[0].phone_tail == "1234"


def test_a_line_is_kept_once_and_nobodys_number_with_it(desk: Desk, session: Session, cast: Cast) -> None:
    order = shipped(session, desk)
    pass_time(desk, hours=5)
    words = "【杭州】派件员王师傅 13812345678 已揽收"

    assert hear(desk, "collected", (2, words)) == 1
    hear(desk, "moving", (0, "【上海】已到达"), (2, words))

    one = parcel(session)
    assert (one.state, one.last_text) == ("moving", "【上海】已到达")
    assert one.first_scan_at == desk.now - timedelta(hours=2)
    kept = [event.text for event in session.scalars(select(ParcelEvent).order_by(ParcelEvent.at))]
    assert kept == ["【杭州】派件员王师傅 138****5678 已揽收", "【上海】已到达"]
    view = show.show_order(desk, order.id, cast.xiaoli)
    assert view.parcels == (f"圆通速递 {YT} 运输中 12-22 15:00 【上海】已到达",)
    shown = commands.run(desk, typed(f"轨迹 {order.tag}"), cast.xiaoli)
    assert isinstance(shown, TrailView)
    assert shown.parcels[1:] == ("12-22 15:00 【上海】已到达", "12-22 13:00 【杭州】派件员王师傅 138****5678 已揽收")


def test_what_the_shop_wrote_itself_is_no_scan(desk: Desk, session: Session, cast: Cast) -> None:
    shipped(session, desk)
    hear(desk, "moving", (0, "商家已发货，等待揽收"))
    assert (parcel(session).state, parcel(session).first_scan_at) == ("waiting", None)


def test_a_late_message_does_not_turn_the_clock_back(desk: Desk, session: Session, cast: Cast) -> None:
    shipped(session, desk)
    pass_time(desk, hours=10)
    hear(desk, "delivering", (1, "派件中"), (5, "已揽收"))
    hear(desk, "collected", (5, "已揽收"))
    assert (parcel(session).state, parcel(session).last_text) == ("delivering", "派件中")


def test_one_that_arrived_is_closed_and_asks_for_nothing_more(desk: Desk, session: Session, cast: Cast) -> None:
    shipped(session, desk)
    pass_time(desk, hours=30)
    hear(desk, "signed", (0, "已签收"), (20, "已揽收"), closed=True)
    due.look(desk)
    one = parcel(session)
    assert (one.closed, one.subscribe_at, one.next_query_at, one.due_at) == (True, None, None, None)
    assert hear(desk, "moving", (0, "又动了")) == 0
    assert live(session) == []


def test_nobodys_number_is_nobodys_news(desk: Desk, session: Session) -> None:
    assert hear(desk, "moving", (0, "…")) == 0


def test_of_two_couriers_with_one_number_the_right_one_is_meant(desk: Desk, session: Session, cast: Cast) -> None:
    shipped(session, desk)
    other = shipped(session, desk, courier="zhongtong")
    assert hear(desk, "collected", (0, "已揽收"), courier="zhongtong") == 1
    session.expire_all()
    scanned = session.scalars(select(Parcel.order_id).where(Parcel.first_scan_at.is_not(None))).all()
    assert scanned == [other.id]
    assert hear(desk, "collected", (0, "已揽收"), courier="yunda") == 2, "none of ours: ours was corrected"


def test_the_warehouse_is_warned_twice_and_then_it_is_a_matter(desk: Desk, session: Session, cast: Cast) -> None:
    order = shipped(session, desk)
    parcels.nothing_yet(desk, parcel(session).id)
    told = []
    for hours in (11, 1.1, 3, 5, 3):
        pass_time(desk, hours=hours)
        due.look(desk)
        told.append(len(notes(session)))
    assert told == [0, 1, 1, 2, 2]
    assert notes(session)[0].startswith("发出 12 小时还没有揽收（超过 24 小时算揽收超时），请联系网点：")
    assert order.tag in notes(session)[1]
    assert live(session) == []

    pass_time(desk, hours=1)
    due.look(desk)

    (case,) = live(session)
    assert (case.kind, case.order_id, case.role) == ("no_pickup", order.id, "warehouse")
    assert case.reason == f"圆通速递 {YT} 发出 24 小时还没有揽收记录"
    assert len(notes(session)) == 2


def test_the_first_scan_ends_the_matter(desk: Desk, session: Session, cast: Cast) -> None:
    shipped(session, desk)
    parcels.nothing_yet(desk, parcel(session).id)
    pass_time(desk, hours=25)
    due.look(desk)
    assert [case.kind for case in live(session)] == ["no_pickup"]

    hear(desk, "collected", (0, "已揽收"))
    due.look(desk)

    assert live(session) == []


def test_what_was_never_heard_of_is_unknown_and_not_late(desk: Desk, session: Session, cast: Cast) -> None:
    order = shipped(session, desk)
    parcels.refused(desk, parcel(session).id, "快递要求核对收件人手机后四位，平台没有给出或不对")
    pass_time(desk, hours=30)
    assert due.look(desk) == 1
    assert live(session) == []
    assert "后四位" in show.show_order(desk, order.id, cast.xiaoli).parcels[0]
    assert due.look(desk) == 0, "it does not come up again by itself"


def test_an_interface_that_gave_up_without_a_line_says_that_nobody_collected_it(
    desk: Desk, session: Session, cast: Cast
) -> None:
    shipped(session, desk)
    pass_time(desk, hours=73)
    due.look(desk)
    assert live(session) == [], "nothing was heard of it"
    hear(desk, "waiting", given_up="3天查询无记录")
    due.look(desk)
    assert [case.kind for case in live(session)] == ["no_pickup"]


def test_a_guess_at_the_courier_only_makes_people_look(desk: Desk, session: Session, cast: Cast) -> None:
    shipped(session, desk)
    parcels.nothing_yet(desk, parcel(session).id, ["zhongtong", "yunda"])
    pass_time(desk, hours=25)
    due.look(desk)
    assert live(session)[0].reason.endswith("单号更像中通快递、韵达快递的，请核对快递公司")
    assert parcel(session).courier == "yuantong"


WRONG = [
    ("problem", "电话无法接通", "快递报疑难"),
    ("returning", "退回寄件人", "正在退回"),
    ("refused", "拒收", "收件人拒收"),
    ("moving", "快件破损，已登记", "可能丢失或破损"),
    ("delivering", "派送不成功：家中无人", "派送没有成功"),
]


@pytest.mark.parametrize(("state", "words", "why"), WRONG)
def test_what_goes_wrong_on_the_way_is_a_matter_at_once(
    desk: Desk, session: Session, cast: Cast, state: str, words: str, why: str
) -> None:
    shipped(session, desk)
    pass_time(desk, hours=30)
    hear(desk, state, (1, words), (20, "已揽收"))
    due.look(desk)
    (case,) = live(session)
    assert (case.kind, case.role) == ("parcel_stuck", "service")
    assert why in case.reason


def test_two_days_without_a_line_are_a_matter_and_a_line_ends_it(desk: Desk, session: Session, cast: Cast) -> None:
    shipped(session, desk)
    pass_time(desk, hours=3)
    hear(desk, "collected", (0, "已揽收"))
    due.look(desk)
    pass_time(desk, hours=47)
    assert due.look(desk) == 0
    pass_time(desk, hours=2)
    due.look(desk)
    assert "起没有新轨迹" in live(session)[0].reason

    hear(desk, "moving", (0, "已到达"))
    due.look(desk)

    assert live(session) == []


def test_an_interface_that_gives_up_is_asked_again_later(desk: Desk, session: Session, cast: Cast) -> None:
    shipped(session, desk)
    parcels.subscribed(desk, parcel(session).id)
    hear(desk, "waiting", given_up="3天查询无记录")
    one = parcel(session)
    assert one.subscribed_at is None
    assert one.subscribe_at is not None
    assert one.subscribe_at - desk.now >= timedelta(minutes=30)


def test_a_failure_is_put_off_longer_each_time(desk: Desk, session: Session, cast: Cast) -> None:
    shipped(session, desk)
    pauses = []
    for _ in range(4):
        parcels.failed(desk, parcel(session).id, "subscribe")
        at = parcel(session).subscribe_at
        assert isinstance(at, datetime)
        pauses.append((at - desk.now).total_seconds() / 60)
    assert pauses == [5, 10, 20, 40]
    parcels.failed(desk, parcel(session).id, "query", 3600 * 2)
    asked_at = parcel(session).next_query_at
    assert asked_at is not None
    assert asked_at - desk.now == timedelta(hours=2)


def test_what_breaks_the_code_comes_again_and_holds_up_nobody(desk: Desk, session: Session, cast: Cast) -> None:
    order = shipped(session, desk)
    pass_time(desk, hours=13)
    found = due.what_is_due(desk)
    assert (found[0].what, found[0].id) == ("order", order.id)
    due.put_off(desk, found[0])
    assert due.what_is_due(desk) == []
    assert parcel(session).due_at == desk.now + timedelta(minutes=30)
