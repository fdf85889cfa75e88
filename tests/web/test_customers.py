"""The page 通知: what customers are told, seen and changed by the same rules as in chat."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from config import Settings, parse
from handlers.customers import notices, pages
from handlers.desk import Actor, OpenDesk
from models import AccountTemplate, NoticeText
from tests.cast import Cast
from tests.conftest import settings_document
from tests.factories import NOW
from tests.web.conftest import enter, link_path

DELAYED = "/notices/delayed"
KEYS = [
    {"key": "character_string1", "label": "订单号", "words": []},
    {"key": "thing2", "label": "商品名称", "words": []},
    {"key": "const3", "label": "原因", "words": ["仓库延误", "商品缺货"]},
]
OTHER = [{"key": "thing1", "label": "商品", "words": []}, {"key": "time2", "label": "原定时间", "words": []}]


@pytest.fixture
def settings() -> Settings:
    document: dict[str, Any] = settings_document()
    document["weixin"]["templates"]["delayed"] = {
        "id": "tmpl-delayed-0001", "keys": {"number": "character_string1", "goods": "thing2", "reason": "const3"},
    }  # fmt: skip
    document["weixin"]["notices"] = {
        "delayed": {"id": "note-delayed-0001", "keys": {"number": "character_string1", "goods": "thing2"}}
    }
    document["kf"] = {"open_kfid": "wk1", "secret": "kf-secret"}
    document["sms"] = {
        "secret_id": "AKID", "secret_key": "k", "app_id": "1400000001", "sign": "青禾家居",
        "templates": {"delayed": {"id": "2000001", "values": ["number", "deadline"]}},
    }  # fmt: skip
    return parse(document)


@pytest.fixture(autouse=True)
def account(sessions: sessionmaker[Session]) -> None:
    with sessions() as session:
        for slug, title, keys in (
            ("tmpl-delayed-0001", "订单延期提醒", KEYS),
            ("tmpl-other-0001", "发货延迟通知", OTHER),
        ):
            session.add(AccountTemplate(template_id=slug, title=title, keys=keys, read_at=NOW, gone=False))
        session.commit()


def changes(sessions: sessionmaker[Session]) -> list[NoticeText]:
    with sessions() as session:
        return list(session.scalars(select(NoticeText).order_by(NoticeText.id)))


def form(open_desk: OpenDesk, **typed: str) -> dict[str, str]:
    """As the page shows it, with what somebody typed."""
    with open_desk() as desk:
        page = pages.one(desk, Actor("陈姐"), "delayed")
    return {**{line.name: line.value for line in page.lines}, "stamp": page.stamp, **typed}


def text_of(browser: FlaskClient, path: str) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_the_list_shows_every_event_with_its_ways(browser: FlaskClient, open_desk: OpenDesk, cast: Cast) -> None:
    enter(browser, open_desk, cast.xiaoli)
    shown = text_of(browser, "/notices")
    for words in ("发货", "处理", "延期", "缺货", "退款", "部分退款", "开，模板「订单延期提醒」"):
        assert words in shown
    assert "服务号模板消息、订阅通知、微信客服、短信" in shown
    assert "从公众号重新读模板" not in shown


def test_strangers_are_led_to_the_door(browser: FlaskClient) -> None:
    for path in ("/notices", DELAYED):
        assert browser.get(path).status_code == 401
    for path in (DELAYED, f"{DELAYED}/look", "/notices"):
        assert browser.post(path, data={"do": "save"}).status_code == 401


def test_a_form_of_another_site_changes_nothing(browser: FlaskClient, open_desk: OpenDesk, cast: Cast) -> None:
    enter(browser, open_desk, cast.chenjie)
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    for path in (DELAYED, f"{DELAYED}/look", "/notices"):
        assert browser.post(path, data={"do": "off"}, headers=elsewhere).status_code == 403


def test_all_ways_are_shown_as_the_customer_sees_them(browser: FlaskClient, open_desk: OpenDesk, cast: Cast) -> None:
    enter(browser, open_desk, cast.chenjie)
    shown = text_of(browser, DELAYED)
    assert "马克杯 红色 ×2" in shown
    for way in ("wechat_oa", "wechat_subscribe", "wecom_kf", "sms"):
        assert f'class="way {way}"' in shown
    assert "很抱歉，您的订单 2000000000000012345（马克杯 红色 ×2）要晚一些发出" in shown


def test_a_supervisor_changes_several_lines_at_once_and_undoes_it(
    browser: FlaskClient, open_desk: OpenDesk, cast: Cast, sessions: sessionmaker[Session]
) -> None:
    enter(browser, open_desk, cast.chenjie)
    sent = form(open_desk, thing2="加急 {商品}", plain="抱歉，{订单号} 晚一些发出。", do="save")

    answer = browser.post(DELAYED, data=sent, follow_redirects=True)

    assert "已保存，马上生效" in answer.get_data(as_text=True)
    (change,) = changes(sessions)
    assert change.body["fields"]["thing2"] == "加急 {商品}"
    assert change.set_by == "陈姐"
    stamp = form(open_desk)["stamp"]
    answer = browser.post(DELAYED, data={"do": "undo", "stamp": stamp}, follow_redirects=True)
    assert "已撤销：商品名称：{商品} → 加急 {商品}；文字：" in answer.get_data(as_text=True)
    assert changes(sessions)[0].undone_by == "陈姐"


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ({"thing2": "这一行写得实在太长了，超过了二十个字，放不下"}, "最多 20 个字"),
        ({"thing2": "{快递}"}, "没有 {快递} 这个内容"),
        ({"character_string1": "订单"}, "不能有汉字"),
        ({"const3": "下雨"}, "只能填审核过的词"),
        ({"plain": "见 https://example.com"}, "不能有网址"),
    ],
)
def test_what_cannot_stand_is_explained_beside_its_field_and_stays_there(
    browser: FlaskClient, open_desk: OpenDesk, cast: Cast, sessions: sessionmaker[Session], typed: dict[str, str],
    why: str,
) -> None:  # fmt: skip
    enter(browser, open_desk, cast.chenjie)

    answer = browser.post(DELAYED, data=form(open_desk, **typed, do="save"))

    shown = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert why in shown
    assert next(iter(typed.values())) in shown
    assert changes(sessions) == []
    told = browser.post(f"{DELAYED}/look", data=form(open_desk, **typed)).get_json()
    assert why in told["wrong"][next(iter(typed))]


def test_who_saves_over_somebody_elses_change_is_told_and_loses_nothing(
    browser: FlaskClient, open_desk: OpenDesk, cast: Cast, sessions: sessionmaker[Session]
) -> None:
    enter(browser, open_desk, cast.chenjie)
    sent = form(open_desk, thing2="加急 {商品}", do="save")
    with open_desk() as desk:
        now = notices.notice(desk, "delayed")
        notices.put(desk, Actor("老板"), (now, replace(now, on=False)), "关闭")

    answer = browser.post(DELAYED, data=sent)

    assert "刚才有人改过" in answer.get_data(as_text=True)
    assert "加急 {商品}" in answer.get_data(as_text=True)
    assert len(changes(sessions)) == 1
    assert "刚才有人改过" in browser.post(
        DELAYED, data={"do": "on", "stamp": sent["stamp"]}, follow_redirects=True
    ).get_data(as_text=True)


@pytest.mark.parametrize("action", ["save", "off", "undo", "template"])
def test_who_is_no_supervisor_looks_and_changes_nothing(
    browser: FlaskClient, open_desk: OpenDesk, cast: Cast, sessions: sessionmaker[Session], action: str
) -> None:
    enter(browser, open_desk, cast.xiaoli)
    assert "只有主管能改客户通知" in text_of(browser, DELAYED)

    answer = browser.post(
        DELAYED, data=form(open_desk, thing2="加急 {商品}", do=action, template="tmpl-other-0001"),
        follow_redirects=True,
    )  # fmt: skip

    assert "由主管操作，您是客服" in answer.get_data(as_text=True)
    assert changes(sessions) == []


def test_it_is_switched_off_and_on_and_gets_another_template(
    browser: FlaskClient, open_desk: OpenDesk, cast: Cast
) -> None:
    enter(browser, open_desk, cast.chenjie)
    for data, words in (({"do": "off"}, "已关闭"), ({"do": "on"}, "已打开"),
                        ({"do": "template", "template": "tmpl-other-0001"}, "换成模板「发货延迟通知」")):  # fmt: skip
        answer = browser.post(DELAYED, data={**data, "stamp": form(open_desk)["stamp"]}, follow_redirects=True)
        assert words in answer.get_data(as_text=True)
    with open_desk() as desk:
        assert notices.notice(desk, "delayed").fields == {"thing1": "{商品}", "time2": "{原定时间}"}


def test_a_real_order_is_shown_with_its_number_masked(browser: FlaskClient, open_desk: OpenDesk, cast: Cast) -> None:
    enter(browser, open_desk, cast.xiaoli)
    told = browser.post(f"{DELAYED}/look", data=form(open_desk, order="TB-20251222-001")).get_json()
    assert "2000****0001" in told["html"]
    assert "2000000000000000001" not in told["html"]
    told = browser.post(f"{DELAYED}/look", data=form(open_desk, order="TB-20251222-999")).get_json()
    assert "TB-20251222-999" in told["problem"]
    answer = browser.post(DELAYED, data=form(open_desk, do="look", order="TB-20251222-001"))
    assert "2000****0001" in answer.get_data(as_text=True)


@pytest.mark.parametrize("path", ["/notices/nothing", "/notices/nothing/x"])
def test_an_event_that_there_is_not_is_a_page_that_says_so(
    browser: FlaskClient, open_desk: OpenDesk, cast: Cast, path: str
) -> None:
    enter(browser, open_desk, cast.chenjie)
    assert browser.get(path).status_code == 404


def test_a_press_that_there_is_not_is_refused(browser: FlaskClient, open_desk: OpenDesk, cast: Cast) -> None:
    enter(browser, open_desk, cast.chenjie)
    assert browser.post(DELAYED, data={"do": "explode", "stamp": form(open_desk)["stamp"]}).status_code == 400
    assert browser.post("/notices", data={"do": "explode"}).status_code == 400


def test_templates_are_read_again_when_asked_for(
    browser: FlaskClient, open_desk: OpenDesk, cast: Cast, asked: list[Any]
) -> None:
    enter(browser, open_desk, cast.chenjie)
    answer = browser.post("/notices", data={"do": "read"}, follow_redirects=True)
    assert "正在从公众号读取模板" in answer.get_data(as_text=True)
    assert "READ_TEMPLATES" in json.dumps([str(job) for job, _ in asked]).upper()


@pytest.fixture(params=[(1366, 768), (360, 740)], ids=["laptop", "phone"])
def page(chromium: Browser, address: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    width, height = request.param
    context = chromium.new_context(base_url=address, viewport={"width": width, "height": height})
    yield context.new_page()
    context.close()


def test_while_somebody_types_the_limit_and_the_look_follow(page: Page, open_desk: OpenDesk, cast: Cast) -> None:
    page.goto(link_path(open_desk, cast.chenjie))
    page.get_by_role("link", name="通知").click()
    page.get_by_role("link", name="延期").click()
    field = page.get_by_label("商品名称")

    field.fill("这一行写得实在太长了，超过了二十个字，放不下")
    expect(page.locator("#thing2-problem")).to_contain_text("最多 20 个字")
    field.fill("加急 ")
    page.get_by_role("button", name="{商品}").click()
    expect(page.locator("#thing2-problem")).to_be_empty()
    expect(page.locator(".way.wechat_oa")).to_contain_text("加急 马克杯 红色 ×2")

    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("status").first).to_contain_text("已保存，马上生效")
    expect(field).to_have_value("加急 {商品}")
    for path in ("/notices", DELAYED, "/board"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), path
