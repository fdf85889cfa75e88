"""The phones page in a real browser, on a laptop and on a phone, and the JSON under it: what holds for WeCom's phone.

Both platforms side by side are in test_phones_side_by_side.py.
"""

from __future__ import annotations

import json
import re
import struct
import threading
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from sandbox.aibot import aibot_of
from sandbox.chat_phones import Phones
from sandbox.phones import phones_of
from sandbox.wecom import wecom_of
from tests.sandbox import chat_samples as samples
from tests.sandbox.chat_hub import Bench, BotClient, Seen, bench, xml_reply
from tests.sandbox.phones_page import LAPTOP, PHONE, chromium, watched
from tests.sandbox.test_phones_orders import READS

Frame = dict[str, Any]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
def opened() -> Iterator[Bench]:
    with bench() as found:
        yield found


@pytest.fixture
def b(opened: Bench) -> Iterator[Bench]:
    yield opened.new_day()
    link = aibot_of(opened.state).link
    link.close()
    assert opened.chat.store.wait(lambda: not link.online(), 5)


@pytest.fixture
def phones(b: Bench) -> Phones:
    return phones_of(b.state)


@pytest.fixture
def bot(b: Bench) -> BotClient:
    """A hub that claims cards at once and answers every message by markdown."""

    def on(frame: Frame) -> list[Frame]:
        body, headers = frame["body"], frame["headers"]
        if body["msgtype"] == "text":
            told = {"msgtype": "markdown", "markdown": {"content": f"收到 **{body['text']['content']}**"}}
            return [{"cmd": "aibot_respond_msg", "headers": headers, "body": told}]
        event = body["event"].get("template_card_event")
        if event is None:
            return []
        card = samples.button_interaction(event["task_id"], replace_text="老王 10:06 已认领")
        told = {"response_type": "update_template_card", "template_card": card}
        return [{"cmd": "aibot_respond_update_msg", "headers": headers, "body": told}]

    client = BotClient(b, on)
    client.subscribe(b)
    return client


@pytest.fixture
def page(b: Bench, browser: Browser) -> Iterator[Page]:
    yield from watched(browser, b, LAPTOP, "wecom")


@pytest.fixture
def mobile(b: Bench, browser: Browser) -> Iterator[Page]:
    yield from watched(browser, b, PHONE, "wecom")


def group(page: Page) -> Any:
    return page.locator('[data-phone="group"]')


def own(page: Page) -> Any:
    return page.locator('[data-phone="own"]')


def customer(page: Page) -> Any:
    return page.locator('[data-phone="oa"]')


def buy_and_read(b: Bench, platform: str) -> Frame:
    """An order that the hub has read."""
    placed = b.post("/phones/api/buy", {"platform": platform})
    _, read, lag, overlap = next(row for row in READS if row[0] == platform)
    read(b, lag, overlap)
    return placed


def push_card(b: Bench, client: BotClient, card: Frame) -> None:
    b.say("chenjie", "group", "@订单助手 看板")
    body = {"chatid": "wrDEMO01", "msgtype": "template_card", "template_card": card}
    assert client.ask("aibot_send_msg", body)["errcode"] == 0


def png(width: int = 40, height: int = 20) -> bytes:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    rows = b"".join(b"\0" + b"\x26\x7e\xf0" * width for _ in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


# acting on the page


def test_a_command_typed_in_the_group_is_mentioned_sent_and_answered_live(b: Bench, bot: BotClient, page: Page) -> None:
    box = group(page).get_by_label("在群里发消息")
    box.fill("我的")
    box.press("Enter")
    expect(group(page).locator(".msg.mine .bubble")).to_have_text("@订单助手 我的")
    expect(group(page).locator(".md b")).to_have_text("@订单助手 我的")
    expect(box).to_have_value("")


def test_the_mention_can_be_switched_off_to_talk_to_colleagues_only(b: Bench, bot: BotClient, page: Page) -> None:
    group(page).locator(".mention").click()
    group(page).get_by_label("在群里发消息").fill("大家早")
    group(page).get_by_role("button", name="发送").click()
    expect(group(page).locator(".msg.mine .bubble")).to_have_text("大家早")
    assert bot.callbacks == [] or all("text" not in one["body"] for one in bot.callbacks)


def test_a_chip_sends_its_command(b: Bench, bot: BotClient, page: Page) -> None:
    group(page).get_by_role("button", name="看板", exact=True).click()
    expect(group(page).locator(".md b")).to_have_text("@订单助手 看板")
    own(page).get_by_role("button", name="帮助", exact=True).click()
    expect(own(page).locator(".msg.mine .bubble")).to_have_text("帮助")


def test_a_press_spins_and_then_shows_who_did_it_to_everybody(b: Bench, bot: BotClient, page: Page) -> None:
    push_card(b, bot, samples.button_interaction())
    page.get_by_role("radio", name="老王").click()
    expect(group(page).locator(".as")).to_have_text("你是 老王 · 仓库")
    group(page).locator("select").select_option("顺丰")
    group(page).get_by_role("button", name="认领").click()
    done = group(page).locator(".push.gone")
    expect(done).to_have_text("老王 10:06 已认领")
    expect(done).to_be_disabled()
    chosen = bot.callbacks[-1]["body"]["event"]["template_card_event"]["selected_items"]["selected_item"]
    assert chosen == [{"question_key": "courier", "option_ids": {"option_id": ["sf"]}}]
    page.get_by_role("radio", name="小李").click()
    expect(group(page).locator(".push.gone")).to_have_text("老王 10:06 已认领")


def test_what_i_am_choosing_survives_the_press_of_another(b: Bench, page: Page) -> None:
    b.switch(deadline_seconds=0.05)
    client = BotClient(b)
    client.subscribe(b)
    push_card(b, client, samples.button_interaction())
    group(page).locator("select").select_option("顺丰")
    card = b.shown("laowang", "group")[-1]["id"]
    b.post("/phones/api/press", {"who": "laowang", "message_id": card, "key": "claim"})
    b.say("laowang", "group", "我先认了")
    expect(group(page).locator(".bubble").last).to_have_text("我先认了")
    expect(group(page).locator("select")).to_have_value("sf")


def test_a_hub_that_stays_silent_is_told_by_a_toast(b: Bench, page: Page) -> None:
    b.switch(deadline_seconds=0.05)
    client = BotClient(b)
    client.subscribe(b)
    push_card(b, client, samples.button_interaction())
    group(page).get_by_role("button", name="认领").click()
    expect(group(page).locator(".toast")).to_have_text("应用无响应")
    expect(group(page).get_by_role("button", name="认领")).to_be_enabled()


def test_while_the_hub_thinks_the_button_turns_and_the_others_wait(b: Bench, page: Page) -> None:
    client = BotClient(b)
    client.subscribe(b)
    b.switch(deadline_seconds=0.05)
    push_card(b, client, samples.button_interaction())
    b.switch(deadline_seconds=5)
    group(page).get_by_role("button", name="认领").click()
    expect(group(page).locator(".push.busy")).to_have_text("认领")
    expect(group(page).get_by_role("button", name="已发出")).to_be_disabled()
    frame = client.wait("template_card_event")
    told = {"response_type": "update_template_card", "template_card": samples.button_interaction()}
    client.ask("aibot_respond_update_msg", told, frame["headers"]["req_id"])
    expect(group(page).locator(".push.busy")).to_have_count(0)
    expect(group(page).get_by_role("button", name="已发出")).to_be_enabled()


def test_boxes_and_the_corner_menu_work(b: Bench, page: Page) -> None:
    wecom = wecom_of(b.state)
    b.send("template_card", samples.button_interaction())
    b.send("template_card", samples.vote_interaction())
    own(page).get_by_text("浴巾 浅灰 ×1").click()
    own(page).get_by_role("button", name="提交").click()
    own(page).get_by_role("button", name="更多操作").click()
    own(page).get_by_role("menuitem", name="静音 1 小时").click()
    expect(own(page).locator(".menu")).to_have_count(0)

    def pressed(key: str) -> Callable[[Seen], bool]:
        # A customer's text of the test before may still be on its way to the other address.
        return lambda seen: seen.path == "/wecom/app" and seen.xml(wecom.crypto).findtext("EventKey") == key

    submitted = b.hub.wait(pressed("submit_lines"))
    assert [one.text for one in submitted.xml(wecom.crypto).iter("OptionId")] == ["l0", "l1", "l2"]
    muted = b.hub.wait(pressed("mute"))
    assert muted.xml(wecom.crypto).findtext("Event") == "template_card_menu_event"


def test_the_bot_being_away_is_said_before_and_after_asking(b: Bench, page: Page) -> None:
    expect(group(page).locator(".strip")).to_be_visible()
    expect(page.locator("#line")).to_have_text("企业微信机器人不在线")
    group(page).get_by_role("button", name="帮助", exact=True).click()
    expect(group(page).locator(".note")).to_have_text("机器人不在线，没有收到这条消息")
    client = BotClient(b)
    client.subscribe(b)
    expect(page.locator("#line")).to_have_text("企业微信机器人在线")
    expect(group(page).locator(".strip")).to_be_hidden()


def test_the_customer_writes_and_gets_template_messages(b: Bench, page: Page) -> None:
    account, customer = b.state.company.weixin, page.locator('[data-phone="oa"]')
    query = {"grant_type": "client_credential", "appid": account.appid, "secret": account.secret}
    values = {"character_string1": "TB-20251222-017", "phrase2": "已改地址", "time3": "10:15"}
    body = {"touser": b.state.company.customers[0].openid, "template_id": "tmpl-solved-0001"}
    data = {key: {"value": value} for key, value in values.items()}
    token = b.get("/weixin/cgi-bin/token", **query)["access_token"]
    b.post("/weixin/cgi-bin/message/template/send", body | {"data": data}, access_token=token)
    expect(customer.locator(".notice h3")).to_have_text("订单处理进度提醒")
    expect(customer.locator(".notice dd").nth(1)).to_have_text("已改地址")
    customer.get_by_role("button", name="想改地址").click()
    expect(customer.locator(".msg.mine .bubble")).to_have_text("想改地址")


def test_unread_messages_of_others_are_counted_until_one_looks(b: Bench, page: Page) -> None:
    b.send("text", {"content": "一"}, touser="laowang")
    b.send("text", {"content": "二"}, touser="laowang|xiaoli")
    expect(page.get_by_role("radio", name="老王").locator(".badge")).to_have_text("2")
    page.get_by_role("radio", name="老王").click()
    expect(own(page).locator(".msg")).to_have_count(2)
    page.get_by_role("radio", name="小李").click()
    expect(page.locator(".badge")).to_have_count(0)


def test_a_page_that_lost_its_stream_resumes_where_it_was(b: Bench, page: Page) -> None:
    page.context.set_offline(True)
    b.send("text", {"content": "断线时发的"})
    page.context.set_offline(False)
    expect(own(page).locator(".bubble")).to_have_text("断线时发的", timeout=15000)


def test_time_and_orders_can_be_pulled(b: Bench, page: Page) -> None:
    expect(page.locator("#now-time")).to_have_text("10:00")
    page.get_by_role("button", name="+2 小时 10 分").click()
    expect(page.locator("#now-time")).to_have_text("12:10")
    page.get_by_role("button", name="拼多多").click()
    expect(page.locator(".toast")).to_contain_text("已下单：拼多多")
    assert b.get("/control/health")["by_platform"]["pdd"] == 1


def test_a_new_day_starts_the_page_over(b: Bench, page: Page) -> None:
    b.send("text", {"content": "昨天的"})
    expect(own(page).locator(".bubble")).to_have_count(1)
    b.new_day()
    expect(own(page).locator(".bubble")).to_have_count(0)
    expect(own(page).locator(".empty")).to_be_visible()


# a new order and the first minute


@pytest.mark.parametrize(("platform", "name"), [("taobao", "淘宝"), ("jd", "京东"), ("pdd", "拼多多")])
def test_a_number_is_offered_once_the_hub_has_read_the_order(b: Bench, page: Page, platform: str, name: str) -> None:
    number = page.locator("#number")
    page.get_by_role("button", name=name, exact=True).click()
    expect(page.locator(".toast")).to_contain_text(f"已下单：{name} ")
    expect(page.locator(".toast")).to_contain_text("约 15 秒后进入中枢")
    expect(number).to_be_hidden()
    order_id = b.state.world.orders()[0].id
    _, read, lag, overlap = next(row for row in READS if row[0] == platform)
    read(b, lag, overlap)
    expect(number).to_have_text(f"{order_id} 5678")
    expect(page.locator(".toast")).to_have_text(f"中枢已读到：{name} {order_id}")
    page.reload()
    expect(number).to_have_text(f"{order_id} 5678")
    expect(page.locator(".toast")).to_have_count(0)
    number.click()
    expect(customer(page).locator(".msg.mine .bubble")).to_have_text(f"{order_id} 5678")


def test_the_staff_may_ask_for_the_new_order_with_one_tap(b: Bench, bot: BotClient, page: Page) -> None:
    expect(page.locator(".find")).to_have_count(2)
    expect(group(page).locator(".find")).to_be_hidden()
    number = buy_and_read(b, "jd")["order_id"]
    group(page).get_by_role("button", name=f"查 {number}").click()
    expect(group(page).locator(".msg.mine .bubble")).to_have_text(f"@订单助手 查 {number}")


def test_the_empty_phone_of_the_customer_says_what_to_do(b: Bench, page: Page) -> None:
    expect(customer(page).locator(".empty")).to_contain_text("还没有订单")
    buy_and_read(b, "pdd")
    expect(customer(page).locator(".empty")).to_contain_text("先发送订单号（点下面的单号）")


def test_the_hint_covers_nothing_and_once_read_stays_away(b: Bench, page: Page) -> None:
    assert_hint(page)


def test_the_hint_covers_nothing_on_a_phone_either(b: Bench, mobile: Page) -> None:
    assert_hint(mobile)


def assert_hint(page: Page) -> None:
    hint = page.locator("#hint")
    expect(hint.locator("li")).to_have_count(3)
    box = hint.bounding_box()
    for other in page.locator(".rail, .phone:visible, .tabs:visible").all():
        beside = other.bounding_box()
        assert box is not None
        assert beside is not None
        over = box["y"] + box["height"] <= beside["y"] or beside["y"] + beside["height"] <= box["y"]
        assert over or beside["x"] + beside["width"] <= box["x"]
    assert page.evaluate(
        "[document.documentElement, document.getElementById('hint')].every(e => e.scrollWidth <= e.clientWidth)"
    )
    hint.get_by_role("button").click()
    expect(hint).to_be_hidden()
    page.reload()
    page.wait_for_selector('[data-ready="yes"]')
    expect(hint).to_be_hidden()


@pytest.mark.parametrize("width", [1366, 1024, 390])
def test_no_chip_is_cut_off(b: Bench, page: Page, width: int) -> None:
    buy_and_read(b, "pdd")
    page.set_viewport_size({"width": width, "height": 800})
    for name in ("group", "own", "oa"):
        page.evaluate(f"document.querySelector('[data-tab={name}]').click()")
        phone = page.locator(f'[data-phone="{name}"]')
        outside: Any = phone.bounding_box()
        chips = phone.locator(".quick button:visible").all()
        assert len(chips) >= 3
        for chip in chips:
            inside: Any = chip.bounding_box()
            assert inside["x"] + inside["width"] <= outside["x"] + outside["width"]


def test_a_menu_closes_with_escape_and_by_a_press_elsewhere(b: Bench, page: Page) -> None:
    b.send("template_card", samples.button_interaction())
    corner, menu = own(page).get_by_role("button", name="更多操作"), own(page).locator(".menu")
    corner.click()
    expect(menu).to_be_visible()
    page.keyboard.press("Escape")
    expect(menu).to_have_count(0)
    expect(corner).to_be_focused()
    for elsewhere in (own(page).locator(".talk"), own(page).locator(".card h3"), group(page).locator(".top"), corner):
        corner.click()
        expect(corner).to_have_attribute("aria-expanded", "true")
        elsewhere.click(position={"x": 5, "y": 5})
        expect(menu).to_have_count(0)
        expect(corner).to_have_attribute("aria-expanded", "false")


def test_the_two_private_chats_are_told_apart(b: Bench, page: Page) -> None:
    expect(page.locator('.segments [data-chat="app"]')).to_have_attribute("title", re.compile("自建应用单聊"))
    expect(page.locator('.segments [data-chat="bot"]')).to_have_attribute("title", re.compile("智能机器人单聊"))


# what is drawn


def test_the_customer_is_drawn_by_the_family_name(b: Bench, page: Page) -> None:
    customer(page).get_by_role("button", name="想改地址").click()
    expect(customer(page).locator(".msg.mine .avatar")).to_have_text("林")


def test_words_on_a_narrow_card_are_not_torn_apart(b: Bench, page: Page) -> None:
    page.set_viewport_size({"width": 1024, "height": 768})
    buttons = [{"text": text, "key": text} for text in ("改期", "认领", "延后2小时", "刷新")]
    title = {"title": "要求延后发货 · 剩 45 小时 · ¥238"}
    b.send("template_card", samples.button_interaction() | {"button_list": buttons, "main_title": title})
    button = own(page).get_by_role("button", name="延后2小时")
    assert (
        button.evaluate(
            "e => { const r = document.createRange(); r.selectNodeContents(e); return r.getClientRects().length; }"
        )
        == 1
    )
    expect(own(page).locator(".card h3")).to_have_text("要求延后发货 · 剩 45 小时 · ¥238")
    hours = """e => { const text = e.firstChild, at = text.data.indexOf("剩"), r = document.createRange();
                      r.setStart(text, at); r.setEnd(text, at + 7); return r.getClientRects().length; }"""
    assert own(page).locator(".card h3").evaluate(hours) == 1


def test_markdown_is_drawn_and_never_becomes_markup(b: Bench, bot: BotClient, page: Page) -> None:
    text = (
        '# 标题\n**粗** `码` [链接](https://a.cn/x) <font color="warning">橙</font> <@xiaoli> <b>不是标签</b>\n'
        "> 引用\n\n- 一\n- 二\n\n1. 甲\n\n| 阶段 | 单数 |\n|---|---|\n| 待审核 | 6 |\n\n[坏](javascript:alert(1))"
    )
    aibot_of(b.state).post("group", "markdown", {"content": text})
    drawn = group(page).locator(".md")
    expect(drawn.locator("h1")).to_have_text("标题")
    expect(drawn.locator("b")).to_have_text("粗")
    expect(drawn.locator("a")).to_have_attribute("href", "https://a.cn/x")
    expect(drawn.locator(".warning")).to_have_text("橙")
    expect(drawn.locator(".at.me")).to_have_text("@小李")
    expect(drawn.locator("blockquote")).to_have_text("引用")
    expect(drawn.locator("ul li")).to_have_count(2)
    expect(drawn.locator("td").nth(1)).to_have_text("6")
    expect(drawn).to_contain_text("<b>不是标签</b>")


def test_an_apps_markdown_knows_no_tables_and_lists(b: Bench, page: Page) -> None:
    b.send("markdown", {"content": "- 一\n| a | b |\n|---|---|\n**粗**"})
    expect(own(page).locator(".md b")).to_have_text("粗")
    expect(own(page).locator(".md table, .md li")).to_have_count(0)


def test_a_recalled_message_leaves_a_note(b: Bench, page: Page) -> None:
    msgid = b.send("text", {"content": "发错了"})["msgid"]
    b.call("message/recall", {"msgid": msgid})
    expect(own(page).locator(".note")).to_have_text("订单助手撤回了一条消息")
    expect(own(page).locator(".bubble")).to_have_count(0)


def test_pictures_files_and_link_cards_are_drawn(b: Bench, page: Page) -> None:
    store = b.chat.store
    picture = store.keep("board.png", "image", png(), "image/png")
    paper = store.keep("面单.pdf", "file", b"%PDF-1.4", "application/pdf")
    b.send("image", {"media_id": picture.media_id})
    b.send("file", {"media_id": paper.media_id})
    b.send("textcard", {"title": "日报", "description": '<div class="highlight">6 单超时</div>', "url": "https://a.cn"})
    b.send("news", {"articles": [{"title": "复盘", "url": "https://a.cn"}]})
    b.send("text", {"content": '看 <a href="https://a.cn/b">清单</a>'})
    assert own(page).locator(".picture img").evaluate("img => img.decode().then(() => img.naturalWidth)") == 40
    expect(own(page).locator(".file b")).to_contain_text("面单.pdf")
    expect(own(page).locator(".textcard .highlight")).to_have_text("6 单超时")
    expect(own(page).get_by_role("link", name="复盘")).to_be_visible()
    expect(own(page).get_by_role("link", name="清单")).to_have_attribute("href", "https://a.cn/b")


@pytest.mark.parametrize("sample", samples.ALL, ids=lambda sample: sample.__name__)
def test_no_card_spills_over_its_phone(b: Bench, page: Page, sample: Callable[[], Frame]) -> None:
    long = {"main_title": {"title": "长" * 60, "desc": "W" * 80}}
    assert b.send("template_card", sample() | long)["errcode"] == 0
    card = own(page).locator(f'[data-type="{sample.__name__}"]')
    expect(card).to_be_visible()
    assert card.evaluate("card => card.scrollWidth <= card.clientWidth")
    inside, outside = card.bounding_box(), own(page).bounding_box()
    assert inside["x"] + inside["width"] <= outside["x"] + outside["width"]


def test_on_a_phone_one_conversation_fills_the_screen_and_tabs_switch(b: Bench, bot: BotClient, mobile: Page) -> None:
    push_card(b, bot, samples.button_interaction())
    b.send("text", {"content": "早"})
    expect(group(mobile)).to_be_visible()
    expect(own(mobile)).to_be_hidden()
    assert mobile.evaluate("document.documentElement.scrollWidth") == 390
    dot = mobile.locator('.tabs [data-tab="own"] i')
    expect(dot).to_be_visible()
    mobile.locator('.tabs [data-tab="own"]').click()
    expect(own(mobile).locator(".bubble")).to_have_text("早")
    expect(dot).to_be_hidden()
    mobile.get_by_role("button", name="时间和来单").click()
    mobile.get_by_role("button", name="+1 小时").click()
    expect(mobile.locator("#now-time")).to_have_text("11:00")
    expect(mobile.locator("#levers")).to_be_hidden()


def test_the_three_phones_fit_a_laptop_without_scrolling(b: Bench, page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= 1366 && document.documentElement.scrollHeight <= 768")
    boxes = [page.locator(f'[data-phone="{name}"]').bounding_box() for name in ("group", "own", "oa")]
    assert all(box is not None and box["width"] > 340 for box in boxes)


# the JSON under it


def test_the_phone_that_opens_a_link_is_known_to_the_login_page(b: Bench) -> None:
    session = requests.Session()
    session.get(f"{b.base}/phones/api/state", params={"who": "zhaojie"}, timeout=5)
    query = {"appid": "wwdemo00000000001", "redirect_uri": "http://127.0.0.1:9/login", "state": "s"}
    answer = session.get(f"{b.base}/connect/oauth2/authorize", params=query, allow_redirects=False, timeout=5)
    code = re.search(r"code=([^&]+)", answer.headers["Location"])
    assert code is not None
    assert wecom_of(b.state).redeem_code(code[1]) == "zhaojie"


def test_events_resume_after_the_last_id(b: Bench, phones: Phones) -> None:
    b.send("text", {"content": "一"})
    version = phones.store.version
    b.send("text", {"content": "二"})
    headers = {"Last-Event-ID": str(version)}
    with requests.get(f"{b.base}/phones/events?who=xiaoli", headers=headers, stream=True, timeout=5) as answer:
        lines = answer.iter_lines(decode_unicode=True)
        assert next(lines) == f"id: {version + 1}"
        told = json.loads(next(lines).removeprefix("data: "))
    assert [(one["phone"], one["body"]["content"]) for one in told["messages"]] == [("app", "二")]


def test_what_a_phone_cannot_do_is_refused_in_words(b: Bench) -> None:
    assert "空白" in b.say("xiaoli", "group", " ")["error"]
    assert "没有这个人" in b.say("ghost", "group", "在吗")["error"]
    assert "没有这个会话" in b.say("xiaoli", "moon", "在吗")["error"]
    assert "没有这张卡片" in b.post("/phones/api/press", {"who": "xiaoli", "message_id": "m0"})["error"]
    b.send("template_card", samples.button_interaction())
    message = b.shown("xiaoli", "app")[0]["id"]
    assert "看不到" in b.post("/phones/api/press", {"who": "laowang", "message_id": message, "key": "claim"})["error"]
    assert "selected" in b.post("/phones/api/press", {"who": "xiaoli", "selected": [1]})["error"]
    assert requests.post(f"{b.base}/phones/api/say", data="x", timeout=5).status_code == 409
    assert requests.get(f"{b.base}/phones/media/none", timeout=5).status_code == 404


def test_a_quoted_message_goes_along_to_the_bot(b: Bench, bot: BotClient) -> None:
    b.send("text", {"content": "x"})
    push_card(b, bot, samples.button_interaction())
    card = b.shown("xiaoli", "group")[-1]["id"]
    b.post("/phones/api/say", {"who": "xiaoli", "chat": "group", "text": "@订单助手 完成", "quote": card})
    assert bot.callbacks[-1]["body"]["quote"]["text"]["content"] == "TB-20251222-017 待发货 2 小时"


def test_two_people_press_at_once_and_both_get_an_answer(b: Bench, bot: BotClient) -> None:
    push_card(b, bot, samples.button_interaction())
    card = b.shown("xiaoli", "group")[-1]["id"]
    told: list[Frame] = []

    def press(who: str) -> None:
        told.append(b.post("/phones/api/press", {"who": who, "message_id": card, "key": "claim"}))

    threads = [threading.Thread(target=press, args=(who,)) for who in ("xiaoli", "laowang")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(one.get("answered") or "处理过" in one.get("error", "") for one in told)


def test_a_passive_answer_of_the_app_appears_without_a_reload(b: Bench, page: Page) -> None:
    wecom = wecom_of(b.state)
    head = {"ToUserName": "xiaoli", "FromUserName": "wwdemo00000000001", "CreateTime": 1, "MsgType": "text"}

    def answer(seen: Seen) -> bytes:
        text = seen.xml(wecom.crypto).findtext("Content")
        return xml_reply(wecom.crypto, head | {"Content": f"收到 {text}"}) if text else b""

    b.hub.answer = answer
    own(page).get_by_role("button", name="我的", exact=True).click()
    expect(own(page).locator(".bubble").last).to_have_text("收到 我的")
