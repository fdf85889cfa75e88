"""A mailbox, over its socket."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from redis import Redis
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from ingest.mail.errors import CODES, DEFAULT, error_of, refused
from ingest.source import Action, PlatformError
from models import MailboxMark, RawPayload
from models.vault import Vault
from tests.ingest.inbox import Inbox, html_table, letter, mail_inbox
from tests.ingest.sheet.books import LI, MANUAL, WANG, text, xlsx

WORDS = "姓名：王小明\n电话：13800001234\n地址：浙江省杭州市西湖区三墩镇紫金花路88号\n商品：马克杯×2\n金额：138"


@pytest.fixture
def box(sessions: sessionmaker[Session], redis: Redis, now: datetime) -> Iterator[Inbox]:
    with mail_inbox(sessions, redis, standing_at=now) as world:
        yield world


def mail(box: Inbox, raw: bytes, *, minutes: float = 20) -> None:
    box.box.deliver(raw, box.now() - timedelta(minutes=minutes))


def problems(box: Inbox) -> list[str]:
    with box.sessions() as session:
        return [found for found in session.scalars(select(RawPayload.problem)) if found]


# -- what becomes an order


def test_a_mail_in_words_becomes_an_order_once(box: Inbox, vault: Vault) -> None:
    mail(box, letter(words=WORDS), minutes=5)
    assert box.pull().new == 1
    (order,) = box.orders().values()
    receiver = vault.open_receiver(order.receiver)
    assert (receiver.name, receiver.phone, receiver.address) == ("王小明", "13800001234", "紫金花路88号")
    assert (order.district, order.paid_fen, order.tag) == ("西湖区", 13800, "MAIL-20251222-001")
    assert order.created_at == box.now() - timedelta(minutes=5)
    box.move(minutes=2)
    assert box.pull().unchanged == 1


def test_the_same_words_in_another_mail_are_another_order(box: Inbox) -> None:
    mail(box, letter("<1@qinghe.example>", words=WORDS))
    mail(box, letter("<2@qinghe.example>", words=WORDS))
    mail(box, letter("<1@qinghe.example>", words=WORDS))
    assert box.pull().new == 2, "the first lies there twice"


@pytest.mark.parametrize("name", ["订单.xlsx", "订单.csv"])
def test_an_attached_spreadsheet_becomes_its_orders(box: Inbox, name: str) -> None:
    content = xlsx(MANUAL, WANG, LI) if name.endswith("x") else text(MANUAL, WANG, LI, encoding="gb18030")
    mail(box, letter(words="订单见附件，谢谢", files=[(name, content), ("合同.pdf", b"%PDF")]))
    assert box.pull().new == 2
    assert {order.seller_memo for order in box.orders().values()} == {"加固包装", ""}


def test_a_table_in_the_mail_becomes_its_orders_and_a_layout_does_not(box: Inbox) -> None:
    signature = "<table><tr><td>青禾家居</td></tr><tr><td>电话 0571-88886666</td></tr></table>"
    mail(box, letter(page=f"<p>您好</p>{html_table(MANUAL, [WANG, LI])}{signature}"))
    assert box.pull().new == 2


def test_an_order_number_in_the_mail_is_the_orders_number(box: Inbox) -> None:
    headings = ("订单号", *MANUAL)
    mail(box, letter("<1@qinghe.example>", files=[("1.xlsx", xlsx(headings, ("CH20251222001", *WANG)))]))
    changed = ("CH20251222001", *WANG[:6], "改送公司")
    mail(box, letter("<2@qinghe.example>", files=[("2.xlsx", xlsx(headings, changed))]), minutes=10)
    report = box.pull()
    assert (report.new, len(box.orders())) == (1, 1)
    assert box.orders()["CH20251222001"].seller_memo == "改送公司"


def test_letters_that_only_the_wider_charset_has_are_kept(box: Inbox, vault: Vault) -> None:
    raw = letter(words=WORDS.replace("王小明", "王珺喆"), charset="gb18030").replace(b"gb18030", b"gb2312")
    mail(box, raw)
    box.pull()
    (order,) = box.orders().values()
    assert vault.open_receiver(order.receiver).name == "王珺喆"


# -- what does not


@pytest.mark.parametrize(
    "words",
    [
        "周五下午三点开会，请准时。",
        "上次的 2 个杯子坏了，回我电话 13800001234",
        "收到，谢谢！\n\n-----原始邮件-----\n" + WORDS,
        "好的\n> " + WORDS.replace("\n", "\n> "),
    ],
)
def test_mails_that_are_no_orders_are_left(box: Inbox, words: str) -> None:
    mail(box, letter(words=words))
    report = box.pull()
    assert (report.new, report.unreadable, report.finished) == (0, 0, True)


@pytest.mark.parametrize(
    ("sender", "taken"),
    [
        ("boss@qinghe.example", True),
        ("Boss <BOSS@qinghe.example>", True),
        ("anyone@partner.example", True),
        ("stranger@elsewhere.example", False),
        ("boss@qinghe.example.evil.example", False),
        ("boss@qinghe.example, stranger@elsewhere.example", False),
        ('"boss@qinghe.example" <stranger@elsewhere.example>', False),
    ],
)
def test_only_allowed_senders_make_orders(box: Inbox, sender: str, taken: bool) -> None:
    mail(box, letter(sender=sender, words=WORDS))
    assert box.pull().new == taken
    assert ("UID FETCH" in box.box.commands) is True
    assert "UID STORE" not in box.box.commands, "nothing is marked"


def test_what_looks_like_orders_and_cannot_be_read_is_kept_with_the_reason(box: Inbox) -> None:
    mail(box, letter("<1@a.example>", words=WORDS.replace("13800001234", "1380000123")))
    mail(box, letter("<2@a.example>", files=[("坏.xlsx", b"PK\x03\x04broken")]))
    mail(box, letter("<3@a.example>", files=[("怪.xlsx", xlsx(("甲", "乙"), ("1", "2")))]))
    mail(box, letter("<4@a.example>", words=WORDS.split("商品", maxsplit=1)[0]))
    assert box.pull().unreadable == 4
    found = sorted(problems(box))
    assert any("附件 坏.xlsx：表格打不开" in one for one in found)
    assert any("附件 怪.xlsx 的表头认不全，缺「收件人、电话、地址、商品」" in one for one in found)
    assert any("没有商品" in one for one in found)


def test_a_page_that_claims_to_be_wide_is_kept_with_the_reason(box: Inbox) -> None:
    mail(box, letter(page=f"<table>{'<tr>' + '<td colspan=300>' * 10 + 'a</tr>'}</table>"))
    assert box.pull().unreadable == 1
    assert problems(box) == ["邮件正文：表格超过 300 列。请删掉用不到的列再导入"]


def test_an_attached_list_of_prices_is_no_order(box: Inbox) -> None:
    mail(box, letter(words="新价格见附件", files=[("价格表.xlsx", xlsx(("商品", "单价"), ("马克杯", 39)))]))
    report = box.pull()
    assert (report.new, report.unreadable) == (0, 0)


def test_a_bad_row_does_not_hold_up_the_others(box: Inbox) -> None:
    bad = ("赵国庆", "1380000123", "江苏省南京市江宁区胜太路1号", "碗", 1, 20, "")
    mail(box, letter(files=[("订单.xlsx", xlsx(MANUAL, WANG, bad, LI))]))
    report = box.pull()
    assert (report.new, report.unreadable) == (2, 1)
    assert problems(box) == ["电话不是 11 位（现在 10 位），请核对"]


# -- by their numbers, whatever their dates


def test_a_mail_that_is_moved_into_the_folder_later_is_read_with_its_old_date(box: Inbox) -> None:
    mail(box, letter("<1@qinghe.example>", words=WORDS), minutes=5)
    assert box.pull().new == 1
    box.move(minutes=10)
    box.pull()
    mail(box, letter("<2@qinghe.example>", words=WORDS), minutes=3 * 24 * 60)
    box.move(minutes=10)
    assert box.pull().new == 1
    assert min(order.created_at for order in box.orders().values()) < box.now() - timedelta(days=3)
    read = box.box.commands.count("UID FETCH")
    box.move(minutes=60)
    assert box.pull().new == 0
    assert box.box.commands.count("UID FETCH") == read + 1, "of what was read only dates of its days are asked for"


def test_what_lay_there_before_the_first_look_stays_unread_where_it_is_old(box: Inbox) -> None:
    mail(box, letter("<1@qinghe.example>", words=WORDS), minutes=90 * 24 * 60)
    for _ in range(2):
        assert box.pull().new == 0
        box.move(minutes=10)


def test_a_pull_that_is_cut_does_not_forget_what_was_moved_here(box: Inbox) -> None:
    box.pull()
    box.move(minutes=10)
    box.pull()
    mail(box, letter("<1@qinghe.example>", words=WORDS), minutes=3 * 24 * 60)
    box.move(minutes=10)
    box.fault("cut_connection", calls=100)
    assert not box.pull().finished
    box.state.faults.clear()
    assert box.pull().new == 1


def test_uids_that_mean_other_mails_now_are_begun_anew(box: Inbox) -> None:
    for _ in range(2):
        mail(box, letter(f"<{box.now()}@qinghe.example>", words=WORDS), minutes=5)
        box.pull()
        box.move(minutes=10)
    box.box.validity = 2
    box.box.letters.clear()
    mail(box, letter("<9@qinghe.example>", words=WORDS), minutes=5)
    assert box.pull().new == 1
    box.move(minutes=10)
    box.pull()
    mail(box, letter("<10@qinghe.example>", words=WORDS), minutes=3 * 24 * 60)
    box.move(minutes=10)
    assert box.pull().new == 1


def test_mails_of_others_are_counted_once_and_shown(box: Inbox) -> None:
    for number in range(2):
        mail(box, letter(f"<{number}@a.example>", sender="new@elsewhere.example", words=WORDS), minutes=5)
    for _ in range(3):
        box.pull()
        box.move(minutes=5)
    mail(box, letter("<3@a.example>", sender="new@elsewhere.example", words=WORDS), minutes=2)
    for _ in range(3):
        box.pull()
        box.move(minutes=5)
    with box.sessions() as session:
        mark = session.scalars(select(MailboxMark)).one()
    assert (mark.strangers, f"{mark.strangers_on:%m-%d}") == (3, "12-22")


# -- the server


@pytest.mark.parametrize("fault", ["cut_connection", "http_500", "not_json"])
@pytest.mark.parametrize("on", ["list", "login"])
def test_a_pull_that_was_cut_resumes_without_loss(box: Inbox, fault: str, on: str) -> None:
    box.add(5)
    box.fault(fault, on=on, calls=100)
    broken = box.pull()
    assert not broken.finished
    assert broken.problem
    assert box.orders() == {}
    box.state.faults.clear()
    assert box.pull().finished
    assert len(box.orders()) == 5


def test_one_lost_reply_costs_only_a_second_try(box: Inbox) -> None:
    box.add(5)
    box.fault("cut_connection")
    assert box.pull().new == 5
    assert box.slept


def test_too_many_logins_are_waited_for(box: Inbox) -> None:
    box.add()
    box.fault("throttle", on="login")
    report = box.pull()
    assert report.wait_until is not None
    assert report.wait_until - box.now() >= timedelta(minutes=10)
    box.move(minutes=11)
    assert box.pull().new == 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"app_secret": "wrong"}, "邮箱登录失败，授权无效"),
        ({"folder": "没有的"}, "没有这个文件夹"),
    ],
)
def test_a_wrong_password_or_folder_stops_the_shop_and_shows_no_secret(
    box: Inbox, changes: dict[str, str], said: str, caplog: pytest.LogCaptureFixture
) -> None:
    right = box.settings
    box.settings = right.model_copy(update=changes)
    report = box.pull()
    assert said in report.stopped
    assert box.shop().state == "stopped"
    assert right.app_secret not in str(report) + caplog.text + box.shop().problem


def test_a_server_that_is_not_there_is_tried_again(box: Inbox) -> None:
    box.settings = box.settings.model_copy(update={"gateway": "imap://127.0.0.1:1"})
    assert "稍后自动重试" in box.pull().problem
    assert box.shop().state == "working"


def test_a_server_without_encryption_behind_an_encrypted_address_is_tried_again(box: Inbox) -> None:
    box.settings = box.settings.model_copy(update={"gateway": box.settings.gateway.replace("imap:", "imaps:")})
    assert box.pull().problem


def test_each_code_of_its_table_says_what_to_do_in_chinese() -> None:
    assert len(CODES) >= 20
    for code in CODES:
        found = error_of({"code": code})
        assert isinstance(found, PlatformError)
        assert any("一" <= letter <= "鿿" for letter in found.resolution.text)
    assert error_of({"code": "BRANDNEW"}).resolution is DEFAULT


@pytest.mark.parametrize(
    ("words", "action"),
    [
        ("b'[AUTHENTICATIONFAILED] Invalid credentials'", Action.STOP),
        ("LOGIN Login error or password error", Action.STOP),
        ("Login fail. Login frequency limited", Action.WAIT),
        ("[UNAVAILABLE] Temporary authentication failure", Action.RETRY),
    ],
)
def test_servers_say_no_to_a_login_in_their_own_ways(words: str, action: Action) -> None:
    error = refused("login", words)
    assert error.resolution.action is action
    assert words not in str(error)
