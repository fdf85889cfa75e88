"""Promises 4 and 6: nobody acts beyond the role, whatever the way in; and private data stays private, wherever one
looks for it."""

from __future__ import annotations

import base64
import json
import logging
import zlib
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import pytest
import requests
from sqlalchemy import text, update

from bot.channels.dingtalk.keys import shorten
from bot.payload import Payload
from bot.pen import button_key
from handlers import login
from handlers.people import find_actor
from models import Order, Staff
from models.case import short_code
from models.vault import Receiver
from sandbox import world_jd, world_jd_methods, world_pdd, world_taobao_methods
from sandbox.chat_store import Message
from sandbox.chat_wire import Outcome
from sandbox.world_people import HERO
from sandbox.world_taobao import trade_row
from tests.flows.chats import DINGTALK, controls, shown
from tests.flows.house import CUSTOMER, Ground, House, open_house

STAFF = ("xiaoli", "laowang", "zhaojie", "chenjie")
OUTSIDER = "waiguan"
EVERYBODY = (*STAFF, OUTSIDER)
SKU = "QH-PAN-28"
WAYBILL = "SF1234567890123"
NAME, PHONE, STREET = HERO.name, HERO.phone, HERO.address.detail
SECRETS = (NAME, PHONE, f"{PHONE[:3]} {PHONE[3:7]} {PHONE[7:]}", STREET, "紫金花路")
CHANGING = ("orders", "order_lines", "cases", "trail", "trail_heads", "write_backs", "staff", "staff_roles", "shops",
            "customers", "stock", "cursors")  # fmt: skip


@pytest.fixture
def busy(ground: Ground, chat: str) -> Iterator[House]:
    """A house with a matter of every kind that a button can end."""
    with open_house(ground, chat=chat, stock={SKU: 1}) as house:
        house.order_in("taobao", kind="vague", buyer="hero")
        house.order_in("jd", sku=SKU, quantity=2)
        house.order_in("taobao", buyer_message="出差，晚两天再发")
        refund, elsewhere, failing = (house.order_in("taobao") for _ in range(3))
        house.pull()
        house.move(minutes=10)
        house.world.ask_refund(refund.id)
        house.world.ship(elsewhere.id, "圆通速递", "YT1234567890123")
        house.ask("xiaoli", f"审核 {failing.id}")
        house.ask("laowang", f"配货 {failing.id}")
        house.world.cancel(failing.id)
        house.ask("laowang", f"发货 {failing.id} 顺丰 {WAYBILL}")
        house.move(minutes=10)
        house.pull()
        house.move(minutes=16)
        house.arrived("pdd")
        house.move(hours=2)
        house.look()
        yield house


def affairs(house: House) -> dict[str, str]:
    """Everything that anybody could have changed, as it stands; that somebody spoke, and where, is no change."""
    rows = (
        "SELECT md5(string_agg(r, '|' ORDER BY r)) FROM (SELECT (to_jsonb(t) - 'heard_on')::text AS r FROM {} t) rows"
    )
    with house.hub.engine.connect() as connection:
        return {name: str(connection.scalar(text(rows.format(name)))) for name in CHANGING}


def said(answer: Any) -> str:
    return json.dumps(answer, ensure_ascii=False)


def is_refusal(words: str, who: str) -> bool:
    """In a group the reason is told to the asker alone."""
    if who == OUTSIDER:
        return "登记" in words
    return "可以请" in words or "没有办成，原因已单独发给您" in words


# what is typed


def lines(house: House) -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
    """Commands that change something one after the other, and more that would do the same; each with who may give it
    besides the supervisor."""
    house.move(minutes=16)
    new = house.order_in("taobao", buyer="hero")
    picked, packed = (house.order_in("taobao") for _ in range(2))  # of others: the same bought twice would wait
    vague = house.order_in("jd", kind="vague")
    house.order_in("jd", sku=SKU, quantity=2)
    house.pull()
    for order in (picked, packed):
        house.ask("xiaoli", f"审核 {order.id}")
    house.ask("laowang", f"配货 {packed.id}")
    assert house.order(vague.id).lock_reason
    code = short_code(house.cases("address_vague")[-1].id)
    short = short_code(house.cases("short_stock")[0].id)
    one_by_one: dict[str, tuple[str, ...]] = {
        f"备注 {new.id} 小心轻放": ("xiaoli",),
        f"指派 {new.id} 小李": (),
        f"指派 {code} 小李": (),
        f"收件 {new.id} 客户要改地址": ("xiaoli", "laowang"),
        f"审核 {new.id}": ("xiaoli",),
        f"配货 {picked.id}": ("laowang",),
        f"发货 {packed.id} 顺丰 {WAYBILL}": ("laowang",),
        f"{code} 认领": ("xiaoli",),
        f"{code} +2h": ("xiaoli",),
        f"{code} 转 小李": ("xiaoli",),
        f"{code} 忽略 误报": ("xiaoli",),
        f"{short} 转 赵姐": ("zhaojie",),
        f"{short} 强制 样品间还有一个": ("zhaojie",),
    }
    the_same: dict[str, tuple[str, ...]] = {
        f"{new.id} 审核": ("xiaoli",),
        f"审核 {new.id} {packed.id}": ("xiaoli",),
        f"{code} 完成": ("xiaoli",),
    }
    return one_by_one, the_same


def test_every_command_is_refused_to_every_wrong_person_and_changes_nothing(ground: Ground, chat: str) -> None:
    with open_house(ground, chat=chat, stock={SKU: 1}) as house:
        one_by_one, the_same = lines(house)
        for line, allowed in (one_by_one | the_same).items():
            before = affairs(house)
            wrong = sorted(set(EVERYBODY) - set(allowed) - {"chenjie"})
            for who in wrong:
                for place in ("app", "group")[: 2 if who in wrong[-2:] else 1]:
                    words = house.hear(who, line, place)
                    assert is_refusal(words, who), (who, place, line, words)
                    assert not any(secret in words for secret in SECRETS)
            assert affairs(house) == before, line
            house.move(minutes=1)  # so many a minute and chat


def test_the_right_people_may(ground: Ground, chat: str) -> None:
    """Else the refusals above would prove nothing."""
    with open_house(ground, chat=chat, online=False, stock={SKU: 1}) as house:
        one_by_one, _ = lines(house)
        for line, allowed in one_by_one.items():
            before = affairs(house)
            house.ask((*allowed, "chenjie")[0], line)
            assert affairs(house) != before, line


def test_an_outsider_gets_to_know_nothing_at_all(house: House) -> None:
    order = house.arrived("taobao", buyer="hero")
    before = house.counts()
    for line in (
        "看板",
        "我的",
        "帮助",
        f"查 {order.tag}",
        f"轨迹 {order.tag}",
        order.tag,
        PHONE[-4:],
        f"查 {NAME}",
        "喂",
    ):
        for place in house.edge.chats:
            words = house.hear(OUTSIDER, line, place)
            assert is_refusal(words, OUTSIDER), words
            assert not any(secret in words for secret in (order.tag, order.external_id, "enter?t=", *SECRETS))
    house.work()
    after = house.counts()
    assert {name for name in after if after[name] != before[name]} <= {"seen_messages", "usage"}
    assert len(house.said(f"app:{OUTSIDER}")) == 9, "an answer for each line and nothing else"


# what is pressed

HARMLESS = ("刷新", "查看清单", "轨迹")
OPINIONS = ("有用", "误报")  # which everybody may have
THEIRS_TOO = {("xiaoli", "缺货"): ("等货", "换同款", "拆单先发", "退款")}
"""What somebody may press on a card of another role: service talks with the buyers of goods that purchasing misses."""
OWNERS = {
    "地址模糊": "xiaoli",
    "缺货": "zhaojie",
    "要求延后发货": "xiaoli",
    "发货前退款": "xiaoli",
    "平台已发货": "xiaoli",
    "回传失败": "laowang",
    "待审核超时": "xiaoli",
}


def test_every_button_is_refused_to_every_wrong_person_and_changes_nothing(busy: House) -> None:
    for title, owner in OWNERS.items():
        card = busy.card("group", title)
        pressed = 0
        for who in set(EVERYBODY) - {owner, "chenjie"}:
            others = {viewer: shown(card, viewer) for viewer in set(EVERYBODY) - {who}}
            before = affairs(busy)
            offered = set(controls(card, who)) - {*OPINIONS, *THEIRS_TOO.get((who, title), ())}
            for words in sorted(offered, key=HARMLESS.__contains__):  # 刷新 shows them their own buttons
                answer = said(busy.press(who, card, words).answer)
                assert is_refusal(answer, who) is (who == OUTSIDER or words not in HARMLESS), (who, title, words)
                pressed += 1
            assert affairs(busy) == before, (who, title)
            assert {viewer: shown(card, viewer) for viewer in others} == others, "the others' cards stay as they are"
        assert pressed >= 12, "there were buttons to press"


def test_the_right_person_may_press_each_of_these_cards(busy: House) -> None:
    first = {
        "地址模糊": "已确认", "缺货": "认领", "发货前退款": "认领", "平台已发货": "已核对",
        "回传失败": "已手工上传", "待审核超时": "审核", "要求延后发货": "认领",
    }  # fmt: skip
    for title, words in first.items():
        card, before = busy.card("group", title), affairs(busy)
        busy.pressed(OWNERS[title], card, words)
        assert affairs(busy) != before, title
    assert not busy.complaints()


def forged_press(house: House, who: str, card: Message, key: str) -> Outcome:
    return house.edge.forge(house.phones, who, card, key)


def test_another_persons_card_gives_no_more_rights(office: House) -> None:
    order = office.arrived("taobao")
    office.ask("chenjie", f"指派 {order.tag} 小李")
    card = office.card("app:xiaoli", order.tag)
    key = controls(card, "xiaoli")["审核"]
    before = affairs(office)
    for who in ("laowang", "zhaojie", OUTSIDER):
        outcome = forged_press(office, who, card, key)
        assert outcome.answered
        office.work()
        assert affairs(office) == before
        heard = [shown(one, who) for one in office.said(f"app:{who}")]
        if office.edge is DINGTALK:  # in the answer, which only whoever pressed is shown
            assert is_refusal(said(outcome.answer), who)
            assert not heard
        else:
            assert [is_refusal(words, who) for words in heard] == ([] if who == OUTSIDER else [True])
    assert "待配货" in office.pressed("xiaoli", card, "审核")


def test_a_key_that_the_hub_did_not_make_does_nothing(office: House, capfd: pytest.CaptureFixture[str]) -> None:
    order = office.arrived("taobao")
    office.ask("chenjie", f"指派 {order.tag} 小李")
    card = office.card("app:xiaoli", order.tag)
    real = controls(card, "xiaoli")["审核"]
    tag, body = real[:12], real[12:]
    right = button_key(office.hub.settings.security.button_key)
    revision = "~2~" if office.edge is DINGTALK else ',2,"'

    def packed(action: str, subject: str, key: bytes = right) -> str:
        found = Payload(action, subject, 1).pack(key)
        return shorten(found) if office.edge is DINGTALK else found

    forged = {
        "unsigned": body,
        "another action": tag + body.replace("approve", "pick"),
        "another order": tag + body.replace(f"order:{order.id}", "order:999"),
        "another revision": tag + body.replace(revision, revision.replace("2", "9")),
        "a wrong key": packed("approve", f"order:{order.id}", b"x" * 32),
        "cut": real[:-1],
        "empty": "",
        "too long": real + "x" * 2000,
        "no such action": packed("dance", f"order:{order.id}"),
        "no such subject": packed("approve", "staff:1"),
        "sql": packed("approve", "order:1 OR 1=1"),
        "not there": packed("approve", "order:99999999"),
        "an order as a case": packed("solve", f"order:{order.id}"),
    }
    assert revision in body
    before = affairs(office)
    for name, key in forged.items():
        outcome = forged_press(office, "chenjie", card, key)
        assert outcome.answered, (name, outcome.why)
        office.work()
        assert affairs(office) == before, name
    assert "press_ignored" in capfd.readouterr().out
    assert not office.complaints()


def test_roles_are_those_of_this_moment(office: House) -> None:
    order = office.arrived("taobao")
    office.ask("chenjie", f"指派 {order.tag} 小李")
    card, browser = office.card("app:xiaoli", order.tag), office.enter_board("xiaoli")
    with office.hub.sessions() as session:
        session.execute(update(Staff).where(Staff.name == "小李").values(active=False))
        session.commit()
    before = affairs(office)
    office.press("xiaoli", card, "审核")
    assert "登记" in office.hear("xiaoli", f"审核 {order.tag}")
    form = {"action": "approve", "revision": "2"}
    assert browser.post(f"{office.url}/orders/{order.id}", data=form, timeout=10).status_code == 401
    assert browser.get(f"{office.url}/board", timeout=10).status_code == 401
    assert affairs(office) == before


# the board


def test_the_board_refuses_what_the_chat_refuses(office: House) -> None:
    order = office.arrived("taobao", buyer="hero")
    page = f"{office.url}/orders/{order.id}"
    before = affairs(office)
    assert requests.get(f"{office.url}/board", timeout=10).status_code == 401
    assert requests.get(page, timeout=10).status_code == 401
    assert requests.post(page, data={"action": "approve", "revision": "1"}, timeout=10).status_code == 401
    for who in ("laowang", "zhaojie"):
        browser = office.enter_board(who)
        for action in ("approve", "pick", "ship_ask", "send_back", "solve", "claim", "reveal", "nonsense"):
            answer = browser.post(page, data={"action": action, "revision": "1"}, timeout=10)
            assert answer.status_code == 200, "the page again, with what was said"
            assert action != "approve" or "审核由客服操作" in answer.text, who
        assert not any(secret in answer.text for secret in SECRETS)
    assert affairs(office) == before
    browser = office.enter_board("xiaoli")
    for wrong in ({"action": "approve"}, {"revision": "1"}, {"action": "approve", "revision": "x"}):
        assert browser.post(page, data=wrong, timeout=10).status_code == 400
    foreign = {"Origin": "http://evil.example"}
    assert browser.post(page, data={"action": "approve", "revision": "1"}, headers=foreign, timeout=10).ok is False
    assert affairs(office) == before
    assert browser.post(page, data={"action": "approve", "revision": "1"}, timeout=10).ok
    assert office.order(order.external_id).stage == "pending_pick"


def test_a_pass_that_the_hub_did_not_make_opens_nothing(office: House) -> None:
    with office.hub.open_desk() as desk:
        chenjie = find_actor(desk, office.edge.userid("chenjie"), office.edge.channel)
        assert chenjie is not None
        link = login.link(desk, chenjie)
    ticket = link.partition("t=")[2]
    body = ticket.partition(".")[0]
    forged = base64.urlsafe_b64encode(base64.urlsafe_b64decode(body + "==").replace(b"4", b"1")).decode().rstrip("=")
    for cookie in (ticket, f"{forged}.{ticket.rpartition('.')[2]}", "x", "", "null", '[4,"9999999999"]'):
        answer = requests.get(f"{office.url}/board", cookies={"hub_pass": cookie}, timeout=10)
        assert answer.status_code == 401, "a link's ticket is no pass either"
    assert requests.get(f"{office.url}/enter?t={ticket}x", timeout=10).status_code == 401
    office.move(minutes=16)
    assert requests.get(link, timeout=10).status_code == 401, "a link dies after a quarter of an hour"


def test_a_link_that_lets_somebody_in_never_stands_in_the_group(house: House) -> None:
    house.arrived("taobao")
    assert "enter?t=" not in house.ask("chenjie", "看板", chat="group")
    assert "enter?t=" not in "".join(shown(one) for one in house.said("group"))
    assert "enter?t=" in house.ask("chenjie", "看板", chat="app")


# private data


def in_clear(patch: pytest.MonkeyPatch) -> None:
    """The shops have the right to see their receivers, as some do; Pinduoduo gives it to nobody."""

    def trade(order: Any, *rest: Any) -> dict[str, Any]:
        plain = {"receiver_name": order.buyer.name, "receiver_mobile": order.buyer.phone}
        return {**trade_row(order, *rest), **plain, "receiver_address": order.address.detail}

    def info(order: Any, *rest: Any) -> dict[str, Any]:
        row: dict[str, Any] = dict(world_jd.order_row(order, *rest))
        plain = {"fullname": order.buyer.name, "mobile": order.buyer.phone, "telephone": ""}
        return row | {"consigneeInfo": row["consigneeInfo"] | plain | {"fullAddress": order.address.detail}}

    patch.setattr(world_taobao_methods, "trade_row", trade)
    patch.setattr(world_jd_methods, "order_row", info)


def receiver_of(house: House, order: Order) -> Receiver:
    with house.hub.sessions() as session:
        vault: Any = session.info["vault"]
        kept: Receiver = vault.open_receiver(order.receiver)
        return kept


def a_private_day(house: House) -> list[Order]:
    """Everything that people do with receivers, in the group and alone."""
    orders = [house.arrived(platform, buyer="hero", district="", town="") for platform in ("taobao", "jd", "pdd")]
    for order in orders[:2]:
        assert receiver_of(house, order) == Receiver(name=NAME, phone=PHONE, address=STREET, cipher=_oaid(house, order))
    for who in STAFF:
        for line in (f"查 {PHONE}", f"查 {NAME}", f"查 {PHONE[-4:]}", f"查 {orders[0].tag}", f"轨迹 {orders[1].tag}"):
            house.hear(who, line, "group")
            house.ask(who, line)
        house.move(minutes=1)
    house.ask("xiaoli", f"收件 {orders[0].tag} 客户要改地址", chat="group")
    house.ask("xiaoli", f"收件 {orders[0].tag}")
    for order in orders:
        card = house.card("group", order.tag, "地址模糊 ·")
        house.pressed("laowang", card, "已确认")
        house.pressed("xiaoli", card, "已确认")
        house.ask("chenjie", f"指派 {order.tag} 老王")
        house.ask("xiaoli", f"审核 {order.tag}")
    browser = house.enter_board("xiaoli")
    assert NAME not in browser.get(f"{house.url}/orders/{orders[0].id}", timeout=10).text
    house.ask("laowang", f"配货 {orders[0].tag}")
    house.ask("laowang", f"发货 {orders[0].tag} 顺丰 {WAYBILL}")
    house.phones.customer_say(CUSTOMER, f"{orders[0].external_id} {PHONE[-4:]}")
    house.phones.customer_say(CUSTOMER, f"{orders[0].external_id} 0000")
    house.move(hours=2)
    house.look()
    return orders


def _oaid(house: House, order: Order) -> dict[str, str]:
    return {"oaid": order.receiver_key} if order.platform == "taobao" else {}


def in_database(house: House) -> dict[str, str]:
    """Every column of every table, as text; bytes as hex and, where they are compressed, as what they hold."""
    with house.hub.engine.connect() as connection:
        return {
            name: str(connection.scalar(text(f"SELECT coalesce(string_agg(t::text, '\n'), '') FROM {name} t")))
            for name in connection.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).all()
        }


def in_redis(house: House) -> bytes:
    """Every key and every value, also unpacked."""
    redis: Any = house.hub.redis
    found: list[bytes] = []
    readers: dict[bytes, Any] = {
        b"string": redis.get,
        b"hash": lambda key: b"|".join(b"=".join(pair) for pair in redis.hgetall(key).items()),
        b"list": lambda key: b"|".join(redis.lrange(key, 0, -1)),
        b"set": lambda key: b"|".join(redis.smembers(key)),
        b"zset": lambda key: b"|".join(redis.zrange(key, 0, -1)),
    }
    for key in redis.scan_iter():
        value = readers[redis.type(key)](key) or b""
        found += [key, value]
        for part in value.split(b"|"):
            try:
                found.append(zlib.decompress(part.partition(b"=")[2]))
            except zlib.error:
                continue
    return b"\n".join(found)


def assert_none_of(secrets: tuple[str, ...], where: str, words: str | bytes) -> None:
    for secret in secrets:
        if isinstance(words, bytes):
            assert secret.encode() not in words, f"{secret} in {where}"
        else:
            assert secret not in words, f"{secret} in {where}"
            assert secret.encode().hex() not in words, f"{secret} in {where}, as bytes"
            assert json.dumps(secret)[1:-1] not in words, f"{secret} in {where}, escaped"


def test_receivers_are_nowhere_in_clear(
    house: House,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    urls: list[str] = []
    send = requests.Session.send

    def noted(session: requests.Session, call: requests.PreparedRequest, **rest: Any) -> requests.Response:
        urls.append(str(call.url))
        return send(session, call, **rest)

    monkeypatch.setattr(requests.Session, "send", noted)
    in_clear(monkeypatch)
    a_private_day(house)
    group = "".join(shown(one, who) for one in house.said("group") for who in (*EVERYBODY, ""))
    assert "林**" in group, "it is there, masked"
    assert_none_of(SECRETS, "the group", group)
    for who in ("laowang", "zhaojie", "chenjie", OUTSIDER):
        assert_none_of(SECRETS, f"what {who} heard", "".join(shown(one, who) for one in house.said(f"app:{who}")))
    for name, rows in in_database(house).items():
        assert_none_of(SECRETS, f"table {name}", rows)
    assert_none_of(SECRETS, "Redis", in_redis(house))
    captured = capfd.readouterr()
    assert "pulled" in captured.out, "there is a log"
    assert_none_of(SECRETS, "the log", captured.out + captured.err + caplog.text)
    assert len(urls) > 50
    assert_none_of(SECRETS, "an address", "\n".join(urls) + unquote("".join(urls)))
    assert_none_of(SECRETS, "what the customer heard", "".join(shown(one) for one in house.said(f"oa:{CUSTOMER}")))


def test_a_reveal_is_for_one_person_for_a_reason_and_on_the_trail(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_clear(monkeypatch)
    order = house.arrived("taobao", buyer="hero")
    others = {name: len(house.chat(name)) for name in ("group", "app:laowang", "app:zhaojie", "app:chenjie")}
    assert "原因" in house.ask("xiaoli", f"收件 {order.tag}")
    assert "单独发给您" in house.ask("xiaoli", f"收件 {order.tag} 客户要改地址", chat="group")
    house.work()
    assert "私聊" in "".join(shown(one, "xiaoli") for one in house.said("app:xiaoli"))
    assert "查看收件信息" not in house.actions(order), "nothing was shown yet"
    told = house.ask("xiaoli", f"收件 {order.tag} 客户要改地址")
    assert all(secret in told for secret in (NAME, PHONE, STREET))
    (row,) = [row for row in house.trail(order) if row.action == "查看收件信息"]
    assert (row.actor, row.source) == ("小李", house.edge.channel)
    assert "客户要改地址" in row.detail
    assert len(house.chat("group")) == others["group"] + 2, "what was asked there, and the refusal"
    assert {name: len(house.chat(name)) for name in others if name != "group"} == {
        name: many for name, many in others.items() if name != "group"
    }
    assert "小李" in house.ask("chenjie", f"轨迹 {order.tag}")


def test_what_a_platform_hides_is_unknown_and_kept_byte_for_byte(office: House) -> None:
    made = {platform: office.order_in(platform, buyer="hero") for platform in ("taobao", "jd", "pdd")}
    office.pull()
    company = office.state.company
    rows: dict[str, Any] = {
        "taobao": trade_row(made["taobao"], company.taobao.nick, company.taobao.app_key),
        "jd": world_jd.order_row(made["jd"], company.jd.vender),
        "pdd": world_pdd.order_row(made["pdd"]),
    }
    for platform, number in made.items():
        order = office.order(number.id)
        kept = receiver_of(office, order)
        assert (kept.name, kept.phone, kept.address) == ("", "", ""), "nothing is guessed"
        sent = {str(value) for value in _leaves(rows[platform])}
        assert kept.cipher
        assert set(kept.cipher.values()) <= sent
        told = office.ask("xiaoli", f"收件 {order.tag} 客户要改地址")
        assert "平台隐藏" in told
        assert PHONE not in told
    assert office.order(made["taobao"].id).name_hash is None, "a mask is nobody's name"


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _leaves(part)
    else:
        yield value
