"""What buyers write in chat and not in sentences: blanks for commas, one letter for another, and what is sent that is
no parcel. All of it is written on Wednesday, the 18th of November 2026."""

from __future__ import annotations

from datetime import date

import pytest

from rules.delay_words import judge_words
from rules.verdict import Outcome

WEDNESDAY = date(2026, 11, 18)


def _day(text: str) -> date | None:
    judged = judge_words(text, WEDNESDAY)

    assert judged.outcome is Outcome.HIT, (text, judged)
    assert judged.wish is not None
    return judged.wish.day


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("XL码 24号之后发", (11, 24)),
        ("不要小票 24号之后发", (11, 24)),
        ("M码黑色 下周三以后发货", (11, 25)),
        ("11月不要发 12月再发", (12, 1)),
        ("25号 之后 再发", (11, 25)),
        ("麻烦 11月29日 再 发货", (11, 29)),
        ("推迟到 26号 发", (11, 26)),
        ("25 号以后发", (11, 25)),
    ],
)
def test_a_blank_ends_a_thought_as_a_comma_does(text: str, day: tuple[int, int]) -> None:
    assert _day(text) == date(2026, *day)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("24-26号发货都可以，别提前", (11, 24)),
        ("24号到26号之间发货", (11, 24)),
        ("22-25号之间寄出都OK", (11, 22)),
        ("12月3-5号发", (12, 3)),
        ("下周一到周三之间发都行，别今天发", (11, 23)),
    ],
)
def test_of_a_stretch_the_first_day_counts(text: str, day: tuple[int, int]) -> None:
    assert _day(text) == date(2026, *day)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("这周不要发货", (11, 23)),
        ("这周别发货，下周随便哪天都行", (11, 23)),
        ("11月不要发", (12, 1)),
        ("本月先别发", (12, 1)),
        ("不要这个月发", (12, 1)),
        ("今天别发货", (11, 19)),
        ("今天明天都别发", (11, 20)),
    ],
)
def test_not_within_a_time_means_the_day_after_it(text: str, day: tuple[int, int]) -> None:
    assert _day(text) == date(2026, *day)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("下周五在发货，谢谢", (11, 27)),
        ("麻烦26号在寄", (11, 26)),
        ("俩礼拜后再寄", (12, 2)),
        ("俩星期以后发", (12, 2)),
        ("25号已后发", (11, 25)),
        ("唔好咁快发货住，下星期一先发", (11, 23)),
        ("pls下周一再ship", (11, 23)),
    ],
)
def test_one_letter_typed_for_another_is_read_as_it_was_meant(text: str, day: tuple[int, int]) -> None:
    assert _day(text) == date(2026, *day)


@pytest.mark.parametrize(
    "text",
    [
        "别那么快发鸭 我不在家",
        "先不发噢，等我回话",
        "先别发叭",
        "别那么急发嘛",
        "莫急到发，等我回来再说",
        "莫慌发，屋头没得人",
    ],
)
def test_a_particle_and_a_word_from_home_change_nothing(text: str) -> None:
    assert _day(text) is None


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("可以帮我延迟发货吗，到下周日", (11, 29)),
        ("延迟发货到下周日", (11, 29)),
        ("申请延迟发货，到12月6号", (12, 6)),
        ("帮我延期一下 12月1日", (12, 1)),
        ("推迟发货一周", (11, 25)),
        ("等我考完试再发 12月20号考完", (12, 20)),
        ("发货日期：12月3日", (12, 3)),
        ("周末送到就行，太早没人收", (11, 21)),
        ("28号送到就好，早了我不在家", (11, 28)),
    ],
)
def test_the_day_may_stand_in_the_next_thought(text: str, day: tuple[int, int]) -> None:
    assert _day(text) == date(2026, *day)


@pytest.mark.parametrize(
    "text",
    [
        "链接晚点再发我一下 谢谢",
        "照片晚点再发我",
        "等下再发你身份证号",
        "晚点再发你地址",
        "尺寸等会儿量好发你",
        "电子发票月底发我邮箱就行",
        "说明书电子版后天发我邮箱",
        "快递单号晚点发我",
        "明天发我个开箱视频",
        "退货我下周三寄回去",
        "发票下周再寄也行",
    ],
)
def test_what_is_sent_may_be_no_parcel(text: str) -> None:
    assert judge_words(text, WEDNESDAY).outcome is Outcome.MISS


@pytest.mark.parametrize(
    "text",
    [
        "去年的陈货不要发给我",
        "去年剩的别发过来",
        "有瑕疵的不要发给我",
        "不要给我发样品",
        "临期的别发给我",
    ],
)
def test_which_goods_are_not_wanted_says_nothing_of_when(text: str) -> None:
    assert judge_words(text, WEDNESDAY).outcome is Outcome.MISS


@pytest.mark.parametrize(
    "text", ["过两天再来买", "过几天再来逛", "收据过几天再补给我", "晚两天付款", "过几天再联系你买一件"]
)
def test_a_time_without_a_word_of_leaving_is_for_something_else(text: str) -> None:
    assert judge_words(text, WEDNESDAY).outcome is Outcome.MISS


@pytest.mark.parametrize(
    "text",
    [
        "15天后发货也太久了吧 能不能快点",
        "25号以后才发货太慢了",
        "要等到下周才发？太离谱了",
        "下周要出差，麻烦这周给我送到",
        "这周给我寄到哈",
        "下周不在家，这周发来得及吧",
        "我同事那个是月底发，我这个正常发",
    ],
)
def test_who_complains_of_waiting_is_not_made_to_wait(text: str) -> None:
    assert judge_words(text, WEDNESDAY).outcome is not Outcome.HIT


@pytest.mark.parametrize("text", ["周五前到不了就别发了", "26号前发不出来就不用发了"])
def test_a_condition_to_cancel_is_for_a_person(text: str) -> None:
    assert judge_words(text, WEDNESDAY).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize("text", ["自提，不用发货", "刚下错单了 已退款 别发", "重复下单，这单不要发了"])
def test_who_takes_the_order_back_is_no_one_who_waits(text: str) -> None:
    assert judge_words(text, WEDNESDAY).outcome is Outcome.UNKNOWN
