"""Urging beside a day of absence, and a hurry that is over. All of it is written on Wednesday, the 18th of November
2026."""

from __future__ import annotations

from datetime import date

import pytest

from rules.verdict import Outcome
from tests.rules.wishes import day_of, outcome


@pytest.mark.parametrize(
    "text",
    [
        "后天要出差，明天务必送到",
        "后天要出差，请务必明天送到",
        "大后天出门旅游，务必后天给我送到",
        "20号出差，19号必须收到货",
        "周五放假，一定要放假前到",
        "24号出国，23号之前必须到，不然没人收",
        "周末没人收，周五务必送到",
        "出差到下周四，明天务必送到",
        "务必明天送到后天出差",
    ],
)
def test_what_must_be_there_before_an_absence_is_not_held(text: str) -> None:
    assert outcome(text) is Outcome.MISS


@pytest.mark.parametrize("text", ["后天要出差，请务必送到", "后天出差，一定要收到啊"])
def test_what_must_be_there_on_no_named_day_is_for_a_person(text: str) -> None:
    assert outcome(text) is Outcome.UNKNOWN


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("后天出差，务必等我走后再发", (11, 21)),
        ("5号到8号不在家，9号务必送到", (12, 9)),
        ("12月5号前不在家，务必5号之后送到", (12, 5)),
        ("后天要出差，送到前务必打电话", (11, 21)),
        ("23号不在家，务必送到前联系我", (11, 24)),
        ("24号不在家，一定要送到我手里", (11, 25)),
        ("24号外出，不一定收到", (11, 25)),
        ("明天务必送到不了的，24号出差，25号再发", (11, 25)),
    ],
)
def test_what_must_be_there_later_still_waits(text: str, day: tuple[int, int]) -> None:
    assert day_of(text) == date(2026, *day)


@pytest.mark.parametrize(
    "text",
    [
        "月底搬家要用，别耽误了",
        "25号搬家要用，千万别晚了",
        "28号开业要用，别耽误了啊",
        "月底搬家急用，麻烦别拖",
        "下个月放假回老家要用的，别晚",
        "月底搬家，等着用呢，来得及吧",
    ],
)
def test_what_is_needed_on_a_day_asks_for_no_delay(text: str) -> None:
    assert outcome(text) is not Outcome.HIT


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("月底搬家，搬完再发", (11, 30)),
        ("月底搬家，不着急用，别耽误我收拾就行", (11, 30)),
        ("25号前不在家，要用顺丰发", (11, 25)),
        ("月底搬家要用，月底再发", (11, 30)),
        ("月底搬家，下个月再发，别耽误我收拾", (12, 1)),
    ],
)
def test_who_says_when_to_ship_beside_a_need_is_heard(text: str, day: tuple[int, int]) -> None:
    assert day_of(text) == date(2026, *day)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("本来想催你的，算了，我周末去外地，下周一再发吧", (11, 23)),
        ("本来要催你发货的，算了，下周一再发", (11, 23)),
        ("原本打算催一下的，不急了，26号发就行", (11, 26)),
        ("本来想让你们尽快发的，现在不用了，下周二再发", (11, 24)),
        ("今天发的话没人收，麻烦周日发", (11, 22)),
        ("今天发我收不到，麻烦周日发货", (11, 22)),
        ("今天寄的话不方便收，25号寄吧", (11, 25)),
    ],
)
def test_a_hurry_that_is_over_or_none_is_no_hurry(text: str, day: tuple[int, int]) -> None:
    assert day_of(text) == date(2026, *day)


@pytest.mark.parametrize(
    "text",
    [
        "本来想催你的，算了，下周一再发，不过还是尽快吧",
        "本来不想催你的，下周一发太晚了，尽快",
        "今天发，没人收就下周一再发",
        "今天发没人收也没事，周日发就晚了",
    ],
)
def test_a_hurry_that_stays_is_for_a_person(text: str) -> None:
    assert outcome(text) is not Outcome.HIT
