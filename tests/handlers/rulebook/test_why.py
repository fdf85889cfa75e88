from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers.desk import Desk, Refusal
from models import Case, Order
from models.case import short_code
from tests.cast import Cast
from tests.factories import make_line, make_order, make_stock, masked
from tests.handlers.rulebook.office import cases, change, look, rule, said, words


def test_hits_come_first_then_what_nobody_can_tell_then_all_the_others_in_one_line(
    desk: Desk, session: Session, cast: Cast
) -> None:
    order = make_order(session, receiver=masked(), paid_fen=150_000, buyer_message="电话 13800001234 要发票")
    for line in ("金额 > 1000 且 买家留言 包含 '发票'；标题 大额开票", "地址 包含 '部队'", "金额 > 9000；标题 更大的"):
        view = rule(desk, f"规则 新增 {line}", cast.chenjie)
        rule(desk, f"规则 启 {view.rule_id}", cast.chenjie)
    number = view.rule_id

    lines = words(desk, f"为什么 {order.tag}", cast.xiaoli).splitlines()

    assert lines[0] == f"**{order.tag}（待审核）**"
    hits, unknown = lines.index("命中："), lines.index("不能确定（不等于没问题）：")
    assert f"- 规则{number - 2} 大额开票：金额 > 1000 ✓（金额=1500）；买家留言 包含 '发票' ✓" in lines[hits:unknown]
    assert f"- 规则{number - 1}：地址 包含 '部队' ？（详细地址由平台隐藏）" in lines[unknown:]
    assert lines[-1].startswith("看过没问题：")
    assert "停留超时" in lines[-1]
    assert f"规则{number} 更大的" in lines[-1]
    assert "13800001234" not in "\n".join(lines)


def test_one_rule_is_told_comparison_by_comparison_whatever_it_said(desk: Desk, session: Session, cast: Cast) -> None:
    order = make_order(session)
    number = rule(desk, "规则 新增 金额 > 1000 且 省 == '浙江'", cast.chenjie).rule_id

    assert words(desk, f"为什么 {order.tag} 规则{number}", cast.xiaoli).splitlines() == [
        f"**{order.tag}（待审核）· 规则{number}「规则{number}」[草稿]：没命中**",
        "- 金额 > 1000 ✗（金额=138）", "- 省 == '浙江' ✓（省=浙江）", "> 不符合条件",
    ]  # fmt: skip


class TestWhatBecameOfAHit:
    def test_it_names_the_matter_that_is_open(self, desk: Desk, session: Session, cast: Cast) -> None:
        order = make_order(session, buyer_message="要发票")
        look(desk)
        (case,) = session.scalars(select(Case)).all()

        assert f"（已开异常 {short_code(case.id)}）" in line_of(desk, order, cast, "开票")

    def test_what_a_person_settled_is_not_raised_again(self, desk: Desk, session: Session, cast: Cast) -> None:
        order = make_order(session)
        number = rule(desk, "规则 新增 金额 > 100；标题 大单", cast.chenjie).rule_id
        rule(desk, f"规则 启 {number}", cast.chenjie)
        look(desk)
        (case,) = cases(session, number)
        said(desk, f"{short_code(case.id)} 忽略 误报", cast.chenjie)

        assert line_of(desk, order, cast, "大单").endswith("（陈姐 12-22 已忽略：误报，不再开）")
        assert "- 陈姐 12-22 已忽略：误报，不再开" in words(desk, f"为什么 {order.tag} 规则{number}", cast.chenjie)
        change(session, order, paid_fen=100)
        assert "不再开" not in words(desk, f"为什么 {order.tag} 规则{number}", cast.chenjie)

    def test_of_alerts_that_are_closed_nothing_is_opened(self, desk: Desk, session: Session, cast: Cast) -> None:
        said(desk, "阈值 要发票 关闭", cast.chenjie)
        order = make_order(session, buyer_message="要发票")
        look(desk)

        assert line_of(desk, order, cast, "开票").endswith("（这类提醒已关闭）")

    def test_what_is_one_matter_of_many_orders_is_named_too(self, desk: Desk, session: Session, cast: Cast) -> None:
        make_stock(session, "QH-CUP-RED", 9)
        since = desk.now - timedelta(hours=5)
        orders = [
            make_order(session, created_at=since, stage_entered_at=since, lines=[make_line(sku="")]) for _ in range(12)
        ]
        look(desk)
        codes = {case.kind: short_code(case.id) for case in session.scalars(select(Case)).all()}

        assert line_of(desk, orders[0], cast, "停留超时").endswith(f"（已开异常 {codes['stale_group']}）")
        assert line_of(desk, orders[0], cast, "货品未匹配").endswith(f"（已开异常 {codes['sku_unmapped']}）")

    def test_a_rule_that_opens_none_says_so(self, desk: Desk, session: Session, cast: Cast) -> None:
        order = make_order(session)
        number = rule(desk, "规则 新增 金额 > 100；标题 大单；标记 大额；不建单", cast.chenjie).rule_id
        rule(desk, f"规则 启 {number}", cast.chenjie)
        look(desk)

        assert "（这条规则不开异常）。动作：标记「大额」（12-22 10:00 已做" in line_of(desk, order, cast, "大单")


def line_of(desk: Desk, order: Order, cast: Cast, title: str) -> str:
    """What 为什么 says of the one rule."""
    lines = words(desk, f"为什么 {order.tag}", cast.chenjie).splitlines()
    return next(line for line in lines if line.startswith("- ") and title in line)


def test_a_rule_in_shadow_is_told_to_supervisors_alone(desk: Desk, session: Session, cast: Cast) -> None:
    order = make_order(session)
    number = rule(desk, "规则 新增 金额 > 100", cast.chenjie).rule_id
    rule(desk, f"规则 影子 {number}", cast.chenjie)
    look(desk)

    assert f"规则{number}[影子]：金额 > 100 ✓" in words(desk, f"为什么 {order.tag}", cast.chenjie)
    assert f"规则{number}" not in words(desk, f"为什么 {order.tag}", cast.xiaoli)


def test_an_order_that_left_is_looked_at_by_no_rule(desk: Desk, session: Session, cast: Cast) -> None:
    order = make_order(session, stage="done")

    assert words(desk, f"{order.tag} 为什么", cast.xiaoli) == f"{order.tag} 已完成，规则不再看它"


def test_it_is_for_customer_service_and_supervisors(desk: Desk, session: Session, cast: Cast) -> None:
    order = make_order(session)

    with pytest.raises(Refusal, match="为什么由客服操作"):
        said(desk, f"为什么 {order.tag}", cast.laowang)
    with pytest.raises(Refusal, match="没有找到"):
        said(desk, "为什么 TB-20251222-999", cast.xiaoli)
