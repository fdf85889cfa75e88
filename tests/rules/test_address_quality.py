from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.address_quality import HIDDEN, Region, judge_parts, judge_text, region_reasons
from rules.verdict import Outcome

WEST_LAKE = Region("浙江省", "杭州市", "西湖区")


@pytest.mark.parametrize(
    ("text", "reasons"),
    [
        ("", ("没有地址",)),
        ("13800138000", ("只有电话，没有地址",)),
        ("浙江省杭州市文三路90号", ("缺区县",)),
        ("朝阳区建国路88号", ("缺省市：不止一个城市有朝阳区",)),
        ("广东省杭州市西湖区文三路90号", ("省与市矛盾：杭州市不在广东省",)),
        ("浙江省杭州市西湖区五常街道", ("只写到街道或乡镇",)),
        ("浙江省杭州市西湖区李家村3组", ("只写到村组",)),
        ("浙江省杭州市西湖区88号", ("没有路名、小区或村名",)),
        ("浙江省杭州市西湖区浙江大学对面", ("口语指代「对面」", "无门牌号")),
        ("浙江省杭州市西湖区信箱12号", ("写的是信箱，快递送不到",)),
        ("浙江省杭州市西湖区77156部队", ("只有部队代号，快递不一定送得到",)),
        ("浙江省杭州市西湖区某某路", ("地址是占位的字，不是真地址",)),
        ("美国纽约第五大道1号", ("境外地址，国内快递送不到",)),
        ("韩国首尔市江南区德黑兰路152号", ("境外地址，国内快递送不到",)),
        ("广东省东莞市小榄镇升平中路12号", ("镇与市矛盾：小榄镇在中山市，不在东莞市",)),
        ("广东省 中山市 虎门镇 连升路 128号", ("镇与市矛盾：虎门镇在东莞市，不在中山市",)),
        ("中山市中山市虎门镇连升路128号", ("镇与市矛盾：虎门镇在东莞市，不在中山市",)),
        ("澳大利亚悉尼市北区米勒街20号", ("境外地址，国内快递送不到",)),
        ("1600 Amphitheatre Parkway, Mountain View, CA 94043", ("境外地址，国内快递送不到",)),
        ("221B Baker Street, London NW1 6XE", ("境外地址，国内快递送不到",)),
        ("25 Rue de Rivoli, 75004 Paris, France", ("境外地址，国内快递送不到",)),
        ("浙江省杭州市西湖区丁楼村", ("只写到村组",)),
        ("浙江省杭州市西湖区三墩镇西楼村", ("只写到村组",)),
        ("浙江省杭州市西湖区三墩镇五房村", ("只写到村组",)),
        ("浙江省杭州市西湖区小卖部", ("没有路名、门牌或村名",)),
        ("浙江省杭州市西湖区杂货店代收", ("无门牌号",)),
        ("浙江省杭州市西湖区同学代收", ("没有路名、门牌或村名",)),
        ("重庆市 县 滨江路12号", ("缺区县",)),
        ("广州市大学城宿舍5栋", ("缺区县",)),
        ("河北省北京大学3号楼", ("缺城市和区县",)),
        ("浙江省杭州市西湖区跟上次一样", ("地址写着「跟上次」",)),
        ("浙江省杭州市西湖区阳光小区 电联", ("地址写着「电联」",)),
        ("浙江省杭州市西湖区文三路 具体门牌电联", ("地址写着「具体门牌电联」",)),
        ("浙江省杭州市西湖区加我微信", ("地址写着「加我微信」",)),
    ],
)
def test_every_reason_is_told(text: str, reasons: tuple[str, ...]) -> None:
    judged = judge_text(text)

    assert judged.outcome is Outcome.HIT
    assert judged.reasons[: len(reasons)] == reasons


FINE = [
    "浙江省杭州市西湖区文三路90号3幢502 电联",
    "浙江省杭州市西湖区文三路90号3幢502 不用打电话直接放",
    "浙江省杭州市西湖区文三路90号3幢502 不接电话就微信联系",
    "浙江省杭州市西湖区文三路90号3幢502 生日礼物保密发货",
    "浙江省杭州市西湖区文三路90号3幢502 尺码见备注",
    "浙江省杭州市西湖区花鸟市场21号门面",
    "浙江省杭州市西湖区镇政府旁中国移动营业厅",
    "浙江省杭州市西湖区三岔村光明养殖场",
    "浙江省杭州市西湖区老街饺子馆",
    "浙江省杭州市西湖区三墩镇中通快递网点",
    "黑龙江省 农垦总局 佳木斯市 富锦市 创业农场场部医院",
    "甘肃省定西市临洮县新添镇三十里墩村村口王军小卖部",
    "四川省达州市渠县三汇镇白鹤村刘家小卖铺",
    "河北省邢台市宁晋县大陆村镇小枣村老张杂货铺",
    "北京市 清华大学紫荆公寓3号楼512",
    "湖北省武汉大学信息学部2舍317",
    "四川省 电子科技大学清水河校区硕丰苑23栋512",
    "上海 复旦大学邯郸校区北区学生公寓21号楼",
    "四川省绵阳市游仙区绵山路64号 919信箱102分箱",
    "河北省张家口市宣化区炮院路2号 66455部队3分队",
    "山 西 省 大 同 市 平 城 区 魏 都 大 道 123 号",
    "辽宁省抚顺市新抚区东一路10号楼5单元301(密码锁打电话)",
    "江苏省常州市武进区湖塘镇广电路8号或放东门驿站",
    "广东省佛山市顺德区大良街道凤山中路158号/2座301",
    "浙江省金华市义乌市北苑街道雪峰西路968号，浙江省金华市义乌市",
    "广西南宁市江南区亭洪路45号",
    "日本料理店 浙江省杭州市西湖区文三路8号",
    "浙江省杭州市西湖区文三路8号，上海路口红楼3栋",
]


@pytest.mark.parametrize("text", FINE)
def test_a_parcel_would_arrive_there(text: str) -> None:
    assert judge_text(text).outcome is Outcome.MISS


@pytest.mark.parametrize(
    "text",
    [
        "江苏省苏州市吴中区宝带西路1155号 或者 山东省青岛市崂山区海尔路1号，看哪个方便",
        "江苏省苏州市吴中区宝带西路1155号，或青岛市崂山区海尔路1号",
        "江苏省苏州市吴中区宝带西路1155号/浙江省杭州市西湖区文三路100号",
        "周一到周五寄上海市黄浦区南京东路299号，周末寄江苏省昆山市前进中路1号",
        "杭州市西湖区文三路90号3幢或者文一西路969号",
    ],
)
def test_two_addresses_are_no_address(text: str) -> None:
    assert judge_text(text).reasons == ("写了两个地址，不知寄到哪个",)


def test_a_platforms_address_is_read_by_the_same_eyes() -> None:
    assert judge_parts(Region("重庆市", "县", "云阳县"), "双江街道滨江大道1266号", whole=True).outcome is Outcome.MISS
    assert judge_parts(Region("北京市", "北京市", ""), "清华大学紫荆公寓3号楼", whole=True).outcome is Outcome.MISS
    two = judge_parts(WEST_LAKE, "文三路9号或者上海市徐汇区漕溪北路595号", whole=True)
    assert two.reasons == ("写了两个地址，不知寄到哪个",)


@pytest.mark.parametrize(
    ("region", "detail"),
    [
        (Region("广东省", "东莞市", "", "小榄镇"), "升平中路12号"),
        (Region("广东省", "东莞市", "小榄镇"), "升平中路12号"),
        (Region("广东省", "东莞市"), "小榄镇升平中路12号"),
        (Region("广东省", "东莞市"), "广东省东莞市小榄镇升平中路12号"),
    ],
)
def test_a_town_of_another_city_is_a_contradiction_of_a_platforms_address_too(region: Region, detail: str) -> None:
    assert judge_parts(region, detail, whole=True).reasons == ("镇与市矛盾：小榄镇在中山市，不在东莞市",)


def test_a_town_of_another_city_is_seen_behind_a_mask() -> None:
    assert judge_text("广东省东莞市小榄镇升平中路**号").reasons == ("镇与市矛盾：小榄镇在中山市，不在东莞市",)
    masked = judge_parts(Region("广东省", "东莞市", "", "小榄镇"), "升平***", whole=False)
    assert masked.outcome is Outcome.HIT


def test_no_reason_says_a_word_that_the_buyer_did_not_write() -> None:
    for text in ("随便寄", "test", "看聊天记录", "和之前一样", "你们知道的", "地址私聊发你"):
        for reason in judge_text(f"浙江省杭州市西湖区{text}").reasons:
            if "「" in reason:
                assert reason.split("「")[1].rstrip("」") in text


def test_a_masked_address_is_unknown_and_never_fine() -> None:
    assert judge_text("浙江省杭州市西湖区文三路**号").reasons == (HIDDEN,)
    assert judge_parts(WEST_LAKE, "文三路**号", whole=True).outcome is Outcome.UNKNOWN
    assert judge_parts(WEST_LAKE, "文三路9号", whole=False).outcome is Outcome.UNKNOWN


def test_a_former_district_is_fine_and_noted() -> None:
    judged = judge_text("浙江省杭州市江干区凯旋路445号")

    assert (judged.outcome, judged.notes) == (Outcome.MISS, ("江干区今为上城区",))


def test_a_foreign_writing_is_for_a_person() -> None:
    assert judge_text("Room 1203, No. 88 Wensan Road, Hangzhou").outcome is Outcome.UNKNOWN


def test_a_city_that_the_table_does_not_know_contradicts_nothing() -> None:
    assert region_reasons("浙江省", "新新市", "") == ("缺区县",)
    assert region_reasons("浙江省", "新新市", "新新区") == ()


_LETTERS = "浙江省杭州市西湖区文三路号村组镇同上放对面电联某部队信箱*一二三 ,0123456789abxX"


@given(st.text(alphabet=_LETTERS, max_size=24))
def test_no_text_breaks_it_and_every_verdict_has_its_reason(text: str) -> None:
    for judged in (judge_text(text), judge_parts(WEST_LAKE, text, whole=True)):
        assert judged.reasons
        assert "*" not in text or judged.outcome is not Outcome.MISS
