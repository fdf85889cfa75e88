"""The courier interface fails, refuses, or is not asked: somebody hears of it once, and it ends by itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

import sandbox.kuaidi100
from models import Case, Order, Parcel
from sandbox.faults import Faults
from tests.flows.chats import shown
from tests.flows.house import Ground, House, no_chat, open_house
from tests.flows.test_supply import SKU, hand_on, sections
from workers import outages, supply


@pytest.fixture
def house(ground: Ground, chat: str) -> Iterator[House]:
    with open_house(ground, chat=chat, online=False, **sections()) as opened:
        ground.patch.setattr(supply, "hub", lambda: opened.hub)
        yield opened


def sent(house: House, many: int) -> None:
    """So many parcels are on their way."""
    for _ in range(many):
        house.order_in("taobao", sku=SKU)
    house.pull("taobao")
    with house.hub.sessions() as session:
        orders = list(session.scalars(select(Order).where(Order.stage == "pending_review")))
    assert len(orders) == many
    hand_on(house, orders)
    for number, order in enumerate(orders):
        who = ("laowang", "chenjie")[number % 2]  # to one person only so many messages go in a minute
        assert "YT" in house.ask(who, f"发货 {order.tag} 圆通 YT{order.id:013d}")


def minutes(house: House, many: int) -> None:
    for _ in range(many):
        house.move(minutes=1)
        supply.track_parcels()
        outages.tell(house.hub)


def tries(house: House) -> list[int]:
    with house.hub.sessions() as session:
        return list(session.scalars(select(Parcel.tries)))


def unsubscribed(house: House) -> int:
    with house.hub.sessions() as session:
        return len(session.scalars(select(Parcel.id).where(Parcel.subscribed_at.is_(None))).all())


def matter(house: House) -> Case:
    (case,) = house.cases("upstream_down", "open")
    return case


@no_chat
@pytest.mark.parametrize(("kind", "many"), [("cut_connection", 1), ("http_500", 3), ("cut_connection", 12)])
def test_an_interface_that_cannot_be_reached_is_one_matter_and_costs_no_parcel_a_try(
    house: House, kind: Any, many: int
) -> None:
    sent(house, many)
    house.state.faults.arm(kind, "kuaidi100", calls=100_000)
    minutes(house, 9)
    assert matter(house).reason.startswith("快递查询接口故障：10 分钟内")
    assert matter(house).reason.endswith(f"自动重试中，积压 {many} 个包裹等待订阅轨迹")
    minutes(house, 30)
    assert tries(house) == [0] * many

    house.state.faults = Faults()
    minutes(house, 15)

    assert unsubscribed(house) == 0
    assert [case.state for case in house.cases("upstream_down")] == ["solved"]


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (600, "快递100 授权有误，请检查 key 与 customer，积压 2 个包裹等待订阅轨迹"),
        (601, "快递100 的单量已用完，请充值，积压 2 个包裹等待订阅轨迹"),
    ],
)
def test_what_only_a_person_can_mend_is_told_once_and_ends_with_the_first_success(
    house: House, monkeypatch: pytest.MonkeyPatch, code: int, words: str
) -> None:
    sent(house, 2)
    with monkeypatch.context() as patch:
        patch.setattr(sandbox.kuaidi100.Kuaidi100, "answer", _refusing(code))
        minutes(house, 30)
        assert matter(house).reason == words
        house.look()
    assert tries(house) == [0, 0]
    assert sum("快递100" in shown(one, "chenjie") for one in house.said("app:chenjie")) == 1
    minutes(house, 61)
    assert unsubscribed(house) == 0
    assert [case.state for case in house.cases("upstream_down")] == ["solved"]


@no_chat
def test_many_that_are_refused_one_after_the_other_are_a_matter_and_one_is_none(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent(house, 6)
    with monkeypatch.context() as patch:
        patch.setattr(sandbox.kuaidi100.Kuaidi100, "answer", _refusing(701))
        patch.setattr(supply, "_AT_ONCE", {"subscribe": 2, "query": 0})
        minutes(house, 2)
        assert house.cases("upstream_down") == []
        minutes(house, 1)
        assert matter(house).reason == "快递100 不支持这家快递公司（连续 6 个包裹）"
    house.move(minutes=10)
    sent(house, 1)
    minutes(house, 1)
    assert [case.state for case in house.cases("upstream_down")] == ["solved"]


@no_chat
def test_parcels_that_nobody_asks_about_are_a_matter_though_nothing_fails(house: House) -> None:
    sent(house, 2)
    house.move(minutes=59)
    outages.tell(house.hub)
    assert house.cases("upstream_down") == []
    house.move(minutes=2)
    outages.tell(house.hub)
    assert "快递查询积压：2 个包裹到时间没有查到，最久的从" in matter(house).reason
    minutes(house, 1)
    assert [case.state for case in house.cases("upstream_down")] == ["solved"]


def _refusing(code: int) -> Any:
    def answer(_self: Any, _call: Any) -> Any:
        raise sandbox.kuaidi100.refused(code, "不")

    return answer
