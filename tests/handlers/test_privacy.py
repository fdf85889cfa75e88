"""Promise 6: no view but RevealView holds receiver data in clear, whoever asks, wherever."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from handlers import commands, pressing, show, watch
from handlers.desk import Desk, Refusal
from handlers.views import RevealView, View
from models import Case, Order
from models.case import short_code
from tests.cast import Cast
from tests.factories import NOW, make_order, pressed, someone, typed

NAME, PHONE, STREET = "欧阳锋", "13987650432", "白驼山路 99 号 7 幢"
SECRETS = (NAME, PHONE, "1398765", "87650432", STREET, "白驼山", "99 号")


def private_order(session: Session) -> Order:
    return make_order(
        session,
        receiver=someone(name=NAME, phone=PHONE, address=STREET),
        buyer_message=f"25号以后发货，打 {PHONE}",
        seller_memo="备用电话 139-8765-0432",
        district="",
        stage_entered_at=NOW - timedelta(hours=3),
    )


def views(desk: Desk, cast: Cast, order: Order) -> list[View]:
    """Everything that can be asked or pressed about an order, by everybody, in the group."""
    cases = list(desk.session.scalars(select(Case)))
    lines = [f"查 {order.tag}", "查 0432", f"查 {PHONE}", f"查{NAME}", f"轨迹 {order.tag}", "我的", "看板", "帮助"]
    lines += [short_code(case.id) for case in cases] + [f"收件 {order.tag} 打单核对"]
    found: list[View] = []
    for actor in cast:
        for line in lines:
            try:
                found.append(commands.run(desk, typed(line), actor))
            except Refusal as refusal:
                assert_safe(str(refusal))
        found += [pressing.press(desk, pressed("refresh", f"case:{case.id}"), actor) for case in cases]
    found += [show.show(desk, f"case:{case.id}", None) for case in cases]
    return [*found, show.show(desk, f"order:{order.id}", None)]


def assert_safe(words: str) -> None:
    for secret in SECRETS:
        assert secret not in words, f"{secret} in {words}"


def test_no_view_in_a_group_holds_receiver_data(desk: Desk, session: Session, cast: Cast) -> None:
    order = private_order(session)
    watch.watch(desk, [order.id])
    assert len(session.scalars(select(Case)).all()) == 3
    private_order(session)  # so that a search by phone or name is a list

    found = views(desk, cast, order)

    assert len(found) > 40
    for view in found:
        assert not isinstance(view, RevealView)
        assert_safe(str(asdict(view)))


def test_the_mask_still_tells_who_is_meant(desk: Desk, session: Session, cast: Cast) -> None:
    order = private_order(session)

    view = show.show_order(desk, order.id, None)

    assert view.receiver == "欧** 139****0432 浙江省杭州市三墩镇"


def test_nothing_private_is_written_down_in_clear(desk: Desk, session: Session, cast: Cast) -> None:
    order = private_order(session)
    watch.watch(desk, [order.id])
    commands.run(desk, typed(f"收件 {order.tag} 打单核对", is_group=False), cast.xiaoli)

    for table in ("cases", "notifications", "trail"):
        dump = session.execute(text(f"SELECT coalesce(string_agg(t::text, ''), '') FROM {table} t")).scalar_one()
        assert_safe(dump)
    sealed = session.execute(text("SELECT encode(receiver, 'escape') FROM orders")).scalar_one()
    assert_safe(sealed)
