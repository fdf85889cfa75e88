"""The proof of completeness: what the platform has against what the hub has, never green on a guess."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, sessionmaker

from ingest.proof import prove
from ingest.reading import Reading
from ingest.source import Action
from models import Cursor, Order, Proof, Shop
from models.beijing import day_start
from tests.ingest.fakes import failure
from tests.ingest.one_shop import Bench, fail_at

DAY = date(2025, 12, 21)
MIDNIGHT = day_start(DAY)


@pytest.fixture
def bench(sessions: sessionmaker[Session]) -> Bench:
    """At three in the morning after the day, pulled up to now."""
    bench = Bench(sessions, MIDNIGHT + timedelta(hours=20))
    for number in range(4):
        bench.marketplace.add(number, MIDNIGHT + timedelta(hours=19, minutes=30 + number))
    bench.pull()
    bench.now = MIDNIGHT + timedelta(hours=27)
    bench.pull()
    assert bench.count(Order) == 4
    return bench


def proved(bench: Bench, day: date = DAY) -> Proof:
    shop = Reading(
        bench.sessions, 1, bench.marketplace, now=lambda: bench.now, watch=lambda _session, _ids: None,
        sleep=bench.slept.append,
    )  # fmt: skip
    return prove(shop, day, told=lambda session, row: bench.ends.append(session.get_one(Proof, row).revision))


def hide(bench: Bench, number: int, **changes: Any) -> None:
    """An order of the day that the list of changes never shows."""
    bench.marketplace.hidden.add(str(number))
    bench.marketplace.add(number, MIDNIGHT + timedelta(hours=12), **changes)


def verdict(row: Proof) -> tuple[str, int | None, int | None, list[str], list[str]]:
    return (row.state, row.platform_orders, row.hub_orders, row.missing, row.still)


@pytest.mark.parametrize("states_counts", [True, False])
def test_a_day_on_which_both_agree_is_green(bench: Bench, states_counts: bool) -> None:
    bench.marketplace.states_counts = states_counts
    row = proved(bench)
    assert verdict(row) == ("green", 4, 4, [], [])
    assert (row.reason, row.day, row.proved_at, bench.ends) == ("", DAY, bench.now, [1])


def test_a_day_without_orders_is_green_too(bench: Bench) -> None:
    assert verdict(proved(bench, date(2025, 12, 20))) == ("green", 0, 0, [], [])


@pytest.mark.parametrize("states_counts", [True, False])
def test_what_the_list_of_changes_never_showed_is_found_and_read(bench: Bench, states_counts: bool) -> None:
    bench.marketplace.states_counts = states_counts
    hide(bench, 77)
    hide(bench, 78)
    cursor = bench.synced_to()

    row = proved(bench)

    assert verdict(row) == ("green", 6, 6, ["77", "78"], [])
    assert bench.count(Order) == 6
    assert bench.synced_to() == cursor
    assert bench.ends == [1, 2], "people hear of what is missing before it is read"


def test_the_first_word_names_what_is_missing(bench: Bench) -> None:
    hide(bench, 77)
    seen: list[tuple[Any, ...]] = []
    shop = Reading(bench.sessions, 1, bench.marketplace, now=lambda: bench.now, watch=lambda _session, _ids: None)
    prove(shop, DAY, told=lambda session, row: seen.append(verdict(session.get_one(Proof, row))))
    assert seen == [("filling", 5, 4, ["77"], ["77"]), ("green", 5, 5, ["77"], [])]


def test_what_cannot_be_read_stays_missing_and_red(bench: Bench) -> None:
    hide(bench, 77, broken=True)
    row = proved(bench)
    assert verdict(row) == ("red", 5, 4, ["77"], ["77"])
    assert row.reason == "补拉后仍缺 1 单"


def test_a_number_that_no_list_names_is_red(bench: Bench) -> None:
    hide(bench, 77)
    bench.marketplace.unlisted.add("77")
    row = proved(bench)
    assert verdict(row) == ("red", 5, 4, [], [])
    assert row.reason == "平台说有 5 单，列表给出 4 单，差 1 单说不出编号"


def test_an_order_that_the_platform_does_not_know_is_named(bench: Bench) -> None:
    bench.marketplace.rows = [row for row in bench.marketplace.rows if row["id"] != "2"]
    row = proved(bench)
    assert verdict(row) == ("red", 3, 4, [], [])
    assert (row.strangers, row.reason) == (["2"], "平台查不到本店 1 单")


def test_an_unpaid_order_that_the_platform_forgot_is_no_difference(bench: Bench) -> None:
    bench.marketplace.add(5, bench.now - timedelta(minutes=5), created=MIDNIGHT.isoformat(), effect="unpaid")
    bench.now += timedelta(minutes=10)
    bench.pull()
    bench.marketplace.rows.pop()
    assert (verdict(proved(bench)), bench.count(Order)) == (("green", 4, 4, [], []), 5)


def test_an_order_that_the_list_puts_into_another_day_is_no_difference(bench: Bench) -> None:
    """Pinduoduo lists by the moment of confirmation."""
    bench.marketplace.rows[2]["created"] = (MIDNIGHT - timedelta(minutes=1)).isoformat()
    row = proved(bench)
    assert verdict(row) == ("green", 3, 3, [], [])
    assert bench.marketplace.read_alone == ["2"]


@pytest.mark.parametrize("states_counts", [True, False])
def test_an_empty_list_proves_nothing_where_the_hub_has_orders_of_the_day(bench: Bench, states_counts: bool) -> None:
    bench.marketplace.unlisted |= {"0", "1", "2", "3"}
    bench.marketplace.states_counts = states_counts
    if states_counts:
        bench.marketplace.count_created = lambda _start, _end: 0  # type: ignore[method-assign, assignment]
    row = proved(bench)
    assert (verdict(row), row.strangers) == (("unknown", 0, 4, [], []), [])
    assert row.reason == "列表没有给出 4 单：0、1、2、3；列表是空的，不能证明一单不少"


def test_a_short_list_is_red_though_the_platform_knows_the_orders(bench: Bench) -> None:
    bench.marketplace.unlisted |= {"0", "1"}
    bench.marketplace.states_counts = False
    row = proved(bench)
    assert verdict(row) == ("red", 2, 4, [], [])
    assert row.reason == "列表没有给出 2 单：0、1"


def test_a_list_that_lacks_more_than_can_be_asked_for_is_red(bench: Bench) -> None:
    for number in range(1000, 1250):
        bench.marketplace.add(number, bench.now - timedelta(minutes=5), created=MIDNIGHT.isoformat())
    bench.now += timedelta(minutes=10)
    bench.pull()
    bench.marketplace.unlisted |= {str(number) for number in range(1000, 1250)}
    bench.marketplace.states_counts = False
    row = proved(bench)
    assert verdict(row) == ("red", 4, 254, [], [])
    assert (row.reason, bench.marketplace.read_alone) == ("列表没有给出 250 单：1000、1001、1002、1003、1004 等", [])


def test_a_total_that_is_smaller_than_its_own_list_is_red(bench: Bench) -> None:
    bench.marketplace.count_created = lambda _start, _end: 3  # type: ignore[method-assign, assignment]
    row = proved(bench)
    assert verdict(row) == ("red", 3, 4, [], [])
    assert row.reason == "平台说只有 3 单，列表却给出 4 单，总数不可信"


def test_an_unpaid_order_that_the_platform_knows_must_be_listed(bench: Bench) -> None:
    bench.marketplace.add(5, bench.now - timedelta(minutes=5), created=MIDNIGHT.isoformat(), effect="unpaid")
    bench.now += timedelta(minutes=10)
    bench.pull()
    bench.marketplace.unlisted.add("5")
    bench.marketplace.states_counts = False
    assert (proved(bench).state, proved(bench).reason) == ("red", "列表没有给出 1 单：5")


def as_pinduoduo(bench: Bench, number: int, **values: Any) -> None:
    """The order stands in the hub of a shop whose list goes by the deal, and not in the list of the day."""
    with bench.sessions() as session:
        session.execute(update(Shop).values(platform="pdd"))
        session.execute(update(Order).where(Order.external_id == str(number)).values(**values))
        session.execute(update(Order).where(Order.paid_at.is_(None)).values(paid_at=MIDNIGHT + timedelta(hours=20)))
        session.commit()
    bench.marketplace.unlisted.add(str(number))
    bench.marketplace.states_counts = False


def test_a_deal_of_after_midnight_is_no_order_of_the_day_where_the_list_goes_by_the_deal(bench: Bench) -> None:
    as_pinduoduo(bench, 2, paid_at=MIDNIGHT + timedelta(hours=24, minutes=3))
    assert verdict(proved(bench)) == ("green", 3, 3, [], [])
    assert bench.marketplace.read_alone == [], "its own row tells"


@pytest.mark.parametrize(
    ("platform", "came", "state"),
    [("mail", 20, "red"), ("mail", 30, "green"), ("sheet", 30, "red"), ("sheet", 24 * 33, "green")],
)
def test_what_people_send_is_listed_where_it_came(bench: Bench, platform: str, came: int, state: str) -> None:
    """An order of the day that was mailed the next morning, or stands in a table of next month."""
    at = MIDNIGHT + timedelta(hours=came)
    with bench.sessions() as session:
        session.execute(update(Shop).values(platform=platform))
        session.execute(update(Order).where(Order.external_id == "2").values(modified_at=at))
        session.commit()
    bench.marketplace.unlisted.add("2")
    bench.marketplace.states_counts = False
    bench.marketplace.rows[2] |= {"modified": at.isoformat(), "created": (MIDNIGHT + timedelta(hours=19)).isoformat()}
    assert proved(bench).state == state


def test_a_group_that_never_filled_is_no_deal(bench: Bench) -> None:
    as_pinduoduo(bench, 2, effect="cancelled")
    assert proved(bench).state == "green"


def test_a_deal_of_the_day_must_be_listed(bench: Bench) -> None:
    as_pinduoduo(bench, 2, paid_at=MIDNIGHT + timedelta(hours=20))
    bench.marketplace.rows[2]["paid"] = (MIDNIGHT + timedelta(hours=20)).isoformat()
    assert (proved(bench).state, proved(bench).reason) == ("red", "列表没有给出 1 单：2")


def test_payment_after_midnight_is_no_excuse_where_the_list_goes_by_the_order(bench: Bench) -> None:
    with bench.sessions() as session:
        late = MIDNIGHT + timedelta(hours=24, minutes=3)
        session.execute(update(Order).where(Order.external_id == "2").values(paid_at=late))
        session.commit()
    bench.marketplace.unlisted.add("2")
    bench.marketplace.states_counts = False
    assert proved(bench).state == "red"


def test_what_is_told_and_cannot_be_read_is_no_excuse_either(bench: Bench) -> None:
    bench.marketplace.unlisted.add("2")
    bench.marketplace.rows[2]["broken"] = True
    bench.marketplace.states_counts = False
    assert proved(bench).state == "red"


def test_an_order_that_came_after_the_last_pull_was_not_missed(bench: Bench) -> None:
    bench.marketplace.add(99, bench.now, created=(MIDNIGHT + timedelta(hours=23)).isoformat())  # paid just now
    assert verdict(proved(bench)) == ("green", 5, 5, [], [])


def test_orders_of_another_shop_under_the_same_prefix_do_not_count(bench: Bench) -> None:
    with bench.sessions() as session:
        session.add(Shop(id=2, slug="tb2", platform="taobao", prefix="TB", name="二店", ship_hours=48))
        session.flush()
        session.execute(update(Order).where(Order.external_id == "3").values(shop_id=2, external_id="theirs"))
        session.commit()
    bench.marketplace.rows = [row for row in bench.marketplace.rows if row["id"] != "3"]
    assert verdict(proved(bench)) == ("green", 3, 3, [], [])
    assert bench.marketplace.read_alone == []


def test_more_than_a_thousand_orders_of_a_day_are_all_counted(bench: Bench) -> None:
    """Their tags are longer than others: TB-20251221-1000."""
    bench.marketplace.page_size = 100
    for number in range(1000, 2100):
        bench.marketplace.add(number, bench.now - timedelta(minutes=5), created=MIDNIGHT.isoformat())
    bench.now += timedelta(minutes=10)
    bench.pull()
    assert verdict(proved(bench)) == ("green", 1104, 1104, [], [])
    bench.marketplace.rows = bench.marketplace.rows[:-1]
    assert proved(bench).strangers == ["2099"]


@pytest.mark.parametrize("what", ["count", "list", "page"])
def test_a_platform_that_does_not_answer_proves_nothing(bench: Bench, what: str) -> None:
    fail_at(bench, what, failure(Action.PAUSE, text="接口维护中"))
    row = proved(bench)
    assert verdict(row) == ("unknown", None, None, [], [])
    assert row.reason == "平台没有答完：接口维护中（42）"


def test_what_is_missing_stays_red_where_the_platform_stops_answering(bench: Bench) -> None:
    hide(bench, 77)
    seen: list[str] = []

    def plan(what: str) -> None:
        seen.append(what)
        if seen.count("list") == 2:
            raise failure(Action.PAUSE, text="接口维护中")

    bench.marketplace.plan = plan
    row = proved(bench)
    assert verdict(row) == ("red", 5, 4, ["77"], ["77"])
    assert row.reason == "平台没有答完：接口维护中（42）"


def test_passing_trouble_is_sat_out(bench: Bench) -> None:
    fail_at(bench, "count", failure(Action.RETRY), failure(Action.RETRY))
    assert proved(bench).state == "green"
    assert len(bench.slept) == 2


def test_a_wrong_clock_is_set_right_and_an_ended_session_renewed(bench: Bench) -> None:
    bench.marketplace.renewable = True
    measured = bench.marketplace.measured
    fail_at(bench, "count", failure(Action.CLOCK), failure(Action.REFRESH))
    assert proved(bench).state == "green"
    assert (bench.marketplace.measured, bench.marketplace.renewed) == (measured + 1, 1)


def test_a_stopped_shop_is_unknown_and_not_asked(bench: Bench) -> None:
    with bench.sessions() as session:
        shop = session.get_one(Shop, 1)
        shop.state, shop.problem = "stopped", "店铺授权已过期，请重新授权"
        session.commit()
    calls = len(bench.marketplace.asked)
    row = proved(bench)
    assert (row.state, row.reason) == ("unknown", "店铺已停止同步：店铺授权已过期，请重新授权")
    assert len(bench.marketplace.asked) == calls


def test_a_day_that_is_not_over_is_unknown(bench: Bench) -> None:
    row = proved(bench, date(2025, 12, 22))
    assert (row.state, row.reason) == ("unknown", "这一天还没有结束")


def test_a_day_that_the_pull_has_not_reached_is_unknown(bench: Bench) -> None:
    with bench.sessions() as session:
        session.execute(update(Cursor).values(synced_to=MIDNIGHT + timedelta(hours=23)))
        session.commit()
    row = proved(bench)
    assert (row.state, row.reason) == ("unknown", "同步还没有读到这一天的末尾")


def test_every_proof_is_kept(bench: Bench, sessions: sessionmaker[Session]) -> None:
    proved(bench)
    hide(bench, 77)
    proved(bench)
    with sessions() as session:
        rows = session.scalars(select(Proof).order_by(Proof.id)).all()
        assert [(row.state, row.missing) for row in rows] == [("green", []), ("green", ["77"])]
        assert session.scalar(select(func.count()).select_from(Order)) == 5


def test_an_order_paid_between_the_two_questions_is_no_difference(bench: Bench) -> None:
    late = bench.now

    def plan(what: str) -> None:
        if what == "counted":
            bench.marketplace.plan = lambda _what: None
            bench.marketplace.add(99, late, created=(MIDNIGHT + timedelta(hours=23)).isoformat())

    bench.marketplace.plan = plan
    assert verdict(proved(bench)) == ("green", 5, 5, [], [])


def test_the_beijing_day_is_meant(bench: Bench) -> None:
    assert datetime(2025, 12, 20, 16, 0, tzinfo=MIDNIGHT.tzinfo) == MIDNIGHT
    proved(bench)
    assert (MIDNIGHT, MIDNIGHT + timedelta(hours=24, seconds=-1)) in bench.marketplace.asked
