"""The board as people use it: a real browser, which says where its forms come from."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from handlers.desk import OpenDesk
from tests.cast import Cast
from tests.web.conftest import link_path

TAG = "TB-20251222-001"


@pytest.fixture(params=[(1366, 768), (390, 844)], ids=["laptop", "phone"])
def page(chromium: Browser, address: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    width, height = request.param
    context = chromium.new_context(base_url=address, viewport={"width": width, "height": height})
    yield context.new_page()
    context.close()


def test_an_order_is_taken_from_review_to_shipping_by_its_buttons(page: Page, open_desk: OpenDesk, cast: Cast) -> None:
    page.goto(link_path(open_desk, cast.chenjie))
    page.get_by_role("link", name=TAG).click()
    expect(page.locator(".stage")).to_have_text("待审核")

    page.get_by_role("button", name="审核").click()
    expect(page.get_by_role("status")).to_have_text(f"陈姐：{TAG} 已到待配货")
    expect(page.locator(".stage")).to_have_text("待配货")

    page.get_by_role("button", name="配货").click()
    expect(page.locator(".stage")).to_have_text("待发货")
    page.get_by_role("link", name="看板").click()
    expect(page.locator("#pending_ship").get_by_role("link", name=TAG)).to_be_visible()


def test_a_press_beyond_the_role_is_a_plain_sentence_on_the_page(
    page: Page, open_desk: OpenDesk, cast: Cast, sessions: sessionmaker[Session]
) -> None:
    page.goto(link_path(open_desk, cast.xiaoli))
    page.get_by_role("link", name=TAG).click()
    with sessions() as session:  # the page stays open over a change of roles
        session.execute(text("UPDATE staff_roles SET role = 'warehouse' WHERE role = 'service'"))
        session.commit()

    page.get_by_role("button", name="审核").click()

    expect(page.get_by_role("status")).to_contain_text("审核由客服操作，您是仓库")
    expect(page.locator(".stage")).to_have_text("待审核")


def test_a_form_on_another_site_presses_nothing(page: Page, open_desk: OpenDesk, cast: Cast, address: str) -> None:
    page.goto(link_path(open_desk, cast.xiaoli))
    page.get_by_role("link", name=TAG).click()
    target = page.url
    form = f'<form method="post" action="{target}"><input name="action" value="approve"><button>按我</button></form>'
    page.route("http://localhost/", lambda route: route.fulfill(body=form, content_type="text/html; charset=utf-8"))
    page.goto("http://localhost/")

    with page.expect_response(target) as answer:
        page.get_by_role("button", name="按我").click()

    assert answer.value.status == 403
    page.goto(target)
    expect(page.locator(".stage")).to_have_text("待审核")


def test_nothing_spills_over_the_edge_of_the_screen(page: Page, open_desk: OpenDesk, cast: Cast) -> None:
    page.goto(link_path(open_desk, cast.chenjie))
    for path in ("/board", page.get_by_role("link", name=TAG).get_attribute("href") or "", "/nowhere", "/enter"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), path
