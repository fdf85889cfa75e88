from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from models.case import ROOM, ids_of, short_code


@given(st.integers(min_value=1, max_value=10**9))
def test_a_short_code_names_its_case(case_id: int) -> None:
    code = short_code(case_id)
    assert len(code) == 4
    assert case_id in ids_of(code, case_id)


def test_no_two_of_the_latest_cases_share_a_code() -> None:
    assert len({short_code(case_id) for case_id in range(1, 20_000)}) == 19_999


def test_a_code_that_came_round_again_means_the_newest_first() -> None:
    assert ids_of(short_code(5), 5 + ROOM) == [5 + ROOM, 5]


def test_what_is_no_code_names_nothing() -> None:
    assert ids_of("0OIL", 100) == []
    assert ids_of("A7F", 100) == []
