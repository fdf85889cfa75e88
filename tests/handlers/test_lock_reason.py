"""What locks an order: every reason is told, also that of many orders, in the order of the checks."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from bot.card import Card
from bot.cards import draw
from bot.pen import Pen
from handlers import commands, lock_reason, stages
from handlers.desk import Actor, Desk, Refusal
from models import Case, Order
from models.case import short_code
from models.stages import Verb
from tests.cast import Cast
from tests.factories import make_line, make_order, make_stock, someone, typed
from tests.handlers.rulebook.office import look

UNMAPPED = "货品未匹配：马克杯（平台 SKU 4900000000777）没有商家编码"


@pytest.fixture
def order(session: Session) -> Order:
    """Nobody can tell where it goes, nor what one of its goods is."""
    make_stock(session, "QH-CUP-RED", 9)
    lines = [make_line(), make_line("", platform_sku="4900000000777")]
    return make_order(session, district="", receiver=someone(address="电联"), lines=lines)


def locked_line(desk: Desk, order: Order, actor: Actor) -> str:
    drawn = draw(commands.run(desk, typed(f"查 {order.tag}"), actor), Pen.of(desk))
    assert isinstance(drawn, Card)
    return next(line for line in drawn.body.splitlines() if line.startswith("锁定："))


def refusal(desk: Desk, order: Order, actor: Actor) -> str:
    with pytest.raises(Refusal) as refused:
        stages.move(desk, f"order:{order.id}", Verb.APPROVE, actor)
    return str(refused.value)


def test_what_locks_many_orders_is_told_beside_an_orders_own_matter(
    desk: Desk, session: Session, cast: Cast, order: Order
) -> None:
    look(desk)
    case = session.query(Case).filter(Case.order_id == order.id).one()

    for said in (locked_line(desk, order, cast.xiaoli), refusal(desk, order, cast.xiaoli)):
        assert f"地址模糊：{case.reason}（" in said
        assert said.count("地址模糊") == 1
        assert said.endswith(f"；{UNMAPPED}")

    commands.run(desk, typed(f"{short_code(case.id)} 强制 客户急用"), cast.xiaoli)
    look(desk)

    assert locked_line(desk, order, cast.xiaoli) == f"锁定：{UNMAPPED}"
    assert refusal(desk, order, cast.xiaoli).endswith(f"已锁定，不能审核：{UNMAPPED}")


def test_all_reasons_stand_in_the_order_of_the_checks(desk: Desk, session: Session, cast: Cast) -> None:
    make_stock(session, "QH-CUP-RED", 0)
    lines = [make_line(), make_line("", platform_sku="4900000000777")]
    order = make_order(
        session, district="", receiver=someone(address="电联", phone=""), paid_fen=600_000, lines=lines
    )  # fmt: skip
    look(desk)
    session.refresh(order)

    titles = ["收件人或电话缺失", "地址模糊", "货品未匹配", "缺货", "进财审"]
    places = [order.lock_reason.index(f"{title}：") for title in titles]
    assert places == sorted(places)
    said = refusal(desk, order, cast.xiaoli)
    assert all(said.count(f"{title}：") == 1 for title in titles)


def test_a_reason_that_names_several_goods_is_one() -> None:
    lock = f"地址模糊：缺区县；{UNMAPPED}；盘子（平台 SKU 2）没有商家编码；礼盒单：大额；要看"

    assert lock_reason.besides(lock, ["地址模糊", "礼盒单"]) == [f"{UNMAPPED}；盘子（平台 SKU 2）没有商家编码"]
    assert lock_reason.besides("", ["地址模糊"]) == []
    assert lock_reason.besides("旧的锁", []) == ["旧的锁"]
