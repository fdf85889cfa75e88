from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from ingest.shipping import ShippedElsewhere
from ingest.snapshot import Effect, LineSnapshot, OrderSnapshot
from ingest.source import Action, Memo, Shipment, WriteBackRefused
from ingest.store import Batch, Item, store
from ingest.write_back import push
from models import WriteBack
from tests.ingest.fakes import FakeMarketplace, failure


@pytest.fixture
def row(session: Session, now: datetime) -> WriteBack:
    line = LineSnapshot("1", "QH-CUP-RED", "1", "马克杯", 1, 100, 100)
    order = OrderSnapshot("2607000000000000001", Effect.ADMIT, "OPEN", now, now, (line,), 100)
    stored = store(session, Batch(1, "taobao", "TB", [Item(order.external_id, b"{}", order)]), now)
    owed = WriteBack(
        order_id=stored.new[0],
        shop_id=1,
        kind="ship",
        body={"courier": "yuantong", "waybill": "YT1234567890123"},
        next_try_at=now,
        created_at=now,
    )
    session.add(owed)
    session.flush()
    session.refresh(owed)
    return owed


@pytest.fixture
def marketplace() -> FakeMarketplace:
    return FakeMarketplace()


def failing(marketplace: FakeMarketplace, error: Exception) -> None:
    def plan(what: str) -> None:
        if what in ("ship", "memo"):
            raise error

    marketplace.plan = plan


def test_what_is_owed_is_told_and_confirmed(
    session: Session, marketplace: FakeMarketplace, row: WriteBack, now: datetime
) -> None:
    outcome = push(session, marketplace, row, now)
    assert marketplace.shipped == [Shipment("2607000000000000001", "yuantong", "YT1234567890123")]
    assert (outcome.confirmed, outcome.text, outcome.tell_people) == (True, "", False)
    assert (row.state, row.tries, row.confirmed_at, row.next_try_at) == ("confirmed", 1, now, None)


def test_a_fault_is_tried_again_after_growing_pauses_and_people_are_told_at_the_second(
    session: Session, marketplace: FakeMarketplace, row: WriteBack, now: datetime
) -> None:
    failing(marketplace, failure(Action.RETRY))
    told, pauses = [], []
    for _ in range(4):
        outcome = push(session, marketplace, row, now)
        assert outcome.result == "retry"
        assert row.next_try_at is not None
        told.append(outcome.tell_people)
        pauses.append(row.next_try_at - now)
    assert pauses == [timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10), timedelta(minutes=10)]
    assert told == [False, True, False, False]
    assert (row.state, row.tries, row.problem) == ("owed", 4, "平台出错（42）")

    marketplace.plan = lambda _what: None
    assert push(session, marketplace, row, now).confirmed
    assert row.problem == ""


def test_a_refusal_fails_the_row_and_people_are_told_at_once(
    session: Session, marketplace: FakeMarketplace, row: WriteBack, now: datetime
) -> None:
    failing(marketplace, WriteBackRefused("订单退款中"))
    outcome = push(session, marketplace, row, now)
    assert (outcome.result, outcome.text, outcome.tell_people) == ("refused", "订单退款中", True)
    assert (row.state, row.problem, row.next_try_at) == ("failed", "订单退款中", None)


def test_a_throttle_is_waited_for_as_long_as_told_and_counts_towards_no_failure(
    session: Session, marketplace: FakeMarketplace, row: WriteBack, now: datetime
) -> None:
    failing(marketplace, failure(Action.WAIT, seconds=300))
    for _ in range(3):
        outcome = push(session, marketplace, row, now)
        assert (outcome.result, outcome.tell_people) == ("retry", False)
    assert (row.tries, row.next_try_at) == (0, now + timedelta(seconds=300))


def test_a_refused_clock_is_set_right_once(
    session: Session, marketplace: FakeMarketplace, row: WriteBack, now: datetime
) -> None:
    errors = [failure(Action.CLOCK)]

    def plan(what: str) -> None:
        if what == "ship" and errors:
            raise errors.pop()

    marketplace.plan = plan
    assert push(session, marketplace, row, now).confirmed
    assert marketplace.measured == 1


def test_without_a_number_there_is_nothing_to_tell(
    session: Session, marketplace: FakeMarketplace, row: WriteBack, now: datetime
) -> None:
    row.body = {"courier": "yuantong", "waybill": ""}
    assert push(session, marketplace, row, now).result == "refused"
    assert marketplace.shipped == []


# memos


@pytest.fixture
def memo(session: Session, row: WriteBack, now: datetime) -> WriteBack:
    owed = WriteBack(
        order_id=row.order_id, shop_id=1, kind="memo", line="改发顺丰", next_try_at=now, created_at=now,
        body={"line": "改发顺丰", "flag": 3, "by": 1},
    )  # fmt: skip
    session.add(owed)
    session.flush()
    session.refresh(owed)
    return owed


def test_a_memo_is_told_with_its_flag(
    session: Session, marketplace: FakeMarketplace, memo: WriteBack, now: datetime
) -> None:
    assert push(session, marketplace, memo, now).confirmed
    assert marketplace.noted == [Memo("2607000000000000001", "改发顺丰", 3)]
    assert marketplace.shipped == []
    assert (memo.state, memo.confirmed_at) == ("confirmed", now)


def test_a_memo_without_a_flag_leaves_the_one_that_stands(
    session: Session, marketplace: FakeMarketplace, memo: WriteBack, now: datetime
) -> None:
    memo.body = {"line": "改发顺丰", "by": 1}
    push(session, marketplace, memo, now)
    assert marketplace.noted == [Memo("2607000000000000001", "改发顺丰")]


def test_a_memo_that_is_refused_fails_and_one_that_did_not_arrive_is_tried_again(
    session: Session, marketplace: FakeMarketplace, memo: WriteBack, now: datetime
) -> None:
    failing(marketplace, failure(Action.RETRY))
    assert push(session, marketplace, memo, now).result == "retry"
    failing(marketplace, WriteBackRefused("备注太长"))
    outcome = push(session, marketplace, memo, now)
    assert (outcome.result, outcome.text, memo.state) == ("refused", "备注太长", "failed")


# what is not told, and what somebody else told


def test_a_source_that_is_not_told_needs_nothing_and_nobody_hears(
    session: Session, marketplace: FakeMarketplace, row: WriteBack, memo: WriteBack, now: datetime
) -> None:
    marketplace.told = False
    for owed in (row, memo):
        outcome = push(session, marketplace, owed, now)
        assert (outcome.result, outcome.tell_people, outcome.confirmed) == ("needless", False, False)
        assert (owed.state, owed.problem, owed.next_try_at) == ("confirmed", "无需回传", None)
    assert (marketplace.shipped, marketplace.noted) == ([], [])


def test_another_number_on_the_platform_is_a_matter_of_its_own_and_is_not_tried_again(
    session: Session, marketplace: FakeMarketplace, row: WriteBack, now: datetime
) -> None:
    failing(marketplace, ShippedElsewhere(("SF0000000000000", "SF0000000000001")))
    outcome = push(session, marketplace, row, now)
    assert (outcome.result, outcome.text) == ("elsewhere", "SF0000000000000，SF0000000000001")
    assert (row.state, row.next_try_at) == ("elsewhere", None)
    assert "SF0000000000000" in row.problem
