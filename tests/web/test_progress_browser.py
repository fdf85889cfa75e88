"""The customer's page on a phone: every state fits the screen, asks for no script and loads nothing from elsewhere."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page
from sqlalchemy.orm import Session, sessionmaker

import web
import web.progress
from config import Settings
from handlers import stages
from handlers.customers import binding
from handlers.desk import OpenDesk
from handlers.waybill import read as read_shipment
from models import Order, Parcel, ParcelEvent, Stock
from models.stages import Verb
from tests.cast import Cast
from tests.factories import NOW, make_case, make_line, make_order
from tests.web.test_progress import Nobody

SHOTS = os.environ.get("HUB_SHOTS", "")
Scene = Callable[[Session], Order]
MUG, LONG = "马克杯", "青禾手作釉下彩大容量马克杯带盖带勺办公室家用情侣款礼盒装"

LINES = (
    "顺丰速运 已收取快件", "快件在【杭州萧山集散中心】完成分拣，准备发往【上海浦东集散中心】", "已签收，签收人：王小明",
)  # fmt: skip


@pytest.fixture
def site(settings: Settings, open_desk: OpenDesk, cast: Cast) -> Flask:
    app = Flask(__name__)
    app.register_blueprint(web.blueprint(settings, open_desk))
    app.register_blueprint(web.progress.blueprint(settings, open_desk, Nobody()))
    return app


@pytest.fixture
def phone(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 390, "height": 844})
    yield context.new_page()
    context.close()


def fresh(session: Session) -> Order:
    return make_order(session, lines=[make_line(title=LONG, spec="釉下彩 红色 350ml 礼盒", quantity=2)])


def waiting(session: Session) -> Order:
    lines = [make_line(), make_line("QH-POT", title="茶壶", spec="白")]
    one = make_order(session, stage="pending_pick", lines=lines)
    session.add(Stock(sku="QH-POT", on_hand=0, incoming=5, incoming_at=NOW + timedelta(days=3), updated_at=NOW))
    make_case(session, one, kind="short_stock", evidence={"skus": ["QH-POT"]})
    make_case(session, one, kind="address_vague")
    return one


def shipped(session: Session) -> Order:
    return _left(session, ["SF1234567890123"])


def two_parcels(session: Session) -> Order:
    return _left(session, ["SF1234567890123", "SF9876543210123"])


def _left(session: Session, waybills: list[str]) -> Order:
    one = make_order(
        session, stage="done", shipped_at=NOW, courier="shunfeng", waybill=",".join(waybills), stage_entered_at=NOW
    )
    for number, waybill in enumerate(waybills):
        state = "signed" if number else "moving"
        made = Parcel(order_id=one.id, courier="shunfeng", waybill=waybill, shipped_at=NOW, state=state)
        session.add(made)
        session.flush()
        for minute, words in enumerate(LINES if state == "signed" else LINES[:2]):
            at = NOW + timedelta(hours=minute)
            session.add(ParcelEvent(parcel_id=made.id, mark=words.encode(), at=at, text=words))
    return one


def refunded(session: Session) -> Order:
    return make_order(session, refund="refunded", lines=[make_line(refund="refunded")])


def cancelled(session: Session) -> Order:
    return make_order(session, stage="cancelled", stage_entered_at=NOW)


@pytest.mark.parametrize(
    ("scene", "headline"),
    [
        (fresh, "已收到，正在备货"), (waiting, "部分商品暂时缺货，正在补货"), (shipped, "已发货，运输中"),
        (two_parcels, "已发出 2 个包裹，1 个已签收"), (refunded, "已退款"), (cancelled, "已取消"),
    ],
)  # fmt: skip
def test_it_fits_a_phone_and_loads_nothing_from_elsewhere(
    phone: Page, address: str, sessions: sessionmaker[Session], open_desk: OpenDesk, scene: Scene, headline: str
) -> None:
    with sessions() as session:
        one = scene(session)
        session.commit()
        number, order_id = one.external_id, one.id
    with open_desk() as desk:
        link = f"{address}/o/{binding.scene(desk, order_id)}"
    asked: list[str] = []
    complaints: list[str] = []
    phone.on("request", lambda request: asked.append(request.url))
    phone.on("console", lambda line: complaints.append(line.text))

    phone.goto(link)

    assert phone.locator("h1").inner_text() == headline
    assert phone.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert all(url.startswith(address) for url in asked)
    assert complaints == []
    assert phone.locator("script").count() == 0
    whole = phone.content()
    assert len(whole) < 8000
    assert [told for told in (number, "王小明", "紫金花路") if told in whole] == []
    if SHOTS:
        phone.screenshot(path=str(Path(SHOTS) / f"{scene.__name__}.png"), full_page=True)


def test_the_steps_have_the_times_at_which_colleagues_took_them(
    phone: Page, address: str, sessions: sessionmaker[Session], open_desk: OpenDesk, cast: Cast
) -> None:
    with sessions() as session:
        order_id = make_order(session).id
        session.commit()
    with open_desk() as desk:
        subject = f"order:{order_id}"
        stages.move(desk, subject, Verb.APPROVE, cast.xiaoli)
        stages.move(desk, subject, Verb.PICK, cast.laowang)
        stages.move(desk, subject, Verb.SHIP, cast.laowang, shipment=read_shipment("顺丰 SF1234567890123"))
        link = f"{address}/o/{binding.scene(desk, order_id)}"

    phone.goto(link)

    steps = phone.locator(".steps li")
    assert [one.replace("\n", " ") for one in steps.all_inner_texts()] == [
        "下单 12-22 09:48", "审核 12-22 10:00", "配货 12-22 10:00", "发货 12-22 10:00", "签收",
    ]  # fmt: skip
    assert phone.locator("[aria-current=step]").inner_text() == "签收"
    assert phone.locator(".number").inner_text() == "SF1234567890123"
