"""WeCom's phone and DingTalk's beside each other, in a real browser, on a laptop and in one hand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from sandbox.aibot import aibot_of
from tests.sandbox import chat_samples as samples
from tests.sandbox.chat_hub import BotClient
from tests.sandbox.ding_hub import PUBLIC, Ding
from tests.sandbox.phones_page import LAPTOP, PHONE, chromium, watched
from tests.sandbox.test_dingtalk_hooks import send as send_hook
from tests.sandbox.test_dingtalk_notices import send as send_notice
from tests.sandbox.test_dingtalk_press import CHOICES, answer, data

Json = dict[str, Any]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture
def page(d: Ding, browser: Browser) -> Iterator[Page]:
    yield from watched(browser, d.bench, LAPTOP, "both")


@pytest.fixture
def hand(d: Ding, browser: Browser) -> Iterator[Page]:
    yield from watched(browser, d.bench, PHONE, "both")


@pytest.fixture
def bot(d: Ding) -> Iterator[BotClient]:
    """WeCom's half of the hub: says what it heard; a press is answered by the card as done."""

    def on(frame: Json) -> list[Json]:
        body, headers = frame["body"], frame["headers"]
        if body["msgtype"] == "text":
            told = {"msgtype": "markdown", "markdown": {"content": f"企微收到 **{body['text']['content']}**"}}
            return [{"cmd": "aibot_respond_msg", "headers": headers, "body": told}]
        if "template_card_event" not in body["event"]:
            return []
        card = samples.button_interaction(body["event"]["template_card_event"]["task_id"], replace_text="小李已认领")
        told = {"response_type": "update_template_card", "template_card": card}
        return [{"cmd": "aibot_respond_update_msg", "headers": headers, "body": told}]

    client = BotClient(d.bench, on)
    client.subscribe(d.bench)
    yield client
    aibot_of(d.bench.state).link.close()


def wecom(page: Page) -> Any:
    return page.locator('[data-phone="wecom"]')


def ding(page: Page) -> Any:
    return page.locator('[data-phone="dingtalk"]')


def open_chat(phone: Any, chat: str) -> None:
    phone.locator(f'[data-chat="{chat}"]').click()


def nothing_overflows(page: Page) -> bool:
    """The page fits its window, and whatever is drawn in a phone stays inside of it."""
    return bool(
        page.evaluate("""() => {
          const fits = (e) => e.scrollWidth <= e.clientWidth + 1;
          const inside = (e, phone) => e.getBoundingClientRect().right <= phone.getBoundingClientRect().right + 1;
          const phones = [...document.querySelectorAll(".phone")].filter((one) => one.offsetParent);
          const parts = ".card, .bubble, .push, .quick button, .send, .segments button, .top h1, .client";
          return fits(document.documentElement) && document.documentElement.scrollHeight <= innerHeight
            && phones.every((phone) => fits(phone.querySelector(".talk"))
            && [...phone.querySelectorAll(parts)].filter((one) => one.offsetParent).every((one) => inside(one, phone)));
        }""")
    )


# both phones


def test_what_is_said_on_either_phone_is_heard_on_its_own_platform(d: Ding, bot: BotClient, page: Page) -> None:
    client = d.connect()
    wecom(page).get_by_role("button", name="看板", exact=True).click()
    expect(wecom(page).locator(".md b")).to_have_text("@订单助手 看板")
    box = ding(page).get_by_label("在钉钉群里发消息")
    box.fill("我的")
    box.press("Enter")
    expect(ding(page).locator(".msg.mine .bubble")).to_have_text("@订单助手 我的")
    assert client.said()["text"]["content"].strip() == "我的"
    assert [one["body"]["text"]["content"] for one in bot.callbacks if "text" in one["body"]] == ["@订单助手 看板"]
    expect(wecom(page).locator(".msg.mine")).to_have_count(1)


def test_a_press_on_dingtalk_spins_shows_the_answer_and_then_the_change_to_all(d: Ding, page: Page) -> None:
    client = d.connect(lambda frame: (200, answer(userPrivateData=data(note="10:06 您已认领"))))
    d.create(d.card())
    ding(page).get_by_role("button", name="认领").click()
    expect(ding(page).locator(".note-own")).to_have_text("仅你可见10:06 您已认领")
    d.update(done_text="小李已认领 10:06", buttons="[]")
    expect(ding(page).locator(".push.gone")).to_have_text("小李已认领 10:06")
    page.get_by_role("radio", name="老王").click()
    expect(ding(page).locator(".push.gone")).to_have_text("小李已认领 10:06")
    expect(ding(page).locator(".note-own")).to_have_count(0)
    assert client.pressed()["userId"] == "dt-xiaoli"


def test_a_press_on_either_phone_changes_the_card_of_the_same_matter_on_both(
    d: Ding, bot: BotClient, page: Page
) -> None:
    """The hub in between is played here: bench/smoke.py has the real one."""
    d.connect(lambda frame: (200, {"response": None}))
    d.bench.say("chenjie", "group", "@订单助手 看板")
    body = {"chatid": "wrDEMO01", "msgtype": "template_card", "template_card": samples.button_interaction()}
    assert bot.ask("aibot_send_msg", body)["errcode"] == 0
    d.create(d.card())
    wecom(page).get_by_role("button", name="认领").click()
    expect(wecom(page).locator(".push.gone")).to_have_text("小李已认领")
    d.update(done_text="小李已认领", buttons="[]")
    expect(ding(page).locator(".push.gone")).to_have_text("小李已认领")


def test_a_reply_to_a_card_tells_the_robot_which_card(d: Ding, page: Page) -> None:
    client = d.connect()
    d.create(d.card())
    message = ding(page).locator(".msg").last
    message.hover()
    message.get_by_role("button", name="回复").click()
    expect(ding(page).locator(".quoting")).to_contain_text("回复 订单助手：超时未发货")
    box = ding(page).get_by_label("在钉钉群里发消息")
    expect(box).to_be_focused()
    box.fill("认领")
    box.press("Enter")
    expect(ding(page).locator(".quoted")).to_contain_text("[卡片] 超时未发货")
    expect(ding(page).locator(".quoting")).to_have_count(0)
    told = client.said()["text"]
    assert told["isReplyMsg"] is True
    assert told["repliedMsg"]["msgType"] == "interactiveCard"


def test_a_reply_that_was_begun_can_be_dropped(d: Ding, page: Page) -> None:
    client = d.connect()
    d.create(d.card())
    box = ding(page).get_by_label("在钉钉群里发消息")
    box.fill("先写一半")
    ding(page).locator(".msg").last.hover()
    ding(page).get_by_role("button", name="回复").click()
    expect(box).to_have_value("先写一半")
    ding(page).get_by_role("button", name="不回复了").click()
    box.press("Enter")
    expect(ding(page).locator(".msg.mine .bubble")).to_have_text("@订单助手 先写一半")
    assert "repliedMsg" not in client.said()["text"]


def test_a_reply_on_wecom_quotes_the_card_too(d: Ding, bot: BotClient, page: Page) -> None:
    d.bench.say("chenjie", "group", "@订单助手 看板")
    body = {"chatid": "wrDEMO01", "msgtype": "template_card", "template_card": samples.button_interaction()}
    assert bot.ask("aibot_send_msg", body)["errcode"] == 0
    message = wecom(page).locator(".msg").last
    message.hover()
    message.get_by_role("button", name="回复").click()
    wecom(page).get_by_label("在群里发消息").fill("完成")
    wecom(page).get_by_role("button", name="发送").click()
    expect(wecom(page).locator(".mine .quoted")).to_contain_text("TB-20251222-017")
    assert "quote" in bot.callbacks[-1]["body"]


def test_words_are_spoken_and_the_robot_gets_what_was_recognized(d: Ding, page: Page) -> None:
    client = d.connect()
    open_chat(ding(page), "ding")
    ding(page).get_by_label("说语音").click()
    expect(ding(page).locator(".toast")).to_contain_text("先把要说的话打出来")
    ding(page).get_by_label("给钉钉机器人发消息").fill("看板")
    ding(page).get_by_label("说语音").click()
    expect(ding(page).locator(".voice .heard")).to_have_text("看板")
    told = client.said()
    assert (told["msgtype"], told["content"]["recognition"]) == ("audio", "看板")


def test_a_file_goes_to_the_robot_and_lies_in_the_chat(d: Ding, page: Page) -> None:
    client = d.connect()
    open_chat(ding(page), "ding")
    given = {"name": "订单.xlsx", "mimeType": "application/octet-stream", "buffer": b"PK"}
    ding(page).get_by_label("发文件给机器人").set_input_files(given)
    expect(ding(page).locator(".file b")).to_contain_text("订单.xlsx")
    assert client.said()["content"]["fileName"] == "订单.xlsx"


def test_nobody_can_speak_without_words(d: Ding) -> None:
    assert "没有说话" in d.bench.post("/phones/api/voice", {"who": "xiaoli", "text": " "})["error"]


# conversations


def test_unread_marks_stand_on_the_other_conversations_until_they_are_opened(d: Ding, page: Page) -> None:
    d.say_to("dt-xiaoli", content="有一单指给您")
    send_notice(d)
    single, work = (ding(page).locator(f'[data-chat="{chat}"] i') for chat in ("ding", "notice"))
    expect(single).to_be_visible()
    expect(work).to_be_visible()
    open_chat(ding(page), "ding")
    expect(ding(page).locator(".bubble")).to_have_text("有一单指给您")
    expect(single).to_be_hidden()
    open_chat(ding(page), "notice")
    expect(ding(page).locator(".card.work")).to_contain_text("有 3 单超时")
    expect(ding(page).locator(".composer")).to_have_text("工作通知只能看，不能回复")
    expect(work).to_be_hidden()


def test_the_unread_of_another_person_counts_both_platforms(d: Ding, page: Page) -> None:
    d.say_to("dt-laowang", content="一")
    d.bench.send("text", {"content": "二"}, touser="laowang")
    expect(page.get_by_role("radio", name="老王").locator(".badge")).to_have_text("2")


def test_the_switch_chooses_the_phones_and_is_remembered(d: Ding, page: Page) -> None:
    expect(page.locator(".phone")).to_have_count(2)
    page.get_by_role("button", name="只看钉钉").click()
    names = [one.get_attribute("data-phone") for one in page.locator(".phone").all()]
    assert names == ["dgroup", "ding", "notice"]
    page.get_by_role("button", name="只看企业微信").click()
    page.reload()
    page.wait_for_selector('[data-ready="yes"]')
    names = [one.get_attribute("data-phone") for one in page.locator(".phone").all()]
    assert names == ["group", "own", "oa"]
    page.get_by_role("button", name="两个并排").click()
    expect(ding(page)).to_be_visible()
    expect(page.get_by_role("button", name="两个并排")).to_have_attribute("aria-pressed", "true")


def test_a_draft_waits_while_another_conversation_is_open(d: Ding, page: Page) -> None:
    ding(page).get_by_label("在钉钉群里发消息").fill("写到一半")
    open_chat(ding(page), "ding")
    expect(ding(page).get_by_label("给钉钉机器人发消息")).to_have_value("")
    open_chat(ding(page), "dgroup")
    expect(ding(page).get_by_label("在钉钉群里发消息")).to_have_value("写到一半")


def test_each_robot_being_away_is_said_on_its_own_phone(d: Ding, bot: BotClient, page: Page) -> None:
    expect(page.locator("#ding-line")).to_have_text("钉钉机器人不在线")
    expect(page.locator("#line")).to_have_text("企业微信机器人在线")
    expect(ding(page).locator(".strip")).to_be_visible()
    expect(wecom(page).locator(".strip")).to_be_hidden()
    d.connect()
    expect(page.locator("#ding-line")).to_have_text("钉钉机器人在线")
    expect(ding(page).locator(".strip")).to_be_hidden()


# what DingTalk draws


def test_a_card_of_our_own_template_shows_every_part(d: Ding, page: Page) -> None:
    client = d.connect()
    fields = json.dumps([{"label": "负责", "value": "客服（待认领）"}], ensure_ascii=False)
    parts = {"subtitle": "TB-20251222-017", "quote": "小李：先别发", "fields": fields, "body": "超过 2 小时"}
    more = {"link": "https://a.cn/b", "link_title": "打开看板", "source": "订单中枢", "code": "A7F2", "tone": "warn"}
    d.create(d.card(cardData=data(**CHOICES, **parts, **more)))
    card = ding(page).locator(".ding-card")
    expect(card.locator("header h3")).to_have_text("派给谁")
    expect(card).to_have_attribute("data-tone", "warn")
    expect(card.locator(".desc")).to_have_text("TB-20251222-017")
    expect(card.locator(".quotearea")).to_have_text("小李：先别发")
    expect(card.locator(".fields dd")).to_have_text("客服（待认领）")
    expect(card.locator(".subtext")).to_have_text("超过 2 小时")
    expect(card.get_by_role("link", name="打开看板")).to_have_attribute("href", "https://a.cn/b")
    expect(card.locator("footer")).to_have_text("订单中枢 · A7F2")
    card.locator("select").select_option("赵姐")
    card.get_by_role("button", name="更多").click()
    card.get_by_role("menuitem", name="转给别人").click()
    told = json.loads(client.pressed()["content"])["cardPrivateData"]
    assert told == {"actionIds": ["menu"], "params": {"key": "pass_on", "choice": "zhaojie"}}


def test_a_card_of_the_public_template_shows_markdown_and_buttons(d: Ding, page: Page) -> None:
    client = d.connect()
    told = {"msgButtons": [{"text": "认领", "color": "blue", "id": "claim", "request": True}]}
    shown = {"title": "超时", "markdown": "**环节** 待审核  \n\\*\\*不是粗体", "tips": "编号 A7F2"}
    public = data(**shown, sys_full_json_obj=json.dumps(told, ensure_ascii=False))
    d.create(d.card(cardTemplateId=PUBLIC, cardData=public))
    card = ding(page).locator(".ding-card")
    expect(card.locator(".md b")).to_have_text("环节")
    expect(card.locator(".md")).to_contain_text("**不是粗体")
    expect(card.locator("footer")).to_have_text("编号 A7F2")
    card.get_by_role("button", name="认领").click()
    assert json.loads(client.pressed()["content"])["cardPrivateData"]["params"] == {"id": "claim"}


def test_an_action_card_opens_its_addresses_or_says_something(d: Ding, page: Page) -> None:
    client = d.connect()
    says = "dtmd://dingtalkclient/sendMessage?content=%E7%9C%8B%E6%9D%BF"
    open_chat(ding(page), "ding")
    param = {"title": "日报", "text": "### 日报\n- 6 单超时", "actionTitle1": "看板", "actionURL1": says}
    more = {"actionTitle2": "明细", "actionURL2": "https://a.cn/board"}
    d.say_to("dt-xiaoli", key="sampleActionCard2", **param, **more)
    card = ding(page).locator(".ding-action")
    expect(card.locator("h3")).to_have_text("日报")
    expect(card.locator("li")).to_have_text("6 单超时")
    expect(card.get_by_role("button")).to_have_text(["看板", "明细"])
    card.get_by_role("button", name="看板").click()
    expect(ding(page).locator(".msg.mine .bubble")).to_have_text("看板")
    assert client.said()["text"]["content"] == "看板"


def test_dingtalks_markdown_breaks_lines_only_where_two_spaces_say_so(d: Ding, page: Page) -> None:
    open_chat(ding(page), "ding")
    text = "**粗** @dt-xiaoli\n同一行  \n下一行\n\n| a | b |\n|---|---|"
    d.say_to("dt-xiaoli", key="sampleMarkdown", title="标题", text=text)
    drawn = ding(page).locator(".md")
    expect(drawn.locator("b")).to_have_text("粗")
    expect(drawn.locator(".at.me")).to_have_text("@小李")
    expect(drawn.locator("p").first.locator("br")).to_have_count(1)
    expect(drawn.locator("table")).to_have_count(0)


def test_whom_a_card_calls_is_shown_above_it(d: Ding, page: Page) -> None:
    model = {"robotCode": "dingdemokey0000001", "atUserIds": {"dt-xiaoli": "小李"}}
    d.create(d.card(imGroupOpenDeliverModel=model))
    expect(ding(page).locator(".called .at.me")).to_have_text("@小李")


def test_links_feeds_and_notices_are_drawn(d: Ding, page: Page) -> None:
    links = [
        {"title": f"日报 {day}", "messageURL": f"https://a.cn/{day}", "picURL": "https://a.cn/p"} for day in (1, 2)
    ]
    assert send_hook(d, {"msgtype": "feedCard", "feedCard": {"links": links}})["errcode"] == 0
    expect(ding(page).locator(".ding-feed a")).to_have_text(["日报 1", "日报 2"])
    open_chat(ding(page), "ding")
    link = {"title": "看板", "text": "6 单超时", "messageUrl": "https://a.cn/b", "picUrl": "https://a.cn/p.png"}
    d.say_to("dt-xiaoli", key="sampleLink", **link)
    expect(ding(page).get_by_role("link", name="看板")).to_have_attribute("href", "https://a.cn/b")
    open_chat(ding(page), "notice")
    send_notice(d, {"msgtype": "markdown", "markdown": {"title": "超时", "text": "**3 单**超时"}})
    expect(ding(page).locator(".work .md b")).to_have_text("3 单")


@pytest.mark.parametrize("where", ["laptop", "hand"])
def test_nothing_overflows_with_the_longest_card(d: Ding, browser: Browser, where: str) -> None:
    options = LAPTOP if where == "laptop" else PHONE
    long = "长" * 60
    fields = [{"label": "六个字的标题", "value": "W" * 48}] * 2
    buttons = [{"text": "十个字的按钮名称啊啊", "key": f"k{n}", "style": "plain"} for n in range(5)]
    menu = [{"text": "忽略：已另行处理", "key": "m1"}]
    lists = {"fields": fields, "buttons": buttons, "menu": menu}
    texts = {
        "title": long,
        "subtitle": "W" * 80,
        "quote": long,
        "body": "W" * 100,
        "source": "订单中枢",
        "tone": "warn",
    }
    public = texts | {name: json.dumps(one, ensure_ascii=False) for name, one in lists.items()}
    d.create(d.card(cardData=data(**public)))
    for page in watched(browser, d.bench, options, "both"):
        if where == "hand":
            page.locator('[data-tab="dingtalk"]').click()
        expect(ding(page).locator(".ding-card")).to_be_visible()
        assert nothing_overflows(page)


@pytest.mark.parametrize("size", [(1280, 720), (1280, 800), (1024, 768), (1920, 1080), (390, 844), (360, 640)])
@pytest.mark.parametrize("view", ["both", "wecom", "dingtalk"])
def test_every_view_fits_every_window(d: Ding, browser: Browser, view: str, size: tuple[int, int]) -> None:
    d.create(d.card())
    options = {"viewport": {"width": size[0], "height": size[1]}}
    for page in watched(browser, d.bench, options, view):
        for tab in page.locator(".tabs button").all() if size[0] < 1024 else [None]:
            if tab is not None:
                tab.click()
            assert nothing_overflows(page)
        last = page.locator("#ding-line").bounding_box()
        assert size[0] < 1024 or (last is not None and last["y"] + last["height"] <= size[1]), "the rail fits as well"


# in one hand


def test_in_one_hand_tabs_change_the_phone(d: Ding, hand: Page) -> None:
    expect(wecom(hand)).to_be_visible()
    expect(ding(hand)).to_be_hidden()
    d.create(d.card())
    dot = hand.locator('.tabs [data-tab="dingtalk"] i')
    expect(dot).to_be_visible()
    hand.locator('.tabs [data-tab="dingtalk"]').click()
    expect(ding(hand).locator(".ding-card")).to_be_visible()
    expect(dot).to_be_hidden()
    expect(wecom(hand)).to_be_hidden()


def test_in_one_hand_a_tap_on_a_message_offers_the_reply(d: Ding, hand: Page) -> None:
    client = d.connect()
    d.create(d.card())
    hand.locator('.tabs [data-tab="dingtalk"]').click()
    ding(hand).locator(".ding-card h3").tap()
    ding(hand).get_by_role("button", name="回复").tap()
    ding(hand).get_by_label("在钉钉群里发消息").fill("认领")
    ding(hand).get_by_role("button", name="发送").tap()
    expect(ding(hand).locator(".quoted")).to_contain_text("超时未发货")
    assert client.said()["text"]["isReplyMsg"] is True


def test_in_one_hand_a_press_changes_the_card(d: Ding, hand: Page) -> None:
    d.connect(lambda frame: (200, answer(cardData=data(done_text="小李已认领", buttons="[]"))))
    d.create(d.card())
    hand.locator('.tabs [data-tab="dingtalk"]').click()
    ding(hand).get_by_role("button", name="认领").tap()
    expect(ding(hand).locator(".push.gone")).to_have_text("小李已认领")


# what goes wrong


def test_faults_are_switched_for_one_platform_and_back(d: Ding, page: Page) -> None:
    page.get_by_role("button", name="出点故障…").click()
    panel = page.get_by_role("dialog")
    column = panel.get_by_role("region", name="钉钉", exact=True)
    column.get_by_role("button", name="接口变慢 3 秒").click()
    expect(column.get_by_role("button", name="接口变慢 3 秒")).to_have_attribute("aria-pressed", "true")
    column.get_by_role("button", name="回调丢一次").click()
    expect(column.get_by_role("button", name="回调丢一次")).to_have_attribute("aria-pressed", "true")
    told = d.bench.get("/control/chat")
    assert (told["dingtalk_switches"]["slow_answers"], told["dingtalk_switches"]["drop_callbacks"]) == (3, 1)
    assert (told["switches"]["slow_answers"], told["switches"]["drop_callbacks"]) == (0, 0)
    column.get_by_role("button", name="恢复正常").click()
    expect(column.get_by_role("button", name="一切正常")).to_be_disabled()
    assert d.bench.get("/control/chat")["dingtalk_switches"]["slow_answers"] == 0
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()


def test_the_connection_is_cut_and_the_page_says_so(d: Ding, page: Page) -> None:
    client = d.connect()
    expect(page.locator("#ding-line")).to_have_text("钉钉机器人在线")
    page.get_by_role("button", name="出点故障…").click()
    column = page.get_by_role("dialog").get_by_role("region", name="钉钉", exact=True)
    column.get_by_role("button", name="断开长连接").click()
    assert client.wait(topic="disconnect")
    client.close()
    expect(page.locator("#ding-line")).to_have_text("钉钉机器人不在线")


def test_the_month_of_dingtalk_is_shown_used_up_and_cleared(d: Ding, page: Page) -> None:
    d.say_to("dt-xiaoli")
    page.get_by_role("button", name="出点故障…").click()
    month = page.get_by_role("dialog").get_by_role("region", name="钉钉本月用量")
    expect(month.locator(".gauge b").first).to_have_text("1 / 5000")
    month.get_by_role("button", name="用到只剩 3%").click()
    expect(month.locator(".gauge b").first).to_have_text("4850 / 5000")
    month.get_by_role("button", name="用量清零").click()
    expect(month.locator(".gauge b").first).to_have_text("0 / 5000")


def test_dingtalks_login_page_speaks_of_dingtalk(d: Ding) -> None:
    query = {"client_id": d.settings.app_key, "response_type": "code", "prompt": "consent", "scope": "openid"}
    more = {"redirect_uri": "http://127.0.0.1:9/login", "state": "s"}
    text = requests.get(f"{d.bench.base}/dingtalk/login", params=query | more, timeout=5).text
    assert "真实的钉钉知道是谁在点" in text
    assert "企业微信" not in text
