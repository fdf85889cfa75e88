"""What an inbox (table, mail, chat) keeps of what every source keeps: read from where all the sources' suite stands."""

from __future__ import annotations

from tests.ingest.test_contract import (
    test_a_change_is_seen_by_the_next_pull,
    test_a_number_that_the_platform_does_not_know_is_no_order,
    test_an_empty_window_moves_the_cursor,
    test_an_unknown_field_changes_nothing,
    test_days_of_the_created_are_read_without_a_gap_or_a_double_count,
    test_many_pages_are_read_completely,
    test_overlapping_windows_store_no_order_twice,
    test_the_platforms_own_count_of_the_created_agrees,
    test_the_raw_record_is_kept_as_it_came,
    test_what_was_created_in_a_window_is_read_completely_whatever_became_of_it,
    test_what_was_read_by_creation_is_known_again,
)

__all__ = [
    "test_a_change_is_seen_by_the_next_pull",
    "test_a_number_that_the_platform_does_not_know_is_no_order",
    "test_an_empty_window_moves_the_cursor",
    "test_an_unknown_field_changes_nothing",
    "test_days_of_the_created_are_read_without_a_gap_or_a_double_count",
    "test_many_pages_are_read_completely",
    "test_overlapping_windows_store_no_order_twice",
    "test_the_platforms_own_count_of_the_created_agrees",
    "test_the_raw_record_is_kept_as_it_came",
    "test_what_was_created_in_a_window_is_read_completely_whatever_became_of_it",
    "test_what_was_read_by_creation_is_known_again",
]
