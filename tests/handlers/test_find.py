from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from handlers import find
from handlers.desk import Desk, Refusal
from handlers.parse import Reference, reference, references
from models import Parcel
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


def in_shops(session: Session, *tags: str) -> dict[str, int]:
    return {tag: make_order(session, tag=tag).id for tag in tags}


def test_a_range_is_of_the_latest_day_that_has_any_of_it(desk: Desk, session: Session) -> None:
    ids = in_shops(
        session, "JD-20251221-001", "JD-20251221-009", "JD-20251222-002", "TB-20251222-003", "JD-20251222-004"
    )  # fmt: skip

    def found(words: str) -> list[str]:
        (wanted,), _ = references(words, many=True)
        return [tag for number in find.find(desk, wanted) for tag, its in ids.items() if its == number]

    assert found("001-003") == ["JD-20251222-002", "TB-20251222-003"]
    assert found("JD 001-004") == ["JD-20251222-002", "JD-20251222-004"]
    assert found("京东零零一到零零四") == ["JD-20251222-002", "JD-20251222-004"]
    assert found("JD 008-010") == ["JD-20251221-009"]
    assert found("20251221-001 到 020") == ["JD-20251221-001", "JD-20251221-009"]
    assert found("JD 100-120") == []
    with pytest.raises(Refusal, match="有 99999 个编号，一次最多 1000 个"):
        find.find(desk, references("JD 1-99999", many=True)[0][0])


def test_several_are_looked_up_together_and_what_is_missing_is_named(desk: Desk, session: Session) -> None:
    ids = in_shops(session, "JD-20251222-001", "TB-20251222-002", "TB-20251222-007")
    other = make_order(session, external_id="2000000000000099999")
    named, _ = references("TB-20251222-002 2000000000000099999 007 JD-20251222-404 TB-20251222-002", many=True)

    found, missing = find.each(desk, named)

    assert found == [ids["TB-20251222-002"], other.id, ids["TB-20251222-007"]]
    assert [one.text for one in missing] == ["JD-20251222-404"]


def test_one_that_means_several_is_never_chosen(desk: Desk, session: Session) -> None:
    in_shops(session, "JD-20251222-009", "TB-20251222-009")

    with pytest.raises(Refusal, match=r"「009」有 2 单：.*请写完整编号"):
        find.each(desk, references("009", many=True)[0])


def test_a_marketplace_means_its_shops_whatever_their_prefix_is(desk: Desk, session: Session) -> None:
    ids = in_shops(session, "JD-20251222-005", "TB-20251222-005")
    wanted = reference("京东零零五")

    assert wanted is not None
    assert find.find(desk, wanted[0]) == [ids["JD-20251222-005"]]


def test_a_waybill_finds_its_order_in_either_case(desk: Desk, session: Session) -> None:
    order = make_order(session, stage="done")
    session.add(Parcel(order_id=order.id, courier="shunfeng", waybill="SF1234567890123", shipped_at=desk.now))
    session.flush()

    for typed in ("SF1234567890123", "sf1234567890123"):
        wanted = reference(typed)
        assert wanted is not None
        assert find.find(desk, wanted[0]) == [order.id]
