"""What a list of changes did not show is found by asking for what was created."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session, sessionmaker

from ingest.gap import missed
from ingest.reading import Reading
from ingest.source import Action, PlatformError
from models import Order
from tests.ingest.fakes import failure
from tests.ingest.one_shop import Bench, fail_at


@pytest.fixture
def bench(sessions: sessionmaker[Session], now: datetime) -> Bench:
    """One order half an hour ago; since then its platform's list of changes shows nothing."""
    bench = Bench(sessions, now)
    bench.marketplace.add(1, bench.ago(30))
    bench.pull()
    return bench


def hidden(bench: Bench, number: int, minutes: float, **values: object) -> None:
    bench.marketplace.hidden.add(str(number))
    bench.marketplace.add(number, bench.ago(minutes), **values)


def asked(bench: Bench) -> list[str]:
    shop = Reading(
        bench.sessions, 1, bench.marketplace, now=lambda: bench.now,
        watch=lambda _session, ids: bench.watched.extend(ids), sleep=bench.slept.append,
    )  # fmt: skip
    return missed(shop, bench.ago(29), bench.ago(6), read_to=bench.ago(1))


@pytest.mark.parametrize("states_counts", [True, False])
def test_what_came_is_named_and_read(bench: Bench, states_counts: bool) -> None:
    bench.marketplace.states_counts = states_counts
    for number, minutes in ((2, 20), (3, 10), (4, 2)):
        hidden(bench, number, minutes)
    cursor = bench.synced_to()
    assert asked(bench) == ["2", "3"]
    assert (bench.count(Order), len(bench.watched), bench.synced_to()) == (3, 3, cursor)
    assert asked(bench) == []


def test_where_the_platform_says_none_its_list_is_not_asked_for(bench: Bench) -> None:
    lists = len(bench.marketplace.asked)
    assert (asked(bench), len(bench.marketplace.asked)) == ([], lists)


def test_what_changed_since_the_last_pull_is_on_its_way(bench: Bench) -> None:
    hidden(bench, 2, 0, created=bench.ago(20).isoformat())
    assert (asked(bench), bench.count(Order)) == ([], 2)


def test_what_the_list_showed_and_nobody_could_read_was_shown(bench: Bench) -> None:
    bench.now += timedelta(minutes=10)
    bench.marketplace.add(2, bench.ago(8), broken=True)
    bench.pull()
    assert asked(bench) == []


def test_a_platform_that_does_not_answer_says_nothing(bench: Bench) -> None:
    fail_at(bench, "count", failure(Action.PAUSE))
    with pytest.raises(PlatformError):
        asked(bench)


def test_many_are_looked_up_in_batches(bench: Bench) -> None:
    for number in range(100, 1300):
        hidden(bench, number, 20)
    bench.marketplace.page_size = 100
    assert len(asked(bench)) == 1200
