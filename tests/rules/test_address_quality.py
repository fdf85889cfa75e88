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
    ],
)
def test_every_reason_is_told(text: str, reasons: tuple[str, ...]) -> None:
    judged = judge_text(text)

    assert judged.outcome is Outcome.HIT
    assert judged.reasons[: len(reasons)] == reasons


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
