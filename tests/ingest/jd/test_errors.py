from __future__ import annotations

import pytest

from ingest.jd.errors import CODES, DEFAULT, error_of, refusal_of
from ingest.source import Action
from tests.ingest.golden import reply


@pytest.mark.parametrize(
    ("code", "action"),
    [
        ("2", Action.WAIT), ("4", Action.STOP), ("5", Action.STOP), ("7", Action.CLOCK), ("8", Action.CLOCK),
        ("11", Action.STOP), ("12", Action.STOP), ("14", Action.STOP), ("15", Action.STOP), ("18", Action.REFRESH),
        ("19", Action.REFRESH), ("20", Action.STOP), ("21", Action.STOP), ("24", Action.STOP), ("28", Action.PARK),
        ("65", Action.RETRY),
    ],
)  # fmt: skip
def test_each_code_of_the_table_says_what_to_do(code: str, action: Action) -> None:
    assert error_of({"code": code}).resolution.action is action


def test_every_entry_has_a_text_for_people() -> None:
    for resolution in (*CODES.values(), DEFAULT):
        assert "京东" in resolution.text


def test_a_throttle_that_names_no_time_waits_a_minute() -> None:
    assert error_of({"code": "2"}).wait_seconds == 60


def test_an_expired_token_is_a_matter_of_the_session() -> None:
    found = error_of(reply("jd", "error_token")["error_response"])
    assert (found.resolution.action, found.message) == (Action.REFRESH, "无效的Token")


def test_an_unknown_code_is_tried_again_a_few_times() -> None:
    assert error_of({"code": "999"}).resolution is DEFAULT
    assert error_of({}).resolution is DEFAULT


def test_a_result_without_success_is_parked_in_the_platforms_words() -> None:
    found = refusal_of({"success": False, "chineseErrCode": "订单不存在", "englishErrCode": "order_not_exist"})
    assert (found.resolution.action, found.code, found.message) == (Action.PARK, "order_not_exist", "订单不存在")
