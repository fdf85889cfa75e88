from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.parse import as_typed, bare, normal


def test_a_note_keeps_the_punctuation_of_who_typed_it() -> None:
    assert as_typed("备注 001 客户说：“好，行！” ", "客户说:“好,行!”") == "客户说：“好，行！”"
    assert as_typed("x", "y") == "y"


@pytest.mark.parametrize(
    ("line", "wish"),
    [
        ("帮我查一下 001", "查一下 001"),
        ("那个,审核001吧,谢谢", "审核001"),
        ("好的,审核 001", "审核 001"),
        ("请假 明天", "请假 明天"),
        ("不要审核 001", "不要审核 001"),
        ("谢谢", ""),
        ("审核001吗", "审核001吗"),
    ],
)
def test_what_is_said_around_a_wish_falls_away(line: str, wish: str) -> None:
    assert bare(line) == wish


@given(st.text(max_size=60))
def test_a_bare_line_is_a_part_of_the_line(text: str) -> None:
    assert bare(normal(text)) in normal(text)
