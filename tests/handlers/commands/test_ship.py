"""发货 and the couriers of the order's shop; the rest is in test_commands.py."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers import commands
from handlers.desk import Desk, Refusal
from models import WriteBack
from tests.cast import Cast
from tests.factories import make_order, make_shop, typed


def test_a_courier_of_which_the_platform_cannot_be_told_is_refused_before_anything_happens(
    desk: Desk, session: Session, cast: Cast
) -> None:
    shop = make_shop(session, couriers=["shunfeng", "yuantong"])
    order = make_order(session, shop_id=shop.id, stage="pending_ship")

    with pytest.raises(Refusal, match=r"不接受极兔速递.*可以用：顺丰、圆通"):
        commands.run(desk, typed(f"发货 {order.tag} 极兔 JT1234567890123", sender="laowang"), cast.laowang)
    session.expire_all()
    assert (order.stage, session.scalars(select(WriteBack)).all()) == ("pending_ship", [])

    commands.run(desk, typed(f"发货 {order.tag} 圆通 YT1234567890123", sender="laowang"), cast.laowang)
    session.expire_all()
    assert order.stage == "done"
