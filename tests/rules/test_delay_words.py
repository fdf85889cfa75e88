"""What buyers write in chat and not in sentences: blanks for commas, one letter for another, and what is sent that is
no parcel. All of it is written on Wednesday, the 18th of November 2026."""

from __future__ import annotations

from datetime import date

import pytest

from rules.delay_words import judge_words
from rules.verdict import Outcome
from tests.rules.wishes import WEDNESDAY, day_of, outcome


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
    assert day_of(text) == date(2026, *day)


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
    assert day_of(text) == date(2026, *day)


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
    assert day_of(text) == date(2026, *day)


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
    assert day_of(text) == date(2026, *day)


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
    assert day_of(text) is None


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
    ],
)
def test_the_day_may_stand_in_the_next_thought(text: str, day: tuple[int, int]) -> None:
    assert day_of(text) == date(2026, *day)


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


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-12-01之后发货", (12, 1)),
        ("2026/12/01以后再发", (12, 1)),
        ("2026.12.1再寄", (12, 1)),
        ("20261201后发货", (12, 1)),
        ("2026-12-01再发货", (12, 1)),
        ("请于2026-12-01 00:00之后发货", (12, 1)),
        ("2026-12-01到2026-12-05不在家", (12, 6)),
        ("发货日期：2026-12-03", (12, 3)),
    ],
)
def test_a_day_may_be_written_with_its_year(text: str, day: tuple[int, int]) -> None:
    assert day_of(text) == date(2026, *day)


@pytest.mark.parametrize(
    "text",
    [
        "2026-12-01前发货",
        "生产日期2026-10-01之后的发",
        "要2026-12-01以后生产的",
        "订单号20261201之后的那个",
        "2026-11-01拍的还没发",
        "2025-12-01买的那个后来坏了",
    ],
)
def test_a_whole_date_is_not_always_the_day_to_ship(text: str) -> None:
    assert judge_words(text, WEDNESDAY).outcome is Outcome.MISS


@pytest.mark.parametrize(
    "text",
    [
        "贺卡内容：祝你生日快乐，等我过年回家",
        "卡片写：等我回来，元旦后见",
        "留言卡：等我回来再说",
        "帮我写张贺卡 内容是 等我放假回家",
        "贺卡上写“25号之后再寄给你”",
        "贺卡请写「等我通知」，谢谢",
        "等我回来，写在贺卡上",
        "写在卡片上：等我下周三回来",
        "祝福语：等我忙完回家",
    ],
)
def test_what_stands_on_a_card_holds_no_parcel(text: str) -> None:
    assert judge_words(text, WEDNESDAY).outcome is Outcome.MISS


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("卡片写：等我回来。25号再发货", (11, 25)),
        ("贺卡写“等我放假回来”，28号再发货", (11, 28)),
        ("贺卡写：生日快乐。25号以后寄", (11, 25)),
        ("卡片写生日快乐，12月5号前不在家", (12, 5)),
        ("25号再发，贺卡写：元旦后见", (11, 25)),
        ("贺卡25号之后再发", (11, 25)),
    ],
)
def test_what_is_said_beside_a_card_still_counts(text: str, day: tuple[int, int]) -> None:
    assert day_of(text) == date(2026, *day)


@pytest.mark.parametrize("text", ["贺卡写好等我通知再发", "卡片写等我回来。先不要发货", "贺卡写：生日快乐，等通知发货"])
def test_a_wish_without_a_day_beside_a_card_still_counts(text: str) -> None:
    assert day_of(text) is None


@pytest.mark.parametrize("text", ["下礼拜在发", "下星期在发货", "下个礼拜在寄哈"])
def test_next_week_is_next_week_in_all_its_names(text: str) -> None:
    assert day_of(text) == date(2026, 11, 23)


@pytest.mark.parametrize(
    "text",
    [
        "不要发太快",
        "别发太快",
        "发慢一点",
        "麻烦发货慢一点",
        "发慢点哈",
        "不要太快发货",
        "发货不要太快",
        "能发慢一点吗",
        "发货能不能慢一点",
    ],
)
def test_not_too_fast_is_a_wish(text: str) -> None:
    assert day_of(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "发货慢一点没关系",
        "发慢一点也行",
        "可以发慢一点，不急",
        "上次发太慢了，发快一点",
        "怎么发货慢一点就不回消息",
        "发货慢了点",
        "发货慢一点但要检查好",
        "不要发太快递不到的",
    ],
)
def test_to_allow_slowness_is_no_wish_for_it(text: str) -> None:
    assert judge_words(text, WEDNESDAY).outcome is Outcome.MISS


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("莫忙发，25号再发", (11, 25)),
        ("莫急着发，下周三发", (11, 25)),
        ("不急着发，下周三发就行", (11, 25)),
        ("莫忙发，25号就行", (11, 25)),
        ("不急着发，25号", (11, 25)),
        ("25号之前莫忙发", (11, 25)),
        ("莫急着发，等25号", (11, 25)),
        ("不忙着发，下周二", (11, 24)),
        ("不急着发，等周五哈", (11, 20)),
    ],
)
def test_no_hurry_with_a_day_is_a_wish_for_that_day(text: str, day: tuple[int, int]) -> None:
    assert day_of(text) == date(2026, *day)


@pytest.mark.parametrize("text", ["我急着发朋友圈，25号再发", "急着用，25号再发"])
def test_a_hurry_beside_a_day_stays_a_question(text: str) -> None:
    assert judge_words(text, WEDNESDAY).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize(
    "text",
    [
        "25号以后发那句作废，直接发",
        "25号以后发作废，马上发",
        "25号再发那条备注忽略，尽快发",
        "刚才说的25号以后发不用管了",
        "前面说的下周再发不算数",
        "取消之前说的25号以后发",
        "先不要发货那句收回",
        "25号以后发的那条取消吧",
        "忽略前面说的先别发",
        "25号以后发改成马上发",
        "25号以后发这条不要管了，直接发",
        "原来备注25号发，现在取消，直接发",
    ],
)
def test_a_wish_that_is_withdrawn_is_none(text: str) -> None:
    assert judge_words(text, WEDNESDAY).outcome is Outcome.MISS


@pytest.mark.parametrize("text", ["25号以后发。上面那句作废", "25号再发，还有刚才说的都不算了"])
def test_what_was_said_above_may_be_this_or_another_message(text: str) -> None:
    assert judge_words(text, WEDNESDAY).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("25号以后发，取消发票", (11, 25)),
        ("28号以后发，不用管包装", (11, 28)),
        ("25号以后发，不算急", (11, 25)),
        ("28号以后发，之前那句作废", (11, 28)),
        ("25号以后发那句作废，改成28号以后发", (11, 28)),
        ("之前那句作废，25号以后发", (11, 25)),
        ("25号再发，地址作废用新地址", (11, 25)),
        ("25号以后发，上面地址那条作废", (11, 25)),
    ],
)
def test_what_else_is_withdrawn_leaves_the_wish(text: str, day: tuple[int, int]) -> None:
    assert day_of(text) == date(2026, *day)


@pytest.mark.parametrize(
    "text",
    [
        "please ship after Nov 25",
        "Do not ship before December 1",
        "Don't send it until I confirm, thanks",
        "please hold my order until Dec 1",
        "delivery after 12/05 please",
        "25日以降に発送してください",
        "12월 5일 이후에 발송해 주세요",
    ],
)
def test_another_language_that_speaks_of_shipping_is_for_a_person(text: str) -> None:
    judged = judge_words(text, WEDNESDAY)

    assert judged.outcome is Outcome.UNKNOWN
    assert "外文" in judged.reasons[0]


@pytest.mark.parametrize("text", ["Thank you!", "size XL, black", "ok", "用DHL ship就行", "size 42 membership"])
def test_another_language_that_speaks_of_something_else_is_no_wish(text: str) -> None:
    assert judge_words(text, WEDNESDAY).outcome is Outcome.MISS


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("12月5号送到就行", (12, 2)),
        ("生日礼物12月5号当天送到", (12, 2)),
        ("麻烦11月23号送达", (11, 20)),
        ("下周三送来就行", (11, 22)),
    ],
)
def test_for_a_day_of_arrival_it_leaves_three_days_sooner(text: str, day: tuple[int, int]) -> None:
    judged = judge_words(text, WEDNESDAY)

    assert day_of(text) == date(2026, *day)
    assert "送达日" in judged.reasons[0]


@pytest.mark.parametrize("text", ["11月22号送到就行", "明天送到就行", "20号送达即可"])
def test_an_arrival_so_near_that_it_has_to_leave_now_is_no_delay(text: str) -> None:
    assert judge_words(text, WEDNESDAY).outcome is Outcome.MISS


def test_where_sooner_is_not_wanted_it_leaves_on_the_day_itself() -> None:
    assert day_of("周末送到就行，太早没人收") == date(2026, 11, 21)
    assert day_of("28号送到就好，早了我不在家") == date(2026, 11, 28)
    assert day_of("麻烦下周四当天送到，早了会被她发现") == date(2026, 11, 26)


def test_who_wants_it_to_arrive_only_after_a_day_names_that_day() -> None:
    assert day_of("12月5号之后送到就行") == date(2026, 12, 5)


def test_who_names_the_day_to_ship_and_that_to_arrive_has_reckoned() -> None:
    assert day_of("20号发货，28号送到就行") == date(2026, 11, 20)


def test_eight_digits_alone_may_be_anything() -> None:
    assert judge_words("20261205", WEDNESDAY).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize(
    "text",
    [
        "等下个月发工资再来买另一个",
        "下个月发工资了再来",
        "等下个月发奖金再来",
        "等月底发年终奖再来买",
        "15号发工资，到时候再买一件",
        "月底发工资再付尾款",
        "今天发工资，多买两件",
        "周五发了薪水再下单",
        "25号发工资，发了就付尾款",
        "工资25号发，再来买",
        "先发货，月底发工资给你好评",
    ],
)
def test_a_salary_that_is_paid_is_no_parcel(text: str) -> None:
    assert judge_words(text, WEDNESDAY).outcome is Outcome.MISS


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("等公司发工资了再发货", None),
        ("等发工资再发", None),
        ("15号发工资，25号再发货", (12, 25)),
        ("今天发工资，25号再发货", (11, 25)),
        ("下个月发工资再发货", (12, 1)),
        ("25号发工资后再发货", (11, 25)),
        ("25号发工资后发货", (11, 25)),
        ("25号发钱包就行", (11, 25)),
        ("25号发奖金袋", (11, 25)),
        ("工资25号发，28号以后再发货", (11, 28)),
    ],
)
def test_a_parcel_that_waits_for_the_salary_waits(text: str, day: tuple[int, int] | None) -> None:
    assert day_of(text) == (date(2026, *day) if day else None)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("今天明天都别发哈下周二发", (11, 24)),
        ("今天明天都别发下周二发", (11, 24)),
        ("今天先别发了周五再发", (11, 20)),
        ("这周不要发哦下周三发货", (11, 25)),
        ("明天别寄啊25号寄", (11, 25)),
    ],
)
def test_a_day_not_to_ship_and_one_to_ship_in_one_breath(text: str, day: tuple[int, int]) -> None:
    assert day_of(text) == date(2026, *day)


@pytest.mark.parametrize("text", ["不要下周二发", "别等下周二发", "千万别拖到下周二发", "不要再给我下周二发了"])
def test_a_day_that_is_refused_stays_refused(text: str) -> None:
    assert judge_words(text, WEDNESDAY).outcome is Outcome.MISS


@pytest.mark.parametrize(
    "text",
    [
        "可以晚点发货，太早没人收",
        "可以晚点发，早了我不在家",
        "可以晚几天发货 现在家里没人",
        "可以推迟发货，我人在外地收不了",
        "太早没人收，可以晚点发货",
        "可以晚一点发货哈，太早没人收",
    ],
)
def test_to_allow_lateness_with_a_reason_is_to_ask_for_it(text: str) -> None:
    assert day_of(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "可以晚点发货",
        "可以晚点发货，没关系",
        "可以晚点发货，没人催你",
        "可以晚点发货，没人收就放门口",
        "可以晚点发货，收不到再找你",
        "可以晚点发货，家里没人放驿站",
        "可以晚点派送，太早没人收",
        "可以晚点送货，早了家里没人",
        "可以晚点发货，但别发错，家里没人懂",
    ],
)
def test_to_allow_lateness_without_one_is_not(text: str) -> None:
    assert judge_words(text, WEDNESDAY).outcome is Outcome.MISS


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("定时发货：12月6日", (12, 6)),
        ("预约发货 12月6日", (12, 6)),
        ("12月6日定时发货", (12, 6)),
        ("请12月6号预约发货谢谢", (12, 6)),
        ("预约发货时间:12月6日", (12, 6)),
        ("预约在12月6日发货", (12, 6)),
    ],
)
def test_shipping_that_is_booked_for_a_day(text: str, day: tuple[int, int]) -> None:
    assert day_of(text) == date(2026, *day)


@pytest.mark.parametrize(
    "text",
    [
        "预约发货",
        "可以定时发货吗",
        "12月6日能预约发货吗",
        "12月6日预约发货的吗",
        "页面写着预约发货12月6日",
        "预约发货12月6日吗",
        "预约发货，12月6日前要到",
        "不要预约发货12月6日",
        "为什么是12月6日预约发货",
        "11月6日预约发货，到现在没发",
        "我拍的是预约发货12月6日的",
    ],
)
def test_words_about_booking_are_no_wish(text: str) -> None:
    assert judge_words(text, WEDNESDAY).outcome is not Outcome.HIT


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("不用急着今天发，后天发就行", (11, 20)),
        ("不着急今天发，后天发就行", (11, 20)),
        ("不用着急今天发货，下周三发", (11, 25)),
        ("别忙着今天发，25号发", (11, 25)),
        ("25号发，不用非得今天发", (11, 25)),
    ],
)
def test_no_hurry_for_today_is_no_hurry(text: str, day: tuple[int, int]) -> None:
    assert day_of(text) == date(2026, *day)


@pytest.mark.parametrize("text", ["我着急今天发，后天发也太晚，25号再发", "急着今天发，25号再发"])
def test_a_hurry_for_today_is_one(text: str) -> None:
    assert judge_words(text, WEDNESDAY).outcome is not Outcome.HIT


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("28号再发，我马上要出差", (11, 28)),
        ("下周再发，马上放假了", (11, 23)),
        ("我马上要出国，25号再发", (11, 25)),
        ("马上就回老家了，28号再发", (11, 28)),
        ("马上搬家，25号以后发", (11, 25)),
    ],
)
def test_what_else_happens_soon_is_no_hurry(text: str, day: tuple[int, int]) -> None:
    assert day_of(text) == date(2026, *day)


def test_the_new_year_with_what_happens_soon() -> None:
    assert day_of("年后再发吧，马上回老家了") == date(2027, 2, 13)


@pytest.mark.parametrize(
    "text",
    [
        "25号发，马上要用",
        "25号以后发，马上发",
        "28号再发，马上出差前要收到",
        "等我回家再发。马上回家了，发吧",
        "25号发，马上回复我",
        "25号发，马上要结婚",
        "28号再发，我马上要出差，急用",
        "28号再发，马上放假了快发",
        "28号发货，我马上出差要用",
        "25号发，马上旅游带着",
    ],
)
def test_a_hurry_beside_a_later_day_stays_for_a_person(text: str) -> None:
    assert judge_words(text, WEDNESDAY).outcome is not Outcome.HIT


@pytest.mark.parametrize(
    "text",
    [
        "安装师傅等我通知再来，货先发",
        "安装师傅等我通知，东西可以先寄",
        "师傅上门等我电话，先把货发了",
        "货先发吧，安装时间等我通知",
        "上门安装的师傅等我消息，货正常发出就行",
        "测量师傅等我通知再上门",
    ],
)
def test_a_fitter_who_waits_for_a_call_holds_no_parcel(text: str) -> None:
    assert outcome(text) is Outcome.MISS


@pytest.mark.parametrize(
    "text",
    [
        "师傅等我通知再发货",
        "等我通知再发货，安装师傅先别来",
        "安装的事等我通知，货也先别发",
        "安装师傅等我通知，不要先发货",
        "师傅，货等我通知再发",
        "等我通知",
        "装修师傅没到，等我通知再发货",
        "货先发一半，剩下的等我通知再发",
    ],
)
def test_a_fitter_in_the_message_changes_nothing_for_the_parcel(text: str) -> None:
    assert day_of(text) is None


@pytest.mark.parametrize(
    "text",
    ["用一周再来给好评", "用两周再来追评", "用十天后再来晒图好评", "等用一个月再来反馈效果", "一周后再来五星好评"],
)
def test_who_comes_back_to_praise_asks_for_no_delay(text: str) -> None:
    assert outcome(text) is Outcome.MISS


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("一周后再发货，到时候给好评", (11, 25)),
        ("一周后再给我发，五星好评", (11, 25)),
        ("25号再发，收到给你好评", (11, 25)),
    ],
)
def test_praise_that_is_promised_changes_nothing(text: str, day: tuple[int, int]) -> None:
    assert day_of(text) == date(2026, *day)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("之前说的20号发改成27号发", (11, 27)),
        ("上次说的下周一发改成12月2号发", (12, 2)),
        ("我前面说25号发的，改到12月5号发", (12, 5)),
        ("之前写的26号发，改成30号发吧", (11, 30)),
        ("刚才备注的27号发改成29号", (11, 29)),
        ("28号发改成25号发", (11, 25)),
        ("25号以后发改到下周一发", (11, 23)),
    ],
)
def test_who_said_one_day_may_say_another(text: str, day: tuple[int, int]) -> None:
    assert day_of(text) == date(2026, *day)


@pytest.mark.parametrize(
    "text",
    [
        "之前说的20号发，怎么改成27号发了",
        "你们之前说20号发又改成27号发",
        "之前客服说20号发改成27号发",
        "之前说的20号发改成27号发了？",
        "之前说27号发",
        "上次说的20号发改成27号发了，这次快点",
    ],
)
def test_whom_the_shop_moved_asks_for_nothing(text: str) -> None:
    assert outcome(text) is not Outcome.HIT


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("我24号出差回来，回来那天再发", (11, 24)),
        ("26号出差回来，到家当天再寄", (11, 26)),
        ("12月1号从外地回来，到家那天再发", (12, 1)),
        ("24号出差，回来再发", (11, 25)),
        ("24号出差", (11, 25)),
    ],
)
def test_the_day_of_coming_back_is_that_day(text: str, day: tuple[int, int]) -> None:
    assert day_of(text) == date(2026, *day)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("指定发货日期：2026年12月12日，不要提前发", (12, 12)),
        ("指定发货日期：2026年12月1日，请勿提前", (12, 1)),
        ("2026年12月1日之后发货", (12, 1)),
        ("请于2026年12月5号发货", (12, 5)),
    ],
)
def test_a_year_may_be_written_out(text: str, day: tuple[int, int]) -> None:
    assert day_of(text) == date(2026, *day)


@pytest.mark.parametrize(
    "text", ["生产日期2026年10月1日之后的发", "2026年11月1日拍的还没发", "发货日期写的2026年11月12日，怎么还没发"]
)
def test_a_date_with_its_year_is_not_always_the_day_to_ship(text: str) -> None:
    assert outcome(text) is Outcome.MISS
