from __future__ import annotations

from handlers.columns import Column
from models.stages import Stage
from web import paging


def test_more_of_one_column_keeps_what_the_others_show() -> None:
    shown = paging.sizes({"pending_pick": "150"})
    address = paging.more(shown, Column(Stage.PENDING_REVIEW, (), 289))
    assert address == "/board?pending_review=100&pending_pick=150#pending_review-51"


def test_a_page_has_an_end() -> None:
    shown = paging.sizes({"pending_review": "999999"})
    assert shown[Stage.PENDING_REVIEW] == paging.MOST
    assert paging.more(shown, Column(Stage.PENDING_REVIEW, (), 2000)) == ""
