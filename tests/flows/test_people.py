"""A day of people: claimed with a promise, handed over when a shift ends, away the next day; a quiet night between."""

from __future__ import annotations

from sqlalchemy import select

from models import Staff
from models.case import short_code
from tests.flows.chats import shown
from tests.flows.house import House


def vague(house: House, count: int = 1) -> list[str]:
    """Orders without a district; their matters' short codes."""
    for _ in range(count):
        house.order_in("taobao", kind="vague", province="浙江省", city="杭州市")
    house.pull("taobao")
    return [short_code(case.id) for case in house.cases("address_vague", "open")[-count:]]


def staff_id(house: House, name: str) -> int:
    with house.hub.sessions() as session:
        return session.scalars(select(Staff.id).where(Staff.name == name)).one()


def test_a_shift_is_handed_over_and_the_night_is_quiet(house: House) -> None:
    (code,) = vague(house)
    house.work()
    assert "小李已认领，30 分钟内处理" in house.ask("xiaoli", f"{code} 认领 30分钟")

    house.ask("xiaoli", "交接 陈姐")
    card = house.card("app:chenjie", "交接 1 件")
    assert code in shown(card, "chenjie")
    assert "陈姐已接收 1 件" in house.pressed("chenjie", card, "接收")
    assert "陈姐已接收小李交接的 1 件" in "\n".join(shown(one) for one in house.said("app:xiaoli"))
    (case,) = house.cases("address_vague")
    assert (case.state, case.owner_id) == ("claimed", staff_id(house, "陈姐"))

    assert "陈姐请假 12-23" in house.ask("chenjie", "请假 明天 交给 小李")
    house.move(hours=13)
    house.look()
    before = len(house.said("app:xiaoli"))
    second, third = vague(house, 2)
    assert "陈姐已认领" in house.ask("chenjie", f"认领 {second} 2小时"), "an answer comes at any hour"
    house.move(minutes=61)
    house.look()
    assert len(house.said("app:xiaoli")) == before, "it is the middle of the night"
    owners = {short_code(one.id): one.owner_id for one in house.cases("address_vague", "open")}
    assert owners[second] == staff_id(house, "小李"), "her absence began at midnight"

    for hours in (2, 2, 2, 2, 1):
        assert len(house.said("app:xiaoli")) == before
        house.move(hours=hours)
        house.look()
    (morning,) = house.said("app:xiaoli")[before:]
    assert third in shown(morning)
    assert f"陈姐请假（12-23），请您代办：{second}" in shown(morning)
    assert house.complaints() == []
