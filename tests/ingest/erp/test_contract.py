"""What every ERP keeps, whichever it is: run over the registry against the sandbox's strict stand-ins."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from ingest.erp import ERPS, UnknownErp
from ingest.erp.source import ErpState
from models import Erp, ErpCursor
from sandbox.world_goods import GOODS
from tests.ingest.erp.offices import Office, office

WAYBILL = "YT1234567890123"


@pytest.fixture(params=list(ERPS))
def erp(request: pytest.FixtureRequest, sessions: sessionmaker[Session], now: datetime) -> Iterator[Office]:
    with office(request.param, sessions, now) as opened:
        yield opened


def row(erp: Office) -> Erp:
    with erp.sessions() as session:
        return session.get_one(Erp, "erp")


def test_an_unknown_one_names_the_folder_to_add() -> None:
    with pytest.raises(UnknownErp, match="ingest/erp/moon/"):
        ERPS["moon"]


def test_it_tells_all_stock_first_and_then_what_changed(erp: Office) -> None:
    erp.move(minutes=5)
    assert erp.read().finished
    assert set(erp.levels) == set(GOODS)
    assert {level.on_hand for level in erp.levels.values()} == {200}
    erp.levels.clear()
    erp.move(minutes=10)
    erp.erp.count("QH-CUP-RED", 7, others=2, incoming=30)
    erp.move(minutes=2)

    assert erp.read().finished

    changed = {sku: level for sku, level in erp.levels.items() if level.on_hand != 200}
    assert list(changed) == ["QH-CUP-RED"]
    level = changed["QH-CUP-RED"]
    assert (level.on_hand, level.held, level.incoming) == (7, 2, 30)


def test_what_its_orders_hold_is_told_beside_what_lies_there(erp: Office) -> None:
    erp.add(sku="QH-CUP-RED", quantity=3)
    erp.move(minutes=2)

    erp.read()

    assert (erp.levels["QH-CUP-RED"].on_hand, erp.levels["QH-CUP-RED"].held) == (200, 3)


def test_it_tells_how_far_its_orders_are(erp: Office) -> None:
    waiting, held, sent, gone = erp.add(4)
    erp.erp.question(held.id, "地址不详")
    erp.erp.ship(sent.id, "圆通速递", WAYBILL)
    erp.erp.cancel(gone.id)
    erp.move(minutes=5)

    assert erp.read(stock=False).finished

    told = {one.orders[0]: one for one in erp.orders.values()}
    assert {number: one.state for number, one in told.items()} == {
        waiting.id: ErpState.OPEN, held.id: ErpState.QUESTION, sent.id: ErpState.SHIPPED, gone.id: ErpState.CANCELLED,
    }  # fmt: skip
    assert (told[sent.id].courier, told[sent.id].waybill, told[sent.id].shop) == ("yuantong", WAYBILL, "10002")
    assert told[sent.id].shipped_at == erp.erp.of(sent.id).sent_at
    assert told[waiting.id].shipped_at is None


def test_a_merged_order_tells_of_all_its_platform_numbers(erp: Office) -> None:
    one, two = erp.add(2)
    merged = erp.erp.merge(one.id, two.id)
    erp.erp.send_part(merged, "圆通速递", WAYBILL)
    erp.move(minutes=5)

    erp.read(stock=False)

    shipped = [told for told in erp.orders.values() if told.state is ErpState.SHIPPED]
    assert [set(told.orders) for told in shipped] == [{one.id, two.id}]
    assert not any(told.state is ErpState.OPEN for told in erp.orders.values())


def test_many_orders_are_read_page_by_page_and_none_twice_lost(erp: Office) -> None:
    made = {order.id for order in erp.add(230)}
    erp.move(minutes=5)

    report = erp.read(stock=False)

    assert report.finished
    assert {number for told in erp.orders.values() for number in told.orders} == made
    assert erp.codes() == {"0"}, "no window, page or parameter that it refuses"


def test_it_goes_on_from_where_it_was(erp: Office) -> None:
    erp.add()
    erp.move(minutes=5)
    erp.read(stock=False)
    erp.orders.clear()
    erp.move(hours=30)
    late = erp.add()[0]
    erp.move(minutes=20)

    assert erp.read(stock=False).finished

    assert late.id in {number for told in erp.orders.values() for number in told.orders}
    with erp.sessions() as session:
        assert session.scalar(select(func.count()).select_from(ErpCursor)) == 1


@pytest.mark.parametrize("fault", ["http_500", "not_json", "cut_connection"])
@pytest.mark.parametrize("on", ["orders", "stock"])
def test_a_passing_fault_is_waited_for(erp: Office, fault: str, on: str) -> None:
    erp.add()
    erp.move(minutes=5)
    erp.fault(fault, on=on)

    assert erp.read().finished

    assert len(erp.slept) == 1
    assert len(erp.orders) == 1
    assert set(erp.levels) == set(GOODS)


def test_a_lasting_fault_keeps_the_marks_and_is_said(erp: Office) -> None:
    erp.read()
    made = erp.add()[0]
    erp.move(minutes=5)
    erp.fault("http_500", on="orders", calls=50)

    report = erp.read()

    assert not report.finished
    assert row(erp).problem == report.problem != ""
    assert row(erp).state == "working"
    erp.state.faults.clear()
    erp.move(minutes=30)
    assert erp.read().finished
    assert made.id in {number for told in erp.orders.values() for number in told.orders}
    assert row(erp).problem == ""


def test_told_to_wait_it_waits(erp: Office) -> None:
    erp.fault("throttle", seconds=60)

    report = erp.read()

    assert report.wait_until is not None
    assert report.wait_until > erp.now()
    assert erp.read().skipped == "waiting"
    erp.move(minutes=5)
    assert erp.read().finished


def test_wrong_keys_stop_it_and_people_hear_once(erp: Office) -> None:
    client = erp.client(app_secret="wrong")

    report = erp.read(client=client)

    assert report.stopped
    assert erp.stopped == ["erp"]
    assert row(erp).state == "stopped"
    assert erp.read(client=client).skipped == "stopped"
    assert erp.stopped == ["erp"]
    assert "wrong" not in report.problem


def test_a_clock_that_is_wrong_is_set_by_the_reply_that_refused_it(erp: Office) -> None:
    made = erp.add()[0]
    erp.move(minutes=5)
    client, right = erp.client(), erp.now
    slow = right().timestamp() - 3600
    client._clock._now = lambda: datetime.fromtimestamp(slow, right().tzinfo)  # type: ignore[attr-defined]

    assert erp.read(client=client).finished

    assert made.id in {number for told in erp.orders.values() for number in told.orders}


def test_one_row_that_cannot_be_read_holds_up_no_other(erp: Office) -> None:
    one, two = erp.add(2)
    erp.erp.of(one.id).orders[0] = ""
    erp.move(minutes=5)

    report = erp.read(stock=False)

    assert report.finished
    assert report.unreadable == 1
    assert {number for told in erp.orders.values() for number in told.orders} == {two.id}


def test_only_one_reads_at_a_time(erp: Office) -> None:
    seen = []

    def meanwhile(_session: Session, _page: object) -> None:
        seen.append(erp.read().busy)

    erp.add()
    erp.move(minutes=5)
    erp._keep_orders = meanwhile  # type: ignore[method-assign,assignment]

    erp.read(stock=False)

    assert seen
    assert all(seen)
