from __future__ import annotations

import pytest

from ingest.source import Action
from ingest.wxshop.errors import CODES, DEFAULT, FORBIDDEN, GONE, error_of
from tests.ingest.golden import reply


@pytest.mark.parametrize(
    ("code", "action"),
    [
        (-1, Action.RETRY), (31042, Action.PARK), (40001, Action.REFRESH), (40013, Action.STOP),
        (40014, Action.REFRESH), (40097, Action.PARK), (40125, Action.STOP), (40164, Action.STOP),
        (42001, Action.REFRESH), (45009, Action.PAUSE), (45011, Action.WAIT), (47001, Action.PARK),
        (48001, Action.STOP), (100002, Action.PARK), (100003, Action.RETRY), (101100, Action.PARK),
        (606006, Action.RETRY), (606034, Action.PARK), (10080001, Action.STOP),
    ],
)  # fmt: skip
def test_each_code_of_the_table_says_what_to_do(code: int, action: Action) -> None:
    assert error_of({"errcode": code}).resolution.action is action


def test_every_entry_names_the_platform_to_people() -> None:
    for resolution in (*CODES.values(), DEFAULT, FORBIDDEN):
        assert "微信小店" in resolution.text


def test_an_order_that_does_not_exist_is_told_in_the_platforms_words() -> None:
    found = error_of(reply("wxshop", "error_gone"))
    assert (found.resolution, found.code) == (GONE, "100002")
    assert found.message.startswith("order not exist")


def test_an_unknown_code_is_shown_and_not_repeated_blindly() -> None:
    assert error_of({"errcode": 999999}).resolution is DEFAULT
    assert error_of({}).resolution is DEFAULT
    assert DEFAULT.action is Action.PARK
