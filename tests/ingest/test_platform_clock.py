from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ingest.platform_clock import PlatformClock

NOW = datetime(2026, 3, 1, 2, 0, tzinfo=UTC)


def test_it_goes_right_once_the_platforms_time_is_known() -> None:
    clock = PlatformClock(lambda: NOW)
    assert clock.correct(NOW + timedelta(minutes=8), clock.now()) == 480
    assert clock.now() == NOW + timedelta(minutes=8)


def test_a_second_measure_corrects_only_what_is_still_wrong() -> None:
    clock = PlatformClock(lambda: NOW)
    clock.correct(NOW + timedelta(minutes=8), clock.now())
    assert clock.correct(NOW + timedelta(minutes=8), clock.now()) == 0
    assert clock.correct(NOW + timedelta(minutes=7), clock.now()) == -60


def test_what_whole_seconds_cannot_tell_is_no_difference() -> None:
    clock = PlatformClock(lambda: NOW)
    assert clock.correct(NOW - timedelta(seconds=1), clock.now()) == 0
    assert clock.now() == NOW
