"""The scripted day is varied, repeats for its seed, and comes as far as the clock has come."""

from __future__ import annotations

import re
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from sandbox.clock import BEIJING, Clock
from sandbox.company import load_company
from sandbox.control import brief
from sandbox.world import World
from sandbox.world_couriers import BY_JD, BY_PDD, BY_TOP
from sandbox.world_day import Arrivals
from sandbox.world_goods import GOODS, PLATFORMS
from sandbox.world_order import Refund, Status
from sandbox.world_scenes import KINDS
from tests.sandbox import START

DAY = 86400


def make_world(clock: Clock | None = None, **world: float) -> World:
    return World(load_company(world=world), clock or Clock(standing_at=START))


def make_empty_world() -> World:
    return make_world(orders_before=0, orders_a_minute=0)


def test_the_same_seed_makes_the_same_day() -> None:
    one, two = make_world(), make_world()
    for world in (one, two):
        world.clock.move(3 * 3600)
    assert [brief(order) for order in one.orders()] == [brief(order) for order in two.orders()]


def test_another_seed_makes_another_day() -> None:
    assert [o.id for o in make_world().orders()] != [o.id for o in make_world(seed=1).orders()]


def test_the_day_does_not_depend_on_how_often_somebody_looks() -> None:
    patient, nervous = make_world(), make_world()
    patient.clock.move(2 * 3600)
    for _ in range(120):
        nervous.clock.move(60)
        nervous.advance()
    assert [brief(order) for order in patient.orders()] == [brief(order) for order in nervous.orders()]


def test_orders_added_by_hand_do_not_disturb_the_scripted_ones() -> None:
    alone, disturbed = make_world(), make_world()
    by_hand = disturbed.add_order("taobao").id
    for world in (alone, disturbed):
        world.clock.move(3600)
    scripted = [brief(order) for order in disturbed.orders() if order.id != by_hand]
    assert scripted == [brief(order) for order in alone.orders()]


def test_it_opens_with_orders_of_the_last_six_hours() -> None:
    world = make_world(orders_a_minute=0)
    ages = [START - order.modified_at for order in world.orders()]
    assert 48 <= len(ages) <= 51  # twins and split children come on top
    assert max(START - order.created_at for order in world.orders()) < timedelta(hours=6, minutes=2)
    assert sum(age > timedelta(hours=2) for age in ages) > 10
    shipped = [order for order in world.orders() if order.status in (Status.SHIPPED, Status.DONE)]
    assert 2 <= len(shipped) <= 12
    assert world.shipments == []  # shipped in the shops' own backends: nothing was written back


def test_every_story_is_told_at_the_opening_or_soon_after() -> None:
    world = make_world()
    world.clock.move(6 * 3600)
    kinds = {order.kind for order in world.orders()}
    assert kinds == set(KINDS)
    assert {order.platform for order in world.orders()} == set(PLATFORMS)


def test_the_day_brings_what_the_hub_must_notice() -> None:
    world = make_world()
    world.clock.move(8 * 3600)
    orders = world.orders()
    messages = " ".join(order.buyer_message for order in orders)
    memos = " ".join(order.memo for order in orders)
    assert all(word in messages for word in ("晚两天再发", "25号以后发货", "先不要发", "顺丰", "不要放价格单"))
    assert all(word in memos for word in ("补发", "换货", "漏发"))
    assert any(line.refund is Refund.ASKED for order in orders for line in order.lines)
    assert any(not order.address.district and not order.address.town for order in orders)
    assert {Status.UNPAID, Status.CANCELLED, Status.PART_SHIPPED, Status.SHIPPED} <= {o.status for o in orders}
    assert any(len(order.lines) > 2 for order in orders)


def test_most_orders_are_plain_later_in_the_day() -> None:
    world = make_world(orders_before=0)
    world.clock.move(6 * 3600)
    kinds = Counter(order.kind for order in world.orders())
    assert 0.35 < kinds["plain"] / kinds.total() < 0.65


def test_every_order_has_its_own_number_in_the_platforms_format() -> None:
    world = make_world()
    world.clock.move(12 * 3600)
    shapes = {"taobao": r"2\d{18}", "jd": r"30\d{10}", "pdd": r"\d{6}-\d{15}"}
    orders = world.orders()
    assert len({order.id for order in orders}) == len(orders)
    assert all(re.fullmatch(shapes[order.platform], order.id) for order in orders)
    lines = [line.id for order in orders for line in order.lines]
    assert len(set(lines)) == len(lines)


def test_arrivals_follow_the_curve_of_the_day() -> None:
    arrivals = Arrivals(7, 1.2, START)
    hours: Counter[int] = Counter()
    while (at := arrivals.next_at()) is not None and at < START + timedelta(days=5):
        hours[at.astimezone(BEIJING).hour] += 1
    assert hours.total() == pytest.approx(1.2 * 60 * 24 * 5, rel=0.1)
    assert hours[21] > 8 * hours[3]


def test_a_world_without_arrivals_is_silent() -> None:
    world = make_empty_world()
    world.clock.move(DAY)
    assert world.orders() == []


def test_a_clock_that_moves_back_takes_nothing_away() -> None:
    world = make_world(orders_a_minute=0)
    before = len(world.orders())
    world.clock.move(-3600)
    assert len(world.orders()) == before


def test_goods_are_twenty_five_and_some_are_sold_in_two_shops() -> None:
    assert len(GOODS) == 25
    assert sum(len(sku.sold_on) == 2 for sku in GOODS.values()) > 5


def test_the_hero_is_one_person_in_every_shop() -> None:
    world = make_empty_world()
    buyers = {world.add_order(platform, buyer="hero").buyer for platform in PLATFORMS}
    assert [buyer.name for buyer in buyers] == ["林晓雨"]


def test_an_order_by_hand_takes_any_field() -> None:
    order = make_empty_world().add_order(
        "jd",
        sku="QH-PAN-28",
        quantity=3,
        price_fen=100,
        district="",
        buyer_message="晚两天再发",
        flag=2,
        ago_seconds=7200,
    )
    assert (order.lines[0].sku.code, order.total_fen, order.address.district) == ("QH-PAN-28", 300, "")
    assert (order.buyer_message, order.flag, order.modified_at) == ("晚两天再发", 2, START - timedelta(hours=2))
    assert order.address_changed_at is None


@pytest.mark.parametrize("wrong", [{"sku": "QH-NOTHING"}, {"colour": "red"}, {"kind": "risk"}, {"kind": "nonsense"}])
def test_an_order_by_hand_refuses_what_it_does_not_know(wrong: dict[str, str]) -> None:
    world = make_empty_world()
    with pytest.raises(ValueError, match=r"unknown sku|has no colour|no kind"):
        world.add_order("taobao", **wrong)  # type: ignore[arg-type]
    assert world.orders() == []


def test_an_edit_moves_modified_except_on_jd() -> None:
    world = make_empty_world()
    orders = {platform: world.add_order(platform, ago_seconds=3600) for platform in PLATFORMS}
    for order in orders.values():
        world.edit(order.id, memo="改", town="新城街道", flag=1)
    moved = {platform for platform, order in orders.items() if order.modified_at == START}
    assert moved == {"taobao", "pdd"}
    world.edit(orders["jd"].id, hold=True)
    assert orders["jd"].modified_at == START


def test_an_edit_changes_the_goods() -> None:
    world = make_empty_world()
    order = world.add_order("taobao", sku="QH-CUP-RED")
    world.edit(order.id, sku="QH-CUP-BLU", quantity=4)
    assert [(line.sku.code, line.quantity) for line in order.lines] == [("QH-CUP-BLU", 4)]


def test_a_shipped_parcel_is_signed_two_days_later() -> None:
    world = make_empty_world()
    order = world.add_order("pdd")
    world.ship(order.id, "顺丰速运", "SF1234567890123", code="44")
    world.clock.move(2 * DAY + 1)
    world.advance()
    assert order.status is Status.DONE


def test_a_refund_that_is_paid_closes_an_order_that_was_not_shipped() -> None:
    world = make_empty_world()
    order = world.add_order("pdd")
    world.ask_refund(order.id)
    world.close_refund(order.id, paid=True)
    assert order.status is Status.CANCELLED


def test_what_happens_later_happens_at_its_own_time() -> None:
    world = make_empty_world()
    order = world.add_order("pdd", kind="risk")
    world.clock.move(5 * 3600)
    world.advance()
    assert not order.risk
    assert START < order.modified_at < START + timedelta(hours=1, minutes=1)


def test_each_change_is_told() -> None:
    told: list[tuple[str, object]] = []
    company = load_company(world={"orders_before": 0, "orders_a_minute": 0})
    world = World(
        company, Clock(standing_at=START), tell=lambda kind, payload: told.append((kind, payload.get("what")))
    )
    order = world.add_order("jd")
    world.edit(order.id, memo="x")
    world.ship(order.id, "467", "SF1234567890123", code="467")
    assert told == [("order", "added"), ("order", "edited"), ("shipment", None), ("order", "shipped")]


def test_every_courier_of_a_platform_knows_its_waybills() -> None:
    assert BY_TOP["YTO"].accepts("YT1234567890123")
    assert BY_JD["2087"].accepts("JDVA12345678901")
    assert not BY_PDD["44"].accepts("YT1234567890123 ")
    assert not BY_TOP["SF"].accepts("SF123456789012３")  # a full-width digit is a digit to a careless check


def test_the_company_can_come_from_another_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "company.toml"
    here = Path(__file__).parents[2] / "sandbox" / "company.toml"
    other.write_text(here.read_text("utf-8").replace('nick = "青禾家居京东店"', 'nick = "别家"'), "utf-8")
    monkeypatch.setenv("SANDBOX_COMPANY", str(other))
    assert load_company().jd.nick == "别家"


def test_a_company_file_with_a_wrong_key_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"company\.world: missing or unknown pace"):
        load_company(world={"pace": 1})
