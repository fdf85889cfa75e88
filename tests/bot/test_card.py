from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from bot.card import Card, Text, as_text, from_json, to_json
from bot.cards import CARDS, draw
from handlers import views
from handlers.views import CaseView, TextView, View
from tests.bot.samples import LONG_CASES, PEN, VIEWS


@pytest.mark.parametrize("name", VIEWS)
def test_a_kept_drawing_comes_back_as_it_was(name: str) -> None:
    drawing = draw(VIEWS[name], PEN)
    assert from_json(to_json(drawing)) == drawing


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(LONG_CASES)
def test_so_does_one_of_any_content(view: CaseView) -> None:
    drawing = draw(view, PEN)
    assert from_json(to_json(drawing)) == drawing


def test_as_text_a_card_says_what_to_type() -> None:
    card = draw(VIEWS["case"], PEN)
    assert isinstance(card, Card)
    text = as_text(card).markdown
    assert "待审核超时 · 剩 5 小时 · ¥318" in text
    assert "回复 A7F2 认领、A7F2 审核通过" in text
    assert "[打开看板](http://127.0.0.1:8780/orders/5)" in text
    assert as_text(Card("题", "x", 1)) == Text("**题**")


def test_every_view_has_a_card() -> None:
    assert set(CARDS) == set(views.View.__args__)
    assert {type(view) for view in VIEWS.values()} == set(CARDS)


def test_a_view_without_a_card_names_the_folder() -> None:
    class NewView:
        pass

    unknown: View = NewView()  # type: ignore[assignment]
    with pytest.raises(LookupError, match="bot/cards"):
        draw(unknown, PEN)
    assert draw(TextView("好"), PEN) == Text("好")
