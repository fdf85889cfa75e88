from __future__ import annotations

import pytest

from ingest.patience import TRIES, Patience, back_off
from ingest.source import Action, PlatformError, Resolution, Whose


def error(action: Action, seconds: float = 0) -> PlatformError:
    return PlatformError(Resolution(action, Whose.PLATFORM, "测试"), "1", "x", seconds)


class Call:
    """Fails with the given actions in order, then works."""

    def __init__(self, *actions: Action) -> None:
        self.left, self.calls = list(actions), 0

    def __call__(self) -> str:
        self.calls += 1
        if self.left:
            raise error(self.left.pop(0))
        return "done"


@pytest.fixture
def slept() -> list[float]:
    return []


@pytest.fixture
def done() -> list[str]:
    return []


@pytest.fixture
def patience(slept: list[float], done: list[str]) -> Patience:
    def renew() -> bool:
        done.append("session")
        return True

    return Patience(slept.append, lambda: done.append("clock"), renew)


def test_a_passing_fault_is_tried_again_after_growing_pauses(patience: Patience, slept: list[float]) -> None:
    call = Call(Action.RETRY, Action.RETRY, Action.RETRY)
    assert patience.call(call) == "done"
    assert [0 <= seconds <= 2**turn for turn, seconds in enumerate(slept)] == [True, True, True]


def test_a_lasting_fault_goes_up_after_a_few_tries(patience: Patience, slept: list[float]) -> None:
    call = Call(*[Action.RETRY] * 9)
    with pytest.raises(PlatformError):
        patience.call(call)
    assert (call.calls, len(slept)) == (TRIES, TRIES - 1)


def test_the_clock_and_the_session_are_set_right_once_per_pull(patience: Patience, done: list[str]) -> None:
    assert patience.call(Call(Action.CLOCK, Action.REFRESH)) == "done"
    assert done == ["clock", "session"]
    for action in (Action.CLOCK, Action.REFRESH):
        with pytest.raises(PlatformError):
            patience.call(Call(action))
    assert done == ["clock", "session"]


def test_a_session_that_cannot_be_renewed_goes_up_at_once() -> None:
    call = Call(Action.REFRESH)
    with pytest.raises(PlatformError):
        Patience(lambda _seconds: None, lambda: None, lambda: False).call(call)
    assert call.calls == 1


@pytest.mark.parametrize("action", [Action.WAIT, Action.PAUSE, Action.STOP, Action.PARK])
def test_everything_else_goes_up_at_once(action: Action, patience: Patience, slept: list[float]) -> None:
    call = Call(action)
    with pytest.raises(PlatformError):
        patience.call(call)
    assert (call.calls, slept) == (1, [])


def test_pauses_are_bounded_and_scattered_over_all_that_is_allowed() -> None:
    assert all(0 <= back_off(attempt) <= 30 for attempt in range(60))
    pauses = [back_off(4) for _ in range(500)]
    assert min(pauses) < 3
    assert max(pauses) > 13


def test_a_told_wait_of_seconds_is_waited_for_a_few_times(patience: Patience, slept: list[float]) -> None:
    def throttled() -> str:
        raise error(Action.WAIT, 2)

    with pytest.raises(PlatformError):
        patience.call(throttled)
    assert len(slept) == 5
    assert all(2 <= seconds <= 2.5 for seconds in slept)


def test_a_longer_one_goes_up_at_once(patience: Patience, slept: list[float]) -> None:
    def throttled() -> str:
        raise error(Action.WAIT, 6)

    with pytest.raises(PlatformError):
        patience.call(throttled)
    assert slept == []
