from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from handlers.caselife.moments import moment_in
from handlers.desk import Refusal
from models.beijing import BEIJING
from tests.factories import NOW  # 2025-12-22 10:00 in Beijing, a Monday


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2025, 12, day, hour, minute, tzinfo=BEIJING)


@pytest.mark.parametrize(
    ("words", "moment"),
    [
        ("2h", NOW + timedelta(hours=2)),
        ("两小时", NOW + timedelta(hours=2)),
        ("半小时", NOW + timedelta(minutes=30)),
        ("半个小时", NOW + timedelta(minutes=30)),
        ("45分钟", NOW + timedelta(minutes=45)),
        ("2天", NOW + timedelta(days=2)),
        ("14:30", at(22, 14, 30)),
        ("14点半", at(22, 14, 30)),
        ("下午3点", at(22, 15)),
        ("下午", at(22, 14)),
        ("明天10点", at(23, 10)),
        ("到明天 10:00", at(23, 10)),
        ("明天下午3点20", at(23, 15, 20)),
        ("明天", at(23, 9)),
        ("12-25 9:00", at(25, 9)),
        ("25号", at(25, 9)),
        ("周五上午", at(26, 10)),
        ("晚上12点", at(23, 0)),
        ("明天晚上12点半", at(24, 0, 30)),
        ("晚上8点", at(22, 20)),
        ("晚上1点", at(23, 1)),
        ("中午12点", at(22, 12)),
        ("中午1点", at(22, 13)),
        ("下午12点半", at(22, 12, 30)),
        ("今晚8点", at(22, 20)),
        ("今晚", at(22, 19)),
        ("今晚12点", at(23, 0)),
        ("明早9点", at(23, 9)),
        ("明早", at(23, 9)),
        ("明晚 8:30", at(23, 20, 30)),
        ("明天凌晨2点", at(23, 2)),
        ("明天早8点", at(23, 8)),
        ("下午三点半", at(22, 15, 30)),
        ("明早九点", at(23, 9)),
        ("12月25日10点", at(25, 10)),
        ("12月25日 10点", at(25, 10)),
        ("12月25号下午3点", at(25, 15)),
        ("25号10点", at(25, 10)),
        ("12-25 10点", at(25, 10)),
        ("2025-12-25 10:00", at(25, 10)),
    ],
)
def test_a_moment_is_read_as_people_say_it(words: str, moment: datetime) -> None:
    assert moment_in(words, NOW) == moment


def test_nothing_said_is_no_moment() -> None:
    assert moment_in(" ，吧", NOW) is None


@pytest.mark.parametrize(
    "words", ["很久", "2", "9点", "今早", "今天凌晨2点", "今天", "25:00", "14:75", "昨天", "2h 3天"]
)
def test_what_is_no_moment_or_over_is_asked_about(words: str) -> None:
    with pytest.raises(Refusal, match="请写 2h"):
        moment_in(words, NOW)
