from __future__ import annotations

import pytest

from rules.delay_aside import shipping_abroad, takes_back, without_card


@pytest.mark.parametrize(
    ("words", "left"),
    [
        ("25号再发", "25号再发"),
        ("卡片写:等我回来。25号再发货", "卡片写:。25号再发货"),
        ("贺卡写“等我” 25号再发货", "贺卡写。 25号再发货"),
        ("贺卡写好再发", "贺卡写好再发"),
        ("小卡片别放,等我回来", "小卡片别放,等我回来"),
        ("附言:等我回来再发", "附言:等我回来再发"),
    ],
)
def test_the_text_of_a_card_is_left_out_and_nothing_else(words: str, left: str) -> None:
    assert without_card(words) == left


def test_words_above_that_are_withdrawn_are_told_as_they_stand() -> None:
    assert takes_back("25号再发。上面那句作废", 5) == "上面那句作废"
    assert takes_back("25号再发。之前的地址作废", 5) == ""


@pytest.mark.parametrize(
    ("text", "word"),
    [("Shipping later, please", "Shipping"), ("a nice ship model", "ship"), ("membership", ""), ("明天ship", "")],
)
def test_it_names_the_foreign_word_only_where_no_chinese_stands(text: str, word: str) -> None:
    assert shipping_abroad(text) == word
