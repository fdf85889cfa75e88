from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.test import TestResponse

import web
from config import Settings, parse
from handlers import login
from handlers.desk import Actor, Desk, Job, OpenDesk
from handlers.received import received
from ingest.sheet.look import look_at
from models import Headings, Received, Role, Shop
from models.received import State
from tests.cast import Cast, Member, hire, hire_all
from tests.conftest import settings_document
from tests.ingest.sheet.books import LI, MANUAL, WANG, xlsx
from workers import receiving

ODD = ("客户名", "联络", "收货信息", "买的东西")
Open = Callable[[], AbstractContextManager[Desk]]


@pytest.fixture
def inboxes() -> Sequence[str]:
    return ("线下表格",)


@pytest.fixture
def settings(inboxes: Sequence[str]) -> Settings:
    slugs = ("xls", "tuan")
    shops = [
        {"slug": slug, "platform": "sheet", "prefix": "XLS", "name": name}
        for slug, name in zip(slugs, inboxes, strict=False)
    ]
    return parse({**settings_document(), "shops": shops})


@pytest.fixture
def cast(sessions: sessionmaker[Session], settings: Settings) -> Cast:
    with sessions() as session:
        for shop in settings.shops:
            session.add(Shop(slug=shop.slug, platform="sheet", prefix="XLS", name=shop.name, ship_hours=48))
        found = hire_all(session)
        session.commit()
    return found


@pytest.fixture
def browser(settings: Settings, open_desk: OpenDesk, cast: Cast) -> FlaskClient:
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = 1 << 20
    app.register_blueprint(web.blueprint(settings, open_desk))
    return app.test_client()


class Visit:
    """小李 at the page, and the worker behind it."""

    def __init__(self, browser: FlaskClient, open_desk: Open, sessions: sessionmaker[Session]) -> None:
        self.browser, self.open_desk, self.sessions = browser, open_desk, sessions

    def enter(self, actor: Actor) -> Visit:
        with self.open_desk() as desk:
            path = login.link(desk, actor).removeprefix("http://127.0.0.1:8780")
        answer = self.browser.get(f"{path}&to=import")
        assert answer.headers["Location"] == "/import"
        return self

    def send(self, content: bytes, name: str = "订单.xlsx", **form: str) -> TestResponse:
        return self.browser.post("/import", data={"file": (io.BytesIO(content), name), **form})

    def handed_in(self, content: bytes, **form: str) -> str:
        """The page of the file, after the worker looked at it."""
        path = self.send(content, **form).headers["Location"]
        with self.open_desk() as desk:
            file = received.locked(desk, int(path.rsplit("/", 1)[1]), State.UNREAD)
            assert file is not None
            receiving.look(desk, file)
        return str(path)

    def page(self, path: str) -> str:
        return self.browser.get(path).text

    def file(self) -> Received:
        with self.sessions() as session:
            return session.scalars(select(Received)).one()


@pytest.fixture
def visit(browser: FlaskClient, open_desk: Open, sessions: sessionmaker[Session], cast: Cast) -> Visit:
    return Visit(browser, open_desk, sessions).enter(cast.xiaoli)


def test_a_file_is_uploaded_looked_over_masked_and_started(
    visit: Visit, asked: list[tuple[Job, tuple[object, ...]]]
) -> None:
    path = visit.send(xlsx(MANUAL, WANG, LI)).headers["Location"]
    page = visit.page(path)
    assert "正在读取" in page
    assert 'http-equiv="refresh"' in page
    number = visit.file().id
    assert asked == [(Job.READ_RECEIVED, (number,))]

    with visit.open_desk() as desk:
        file = received.locked(desk, number, State.UNREAD)
        assert file is not None
        receiving.look(desk, file)
    page = visit.page(path)
    assert "导入 2 行" in page
    assert "手工表，2 行" in page
    assert "王**" in page
    assert "138****1234" in page
    assert "王小明" not in page
    assert "13800001234" not in page
    assert "紫金花路" not in page

    answer = visit.browser.post(path, data={"action": "start"})
    assert answer.status_code == 303
    assert visit.file().state == State.READY
    assert asked[1:] == [(Job.PULL_SHOP, ("xls",))]
    assert "正在导入" in visit.page(path)


def test_columns_are_named_by_drop_downs_and_remembered(visit: Visit, sessions: sessionmaker[Session]) -> None:
    path = visit.handed_in(xlsx(ODD, WANG[:4]))
    page = visit.page(path)
    assert "还缺：收件人、电话、地址、商品" in page
    assert "王小明" not in page
    assert "三墩镇" not in page
    form = {"action": "start", "column-0": "name", "column-1": "phone", "column-2": "address"}
    page = visit.browser.post(path, data=form, follow_redirects=True).text
    assert "还缺：商品" in page
    visit.browser.post(path, data={**form, "column-3": "goods"})
    assert visit.file().state == State.READY
    with sessions() as session:
        (known,) = session.scalars(select(Headings))
    assert known.columns == {"客户名": "name", "联络": "phone", "收货信息": "address", "买的东西": "goods"}


ONE_CELL = ("编号", "收货信息", "买的东西")
TOGETHER = "钱多多 13800138000 浙江省杭州市西湖区文三路 1 号"


@pytest.mark.parametrize("meaning", ["whole", "address"])
def test_name_phone_and_address_in_one_column_are_one_meaning(visit: Visit, meaning: str) -> None:
    path = visit.handed_in(xlsx(ONE_CELL, ("A001", TOGETHER, "马克杯")))
    page = visit.page(path)
    assert "收货信息（姓名 电话 地址在一起）" in page
    assert "保存这些列，齐了就导入" in page
    assert "导入 1 行" not in page
    assert "钱多多" not in page
    form = {"action": "start", "column-0": "number", "column-1": meaning, "column-2": "goods"}
    visit.browser.post(path, data=form)
    assert visit.file().state == State.READY

    other = visit.send(xlsx(ONE_CELL, ("A002", TOGETHER.replace("钱多多", "孙小小"), "马克杯"))).headers["Location"]
    with visit.open_desk() as desk:
        file = received.locked(desk, int(other.rsplit("/", 1)[1]), State.UNREAD)
        assert file is not None
        receiving.look(desk, file)
    page = visit.page(other)
    assert '<option value="whole" selected>' in page
    assert "导入 1 行" in page


def test_a_column_that_does_not_hold_all_three_says_how_to_write_it(visit: Visit) -> None:
    path = visit.handed_in(xlsx(ONE_CELL, ("A001", "文三路 1 号", "马克杯")))
    form = {"action": "start", "column-0": "number", "column-1": "whole", "column-2": "goods"}
    page = visit.browser.post(path, data=form, follow_redirects=True).text
    assert visit.file().state == State.MAPPING
    assert "还缺：收件人、电话" in page
    assert "每一格写成：张三 13800001234 浙江省杭州市西湖区文三路 1 号" in page


def test_a_file_that_waits_can_be_thrown_out_and_handed_in_again(visit: Visit) -> None:
    content = xlsx(ODD, WANG[:4])
    path = visit.handed_in(content)
    assert "删除这个文件" in visit.page(path)
    page = visit.browser.post(path, data={"action": "discard"}, follow_redirects=True).text
    assert "已删除，没有导入" in page
    assert "删除这个文件" not in page
    assert visit.file().state == State.REFUSED
    assert "已由小李删除" in visit.page("/import")
    again = visit.browser.post(path, data={"action": "discard"}, follow_redirects=True).text
    assert "这个文件现在不能删除" in again
    assert visit.send(content).headers["Location"] == path
    assert visit.file().state == State.UNREAD


def test_what_a_colleague_handed_in_is_thrown_out_by_them_or_a_supervisor(
    visit: Visit, sessions: sessionmaker[Session], cast: Cast
) -> None:
    path = visit.handed_in(xlsx(ODD, WANG[:4]))
    with sessions() as session:
        zhou = hire(session, Member("小周", "xiaozhou", Role.SERVICE))
        session.commit()
    assert "删除这个文件" not in visit.enter(zhou).page(path)
    page = visit.enter(zhou).browser.post(path, data={"action": "discard"}, follow_redirects=True).text
    assert "只有小李本人或主管可以删除" in page
    assert visit.file().state == State.MAPPING
    visit.enter(cast.chenjie).browser.post(path, data={"action": "discard"})
    assert visit.file().state == State.REFUSED


def test_a_column_can_be_left_out(visit: Visit, sessions: sessionmaker[Session]) -> None:
    path = visit.handed_in(xlsx(MANUAL, WANG))
    visit.browser.post(path, data={"action": "start", "column-6": ""})
    with sessions() as session:
        file = session.scalars(select(Received)).one()
        content = session.info["vault"].open(bytes(file.content), received.BELONGS)
        columns = dict(look_at(session, content).columns)
    assert (columns["备注"], columns["电话"]) == ("", "phone")


def test_problem_rows_are_shown_and_can_be_downloaded(visit: Visit, sessions: sessionmaker[Session]) -> None:
    path = visit.handed_in(xlsx(MANUAL, WANG))
    with sessions() as session:
        file = session.scalars(select(Received)).one()
        file.state = State.DONE
        file.report = {
            "rows": 3, "new": 1, "changed": 0, "same": 1, "repeated": 1, "ids": [1], "problem_rows": 2,
            "problems": [[[12], "电话不是 11 位"], [[5], "=HYPERLINK(1) 的数量看不懂"]],
        }  # fmt: skip
        session.commit()
    page = visit.page(path)
    assert "新建 1 单，没有变化 1 单，2 行有问题" in page
    assert page.index("第 5 行") < page.index("第 12 行")
    assert "当作同一单" in page
    answer = visit.browser.get(f"{path}/problems.csv")
    assert answer.data.decode("utf-8-sig").splitlines() == [
        "行,问题",
        "5,'=HYPERLINK(1) 的数量看不懂",
        "12,电话不是 11 位",
    ]
    assert "attachment" in answer.headers["Content-Disposition"]


def test_the_same_file_leads_to_the_page_of_the_first(visit: Visit, sessions: sessionmaker[Session]) -> None:
    content = xlsx(MANUAL, WANG)
    path = visit.handed_in(content)
    assert visit.send(content).headers["Location"] == path, "not imported yet: it goes on"
    with sessions() as session:
        session.scalars(select(Received)).one().state = State.DONE
        session.scalars(select(Received)).one().report = {"new": 1}
        session.commit()
    answer = visit.send(content)
    assert answer.headers["Location"].startswith(f"{path}?said=")


@pytest.mark.parametrize(
    ("form", "said"),
    [({}, "没有选择文件"), ({"file": (io.BytesIO(b""), "x.xlsx")}, "没有选择文件")],
)
def test_nothing_chosen_is_said(visit: Visit, form: dict[str, Any], said: str) -> None:
    assert said in visit.browser.post("/import", data=form, follow_redirects=True).text


def test_too_large_a_file_is_a_page_that_says_so(visit: Visit) -> None:
    answer = visit.send(b"x" * (received.MOST_BYTES + (1 << 20)))
    assert answer.status_code == 413
    assert "最多 10 MB" in answer.text
    assert visit.send(b"x" * (2 << 20)).status_code == 303, "more than a form elsewhere may have"


def test_without_a_pass_or_the_role_nothing_is_shown_or_taken(
    visit: Visit, cast: Cast, sessions: sessionmaker[Session]
) -> None:
    path = visit.handed_in(xlsx(MANUAL, WANG))
    visit.enter(cast.laowang)
    assert "导入订单由客服操作" in visit.page("/import")
    assert visit.browser.get(path).status_code == 404
    assert visit.browser.get(f"{path}/problems.csv").status_code == 404
    visit.browser.post(path, data={"action": "start"})
    assert visit.file().state == State.PREVIEW
    visit.browser.delete_cookie("hub_pass")
    assert visit.browser.get("/import").status_code == 401
    assert visit.send(xlsx(MANUAL, LI)).status_code == 401


STOCK = xlsx(("商家编码", "现有"), ("QH-CUP-RED", 40))


def test_purchasing_hands_in_stock_and_sees_what_became_of_it(visit: Visit, cast: Cast) -> None:
    orders = visit.handed_in(xlsx(MANUAL, WANG))
    visit.enter(cast.zhaojie)
    assert 'href="/import"' in visit.page("/board")
    page = visit.page("/import")
    assert "库存表要有「商家编码」和「现有」两列" in page
    assert "订单.xlsx" not in page
    path = visit.handed_in(STOCK, name="盘点.xlsx")
    assert "库存已更新：1 个有变化" in visit.page(path)
    assert "盘点.xlsx" in visit.page("/import")
    assert visit.browser.get(f"{path}/problems.csv").status_code == 200
    assert visit.browser.get(orders).status_code == 404, "orders of others are none of theirs"


@pytest.mark.parametrize("inboxes", [()])
def test_stock_needs_no_shop_of_tables_and_orders_do(visit: Visit, cast: Cast) -> None:
    assert "还没有可以导入表格的店" in visit.page("/import")
    visit.enter(cast.chenjie)
    assert "导入库存" in visit.page("/import")
    assert "库存已更新" in visit.page(visit.handed_in(STOCK))
    assert "还没有可以导入表格的店" in visit.page(visit.handed_in(xlsx(MANUAL, WANG)))


def test_a_form_of_another_site_is_refused(visit: Visit) -> None:
    for path in ("/import", "/import/1"):
        answer = visit.browser.post(path, data={"action": "start"}, headers={"Origin": "https://elsewhere.example"})
        assert answer.status_code == 403
    assert visit.browser.post("/import", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


def test_the_board_leads_there_for_those_who_may(visit: Visit, cast: Cast) -> None:
    assert 'href="/import"' in visit.page("/board")
    visit.enter(cast.laowang)
    assert 'href="/import"' not in visit.page("/board")


@pytest.mark.parametrize("inboxes", [("线下表格", "团购表格")])
def test_with_several_inboxes_one_is_chosen(visit: Visit) -> None:
    assert "团购表格" in visit.page("/import")
    assert "refused=" in visit.send(xlsx(MANUAL, WANG)).headers["Location"]
    visit.send(xlsx(MANUAL, WANG), shop="2")
    assert visit.file().shop_id == 2


def test_the_template_is_a_table_that_is_read(visit: Visit) -> None:
    answer = visit.browser.get("/web/order-template.xlsx")
    kept = Path(web.__file__).parent / "static" / "order-template.xlsx"
    assert answer.data == kept.read_bytes()
    book = load_workbook(io.BytesIO(answer.data))
    book.worksheets[0].append(["", *WANG[:4], "QH-CUP-RED", 2, 138, "2025-12-22", ""])
    filled = io.BytesIO()
    book.save(filled)
    with visit.sessions() as session:
        look = look_at(session, filled.getvalue())
    assert (look.missing, look.rows) == ((), 1)
    assert all(field for _, field in look.columns)
