"""What is 聚水潭's own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session, sessionmaker

from ingest.erp.jushuitan.errors import CODES, error_of
from ingest.erp.jushuitan.parse import level, shipment
from ingest.erp.source import ErpState
from ingest.snapshot import Unreadable
from ingest.source import Action, PlatformError
from models import Authorisation
from tests.ingest.erp.offices import Office, office
from tests.ingest.serving import Form, serving


@pytest.fixture
def erp(sessions: sessionmaker[Session], now: datetime) -> Iterator[Office]:
    with office("jushuitan", sessions, now) as opened:
        yield opened


REFRESH = "sandbox-jst-refresh-0001"


def test_a_token_that_ended_is_renewed_once_and_kept(erp: Office) -> None:
    made = erp.add()[0]
    erp.move(minutes=5)
    erp.state.tokens["jushuitan"].renew(REFRESH, extends=True)  # somebody else's: ours is no longer the newest

    client = erp.client(refresh_token="sandbox-jst-refresh-0002")
    erp.fault("expire_token")
    assert erp.read(client=client, stock=False).finished

    assert made.id in {number for told in erp.orders.values() for number in told.orders}
    with erp.sessions() as session:
        kept = session.get_one(Authorisation, "erp")
    assert b"sandbox-jst" not in kept.sealed
    assert kept.ends_at is not None
    assert kept.ends_at - erp.now() > timedelta(days=29)
    erp.move(minutes=30)
    again = erp.client(refresh_token="sandbox-jst-refresh-0002")
    assert erp.read(client=again, stock=False).finished, "another process goes on with the kept one"


def test_without_a_refresh_token_it_stops_and_says_so(erp: Office) -> None:
    erp.state.tokens["jushuitan"].expire()

    report = erp.read()

    assert "重新授权" in report.stopped


def test_every_code_of_its_table_is_an_error_with_http_200(now: datetime, erp: Office) -> None:
    for code, meant in CODES.items():
        said = {"code": code, "msg": "…", "data": None}
        with (
            serving(lambda _form, said=said: (200, json.dumps(said).encode())) as gateway,  # type: ignore[misc]
            pytest.raises(PlatformError) as caught,
        ):
            list(erp.client(gateway=gateway).shipments(now - timedelta(hours=1), now))
        assert caught.value.resolution.action in (meant.action, Action.WAIT)


def test_the_words_decide_where_two_tables_are_published() -> None:
    assert error_of({"code": 140, "msg": "无效的timestamp，请求最大时间误差15分钟"}).resolution.action is Action.CLOCK
    assert error_of({"code": 140, "msg": "参数不符合规范"}).resolution.action is Action.PARK
    assert error_of({"code": 150, "msg": "服务商应用禁止刷新access_token"}).resolution.action is Action.STOP
    assert error_of({"code": 150, "msg": "内部处理异常"}).resolution.action is Action.RETRY
    assert error_of({"code": "moon"}).resolution.action is Action.RETRY


@pytest.mark.parametrize("said", [{}, {"code": 0}, {"code": 0, "data": {}}, {"code": 0, "data": {"orders": []}}])
def test_a_reply_that_states_nothing_is_no_empty_page(erp: Office, now: datetime, said: object) -> None:
    with (
        serving(lambda _form: (200, json.dumps(said).encode())) as gateway,
        pytest.raises(PlatformError) as caught,
    ):
        list(erp.client(gateway=gateway).shipments(now - timedelta(hours=1), now))
    assert caught.value.resolution.action is Action.RETRY


def test_it_signs_what_it_sends(erp: Office, now: datetime) -> None:
    asked: list[Form] = []

    def answer(form: Form) -> tuple[int, bytes]:
        asked.append(form)
        return 200, json.dumps({"code": 0, "data": {"data_count": 0, "orders": []}}).encode()

    with serving(answer) as gateway:
        assert list(erp.client(gateway=gateway).shipments(now - timedelta(minutes=30), now)) == [[]]
    (form,) = asked
    assert form["version"] == "2"
    assert json.loads(form["biz"])["modified_begin"] == "2025-12-22 09:30:00"
    assert len(form["sign"]) == 32
    assert form["sign"] == form["sign"].lower()


def test_stock_that_does_not_get_on_is_a_fault_and_no_endless_loop(erp: Office) -> None:
    rows = [{"sku_id": f"A{n}", "qty": 1, "ts": 5} for n in range(100)]
    said = {"code": 0, "data": {"inventorys": rows}}
    with (
        serving(lambda _form: (200, json.dumps(said).encode())) as gateway,
        pytest.raises(PlatformError, match="no-progress"),
    ):
        list(erp.client(gateway=gateway).stock("5"))


def test_a_state_nobody_knows_is_unreadable() -> None:
    row = {"o_id": 1, "so_id": "A", "shop_id": 2, "modified": "2026-03-01 10:00:00"}
    with pytest.raises(Unreadable, match="状态不认识"):
        shipment({**row, "status": "Moon"})
    with pytest.raises(Unreadable, match="没有单号"):
        shipment({**row, "status": "Sent", "so_id": ""})
    told = shipment({**row, "status": "Question", "question_type": "地址异常", "question_desc": "缺区县"})
    assert (told.state, told.words) == (ErpState.QUESTION, "异常：地址异常，缺区县")
    assert told.modified_at == datetime(2026, 3, 1, 2, 0, tzinfo=UTC)


def test_pieces_are_whole_and_may_be_less_than_nothing() -> None:
    assert level({"sku_id": "A", "qty": "-3.0000", "order_lock": None, "lock_qty": 2}).on_hand == -3
    for wrong in (True, "many", 10**12, [1]):
        with pytest.raises(Unreadable):
            level({"sku_id": "A", "qty": wrong})
    with pytest.raises(Unreadable, match="商品编码"):
        level({"qty": 1})
