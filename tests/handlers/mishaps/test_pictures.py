"""Pictures of goods that came wrong: to which matter they belong, where they stand, and who may look at them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from handlers import commands, show, trail
from handlers.customers import binding, complaints, hearing, state
from handlers.desk import Actor, Desk, Job, Refusal
from handlers.incoming import Attached
from handlers.mishaps import album, pictures
from handlers.received import lately, received
from handlers.received import pictures as stored
from handlers.trail import verify
from handlers.views import CaseView, OrderView
from models import Case, Notification, Order, Received
from models.received import State
from tests.cast import Cast
from tests.factories import make_case, make_customer, make_order, typed

ONE = Attached("https://far/picture-1", "key")
TWO = Attached("https://far/picture-2", "key")
JPEG = b"\xff\xd8\xff\xe0" + bytes(40)


def sent(session: Session, **changes: Any) -> Order:
    return make_order(
        session, **{"stage": "done", "effect": "shipped", "waybill": "SF1", "recheck_at": None, **changes}
    )


def case(session: Session) -> Case:
    session.expire_all()
    return session.scalars(select(Case).where(Case.kind == "wrong_goods")).one()


def told(desk: Desk, order: Order, by: Actor, words: str = "少件 1 个白杯") -> None:
    commands.run(desk, typed(f"登记 {order.tag} {words}", is_group=False), by)


def later(desk: Desk, **after: float) -> Desk:
    return Desk(desk.session, desk.now + timedelta(**after), desk.settings)


def photo(*sent: Attached, words: str = "") -> Any:
    return typed(words, is_group=False, pictures=sent)


def test_what_is_sent_right_after_belongs_to_the_matter(desk: Desk, session: Session, cast: Cast) -> None:
    order = sent(session)
    told(desk, order, cast.xiaoli)
    before = case(session).revision

    said = pictures.take(later(desk, minutes=3), photo(ONE), cast.xiaoli)

    (kept,) = session.scalars(select(Received))
    matter = case(session)
    assert (kept.kind, kept.state, kept.received_by) == ("picture", State.FETCHING, cast.xiaoli.staff_id)
    assert b"far" not in bytes(kept.content)
    assert matter.evidence["pictures"] == [kept.id]
    assert matter.revision == before + 1
    assert "renewed" not in matter.evidence, "a press on the card that was there still counts"
    assert order.tag in said
    assert "照片" in said


def test_it_is_fetched_and_named_on_the_orders_trail(desk: Desk, session: Session, cast: Cast) -> None:
    order = sent(session)
    told(desk, order, cast.xiaoli)
    pictures.take(desk, photo(ONE, TWO), cast.xiaoli)

    assert [job for job, _ in desk.later].count(Job.READ_RECEIVED) == 2
    entry = trail.of_order(desk, order.id).entries[-1]
    assert (entry.actor, entry.action) == ("小李", "售后照片")
    assert entry.detail == f"错发少件破损：2 张（看板 /pictures/{case(session).id}）"
    assert verify(session, f"order:1:{order.external_id}")


def test_the_card_and_the_page_of_the_order_lead_to_it(desk: Desk, session: Session, cast: Cast) -> None:
    order = sent(session)
    told(desk, order, cast.xiaoli)
    pictures.take(desk, photo(ONE), cast.xiaoli)
    number = case(session).id

    shown = show.show(desk, f"case:{number}", cast.xiaoli)
    assert isinstance(shown, CaseView)
    assert f"照片 1 张：http://127.0.0.1:8780/pictures/{number}" in shown.lines
    page = show.show_order(desk, order.id, cast.xiaoli)
    assert isinstance(page, OrderView)
    assert [one.pictures for one in page.live] == [1]
    edits = session.scalars(select(Notification).where(Notification.purpose == "edit"))
    assert f"case:{number}" in [one.subject for one in edits]


def test_a_picture_in_the_very_message_belongs_to_what_it_registers(desk: Desk, session: Session, cast: Cast) -> None:
    order = sent(session)
    incoming = photo(ONE, words=f"登记 {order.tag} 破损")
    view = pictures.beside(desk, incoming, cast.xiaoli, commands.run(desk, incoming, cast.xiaoli))
    assert isinstance(view, CaseView)
    assert view.note == "小李已登记，请处理：补发、退款还是不成立；照片 1 张已放在一起"
    assert len(case(session).evidence["pictures"]) == 1


def test_a_picture_beside_another_question_changes_nothing(desk: Desk, session: Session, cast: Cast) -> None:
    order = sent(session)
    incoming = photo(ONE, words=f"查 {order.tag}")
    view = pictures.beside(desk, incoming, cast.xiaoli, commands.run(desk, incoming, cast.xiaoli))
    assert isinstance(view, OrderView)
    assert session.scalars(select(Received)).all() == []


@pytest.mark.parametrize("late", [{"minutes": 11}, {"days": 1}])
def test_what_comes_later_belongs_to_nothing_and_says_what_to_do(
    desk: Desk, session: Session, cast: Cast, late: dict[str, float]
) -> None:
    told(desk, sent(session), cast.xiaoli)
    with pytest.raises(Refusal, match="请先发：登记"):
        pictures.take(later(desk, **late), photo(ONE), cast.xiaoli)
    assert session.scalars(select(Received)).all() == []


def test_each_picture_gives_time_for_the_next_one(desk: Desk, session: Session, cast: Cast) -> None:
    told(desk, sent(session), cast.xiaoli)
    for minutes in (9, 18):
        pictures.take(later(desk, minutes=minutes), photo(ONE), cast.xiaoli)
    assert len(case(session).evidence["pictures"]) == 2


def test_somebody_elses_matter_takes_none(desk: Desk, session: Session, cast: Cast) -> None:
    told(desk, sent(session), cast.xiaoli)
    with pytest.raises(Refusal, match="请先发：登记"):
        pictures.take(desk, photo(ONE), cast.laowang)


def test_of_two_matters_the_one_that_was_told_last_takes_it(desk: Desk, session: Session, cast: Cast) -> None:
    first, second = sent(session), sent(session)
    told(desk, first, cast.xiaoli)
    told(later(desk, minutes=1), second, cast.xiaoli)
    assert second.tag in pictures.take(later(desk, minutes=2), photo(ONE), cast.xiaoli)


def test_what_is_told_once_more_by_another_opens_it_to_them_too(desk: Desk, session: Session, cast: Cast) -> None:
    order = sent(session)
    told(desk, order, cast.xiaoli)
    told(desk, order, cast.laowang, "箱子也破了，破损")
    for actor in (cast.xiaoli, cast.laowang):
        pictures.take(desk, photo(ONE), actor)
    assert len(case(session).evidence["pictures"]) == 2


def test_what_is_settled_takes_none(desk: Desk, session: Session, cast: Cast) -> None:
    told(desk, sent(session), cast.xiaoli)
    case(session).state = "solved"
    session.flush()
    with pytest.raises(Refusal, match="请先发：登记"):
        pictures.take(desk, photo(ONE), cast.xiaoli)


def test_there_is_an_end_of_pictures(desk: Desk, session: Session, cast: Cast) -> None:
    told(desk, sent(session), cast.xiaoli)
    pictures.take(desk, photo(*[ONE] * pictures.MOST), cast.xiaoli)
    with pytest.raises(Refusal, match=f"已经有 {pictures.MOST} 张"):
        pictures.take(desk, photo(ONE), cast.xiaoli)


def test_a_picture_is_no_file_of_orders(desk: Desk, session: Session, cast: Cast) -> None:
    told(desk, sent(session), cast.xiaoli)
    pictures.take(desk, photo(ONE), cast.xiaoli)
    assert lately.latest(desk) == []


# where they lie


def keep(desk: Desk, file: Received, content: bytes) -> None:
    stored.kept(desk, file, content)
    desk.session.flush()


def taken(desk: Desk, session: Session, cast: Cast) -> Received:
    told(desk, sent(session), cast.xiaoli)
    pictures.take(desk, photo(ONE), cast.xiaoli)
    return session.scalars(select(Received)).one()


def test_what_was_fetched_is_kept_sealed_and_shown(desk: Desk, session: Session, cast: Cast) -> None:
    file = taken(desk, session, cast)
    keep(desk, file, JPEG)

    assert file.state == State.DONE
    assert JPEG not in bytes(file.content)
    shown = album.of_case(desk, case(session).id, cast.xiaoli)
    assert [(one.file_id, one.by, one.stands) for one in shown.pictures] == [(file.id, "小李", "")]
    assert album.content(desk, case(session).id, file.id, cast.laowang) == ("image/jpeg", JPEG)


@pytest.mark.parametrize("content", [b"<html><script>alert(1)</script></html>", b"PK\x03\x04", b""])
def test_what_is_no_picture_is_not_kept_as_one(desk: Desk, session: Session, cast: Cast, content: bytes) -> None:
    file = taken(desk, session, cast)
    keep(desk, file, content)
    assert file.state == State.REFUSED
    (shown,) = album.of_case(desk, case(session).id, cast.xiaoli).pictures
    assert "不是图片" in shown.stands
    with pytest.raises(Refusal):
        album.content(desk, case(session).id, file.id, cast.xiaoli)
    notes = session.scalars(select(Notification).where(Notification.subject == received.subject(file))).all()
    assert [("没有存下" in str(one.body["text"])) for one in notes] == [True]


def test_only_those_who_settle_such_matters_may_look(desk: Desk, session: Session, cast: Cast) -> None:
    file = taken(desk, session, cast)
    keep(desk, file, JPEG)
    buyer = Actor("小周", frozenset(), staff_id=99)
    with pytest.raises(Refusal):
        album.of_case(desk, case(session).id, buyer)
    with pytest.raises(Refusal):
        album.content(desk, case(session).id, file.id, buyer)


def test_a_file_that_is_none_of_the_matters_is_not_shown_as_one(desk: Desk, session: Session, cast: Cast) -> None:
    file = taken(desk, session, cast)
    keep(desk, file, JPEG)
    other = make_case(session, sent(session), kind="wrong_goods", evidence={"what": "short"})
    with pytest.raises(Refusal):
        album.content(desk, other.id, file.id, cast.xiaoli)
    with pytest.raises(Refusal):
        album.of_case(desk, 10**6, cast.xiaoli)


def test_a_picture_whose_address_ran_out_says_so(desk: Desk, session: Session, cast: Cast) -> None:
    file = taken(desk, session, cast)
    received.overdue(later(desk, minutes=6))
    session.expire_all()
    assert file.state == State.REFUSED
    (shown,) = album.of_case(desk, case(session).id, cast.xiaoli).pictures
    assert "过期" in shown.stands


def test_a_media_id_of_the_platform_holds_longer(desk: Desk, session: Session, cast: Cast) -> None:
    told(desk, sent(session), cast.xiaoli)
    pictures.take(desk, photo(Attached("media:wecom:3aK", "")), cast.xiaoli)
    received.overdue(later(desk, minutes=30))
    session.expire_all()
    assert session.scalars(select(Received.state)).one() == State.FETCHING


# what customers send


def complained(desk: Desk, session: Session, openid: str = "oDemo1") -> Order:
    order = sent(session)
    make_customer(session, openid=openid)
    assert "有照片请直接发" in hearing.hear(desk, openid, "杯子碎了")
    return order


def test_a_customers_picture_belongs_to_what_they_complained_of(desk: Desk, session: Session) -> None:
    order = complained(desk, session)
    said = complaints.pictured(later(desk, hours=5), ("wechat_oa", "oDemo1"), ONE)
    assert "照片已收到" in said
    assert len(case(session).evidence["pictures"]) == 1
    assert trail.of_order(desk, order.id).entries[-1].actor == "客户"
    assert complaints.pictured(later(desk, hours=5), ("wechat_oa", "oDemo1"), TWO) == "", "one answer for a handful"
    assert len(case(session).evidence["pictures"]) == 2


def test_a_strangers_picture_is_asked_about(desk: Desk, session: Session) -> None:
    complained(desk, session)
    assert "请先发" in complaints.pictured(desk, ("wechat_oa", "oStranger"), ONE)
    assert session.scalars(select(Received)).all() == []


def test_a_customers_picture_without_a_complaint_is_asked_about(desk: Desk, session: Session) -> None:
    sent(session)
    make_customer(session, openid="oDemo1")
    assert "请先发" in complaints.pictured(desk, ("wechat_oa", "oDemo1"), ONE)


def test_a_single_order_that_was_bound_by_its_number_counts(desk: Desk, session: Session) -> None:
    order = sent(session, buyer_key="")
    binding.bind(desk, ("wecom_kf", "wmX"), state.order(desk, order.id), "订单号")
    make_case(session, order, kind="wrong_goods", evidence={"what": "short", "words": "少件"}, blocks=False)
    assert "照片已收到" in complaints.pictured(desk, ("wecom_kf", "wmX"), ONE)
    assert session.execute(text("SELECT channel FROM received")).scalar_one() == "wecom_kf"
