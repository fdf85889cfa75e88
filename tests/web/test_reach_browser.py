"""The board in a hand and in weak light: what is pressed is as high as a thumb, what is read stands out."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from handlers.desk import OpenDesk
from tests.cast import Cast
from tests.web.conftest import link_path

THUMB = 44  # pixels
READABLE = 4.5  # contrast of a text to what lies under it

_SMALL = """least => [...document.querySelectorAll(
  "a[href], button, summary, select, textarea, input:not([type=hidden])")]
  .filter(one => one.checkVisibility() && !["checkbox", "file"].includes(one.type))
  .filter(one => one.getBoundingClientRect().height < least - 0.01)
  .map(one => `${one.tagName} ${one.textContent.trim() || one.name} ${one.getBoundingClientRect().height}`)"""
_PALE = """least => {
  const numbers = words => words.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(part => part / 255)
    .map(part => part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    .reduce((sum, part, place) => sum + part * [0.2126, 0.7152, 0.0722][place], 0);
  const ground = one => {
    for (; one; one = one.parentElement) {
      const under = numbers(getComputedStyle(one).backgroundColor);
      if (under.length === 3 || under[3] > 0) return under;
    }
    return [255, 255, 255];
  };
  const spoken = one => [...one.childNodes].some(node => node.nodeType === 3 && node.textContent.trim());
  return [...document.body.querySelectorAll("*")]
    .filter(one => one.checkVisibility() && !["SCRIPT", "TEMPLATE", "OPTION"].includes(one.tagName) && spoken(one))
    .map(one => {
      const [dark, pale] = [light(numbers(getComputedStyle(one).color)), light(ground(one))].sort((a, b) => a - b);
      return [one, (pale + 0.05) / (dark + 0.05)];
    })
    .filter(([, ratio]) => ratio < least)
    .map(([one, ratio]) => `${one.tagName} ${one.textContent.trim().slice(0, 30)} ${ratio.toFixed(2)}`);
}"""


@pytest.fixture(params=[(1280, 800), (360, 740)], ids=["laptop", "phone"])
def page(
    chromium: Browser, address: str, open_desk: OpenDesk, cast: Cast, request: pytest.FixtureRequest
) -> Iterator[Page]:
    """陈姐 at the board."""
    width, height = request.param
    context = chromium.new_context(base_url=address, viewport={"width": width, "height": height})
    opened = context.new_page()
    opened.goto(link_path(open_desk, cast.chenjie))
    yield opened
    context.close()


def test_everything_is_high_enough_for_a_thumb_and_dark_enough_to_read(page: Page) -> None:
    page.goto("/rules/new")
    page.get_by_role("button", name="直接写").click()
    page.get_by_label("条件", exact=True).fill("金额 > 1000")
    page.get_by_label("标题").fill("大额")
    page.get_by_role("button", name="存为草稿").click()
    page.get_by_role("button", name="启用").click()
    expect(page.locator("h1 .state")).to_have_text("启用")
    rule = page.url
    paths = ("/board", "/import", "/notices", "/notices/shipped", "/rules", "/rules/new", "/orders/999999", rule)
    for path in (*paths, f"{rule}/edit"):
        page.goto(path)
        page.wait_for_load_state("networkidle")
        assert page.evaluate(_SMALL, THUMB) == [], path
        assert page.evaluate(_PALE, READABLE) == [], path
    page.goto("/board")
    page.locator(".card").first.click()
    assert page.evaluate(_SMALL, THUMB) == []
    assert page.evaluate(_PALE, READABLE) == []


def test_nothing_of_the_board_spills_over_the_edge(page: Page) -> None:
    for path in ("/board", "/import", "/notices", "/notices/shipped"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), path
        bar = page.locator(".bar")
        assert bar.evaluate("bar => bar.scrollWidth <= bar.clientWidth && bar.offsetHeight < 60"), path


def test_the_sign_that_takes_a_condition_away_stands_at_the_end_of_its_row(page: Page) -> None:
    page.goto("/rules/new")
    away = page.get_by_role("button", name="去掉这个条件").bounding_box()
    row = page.locator(".row").bounding_box()
    assert away is not None
    assert row is not None
    assert (away["width"], away["x"] + away["width"]) == pytest.approx((44, row["x"] + row["width"]), abs=1)


def test_a_spreadsheet_is_chosen_by_a_chinese_button_that_then_says_its_name(page: Page) -> None:
    page.goto("/import")
    chosen = page.locator(".file-field")
    expect(chosen).to_contain_text("选择表格")
    box = page.locator(".pick:visible").bounding_box()
    assert box is not None
    assert box["height"] >= THUMB
    page.locator("input[type=file]").focus()
    assert page.locator(".pick:visible").evaluate("pick => getComputedStyle(pick).outlineStyle") == "solid"
    assert page.locator("input[type=file]").evaluate("field => getComputedStyle(field).opacity") == "0"
    page.locator("input[type=file]").set_input_files({"name": "订单.csv", "mimeType": "text/csv", "buffer": b"a"})
    assert page.locator("input[type=file]").evaluate("field => getComputedStyle(field).opacity") == "1"
    expect(page.locator(".pick:visible")).to_have_text("换一个表格")
