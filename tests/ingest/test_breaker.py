"""Circuits: when they open, who tries, and that they close."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from redis import Redis

from ingest.breaker import COOL_SECONDS, LONGEST_SECONDS, Down, downs
from ingest.gate import Gate, Party
from ingest.http import Unreached
from ingest.source import Action, PlatformError
from tests.ingest.hall import READ, SHIP, Hall, lost, said


@pytest.fixture
def hall(redis: Redis, now: datetime) -> Hall:
    return Hall(redis, now)


def storm(hall: Hall, gate: Gate, method: str = READ, error: Callable[[], PlatformError] = lost) -> PlatformError:
    """Failures until the circuit is open; the last one's error."""
    for _ in range(5):
        raised = hall.call(gate, method, error())
        assert raised is not None
        if raised.code == "down":
            return raised
    raise AssertionError("five failures did not open the circuit")


def test_five_equal_failures_open_the_circuit_for_everybody(hall: Hall) -> None:
    gate, other = hall.worker(), hall.worker(app="another")
    for _ in range(4):
        raised = hall.call(gate, error=lost())
        assert isinstance(raised, Unreached)
    raised = hall.call(gate, error=lost())
    assert raised is not None
    assert (raised.resolution.action, raised.resolution.text) == (Action.WAIT, "淘宝接口故障，自动重试中")
    assert COOL_SECONDS * 0.75 <= raised.wait_seconds <= COOL_SECONDS * 1.25
    blocked = hall.refused(other, SHIP)
    assert blocked is not None, "the network fails for every application and method"
    assert blocked.code == "down"
    assert downs(hall.redis) == [Down("taobao", "淘宝接口", "网络超时", 5, 5, hall.moment)]
    assert hall.refused(hall.worker(party=Party("jd", "京东接口"))) is None


def test_what_the_platform_answers_is_a_failure_of_that_method_alone(hall: Hall) -> None:
    gate = hall.worker()
    storm(hall, gate, SHIP, lambda: said(Action.RETRY, "10"))
    assert hall.refused(gate, SHIP) is not None
    assert hall.refused(gate, READ) is None
    assert [(down.party, down.why) for down in downs(hall.redis)] == [("taobao", "错误码 10")]


def test_failures_that_lie_far_apart_open_nothing(hall: Hall) -> None:
    gate = hall.worker()
    for _ in range(12):
        raised = hall.call(gate, error=lost())
        assert isinstance(raised, Unreached)
        hall.pass_by(minutes=4)


def test_more_than_half_of_the_calls_open_it_whatever_the_failures_are(hall: Hall) -> None:
    gate = hall.worker()
    raised = [hall.call(gate, SHIP, said(Action.RETRY, str(code))) for code in range(5)]
    assert [error is not None and error.code for error in raised] == ["0", "1", "2", "3", "down"]


def test_a_line_that_loses_every_fourth_reply_is_used_all_the_same(hall: Hall) -> None:
    gate, other = hall.worker(), hall.worker()
    for turn in range(200):
        raised = hall.call((gate, other)[turn % 2], error=lost() if turn % 4 == 3 else None)
        assert raised is None or raised.code == "network"


def test_of_a_party_that_answers_hundreds_of_calls_a_few_lost_ones_are_no_failure(hall: Hall) -> None:
    gate = hall.worker()
    for turn in range(300):
        raised = hall.call(gate, error=lost() if turn % 40 == 0 else None)
        assert raised is None or raised.code == "network"


@pytest.mark.parametrize("action", [Action.PARK, Action.STOP, Action.REFRESH, Action.CLOCK])
def test_a_no_is_an_answer(hall: Hall, action: Action) -> None:
    gate = hall.worker()
    for _ in range(20):
        raised = hall.call(gate, error=said(action))
        assert raised is not None
        assert raised.resolution.action is action


def test_one_caller_tries_and_when_it_works_all_go_on(hall: Hall) -> None:
    gate, other = hall.worker(), hall.worker()
    opened = storm(hall, gate)
    hall.pass_by(seconds=opened.wait_seconds + 1)
    leave = gate.enter(READ)
    blocked = hall.refused(other)
    assert blocked is not None, "one tries, the others wait for what becomes of it"
    assert blocked.code == "down"
    gate.worked(leave)
    assert hall.refused(other) is None
    assert downs(hall.redis) == []
    assert isinstance(hall.call(gate, error=lost()), Unreached), "what failed before counts no more"


def test_each_try_that_fails_doubles_the_pause_up_to_a_bound(hall: Hall) -> None:
    gate = hall.worker()
    error, expected = storm(hall, gate), COOL_SECONDS
    for _ in range(7):
        hall.pass_by(seconds=error.wait_seconds + 0.1)
        raised = hall.call(gate, error=lost())
        assert raised is not None
        error, expected = raised, min(expected * 2, LONGEST_SECONDS)
        assert error.code == "down"
        assert expected * 0.75 <= error.wait_seconds <= expected * 1.25
    assert len(downs(hall.redis)) == 1


def test_a_caller_that_died_while_it_tried_keeps_nobody_out(hall: Hall) -> None:
    gate = hall.worker()
    opened = storm(hall, gate)
    hall.pass_by(seconds=opened.wait_seconds + 1)
    gate.enter(READ)
    assert hall.refused(hall.worker()) is not None
    hall.pass_by(seconds=61)
    assert hall.refused(hall.worker()) is None


def test_the_network_is_back_though_the_method_still_fails(hall: Hall) -> None:
    gate = hall.worker()
    opened = storm(hall, gate)
    hall.pass_by(seconds=opened.wait_seconds + 1)
    raised = hall.call(gate, SHIP, said(Action.RETRY, "10"))
    assert raised is not None
    assert raised.code == "10"
    assert hall.refused(gate, READ) is None
