"""A company's own fields in its own rules, from the chat to the case, and what they cost."""

from __future__ import annotations

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from handlers import gather
from handlers.desk import Desk
from handlers.fields import living
from tests.cast import Cast
from tests.factories import make_order
from tests.handlers.fields.office import say, words
from tests.handlers.rulebook.office import cases, live, look, press, rule
from tests.handlers.rulebook.office import words as rule_words

pytestmark = pytest.mark.usefixtures("shops")


def test_a_rule_on_own_fields_opens_its_case_when_the_value_comes_and_ends_it_when_it_goes(
    desk: Desk, session: Session, cast: Cast
) -> None:
    words(desk, "字段 新增 礼盒 是否", cast.chenjie)
    words(desk, "字段 新增 等级 选项 普通/VIP", cast.chenjie)
    one, other = make_order(session), make_order(session)
    view = rule(desk, "规则 新增 礼盒 且 等级 == 'VIP' 且 金额 > 100；标题 贵客礼盒；角色 仓库", cast.chenjie)
    press(desk, "rule_on", view, cast.chenjie)
    look(desk)
    assert live(session, view) == set()
    assert "没有填「礼盒」" in rule_words(desk, f"为什么 {one.tag} 规则{view.rule_id}", cast.xiaoli)

    say(desk, f"字段 {one.tag} 礼盒 是 等级 VIP", cast.xiaoli)
    say(desk, f"字段 {other.tag} 礼盒 是 等级 普通", cast.xiaoli)

    (case,) = cases(session, view)
    assert (case.order_id, case.role, case.state) == (one.id, "warehouse", "open")
    assert "礼盒=是" in rule_words(desk, f"为什么 {one.tag} 规则{view.rule_id}", cast.xiaoli)
    say(desk, "撤销", cast.xiaoli)
    say(desk, f"字段 {one.tag} 等级 普通", cast.xiaoli)
    assert live(session, view) == set()


@pytest.mark.parametrize(
    ("field", "value", "condition"),
    [
        ("件重 数字", "3.5", "件重 > 3 且 件重 < 4"),
        ("定金 金额", "12.5元", "定金 == 12.5"),
        ("生日 日期", "2025-12-25", "生日 >= '2025-12-25' 且 生日 < '2025-12-26'"),
        ("贺卡 文字", "生日快乐", "贺卡 包含 '生日'"),
        ("等级 选项 普通/VIP", "VIP", "等级 属于 ['VIP', '普通']"),
        ("礼盒 是否", "否", "非 礼盒"),
    ],
)
def test_every_kind_is_compared_as_what_it_is(
    desk: Desk, session: Session, cast: Cast, field: str, value: str, condition: str
) -> None:
    words(desk, f"字段 新增 {field}", cast.chenjie)
    order = make_order(session)
    make_order(session)
    view = rule(desk, f"规则 新增 {condition}", cast.chenjie)
    press(desk, "rule_on", view, cast.chenjie)
    say(desk, f"字段 {order.tag} {field.split(maxsplit=1)[0]} {value}", cast.xiaoli)
    look(desk)
    assert live(session, view) == {order.id}


def test_a_choice_that_there_is_not_is_told_when_the_rule_is_written(desk: Desk, cast: Cast) -> None:
    words(desk, "字段 新增 等级 选项 普通/VIP", cast.chenjie)
    with pytest.raises(Exception, match="您是想写 'VIP' 吗"):
        rule(desk, "规则 新增 等级 == 'VIPP'", cast.chenjie)


def test_facts_cost_one_query_for_all_orders_and_none_where_no_field_lives(
    desk: Desk, session: Session, cast: Cast
) -> None:
    orders = [make_order(session) for _ in range(5)]
    ids = [order.id for order in orders]
    asked: list[str] = []

    def note(*told: object) -> None:
        if "field_values" in str(told[2]) or "FROM fields" in str(told[2]):
            asked.append(str(told[2]))

    connection = session.connection()
    event.listen(connection, "before_cursor_execute", note)
    try:
        lines = gather.read_lines(desk, ids)
        living.forget(desk)
        gather.Facts(desk, ids, lines, {})
        gather.Facts(desk, ids, lines, {})
        assert len(asked) == 1, "whether there is any field, once in a transaction"
        words(desk, "字段 新增 礼盒 是否", cast.chenjie)
        say(desk, f"字段 {orders[0].tag} 礼盒 是", cast.xiaoli)
        living.living(desk)
        asked.clear()
        facts = gather.Facts(desk, ids, lines, {})
        assert len(asked) == 1
    finally:
        event.remove(connection, "before_cursor_execute", note)
    rows = {row.id: row for row in gather.read_orders(desk, ids)}
    found = {one: facts.of(rows[one], rows[one].stage, rows[one].stage_entered_at).custom for one in ids}
    assert found == {one: {"礼盒": True} if one == ids[0] else {} for one in ids}
