"""The pages of rules as people use them: a real browser, a phone and a laptop; a script that breaks fails the test."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from handlers.desk import OpenDesk
from handlers.rulebook import dry_run
from tests.cast import Cast
from tests.factories import NOW, make_order
from tests.web.conftest import link_path

FAR = "金额 > 1000 且 渠道 属于 ['淘宝', '京东'] 或 限制发货"


@pytest.fixture(params=[(1280, 800), (360, 740)], ids=["laptop", "phone"])
def page(
    chromium: Browser, address: str, open_desk: OpenDesk, cast: Cast, request: pytest.FixtureRequest
) -> Iterator[Page]:
    """陈姐 at the board."""
    width, height = request.param
    context = chromium.new_context(base_url=address, viewport={"width": width, "height": height})
    opened = context.new_page()
    broken: list[str] = []
    opened.on("pageerror", lambda error: broken.append(str(error)))
    opened.on("console", lambda line: broken.append(line.text) if "Content Security Policy" in line.text else None)
    opened.goto(link_path(open_desk, cast.chenjie))
    yield opened
    context.close()
    assert broken == []


def row(page: Page, number: int, fact: str, sign: str) -> None:
    if number:
        page.get_by_role("button", name="再加一个条件").click()
    page.get_by_label("字段", exact=True).nth(number).select_option(fact)
    page.get_by_label("怎么比").nth(number).select_option(label=sign)


def conditions(sessions: sessionmaker[Session]) -> list[str]:
    with sessions() as session:
        return list(session.execute(text("SELECT condition FROM rule_versions ORDER BY rule_id, number")).scalars())


def test_a_rule_is_chosen_not_written_tried_switched_on_and_taken_back(
    page: Page, sessions: sessionmaker[Session]
) -> None:
    with sessions() as session:
        make_order(session, tag="TB-20251222-009", paid_fen=300_000)
        session.commit()
    page.get_by_role("link", name="规则").click()
    page.get_by_role("link", name="新增规则").click()
    row(page, 0, "金额", "大于")
    page.get_by_label("值").fill("1000")
    row(page, 1, "渠道", "是其中之一")
    page.get_by_label("淘宝").check()
    page.get_by_label("京东").check()
    row(page, 2, "限制发货", "是")
    page.get_by_label("和前一个条件").nth(2).select_option("或")
    expect(page.get_by_label("条件", exact=True)).to_have_value(FAR)
    page.get_by_label("标题").fill("大额")
    page.get_by_role("button", name="加一个动作").click()
    page.get_by_label("做什么").select_option(label="标记")
    page.get_by_label("写什么").fill("大额")

    page.get_by_role("button", name="先预演").click()
    expect(page.locator(".figures li").first).to_have_text("1会新开")
    expect(page.get_by_role("link", name="TB-20251222-009")).to_be_visible()
    assert conditions(sessions) == []

    page.get_by_role("button", name="存为草稿").click()
    expect(page.locator("h1 .state")).to_have_text("草稿")
    page.get_by_role("button", name="启用").click()
    expect(page.locator("h1 .state")).to_have_text("启用")

    page.get_by_role("link", name="修改").click()
    expect(page.get_by_label("值").first).to_have_value("1000")
    page.get_by_label("值").first.fill("2000")
    page.get_by_role("button", name="保存，马上生效").click()  # at once, before the words followed the rows
    expect(page.locator(".condition.whole")).to_have_text(FAR.replace("1000", "2000"))
    page.get_by_role("button", name="回滚到第 2 版").click()
    expect(page.locator(".condition.whole")).to_have_text(FAR)
    assert conditions(sessions) == [FAR, FAR, FAR.replace("1000", "2000"), FAR]

    page.locator("summary", has_text="停用").click()
    page.get_by_role("button", name="确认停用").click()
    expect(page.locator("h1 .state")).to_have_text("停用")


def test_whoever_writes_is_told_what_is_wrong_and_what_could_stand_there(page: Page) -> None:
    page.goto("/rules/new")
    page.get_by_role("button", name="直接写").click()
    written = page.get_by_label("条件", exact=True)
    written.press_sequentially("金额 > 1000 且 件")
    expect(page.locator("#checked mark")).to_have_text("件")
    expect(page.locator("#checked")).to_contain_text("第 13 个字：没有「件」这个字段")
    page.locator("#hints").get_by_role("button", name="件数").click()
    expect(written).to_have_value("金额 > 1000 且 件数 ")
    written.press_sequentially("> 1 且 渠道 == ")
    page.locator("#hints").get_by_role("button", name="'京东'").click()
    expect(written).to_have_value("金额 > 1000 且 件数 > 1 且 渠道 == '京东' ")
    expect(page.locator("#checked")).to_contain_text("条件能用")

    page.locator("summary", has_text="条件里能写什么").click()
    page.get_by_label("找字段").fill("部队")
    page.get_by_role("button", name=re.compile("地址")).click()
    expect(written).to_have_value(re.compile("且 地址 包含 '部队' $"))
    page.get_by_role("button", name="点选").click()
    expect(page.get_by_label("字段", exact=True)).to_have_count(4)


def test_a_row_that_is_not_filled_in_is_named_when_it_is_saved(page: Page, sessions: sessionmaker[Session]) -> None:
    page.goto("/rules/new")
    row(page, 0, "金额", "至少")
    page.get_by_label("值").fill("5")
    row(page, 1, "买家留言", "包含")
    expect(page.get_by_label("条件", exact=True)).to_have_value("金额 >= 5")
    page.get_by_role("button", name="存为草稿").click()
    expect(page.get_by_text("第 2 行：请填「买家留言」要比的值")).to_be_visible()
    assert conditions(sessions) == []
    page.get_by_label("值").nth(1).fill("急、快点")
    page.get_by_role("button", name="存为草稿").click()
    expect(page.locator(".condition.whole")).to_have_text("金额 >= 5 且 买家留言 包含 ['急', '快点']")


def test_what_rows_cannot_say_is_left_as_it_was_written(page: Page) -> None:
    page.goto("/rules/new")
    page.get_by_role("button", name="直接写").click()
    page.get_by_label("条件", exact=True).fill("优惠 > 金额")
    page.get_by_role("button", name="点选").click()
    expect(page.get_by_text("点选写不出来")).to_be_visible()
    expect(page.get_by_label("条件", exact=True)).to_be_editable()


def test_a_login_that_ends_loses_nothing_that_was_typed(page: Page, open_desk: OpenDesk, cast: Cast) -> None:
    page.goto("/rules/new")
    row(page, 0, "金额", "大于")
    page.get_by_label("值").fill("1000")
    page.get_by_label("标题").fill("大额")
    page.get_by_role("button", name="加一个动作").click()
    page.get_by_label("做什么").select_option(label="备注")
    page.get_by_label("写什么").fill("发顺丰")
    expect(page.get_by_label("条件", exact=True)).to_have_value("金额 > 1000")
    page.context.clear_cookies()
    page.get_by_role("button", name="存为草稿").click()
    expect(page.get_by_text("请先登录")).to_be_visible()

    page.goto(link_path(open_desk, cast.chenjie))
    page.goto("/rules/new")
    page.get_by_role("button", name="接着填").click()
    expect(page.get_by_label("条件", exact=True)).to_have_value("金额 > 1000")
    expect(page.get_by_label("值")).to_have_value("1000")
    expect(page.get_by_label("写什么")).to_have_value("发顺丰")
    page.get_by_role("button", name="存为草稿").click()
    expect(page.locator("h1")).to_contain_text("大额")
    page.goto("/rules/new")
    expect(page.get_by_role("button", name="接着填")).to_be_hidden()


def test_whoever_types_after_the_login_ended_is_told_so(page: Page) -> None:
    page.goto("/rules/new")
    page.get_by_role("button", name="直接写").click()
    page.context.clear_cookies()
    page.get_by_label("条件", exact=True).fill("金额 > 1000")
    expect(page.locator("#checked")).to_contain_text("登录已过期：请在聊天里发「规则」，用新链接打开；这里填的会留着")


def test_a_long_dry_run_is_followed_to_its_end(
    page: Page, open_desk: OpenDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dry_run, "AT_ONCE", 1)
    monkeypatch.setattr(dry_run, "_CHUNK", 1)
    page.goto("/rules/new")
    row(page, 0, "金额", "大于")
    page.get_by_label("值").fill("0")
    page.get_by_role("button", name="先预演").click()
    expect(page.get_by_text("已看 0 单")).to_be_visible()
    with open_desk() as desk:
        (run_id,) = dry_run.live(desk)
    for said in ("已看 1 单", "已看 2 单", "2会新开"):
        with open_desk() as desk:
            dry_run.go_on(desk, run_id)
        expect(page.locator(".trial")).to_contain_text(said)


def test_what_would_be_opened_stands_apart_from_what_left(page: Page, sessions: sessionmaker[Session]) -> None:
    """Each number is that of the list below it."""
    with sessions() as session:
        here = [make_order(session, paid_fen=300_000).tag for _ in range(3)]
        gone = make_order(session, paid_fen=300_000, stage="done", stage_entered_at=NOW - timedelta(days=2)).tag
        session.commit()
    page.goto("/rules/new")
    row(page, 0, "金额", "大于")
    page.get_by_label("值").fill("1000")
    page.get_by_role("button", name="先预演").click()
    parts = page.locator(".trial .part")
    expect(parts.locator("h3")).to_have_text(["现在没发的 5 单", "近 7 天离开的 1 单"])
    for part, tags, what in ((parts.nth(0), here, "会新开"), (parts.nth(1), [gone], "会多开")):
        expect(part.locator(".figures li").first).to_have_text(f"{len(tags)}{what}")
        expect(part.locator("h4")).to_have_text(f"{what}的订单 {len(tags)}")
        expect(part.locator(".order-tags a")).to_have_text(tags)
    expect(parts.nth(1)).to_contain_text("只作对照，不会真开")
    expect(parts.nth(1)).to_contain_text("这 1 单里平均每天约 0.1 单命中")
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_nothing_spills_over_the_edge_of_the_screen(page: Page) -> None:
    page.goto("/rules/new")
    page.get_by_role("button", name="直接写").click()
    page.get_by_label("条件", exact=True).fill(f"买家留言 包含 '{'很' * 90}' 且 SKU 包含 '{'A' * 90}'")
    page.get_by_label("标题").fill("二十个字的标题写满看看会不会撑破了")
    page.get_by_role("button", name="存为草稿").click()
    edit = page.get_by_role("link", name="修改").get_attribute("href") or ""
    for path in ("/rules", edit.removesuffix("/edit"), edit, "/rules/new", "/rules/999"):
        page.goto(path)
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), path


def test_without_scripts_the_form_still_makes_a_rule(
    chromium: Browser, address: str, open_desk: OpenDesk, cast: Cast, sessions: sessionmaker[Session]
) -> None:
    context = chromium.new_context(base_url=address, java_script_enabled=False)
    page = context.new_page()
    page.goto(link_path(open_desk, cast.chenjie))
    page.goto("/rules/new")
    page.get_by_label("条件", exact=True).fill("金额 > 1000 且 省份 == '新疆'")
    page.get_by_role("button", name="存为草稿").click()
    expect(page.locator("#checked mark")).to_have_text("省份")
    page.get_by_label("条件", exact=True).fill("金额 > 1000 且 省 == '新疆'")
    page.get_by_label("做什么").first.select_option(label="标记")
    page.get_by_label("写什么").first.fill("偏远")
    page.get_by_role("button", name="存为草稿").click()
    expect(page.locator("dd").first).to_have_text("开异常给客服，标记「偏远」")
    assert conditions(sessions) == ["金额 > 1000 且 省 == '新疆'"]
    context.close()
