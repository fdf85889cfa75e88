"""What is JD's own on the wire; what all marketplaces keep is in ../test_contract.py."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

import pytest
from redis import Redis
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from config import Shop
from ingest import Marketplace
from ingest.jd.client import Jd
from ingest.signing import wrapped_md5
from ingest.source import Action, Memo, PlatformError, Record, Shipment, WriteBackRefused
from models import Authorisation
from models.beijing import BEIJING
from tests.ingest.golden import reply
from tests.ingest.means import bare
from tests.ingest.serving import Form, serving
from tests.ingest.shops import World, shop_in_sandbox

NOT_PAID = "jingdong.pop.order.notPayOrderInfo"
NOTHING = {"jingdong_pop_order_notPayOrderInfo_responce": {"code": "0", "paginatedInfo": {"totalItem": 0}}}


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


def search_answers(said: object) -> Callable[[Form], tuple[int, bytes]]:
    """Nothing is unpaid, and the search says this."""
    return lambda form: (200, answered(NOTHING if form["method"] == NOT_PAID else said))


def test_it_signs_exactly_the_text_that_it_sends_and_names_all_states(now: datetime) -> None:
    asked: list[Form] = []

    def answer(form: Form) -> tuple[int, bytes]:
        asked.append(form)
        return 200, answered(NOTHING if form["method"] == NOT_PAID else reply("jd", "empty"))

    with serving(answer) as gateway:
        assert listed(gateway, now) == []
    form = asked[-1]
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
    with serving(search_answers(said)) as gateway, pytest.raises(PlatformError) as caught:
        listed(gateway, now)
    assert caught.value.resolution.action is Action.RETRY


def test_an_unpaid_list_that_states_nothing_is_no_empty_page(now: datetime) -> None:
    said = {"jingdong_pop_order_notPayOrderInfo_responce": {"code": "0", "paginatedInfo": {"pageList": []}}}
    with serving(lambda _form: (200, answered(said))) as gateway, pytest.raises(PlatformError) as caught:
        listed(gateway, now)
    assert caught.value.resolution.action is Action.RETRY


def test_an_outer_code_of_zero_is_no_success_yet(now: datetime) -> None:
    said = {"success": False, "chineseErrCode": "查询时间跨度不能超过一个月", "englishErrCode": "date_range_invalid"}
    body = {"jingdong_pop_order_enSearch_responce": {"code": "0", "searchorderinfo_result": {"apiResult": said}}}
    with serving(search_answers(body)) as gateway, pytest.raises(PlatformError) as caught:
        listed(gateway, now)
    assert (caught.value.resolution.action, caught.value.code) == (Action.PARK, "date_range_invalid")


def test_the_right_spelling_of_response_is_understood_too(now: datetime) -> None:
    root = reply("jd", "ordinary")["jingdong_pop_order_enSearch_responce"]
    with serving(search_answers({"jingdong_pop_order_enSearch_response": root})) as gateway:
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


def test_an_unpaid_order_stands_as_unpaid_until_it_is_paid(world: World) -> None:
    (placed,) = world.add(kind="unpaid", minutes=5)
    report = world.pull()
    order = world.orders()[placed.id]
    assert (report.new, order.effect, order.platform_status, order.paid_fen) == (1, "unpaid", "等待付款", 0)
    assert order.created_at == placed.created_at
    tag = order.tag
    world.move(minutes=5)
    world.state.world.pay(placed.id)
    world.move(minutes=10)
    world.pull()
    order = world.orders()[placed.id]
    assert (order.effect, order.paid_fen, order.tag) == ("admit", placed.paid_fen, tag)


def test_an_unpaid_order_is_found_by_its_number_too(world: World) -> None:
    (placed,) = world.add(kind="unpaid", minutes=5)
    world.pull()
    record = world.marketplace().order(placed.id)
    assert record is not None
    assert world.take([record]).unchanged == 1


def test_the_unpaid_are_counted_and_listed_with_what_was_created(world: World) -> None:
    unpaid, paid = world.add(kind="unpaid", minutes=20)[0], world.add(minutes=30)[0]
    start, end = world.now() - timedelta(hours=1), world.now() - timedelta(minutes=5)
    listed = [record.external_id for page in world.marketplace().created(start, end) for record in page]
    assert sorted(listed) == sorted([unpaid.id, paid.id])
    assert world.marketplace().count_created(start, end) == 2


def test_a_shop_without_the_right_to_the_unpaid_is_read_all_the_same(now: datetime) -> None:
    denied = {"error_response": {"code": "24", "zh_desc": "没有权限", "en_desc": "No permission"}}

    def answer(form: Form) -> tuple[int, bytes]:
        return 200, answered(denied if form["method"] == NOT_PAID else reply("jd", "ordinary"))

    with serving(answer) as gateway:
        assert [record.external_id for record in listed(gateway, now)] == ["301000000001"]


def test_a_memo_keeps_the_flag_that_only_a_call_of_its_own_tells(world: World) -> None:
    (placed,) = world.add(memo="加固包装", flag=2)
    assert world.marketplace().write_memo(Memo(placed.id, "改发顺丰")) == "confirmed"
    assert (placed.memo, placed.flag) == ("加固包装；改发顺丰", 2)
    assert world.marketplace().write_memo(Memo(placed.id, "改发顺丰", 4)) == "confirmed"
    assert placed.flag == 4
    with pytest.raises(WriteBackRefused, match="500 个字"):
        world.marketplace().write_memo(Memo(placed.id, "备" * 495))


def authorised(world: World, until: date) -> Marketplace:
    """A shop that may renew its token, which ends with that day."""
    return world.marketplace(
        authorised_until=until, refresh_token="sandbox-jd-refresh-0001", oauth_gateway=f"{world.base_url}/jd"
    )


def last_day(world: World) -> date:
    """Into the last day of the first token's life; the day with which it ends by the settings."""
    world.move(days=364, hours=15)
    ends = world.state.tokens["jd"].newest().expires_at
    return ends.astimezone(BEIJING).date()


def test_a_token_is_renewed_in_its_last_day_and_the_new_one_is_kept(world: World) -> None:
    until = last_day(world)
    hour = (world.now() - timedelta(hours=1), world.now())
    assert authorised(world, until).count_created(*hour) == 0
    new = world.state.tokens["jd"].newest()
    assert new.access != "sandbox-jd-token-0001"
    world.move(days=2)  # the first token has ended
    later = authorised(world, until)
    assert later.count_created(*hour) == 0
    told = later.authorised_until()
    assert told is not None
    assert abs(told - new.expires_at) < timedelta(seconds=2)


def test_before_its_last_day_a_token_is_not_renewed(world: World) -> None:
    authorised(world, date(2026, 12, 22)).count_created(world.now() - timedelta(hours=1), world.now())
    assert world.state.tokens["jd"].newest().access == "sandbox-jd-token-0001"


def test_a_token_that_ended_cannot_be_renewed_and_is_not_asked_about_again_at_once(world: World) -> None:
    world.move(days=366)
    marketplace = authorised(world, date(2026, 12, 22))
    assert marketplace.refresh_session() is False
    with world.sessions() as session:
        assert session.scalar(select(Authorisation.tried_at)) is not None
