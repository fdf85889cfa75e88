"""A rule goes back to what it said before its fields were called otherwise."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from handlers.desk import Actor, Desk
from tests.cast import Cast
from tests.handlers.fields.office import refused, say, words
from tests.handlers.rulebook.office import rule, versions

pytestmark = pytest.mark.usefixtures("shops")


def changed_then_renamed(desk: Desk, boss: Actor) -> int:
    """The rule: 礼盒 over 100, then over 200, then the field is a 礼品盒."""
    words(desk, "字段 新增 礼盒 是否", boss)
    number = rule(desk, "规则 新增 礼盒 且 买家留言 不包含 '礼盒' 且 金额 > 100；标题 礼", boss).rule_id
    rule(desk, f"规则 启 {number}", boss)
    later(desk)
    rule(desk, f"规则 改 {number} 礼盒 且 金额 > 200", boss)
    later(desk)
    words(desk, "字段 改名 礼盒 礼品盒", boss)
    return number


def later(desk: Desk) -> None:
    desk.now += timedelta(minutes=1)


def test_a_version_from_before_a_new_name_comes_back_with_it(desk: Desk, session: Session, cast: Cast) -> None:
    number = changed_then_renamed(desk, cast.chenjie)

    view = rule(desk, f"规则 回滚 {number} 第2版", cast.chenjie)

    assert view.condition == "礼品盒 且 买家留言 不包含 '礼盒' 且 金额 > 100"
    assert view.note.startswith("已回滚到第 2 版：条件：礼品盒 且 金额 > 200 → 礼品盒 且")
    assert versions(session, number)[1][2].startswith("礼盒 且"), "what was kept stays as it was"


def test_the_version_before_is_the_one_that_said_something_else(desk: Desk, cast: Cast) -> None:
    number = changed_then_renamed(desk, cast.chenjie)
    view = rule(desk, f"规则 回滚 {number}", cast.chenjie)
    assert view.condition == "礼品盒 且 买家留言 不包含 '礼盒' 且 金额 > 100"


def test_two_names_that_changed_places_are_not_mixed_up(desk: Desk, cast: Cast) -> None:
    for name in ("甲方", "乙方"):
        words(desk, f"字段 新增 {name} 数字", cast.chenjie)
    number = rule(desk, "规则 新增 甲方 > 1 且 乙方 > 2", cast.chenjie).rule_id
    rule(desk, f"规则 改 {number} 甲方 > 7", cast.chenjie)
    for old, new in (("甲方", "丙方"), ("乙方", "甲方"), ("丙方", "乙方")):
        later(desk)
        words(desk, f"字段 改名 {old} {new}", cast.chenjie)
    later(desk)
    rule(desk, f"规则 改 {number} 金额 > 5", cast.chenjie)

    assert rule(desk, f"规则 回滚 {number} 第1版", cast.chenjie).condition == "乙方 > 1 且 甲方 > 2"


def test_a_version_in_a_name_between_two_others_comes_back_too(desk: Desk, cast: Cast) -> None:
    number = changed_then_renamed(desk, cast.chenjie)
    later(desk)
    rule(desk, f"规则 改 {number} 礼品盒 且 金额 > 300", cast.chenjie)
    later(desk)
    words(desk, "字段 改名 礼品盒 礼包", cast.chenjie)
    later(desk)
    words(desk, "字段 新增 礼盒 数字", cast.chenjie)

    assert rule(desk, f"规则 回滚 {number} 第4版", cast.chenjie).condition == "礼包 且 金额 > 200"
    first = rule(desk, f"规则 回滚 {number} 第2版", cast.chenjie)
    assert first.condition == "礼包 且 买家留言 不包含 '礼盒' 且 金额 > 100"


def test_what_a_field_that_was_ended_said_cannot_be_read(desk: Desk, cast: Cast) -> None:
    number = changed_then_renamed(desk, cast.chenjie)
    rule(desk, f"规则 改 {number} 金额 > 1", cast.chenjie)
    say(desk, "字段 停用 礼品盒", cast.chenjie)
    assert "没有「礼盒」这个字段" in refused(desk, f"规则 回滚 {number} 第2版", cast.chenjie)
