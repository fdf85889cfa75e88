"""A platform whose interface fails: one matter for people, shipments that wait instead of failing one by one, and all
of it over by itself when it works again."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from models import WriteBack
from sandbox.faults import Fault, Faults, Kind
from tests.flows.chats import shown
from tests.flows.house import House, no_chat

WAYBILL = "YT12345678901{:02d}"


class Failing(Faults):
    """Every call to one platform, or to one of its methods, ends so."""

    def __init__(self, platform: str, kind: Kind, method: str = "") -> None:
        super().__init__()
        self.fails = (platform, kind, method)

    def take(self, platform: str, method: str, kinds: Any = tuple(Kind)) -> Fault | None:
        wanted, kind, only = self.fails
        return Fault(kind) if platform == wanted and only in ("", method) and kind in kinds else None


def picked(house: House, many: int) -> list[str]:
    """Tags of orders that may leave at once."""
    made = [house.order_in("taobao") for _ in range(many)]
    house.pull("taobao")
    tags = [house.order(one.id).tag for one in made]
    for tag in tags:
        house.ask("xiaoli", f"审核 {tag}")
        house.ask("laowang", f"配货 {tag}")
    return tags


def ship(house: House, tags: list[str]) -> None:
    for number, tag in enumerate(tags):
        house.ask("laowang", f"发货 {tag} 圆通 {WAYBILL.format(number)}")


def owed(house: House) -> list[WriteBack]:
    with house.hub.sessions() as session:
        return list(session.scalars(select(WriteBack).where(WriteBack.state == "owed")))


def told(house: House, *words: str) -> int:
    return sum(all(word in shown(one, "chenjie") for word in words) for one in house.said("app:chenjie"))


@pytest.mark.parametrize(("chat", "kind"), [("wecom", Kind.CUT_CONNECTION), ("dingtalk", Kind.HTTP_500)])
def test_a_broken_interface_is_one_matter_and_the_shipments_wait(office: House, kind: Kind) -> None:
    tags = picked(office, 12)
    office.state.faults = Failing("taobao", kind)
    ship(office, tags)
    for _ in range(8):
        office.move(minutes=1)
        office.look()
    (case,) = office.cases("upstream_down")
    assert case.state == "open"
    assert "淘宝接口故障" in case.reason
    assert case.reason.endswith("自动重试中，积压 12 单回传")
    assert told(office, "淘宝接口故障") == 1
    assert office.cases("writeback_fail") == [], "no order is a matter of its own"
    assert max(row.tries for row in owed(office)) <= 1
    asked = len(office.world.calls)
    for _ in range(4):
        office.look()
    assert len(office.world.calls) - asked <= 1, "it is left alone, but for one that looks"
    office.state.faults = Faults()
    for _ in range(15):
        office.move(minutes=1)
        office.look()
    assert owed(office) == []
    assert len(office.world.shipments) == 12
    assert [one.state for one in office.cases("upstream_down")] == ["solved"]
    assert office.cases("writeback_fail") == []


@no_chat
def test_a_method_that_fails_alone_stops_no_other(office: House) -> None:
    tags = picked(office, 3)
    office.state.faults = Failing("taobao", Kind.HTTP_500, "taobao.logistics.offline.send")
    ship(office, tags)
    for _ in range(4):
        office.move(minutes=1)
        office.look()
    (case,) = office.cases("upstream_down")
    assert "应答异常 HTTP 500" in case.reason
    placed = office.order_in("taobao", ago_seconds=0)
    office.move(minutes=2)
    office.pull("taobao")
    assert placed.id in office.orders(), "orders are read as before"
    office.state.faults = Faults()
    for _ in range(12):
        office.move(minutes=1)
        office.look()
    assert len(office.world.shipments) == 3
