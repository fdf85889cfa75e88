"""What ERPs make of orders, and what people hear of ERPs that are read no more."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from config import Erp as ErpSettings
from handlers import show, trail, watch
from handlers.desk import Desk, Job
from handlers.shortage import matters as shortages
from handlers.supply import erp, erps
from handlers.supply.erp import Told
from models import Case, Erp, ErpOrder, Notification, Order, WriteBack
from tests.cast import Cast
from tests.factories import make_customer, make_line, make_order, make_shop, make_stock

SF = "SF1234567890123"


@pytest.fixture
def jst(desk: Desk) -> ErpSettings:
    settings = ErpSettings(
        slug="jst", kind="jushuitan", name="聚水潭", gateway="http://127.0.0.1:1", app_key="k", app_secret="s",
        shops={"tb": "10001"},
    )  # fmt: skip
    desk.settings = desk.settings.model_copy(update={"erp": (settings,)})
    return settings


@pytest.fixture
def order(session: Session, cast: Cast) -> Order:
    shop = make_shop(session)
    return make_order(session, shop_id=shop.id, stage="pending_pick", lines=[make_line("A", quantity=2)])


def told(desk: Desk, order: Order, state: str = "shipped", **changes: Any) -> Told:
    shipped = {"courier": "shunfeng", "waybill": SF, "shipped_at": desk.now} if state == "shipped" else {}
    values = {
        "number": "600001", "shop": "10001", "orders": (order.external_id,), "state": state, "words": "已发货",
        "modified_at": desk.now, **shipped,
    }  # fmt: skip
    return Told(**{**values, **changes})


def take(desk: Desk, jst: ErpSettings, *page: Told) -> None:
    erp.take_in(desk, jst, page)
    desk.session.expire_all()


def owed(session: Session) -> list[WriteBack]:
    return list(session.scalars(select(WriteBack)))


def kinds(session: Session) -> list[str]:
    return [case.kind for case in session.scalars(select(Case).where(Case.state == "open").order_by(Case.id))]


def test_shipped_there_is_done_here_with_its_waybill(
    desk: Desk, session: Session, jst: ErpSettings, order: Order
) -> None:
    make_stock(session, "A", 9)
    make_customer(session, shop_id=order.shop_id)

    take(desk, jst, told(desk, order))

    assert (order.stage, order.waybill, order.courier, order.shipped_at) == ("done", SF, "shunfeng", desk.now)
    assert order.recheck_at is None
    assert [entry.action for entry in trail.of_order(desk, order.id).entries] == ["ERP 发货"]
    assert trail.of_order(desk, order.id).whole
    assert owed(session) == [], "the ERP tells the platform itself"
    messages = list(session.scalars(select(Notification).where(Notification.channel == "customer")))
    assert [one.body["values"]["waybill"] for one in messages] == [SF]


def test_told_again_nothing_happens_again(desk: Desk, session: Session, jst: ErpSettings, order: Order) -> None:
    take(desk, jst, told(desk, order))
    revision = order.revision
    take(desk, jst, told(desk, order), told(desk, order))
    assert order.revision == revision
    assert len(trail.of_order(desk, order.id).entries) == 1


def test_what_the_platform_does_not_learn_in_time_the_hub_owes_it(
    desk: Desk, session: Session, jst: ErpSettings, order: Order
) -> None:
    take(desk, jst, told(desk, order))
    desk.now += timedelta(minutes=59)
    assert erp.owe_late(desk) == 0

    desk.now += timedelta(minutes=2)

    assert erp.owe_late(desk) == 1
    (row,) = owed(session)
    assert (row.kind, row.body, row.state) == ("ship", {"courier": "shunfeng", "waybill": SF}, "owed")
    assert (Job.WRITE_BACK, ()) in desk.later
    assert erp.owe_late(desk) == 0


def test_a_source_that_is_told_of_nothing_is_owed_nothing_however_late(
    desk: Desk, session: Session, jst: ErpSettings, order: Order
) -> None:
    take(desk, jst, told(desk, order))
    order.platform = "sheet"
    session.flush()
    desk.now += timedelta(hours=2)
    assert erp.owe_late(desk) == 0
    assert owed(session) == []
    assert "待回传" not in [entry.action for entry in trail.of_order(desk, order.id).entries]


def test_what_the_platform_shows_by_then_is_owed_to_nobody(
    desk: Desk, session: Session, jst: ErpSettings, order: Order
) -> None:
    take(desk, jst, told(desk, order))
    order.effect = "shipped"
    session.flush()
    desk.now += timedelta(hours=2)
    assert erp.owe_late(desk) == 0
    assert owed(session) == []


def test_a_split_order_is_done_when_its_last_part_has_left(
    desk: Desk, session: Session, jst: ErpSettings, order: Order
) -> None:
    take(desk, jst, told(desk, order, "open", words="待审核"))
    take(
        desk, jst, told(desk, order, "gone"), told(desk, order, number="1", waybill="YT1"),
        told(desk, order, "open", number="2"), told(desk, order, "cancelled", number="3"),
    )  # fmt: skip
    assert order.stage == "pending_pick"

    take(desk, jst, told(desk, order, number="2", waybill="YT2", shipped_at=desk.now + timedelta(hours=1)))

    assert (order.stage, order.waybill) == ("done", "YT1,YT2")


def test_a_merged_one_finishes_all_that_are_in_it(desk: Desk, session: Session, jst: ErpSettings, order: Order) -> None:
    other = make_order(session, shop_id=order.shop_id)
    take(desk, jst, told(desk, order, orders=(order.external_id, other.external_id)))
    assert (order.stage, other.stage) == ("done", "done")


def test_what_it_says_of_an_order_is_shown(desk: Desk, session: Session, jst: ErpSettings, order: Order) -> None:
    take(desk, jst, told(desk, order, "question", words="异常：地址不详"))
    assert show.show_order(desk, order.id, None).erp == "聚水潭 异常：地址不详"
    assert order.stage == "pending_pick"


def test_an_older_word_does_not_undo_a_later_one(desk: Desk, session: Session, jst: ErpSettings, order: Order) -> None:
    take(desk, jst, told(desk, order, "cancelled", words="已取消"))
    take(desk, jst, told(desk, order, "open", words="待审核", modified_at=desk.now - timedelta(hours=1)))
    assert session.scalars(select(ErpOrder.words)).all() == ["已取消"]


def test_shipped_there_though_cancelled_here_is_for_people_at_once(
    desk: Desk, session: Session, jst: ErpSettings, order: Order
) -> None:
    order.stage = order.effect = "cancelled"
    session.flush()
    take(desk, jst, told(desk, order))
    assert order.stage == "cancelled"
    assert kinds(session) == ["erp_conflict"]
    assert "请马上拦截" in session.scalars(select(Case.reason)).one()


def test_another_number_than_the_platforms_is_for_people_the_same_one_is_not(
    desk: Desk, session: Session, jst: ErpSettings, order: Order
) -> None:
    order.stage, order.effect, order.waybill = "done", "shipped", SF.lower()
    session.flush()
    take(desk, jst, told(desk, order))
    assert kinds(session) == []
    take(desk, jst, told(desk, order, waybill="YT1234567890123"))
    assert kinds(session) == ["erp_conflict"]


def test_another_shops_order_of_the_same_number_is_not_meant(
    desk: Desk, session: Session, jst: ErpSettings, order: Order
) -> None:
    stranger = make_order(session, shop_id=order.shop_id + 1, external_id=order.external_id)
    take(desk, jst, told(desk, order, shop="10002"))
    assert (order.stage, stranger.stage) == ("pending_pick", "pending_review")
    take(desk, jst, told(desk, order))
    assert (order.stage, stranger.stage) == ("done", "pending_review")


def test_without_a_list_of_shops_the_number_alone_decides(
    desk: Desk, session: Session, jst: ErpSettings, order: Order
) -> None:
    take(desk, jst.model_copy(update={"shops": {}}), told(desk, order, shop="77"))
    assert order.stage == "done"


def test_cases_of_the_way_there_end(desk: Desk, session: Session, jst: ErpSettings, order: Order) -> None:
    order.district = ""
    make_stock(session, "A", 0)
    watch.watch(desk, [order.id])
    assert set(kinds(session)) == {"address_vague", "short_stock", "shortage"}
    take(desk, jst, told(desk, order))
    assert kinds(session) == ["shortage"]
    shortages.refresh(desk)
    assert kinds(session) == []
    assert order.lock_reason == ""


def test_people_hear_once_of_an_erp_that_stops_and_when_it_is_back(
    desk: Desk, session: Session, jst: ErpSettings, cast: Cast
) -> None:
    session.add(Erp(slug="jst", state="stopped", problem="授权过期", read_at=desk.now))
    session.flush()
    erps.stopped(desk, "jst")
    erps.stopped(desk, "jst")
    (case,) = session.scalars(select(Case))
    assert (case.kind, case.reason) == ("erp_stopped", "聚水潭已停止读取：授权过期")

    assert erps.resume(desk, "jst")
    assert not erps.resume(desk, "moon")
    erps.resumed(desk, "jst")

    session.expire_all()
    assert session.scalars(select(Case.state)).one() == "solved"
    assert (Job.READ_ERP, ("jst",)) in desk.later


def test_a_short_silence_is_nobodys_matter_a_long_one_is(
    desk: Desk, session: Session, jst: ErpSettings, cast: Cast
) -> None:
    erps.unread(desk, "jst")
    session.add(Erp(slug="jst", problem="网络不通", read_at=desk.now))
    session.flush()
    desk.now += timedelta(minutes=29)
    erps.unread(desk, "jst")
    assert kinds(session) == []
    desk.now += timedelta(minutes=2)
    erps.unread(desk, "jst")
    erps.unread(desk, "jst")
    assert kinds(session) == ["erp_stopped"]
    assert "已 31 分钟读不到：网络不通" in session.scalars(select(Case.reason)).one()
