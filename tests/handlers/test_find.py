from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from handlers import find
from handlers.desk import Desk, Refusal
from handlers.parse import Reference
from tests.factories import make_order, someone


def test_no_reference_is_asked_for(desk: Desk) -> None:
    with pytest.raises(Refusal, match="请写上订单编号"):
        find.first_in(" ，")


def test_more_than_it_counts_is_said(desk: Desk, session: Session) -> None:
    for _ in range(51):
        make_order(session, receiver=someone(phone="13800004321"))
    wanted = Reference("digits", "4321", number=4321)

    ids = find.find(desk, wanted)

    view = find.several(desk, wanted, ids)
    assert view.hint == "只数到 50 单，请用完整编号或平台单号"
    with pytest.raises(Refusal, match="有 50 以上 单"):
        find.one(desk, wanted)


def test_zero_is_no_number_of_a_tag(desk: Desk, session: Session) -> None:
    make_order(session, tag="TB-20251222-000")

    assert find.find(desk, Reference("digits", "0", number=0)) == []


def test_a_platform_number_stands_beside_a_tags_number(desk: Desk, session: Session) -> None:
    by_tag = make_order(session, tag="TB-20251222-777")
    by_number = make_order(session, external_id="777", tag="TB-20251222-123")
    make_order(session, tag="TB-20251220-777")

    assert set(find.find(desk, Reference("digits", "777", number=777))) == {by_tag.id, by_number.id}
