"""字段 新增, 改名, 选项, 停用, 启用: what a supervisor does, and what is refused."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from handlers import trail
from handlers.desk import Desk
from models import OwnField
from models.case import short_code
from tests.cast import Cast
from tests.factories import make_order
from tests.handlers.fields.office import fields_of, order_after, refused, say, words
from tests.handlers.rulebook.office import cases, look, rule, versions
from tests.handlers.rulebook.office import words as rule_words

pytestmark = pytest.mark.usefixtures("shops")


def test_a_supervisor_defines_a_field_and_the_list_tells_who_and_how_often(
    desk: Desk, session: Session, cast: Cast
) -> None:
    assert words(desk, "字段", cast.chenjie).startswith("还没有自定义字段")
    said = words(desk, "字段 新增 礼盒 是否", cast.chenjie)
    assert said.startswith("已新增字段「礼盒」（是否），马上能填\n> 填：字段 编号 礼盒 是；查：查 礼盒=是")
    words(desk, "字段 新增 等级 选项 普通/VIP", cast.chenjie)
    order_after(desk, f"字段 {make_order(session).tag} 礼盒 是", cast.xiaoli)

    lines = words(desk, "字段", cast.xiaoli).splitlines()

    assert lines[1:3] == [
        "- 礼盒（是否）：1 单在用，陈姐 12-22 建", "- 等级（选项 普通/VIP）：0 单在用，陈姐 12-22 建",
    ]  # fmt: skip
    field = session.query(OwnField).filter_by(name="礼盒").one()
    assert trail.verify(session, f"field:{field.id}")


def test_everybody_else_is_told_who_may(desk: Desk, cast: Cast) -> None:
    for line in ("新增 礼盒 是否", "改名 礼盒 礼品", "停用 礼盒", "选项 等级 一/二", "启用 礼盒"):
        assert "改字段由主管操作" in refused(desk, f"字段 {line}", cast.xiaoli)


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("金额 数字", "每个订单都有"),
        ("长度 数字", "每个订单都有"),
        ("停用 是否", "命令里的词"),
        ("文字 文字", "命令里的词"),
        ("京东 是否", "像订单或店铺"),
        ("全部 是否", "像订单或店铺"),
        ("京东零零一 是否", "像订单或店铺"),
        ("gift 是否", "以汉字开头"),
        ("礼=盒 是否", "以汉字开头"),
        ("一二三四五六七八九十一二三 是否", "最多 12 个字"),
        ("礼盒", "是什么类型？可以是：文字、数字、金额、日期、是否、选项"),
        ("礼盒 布尔", "没有「布尔」这种类型"),
        ("等级 选项", "有哪些选项"),
        ("等级 选项 普通", "选项写 2 到 30 个"),
        ("等级 选项 VIP/vip", "只差大小写"),
        ("礼盒 是否 红色", "要选项请写"),
        ("", "叫什么名字"),
    ],
)
def test_what_can_be_no_field_is_refused_with_what_can(desk: Desk, cast: Cast, line: str, answer: str) -> None:
    assert answer in refused(desk, f"字段 新增 {line}", cast.chenjie)
    assert words(desk, "字段", cast.chenjie).startswith("还没有自定义字段")


def test_a_name_is_given_once(desk: Desk, cast: Cast) -> None:
    words(desk, "字段 新增 礼盒 是否", cast.chenjie)
    words(desk, "字段 新增 定金 金额", cast.chenjie)
    assert "已经有字段「礼盒」" in refused(desk, "字段 新增 礼盒 数字", cast.chenjie)
    assert "已经有字段「定金」" in refused(desk, "字段 改名 礼盒 定金", cast.chenjie)
    assert "您是想写「礼盒」吗" in refused(desk, "字段 停用 礼合", cast.chenjie)


def test_a_new_name_keeps_the_values_and_rules_follow_it(desk: Desk, session: Session, cast: Cast) -> None:
    words(desk, "字段 新增 礼盒 是否", cast.chenjie)
    order = make_order(session)
    order_after(desk, f"字段 {order.tag} 礼盒 是", cast.xiaoli)
    view = rule(desk, "规则 新增 礼盒 且 买家留言 不包含 '礼盒' 且 金额 > 100；标题 礼盒单", cast.chenjie)
    rule(desk, f"规则 启 {view.rule_id}", cast.chenjie)

    said = words(desk, "字段 改名 礼盒 礼品盒", cast.chenjie)

    assert said == f"「礼盒」改名为「礼品盒」，填过的值都在；规则{view.rule_id}「礼盒单」的条件也跟着改了"
    assert fields_of(desk, order) == {"礼品盒": "是"}
    number, state, condition = versions(session, view.rule_id)[-1]
    assert (number, state, condition) == (3, "on", "礼品盒 且 买家留言 不包含 '礼盒' 且 金额 > 100")
    assert "没有字段「礼盒」" in refused(desk, f"字段 {order.tag} 礼盒 是", cast.xiaoli)


@pytest.mark.parametrize("state", ["启", "停"])
def test_a_rule_that_nobody_could_write_today_follows_the_new_name_all_the_same(
    desk: Desk, session: Session, cast: Cast, state: str
) -> None:
    words(desk, "字段 新增 礼盒 是否", cast.chenjie)
    number = rule(desk, "规则 新增 礼盒；标题 礼盒单；动作 延到 12-25；提醒 赵姐", cast.chenjie).rule_id
    rule(desk, f"规则 启 {number}", cast.chenjie)
    if state == "停":
        rule(desk, f"规则 停 {number}", cast.chenjie)
    session.execute(text("DELETE FROM staff_roles WHERE staff_id = :id"), {"id": cast.zhaojie.staff_id})
    desk.now += timedelta(days=10)

    said = words(desk, "字段 改名 礼盒 礼品盒", cast.chenjie)

    assert f"规则{number}「礼盒单」的条件也跟着改了" in said
    assert versions(session, number)[-1][1:] == ({"启": "on", "停": "off"}[state], "礼品盒")


def test_what_people_settled_stays_settled_under_the_new_name(desk: Desk, session: Session, cast: Cast) -> None:
    words(desk, "字段 新增 礼盒 是否", cast.chenjie)
    order = make_order(session)
    order_after(desk, f"字段 {order.tag} 礼盒 是", cast.xiaoli)
    number = rule(desk, "规则 新增 礼盒；标题 礼盒单；角色 客服", cast.chenjie).rule_id
    rule(desk, f"规则 启 {number}", cast.chenjie)
    look(desk)
    say(desk, f"{short_code(cases(session, number)[0].id)} 忽略 误报", cast.xiaoli)

    words(desk, "字段 改名 礼盒 礼品盒", cast.chenjie)
    look(desk)
    assert [one.state for one in cases(session, number)] == ["dismissed"]

    words(desk, "字段 停用 礼品盒", cast.chenjie)
    words(desk, "字段 新增 礼品盒 数字", cast.chenjie)
    say(desk, f"字段 {order.tag} 礼品盒 3", cast.xiaoli)
    rule(desk, f"规则 改 {number} 礼品盒 > 1", cast.chenjie)
    look(desk)
    assert [one.state for one in cases(session, number)] == ["dismissed", "open"], "another field of that name"


def test_a_name_within_what_a_rule_says_already_is_refused(desk: Desk, cast: Cast) -> None:
    view = rule(desk, "规则 新增 渠道是'京东'；标题 东家", cast.chenjie)
    rule(desk, f"规则 启 {view.rule_id}", cast.chenjie)
    assert f"会让规则{view.rule_id}「东家」的条件读成别的意思" in refused(desk, "字段 新增 渠道是 是否", cast.chenjie)


def test_an_ended_field_is_seen_no_more_and_comes_back_with_its_values(
    desk: Desk, session: Session, cast: Cast
) -> None:
    words(desk, "字段 新增 礼盒 是否", cast.chenjie)
    order = make_order(session)
    order_after(desk, f"字段 {order.tag} 礼盒 是", cast.xiaoli)
    view = rule(desk, "规则 新增 礼盒；标题 礼盒单", cast.chenjie)
    rule(desk, f"规则 启 {view.rule_id}", cast.chenjie)

    said = words(desk, "字段 停用 礼盒", cast.chenjie)

    assert said.startswith("已停用字段「礼盒」，填过的值留着。恢复请发：字段 启用 礼盒")
    assert f"规则{view.rule_id}「礼盒单」的条件现在读不懂" in said
    assert fields_of(desk, order) == {}
    assert "还没有自定义字段" in refused(desk, f"字段 {order.tag} 礼盒 否", cast.xiaoli)
    assert "停用的：礼盒（1 单）" in words(desk, "字段", cast.chenjie)
    assert "1 单填过。要接着用请发：字段 启用 礼盒" in refused(desk, "字段 新增 礼盒 是否", cast.chenjie)
    assert "礼盒" not in rule_words(desk, "规则 字段", cast.chenjie)

    words(desk, "字段 礼盒 启用", cast.chenjie)
    assert fields_of(desk, order) == {"礼盒": "是"}
    assert "礼盒（是或否）" in rule_words(desk, "规则 字段", cast.chenjie)
    assert "正在用" in refused(desk, "字段 启用 礼盒", cast.chenjie)
    assert "没有停用过的字段" in refused(desk, "字段 启用 贺卡", cast.chenjie)


def test_choices_change_and_what_was_chosen_stays(desk: Desk, session: Session, cast: Cast) -> None:
    words(desk, "字段 新增 等级 选项 普通、VIP", cast.chenjie)
    order = make_order(session)
    order_after(desk, f"字段 {order.tag} 等级 普通", cast.xiaoli)
    view = rule(desk, "规则 新增 等级 == '普通'；标题 老", cast.chenjie)
    rule(desk, f"规则 启 {view.rule_id}", cast.chenjie)

    said = words(desk, "字段 选项 等级 VIP/SVIP", cast.chenjie)

    assert said.startswith("「等级」的选项：VIP、SVIP；有 1 单填的是去掉的选项，值还在")
    assert f"规则{view.rule_id}「老」的条件现在读不懂" in said
    assert fields_of(desk, order) == {"等级": "普通"}
    assert "其中一个：VIP、SVIP" in refused(desk, f"字段 {order.tag} 等级 金卡会员", cast.xiaoli)
    assert "没有改动" in refused(desk, "字段 选项 等级 VIP/SVIP", cast.chenjie)
    words(desk, "字段 新增 礼盒 是否", cast.chenjie)
    assert "没有选项可改" in refused(desk, "字段 选项 礼盒 是/否", cast.chenjie)


def test_one_field_is_told_with_what_it_can_be_and_its_rules(desk: Desk, cast: Cast) -> None:
    words(desk, "字段 新增 等级 选项 普通/VIP", cast.chenjie)
    view = rule(desk, "规则 新增 等级 == 'VIP'；标题 贵客", cast.chenjie)
    assert words(desk, "字段 等级", cast.xiaoli).splitlines() == [
        "**字段「等级」**", "- 等级（选项 普通/VIP）：0 单在用，陈姐 12-22 建", "- 可以填其中一个：普通、VIP",
        f"- 用到它的规则：规则{view.rule_id}「贵客」", "> 填：字段 编号 等级 VIP；查：查 等级=VIP",
    ]  # fmt: skip


def test_there_are_not_endlessly_many(desk: Desk, cast: Cast) -> None:
    for number in range(30):
        say(desk, f"字段 新增 字段名{number} 是否", cast.chenjie)
    assert "最多 30 个字段" in refused(desk, "字段 新增 礼盒 是否", cast.chenjie)
