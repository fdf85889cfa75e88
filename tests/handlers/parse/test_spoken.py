from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.parse import spoken


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("零零一", "001"), ("幺二三", "123"), ("十", "10"), ("十五", "15"), ("二十", "20"), ("二十三", "23"),
        ("一百零三", "103"), ("两百一十", "210"), ("一千零五", "1005"), ("001", "001"), ("０１", "01"),
        ("零0一", "001"), ("你好", ""), ("十十", ""), ("百", ""), ("", ""),
    ],
)  # fmt: skip
def test_numbers_in_words(words: str, number: str) -> None:
    assert spoken.figures(words) == number


@given(st.integers(1, 9999))
def test_a_number_said_figure_by_figure_is_itself(number: int) -> None:
    said = "".join("零一二三四五六七八九"[int(figure)] for figure in str(number))

    assert spoken.figures(said) == str(number)


def test_a_dictated_code() -> None:
    assert spoken.beside_letters("A七F二完成") == "A7F2完成"
    assert spoken.beside_letters("三只松鼠") == "三只松鼠"
