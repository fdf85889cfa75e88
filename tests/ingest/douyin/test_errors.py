from __future__ import annotations

import pytest

from ingest.douyin.errors import CODES, DEFAULT, GONE, NO_AFTER_SALES, NO_TOKEN, error_of
from ingest.source import Action
from tests.ingest.golden import reply

PLAIN = {
    10001: Action.RETRY, 20000: Action.RETRY, 20001: Action.RETRY, 30000: Action.PARK, 30001: Action.STOP,
    30002: Action.STOP, 40001: Action.PARK, 40002: Action.PARK, 40003: Action.PARK, 40004: Action.PARK,
    50000: Action.RETRY, 50001: Action.PARK, 50002: Action.PARK, 60000: Action.WAIT, 70000: Action.STOP,
    80000: Action.STOP, 90000: Action.RETRY,
}  # fmt: skip
FINER = {
    "dop.authorization-no-existed": (30001, Action.STOP),
    "dop.authorization-closed": (30001, Action.STOP),
    "dop.app-forbidden": (30001, Action.STOP),
    "isv.authorization-type-invalid": (40003, Action.STOP),
    "isv.signature-missing": (40001, Action.STOP),
    "isv.app-id-missing": (40001, Action.STOP),
    "isv.access-token-missing": (40001, Action.STOP),
    "isv.signature-invalid": (40003, Action.STOP),
    "isv.app-id-invalid": (40003, Action.STOP),
    "isv.app-id-expired": (40003, Action.STOP),
    "isv.access-token-expired": (40003, Action.REFRESH),
    "isv.access-token-no-existed": (40003, Action.REFRESH),
    "isv.access-token-invalid": (40003, Action.REFRESH),
    "isv.timestamp-invalid": (40003, Action.CLOCK),
    "isv.timestamp-format-error": (40003, Action.STOP),
    "isv.env-suspected": (90000, Action.STOP),
    "dop.token-generate-failed:app-id-invalid": (50001, Action.STOP),
    "dop.token-generate-failed:app-secret-invalid": (50001, Action.STOP),
    "dop.token-generate-failed:grant-type-invalid": (50001, Action.STOP),
    "dop.token-generate-failed:app-forbidden": (50001, Action.STOP),
    "dop.token-generate-failed:no-authorization": (50001, Action.STOP),
    "dop.token-generate-failed:code-invalid": (50001, Action.STOP),
    "dop.token-generate-failed:code-expired": (50001, Action.STOP),
    "dop.token-generate-failed:token-invalid": (50001, Action.STOP),
    "dop.token-generate-failed:token-expired": (50001, Action.STOP),
    **{f"isv.parameter-invalid:{number}": (40004, Action.PARK) for number in (20001, 20002, 20014, 20022)},
    **{f"isv.business-failed:{number}": (50002, Action.PARK) for number in (20015, 60033, 60101)},
    **{
        f"isv.business-failed:{number}": (50002, Action.RETRY)
        for number in (8888, 20004, 60106, 60114, 60118, 60121, 60125, 60132, 70009, 120032)
    },
}


@pytest.mark.parametrize(("code", "action"), PLAIN.items())
def test_each_code_of_the_table_says_what_to_do(code: int, action: Action) -> None:
    found = error_of({"code": code, "msg": "x", "sub_code": "never.heard-of"})
    assert found.resolution.action is action
    assert (found.wait_seconds > 0) == (action is Action.WAIT)


@pytest.mark.parametrize("sub_code", FINER)
def test_a_sub_code_counts_before_its_code(sub_code: str) -> None:
    code, action = FINER[sub_code]
    found = error_of({"code": code, "sub_code": sub_code, "sub_msg": "y"})
    assert (found.resolution.action, found.code, found.message) == (action, f"{code} {sub_code}", "y")


def test_the_tables_above_are_the_whole_table() -> None:
    assert {str(code) for code in PLAIN} | FINER.keys() == CODES.keys()


def test_every_entry_has_a_text_for_people() -> None:
    for resolution in (*CODES.values(), DEFAULT, NO_TOKEN, NO_AFTER_SALES):
        assert "抖店" in resolution.text


@pytest.mark.parametrize(
    ("sub_code", "code"), [("isv.parameter-invalid:20014", 40004), ("isv.business-failed:60033", 50002)]
)
def test_an_order_that_is_not_there_is_told_apart(sub_code: str, code: int) -> None:
    assert error_of({"code": code, "sub_code": sub_code}).resolution is GONE


def test_golden_errors_are_read() -> None:
    limited, token = (error_of(reply("douyin", name)) for name in ("error_limited", "error_token"))
    assert (limited.resolution.action, limited.wait_seconds) == (Action.WAIT, 60)
    assert (token.resolution.action, token.message) == (Action.REFRESH, "access_token已过期")


def test_an_unknown_code_is_tried_again_a_few_times() -> None:
    assert error_of({"code": 99999}).resolution is DEFAULT
    assert error_of({}).resolution is DEFAULT
