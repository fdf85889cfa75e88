from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.payload import BadPayload, Payload

KEY, OTHER = b"k" * 32, b"o" * 32


@given(st.text(max_size=20), st.text(max_size=20), st.integers(), st.text(max_size=100))
def test_it_comes_back_as_it_went(action: str, subject: str, revision: int, value: str) -> None:
    payload = Payload(action, subject, revision, value)
    assert Payload.unpack(payload.pack(KEY), KEY) == payload


def test_a_press_carries_it_and_what_was_chosen() -> None:
    press = Payload("claim", "case:12", 3, "x").press({"minutes": ("30",)})
    assert (press.action, press.subject, press.revision, press.value) == ("claim", "case:12", 3, "x")
    assert press.selected == {"minutes": ("30",)}


def test_nobody_else_can_make_or_change_one() -> None:
    packed = Payload("claim", "case:12", 3).pack(KEY)
    forged = packed.replace("claim", "solve")
    for wrong in (forged, packed[:-1], packed[1:], "", "claim", "签" + packed, "x" * 2000):
        with pytest.raises(BadPayload):
            Payload.unpack(wrong, KEY)
    with pytest.raises(BadPayload):
        Payload.unpack(packed, OTHER)


def test_it_is_known_by_a_key_of_before_and_by_no_other() -> None:
    packed = Payload("claim", "case:12", 3).pack(OTHER)
    assert Payload.unpack(packed, KEY, OTHER).action == "claim"
    for known in ((KEY,), (KEY, b"x" * 32), ()):
        with pytest.raises(BadPayload):
            Payload.unpack(packed, *known)


def test_it_refuses_to_be_longer_than_the_platform_takes() -> None:
    with pytest.raises(BadPayload, match="1024"):
        Payload("note", "case:12", 3, "字" * 400).pack(KEY)


@given(st.text(max_size=60))
def test_no_text_makes_it_fail_in_another_way(text: str) -> None:
    with pytest.raises(BadPayload):
        Payload.unpack(text, KEY)
