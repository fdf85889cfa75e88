from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from ingest import MARKETPLACES
from ingest.source import Windows
from ingest.window import Window, next_window

NOON = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)
HALF_HOUR = Windows(timedelta(minutes=30), timedelta(minutes=5), timedelta(minutes=3))


def test_the_overlap_counts_inside_the_span() -> None:
    window = next_window(NOON, NOON + timedelta(hours=2), HALF_HOUR)
    assert window == Window(NOON - timedelta(minutes=5), NOON + timedelta(minutes=25))


def test_the_last_window_ends_where_the_platform_is_settled() -> None:
    until = NOON + timedelta(minutes=7, microseconds=5)
    window = next_window(NOON, until, HALF_HOUR)
    assert window == Window(NOON - timedelta(minutes=5), NOON + timedelta(minutes=7))


def test_nothing_is_asked_when_all_is_read_or_the_clock_went_back() -> None:
    assert next_window(NOON, NOON, HALF_HOUR) is None
    assert next_window(NOON, NOON - timedelta(hours=1), HALF_HOUR) is None


@given(st.integers(1, 60 * 60 * 24 * 40))
def test_windows_cover_everything_without_a_gap_and_each_makes_progress(seconds: int) -> None:
    synced_to, until = NOON, NOON + timedelta(seconds=seconds)
    while window := next_window(synced_to, until, HALF_HOUR):
        assert window.start <= synced_to - HALF_HOUR.overlap
        assert window.end > synced_to
        assert window.end - window.start <= HALF_HOUR.span
        synced_to = window.end
    assert synced_to == until


def test_every_marketplace_asks_within_its_platforms_limits() -> None:
    limits = {"taobao": timedelta(minutes=30), "jd": timedelta(days=1), "pdd": timedelta(minutes=30)}
    for platform, limit in limits.items():
        windows = MARKETPLACES[platform].windows  # type: ignore[attr-defined]
        assert windows.overlap < windows.span <= limit
        assert windows.overlap > timedelta(minutes=1)
    assert MARKETPLACES["pdd"].windows.lag >= timedelta(minutes=3)  # type: ignore[attr-defined]
