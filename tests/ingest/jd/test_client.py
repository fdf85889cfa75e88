"""What is JD's own on the wire; what all marketplaces keep is in ../test_contract.py."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from redis import Redis
from sqlalchemy.orm import Session, sessionmaker

from config import Shop
from ingest.jd.client import Jd
from ingest.signing import wrapped_md5
from ingest.source import Action, PlatformError, Record, Shipment, WriteBackRefused
from tests.ingest.golden import reply
from tests.ingest.means import bare
from tests.ingest.serving import Form, serving
from tests.ingest.shops import World, shop_in_sandbox


def client(gateway: str, now: datetime) -> Jd:
    shop = Shop(
        slug="jd", platform="jd", prefix="JD", name="x", gateway=gateway, app_key="1", app_secret="s", token="t"
    )
    return Jd(shop, bare(lambda: now))


@pytest.fixture
def world(sessions: sessionmaker[Session], redis: Redis, now: datetime) -> Iterator[World]:
    with shop_in_sandbox("jd", sessions, redis, standing_at=now) as world:
        yield world


def listed(gateway: str, now: datetime) -> list[Record]:
    marketplace = client(gateway, now)
    return [record for page in marketplace.records(now - timedelta(minutes=30), now) for record in page]


def answered(said: object) -> bytes:
    return json.dumps(said).encode()


def test_it_signs_exactly_the_text_that_it_sends_and_names_all_states(now: datetime) -> None:
    asked: list[Form] = []

    def answer(form: Form) -> tuple[int, bytes]:
        asked.append(form)
        return 200, answered(reply("jd", "empty"))

    with serving(answer) as gateway:
        assert listed(gateway, now) == []
    (form,) = asked
    signature = form.pop("sign")
    assert signature == wrapped_md5(form, "s")
    assert "format" not in form
    assert "sign_method" not in form
    assert form["timestamp"] == "2025-12-22 10:00:00.000+0800"
    params = json.loads(form["360buy_param_json"])
    assert len(params["order_state"].split(",")) == 8
    assert {"venderRemark", "modified", "consigneeInfo"} <= set(params["optional_fields"].split(","))
    assert (params["dateType"], params["start_date"]) == ("0", "2025-12-22 09:30:00")


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"jingdong_pop_order_enSearch_responce": {"code": "0"}},
        {"jingdong_pop_order_enSearch_responce": {"searchorderinfo_result": {"apiResult": {"success": True}}}},
        {"jingdong_pop_order_enSearch_responce": {"code": "65", "zh_desc": "平台连接后端服务超时"}},
    ],
)  # fmt: skip
def test_a_reply_that_states_nothing_is_no_empty_page(said: object, now: datetime) -> None:
    with serving(lambda _form: (200, answered(said))) as gateway, pytest.raises(PlatformError) as caught:
        listed(gateway, now)
    assert caught.value.resolution.action is Action.RETRY


def test_an_outer_code_of_zero_is_no_success_yet(now: datetime) -> None:
    said = {"success": False, "chineseErrCode": "查询时间跨度不能超过一个月", "englishErrCode": "date_range_invalid"}
    body = {"jingdong_pop_order_enSearch_responce": {"code": "0", "searchorderinfo_result": {"apiResult": said}}}
    with serving(lambda _form: (200, answered(body))) as gateway, pytest.raises(PlatformError) as caught:
        listed(gateway, now)
    assert (caught.value.resolution.action, caught.value.code) == (Action.PARK, "date_range_invalid")


def test_the_right_spelling_of_response_is_understood_too(now: datetime) -> None:
    root = reply("jd", "ordinary")["jingdong_pop_order_enSearch_responce"]
    body = answered({"jingdong_pop_order_enSearch_response": root})
    with serving(lambda _form: (200, body)) as gateway:
        assert [record.external_id for record in listed(gateway, now)] == ["301000000001"]


def test_a_silent_memo_edit_is_taken_when_the_order_is_read_again(world: World) -> None:
    (placed,) = world.add(minutes=5)
    world.pull()
    world.state.world.edit(placed.id, memo="改发顺丰")
    world.move(minutes=3)
    report = world.pull()
    assert report.changed == 1
    assert world.orders()[placed.id].seller_memo == "改发顺丰"


def test_a_split_child_keeps_its_parents_number(world: World) -> None:
    (placed,) = world.add(kind="split")
    world.pull()
    children = world.orders()
    assert {order.original_id for order in children.values()} == {placed.parent_id}
    assert len(children) == 2


def test_a_held_order_is_refused_with_the_reason(world: World) -> None:
    (held,) = world.add(kind="hold")
    with pytest.raises(WriteBackRefused, match="京东不允许发货：平台暂停发货"):
        world.marketplace().ship(Shipment(held.id, "yuantong", "YT1234567890123"))


def test_a_carrier_that_keeps_no_number_is_refused_before_it_is_told(world: World) -> None:
    (placed,) = world.add()
    with pytest.raises(WriteBackRefused, match="京东没有对应的快递公司"):
        world.marketplace().ship(Shipment(placed.id, "other", "YT1234567890123"))
