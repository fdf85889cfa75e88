from __future__ import annotations

import pytest

from ingest.source import Action
from ingest.wecom_pay.errors import CODES, DEFAULT, error_of
from tests.ingest.golden import reply


@pytest.mark.parametrize(
    ("code", "action"),
    [
        (-1, Action.RETRY), (40001, Action.STOP), (40013, Action.STOP), (40014, Action.REFRESH),
        (40058, Action.PARK), (42001, Action.REFRESH), (45009, Action.WAIT), (45033, Action.RETRY),
        (48002, Action.STOP), (50003, Action.STOP), (60020, Action.STOP),
    ],
)  # fmt: skip
def test_each_code_of_the_table_says_what_to_do(code: int, action: Action) -> None:
    assert error_of({"errcode": code}).resolution.action is action


def test_every_entry_has_a_text_for_people() -> None:
    for resolution in (*CODES.values(), DEFAULT):
        assert "企业微信" in resolution.text or "对外收款" in resolution.text


def test_a_missing_permission_says_where_to_give_it() -> None:
    found = error_of(reply("wecom_pay", "error_permission"))
    assert "可调用接口的应用" in found.resolution.text


def test_an_unknown_code_is_shown_and_not_repeated_blindly() -> None:
    assert error_of({"errcode": 999999}).resolution is DEFAULT
    assert error_of({}).resolution is DEFAULT
