from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session
from structlog.testing import capture_logs

from ingest.report import PullReport
from ingest.source import Action
from models import Order, RawPayload, Shop
from tests.ingest.fakes import FakeMarketplace, failure
from tests.ingest.one_shop import Bench, fail_at


def test_the_first_pull_walks_from_some_hours_back_to_now_oldest_first(bench: Bench) -> None:
    for minutes in (59, 30, 2):
        bench.marketplace.add(minutes, bench.ago(minutes))

    report = bench.pull()

    assert (report.new, report.windows, report.finished, report.more) == (3, 3, True, False)
    assert bench.synced_to() == report.synced_to == bench.ago(1)
    assert bench.marketplace.asked[0][0] == bench.ago(66)
    assert [start for start, _ in bench.marketplace.asked] == sorted(start for start, _ in bench.marketplace.asked)
    assert len(bench.watched) == 3


def test_a_shop_that_is_authorised_days_later_begins_where_it_was_set_up(bench: Bench) -> None:
    bench.marketplace.add(1, bench.ago(30))
    fail_at(bench, "clock", failure(Action.STOP))
    assert bench.pull().stopped
    bench.now += timedelta(days=3)
    with bench.sessions() as session:
        session.get_one(Shop, 1).state = "working"
        session.commit()
    assert bench.pull().new == 1


def test_windows_overlap_and_an_order_in_the_overlap_is_stored_once(bench: Bench) -> None:
    bench.marketplace.add(1, bench.ago(3))
    bench.pull()
    bench.now += timedelta(minutes=2)
    report = bench.pull()
    assert (report.new, report.changed, report.unchanged) == (0, 0, 1)
    assert bench.marketplace.details == ["1"], "what stands so already needs no detail"
    assert bench.count(Order) == bench.count(RawPayload) == 1
    assert len(bench.watched) == 1


def test_a_changed_record_is_stored_again_and_watched(bench: Bench) -> None:
    bench.marketplace.add(1, bench.ago(10))
    bench.pull()
    bench.now += timedelta(minutes=10)
    bench.marketplace.rows = []
    bench.marketplace.add(1, bench.ago(5), note="edited")
    report = bench.pull()
    assert (report.new, report.changed) == (0, 1)
    assert len(bench.watched) == 2


def test_a_long_backlog_is_walked_in_bounded_steps(bench: Bench) -> None:
    bench.marketplace.add(1, bench.ago(2))
    first = bench.pull(most_windows=2)
    assert (first.windows, first.more, first.new) == (2, True, 0)
    second = bench.pull(most_windows=2)
    assert (second.windows, second.more, second.new) == (1, False, 1)
    assert bench.pull().windows == 0


def test_a_crash_before_the_commit_repeats_the_window(bench: Bench) -> None:
    bench.marketplace.add(1, bench.ago(3))

    def crash(_session: Session, _ids: Sequence[int]) -> None:
        raise RuntimeError("killed")

    with pytest.raises(RuntimeError):
        bench.pull(watch=crash)
    before = bench.synced_to()
    assert before is not None
    assert before < bench.ago(3)
    assert bench.count(Order) == 0

    assert bench.pull().new == 1


def test_orders_and_what_the_watcher_writes_stand_or_fall_together(bench: Bench) -> None:
    bench.marketplace.add(1, bench.ago(3))

    def watch(session: Session, ids: Sequence[int]) -> None:
        session.execute(text("UPDATE orders SET lock_reason = '缺货' WHERE id = ANY(:ids)"), {"ids": list(ids)})

    bench.pull(watch=watch)
    with bench.sessions() as session:
        assert session.scalars(select(Order.lock_reason)).all() == ["缺货"]


def test_a_cut_in_the_middle_keeps_the_cursor_and_loses_nothing(bench: Bench) -> None:
    for number in range(7):
        bench.marketplace.add(number, bench.ago(20))
    fail_at(bench, "page", *[failure(Action.RETRY)] * 40)
    broken = bench.pull()
    assert not broken.finished
    assert broken.problem.startswith("平台出错")
    synced_to = bench.synced_to()
    assert synced_to is not None
    assert synced_to < bench.ago(20)

    bench.marketplace.plan = lambda _what: None
    report = bench.pull()
    assert (report.new + report.unchanged, bench.count(Order)) == (7, 7)
    assert report.finished
    assert bench.shop().problem == ""


def test_a_passing_fault_is_slept_over(bench: Bench) -> None:
    bench.marketplace.add(1, bench.ago(3))
    fail_at(bench, "list", failure(Action.RETRY), failure(Action.RETRY))
    assert bench.pull().new == 1
    assert len(bench.slept) == 2


def test_what_has_its_detail_is_kept_when_a_later_detail_is_throttled(bench: Bench) -> None:
    for number in range(5):
        bench.marketplace.add(number, bench.ago(3))
    calls = 0

    def plan(what: str) -> None:
        nonlocal calls
        calls += what == "detail"
        if what == "detail" and calls == 4:
            raise failure(Action.WAIT, seconds=7)

    bench.marketplace.plan = plan
    assert bench.pull().new == 3
    bench.now += timedelta(minutes=1)
    report = bench.pull()
    assert (report.new, report.unchanged) == (2, 3)
    assert sorted(bench.marketplace.details) == ["0", "1", "2", "3", "4"]


def test_an_unreadable_record_never_stops_the_others(bench: Bench) -> None:
    bench.marketplace.add(1, bench.ago(3), broken=True)
    bench.marketplace.add(2, bench.ago(3))
    bench.marketplace.add(3, bench.ago(3))
    report = bench.pull()
    assert (report.new, report.unreadable, report.finished) == (2, 1, True)
    with bench.sessions() as session:
        problems = session.scalars(select(RawPayload.problem).where(RawPayload.problem.is_not(None))).all()
    assert problems == ["缺少金额"]


def test_a_record_of_another_shape_is_kept_with_a_reason(bench: Bench) -> None:
    class Strange(FakeMarketplace):
        def parse(self, record: Any) -> Any:
            if record.external_id == "2":
                raise KeyError("no such field")
            return super().parse(record)

    bench.marketplace = Strange()
    for number in (1, 2, 3):
        bench.marketplace.add(number, bench.ago(3))
    report = bench.pull()
    assert (report.new, report.unreadable) == (2, 1)
    with bench.sessions() as session:
        problems = session.scalars(select(RawPayload.problem).where(RawPayload.problem.is_not(None))).all()
    assert problems == ["记录的结构看不懂（KeyError）"]


def test_an_order_whose_detail_is_refused_is_stored_without_it(bench: Bench) -> None:
    bench.marketplace.add(1, bench.ago(3))
    fail_at(bench, "detail", failure(Action.PARK))
    assert bench.pull().new == 1


@pytest.mark.parametrize("action", [Action.WAIT, Action.PAUSE])
def test_a_throttle_is_waited_for_as_long_as_told_and_keeps_the_cursor(bench: Bench, action: Action) -> None:
    bench.marketplace.add(1, bench.ago(3))
    fail_at(bench, "list", failure(action, seconds=120, text="接口限流"))
    report = bench.pull()
    assert (report.stopped, report.finished, bench.synced_to()) == ("", False, bench.ago(61))
    wait_until = bench.shop().wait_until
    assert wait_until == report.wait_until
    assert wait_until is not None
    assert 120 <= (wait_until - bench.now).total_seconds() <= 126
    assert bench.shop().problem.startswith("接口限流")

    bench.now += timedelta(seconds=119)
    waiting = bench.pull()
    assert (waiting.skipped, waiting.windows, waiting.finished) == ("waiting", 0, False)
    assert len(bench.marketplace.asked) == 1, "the platform is left alone meanwhile"

    bench.now += timedelta(seconds=8)
    assert bench.pull().new == 1
    assert (bench.shop().wait_until, bench.shop().problem) == (None, "")


def test_a_throttle_without_a_time_waits_a_minute_and_a_pause_ten(bench: Bench) -> None:
    for action, least in ((Action.WAIT, 60), (Action.PAUSE, 600)):
        fail_at(bench, "list", failure(action))
        report = bench.pull()
        assert report.wait_until is not None
        assert least <= (report.wait_until - bench.now).total_seconds() <= least + 6
        bench.now = report.wait_until


def test_an_error_that_only_people_can_mend_stops_the_shop_once(bench: Bench) -> None:
    fail_at(bench, "list", failure(Action.STOP, text="店铺授权已过期，请重新授权"))
    report = bench.pull()
    assert report.stopped == "店铺授权已过期，请重新授权（42）"
    assert (bench.shop().state, bench.shop().problem) == ("stopped", report.stopped)
    assert bench.synced_to() == bench.ago(61)

    again = bench.pull()
    assert (again.skipped, again.stopped, again.finished) == ("stopped", "", False)
    assert bench.marketplace.measured == 1, "a stopped shop is not asked anything"
    assert bench.heard == [(1, "stopped")], "people are told in the same transaction, once"


def test_a_shop_does_not_stop_when_people_could_not_be_told(bench: Bench) -> None:
    fail_at(bench, "list", *[failure(Action.STOP)] * 2)
    bench.deaf = True
    with pytest.raises(RuntimeError, match="crashed"):
        bench.pull()
    assert bench.shop().state == "working"
    bench.deaf = False
    assert bench.pull().stopped
    assert bench.heard == [(1, "stopped")]


def test_a_session_is_renewed_once_and_then_stops_the_shop(bench: Bench) -> None:
    bench.marketplace.renewable = True
    fail_at(bench, "list", failure(Action.REFRESH))
    assert bench.pull().finished
    assert bench.marketplace.renewed == 1

    bench.now += timedelta(minutes=5)
    fail_at(bench, "list", *[failure(Action.REFRESH)] * 2)
    assert bench.pull().stopped
    assert bench.marketplace.renewed == 2


def test_a_refused_clock_is_measured_once_and_then_stops_the_shop(bench: Bench) -> None:
    fail_at(bench, "list", failure(Action.CLOCK))
    assert bench.pull().finished
    assert bench.marketplace.measured == 2

    bench.now += timedelta(minutes=5)
    fail_at(bench, "list", *[failure(Action.CLOCK)] * 2)
    assert bench.pull().stopped


def test_the_clock_is_measured_at_the_start_and_then_once_an_hour(bench: Bench) -> None:
    for minutes, measured in ((0, 1), (10, 1), (49, 1), (1, 2), (59, 2), (1, 3)):
        bench.now += timedelta(minutes=minutes)
        assert bench.pull().finished
        assert bench.marketplace.measured == measured
    assert bench.shop().clock_measured_at == bench.now


def test_a_clock_of_ours_that_was_put_back_is_measured_again(bench: Bench) -> None:
    bench.pull()
    bench.now -= timedelta(minutes=5)
    bench.pull()
    assert bench.marketplace.measured == 2


def test_a_throttle_of_a_second_or_two_is_waited_for_within_the_pull(bench: Bench) -> None:
    bench.marketplace.add(1, bench.ago(3))
    fail_at(bench, "list", failure(Action.WAIT, seconds=2), failure(Action.WAIT, seconds=1))
    report = bench.pull()
    assert (report.new, report.wait_until, bench.shop().problem) == (1, None, "")
    assert [2 <= bench.slept[0] <= 2.5, 1 <= bench.slept[1] <= 1.25] == [True, True]


def test_a_fault_of_our_question_keeps_the_cursor_and_is_said(bench: Bench) -> None:
    fail_at(bench, "list", failure(Action.PARK, text="平台不接受这次请求的内容"))
    report = bench.pull()
    assert report.problem.startswith("平台不接受")
    assert (report.stopped, bench.shop().state, bench.synced_to()) == ("", "working", bench.ago(61))


def test_windows_follow_the_platforms_clock_and_later_clients_know_it(bench: Bench) -> None:
    bench.marketplace.clock_errors = [300.0]
    report = bench.pull()
    assert report.synced_to == bench.ago(1) + timedelta(minutes=5)
    assert bench.shop().clock_offset_seconds == report.clock_offset_seconds == 300.0


def test_a_second_pull_of_a_shop_at_the_same_time_is_busy(bench: Bench) -> None:
    bench.marketplace.add(1, bench.ago(3))
    inner: list[PullReport] = []
    bench.pull(watch=lambda _session, _ids: inner.append(bench.pull()))
    assert [report.busy for report in inner] == [True]
    bench.now += timedelta(minutes=5)
    assert bench.pull().finished


def test_a_pull_that_crashed_leaves_no_lock_behind(bench: Bench) -> None:
    fail_at(bench, "clock", RuntimeError("bug"))
    with pytest.raises(RuntimeError):
        bench.pull()
    assert not bench.pull().busy


def test_batches_are_bounded_however_many_rows_a_window_has(bench: Bench) -> None:
    bench.marketplace.page_size = 90
    for number in range(1203):
        bench.marketplace.add(number, bench.ago(3))
    batches: list[int] = []
    report = bench.pull(watch=lambda _session, ids: batches.append(len(ids)))
    assert report.new == 1203
    assert batches == [540, 540, 123], "whole pages, as soon as there are 500"


def test_of_a_record_that_repeats_in_a_batch_the_last_read_counts(bench: Bench) -> None:
    bench.marketplace.add(1, bench.ago(4), note="first")
    bench.marketplace.add(1, bench.ago(3), note="second")
    assert bench.pull().new == 1
    with bench.sessions() as session:
        assert session.scalars(select(Order.modified_at)).all() == [bench.ago(3)]


def test_a_pull_in_which_nothing_happened_writes_only_the_cursor(bench: Bench) -> None:
    bench.marketplace.add(1, bench.ago(3))
    bench.pull()
    with bench.sessions() as session:
        before = session.execute(text("SELECT xmin::text, * FROM shops")).all()
    bench.now += timedelta(minutes=1)
    bench.pull()
    with bench.sessions() as session:
        assert session.execute(text("SELECT xmin::text, * FROM shops")).all() == before


def test_the_report_counts_and_says_so(bench: Bench) -> None:
    report = replace(bench.pull(), new=2)
    assert "new=2" in str(report)


def test_a_clock_that_is_far_off_is_said_and_stops_nothing(bench: Bench) -> None:
    bench.marketplace.add(1, bench.ago(30))
    bench.marketplace.clock_errors = [150.0]
    with capture_logs() as logs:
        report = bench.pull()
        bench.now += timedelta(minutes=1)
        bench.pull()
    assert (report.new, report.problem, bench.shop().state) == (1, "", "working")
    assert bench.shop().problem == "本机时间比平台慢约 2 分钟，请校准服务器时间（同步照常进行）"
    assert [line["seconds"] for line in logs if line["event"] == "clock_off"] == [150.0], "said once"

    bench.marketplace.clock_errors = [-140.0]
    bench.now += timedelta(hours=1)
    bench.pull()
    assert bench.shop().problem == "", "ten seconds are nobody's matter"


def test_a_deadline_that_the_platform_does_not_give_is_the_shops(bench: Bench) -> None:
    bench.marketplace.add(1, bench.ago(30))
    bench.pull()
    with bench.sessions() as session:
        assert session.scalars(select(Order.ship_by_at)).one() == bench.ago(30) + timedelta(hours=48)
