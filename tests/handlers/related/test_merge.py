from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from handlers import commands, pressing, show, watch
from handlers.blacklist import book as blacklist
from handlers.desk import Desk, Refusal
from handlers.fields.living import living
from handlers.related import merge
from handlers.rulebook.book import book
from handlers.trail import verify
from handlers.tuning.tuned import tuned
from handlers.views import CaseView, TextView
from models import Case, Merge, Order, Receiver
from models.case import short_code
from tests.cast import Cast
from tests.factories import NOW, make_order, masked, pressed, someone, typed

HIDDEN = Receiver(name_mask="王*", phone_mask="1********34", address_mask="三墩镇****", cipher={"phone": "~x~"})


_quarters = itertools.count(1)


def same(session: Session, **changes: Any) -> Order:
    """An order of one buyer for one receiver, by the platform's ids; none of them repeats another (test_twins.py)."""
    values = {"receiver": masked(), "receiver_key": "1abc", "buyer_key": "buyer-1"}
    created_at = NOW - timedelta(days=3) + timedelta(minutes=15 * next(_quarters))
    return make_order(session, **{**values, "created_at": created_at, **changes})


def cases(session: Session) -> list[Case]:
    session.expire_all()
    return list(session.scalars(select(Case).where(Case.kind == "unmerged").order_by(Case.id)))


@pytest.mark.parametrize("receiver", [masked(), HIDDEN])
def test_the_platforms_ids_make_one_matter_of_them(
    desk: Desk, session: Session, cast: Cast, receiver: Receiver
) -> None:
    orders = [same(session, receiver=receiver) for _ in range(3)]
    others = [
        same(session, receiver=receiver, receiver_key="1other"),
        same(session, receiver=receiver, buyer_key="buyer-2"),
        same(session, receiver=receiver, shop_id=2),
        same(session, receiver=receiver, stage="done"),
    ]

    watch.arrived(desk, [order.id for order in (*orders, *others)])

    (case,) = cases(session)
    assert case.evidence["tags"] == [order.tag for order in orders]
    assert verify(session, f"case:{case.id}")
    view = show.show(desk, f"case:{case.id}", cast.xiaoli)
    assert isinstance(view, CaseView)
    assert [offer.text for offer in view.offers][:2] == ["合并发货", "认领"]
    assert all(order.tag in view.reason for order in orders)


@pytest.mark.parametrize("receiver", [masked(), HIDDEN])
def test_of_one_who_buys_by_the_hundred_the_newest_are_named(
    desk: Desk, session: Session, cast: Cast, receiver: Receiver
) -> None:
    orders = [same(session, receiver=receiver, created_at=NOW - timedelta(minutes=90 - place)) for place in range(70)]
    watch.arrived(desk, [order.id for order in orders[40:]])
    watch.arrived(desk, [order.id for order in orders[:10]])

    (case,) = cases(session)
    assert case.evidence["tags"] == [order.tag for order in orders[20:]]
    assert case.reason.startswith("50 单以上同一买家、同一收件地址：")


def test_masks_and_ciphertext_alone_tell_nothing(desk: Desk, session: Session, cast: Cast) -> None:
    orders = [make_order(session, receiver=masked()) for _ in range(2)]
    orders += [make_order(session, receiver=HIDDEN) for _ in range(2)]
    watch.arrived(desk, [order.id for order in orders])
    assert cases(session) == []


def test_one_phone_with_two_addresses_is_two_parcels(desk: Desk, session: Session, cast: Cast) -> None:
    home = [make_order(session, receiver=someone(), created_at=NOW - timedelta(minutes=15 * at)) for at in (2, 1)]
    away = make_order(session, receiver=someone(address="文二路 9 号"))
    watch.arrived(desk, [order.id for order in (*home, away)])
    (case,) = cases(session)
    assert case.evidence["tags"] == [order.tag for order in home]


def test_who_joins_later_joins_the_same_matter(desk: Desk, session: Session, cast: Cast) -> None:
    watch.arrived(desk, [same(session).id for _ in range(2)])
    late = same(session)
    watch.arrived(desk, [late.id])
    (case,) = cases(session)
    assert late.tag in case.evidence["tags"]
    assert case.revision == 2


def test_the_number_of_statements_does_not_grow_with_the_groups(desk: Desk, session: Session, cast: Cast) -> None:
    def statements(groups: int, word: str) -> int:
        made = [same(session, receiver_key=f"{word}{number}") for number in range(groups) for _ in range(2)]
        seen: list[str] = []
        connection = session.connection()
        listener: Callable[..., None] = lambda *arguments: seen.append(arguments[2])  # noqa: E731
        event.listen(connection, "before_cursor_execute", listener)
        watch.arrived(desk, [order.id for order in made])
        event.remove(connection, "before_cursor_execute", listener)
        return len(seen)

    for read_once in (tuned, book, living, blacklist.book):  # limits, rules, fields, the list: once in a transaction
        read_once(desk)
    assert statements(2, "a") == statements(20, "b")
    assert len(cases(session)) == 22


def test_only_service_decides_and_the_reason_is_kept(desk: Desk, session: Session, cast: Cast) -> None:
    watch.arrived(desk, [same(session).id for _ in range(2)])
    code = short_code(cases(session)[0].id)
    with pytest.raises(Refusal, match="客服"):
        commands.run(desk, typed(f"{code} 合并"), cast.laowang)
    commands.run(desk, typed(f"{code} 不合并 送两个人"), cast.xiaoli)
    (case,) = cases(session)
    assert (case.state, case.solution) == ("solved", "不合并：送两个人")
    assert session.scalars(select(Merge.state)).all() == ["apart"]


def test_what_cannot_leave_is_said_for_each(desk: Desk, session: Session, cast: Cast) -> None:
    left, waiting = same(session), same(session)
    watch.arrived(desk, [left.id, waiting.id])
    commands.run(desk, typed(f"{short_code(cases(session)[0].id)} 合并"), cast.xiaoli)
    session.expire_all()
    left.stage, left.waybill, left.courier = "done", "SF1234567890123", "shunfeng"
    session.flush()
    view = pressing.press(desk, pressed("merge_ship", f"order:{left.id}"), cast.laowang)
    assert view == TextView(f"✗ {waiting.tag}：{waiting.tag} 还在待审核，要先审核才能发货")
    with pytest.raises(Refusal, match="仓库"):
        pressing.press(desk, pressed("merge_ship", f"order:{left.id}"), cast.xiaoli)


def test_the_clock_ends_a_matter_of_which_one_is_left(desk: Desk, session: Session, cast: Cast) -> None:
    one, other = same(session), same(session)
    watch.arrived(desk, [one.id, other.id])
    session.expire_all()
    merge.tidy(desk)
    assert cases(session)[0].state == "open"
    one.stage = "done"
    session.flush()
    merge.tidy(desk)
    (case,) = cases(session)
    assert (case.state, case.solution) == ("solved", "只剩一单")
    assert verify(session, f"case:{case.id}")


def test_one_parcel_or_two_is_no_question_about_doubles_which_a_matter_of_its_own_asks(
    desk: Desk, session: Session, cast: Cast
) -> None:
    at = NOW - timedelta(minutes=30)
    first, twin = same(session, created_at=at), same(session, created_at=at + timedelta(minutes=9))
    late = same(session, created_at=at + timedelta(minutes=25))
    watch.arrived(desk, [one.id for one in (first, twin, late)])
    (case,) = cases(session)
    assert case.reason == f"3 单同一买家、同一收件地址：{first.tag}、{twin.tag}、{late.tag}"
