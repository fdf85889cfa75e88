"""A button's key in DingTalk's form: short, signed, and made whole again without a table."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.dingtalk import keys
from bot.payload import BadPayload, Payload
from tests.bot.samples import KEY

CLAIM = Payload("claim", "case:12", 3)


def test_a_key_says_which_action_on_which_state() -> None:
    short = keys.shorten(CLAIM.pack(KEY), "minutes")
    assert short[12:] == "claim~case:12~3~minutes~"
    found = keys.restore(short, KEY)
    assert (found.payload, found.question) == (CLAIM, "minutes")


def test_the_choice_belongs_to_the_question() -> None:
    found = keys.restore(keys.shorten(CLAIM.pack(KEY), "minutes"), KEY)
    assert found.press("60").selected == {"minutes": ("60",)}
    assert found.press().selected == {}
    bare = keys.restore(keys.shorten(CLAIM.pack(KEY)), KEY)
    assert bare.press("60").selected == {}


@given(
    action=st.text(max_size=20),
    subject=st.text(max_size=20),
    revision=st.integers(0, 10**9),
    value=st.text(max_size=6),
    question=st.text(max_size=4),
)
def test_every_short_key_comes_back_whole(action: str, subject: str, revision: int, value: str, question: str) -> None:
    payload = Payload(action, subject, revision, value)
    short = keys.shorten(payload.pack(KEY), question)
    assert short.isascii()
    assert set('"\\ <>') & set(short) == set(), "nothing that JSON or a component's id would have to escape"
    if len(short) <= keys.MOST_BYTES:
        assert keys.restore(short, KEY) == keys.Key(payload, question)


def test_a_key_of_another_hub_is_not_ours() -> None:
    with pytest.raises(BadPayload):
        keys.restore(keys.shorten(CLAIM.pack(bytes(32))), KEY)


@pytest.mark.parametrize(
    "damaged",
    [
        "",
        "done",
        "x" * 300,
        "q1w2e3r4t5y6claim~case:12~3~",
        "q1w2e3r4t5y6claim~case:12~³~~",
        "q1w2e3r4t5y6~~-1~~",
        "𠮷" * 90,
    ],
)
def test_what_is_damaged_is_refused(damaged: str) -> None:
    with pytest.raises(BadPayload):
        keys.restore(damaged, KEY)


@pytest.mark.parametrize("part", [0, 1, 2, 4])
def test_no_part_can_be_changed(part: int) -> None:
    short = keys.shorten(CLAIM.pack(KEY))
    parts = short[12:].split("~")
    parts[part] += "1"
    with pytest.raises(BadPayload):
        keys.restore(short[:12] + "~".join(parts), KEY)
