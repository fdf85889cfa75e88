"""What was chosen in a drop-down that several buttons share."""

from __future__ import annotations

from handlers.buttons import NOTHING, spread


def test_a_pick_stands_under_the_name_of_what_it_is() -> None:
    assert spread({"pick": ("minutes=15",)}) == {"minutes": ("15",)}
    assert spread({"pick": ("until=明天10:00",), "q": ("a",)}) == {"until": ("明天10:00",), "q": ("a",)}


def test_no_pick_and_one_of_an_odd_form_choose_nothing() -> None:
    assert spread({"pick": (NOTHING,)}) == {}
    assert spread({"pick": ()}) == {}
    assert spread({"pick": ("",)}) == {}


def test_what_an_older_card_hands_back_stays_as_it_is() -> None:
    assert spread({"person": ("3",)}) == {"person": ("3",)}
    assert spread({}) == {}
