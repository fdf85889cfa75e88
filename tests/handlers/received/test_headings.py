from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers.desk import Desk, Refusal
from handlers.received.headings import applied, example, pairs, remember
from models import Headings, TrailRow
from tests.cast import Cast, hire_all

COLUMNS = (("客户名", ""), ("联系手机", "phone"), ("联系电话", "phone"), ("备注", "memo"))


@pytest.fixture
def cast(session: Session) -> Cast:
    return hire_all(session)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("收货信息=地址 货品=商品", {"收货信息": "address", "货品": "goods"}),
        ("收货信息＝地址，货品：商品", {"收货信息": "address", "货品": "goods"}),
        ("买家 地址 = 收货地址", {"买家 地址": "address"}),
        ("编号=不用", {"编号": "-"}),
        ("SKU码=SKU", {"SKU码": "sku"}),
    ],
)
def test_what_columns_mean_is_read_as_people_type_it(words: str, expected: dict[str, str]) -> None:
    assert pairs(words) == expected


@pytest.mark.parametrize("words", ["", "收货信息", "收货信息=", "=地址", "收货信息=地址 货品"])
def test_what_is_not_understood_is_answered_with_how_to_say_it(words: str) -> None:
    with pytest.raises(Refusal, match="请写：列 表头=意思"):
        pairs(words)


def test_a_meaning_that_there_is_not_is_answered_with_those_that_there_are() -> None:
    with pytest.raises(Refusal, match="「颜值」不是可以用的意思。可以写：单号、收件人、电话"):
        pairs("联络=颜值")


def test_one_field_has_the_column_that_was_said() -> None:
    changed = applied(COLUMNS, {"客户名": "name", "备注": "phone"})
    assert changed == (("客户名", "name"), ("联系手机", ""), ("联系电话", ""), ("备注", "phone"))
    assert applied(COLUMNS, {"备 注": "-"})[3] == ("备注", "")
    with pytest.raises(Refusal, match="表里没有「地址」这一列。表头有：客户名、联系手机"):
        applied(COLUMNS, {"地址": "address"})


def test_an_example_names_the_headings_that_nobody_knows() -> None:
    assert example(("收货信息", "货品"), ("address", "goods")) == "列 收货信息=地址 货品=商品"
    assert example((), ("phone",)) == "列 第1列表头=电话"


def test_a_column_that_people_are_not_offered_can_stand_beside(desk: Desk, session: Session, cast: Cast) -> None:
    remember(desk, b"m" * 16, (("客户名", "name"), ("退款状态", "refund")), cast.xiaoli)
    assert session.scalars(select(Headings.columns)).all() == [{"客户名": "name", "退款状态": "refund"}]


def test_what_was_said_last_is_remembered_with_who_said_it(desk: Desk, session: Session, cast: Cast) -> None:
    remember(desk, b"m" * 16, COLUMNS, cast.xiaoli)
    remember(desk, b"m" * 16, applied(COLUMNS, {"客户名": "name"}), cast.chenjie)
    (known,) = session.scalars(select(Headings))
    assert (known.columns["客户名"], known.columns["联系手机"], known.said_by) == (
        "name",
        "phone",
        cast.chenjie.staff_id,
    )
    assert "说明表头" in session.scalars(select(TrailRow.action)).all()
