"""What is Pinduoduo's own on the wire; what all marketplaces keep is in ../test_contract.py."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from redis import Redis
from sqlalchemy.orm import Session, sessionmaker

from config import Shop
from ingest.pdd.client import Pdd
from ingest.signing import wrapped_md5
from ingest.source import Action, Memo, PlatformError, Record, Shipment, WriteBackRefused
from models.vault import Vault
from tests.ingest.golden import reply
from tests.ingest.means import bare
from tests.ingest.serving import Form, serving
from tests.ingest.shops import LIST, World, shop_in_sandbox


def client(gateway: str, now: datetime) -> Pdd:
    shop = Shop(
        slug="pdd", platform="pdd", prefix="PDD", name="x", gateway=gateway, app_key="1", app_secret="s", token="t"
    )
    return Pdd(shop, bare(lambda: now))


@pytest.fixture
def world(sessions: sessionmaker[Session], redis: Redis, now: datetime) -> Iterator[World]:
    with shop_in_sandbox("pdd", sessions, redis, standing_at=now) as world:
        yield world


def listed(gateway: str, now: datetime) -> list[Record]:
    marketplace = client(gateway, now)
    return [record for page in marketplace.records(now - timedelta(minutes=30), now) for record in page]


def test_it_asks_for_every_state_in_epoch_seconds(now: datetime) -> None:
    asked: list[Form] = []

    def answer(form: Form) -> tuple[int, bytes]:
        asked.append(form)
        return 200, json.dumps(reply("pdd", "empty")).encode()

    with serving(answer) as gateway:
        assert listed(gateway, now) == []
    (form,) = asked
    assert form.pop("sign") == wrapped_md5(form, "s")
    assert (form["order_status"], form["refund_status"], form["is_lucky_flag"]) == ("5", "5", "0")
    assert int(form["end_updated_at"]) - int(form["start_updated_at"]) == 1800
    assert form["timestamp"] == str(int(now.timestamp()))


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"order_sn_list_increment_get_response": {"total_count": 0}},
        {"order_sn_increment_get_response": {"order_sn_list": []}},
        {"order_sn_increment_get_response": None},
    ],
)
def test_a_reply_that_states_nothing_is_no_empty_page(said: object, now: datetime) -> None:
    with (
        serving(lambda _form: (200, json.dumps(said).encode())) as gateway,
        pytest.raises(PlatformError) as caught,
    ):
        listed(gateway, now)
    assert caught.value.resolution.action is Action.RETRY


def test_windows_never_pass_half_an_hour_nor_the_last_three_minutes(world: World) -> None:
    world.add()
    assert world.pull(hours=6).finished
    calls = [call for call in world.state.world.calls if call.method == LIST["pdd"]]
    assert len(calls) >= 14
    for call in calls:
        start, end = int(call.params["start_updated_at"]), int(call.params["end_updated_at"])
        assert end - start <= 1800
        assert end <= world.now().timestamp() - 180
        assert call.code == "0"


def test_ciphertext_seen_once_survives_the_shipment_that_hides_it(world: World, vault: Vault) -> None:
    (placed,) = world.add()
    world.pull()
    seen = vault.open_receiver(world.orders()[placed.id].receiver)
    assert seen.cipher
    world.state.world.ship(placed.id, "圆通速递", "YT1234567890123")
    world.move(minutes=10)
    world.pull()
    order = world.orders()[placed.id]
    assert order.effect == "shipped"
    assert vault.open_receiver(order.receiver) == seen


def test_an_order_under_review_is_held_until_it_is_released(world: World) -> None:
    (placed,) = world.add(kind="risk", minutes=5)
    world.pull()
    assert "风控" in world.orders()[placed.id].hold
    with pytest.raises(WriteBackRefused, match="风控"):
        world.marketplace().ship(Shipment(placed.id, "yuantong", "YT1234567890123"))
    world.state.world.release(placed.id)
    world.move(minutes=10)
    world.pull()
    assert world.orders()[placed.id].hold == ""


def test_a_platform_in_trouble_pauses_the_shop_for_minutes(now: datetime) -> None:
    said = {"error_response": {"error_code": 52102, "error_msg": "服务降级"}}
    with (
        serving(lambda _form: (200, json.dumps(said).encode())) as gateway,
        pytest.raises(PlatformError) as caught,
    ):
        listed(gateway, now)
    assert (caught.value.resolution.action, caught.value.wait_seconds) == (Action.PAUSE, 300)


def test_a_memo_sends_the_flags_number_and_name_together_and_keeps_what_stands(world: World) -> None:
    (placed,) = world.add(memo="加固包装", flag=1)
    assert world.marketplace().write_memo(Memo(placed.id, "改发顺丰")) == "confirmed"
    assert (placed.memo, placed.flag) == ("加固包装；改发顺丰", 1)
    assert world.marketplace().write_memo(Memo(placed.id, "改发顺丰", 5)) == "confirmed"
    assert placed.flag == 5


def test_a_flag_cannot_be_taken_away(world: World) -> None:
    (placed,) = world.add(flag=1)
    with pytest.raises(WriteBackRefused, match="商家后台"):
        world.marketplace().write_memo(Memo(placed.id, "不用加固了", 0))


def test_a_no_in_the_body_of_a_memos_reply_is_an_error(world: World, now: datetime) -> None:
    def answer(form: Form) -> tuple[int, bytes]:
        if form["type"] == "pdd.order.note.update":
            said: object = {"response": {"success": False, "error_code": 10001, "error_msg": "参数错误"}}
        else:
            said = {"order_info_get_response": {"order_info": {"order_sn": "1", "remark": ""}}}
        return 200, json.dumps(said).encode()

    with serving(answer) as gateway, pytest.raises(WriteBackRefused, match="参数错误"):
        client(gateway, now).write_memo(Memo("1", "改发顺丰"))


def test_days_of_deals_are_asked_for_one_by_one_without_a_second_twice(world: World) -> None:
    world.marketplace().count_created(world.now() - timedelta(days=3), world.now())
    calls = [call.params for call in world.state.world.calls if call.method == "pdd.order.list.get"]
    windows = [(int(params["start_confirm_at"]), int(params["end_confirm_at"])) for params in calls]
    assert len(windows) == 3
    assert all(end - start <= 86_400 for start, end in windows)
    assert all(later[0] == earlier[1] + 1 for earlier, later in pairwise(windows))
