"""The doors to ERPs and to the courier interface: what the settings may say, what the clock asks for, and what the web
door answers. Whole days are in tests/flows/test_supply.py."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session, sessionmaker

import app
import wire
from clock import beats
from config import ConfigError, Settings, parse
from ingest.courier.kuaidi100.signing import sign_push
from ingest.means import Means
from models import Parcel
from tests.conftest import settings_document
from tests.factories import NOW, make_order
from wire import Clock, Hub
from workers import supply

SALT = "saltsaltsalt"
YT = "YT1234567890123"


def erp(**changes: Any) -> dict[str, Any]:
    values = {
        "slug": "jst", "kind": "jushuitan", "name": "聚水潭", "gateway": "http://127.0.0.1:1/jst", "app_key": "k",
        "app_secret": "s", "token": "t", "shops": {"tb": "10001"},
    }  # fmt: skip
    return {**values, **changes}


def settings_with(*erps: dict[str, Any], **courier: str) -> Settings:
    section = {"gateway": "http://127.0.0.1:1", "key": "k", "customer": "c", "salt": SALT, **courier}
    return parse({**settings_document(), "erp": list(erps), "courier": section})


@pytest.mark.parametrize(
    ("erps", "courier", "words"),
    [
        ([erp(kind="moon")], {}, r'^第 1 个 \[\[erp\]\] 的 kind = "moon"：应为 jushuitan、wangdian 中的一个$'),
        ([erp(token="")], {}, "token"),
        ([erp(), erp(slug="wdt", kind="wangdian")], {}, r"^第 2 个 \[\[erp\]\] 的 sid：没有写"),
        ([erp(shops={"moon": "1"})], {}, "没有这个店铺"),
        ([erp(slug="tb")], {}, "和店铺重名"),
        ([], {"kind": "moon"}, r'kind = "moon"：应为 kuaidi100 中的一个'),
    ],
)
def test_what_cannot_be_is_refused_at_the_start_by_name(
    erps: list[dict[str, Any]], courier: dict[str, str], words: str
) -> None:
    with pytest.raises(ConfigError, match=words):
        wire.make_hub(settings_with(*erps, **courier), wire.enqueue)


def test_two_erps_of_one_name_are_refused() -> None:
    with pytest.raises(ConfigError, match="重复"):
        settings_with(erp(), erp())


def test_the_clock_asks_for_each_erp_and_for_the_parcels(settings: Settings) -> None:
    planned = {beat.name: beat for beat in beats(settings_with(erp(every_seconds=120)))}
    assert (planned["erp-jst"].every, planned["erp-jst"].arguments) == (timedelta(minutes=2), ("jst",))
    assert planned["parcels"].every == timedelta(minutes=1)
    assert not {"erp-jst", "parcels"} & {beat.name for beat in beats(settings)}


@pytest.fixture
def hub(engine: Engine, sessions: sessionmaker[Session], redis: Redis) -> Hub:
    return Hub(settings_with(erp()), engine, sessions, redis, Clock(""), wire.enqueue)


@pytest.fixture
def web(hub: Hub) -> Iterator[FlaskClient]:
    with app.create_app(hub).test_client() as client:
        yield client


def parcel(**changes: Any) -> Parcel:
    return Parcel(**{"courier": "yuantong", "waybill": YT, "shipped_at": NOW, **changes})


def push(param: str, sign: str | None = None) -> dict[str, str]:
    return {"param": param, "sign": sign_push(param, SALT) if sign is None else sign}


def told(state: str = "1") -> str:
    line = {"time": "2025-12-22 09:00:00", "ftime": "2025-12-22 09:00:00", "context": "已揽收"}
    result = {"nu": YT, "com": "yuantong", "state": state, "ischeck": "0", "data": [line]}
    return json.dumps({"status": "polling", "message": "", "lastResult": result}, ensure_ascii=False)


def test_a_push_is_answered_as_the_interface_wants_and_taken_in_once(web: FlaskClient, hub: Hub) -> None:
    with hub.sessions() as session:
        session.add(parcel(order_id=1))
        session.commit()
    for _ in range(2):
        answer = web.post("/push/kuaidi100", data=push(told()))
        assert (answer.status_code, answer.json) == (200, {"result": True, "returnCode": "200", "message": "成功"})
    with hub.sessions() as session:
        assert session.scalars(select(Parcel.state)).one() == "collected"


@pytest.mark.parametrize(("param", "sign", "status"), [("{}", "", 403), (told(), "x", 403), ("[", None, 200)])
def test_a_wrong_signature_is_refused_and_what_cannot_be_read_is_done_with(
    web: FlaskClient, param: str, sign: str | None, status: int
) -> None:
    answer = web.post("/push/kuaidi100", data=push(param, sign))
    assert answer.status_code == status
    assert answer.json is not None
    assert answer.json["result"] is (status == 200)


def test_a_push_with_what_no_database_holds_is_taken_without_it(web: FlaskClient, hub: Hub) -> None:
    with hub.sessions() as session:
        session.add(parcel(order_id=1))
        session.commit()
    odd = told().replace("已揽收", r"已\u0000揽\ud800收")
    for param in (odd, odd.replace(YT, r"YT\ud800\u0000")):
        assert web.post("/push/kuaidi100", data=push(param)).status_code == 200
    with hub.sessions() as session:
        assert session.scalars(select(Parcel.last_text)).one() == "已揽?收"


def test_without_an_interface_there_is_no_such_address(hub: Hub) -> None:
    bare = Hub(parse(settings_document()), hub.engine, hub.sessions, hub.redis, hub.clock, hub.queue)
    assert app.create_app(bare).test_client().post("/push/kuaidi100", data=push(told())).status_code == 404


def test_an_unknown_erp_or_no_interface_is_no_work(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    bare = Hub(parse(settings_document()), hub.engine, hub.sessions, hub.redis, hub.clock, hub.queue)
    monkeypatch.setattr(supply, "hub", lambda: bare)
    assert supply.read_erp("moon") == "no such ERP"
    assert supply.track_parcels() == "no courier interface"


def test_an_interface_that_cannot_be_reached_puts_all_off(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    nobody = Redis(host="127.0.0.1", port=1, retry=Retry(NoBackoff(), 0))
    means = Means(now=hub.now, sessions=hub.sessions, redis=nobody)
    monkeypatch.setattr(supply, "hub", lambda: hub)
    monkeypatch.setattr(supply, "_means", lambda _here: means)
    with hub.sessions() as session:
        for number in range(3):
            order = make_order(session)
            session.add(parcel(order_id=order.id, waybill=f"YT{number:013d}", subscribe_at=NOW))
        session.commit()

    assert supply.track_parcels() == "{'subscribe': 0, 'query': 0}"

    with hub.sessions() as session:
        found = session.scalars(select(Parcel)).all()
    assert [one.tries for one in found] == [0, 0, 0]
    assert all(one.subscribe_at is not None and one.subscribe_at > hub.now() for one in found)
