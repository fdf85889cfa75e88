"""A spreadsheet from a phone and from a browser, on its whole way over real sockets."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
import requests
from sqlalchemy import select

import jobs
from models import Order, Received
from models.received import State
from tests.flows.chats import shown
from tests.flows.house import Ground, House, open_house
from tests.ingest.sheet.books import LI, MANUAL, WANG, text, xlsx
from tests.waiting import eventually

BAD = ("赵国庆", "1380000123", "江苏省南京市江宁区秣陵街道胜太路1号", "碗", 1, 20, "")
INBOX = [{"slug": "xls", "platform": "sheet", "prefix": "XLS", "name": "青禾线下表格"}]


@pytest.fixture(params=["stream", "callback"])
def house(ground: Ground, chat: str, request: pytest.FixtureRequest) -> Iterator[House]:
    """With an inbox for spreadsheets and nothing else; the bot on its long connection, or by callbacks."""
    mode = str(request.param)
    with open_house(ground, chat=chat, online=mode == "stream", mode=mode, shops=INBOX) as opened:
        yield opened


def work(house: House) -> None:
    """What the queue would do with files."""
    with house.hub.sessions() as session:
        waiting = session.scalars(select(Received.id).where(Received.state.in_((State.FETCHING, State.UNREAD)))).all()
    for file_id in waiting:
        jobs.read_received(file_id)
    house.move(seconds=1)
    jobs.pull_shop("xls")
    house.work()


def orders(house: House) -> list[str]:
    with house.hub.sessions() as session:
        return list(session.scalars(select(Order.tag).order_by(Order.id)))


def heard(house: House) -> str:
    return "\n".join(shown(one, "xiaoli") for name in ("app:xiaoli", "bot:xiaoli") for one in house.said(name))


def test_a_phone_sends_a_file_to_the_bot_and_hears_what_came_of_it(house: House) -> None:
    outcome = house.phones.send_file("xiaoli", house.edge.place("bot"), "周五补单.xlsx", xlsx(MANUAL, WANG, BAD, LI))
    assert outcome.answered, outcome.why
    eventually(lambda: "正在读取" in heard(house), "nothing was answered")
    work(house)
    assert len(orders(house)) == 2
    said = heard(house)
    assert "「周五补单.xlsx」导入完成：新建 2 单，1 行有问题" in said
    assert "第 3 行：电话不是 11 位" in said
    assert house.complaints() == []


def test_a_browser_uploads_looks_over_imports_and_takes_back(house: House) -> None:
    browser = house.enter_board("xiaoli")
    sent = browser.post(f"{house.url}/import", files={"file": ("订单.csv", text(MANUAL, WANG, LI))}, timeout=10)
    assert sent.status_code == 200
    assert "正在读取" in sent.text
    page = sent.url
    with house.hub.sessions() as session:
        (file,) = session.scalars(select(Received))
    jobs.read_received(file.id)
    assert "导入 2 行" in _page(browser, page)
    browser.post(page, data={"action": "start"}, timeout=10)
    work(house)
    assert "新建 2 单" in _page(browser, page)
    assert len(orders(house)) == 2
    taken_back = browser.post(page, data={"action": "undo"}, timeout=10)
    assert "已撤销：2 单取消" in taken_back.text
    template = browser.get(f"{house.url}/web/order-template.xlsx", timeout=10)
    assert template.content.startswith(b"PK")


def _page(browser: requests.Session, page: str) -> str:
    return re.sub(r"\s+", " ", browser.get(page, timeout=10).text)
