from __future__ import annotations

import json
import zlib
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text, update

from ingest.report import PullReport
from ingest.reread import reread
from ingest.snapshot import OrderSnapshot, Unreadable
from ingest.source import Record
from models import Order, RawPayload, Vault
from tests.ingest.fakes import FakeMarketplace
from tests.ingest.one_shop import Bench


class Changing(FakeMarketplace):
    """Reads fields of the row into the snapshot, so that a test can make odd ones."""

    mended = False

    def parse(self, record: Record) -> OrderSnapshot:
        body = dict(record.body)
        if self.mended:
            body.pop("broken", None)
        order = super().parse(Record(record.external_id, body))
        line = replace(order.lines[0], **body.get("line", {}))
        keys = body.get("keys", [line.line_key])
        lines = tuple(replace(line, line_key=str(key)) for key in keys)
        return replace(order, lines=lines, **body.get("order", {}))


@pytest.fixture
def shop(bench: Bench) -> Changing:
    bench.marketplace = marketplace = Changing()
    return marketplace


def problems(bench: Bench) -> list[str]:
    with bench.sessions() as session:
        found = session.scalars(select(RawPayload.problem).order_by(RawPayload.id))
        return [problem for problem in found if problem is not None]


def raws(bench: Bench, vault: Vault) -> list[dict[str, Any]]:
    with bench.sessions() as session:
        sealed = session.scalars(select(RawPayload.payload).order_by(RawPayload.id)).all()
    return [json.loads(zlib.decompress(vault.open(one, b"raw_payloads.payload"))) for one in sealed]


def again(bench: Bench) -> PullReport:
    bench.now += timedelta(minutes=1)
    return bench.pull()


# -- one record never holds up the others


def test_a_long_sku_is_kept_as_unreadable_and_the_shop_goes_on(bench: Bench, shop: Changing) -> None:
    shop.add(1, bench.ago(5), line={"sku": "长" * 6000})
    shop.add(2, bench.ago(4))
    report = bench.pull()
    assert (report.new, report.unreadable, report.finished) == (1, 1, True)
    assert problems(bench) == [f"商家编码太长（6000 个字符）：{'长' * 20}…"]
    assert bench.synced_to() == bench.ago(1)


@pytest.mark.parametrize(
    ("odd", "named"),
    [
        ({"keys": [1, 1]}, "UniqueViolation"),
        ({"order": {"paid_fen": 2**63}}, "NumericValueOutOfRange|OverflowError|error|DataError"),
    ],
)
def test_what_the_database_does_not_take_is_found_and_kept(
    bench: Bench, shop: Changing, odd: dict[str, Any], named: str
) -> None:
    for number in range(3):
        shop.add(number, bench.ago(5))
    shop.add(7, bench.ago(5), **odd)
    report = bench.pull()
    assert (report.new, report.unreadable, report.finished) == (3, 1, True)
    (problem,) = problems(bench)
    assert problem.startswith("存不进数据库（")
    assert any(name in problem for name in named.split("|"))
    assert len(bench.watched) == 3, "each order is watched once"
    assert again(bench).unreadable == 1, "its version is kept once, however often it comes"
    assert len(problems(bench)) == 1


def test_a_number_that_no_index_can_hold_gets_one_of_its_content(bench: Bench, shop: Changing) -> None:
    shop.rows.append({"id": "9" * 7000, "modified": bench.ago(5).isoformat()})
    shop.add(2, bench.ago(4))
    report = bench.pull()
    assert (report.new, report.unreadable) == (1, 1)
    with bench.sessions() as session:
        number = session.scalars(select(RawPayload.external_id).where(RawPayload.problem.is_not(None))).one()
    assert number.startswith("?")


def test_a_reason_that_the_database_does_not_take_holds_up_nobody(bench: Bench, shop: Changing) -> None:
    class Odd(Changing):
        def parse(self, record: Record) -> OrderSnapshot:
            if record.external_id == "1":
                raise Unreadable("看不懂：\0\ud800")
            return super().parse(record)

    bench.marketplace = Odd()
    bench.marketplace.add(1, bench.ago(5))
    bench.marketplace.add(2, bench.ago(5))
    assert bench.pull().new == 1
    assert len(problems(bench)) == 1


@pytest.mark.parametrize("name", ["created_at", "modified_at"])
def test_an_order_of_the_far_future_does_not_freeze_its_later_versions(bench: Bench, shop: Changing, name: str) -> None:
    late = bench.now + timedelta(days=2)
    shop.add(1, bench.ago(5))
    odd = shop.parse

    def parse(record: Record) -> OrderSnapshot:
        changes: dict[str, Any] = {name: late} if record.body.get("odd") else {}
        return replace(odd(record), **changes)

    shop.parse = parse  # type: ignore[method-assign]
    shop.rows[0]["odd"] = True
    assert bench.pull().unreadable == 1
    assert "在将来" in problems(bench)[0]
    shop.rows[0].pop("odd")
    assert again(bench).new == 1
    assert problems(bench) == []


def test_the_future_is_told_by_the_platforms_clock(bench: Bench, shop: Changing) -> None:
    shop.clock_errors = [timedelta(days=3).total_seconds()]
    shop.add(1, bench.now + timedelta(days=3) - timedelta(minutes=5))
    with bench.sessions() as session:
        session.execute(
            text("INSERT INTO cursors VALUES (1, 'fake.list', :at, :at)"), {"at": bench.now + timedelta(days=2.9)}
        )
        session.commit()
    assert bench.pull().new == 1


# -- what is kept


def test_what_the_detail_told_is_kept_and_the_list_decides_what_is_unchanged(
    bench: Bench, shop: Changing, vault: Vault
) -> None:
    shop.add(1, bench.ago(5))
    bench.pull()
    assert [raw["memo"] for raw in raws(bench, vault)] == ["细节"]
    report = again(bench)
    assert (report.unchanged, shop.details) == (1, ["1"])
    assert len(raws(bench, vault)) == 1


# -- reading again


def test_an_unreadable_record_that_comes_again_is_read_by_the_better_parser(
    bench: Bench, shop: Changing, vault: Vault
) -> None:
    shop.add(1, bench.ago(2), broken=True)
    assert bench.pull().unreadable == 1
    same = again(bench)
    assert (same.unchanged, same.unreadable, len(problems(bench))) == (1, 0, 1)

    shop.mended = True
    assert again(bench).new == 1
    assert problems(bench) == []
    assert len(raws(bench, vault)) == 1, "it is the same copy"
    assert shop.details == ["1"], "and its detail was asked for once"
    with bench.sessions() as session:
        assert session.scalars(select(Order.seller_memo)).all() == ["细节"]
    assert again(bench).unchanged == 1


def read_again(bench: Bench) -> PullReport:
    return reread(
        bench.sessions, 1, bench.marketplace, now=lambda: bench.now,
        watch=lambda _session, ids: bench.watched.extend(ids),
    )  # fmt: skip


def test_kept_records_are_read_again_on_demand(bench: Bench, shop: Changing) -> None:
    for number in range(3):
        shop.add(number, bench.ago(5), broken=True)
    bench.pull()
    assert (read_again(bench).unreadable, len(problems(bench))) == (3, 3)

    shop.mended = True
    asked = len(shop.asked)
    report = read_again(bench)
    assert (report.new, report.unreadable) == (3, 0)
    assert problems(bench) == []
    assert len(bench.watched) == 3
    assert len(shop.asked) == asked, "nothing is asked of the platform"
    assert read_again(bench).new == 0


def test_a_record_that_still_cannot_be_read_keeps_the_reason_of_today(bench: Bench, shop: Changing) -> None:
    shop.add(1, bench.ago(5), broken=True)
    bench.pull()
    with bench.sessions() as session:
        session.execute(update(RawPayload).values(problem="缺少旧的字段"))
        session.commit()
    assert read_again(bench).unreadable == 1
    assert problems(bench) == ["缺少金额"]


def test_of_two_kept_versions_the_newer_becomes_the_order(bench: Bench, shop: Changing) -> None:
    for note, minutes in (("old", 6), ("new", 5)):
        shop.rows = []
        shop.add(1, bench.ago(minutes), broken=True, note=note)
        again(bench)
    shop.mended = True
    assert read_again(bench).new == 1
    assert problems(bench) == []
    with bench.sessions() as session:
        assert session.scalars(select(Order.modified_at)).one().isoformat() == shop.rows[0]["modified"]
