"""What is 旺店通's own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session, sessionmaker

from ingest.erp.source import ErpState
from ingest.erp.wangdian.errors import error_of
from ingest.erp.wangdian.parse import is_sound, level, shipment
from ingest.snapshot import Unreadable
from ingest.source import Action
from tests.ingest.erp.offices import ORDERS, Office, office


@pytest.fixture
def erp(sessions: sessionmaker[Session], now: datetime) -> Iterator[Office]:
    with office("wangdian", sessions, now) as opened:
        yield opened


def test_its_windows_never_pass_an_hour(erp: Office) -> None:
    assert erp.read(stock=False).finished

    calls = [call for call in erp.state.world.calls if call.method == ORDERS["wangdian"]]
    assert len(calls) >= 24
    for call in calls:
        start, end = (datetime.fromisoformat(call.params[name]) for name in ("start_time", "end_time"))
        assert end - start <= timedelta(hours=1)
        assert call.code == "0"


def test_the_orders_of_taobao_it_does_not_tell(erp: Office) -> None:
    hidden = erp.state.world.add_order("taobao", ago_seconds=600)
    shown = erp.add()[0]
    erp.move(minutes=5)

    erp.read(stock=False)

    told = {number for one in erp.orders.values() for number in one.orders}
    assert told == {shown.id}
    assert hidden.id not in told


@pytest.mark.parametrize(
    ("said", "action"),
    [
        ({"code": 1060, "message": "充值余额为0或应用已欠费"}, Action.STOP),
        ({"code": 2900, "message": "时间范围与订单编号不能全部为空"}, Action.PARK),
        ({"code": 99, "message": "调用太频繁"}, Action.WAIT),
        ({"code": 99, "message": "timestamp误差超过5分钟"}, Action.CLOCK),
        ({"code": 99, "message": "签名错误"}, Action.STOP),
        ({"code": 99, "message": "IP 不在白名单"}, Action.STOP),
        ({"code": 99, "message": "时间跨度过大"}, Action.PARK),
        ({"code": "x", "message": ""}, Action.RETRY),
    ],
)
def test_where_a_code_says_nothing_its_words_do(said: dict[str, object], action: Action) -> None:
    assert error_of(said).resolution.action is action


ROW = {"order_no": "JY1", "shop_no": "7", "src_tids": "A,B,A", "modified": "2026-03-01 10:00:00"}


@pytest.mark.parametrize(
    ("status", "state"),
    [(4, ErpState.CANCELLED), (5, ErpState.CANCELLED), (50, ErpState.OPEN), (53, ErpState.QUESTION),
     (55, ErpState.OPEN), (95, ErpState.SHIPPED), (110, ErpState.SHIPPED), (113, ErpState.QUESTION)],
)  # fmt: skip
def test_its_states(status: int, state: ErpState) -> None:
    told = shipment({**ROW, "status": status, "logistics_name": "我家快递", "logistics_type_name": "中通快递"})
    assert (told.state, told.orders, told.courier) == (state, ("A", "B"), "zhongtong")


def test_what_has_no_number_is_unreadable() -> None:
    with pytest.raises(Unreadable, match="没有平台单号"):
        shipment({**ROW, "status": 95, "src_tids": " "})
    with pytest.raises(Unreadable, match="没有单号"):
        shipment({**ROW, "status": 95, "order_no": ""})
    with pytest.raises(Unreadable, match="商家编码"):
        level({"stock_num": "1.0"})


def test_defective_goods_are_nobodys_stock_and_both_spellings_are_read() -> None:
    assert not is_sound({"defect": 1})
    assert is_sound({"defect": 0})
    assert level({"spec_no": "A", "stock_num": "9.0000", "avaliable_num": "4.0000"}).held == 5
    assert level({"spec_no": "A", "stock_num": "9.0000", "available_num": "12.0000"}).held == 0
    assert level({"spec_no": "A", "stock_num": "9.0000", "stock_lock_num": "2.0000"}).held == 2
