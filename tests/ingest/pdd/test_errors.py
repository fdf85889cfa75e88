from __future__ import annotations

import pytest

from ingest.pdd.errors import CODES, DEFAULT, error_of
from ingest.source import Action
from tests.ingest.golden import reply


@pytest.mark.parametrize(
    ("code", "action"),
    [
        (10000, Action.PARK), (10001, Action.PARK), (10016, Action.STOP), (10017, Action.STOP), (10018, Action.STOP),
        (10019, Action.REFRESH), (20004, Action.STOP), (20005, Action.STOP), (20031, Action.STOP),
        (20032, Action.REFRESH), (20034, Action.STOP), (20035, Action.STOP), (21001, Action.PARK),
        (21002, Action.PARK), (30000, Action.PARK), (30001, Action.PARK), (50000, Action.RETRY), (50001, Action.RETRY),
        (50002, Action.RETRY), (52001, Action.RETRY), (52002, Action.RETRY), (52004, Action.PARK),
        (52101, Action.WAIT), (52102, Action.PAUSE), (52103, Action.PAUSE), (70031, Action.WAIT),
        (70032, Action.PAUSE), (70033, Action.PAUSE), (70034, Action.STOP), (70035, Action.STOP), (70036, Action.PAUSE),
    ],
)  # fmt: skip
def test_each_code_of_the_table_says_what_to_do(code: int, action: Action) -> None:
    found = error_of({"error_code": code, "error_msg": "x"})
    assert found.resolution.action is action
    assert (found.wait_seconds > 0) == (action in (Action.WAIT, Action.PAUSE))


def test_the_table_above_is_the_whole_table() -> None:
    assert len(CODES) == 31


def test_every_entry_has_a_text_for_people() -> None:
    for resolution in (*CODES.values(), DEFAULT):
        assert "拼多多" in resolution.text


def test_an_argument_fault_about_the_timestamp_is_the_clock() -> None:
    message = "timestamp参数错误,与服务器时间相差超过10分钟"
    assert error_of({"error_code": 10001, "error_msg": message}).resolution.action is Action.CLOCK


def test_a_throttle_keeps_the_platforms_code() -> None:
    found = error_of(reply("pdd", "error_limited")["error_response"])
    assert (found.resolution.action, found.code) == (Action.WAIT, "70031")


def test_an_unknown_code_is_tried_again_a_few_times() -> None:
    assert error_of({"error_code": 99999}).resolution is DEFAULT
    assert error_of({}).resolution is DEFAULT
