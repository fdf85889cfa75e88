"""How actions are written, checked on entry, shown, and told by 为什么."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from handlers.desk import Desk, Refusal
from handlers.rulebook import deeds, wish
from handlers.rulebook.deeds import DEEDS, Wrong
from tests.cast import Cast
from tests.factories import make_order
from tests.handlers.rulebook.office import look, rule, said, versions, words

TODAY = date(2025, 12, 22)


@pytest.mark.parametrize(("line", "kept"), [
    ("动作 延到 下周三", {"do": "hold", "until": "2025-12-31"}), ("暂缓到12-25", {"do": "hold", "until": "2025-12-25"}),
    ("延到 3天后", {"do": "hold", "days": 3}), ("动作：标记 大额", {"do": "tag", "tag": "大额"}),
    ("动作 备注 发顺丰，别压", {"do": "note", "note": "发顺丰，别压"}),
    ("转环节 待配货", {"do": "move", "to": "pending_pick"}),
    ("动作 转到 待审核", {"do": "move", "to": "pending_review"}),
    ("问采购", {"do": "buy", "ask": "请确认到货时间"}), ("问采购 有没有替代款", {"do": "buy", "ask": "有没有替代款"}),
    ("提醒 @王五", {"do": "remind", "whom": "王五"}), ("提醒仓库", {"do": "remind", "role": "warehouse"}),
    ("通知客户 延期", {"do": "tell", "event": "delayed"}),
    ("通知客户 处理 已加急", {"do": "tell", "event": "solved", "result": "已加急"}), ("自动通过", {"do": "pass"}),
])  # fmt: skip
def test_an_action_is_read_and_written_the_same_again(line: str, kept: dict[str, Any]) -> None:
    found = wish.read(f"金额 > 1；{line}", TODAY)

    assert found["actions"] == (kept,)
    assert wish.read(f"金额 > 1；动作 {deeds.written(kept)}", TODAY)["actions"] == (kept,)
    assert deeds.said(kept)


@pytest.mark.parametrize(("line", "fields"), [
    ("动作 建单 仓库", {"quiet": False, "role": "warehouse"}), ("不建单", {"quiet": True}),
    ("动作 锁单", {"blocks": True}), ("动作 无", {"actions": ()}),
    ("备注 是我说的", {"note": "是我说的"}),
    ("标记 大额；动作 标记 大额", {"actions": ({"do": "tag", "tag": "大额"},)}),
])  # fmt: skip
def test_settings_stay_settings(line: str, fields: dict[str, Any]) -> None:
    assert wish.read(line, TODAY) == fields


@pytest.mark.parametrize(
    "condition", ["标记 包含 '大额'", "标记 包含 ['a', 'b'] 且 金额 > 1", "提醒 == '是'", "非 标记 包含 '大额'"]
)
def test_a_comparison_is_no_action(condition: str) -> None:
    assert wish.read(condition, TODAY) == {"condition": condition}


def test_every_action_has_an_example_that_can_be_read() -> None:
    for slug, deed in DEEDS.items():
        begun = deeds.begun(deed.example)
        assert begun is not None
        assert begun[0] == slug
        assert deeds.read(slug, begun[1], TODAY)
        assert (deed.sort == "none") == (not deed.asks)


@pytest.mark.parametrize(("line", "answer"), [
    ("动作 跳舞", "第 4 个字：没有这个动作\n动作 跳舞\n　　 ^^\n可以是：建单、不建单"),
    ("转环节 待发货", "第 5 个字：配货要仓库的人做，规则不能代替\n转环节 待发货\n　　　 ^^^\n可以转到：待配货、待审核"),
    ("延到 昨天", "「昨天」不是日期"), ("延到 12-22", "不在明天到 180 天之内"), ("延到 0天后", "要写 1 到 180 天"),
    ("动作 标记", "「标记」后面要写一个词"), ("标记 a b", "没有空格和标点"), ("标记 13800001234", "1 到 10 个字"),
    ("标记 1380000", "长号码"), ("通知客户 发货", "在真的发货时才通知"), ("通知客户 生日", "没有「生日」这类客户通知"),
    ("通知客户 处理", "后面写结果，1 到 5 个字"), ("通知客户 延期 明天", "后面不用再写"),
    ("自动通过 大单", "后面不用再写"),
    ("建单 会计", "没有「会计」这个角色"), ("动作 备注 " + "长" * 201, "最多 200 个字，现在有 201 个"),
])  # fmt: skip
def test_what_is_wrong_is_told_at_its_place(line: str, answer: str) -> None:
    with pytest.raises(Refusal, match=re.escape(answer)):
        wish.read(f"金额 > 1；{line}", TODAY)


@pytest.mark.parametrize(("line", "answer"), [
    ("提醒 李四", "没有叫「李四」的同事"), ("不建单", "这条规则什么都不做"), ("不建单；锁单；标记 a", "锁单要开异常"),
    ("自动通过；锁单", "「自动通过审核」和锁单是反的"), ("自动通过；转环节 待配货", "是一回事"),
    ("自动通过；转环节 待审核", "转到待审核是反的"), ("转环节 待审核；不建单", "要有人看"),
    ("延到 12-25；延到 12-26", "只能有一个「延到」"), ("；".join(f"标记 a{n}" for n in range(11)), "最多 10 个动作"),
])  # fmt: skip
def test_what_does_not_go_together_is_refused_and_nothing_is_kept(
    desk: Desk, session: Session, cast: Cast, line: str, answer: str
) -> None:
    with pytest.raises(Refusal, match=re.escape(answer)):
        said(desk, f"规则 新增 金额 > 1；{line}", cast.chenjie)
    with pytest.raises(Refusal, match=re.escape(answer)):
        said(desk, f"预演 金额 > 1；{line}", cast.chenjie)
    number = rule(desk, "规则 新增 金额 > 1", cast.chenjie).rule_id
    with pytest.raises(Refusal, match=re.escape(answer)):
        said(desk, f"规则 改 {number} {line}", cast.chenjie)
    assert len(versions(session, number)) == 1


@pytest.mark.parametrize(("line", "answer"), [
    ("标记 包含 'a'；标记 b", "标记和动作会互相触发"), ("标记 包含 'a'；延到 12-25", "标记和动作会互相触发"),
    ("停留小时 > 4；延到 12-25", "停留小时会重算"),
])  # fmt: skip
def test_what_would_come_and_go_for_ever_is_refused(desk: Desk, cast: Cast, line: str, answer: str) -> None:
    with pytest.raises(Refusal, match=re.escape(answer)):
        said(desk, f"规则 新增 {line}", cast.chenjie)


class TestARuleWithActions:
    def test_the_card_and_its_versions_say_what_it_does(self, desk: Desk, cast: Cast) -> None:
        view = rule(desk, "规则 新增 金额 > 1000；标题 大单；标记 大额；提醒 老王；延到 12-25", cast.chenjie)
        assert view.does == "标记「大额」、提醒老王、延到 12-25"
        assert "无" not in view.does

        changed = rule(desk, f"规则 改 {view.rule_id} 动作 标记 很大；不建单", cast.chenjie)
        assert (changed.does, changed.whose, changed.limits) == ("标记「很大」", "不开异常", "")
        assert "动作：标记「大额」、提醒老王、延到 12-25 → 标记「很大」；建单：是 → 否" in changed.versions[0]

        back = rule(desk, f"规则 回滚 {view.rule_id}", cast.chenjie)
        assert back.does == "标记「大额」、提醒老王、延到 12-25"
        assert rule(desk, f"规则 改 {view.rule_id} 动作 无", cast.chenjie).does == ""

    def test_a_day_that_is_over_keeps_a_rule_from_being_switched_on_but_not_from_being_stopped(
        self, desk: Desk, cast: Cast
    ) -> None:
        number = rule(desk, "规则 新增 金额 > 1000；延到 12-25", cast.chenjie).rule_id
        rule(desk, f"规则 启 {number}", cast.chenjie)
        later = replace(desk, now=desk.now + timedelta(days=4))

        assert rule(later, f"规则 停 {number}", cast.chenjie).state == "停用"
        with pytest.raises(Refusal, match="「延到 12-25」的日子已经到了"):
            said(later, f"规则 启 {number}", cast.chenjie)

    def test_a_rule_that_is_stopped_is_checked_when_its_actions_are_changed(self, desk: Desk, cast: Cast) -> None:
        number = rule(desk, "规则 新增 金额 > 1000", cast.chenjie).rule_id
        rule(desk, f"规则 启 {number}", cast.chenjie)
        rule(desk, f"规则 停 {number}", cast.chenjie)

        with pytest.raises(Refusal, match="没有叫「李四」的同事"):
            said(desk, f"规则 改 {number} 提醒 李四", cast.chenjie)
        rule(desk, f"规则 改 {number} 提醒 老王", cast.chenjie)
        assert rule(desk, f"规则 启 {number}", cast.chenjie).versions[0].endswith("状态：停用 → 启用")

    def test_why_tells_what_was_done(self, desk: Desk, session: Session, cast: Cast) -> None:
        order = make_order(session, paid_fen=150_000)
        number = rule(desk, "规则 新增 金额 > 1000；标记 大额；自动通过；不建单", cast.chenjie).rule_id
        rule(desk, f"规则 启 {number}", cast.chenjie)
        session.refresh(order)
        order.refund = "asked"
        look(desk)

        told = words(desk, f"为什么 {order.tag}", cast.xiaoli)
        assert "。动作：标记「大额」（12-22 10:00 已做，第 2 版）、自动通过审核（还没做）" in told
        assert "- 动作 标记「大额」（12-22 10:00 已做，第 2 版）" in words(
            desk, f"为什么 {order.tag} 规则{number}", cast.xiaoli
        )


def test_what_is_wrong_carries_what_to_write_instead() -> None:
    with pytest.raises(Wrong) as found:
        deeds.read("move", "已完成", TODAY)

    assert (found.value.message, found.value.hint) == ("发货要仓库的人做，规则不能代替", "可以转到：待配货、待审核")


def test_the_list_tells_every_action_with_an_example(desk: Desk, cast: Cast) -> None:
    told = words(desk, "规则 动作", cast.chenjie)

    assert all(f"- {deed.title}：{deed.says}。如：{deed.example}" in told for deed in DEEDS.values())
    assert "锁单、延到、标记、问采购会收回" in told
