"""The customer's page of an order: what it shows, who is known there, and which notices can be allowed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from config import Settings, parse
from handlers.customers import binding, hearing, visits
from handlers.desk import Desk, Refusal
from models import Customer, CustomerCredit
from tests.conftest import settings_document
from tests.factories import make_customer, make_line, make_order

OPENID = "oVisitor1"
SHIPPED = {"id": "note-shipped", "keys": {"number": "character_string1"}}
DELAYED = {"id": "note-delayed", "keys": {"number": "character_string1"}}


@pytest.fixture
def settings() -> Settings:
    document: dict[str, Any] = settings_document()
    document["weixin"] |= {"page": True, "notices": {"shipped": SHIPPED, "delayed": DELAYED}}
    return parse(document)


def scene(desk: Desk, session: Session, **changes: Any) -> str:
    one = make_order(session, external_id="2000000000000077777", lines=[make_line()], **changes)
    return binding.scene(desk, one.id)


def test_it_shows_how_the_order_stands_and_the_end_of_its_number(desk: Desk, session: Session) -> None:
    page = visits.page(desk, scene(desk, session))

    assert (page.number, page.journey.parcels) == ("7777", ())
    assert [(good.title, good.spec) for good in page.journey.goods] == [("马克杯", "红色")]
    assert (page.journey.headline, page.journey.comes) == ("已收到，正在备货", "预计 12-24 10:00 前发出")
    assert [one.template for one in page.offers] == ["note-shipped", "note-delayed"]


def test_what_has_left_offers_nothing_more(desk: Desk, session: Session) -> None:
    page = visits.page(desk, scene(desk, session, stage="done", courier="shunfeng", waybill="SF1"))
    assert [(way.courier, way.waybill) for way in page.journey.parcels] == [("顺丰速运", "SF1")]
    assert page.offers == ()


def test_no_page_no_link(desk: Desk, session: Session) -> None:
    plain = Desk(session, desk.now, parse(settings_document()))
    one = make_order(session)
    assert visits.link(plain, one.id) == ""
    assert visits.link(desk, one.id) == f"http://127.0.0.1:8780/o/{binding.scene(desk, one.id)}"


def test_a_tap_binds_that_order_alone_and_counts_once(desk: Desk, session: Session) -> None:
    here = scene(desk, session)

    for _ in range(2):
        assert "已订阅" in visits.allowed(desk, here, OPENID, ["note-delayed", "made up"])

    rows = session.scalars(select(Customer)).all()
    assert [(row.openid, row.buyer_key, row.state) for row in rows] == [
        (OPENID, "order:2000000000000077777", "unfollowed")
    ]
    credits = session.scalars(select(CustomerCredit)).all()
    assert [(one.template_id, one.remaining) for one in credits] == [("note-delayed", 1)]


def test_who_proved_to_be_the_buyer_stays_so(desk: Desk, session: Session) -> None:
    here = scene(desk, session)
    hearing.hear(desk, OPENID, "2000000000000077777 1234")

    visits.allowed(desk, here, OPENID, ["note-delayed"])

    assert [(row.buyer_key, row.state) for row in session.scalars(select(Customer))] == [("buyer-1", "following")]


def test_a_tap_is_a_wish_to_hear(desk: Desk, session: Session) -> None:
    here = scene(desk, session)
    hearing.hear(desk, OPENID, "退订")
    visits.allowed(desk, here, OPENID, ["note-delayed"])
    assert not binding.is_out(desk, "wechat_oa", OPENID)


@pytest.mark.parametrize("templates", [[], ["made up"]])
def test_nothing_allowed_is_nothing_bound(desk: Desk, session: Session, templates: list[str]) -> None:
    here = scene(desk, session)
    with pytest.raises(Refusal, match="没有同意"):
        visits.allowed(desk, here, OPENID, templates)
    assert session.scalars(select(Customer)).all() == []


def test_who_has_the_order_keeps_it(desk: Desk, session: Session) -> None:
    here = scene(desk, session)
    make_customer(session)
    with pytest.raises(Refusal, match="另一个微信"):
        visits.allowed(desk, here, OPENID, ["note-delayed"])


def test_a_pass_ends_and_cannot_be_made_up(desk: Desk, session: Session) -> None:
    given = visits.visit_pass(desk, OPENID)
    assert visits.visitor(desk, given) == OPENID
    assert visits.visitor(desk, given + "x") == visits.visitor(desk, "") == ""
    assert visits.visitor(Desk(session, desk.now + timedelta(hours=1), desk.settings), given) == ""
