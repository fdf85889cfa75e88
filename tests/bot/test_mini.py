"""What no mini program of ours sends is refused before anybody is asked for it."""

from __future__ import annotations

import pytest

from bot.calls import Call
from bot.crypto import BadEnvelope
from bot.mini import _whole, of_mini
from config_customers import Mini
from handlers.desk import Desk

MINI = Mini(appid="wxdemo0000000002", secret="sandbox-mini-secret-0001", gateway="http://127.0.0.1:9")


def nobody() -> Desk:
    raise AssertionError("it was looked at")


@pytest.mark.parametrize(
    "body", [b'{"templates": 5}', b'{"templates": "a"}', b'{"templates": {"a": 1}}', b"[" * 100_000, b"[]", b"\xff"]
)
def test_a_bad_body_is_refused(body: bytes) -> None:
    with pytest.raises(BadEnvelope):
        of_mini(MINI, nobody)(Call({}, body))  # type: ignore[arg-type]


def test_half_a_letter_is_dropped() -> None:
    assert _whole("2000\ud83d 12") == "2000 12"
    assert _whole("好😀") == "好😀"
