"""What is easily overlooked at the marketplaces: the unpaid of JD, and orders under Pinduoduo's review."""

from __future__ import annotations

from sqlalchemy import select

from models import OrderLine
from tests.flows.house import House, no_chat

pytestmark = no_chat


def test_an_order_of_jd_stands_from_its_first_moment_and_is_worked_on_when_it_is_paid(office: House) -> None:
    made = office.order_in("jd", kind="unpaid")
    office.pull("jd")
    office.look()
    first = office.order(made.id)
    assert (first.stage, first.effect, first.paid_fen) == ("unpaid", "unpaid", 0)
    assert "要先付款才能审核" in office.ask("xiaoli", f"审核 {first.tag}")

    office.move(hours=3)
    office.look()
    assert not office.cases("stale_stage"), "nobody here can do anything about it"

    office.world.pay(made.id)
    office.move(minutes=15)
    office.pull("jd")
    paid = office.order(made.id)
    assert (paid.tag, paid.stage, paid.paid_fen) == (first.tag, "pending_review", made.paid_fen)
    assert [line.sku.code for line in made.lines] == skus(office, paid.id)
    office.ask("xiaoli", f"审核 {paid.tag}")
    assert office.order(made.id).stage == "pending_pick"


def skus(house: House, order_id: int) -> list[str]:
    with house.hub.sessions() as session:
        found = select(OrderLine.sku).where(OrderLine.order_id == order_id).order_by(OrderLine.position)
        return list(session.scalars(found))


def test_an_order_under_review_is_held_and_never_late_until_it_is_released(office: House) -> None:
    order = office.arrived("pdd", risk=True)
    assert "风控" in order.hold
    for _ in range(3):
        office.move(hours=2)
        office.pull("pdd")
        office.look()
    assert not office.cases("stale_stage") + office.cases("stale_group")
    assert "平台暂不允许发货" in office.ask("xiaoli", f"审核 {order.tag}")

    office.world.release(order.external_id)
    office.move(minutes=15)
    office.pull("pdd")
    office.ask("xiaoli", f"审核 {order.tag}")
    assert office.order(order.external_id).stage == "pending_pick"
