"""A customer opens his order's page inside WeChat, allows notices there without following, and is told by one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from sqlalchemy import select, update

from handlers.customers import visits
from models import Customer, CustomerCredit, Order
from sandbox.weixin_customers import customers_of
from sandbox.weixin_pages import Pages, pages_of
from tests.flows.chats import shown as shows
from tests.flows.house import CUSTOMER, Ground, House, open_house
from tests.flows.test_customers import NOTICES, TEMPLATES, after_gathering, heard, told
from tests.sandbox.phones_page import FLAGS
from workers import customers as worker

WECHAT = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605 Mobile MicroMessenger/8.0.50"
WECOM = f"{WECHAT} wxwork/4.1.30"


@pytest.fixture
def house(ground: Ground) -> Iterator[House]:
    account: dict[str, Any] = {
        "qr_gateway": "{sandbox}/weixin", "templates": TEMPLATES, "notices": NOTICES, "page": True,
        "oauth_gateway": "{sandbox}/weixin", "jsapi": "{sandbox}/weixin/jweixin-1.6.0.js",
    }  # fmt: skip
    with open_house(ground, weixin=account) as opened:
        yield opened


@pytest.fixture
def wechat(house: House) -> Pages:
    return pages_of(house.state)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS.split())
        yield opened
        opened.close()


@pytest.fixture
def phone(chromium: Browser) -> Iterator[BrowserContext]:
    context = chromium.new_context(viewport={"width": 360, "height": 740}, user_agent=WECHAT)
    yield context
    context.close()


def arrived(house: House, *, and_bound: bool = False) -> Order:
    made = house.order_in("taobao", buyer="hero")
    house.pull("taobao")
    if and_bound:
        house.bind(made)
    return house.order(made.id)


def link(house: House, order: Order) -> str:
    with house.hub.open_desk() as desk:
        return visits.link(desk, order.id)


def credits(house: House) -> dict[tuple[str, str], int]:
    with house.hub.sessions() as session:
        return {(one.openid, one.template_id): one.remaining for one in session.scalars(select(CustomerCredit))}


def bound(house: House) -> list[tuple[str, str, str]]:
    with house.hub.sessions() as session:
        return [(one.openid, one.buyer_key, one.state) for one in session.scalars(select(Customer))]


def subscribe(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_role("button", name="通知我").click()


def late(house: House, order: Order) -> None:
    with house.hub.sessions() as session:
        past = house.hub.now() - timedelta(minutes=1)
        session.execute(update(Order).where(Order.id == order.id).values(ship_by_at=past))
        session.commit()
    house.look()
    after_gathering(house)


def test_who_need_not_follow_allows_a_notice_and_gets_it(house: House, wechat: Pages, phone: BrowserContext) -> None:
    order = arrived(house)
    customers_of(house.state).weixin.left.add(CUSTOMER)
    page = phone.new_page()

    subscribe(page, link(house, order))

    expect(page.get_by_role("status")).to_have_text("已订阅，有进展会在微信的「服务通知」里告诉您")
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    house.phones.chat.settle()
    assert bound(house) == [(CUSTOMER, f"order:{order.external_id}", "unfollowed")]
    assert credits(house) == {(CUSTOMER, "note-delayed-0001"): 1}, "what was pushed and what the page saw is one tap"
    assert "客户绑定" in house.actions(order)
    late(house, order)
    assert "延期提醒" in heard(house)[-1]
    assert told(house, order) == ["延期：已由订阅通知发出"]
    assert credits(house) == {(CUSTOMER, "note-delayed-0001"): 0}


def test_a_tap_that_the_platform_does_not_push_counts_all_the_same(
    house: House, wechat: Pages, phone: BrowserContext
) -> None:
    order = arrived(house)
    wechat._pushed.add(CUSTOMER)
    page = phone.new_page()

    subscribe(page, link(house, order))

    expect(page.get_by_role("status")).to_contain_text("已订阅")
    assert credits(house) == {(CUSTOMER, "note-delayed-0001"): 1}


def test_who_refuses_is_bound_to_nothing(house: House, wechat: Pages, phone: BrowserContext) -> None:
    order = arrived(house)
    wechat.answer = "reject"
    page = phone.new_page()

    subscribe(page, link(house, order))

    expect(page.get_by_role("status")).to_contain_text("您没有同意接收通知")
    assert (bound(house), credits(house)) == ([], {})


def test_it_takes_nobodys_notices_away(house: House, wechat: Pages, phone: BrowserContext) -> None:
    order = arrived(house, and_bound=True)
    wechat.who = "oSomebodyElse"
    page = phone.new_page()

    subscribe(page, link(house, order))

    expect(page.get_by_role("status")).to_contain_text("已由另一个微信登记")
    assert [openid for openid, *_ in bound(house)] == [CUSTOMER]


def test_what_comes_by_another_site_or_from_nobody_allows_nothing(house: House, wechat: Pages) -> None:
    order = arrived(house)
    address = f"{link(house, order)}/allowed"
    sent = {"templates": {"note-delayed-0001": "accept"}}
    assert requests.post(address, json=sent, headers={"Sec-Fetch-Site": "cross-site"}, timeout=5).status_code == 403
    assert requests.post(address, json=sent, timeout=5).status_code == 401
    forged = {"hub_customer": "WyJvWCIsOTk5OTk5OTk5OTld.bad"}
    assert requests.post(address, json=sent, cookies=forged, timeout=5).status_code == 401
    assert bound(house) == []


def test_a_code_that_comes_back_to_another_browser_is_worth_nothing(house: House, wechat: Pages) -> None:
    order, code = arrived(house), wechat.issue()
    answer = requests.get(
        link(house, order), params={"code": code, "state": "made up"}, headers={"User-Agent": WECHAT}, timeout=5,
        allow_redirects=False,
    )  # fmt: skip
    assert answer.headers["Location"].endswith("?seen=1")
    assert "hub_customer" not in answer.cookies
    assert wechat.redeem(code) == CUSTOMER, "it was not even asked for"


@pytest.mark.parametrize("agent", ["Mozilla/5.0 (X11) Chrome/140", WECOM])
def test_outside_of_wechat_it_shows_the_order_and_no_button(house: House, agent: str) -> None:
    order = arrived(house)
    answer = requests.get(link(house, order), headers={"User-Agent": agent}, timeout=5)
    assert answer.status_code == 200
    assert "正在备货" in answer.text
    assert "用微信打开这一页" in answer.text
    assert "wx-open-subscribe" not in answer.text
    assert order.external_id not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


def test_where_wechat_does_not_say_who_it_is_the_order_is_shown(house: House, wechat: Pages) -> None:
    order = arrived(house)
    with requests.Session() as visit:
        visit.headers["User-Agent"] = WECHAT
        asked = visit.get(link(house, order), timeout=5, allow_redirects=False)
        state = parse_qs(urlsplit(asked.headers["Location"]).query)["state"][0]
        shown = visit.get(link(house, order), params={"code": "spent", "state": state}, timeout=5)
    assert shown.status_code == 200
    assert "正在备货" in shown.text
    assert "wx-open-subscribe" not in shown.text
    with requests.Session() as no_cookies:
        no_cookies.headers["User-Agent"] = WECHAT
        shown = no_cookies.get(f"{link(house, order)}?seen=1", timeout=5, allow_redirects=False)
    assert shown.status_code == 200


@pytest.mark.parametrize("scene", ["o.1.0123456789abcdef", "o.1", "x"])
def test_a_made_up_link_finds_nothing(house: House, scene: str) -> None:
    arrived(house)
    assert requests.get(f"{house.url}/o/{scene}", timeout=5).status_code == 404


def test_an_old_link_finds_nothing(house: House) -> None:
    order = arrived(house)
    address = link(house, order)
    house.move(days=181)
    answer = requests.get(address, timeout=5)
    assert answer.status_code == 404
    assert "没有找到这个订单" in answer.text


def test_service_gets_the_link_with_the_code_and_notices_open_the_page(house: House) -> None:
    order = arrived(house, and_bound=True)
    house.ask("xiaoli", f"绑定码 {order.tag}")
    staff_id = next(row.actor_id for row in house.trail(order) if row.action == "生成绑定码")
    assert staff_id is not None
    worker.bind_code_now(house.hub, order.id, staff_id)
    house.work()
    assert any(link(house, order) in shows(one) for one in house.chat("app:xiaoli"))

    late(house, order)
    (notice,) = [one for one in house.chat(f"oa:{CUSTOMER}") if one.kind == "template"]
    assert notice.body["url"] == link(house, order)
    assert re.fullmatch(r"http://[^/]+/o/o\.[0-9a-f]+\.[0-9a-f]{16}", notice.body["url"])
