from __future__ import annotations

import pytest

from handlers.desk import Refusal
from handlers.duty.minutes import minutes_in


@pytest.mark.parametrize(
    ("said", "minutes"),
    [
        ("", None), ("吧", None), ("30", 30), ("15分钟", 15), ("60 分", 60), ("1小时", 60), ("2个小时内", 120),
        ("+2h", 120), ("半小时", 30), ("半个小时之内", 30), ("20min", 20), ("30分钟吧", 30), ("3个钟", 180),
    ],
)  # fmt: skip
def test_a_time_is_read_as_people_say_it(said: str, minutes: int | None) -> None:
    assert minutes_in(said) == minutes


@pytest.mark.parametrize("said", ["马上", "一会儿", "30 40", "老王"])
def test_what_is_no_time_is_refused(said: str) -> None:
    with pytest.raises(Refusal, match="不是多久，请写 15、30、60"):
        minutes_in(said)


@pytest.mark.parametrize("said", ["4", "9小时", "9999"])
def test_what_nobody_can_promise_is_refused(said: str) -> None:
    with pytest.raises(Refusal, match="5 分钟到 8 小时"):
        minutes_in(said)
