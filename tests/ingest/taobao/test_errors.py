from __future__ import annotations

import pytest

from ingest.source import Action, PlatformError
from ingest.taobao.errors import CODES, DEFAULT, SUB_CODES, error_of
from tests.ingest.golden import reply


def error(code: int, sub_code: str = "", sub_message: str = "") -> PlatformError:
    return error_of({"code": code, "msg": "x", "sub_code": sub_code, "sub_msg": sub_message})


@pytest.mark.parametrize(
    ("code", "action"),
    [
        (3, Action.PARK), (4, Action.WAIT), (5, Action.WAIT), (6, Action.WAIT), (7, Action.WAIT), (8, Action.WAIT),
        (9, Action.STOP), (10, Action.RETRY), (11, Action.STOP), (12, Action.STOP), (13, Action.STOP),
        (21, Action.STOP), (22, Action.STOP), (25, Action.STOP), (26, Action.REFRESH), (27, Action.REFRESH),
        (29, Action.STOP), (31, Action.CLOCK), (33, Action.STOP), (40, Action.PARK), (41, Action.PARK),
    ],
)  # fmt: skip
def test_each_code_of_the_table_says_what_to_do(code: int, action: Action) -> None:
    assert error(code).resolution.action is action


def test_every_entry_has_a_text_for_people() -> None:
    for resolution in (*CODES.values(), *SUB_CODES.values(), DEFAULT):
        assert any("一" <= letter <= "鿿" for letter in resolution.text)


@pytest.mark.parametrize(
    ("sub_code", "action"),
    [
        ("isp.top-remote-connection-timeout", Action.RETRY),
        ("isp.unknown-error", Action.RETRY),
        ("isv.trade-not-exist", Action.PARK),
        ("isv.never-heard-of", Action.PARK),
        ("isv.logistics-offline-service-error:B04", Action.PARK),
        ("isv.logistics-offline-service-error:B150", Action.RETRY),
        ("", Action.RETRY),
    ],
)
def test_a_remote_error_is_judged_by_its_sub_code(sub_code: str, action: Action) -> None:
    assert error(15, sub_code).resolution.action is action


def test_the_told_seconds_are_waited_and_a_long_ban_pauses() -> None:
    short = error_of(reply("taobao", "error_limited")["error_response"])
    assert (short.resolution.action, short.wait_seconds) == (Action.WAIT, 17)
    long = error(7, "accesscontrol.limited-by-api-access-count", "This ban will last for 40000 more seconds")
    assert (long.resolution.action, long.wait_seconds) == (Action.PAUSE, 40000)
    quota = error(7, "accesscontrol.limited-by-app-access-count", "This ban will last for 5 more seconds")
    assert (quota.resolution.action, quota.wait_seconds) == (Action.PAUSE, 5)


def test_an_unknown_code_is_tried_again_a_few_times() -> None:
    assert error(987).resolution is DEFAULT
    assert error_of({}).resolution is DEFAULT
