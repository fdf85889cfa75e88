"""Many orders at once, through real callbacks: asked once, done, taken back; and when the marketplaces hear of it."""

from __future__ import annotations

import re

from models import Order
from tests.flows.house import House


def code_in(said: str) -> str:
    """The number of the batch that a card asks about."""
    found = re.search(r"批\d+", said)
    assert found is not None, said
    return found[0]


def arrived(house: House, count: int, platform: str = "taobao") -> list[Order]:
    """Orders of strangers, nothing wrong with them."""
    made = [house.order_in(platform, kind="plain") for _ in range(count)]
    house.pull(platform)
    return [house.order(one.id) for one in made]


def stages(house: House, orders: list[Order]) -> list[str]:
    return [house.order(order.external_id).stage for order in orders]


def test_all_are_approved_on_one_yes_and_come_back_on_one_word(office: House) -> None:
    orders = arrived(office, 4)

    asked = office.ask("xiaoli", "审核 全部")
    assert "审核 4 单" in asked
    assert stages(office, orders) == ["pending_review"] * 4
    done = office.ask("xiaoli", f"{code_in(asked)} 确认")
    assert "办成 4 单" in done
    assert stages(office, orders) == ["pending_pick"] * 4
    back = office.ask("xiaoli", "撤销")
    assert "已撤销 4 单" in back
    assert stages(office, orders) == ["pending_review"] * 4
    for order in orders:
        assert office.actions(order)[-2:] == ["审核", "撤销"]
    assert not office.complaints()


def test_what_is_refunded_after_the_question_stays_and_is_named(office: House) -> None:
    orders = arrived(office, 4)
    asked = office.ask("xiaoli", "审核 全部")
    office.world.ask_refund(orders[1].external_id)
    office.move(minutes=5)
    office.pull("taobao")

    done = office.ask("xiaoli", f"{code_in(asked)} 确认")

    assert "办成 3 单，1 单没有办成" in done
    assert orders[1].tag in done
    assert stages(office, orders)[1] == "pending_review"


def to_ship(house: House, count: int) -> list[Order]:
    orders = arrived(house, count)
    for step, who in (("审核", "xiaoli"), ("配货", "laowang")):
        house.ask(who, f"{code_in(house.ask(who, f'{step} 全部'))} 确认")
    return orders


def shipped(house: House, orders: list[Order]) -> str:
    lines = [f"{order.tag} 顺丰 SF12345678901{place:02d}" for place, order in enumerate(orders)]
    asked = house.ask("laowang", "发货\n" + "\n".join(lines))
    return house.ask("laowang", f"{code_in(asked)} 确认")


def test_the_marketplace_hears_of_many_parcels_when_they_cannot_be_taken_back(office: House) -> None:
    orders = to_ship(office, 3)

    assert "办成 3 单" in shipped(office, orders)
    assert stages(office, orders) == ["done"] * 3
    office.move(seconds=30)
    office.look()
    assert not office.world.shipments
    office.move(seconds=31)
    office.look()

    told = sorted((one.order_id, one.waybill) for one in office.world.shipments)
    assert told == sorted((order.external_id, f"SF12345678901{place:02d}") for place, order in enumerate(orders))
    assert "撤不回来" in office.ask("laowang", f"撤销 {orders[0].tag}") or "超过 60 秒" in office.ask(
        "laowang", f"撤销 {orders[0].tag}"
    )


def test_parcels_that_were_taken_back_are_never_told_of(office: House) -> None:
    orders = to_ship(office, 3)
    shipped(office, orders)
    office.move(seconds=30)

    assert "已撤销 3 单" in office.ask("laowang", "撤销")
    office.move(minutes=5)
    office.look()

    assert not office.world.shipments
    assert stages(office, orders) == ["pending_ship"] * 3


def test_in_a_group_everybody_sees_what_was_asked_and_what_became_of_it(house: House) -> None:
    orders = arrived(house, 3)

    asked = house.ask("xiaoli", "审核 全部", "group")
    assert "审核 3 单" in asked
    done = house.ask("chenjie", f"{code_in(asked)} 确认", "group")

    assert "办成 3 单" in done
    assert "陈姐已确认" in done
    assert stages(house, orders) == ["pending_pick"] * 3
