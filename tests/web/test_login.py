"""Coming to the board by the login of WeCom and of DingTalk, against their stand-ins and in a real browser."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, BrowserContext, Page, expect
from redis import Redis
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

import web
from bot.logins import entrances
from config import Settings, parse
from handlers.desk import Desk
from tests.cast import Cast
from tests.conftest import settings_document
from tests.ding_town import DingTown, ding_section, open_ding_town

TAG = "TB-20251222-001"
WXWORK = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605 Mobile wxwork/4.1.30 MicroMessenger/7.0.1"
)
DINGTALK = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537 Mobile AliApp(DingTalk/7.6.0) com.alibaba.android.rimet"
CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140 Safari/537.36"


@pytest.fixture(scope="module")
def town() -> Iterator[DingTown]:
    with open_ding_town() as found:
        yield found


def document(town: DingTown, base_url: str = "http://127.0.0.1:8780") -> dict[str, Any]:
    found: dict[str, Any] = settings_document()
    company = town.state.company
    here = {"oauth_gateway": town.url, "login_gateway": town.url}
    found["wecom"] |= {
        "gateway": f"{town.url}/qyapi",
        "corpid": company.wecom.corpid,
        "secret": company.wecom.secret,
    } | here
    found["dingtalk"] = ding_section(town.url) | {"jsapi": f"{town.url}/dingtalk/jsapi.js"}
    return found | {"hub": {"base_url": base_url}}


OpenAt = Callable[..., AbstractContextManager[Desk]]


@pytest.fixture
def site(town: DingTown, open_desk: OpenAt, redis: Redis, cast: Cast) -> Flask:
    return build(parse(document(town)), open_desk, redis)


def build(settings: Settings, open_desk: OpenAt, redis: Redis) -> Flask:
    app = Flask(__name__)
    app.register_blueprint(web.blueprint(settings, open_desk, entrances(settings, redis)))
    return app


@pytest.fixture
def browser(site: Flask) -> FlaskClient:
    return site.test_client()


def get(browser: FlaskClient, path: str, agent: str = CHROME) -> TestResponse:
    return browser.get(path, headers={"User-Agent": agent})


def sent_to(answer: TestResponse | requests.Response) -> str:
    assert answer.status_code in (302, 303)
    return answer.headers["Location"]


def query(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def logged_in_at(address: str, who: str) -> str:
    """Where the platform's login page sends `who`, without the host."""
    answer = requests.get(address.partition("#")[0] + f"&who={who}", allow_redirects=False, timeout=10)
    return sent_to(answer).removeprefix("http://127.0.0.1:8780")


def come_in(browser: FlaskClient, slug: str, who: str, agent: str = CHROME, to: str = "/board") -> TestResponse:
    """Through the platform's login page, to the answer of ours that follows."""
    return get(browser, logged_in_at(sent_to(get(browser, f"/login/{slug}?to={to}", agent)), who), agent)


@pytest.mark.parametrize("slug", ["wecom", "dingtalk"])
def test_who_logs_in_with_the_platform_comes_to_the_page_that_was_wanted(
    browser: FlaskClient, slug: str, cast: Cast
) -> None:
    answer = come_in(browser, slug, "xiaoli", to="/import")
    assert sent_to(answer) == "/import"
    page = browser.get("/board").text
    assert "小李" in page
    assert TAG in page
    cookies = [line for line in answer.headers.getlist("Set-Cookie") if line.startswith("hub_login=")]
    assert "Max-Age=0" in cookies[0], "what belonged to the login is gone"


def test_inside_wecom_nobody_clicks_anything(browser: FlaskClient, cast: Cast) -> None:
    address = sent_to(get(browser, "/orders/1", WXWORK))
    assert address.startswith("/login/wecom?to=%2Forders%2F1")
    address = sent_to(get(browser, address, WXWORK))
    asked = query(address)
    assert urlsplit(address).path == "/connect/oauth2/authorize"
    assert address.endswith("#wechat_redirect")
    assert (asked["scope"], asked["agentid"]) == ("snsapi_base", "1000042")
    assert asked["state"].isalnum()
    assert sent_to(get(browser, logged_in_at(address, "laowang"), WXWORK)) == "/orders/1"


def test_a_browser_scans_with_wecom(browser: FlaskClient) -> None:
    address = sent_to(get(browser, "/login/wecom"))
    assert urlsplit(address).path == "/wwlogin/sso/login"
    assert query(address)["login_type"] == "CorpApp"


def test_a_browser_is_shown_both_ways(browser: FlaskClient) -> None:
    answer = get(browser, "/board")
    assert answer.status_code == 401
    for words in ("企业微信登录", "/login/wecom?to=%2Fboard", "钉钉登录", "/login/dingtalk?to=%2Fboard"):
        assert words in answer.text


@pytest.mark.parametrize("slug", ["wecom", "dingtalk"])
def test_somebody_who_is_not_registered_reads_what_to_do(browser: FlaskClient, slug: str) -> None:
    answer = come_in(browser, slug, "waiguan")
    assert answer.status_code == 403
    assert "还没有登记" in answer.text
    assert {"wecom": "企业微信账号 waiguan", "dingtalk": "钉钉账号 dt-waiguan"}[slug] in answer.text
    assert "hub_pass" not in str(answer.headers)


@pytest.mark.parametrize("slug", ["wecom", "dingtalk"])
def test_a_login_that_this_browser_did_not_begin_lets_nobody_in(site: Flask, browser: FlaskClient, slug: str) -> None:
    """Else somebody could be made to work under another's name."""
    stolen = logged_in_at(sent_to(get(browser, f"/login/{slug}")), "xiaoli")
    other = site.test_client()
    assert get(other, stolen).status_code == 400
    get(other, f"/login/{slug}")  # with a login of its own on the way
    answer = get(other, stolen)
    assert answer.status_code == 400
    assert "重新登录" in answer.text
    assert sent_to(get(browser, stolen)) == "/board", "nothing was spent"


@pytest.mark.parametrize("slug", ["wecom", "dingtalk"])
def test_a_spent_code_begins_the_login_again_but_not_for_ever(browser: FlaskClient, town: DingTown, slug: str) -> None:
    back = logged_in_at(sent_to(get(browser, f"/login/{slug}?to=/import")), "xiaoli")
    town.state.clock.move(301)
    again = sent_to(get(browser, back))
    assert again == f"/login/{slug}?to=%2Fimport&again=1"
    back = logged_in_at(sent_to(get(browser, again)), "xiaoli")
    town.state.clock.move(301)
    answer = get(browser, back)
    assert answer.status_code == 403
    assert "已失效" in answer.text


def test_whoever_did_not_agree_is_told_so(browser: FlaskClient) -> None:
    state = query(sent_to(get(browser, "/login/wecom")))["state"]
    answer = get(browser, f"/login/wecom/back?state={state}")
    assert answer.status_code == 403
    assert "没有同意登录" in answer.text


def test_the_account_of_another_company_stays_outside(
    browser: FlaskClient, town: DingTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = town.ding.login.user_token
    monkeypatch.setattr(town.ding.login, "user_token", lambda body: told(body) | {"corpId": "dingother"})
    answer = come_in(browser, "dingtalk", "xiaoli")
    assert answer.status_code == 403
    assert "不是本企业的成员" in answer.text


def test_a_platform_that_does_not_answer_is_said(town: DingTown, open_desk: OpenAt, redis: Redis, cast: Cast) -> None:
    away = document(town)
    for section, names in (("wecom", ["gateway"]), ("dingtalk", ["gateway", "old_gateway"])):
        away[section] |= dict.fromkeys(names, "http://127.0.0.1:9")
    browser = build(parse(away), open_desk, redis).test_client()
    redis.flushdb()  # no token from before
    for slug in ("wecom", "dingtalk"):
        answer = come_in(browser, slug, "xiaoli")
        assert answer.status_code == 503
        assert "过一会儿" in answer.text
        assert "127.0.0.1:9" not in answer.text


def test_a_login_leads_to_pages_of_ours_alone(browser: FlaskClient) -> None:
    for elsewhere in ("//evil.example", "https://evil.example/", "/login/wecom", "/orders/1/../../x", ""):
        answer = come_in(browser, "wecom", "xiaoli", to=elsewhere)
        assert sent_to(answer) == "/board"
    assert get(browser, "/login/other").status_code == 404
    assert get(browser, "/login/other/back").status_code == 404


def test_the_state_is_out_of_reach_for_scripts(browser: FlaskClient) -> None:
    cookie = get(browser, "/login/wecom").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_a_pass_that_ended_inside_a_client_is_renewed_but_a_failed_login_is_not_tried_again_and_again(
    browser: FlaskClient,
) -> None:
    browser.set_cookie("hub_pass", "old")
    assert sent_to(get(browser, "/board", DINGTALK)).startswith("/login/dingtalk")
    get(browser, "/login/dingtalk", DINGTALK)
    assert get(browser, "/board", DINGTALK).status_code == 401, "the cookie of a login on its way is there"


# in a real browser


@pytest.fixture
def address(town: DingTown, open_desk: OpenAt, redis: Redis, cast: Cast) -> Iterator[str]:
    late = Flask("late")
    server = make_server("127.0.0.1", 0, late, threaded=True)
    base = f"http://127.0.0.1:{server.server_port}"
    server.app = build(parse(document(town, base)), open_desk, redis)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield base
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(params=[(1366, 768), (390, 844)], ids=["laptop", "phone"])
def opened(chromium: Browser, address: str, request: pytest.FixtureRequest) -> Iterator[Callable[[str], Page]]:
    """A page in a browser that calls itself so."""
    width, height = request.param
    contexts: list[BrowserContext] = []

    def with_agent(agent: str) -> Page:
        context = chromium.new_context(base_url=address, viewport={"width": width, "height": height}, user_agent=agent)
        contexts.append(context)
        return context.new_page()

    yield with_agent
    for context in contexts:
        context.close()


@pytest.mark.parametrize("title", ["企业微信", "钉钉"])
def test_people_log_in_from_a_browser(opened: Callable[[str], Page], title: str) -> None:
    page = opened(CHROME)
    page.goto("/board")
    page.get_by_role("link", name=f"{title}登录").click()
    page.get_by_role("button", name="陈姐").click()
    expect(page.get_by_role("link", name=TAG)).to_be_visible()


def test_inside_dingtalk_the_page_logs_in_by_itself(opened: Callable[[str], Page], town: DingTown) -> None:
    page = opened(DINGTALK)
    page.context.add_cookies([{"name": "phones_who", "value": "laowang", "url": town.url}])
    page.goto("/board")
    expect(page.get_by_role("link", name=TAG)).to_be_visible()
    expect(page.locator("body")).to_contain_text("老王")


def test_inside_dingtalk_without_its_script_there_is_another_way(opened: Callable[[str], Page]) -> None:
    page = opened(DINGTALK)
    page.route("**/jsapi.js", lambda route: route.abort())
    page.goto("/board")
    expect(page.get_by_role("status")).to_have_text("没有登录成功")
    page.get_by_role("link", name="钉钉账号登录").click()
    page.get_by_role("button", name="小李").click()
    expect(page.get_by_role("link", name=TAG)).to_be_visible()


def test_a_client_that_gives_no_code_is_said(opened: Callable[[str], Page]) -> None:
    page = opened(DINGTALK)  # nobody's phone: the platform gives no code
    page.goto("/board")
    expect(page.get_by_role("status")).to_have_text("没有登录成功")
