"""An inbox of spreadsheets beyond what every source keeps (tests/ingest/test_contract_inbox.py)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from redis import Redis
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from ingest.proof import prove
from ingest.reading import Reading
from models import Order, OrderLine, RawPayload
from models.vault import Vault
from tests.ingest.inbox import Inbox, hand_in, sheet_inbox
from tests.ingest.sheet.books import LI, MANUAL, TAOBAO, TAOBAO_GOODS, WANG, row, text, xlsx

NUMBER = "2918000111222333444"
ORDER = row(TAOBAO, **{
    "订单编号": NUMBER, "买家会员名": "tb青禾1", "买家应付货款": "138.00", "买家实际支付金额": "138.00",
    "订单状态": "买家已付款，等待卖家发货", "收货人姓名": "王小明",
    "收货地址": "浙江省 杭州市 西湖区 三墩镇 紫金花路88号",
    "联系手机": "13800001234", "订单创建时间": "2025-12-22 09:30:00", "宝贝标题": "马克杯，小碗", "宝贝总数量": "3",
})  # fmt: skip
GOODS = [
    row(TAOBAO_GOODS, **{
        "订单编号": NUMBER, "标题": title, "价格": price, "购买数量": count, "商家编码": sku, "套餐信息": "",
        "订单状态": "买家已付款，等待卖家发货", "买家实际支付金额": paid, "订单创建时间": "2025-12-22 09:30:00",
    })
    for title, price, count, sku, paid in (
        ("马克杯", "49.00", "2", "QH-CUP-RED", "98.00"), ("小碗", "40.00", "1", "QH-BOWL-4", "40.00"),
    )
]  # fmt: skip


@pytest.fixture
def box(sessions: sessionmaker[Session], redis: Redis, now: datetime) -> Iterator[Inbox]:
    with sheet_inbox(sessions, redis, standing_at=now) as world:
        yield world


def put(box: Inbox, content: bytes, *, minutes: float = 20) -> None:
    with box.sessions() as session:
        hand_in(session, content, box.now() - timedelta(minutes=minutes))
        session.commit()


def lines(box: Inbox) -> list[tuple[str, int, int]]:
    with box.sessions() as session:
        found = session.scalars(select(OrderLine).order_by(OrderLine.position))
        return [(line.sku, line.quantity, line.paid_fen) for line in found]


WHOLE = [("QH-CUP-RED", 2, 9800), ("QH-BOWL-4", 1, 4000)]


@pytest.mark.parametrize("goods_first", [True, False])
@pytest.mark.parametrize("together", [True, False])
def test_taobaos_two_reports_make_one_whole_order_in_either_order(
    box: Inbox, vault: Vault, *, goods_first: bool, together: bool
) -> None:
    halves = [text(TAOBAO, ORDER, encoding="gbk"), text(TAOBAO_GOODS, *GOODS, encoding="gbk")]
    first, second = reversed(halves) if goods_first else halves
    put(box, first, minutes=20)
    if not together:
        box.pull()
        box.move(minutes=30)
    put(box, second, minutes=10)
    box.pull()
    (order,) = box.orders().values()
    assert lines(box) == WHOLE
    assert (order.paid_fen, order.district, order.effect) == (13800, "西湖区", "admit")
    assert vault.open_receiver(order.receiver).name == "王小明"
    box.move(minutes=1)
    again = box.pull()
    assert (again.new, again.changed) == (0, 0)
    assert lines(box) == WHOLE


def test_bad_rows_are_kept_with_their_reasons_and_hold_up_nobody(box: Inbox) -> None:
    bad = ("赵国庆", "1380000123", "江苏省南京市江宁区胜太路1号", "碗", 1, 20, "")
    put(box, xlsx(("订单号", *MANUAL), ("", *WANG), (2918000111222333444, *LI), ("", *bad)))
    report = box.pull()
    assert (report.new, report.unreadable) == (1, 2)
    with box.sessions() as session:
        found = sorted(problem for problem in session.scalars(select(RawPayload.problem)) if problem)
    assert [problem[:6] for problem in found] == ["单号已被表格", "电话不是 1"]


def test_a_file_whose_headings_nobody_knows_is_not_guessed_at(box: Inbox) -> None:
    put(box, xlsx(("甲", "乙", "丙"), ("1", "2", "3")))
    report = box.pull()
    assert (report.new, report.unreadable, report.finished) == (0, 0, True)


def test_a_proof_of_a_day_agrees_whenever_the_file_came(box: Inbox) -> None:
    """Orders of Sunday, handed in on Monday, with rows that nobody can read."""
    dated = (*MANUAL, "下单时间")
    many = [(f"客户{number}", *WANG[1:], "2025-12-21") for number in range(230)]
    put(box, xlsx(dated, *many, (*WANG[:1], "1380000123", *WANG[2:], "2025-12-21"), (*LI, "2025-12-22")))
    box.pull()
    box.move(hours=24)
    box.pull()

    def told(_session: Session, _proof: int) -> None:
        """Nobody."""

    reading = Reading(box.sessions, 1, box.marketplace(), now=box.now, watch=lambda _session, _ids: None)
    proof = prove(reading, date(2025, 12, 21), told=told)
    assert (proof.state, proof.platform_orders, proof.hub_orders) == ("green", 230, 230)
    other = prove(reading, date(2025, 12, 22), told=told)
    assert (other.reason, other.platform_orders) == ("", 1)


def test_an_order_without_a_date_is_of_the_moment_at_which_it_was_handed_in(box: Inbox) -> None:
    put(box, xlsx(MANUAL, WANG), minutes=20)
    box.pull()
    with box.sessions() as session:
        order = session.scalars(select(Order)).one()
    assert order.created_at == datetime(2025, 12, 22, 1, 40, tzinfo=UTC)
