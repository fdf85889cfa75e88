"""快递100: its signatures (vectors K1 and K2), its codes, and what its replies and pushes tell."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from redis import Redis

from config import Courier
from ingest.courier import TRACKERS, UnknownTracker
from ingest.courier.kuaidi100 import Kuaidi100, receive
from ingest.courier.kuaidi100.parse import tracked
from ingest.courier.kuaidi100.signing import is_genuine, sign_push, sign_query
from ingest.courier.source import Ask, NotGenuine, TrackRefused
from ingest.means import Means
from ingest.snapshot import Unreadable
from ingest.source import Action, PlatformError
from sandbox.clock import Clock
from sandbox.company import load_company
from sandbox.kuaidi100 import Couriers, couriers_of
from sandbox.server import running
from sandbox.state import State
from tests.ingest.means import bare

K1 = '{"com":"shunfeng","num":"SF1234567890123","phone":"1234","resultv2":"4"}'
K2 = (
    '{"status":"polling","message":"","lastResult":{"message":"ok","nu":"YT1234567890123","ischeck":"0",'
    '"com":"yuantong","status":"200","state":"5","data":[]}}'
)
YT, SF = "YT1234567890123", "SF1234567890123"


def test_the_published_vectors() -> None:
    assert sign_query(K1, "testkey", "testcustomer") == "FA084EE2927F45233CE900E15CCBE1CE"
    assert sign_push(K2, "testsalt") == "727881AB2C3E8250E5A973D5BF501579"
    assert is_genuine(K2, "727881ab2c3e8250e5a973d5bf501579", "testsalt")


def test_a_push_that_nobody_signed_is_refused() -> None:
    assert receive({"param": K2, "sign": "727881AB2C3E8250E5A973D5BF501579"}, "testsalt").waybill == YT
    for form in ({}, {"param": K2}, {"param": K2, "sign": "727881AB2C3E8250E5A973D5BF50157A"}, {"sign": "x"}):
        with pytest.raises(NotGenuine):
            receive(form, "testsalt")


@pytest.mark.parametrize("param", ["", "[]", "{", '{"status":"polling"}', '{"lastResult":{"com":"ems"}}'])
def test_a_genuine_push_that_tells_nothing_is_unreadable(param: str) -> None:
    with pytest.raises(Unreadable):
        receive({"param": param, "sign": sign_push(param, "salt")}, "salt")


def pushed(status: str, state: str = "0", message: str = "", **result: Any) -> dict[str, str]:
    last = {"nu": YT, "com": "yuantong", "state": state, "ischeck": "0", "data": [], **result}
    param = json.dumps({"status": status, "message": message, "lastResult": last}, ensure_ascii=False)
    return {"param": param, "sign": sign_push(param, "salt")}


LINES = [
    {"time": "2026-03-01 10:00:00", "ftime": "2026-03-01 10:00:00", "context": "【杭州】已揽收"},
    {"time": "2026-03-02 08:30:00", "ftime": "2026-03-02 08:30:00", "context": "【上海】派件中"},
]


def test_the_newest_line_is_first_whatever_order_they_come_in() -> None:
    told = receive(pushed("polling", "5", data=LINES), "salt")
    assert [line.text for line in told.lines] == ["【上海】派件中", "【杭州】已揽收"]
    assert told.lines[0].at == datetime(2026, 3, 2, 0, 30, tzinfo=UTC)
    assert (told.state, told.closed, told.given_up) == ("delivering", False, "")


def test_only_what_has_arrived_is_closed() -> None:
    assert receive(pushed("shutdown", "3", data=LINES, ischeck="1"), "salt").closed
    assert receive(pushed("shutdown", "4", data=LINES), "salt").state == "returned"
    assert not receive(pushed("polling", "6", data=LINES), "salt").closed
    assert not receive(pushed("shutdown", "2", data=LINES), "salt").closed


def test_an_abort_says_why_and_closes_nothing() -> None:
    told = receive(pushed("abort", "0", "3天查询无记录"), "salt")
    assert (told.given_up, told.closed, told.state) == ("3天查询无记录", False, "waiting")


@pytest.mark.parametrize(
    ("code", "state"),
    [("0", "moving"), ("1", "collected"), ("2", "problem"), ("3", "signed"), ("6", "returning"), ("7", "forwarded"),
     ("8", "customs"), ("12", "customs"), ("14", "refused"), ("101", "collected"), ("301", "signed"), ("99", "moving")],
)  # fmt: skip
def test_its_states(code: str, state: str) -> None:
    assert tracked({"nu": YT, "com": "yuantong", "state": code, "data": LINES}).state == state


def test_a_state_without_a_line_says_nothing() -> None:
    assert tracked({"nu": YT, "com": "moon", "state": "3", "data": []}).state == "waiting"
    assert tracked({"nu": YT, "com": "moon", "state": "3", "data": []}).courier == ""


@dataclass
class Desk:
    tracker: Kuaidi100
    couriers: Couriers
    state: State
    url: str

    def settings(self, **changes: Any) -> Courier:
        keys = self.state.company.kuaidi100
        values = {
            "gateway": f"{self.url}/kd100", "detect_gateway": f"{self.url}/kd100", "key": keys.key,
            "customer": keys.customer, "salt": "saltsalt",
        }  # fmt: skip
        return Courier(**{**values, **changes})

    def other(self, **changes: Any) -> Kuaidi100:
        return Kuaidi100(self.settings(**changes), "http://127.0.0.1:1/push", bare(self.state.clock.now))


@pytest.fixture
def desk(redis: Redis, now: datetime) -> Iterator[Desk]:
    company = load_company(world={"orders_before": 0, "orders_a_minute": 0.0})
    with running(company, clock=Clock(standing_at=now)) as (url, state):
        made = Desk(None, couriers_of(state), state, url)  # type: ignore[arg-type]
        means = Means(now=state.clock.now, sessions=None, redis=redis)  # type: ignore[arg-type]
        made.tracker = Kuaidi100(made.settings(), "http://127.0.0.1:1/push", means)
        yield made


def test_an_unknown_interface_names_the_folder_to_add() -> None:
    with pytest.raises(UnknownTracker, match="ingest/courier/moon/"):
        TRACKERS["moon"]


def test_what_is_known_is_told_and_nothing_yet_is_none(desk: Desk) -> None:
    assert desk.tracker.query(Ask("yuantong", YT)) is None
    desk.couriers.scan(YT, "【杭州】已揽收", "1")
    desk.state.clock.move(timedelta(minutes=31).total_seconds())
    told = desk.tracker.query(Ask("yuantong", YT))
    assert told is not None
    assert (told.state, told.courier, told.waybill) == ("collected", "yuantong", YT)
    assert not desk.couriers.complaints


def test_shunfeng_is_not_asked_without_the_receivers_last_four_digits(desk: Desk) -> None:
    desk.couriers.scan(SF, "已收取快件", "1")
    with pytest.raises(TrackRefused, match="后四位"):
        desk.tracker.query(Ask("shunfeng", SF))
    assert not desk.couriers.asked
    assert desk.tracker.query(Ask("shunfeng", SF, "1234")) is not None


def test_to_subscribe_once_more_does_no_harm(desk: Desk) -> None:
    desk.tracker.subscribe(Ask("yuantong", YT))
    desk.tracker.subscribe(Ask("yuantong", YT))
    assert desk.couriers.subscriptions[YT].salt == "saltsalt"


@pytest.mark.parametrize(
    ("ask", "words"),
    [(Ask("other", YT), "哪家快递"), (Ask("我家快递", YT), "哪家快递"), (Ask("yuantong", "Y" * 33), "32 位"),
     (Ask("zhaijisong", "123456789"), "不支持|不认识")],
)  # fmt: skip
def test_what_it_will_never_tell_is_refused_for_good(desk: Desk, ask: Ask, words: str) -> None:
    for method in (desk.tracker.subscribe, desk.tracker.query):
        with pytest.raises(TrackRefused, match=words):
            method(ask)


def test_wrong_keys_are_for_people(desk: Desk) -> None:
    for wrong in (desk.other(key="wrong"), desk.other(customer="WRONG")):
        with pytest.raises(PlatformError) as caught:
            wrong.query(Ask("yuantong", YT))
        assert caught.value.resolution.action is Action.STOP
    with pytest.raises(PlatformError) as caught:
        desk.other(key="wrong").subscribe(Ask("yuantong", YT))
    assert caught.value.resolution.action is Action.STOP
    assert "wrong" not in str(caught.value)


@pytest.mark.parametrize(
    ("fault", "action"), [("throttle", Action.RETRY), ("http_500", Action.RETRY), ("expire_token", Action.PAUSE)]
)
def test_what_may_pass_and_what_must_be_paid(desk: Desk, fault: str, action: Action) -> None:
    desk.state.faults.arm(fault, "kuaidi100")
    with pytest.raises(PlatformError) as caught:
        desk.tracker.query(Ask("yuantong", YT))
    assert caught.value.resolution.action is action


def test_whose_number_it_looks_like_is_only_a_guess(desk: Desk) -> None:
    assert desk.tracker.detect("JT1234567890123") == ["jtexpress"]
    with pytest.raises(PlatformError):
        desk.other(key="wrong").detect(YT)


def test_a_push_that_is_not_answered_well_comes_again_three_times(desk: Desk) -> None:
    desk.tracker.subscribe(Ask("yuantong", YT))
    desk.couriers.scan(YT, "【杭州】已揽收", "1")
    for _ in range(5):
        desk.state.clock.move(timedelta(minutes=36).total_seconds())
        desk.state.world.advance()
    assert len(desk.couriers.pushes) == 4
    assert len({push.form["param"] for push in desk.couriers.pushes}) == 1
