from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import RULES
from rules.delay_words import wish_in
from rules.verdict import Outcome, Verdict
from tests.rules.facts import NOW, facts
from texts.days import number

MONDAY = date(2025, 12, 22)
RULE = RULES["delay_request"]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("晚两天再发", (2025, 12, 24)),
        ("推迟3天", (2025, 12, 25)),
        ("3天后发货", (2025, 12, 25)),
        ("一周后再发", (2025, 12, 29)),
        ("一个星期后再发货可以吗", (2025, 12, 29)),
        ("一周后发货行吗", (2025, 12, 29)),
        ("可以3天后再发吗", (2025, 12, 25)),
        ("元旦前两天发就行", (2025, 12, 30)),
        ("25号以后发货", (2025, 12, 25)),
        ("２５号以后发货", (2025, 12, 25)),
        ("十五号后再寄", (2026, 1, 15)),
        ("22号之后发", (2025, 12, 22)),
        ("二十五号以后发", (2025, 12, 25)),
        ("12月28日后发", (2025, 12, 28)),
        ("1月3号再发", (2026, 1, 3)),
        ("12.30发", (2025, 12, 30)),
        ("出差不在家,下周一再发货吧", (2025, 12, 29)),
        ("下下周三后发", (2026, 1, 7)),
        ("周五再发", (2025, 12, 26)),
        ("周一再发", (2025, 12, 29)),
        ("星期天发货", (2025, 12, 28)),
        ("明天再发", (2025, 12, 23)),
        ("后天发货", (2025, 12, 24)),
        ("大后天再寄", (2025, 12, 25)),
        ("月底再发", (2025, 12, 31)),
        ("下周再发", (2025, 12, 29)),
        ("年后发货", (2026, 2, 24)),
    ],
)
def test_words_that_name_a_day(text: str, day: tuple[int, int, int]) -> None:
    wish = wish_in(text, MONDAY)

    assert wish is not None
    assert wish.day == date(*day)


@pytest.mark.parametrize(
    "text",
    [
        "先不要发,等我通知",
        "先别发货",
        "暂不发货",
        "等通知发货",
        "请暂缓",
        "推迟发货",
        "过几天再发",
        "晚点发货",
        "两三天后发货",
        "5-6天后发货",
        "测试 请不要发货",
        "测试单,勿发",
        "99天后发货",
        "2月30号以后发",
    ],
)
def test_words_that_name_none_hold_without_a_day(text: str) -> None:
    wish = wish_in(text, MONDAY)

    assert wish is not None
    assert wish.day is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "尽快发,谢谢",
        "快点发货好吗",
        "今天发货行吗",
        "这周务必发到",
        "能给我再发一个吗",
        "放到3号柜",
        "放到2号快递柜",
        "颜色别发错了",
        "放门口快递柜",
        "麻烦包装结实一点",
        "要开发票,抬头:林晓雨",
        "请发顺丰",
        "不要发邮政,发顺丰",
        "送礼,不要放价格单",
        "公司采购,请一次发齐",
        "补发 漏发1只装",
        "改发顺丰,差价已补",
        "不要推迟",
        "别推迟发货",
        "不能推迟",
        "25号之前发",
        "25号发的货还没到",
        "25号发票",
        "3号楼",
        "3天后要用",
        "2天内发货",
        "客户要求加固包装",
    ],
)
def test_words_that_ask_for_something_else(text: str) -> None:
    assert wish_in(text, MONDAY) is None


@pytest.mark.parametrize(
    ("text", "value"), [("12", 12), ("十", 10), ("十二", 12), ("二十五", 25), ("两", 2), ("两三", 0)]
)
def test_numbers_in_either_writing(text: str, value: int) -> None:
    assert number(text) == value


@given(st.text(alphabet="0123456789一二三十月号日周后天再发晚先不要等通知下,. ", max_size=20))
def test_no_words_break_it_and_no_day_lies_before_they_were_said(text: str) -> None:
    wish = wish_in(text, MONDAY)

    assert wish is None or wish.day is None or wish.day >= MONDAY


def test_the_buyers_day_counts_from_the_order() -> None:
    verdict = RULE.judge(facts(buyer_message="晚两天再发", created_at=datetime(2025, 12, 21, 17, tzinfo=UTC)), NOW)

    assert verdict.outcome is Outcome.HIT
    assert verdict.reason == "买家留言「晚两天再发」，12-24 起再发"
    assert verdict.evidence["until"] == "2025-12-24"
    assert verdict.recheck_at == datetime(2025, 12, 23, 16, tzinfo=UTC), "midnight in Beijing"


def test_a_memo_of_no_known_day_names_none() -> None:
    verdict = RULE.judge(facts(seller_memo="已联系客户,明天再发"), NOW)

    assert (verdict.outcome, verdict.recheck_at) == (Outcome.HIT, None)
    assert verdict.reason == "卖家备注「明天再发」，看不出是从哪天算起，先不发"
    assert RULE.judge(facts(seller_memo="28号以后发"), NOW).evidence["until"] == "2025-12-28"


def test_a_day_that_has_come_is_no_wish_any_more() -> None:
    old = NOW - timedelta(days=9)

    found = RULE.judge(facts(buyer_message="晚两天再发", created_at=old), NOW)
    assert found == Verdict.miss("约定的 12-15 已到", quiet=True), "nobody agreed to it"


def test_a_day_that_was_granted_is_no_matter_any_more() -> None:
    granted = datetime(2025, 12, 24, 16, tzinfo=UTC)

    assert RULE.judge(facts(buyer_message="25号以后发货", not_before_at=granted), NOW) == Verdict.miss("已改到 12-25")
    earlier = RULE.judge(facts(buyer_message="25号以后发货", not_before_at=NOW), NOW)
    assert earlier.outcome is Outcome.HIT


@pytest.mark.parametrize("where", ["buyer_message", "seller_memo"])
def test_who_wants_both_is_asked_by_a_person(where: str) -> None:
    verdict = RULE.judge(facts(**{where: "25号以后发货，急用"}), NOW)

    assert verdict.outcome is Outcome.UNKNOWN
    assert "既催发又说「25号以后发货」" in verdict.reason


def test_a_day_of_arrival_is_told_as_such() -> None:
    verdict = RULE.judge(facts(buyer_message="1月5号送到就行"), NOW)

    assert verdict.reason == "买家留言「1月5号送到」，01-05 是送达日，留 3 天在路上，01-02 起再发"
    assert verdict.evidence["until"] == "2026-01-02"


def test_a_message_in_another_language_is_read_by_a_person() -> None:
    verdict = RULE.judge(facts(buyer_message="please ship after Nov 25"), NOW)

    assert verdict.outcome is Outcome.UNKNOWN
    assert verdict.reason == "买家留言是外文，说到发货，请人工看是不是要晚发"
