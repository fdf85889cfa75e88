from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handlers.rulebook import rows
from handlers.rulebook.rows import AND, OR, Row, RowProblem
from rules.facts import OrderFacts
from rules.language import Condition, ConditionError, Sort, Unknown, compile_condition
from tests.rules.facts import NOW
from tests.rules.language.conditions import CATALOGUE, conditions, orders


def read(text: str) -> Condition:
    return compile_condition(text, CATALOGUE)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("金额 > 1000", [Row("金额", ">", ("1000",))]),
        ("金额大于1.5万", [Row("金额", ">", ("15000",))]),
        ("1000 < 金额", [Row("金额", ">", ("1000",))]),
        ("100 < 金额 <= 200", [Row("金额", ">", ("100",)), Row("金额", "<=", ("200",))]),
        ("剩余发货小时 < -1.5", [Row("剩余发货小时", "<", ("-1.5",))]),
        ("省 属于 ['新疆', '西藏自治区']", [Row("省", "属于", ("新疆", "西藏"))]),
        ("下单星期 不属于 [6, 7]", [Row("下单星期", "不属于", ("6", "7"))]),
        ("买家留言 包含 '发票'", [Row("买家留言", "包含", ("发票",))]),
        ("买家留言 不包含 ['急', '快点']", [Row("买家留言", "不包含", ("急", "快点"))]),
        ("SKU 包含 'qh-mug-01'", [Row("SKU", "包含", ("QH-MUG-01",))]),
        ("渠道 是 '京东'", [Row("渠道", "==", ("京东",))]),
        ("限制发货", [Row("限制发货", "是")]),
        ("非 库存够", [Row("库存够", "否")]),
        ("库存够 是 否", [Row("库存够", "否")]),
        ("开头(商品, '预售')", [Row("商品", "开头", ("预售",))]),
        ("付款时间 < '2025-12-20'", [Row("付款时间", "<", ("2025-12-20 00:00",))]),
        (
            "金额 > 1000 且 省 == '新疆' 或 限制发货",
            [Row("金额", ">", ("1000",)), Row("省", "==", ("新疆",)), Row("限制发货", "是", (), OR)],
        ),
        (
            "限制发货 或 金额 > 1000 且 件数 >= 2",
            [Row("限制发货", "是"), Row("金额", ">", ("1000",), OR), Row("件数", ">=", ("2",))],
        ),
    ],
)
def test_a_plain_condition_is_shown_as_rows(text: str, found: list[Row]) -> None:
    assert list(rows.of(read(text), CATALOGUE) or ()) == found


@pytest.mark.parametrize(
    "text",
    [
        "(金额 > 1000 或 件数 > 5) 且 省 == '新疆'",
        "优惠 > 金额",
        "金额 + 运费 > 100",
        "长度(买家留言) > 50",
        "SKU件数('QH-MUG-01') >= 3",
        "非 (金额 > 1000)",
        "快递 == ''",
        "金额 > (1 / 3)",
        "金额 > 1000000 * 1000000000",
        "买家留言 包含 '急，快'",
    ],
)
def test_what_rows_cannot_say_stays_words(text: str) -> None:
    assert rows.of(read(text), CATALOGUE) is None


def test_rows_make_the_words_that_somebody_would_write() -> None:
    rows_given = [
        Row("金额", ">", ("1000",)),
        Row("省", "属于", ("新疆", " 西藏 ", "")),
        Row("限制发货", "是", (), OR),
        Row("买家留言", "包含", ("it's",)),
        Row("买家留言", "包含", ("急", "快")),
        Row("下单时间", ">=", ("2025-12-20T08:00",)),
        Row("库存够", "否"),
        Row("规格", "结尾", ("红",)),
    ]
    assert rows.words(rows_given, CATALOGUE) == (
        "金额 > 1000 且 省 属于 ['新疆', '西藏'] 或 限制发货 且 买家留言 包含 \"it's\" 且 "
        "买家留言 包含 ['急', '快'] 且 下单时间 >= '2025-12-20 08:00' 且 非 库存够 且 结尾(规格, '红')"
    )


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (Row("", ">", ("1",)), "请选一个字段"),
        (Row("金额", "包含", ("1",)), "请选「金额」怎么比"),
        (Row("金额", ">", ("一千",)), "「金额」要填数字"),
        (Row("金额", ">", ("1000 且 限制发货",)), "「金额」要填数字"),
        (Row("金额", ">", ("",)), "请填「金额」要比的值"),
        (Row("下单时间", ">", ("昨天",)), "「下单时间」要填时间"),
        (Row("买家留言", "包含", ("'\"",)), "不能同时有单引号和双引号"),
    ],
)
def test_what_is_wrong_with_a_row_is_told_of_that_row(row: Row, says: str) -> None:
    with pytest.raises(RowProblem, match=says) as found:
        rows.words([Row("限制发货", "是"), row], CATALOGUE)
    assert found.value.row == 1


def test_no_row_and_too_many_are_refused() -> None:
    with pytest.raises(RowProblem, match="还没有一行"):
        rows.words([], CATALOGUE)
    with pytest.raises(RowProblem, match="最多 20 行"):
        rows.words([Row("限制发货", "是")] * 21, CATALOGUE)


@st.composite
def a_row(draw: st.DrawFn) -> Row:
    field = draw(st.sampled_from(list(CATALOGUE.by_name.values())))
    way = draw(st.sampled_from(rows.ways(field)))
    some = {
        Sort.NUMBER: ["3", "5"] if field.reach else ["0", "-1", "2.5", "1000"],
        Sort.MOMENT: ["2025-12-20 08:00", "2025-12-22 00:00"],
        Sort.TEXT: list(field.choices or field.known) or ["新疆", "西湖区", "it's", "红"],
        Sort.SET: ["QH-MUG-01", "A"],
        Sort.YESNO: [""],
    }[field.sort]
    most = {"none": 0, "one": 1, "many": 2}[way.values]
    values = draw(st.lists(st.sampled_from(some), unique=True, min_size=min(most, 1), max_size=most))
    return Row(field.name, way.sign, tuple(values), draw(st.sampled_from([AND, OR])))


@given(st.lists(a_row(), min_size=1, max_size=8))
@settings(max_examples=300, deadline=None)
def test_rows_are_found_again_in_the_words_that_they_made(chosen: list[Row]) -> None:
    again = rows.of(read(rows.words(chosen, CATALOGUE)), CATALOGUE)
    assert again is not None
    # Neighbours by 或 that ask one fact for several parts are one row; nothing else is lost.
    assert {one.fact for one in again} == {one.fact for one in chosen}
    assert rows.of(read(rows.words(again, CATALOGUE)), CATALOGUE) == again


@given(conditions(), orders(known=False))
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
def test_rows_mean_what_the_condition_did(text: str, order: OrderFacts) -> None:
    try:
        condition = read(text)
    except ConditionError:  # 金额 > (0 / 0): refused as it is written
        return
    found = rows.of(condition, CATALOGUE)
    if found is None:
        return
    again = read(rows.words(found, CATALOGUE))
    said, meant = again.test(order, NOW), condition.test(order, NOW)
    assert said is meant or (isinstance(said, Unknown) and isinstance(meant, Unknown)), (text, again.text)
