"""完成 is no forced pass by another word: what nobody may pass ends with its cause alone."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers import commands, pressing, show, watch
from handlers.caselife import solving
from handlers.desk import Actor, Desk, Refusal
from handlers.kinds import force_of
from handlers.views import CaseView, View
from models import Case, Notification, Order, Receiver
from models.case import short_code
from rules import RULES
from tests.cast import Cast
from tests.factories import make_customer, make_order, make_stock, masked, pressed, someone, typed

NAMELESS = Receiver(name="", phone="13800001234", address="紫金花路 88 号 3 幢 1201")
NOWHERE = Receiver(name="王小明", phone="13800001234", address="")
PHONELESS = Receiver(name="王小明", phone="", address="紫金花路 88 号 3 幢 1201")


def found(desk: Desk, kind: str, **changes: Any) -> tuple[Order, Case]:
    order = make_order(desk.session, **changes)
    watch.watch(desk, [order.id])
    case = desk.session.scalars(select(Case).where(Case.kind == kind)).one()
    return order, case


def say(desk: Desk, case: Case, words: str, actor: Actor) -> View:
    view = commands.run(desk, typed(f"{short_code(case.id)} {words}"), actor)
    desk.session.expire_all()
    return view


def buttons(desk: Desk, case: Case, actor: Actor) -> list[str]:
    view = show.show(desk, f"case:{case.id}", actor)
    assert isinstance(view, CaseView)
    return [offer.text for offer in (*view.offers, *view.more)]


@pytest.mark.parametrize("words", ["完成", "已补齐", "好了 客户说了", "done"])
def test_a_parcel_for_nobody_is_not_done_by_saying_so(
    desk: Desk, session: Session, cast: Cast, words: str
) -> None:  # fmt: skip
    make_customer(session)
    order, case = found(desk, "contact_missing", receiver=NAMELESS)

    with pytest.raises(Refusal, match="「收件人或电话缺失」还没处理好，不能完成：没有收件人姓名，请买家在平台补齐"):
        say(desk, case, words, cast.xiaoli)

    session.expire_all()
    assert (case.state, order.lock_reason != "") == ("open", True)
    assert session.scalars(select(Notification).where(Notification.channel == "customer")).all() == []
    with pytest.raises(Refusal, match="锁定"):
        commands.run(desk, typed(f"审核 {order.tag}"), cast.xiaoli)


@pytest.mark.parametrize(
    ("kind", "changes", "instead"),
    [
        ("address_vague", {"receiver": NOWHERE, "district": "", "town": ""}, "没有能送到的地址"),
        ("refund_preship", {"refund": "asked"}, "买家要退款，请在平台同意退款"),
    ],
)
def test_neither_is_whatever_else_nobody_may_pass_and_no_button_offers_it(
    desk: Desk, session: Session, cast: Cast, kind: str, changes: dict[str, Any], instead: str
) -> None:
    _, case = found(desk, kind, **changes)
    assert RULES[kind].solved not in buttons(desk, case, cast.xiaoli)

    for actor in (cast.xiaoli, cast.chenjie):
        with pytest.raises(Refusal, match=instead):
            pressing.press(desk, pressed("solve", f"case:{case.id}", revision=case.revision), actor)
    session.expire_all()
    assert case.state == "open"


def test_it_ends_by_itself_once_the_buyer_filled_it_in(desk: Desk, session: Session, cast: Cast) -> None:
    order, case = found(desk, "contact_missing", receiver=NAMELESS)
    order.receiver = desk.vault.seal_receiver(someone())
    session.flush()
    watch.watch(desk, [order.id])
    session.expire_all()
    assert (case.state, order.lock_reason) == ("solved", "")


def test_a_name_that_came_though_no_look_saw_it_yet_ends_it_by_a_word(
    desk: Desk, session: Session, cast: Cast
) -> None:  # fmt: skip
    order, case = found(desk, "contact_missing", receiver=NAMELESS)
    order.receiver = desk.vault.seal_receiver(masked())
    session.flush()
    say(desk, case, "完成", cast.xiaoli)
    assert case.state == "solved"


def test_a_phone_that_somebody_knows_is_still_done_by_a_person(desk: Desk, session: Session, cast: Cast) -> None:
    order, case = found(desk, "contact_missing", receiver=PHONELESS)
    assert "已补齐" in buttons(desk, case, cast.xiaoli)
    say(desk, case, "已补齐", cast.xiaoli)
    assert (case.state, order.lock_reason) == ("solved", "")


def test_goods_that_the_shelf_does_not_have_have_not_come(desk: Desk, session: Session, cast: Cast) -> None:
    make_stock(session, "QH-CUP-RED", 0)
    order, case = found(desk, "short_stock")
    code = short_code(case.id)
    assert "已到货" not in buttons(desk, case, cast.zhaojie)

    for words in ("已到货", "完成"):
        with pytest.raises(Refusal) as refused:
            say(desk, case, words, cast.zhaojie)
        assert "库存还不够" in str(refused.value)
        assert "入库 QH-CUP-RED 件数" in str(refused.value)
        assert f"{code} 强制 原因" in str(refused.value)
    session.expire_all()
    assert (case.state, order.lock_reason != "") == ("open", True)

    commands.run(desk, typed("入库 QH-CUP-RED 20"), cast.zhaojie)
    watch.watch(desk, [order.id])
    session.expire_all()
    assert (case.state, order.lock_reason) == ("solved", "")


def test_whoever_has_no_right_to_it_hears_that_first(desk: Desk, session: Session, cast: Cast) -> None:
    _, case = found(desk, "contact_missing", receiver=NAMELESS)
    with pytest.raises(Refusal, match="客服"):
        say(desk, case, "完成", cast.laowang)


def test_every_kind_that_nobody_may_pass_has_no_button_that_ends_it() -> None:
    assert [slug for slug in RULES if force_of(slug) == "N" and solving.offered(slug, {})] == []
