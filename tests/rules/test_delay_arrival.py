"""Days of arrival that are named without 送. All of it is written on Wednesday, the 18th of November 2026."""

from __future__ import annotations

from datetime import date

import pytest

from rules.verdict import Outcome
from tests.rules.wishes import day_of, outcome


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("12月20号到就行", (12, 17)),
        ("12月20号到就可以了，不用急", (12, 17)),
        ("12月20号到货就行", (12, 17)),
        ("快递12月20号左右到就好", (12, 17)),
        ("不急，月底到就可以", (11, 27)),
        ("下周三到就行了谢谢", (11, 22)),
        ("元旦那天到即可", (12, 29)),
    ],
)
def test_it_may_arrive_on_a_day_without_the_word_to_bring(text: str, day: tuple[int, int]) -> None:
    assert day_of(text) == date(2026, *day)


@pytest.mark.parametrize(
    "text",
    [
        "11月20号到就行",
        "后天到就行",
        "周五到就行",
        "这周到就可以",
        "12月20号之前到就行",
        "只要12月20号到就行",
        "最晚12月20号到就可以",
        "能12月20号到就行",
        "保证12月20号到就好",
        "12月20号到就行吗",
        "12月20号到就可以了吗",
        "12月20号到就晚了",
        "12月20号到就来不及了",
        "12月20号到货就发吧",
        "12月20号到",
        "我12月20号到就行",
        "我们12月20号到就可以了吧",
        "师傅12月20号到就行，货先发",
        "你们说12月20号到就行",
        "保质期12月20号到就不要了",
        "朋友那单12月20号到就行",
        "没关系12月20号到就到吧",
        "赶上12月20号到就行",
        "货款12月20号到就行",
        "物流显示12月20号到就好",
        "赠品月底到就可以，正品先发",
        "东西12月20号到就可以了，货先发",
        "发票月底到就行",
        "什么时候补货，月底到货就好了",
        "朋友下个月到就好，帮他留一件",
        "怎么12月20号到就行了",
        "爸爸12月20号到就行，他帮我收",
        "年前到就行",
        "12月20号有货到就行",
        "12月20号到就行，越早越好",
        "12月20号到就行，早点也没关系",
        "12月20号到就行，你们能做到吗",
        "周日到就行",
        "一周到就行",
    ],
)
def test_other_arrivals_are_no_wish_to_wait(text: str) -> None:
    assert outcome(text) is Outcome.MISS


@pytest.mark.parametrize("text", ["急用，12月20号到就行", "尽快发，12月20号到就行"])
def test_a_day_of_arrival_beside_a_hurry_is_for_a_person(text: str) -> None:
    assert outcome(text) is Outcome.UNKNOWN


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("3号生日，当天送到，千万别提前", (12, 3)),
        ("3号是她生日，那天到就好，别早到", (12, 3)),
        ("12月8号我妈过生日，那天送到就行", (12, 5)),
        ("12月20号婚礼，当天送达即可", (12, 17)),
        ("3号生日。那天收到就行", (11, 30)),
    ],
)
def test_that_day_is_the_one_that_was_named_before(text: str, day: tuple[int, int]) -> None:
    assert day_of(text) == date(2026, *day)


@pytest.mark.parametrize(
    "text",
    [
        "20号生日，当天送到",
        "3号生日，当天能送到吗",
        "3号生日，当天必须送到",
        "3号生日，那天要用",
        "3号生日，当天送到来得及吗",
        "3号生日，当天送不到就退款",
        "3号下的单，当天送到，很快",
        "12月3号是周四，当天送到",
        "12月3号之前，当天送到",
        "最晚3号生日，当天送到",
        "3号婚礼当天送到酒店",
        "3号生日，不要当天送到，提前一天",
        "3号生日，当天送到就行，提前也可以",
    ],
)
def test_that_day_of_something_else_is_no_wish(text: str) -> None:
    assert outcome(text) is not Outcome.HIT
